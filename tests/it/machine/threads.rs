//! A process that may have no more threads: it does alone what they would have done.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::process::Stdio;

use crate::rig::{done, with};
use crate::stage::{Stage, deals, deals_from};
use crate::support::{KEY, NOBODY, Told, has, is_root, program, receipt, run, unprivileged};

const RECORDS: u64 = 23;

fn alone(stage: &Stage, line: &str) -> Told {
    with(stage, line, "QOBRA_PUSH_TEST_FAIL", "spawn:1+")
}

#[test]
fn a_push_needs_no_second_thread() {
    let stage = Stage::new().file("deals.csv", deals(RECORDS));
    let line = "deals.csv -t deals --all --debounce 900 --chunk-size 5";
    let preview = alone(&stage, &format!("{line} --dry-run"));
    assert_eq!(preview.code(), Some(0), "{preview}");
    let told = alone(&stage, &format!("{line} --output json"));
    let document = receipt(&told, 0);
    assert_eq!(document["counts"]["accepted"], RECORDS, "{told}");
    assert_eq!(document["chunks"].as_array().unwrap().len(), 5, "{told}");
    assert_eq!(alone(&stage, "status").code(), Some(8));
    stage.running.sandbox.settle();
    assert_eq!(alone(&stage, "status").code(), Some(0));

    // Compared with what is there, from a copy of another encoding, to a host that has a name.
    let next = deals_from(1, RECORDS + 2).replace("Deal 3,", "Désormais,");
    let (next, _, _) = encoding_rs::WINDOWS_1252.encode(&next);
    stage.folder().write("deals.csv", next);
    let more = format!("{line} --changed --encoding windows-1252");
    let told = alone(&stage, &more);
    assert_eq!(told.code(), Some(0), "{told}");
    let records = stage.records();
    assert_eq!(records[5..], [Some(3)], "{told}");
    let ids = stage.new_ids();
    assert_eq!(ids.len() as u64, RECORDS + 2, "{told}");
    let moved = stage.url().replace("127.0.0.1", "localhost");
    let told = alone(
        &stage,
        &format!("{line} --encoding windows-1252 --base-url {moved}"),
    );
    assert_eq!(told.code(), Some(0), "{told}");
    let last = stage.new_json();
    assert!(
        last.iter().any(|json| json.contains("Désormais")),
        "{last:?}"
    );
}

/// Any one thread may be the one that is not to be had.
#[test]
fn whichever_thread_is_missing() {
    for n in 1..=12 {
        let stage = Stage::new().file("deals.csv", deals(RECORDS));
        let line = "deals.csv -t deals --all --debounce 900 --chunk-size 5 --jobs 4";
        let told = with(&stage, line, "QOBRA_PUSH_TEST_FAIL", &format!("spawn:{n}"));
        assert_eq!(told.code(), Some(0), "{n}: {told}");
        assert_eq!(stage.settled().records.len() as u64, RECORDS, "{n}: {told}");
    }
}

/// The stand-in serves from a thread of its own.
#[test]
fn a_rehearsal_says_what_it_lacks() {
    let stage = Stage::unused().file("deals.csv", deals(3));
    let told = alone(&stage, "deals.csv -t deals --sandbox");
    assert_eq!(told.code(), Some(2), "{told}");
    assert!(
        told.stderr
            .contains("hint: it needs a port of 127.0.0.1 and a thread"),
        "{told}"
    );
    assert_eq!(done(&stage, "deals.csv -t deals --sandbox").code(), Some(0));
}

/// The system's own limit, which does not bind root.
#[test]
fn a_real_limit_of_processes() {
    if !has("prlimit") {
        return;
    }
    let stage = Stage::new()
        .perhaps_unused()
        .file("deals.csv", deals(RECORDS));
    let folder = stage.folder().path();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::create_dir(folder.join("state")).unwrap();
    if is_root() {
        chown(folder.join("state"), Some(NOBODY), None).unwrap();
    }
    let Some(mut command) = unprivileged("prlimit".as_ref()) else {
        return;
    };
    let line = "deals.csv -t deals --all --debounce 900 --chunk-size 5 --output json";
    command
        .arg("--nproc=1")
        .arg(program())
        .args(line.split(' '))
        .current_dir(folder)
        .env("QOBRA_PUSH_STATE_DIR", folder.join("state"))
        .env(
            "QOBRA_BASE_URL",
            stage.url().replace("127.0.0.1", "localhost"),
        )
        .env("QOBRA_API_KEY", KEY)
        .stdin(Stdio::null());
    let told = run(&mut assert_cmd::Command::from_std(command));
    assert_eq!(receipt(&told, 0)["counts"]["accepted"], RECORDS, "{told}");
    assert_eq!(stage.settled().records.len() as u64, RECORDS, "{told}");
}
