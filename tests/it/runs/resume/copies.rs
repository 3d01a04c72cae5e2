//! Pushes of a pipe, taken up again from the private copy of what came through it.

use std::path::PathBuf;
use std::time::Duration;

use super::windows::LONG_AGO;
use super::{RECORDS, stage};
use crate::rig::{
    READINGS, REPLACE, UPSERT, age, done, entries, folder_name, is_over, runs, service,
};
use crate::stage::{Stage, deals, ids, numbers};
use crate::support::{has_mode, run};

/// Pushes standard input until it is killed there.
fn piped(stage: &Stage, line: &str, point: &str) -> Option<i32> {
    let mut command = stage.push(line);
    command.env("QOBRA_PUSH_TEST_CRASH", point);
    run(command.write_stdin(deals(RECORDS))).code()
}

/// The copies of pipes among the files of all runs.
fn copies(stage: &Stage) -> Vec<PathBuf> {
    let files = runs(stage).into_iter().flat_map(|run| entries(&run));
    files
        .filter(|path| folder_name(path).starts_with("input"))
        .collect()
}

#[test]
fn a_pipe_is_resumed_from_its_private_copy_which_goes_then() {
    for line in [UPSERT, REPLACE] {
        let line = line.replace("deals.csv", "- --format csv");
        let stage = stage();
        assert_eq!(piped(&stage, &line, "journal-answer-after:3"), None);
        let copy = copies(&stage).pop().unwrap();
        assert_eq!(std::fs::read_to_string(&copy).unwrap(), deals(RECORDS));
        for (path, mode) in [(copy.as_path(), 0o600), (copy.parent().unwrap(), 0o700)] {
            has_mode(path, mode);
        }
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(copies(&stage), Vec::<PathBuf>::new(), "{told}");
        is_over(&stage, line.contains("--all"), RECORDS, &line);
    }
}

#[test]
fn a_pipes_copy_never_outlives_its_run() {
    let line = "- --format csv --table deals";
    for (faults, code) in [("", 0), ("401@1", 4), ("html@1", 4)] {
        let stage = service(READINGS[0], faults);
        let told = run(stage.push(line).write_stdin(deals(RECORDS)));
        assert_eq!(told.code(), Some(code), "{told}");
        assert_eq!(copies(&stage), Vec::<PathBuf>::new(), "{told}");
    }
    // Refused records stay to be corrected, all that came with them does not.
    for (csv, more, code) in [
        ("id,name\n1,a\n,b\n", "", 3),
        ("id,name\n1,a\n1,b\n", "", 3),
        ("id,name\n1,a\n", "--id-field nothing", 2),
        ("id,name\n", "--all", 3),
        ("id,name\n", "", 0),
        ("id,name\n,b\n", "--max-errors 1", 7),
        (
            "id,name\n,b\n1,a\n2,a\n",
            "--max-errors 1 --all --chunk-size 1 --debounce 1",
            3,
        ),
    ] {
        let stage = Stage::unused();
        let told = run(stage.push(&format!("{line} {more}")).write_stdin(csv));
        assert_eq!(told.code(), Some(code), "{told}");
        assert_eq!(copies(&stage), Vec::<PathBuf>::new(), "{told}");
        assert_eq!(
            done(&stage, "resume").stderr,
            "nothing to resume\n",
            "{told}"
        );
    }
}

/// A resume that fails does not make the table what it was before the push.
#[test]
fn a_resume_that_is_refused_does_not_call_the_table_untouched() {
    for (line, point, by) in [
        (UPSERT, "journal-attempt-after:1", Duration::ZERO),
        (UPSERT, "journal-answer-after:2", Duration::ZERO),
        (REPLACE, "journal-answer-before:1", Duration::ZERO),
        (REPLACE, "journal-answer-after:2", Duration::ZERO),
        (REPLACE, "journal-answer-after:2", LONG_AGO),
    ] {
        let stage = service(READINGS[0], "");
        let line = line.replace("deals.csv", "- --format csv");
        let line = line.replace("--jobs 2", "--jobs 1");
        assert_eq!(piped(&stage, &line, point), None);
        stage.running.sandbox.advance(by);
        age(&runs(&stage)[0], by);
        let of = format!("{line} {point} {by:?}");
        let mut command = stage.push("resume");
        let told = run(command.env("QOBRA_API_KEY", "another-key"));
        assert_eq!(told.code(), Some(6), "{of}: {told}");
        assert!(!told.stderr.contains("untouched"), "{of}: {told}");
        assert_eq!(copies(&stage).len(), 1, "{of}: {told}");
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{of}: {told}");
        let held = stage.settled();
        let new = numbers(1..=RECORDS);
        assert!(
            new.iter().all(|id| ids(&held).contains(&id.as_str())),
            "{of}: {told}"
        );
        assert_eq!(copies(&stage).len(), 0, "{of}: {told}");
    }
}
