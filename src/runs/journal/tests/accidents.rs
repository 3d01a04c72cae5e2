//! Kills and full disks: the push runs in a process of its own, with an accident ordered for it.

use std::process::Command;
use std::{env, fs};

use super::*;

/// Where the child writes its journal.
const PATH: &str = "QOBRA_PUSH_TEST_JOURNAL";

/// What the child does: all it would write in a push of three chunks, going on after errors.
#[test]
#[ignore = "run by the other tests, in a process of its own"]
fn child() {
    let Some(path) = env::var_os(PATH) else {
        return;
    };
    let clock = Clock::manual();
    let writer = match JournalWriter::create(path.as_ref(), plan(REPLACE), clock.clone()) {
        Ok(writer) => writer,
        Err(error) => return assert_eq!(error.kind(), std::io::ErrorKind::StorageFull),
    };
    let mut failures = 0;
    let mut append = |line| {
        if let Err(error) = writer.append(&line) {
            assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
            failures += 1;
        }
    };
    for first in [1, 11, 21] {
        append(attempt(first, first + 9, clock.now()));
        clock.advance(seconds(2));
        append(answer(first, first + 9, accepted("a"), clock.now()));
    }
    append(end(0, clock.now()));
    fs::write(
        PathBuf::from(path).with_extension("failures"),
        failures.to_string(),
    )
    .unwrap();
}

/// Runs the child; returns whether it lived, how many lines failed, and what it left.
fn run(variable: &str, accident: &str) -> (bool, u32, Result<Journal, JournalError>) {
    let (_temp, path) = folder();
    let output = Command::new(env::current_exe().unwrap())
        .args([
            "--exact",
            "runs::journal::tests::accidents::child",
            "--ignored",
        ])
        .env(PATH, &path)
        .env(variable, accident)
        .output()
        .unwrap();
    let failures =
        fs::read_to_string(path.with_extension("failures")).map_or(0, |text| text.parse().unwrap());
    (output.status.success(), failures, Journal::read(&path))
}

fn killed(accident: &str) -> Result<Journal, JournalError> {
    let (lived, _, journal) = run("QOBRA_PUSH_TEST_CRASH", accident);
    assert!(!lived, "{accident} did not happen");
    journal
}

fn failed(accident: &str) -> (u32, Journal) {
    let (lived, failures, journal) = run("QOBRA_PUSH_TEST_FAIL", accident);
    assert!(lived, "{accident}");
    (failures, journal.unwrap())
}

#[test]
fn a_kill_loses_nothing_that_was_done() {
    // No journal is there before its plan is whole.
    let none = killed("journal-plan-before:1").unwrap_err();
    assert!(matches!(none, JournalError::Io { .. }), "{none}");
    for (accident, attempts, missing, opened) in [
        ("journal-plan-after:1", 0, 3, false),
        ("journal-attempt-before:1", 0, 3, false),
        ("journal-attempt-written:1", 1, 3, true),
        ("journal-attempt-after:1", 1, 3, true),
        ("journal-answer-before:1", 1, 3, true),
        ("journal-answer-after:1", 1, 2, true),
        ("journal-attempt-after:3", 3, 1, true),
        ("journal-answer-after:3", 3, 0, true),
        ("journal-end-before:1", 3, 0, true),
    ] {
        let journal = killed(accident).unwrap();
        assert_eq!(journal.attempts().len(), attempts, "{accident}");
        assert_eq!(journal.missing().len(), missing, "{accident}");
        assert_eq!(journal.is_possibly_applied(), opened, "{accident}");
        assert!(!journal.is_finished() && !journal.is_torn(), "{accident}");
    }
    assert!(killed("journal-end-after:1").unwrap().is_finished());
}

#[test]
fn a_disk_that_is_full_for_a_while_leaves_a_gap() {
    // The first write makes the file, the second is the plan.
    let (failures, journal) = failed("write:4");
    assert_eq!(failures, 1);
    assert!(journal.has_gaps());
    assert_eq!(journal.missing(), [range(1, 10)]);
    assert!(!journal.is_finished());
}

#[test]
fn a_half_line_is_cut_off_or_ended() {
    for accident in ["torn:4", "torn:4,truncate:1+"] {
        let (failures, journal) = failed(accident);
        assert_eq!(failures, 1, "{accident}");
        assert!(journal.has_gaps() && !journal.is_torn(), "{accident}");
        assert_eq!(journal.attempts().len(), 3, "{accident}");
        assert!(journal.is_complete(), "{accident}");
    }
}

#[test]
fn half_lines_in_a_row_are_forgiven() {
    for accident in ["torn:4,torn:5,torn:6", "torn:4,torn:5,torn:6,truncate:1+"] {
        let (failures, journal) = failed(accident);
        assert!(failures >= 1, "{accident}");
        assert!(journal.has_gaps(), "{accident}");
    }
}

#[test]
fn a_disk_that_stays_full_leaves_a_torn_journal() {
    let (failures, journal) = failed("torn:5+");
    assert_eq!(failures, 4);
    assert!(journal.is_torn() && !journal.is_finished());
    assert_eq!(journal.missing().len(), 2);
}

#[test]
fn a_failed_sync_is_told_and_loses_no_line() {
    // The plan's file and folder, then the first attempt.
    let (failures, journal) = failed("sync:3");
    assert_eq!(failures, 1);
    assert!(journal.is_finished() && !journal.has_gaps());
}

#[test]
fn lines_are_synced_where_it_matters_and_at_most_once_a_second_elsewhere() {
    // Plan and folder, the first attempt, three answers two seconds apart, the end.
    assert_eq!(failed("sync:7").0, 1);
    assert_eq!(failed("sync:8").0, 0);
}

#[test]
fn a_journal_that_cannot_be_made_is_an_error_at_once() {
    for accident in ["write:1", "write:2", "torn:1", "sync:1"] {
        let (lived, _, journal) = run("QOBRA_PUSH_TEST_FAIL", accident);
        assert!(lived);
        let is_absent = matches!(journal, Err(JournalError::Io { .. }));
        assert!(is_absent, "{accident}: {journal:?}");
    }
}
