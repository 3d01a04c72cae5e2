//! One table that is refused leaves all as they were.

use insta::assert_snapshot;

use super::tables::{PROJECT, UNTOUCHED, held, unused};
use crate::rig::{Watched, ends, runs, said, until};
use crate::support::FIRST_PUSH;

#[test]
fn nothing_is_sent_unless_all_of_it_is_good() {
    let stage = unused().file("deals-2.csv", "id,name,amount\n3,C,1\n3,D,2\n");
    assert_snapshot!(said(&stage, "sync", 3).replace(FIRST_PUSH, ""));
    assert_eq!(held(&stage), UNTOUCHED);
    assert_eq!(
        runs(&stage)
            .iter()
            .filter(|run| run.join("journal.jsonl").exists())
            .count(),
        0
    );
    // The highest rank counts: a file that is not there is as bad as bad records.
    let stage = unused().file("qobra-push.toml", PROJECT.replace("quotas.csv", "none.csv"));
    ends(&stage, "sync", 2);
    assert_eq!(held(&stage), UNTOUCHED);
}

#[test]
fn a_table_that_another_push_holds_is_found_before_anything_is_proved() {
    let stage = unused();
    let mut other = stage.process("- --format csv -t deals");
    other.stdin(std::process::Stdio::piped());
    let other = Watched::start(other);
    until(|| (!runs(&stage).is_empty()).then_some(()));
    let told = ends(&stage, "sync", 9);
    assert!(
        told.stderr.starts_with("error: deals: another push"),
        "{told}"
    );
    assert!(!told.stderr.contains("proving"), "{told}");
    drop(other);
}

/// With a pipe that has a name, made as only Linux makes it, and a signal.
#[cfg(target_os = "linux")]
#[test]
fn a_signal_before_the_first_request_leaves_no_trace() {
    let stage = unused();
    let fifo = stage.folder().path().join("quotas.csv");
    std::fs::remove_file(&fifo).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &fifo,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    let mut sync = Watched::start(stage.process("sync"));
    // Two are proved, and the third has no end.
    let mut open = std::fs::OpenOptions::new();
    // Both ends, so that nobody waits here for the program.
    let writer = open.read(true).write(true).open(&fifo).unwrap();
    sync.says("quotas: proving");
    sync.signal("TERM");
    let told = sync.end();
    assert_eq!(told.code(), Some(143), "{told}");
    assert!(
        told.stderr
            .ends_with("error: interrupted; nothing was sent\n"),
        "{told}"
    );
    assert_eq!(runs(&stage).len(), 0);
    assert_eq!(held(&stage), UNTOUCHED);
    drop(writer);
}
