//! A disk that is full: before the first request nothing is sent, after it the push goes on.

use crate::rig::{
    READINGS, REPLACE, UPSERT, done, each, holds_new, holds_old, is_over, killed_at, posts, runs,
    service, with,
};
use crate::stage::{Stage, deals};
use crate::support::{KEY, Told, has, no_space, program, run};

const RECORDS: u64 = 23;

/// More operations than a push has.
const MANY: u64 = 26;

fn stage() -> Stage {
    service(READINGS[0], "").file("deals.csv", deals(RECORDS))
}

/// Whether the failure happened, judged by what it leads to: refused before the first request, or
/// carried through with one loud warning.
fn went_off(stage: &Stage, line: &str, failure: &str, told: &Told) -> bool {
    let of = format!("{line} {failure}: {told}");
    // Journal and receipt are each missed once at most.
    let warnings = told.stderr.matches("warning: the run's journal").count();
    let receipts = told.stderr.matches("warning: the receipt cannot").count();
    if posts(stage).is_empty() {
        assert_eq!(told.code(), Some(2), "{of}");
        assert!(told.stderr.contains(&no_space()), "{of}");
        assert!(told.stderr.contains("\nhint: "), "{of}");
        holds_old(&stage.held(), &of);
        assert_eq!(done(stage, "resume").stderr, "nothing to resume\n", "{of}");
        return true;
    }
    assert_eq!(told.code(), Some(0), "{of}");
    assert!(warnings <= 1 && receipts <= 1, "{of}");
    let of_bases = |line: &&str| {
        let words = ["nothing to compare with", "changes cannot be told"];
        line.starts_with("warning: ") && words.iter().any(|words| line.contains(words))
    };
    // What the next run is compared with.
    let bases = told.stderr.lines().filter(of_bases).count();
    assert!(bases <= 2, "{of}");
    let others = told.stderr.matches("warning: ").count();
    assert_eq!(others, warnings + receipts + bases, "{of}");
    if warnings == 1 {
        let words = format!("the run's journal cannot be written: {}", no_space());
        assert!(told.stderr.contains(&words), "{of}");
        assert!(told.stderr.contains("the push goes on"), "{of}");
    }
    warnings + receipts + bases > 0
}

/// After each accident: the table is right at once, or after the push was repeated.
fn failed_once(line: &str, failure: &str) -> bool {
    let stage = stage();
    let is_replace = line == REPLACE;
    let told = with(&stage, line, "QOBRA_PUSH_TEST_FAIL", failure);
    let went_off = went_off(&stage, line, failure, &told);
    let of = format!("{line} {failure}: {told}");
    if posts(&stage).is_empty() {
        let again = done(&stage, line);
        assert_eq!(again.code(), Some(0), "{of} {again}");
    }
    // Lines that are lost may leave something to resume; it changes nothing.
    let resumed = done(&stage, "resume");
    assert_eq!(resumed.code(), Some(0), "{of} {resumed}");
    is_over(&stage, is_replace, RECORDS, &format!("{of} {resumed}"));
    went_off
}

#[test]
fn the_nth_operation_fails() {
    let mut all = Vec::new();
    for line in [UPSERT, REPLACE] {
        for operation in ["write", "sync", "torn", "rename"] {
            all.extend((1..=MANY).map(|n| (line, operation, n)));
        }
    }
    let gone_off = std::sync::Mutex::new(Vec::new());
    each(all, |(line, operation, n)| {
        if failed_once(line, &format!("{operation}:{n}")) {
            gone_off.lock().unwrap().push(operation);
        }
    });
    // Every operation was met, and the last numbers were beyond the last one.
    let gone_off = gone_off.into_inner().unwrap();
    let count = |of| {
        gone_off
            .iter()
            .filter(|operation| **operation == of)
            .count() as u64
    };
    assert!(
        (30..2 * MANY).contains(&count("write")),
        "{}",
        count("write")
    );
    assert!((10..2 * MANY).contains(&count("sync")), "{}", count("sync"));
    assert!((20..2 * MANY).contains(&count("torn")), "{}", count("torn"));
}

#[test]
fn the_disk_stays_full_from_some_moment_on() {
    let mut all = Vec::new();
    for line in [UPSERT, REPLACE] {
        for operation in ["write", "sync"] {
            all.extend(
                (1..=MANY)
                    .step_by(2)
                    .map(|n| (line, format!("{operation}:{n}+"))),
            );
        }
    }
    each(all, |(line, failure)| {
        failed_once(line, &failure);
    });
}

/// With half a journal, then dead: what is not known as accepted goes again.
#[test]
fn a_push_that_dies_on_a_full_disk_is_finished_by_resume() {
    let mut all = Vec::new();
    for line in [UPSERT, REPLACE] {
        for first in [11, 13, 16] {
            for failure in [
                format!("write:{first}+"),
                format!("write:{first}"),
                format!("torn:{}", first - 8),
            ] {
                all.extend([3, 5].map(|n| (line, failure.clone(), n)));
            }
        }
    }
    each(all, |(line, failure, n)| {
        let stage = stage();
        let mut push = stage.push(line);
        push.env("QOBRA_PUSH_TEST_FAIL", &failure);
        let told = run(push.env(
            "QOBRA_PUSH_TEST_CRASH",
            format!("journal-answer-before:{n}"),
        ));
        let of = format!("{line} {failure} {n}: {told}");
        assert_eq!(told.code(), None, "{of}");
        let resumed = done(&stage, "resume");
        assert_eq!(resumed.code(), Some(0), "{of} {resumed}");
        is_over(&stage, line == REPLACE, RECORDS, &format!("{of} {resumed}"));
    });
}

/// A resume that cannot write down that it is one sends nothing; later it does.
#[test]
fn a_resume_on_a_full_disk_sends_nothing() {
    for line in [UPSERT, REPLACE] {
        for failure in ["write:1+", "sync:1+", "write:3+"] {
            let stage = stage();
            assert!(killed_at(&stage, line, "journal-answer-after:2"));
            let before = posts(&stage).len();
            let told = with(&stage, "resume", "QOBRA_PUSH_TEST_FAIL", failure);
            let of = format!("{line} {failure}: {told}");
            if posts(&stage).len() == before {
                assert!([Some(2), Some(6)].contains(&told.code()), "{of}");
                assert!(told.stderr.contains(&no_space()), "{of}");
            }
            let resumed = done(&stage, "resume");
            assert_eq!(resumed.code(), Some(0), "{of} {resumed}");
            is_over(&stage, line == REPLACE, RECORDS, &format!("{of} {resumed}"));
        }
    }
}

/// The copy of a pipe needs room too: without it nothing is sent, and no half of it stays.
#[test]
fn a_pipe_that_cannot_be_kept_is_not_sent() {
    for n in 1..=8 {
        let stage = stage();
        let mut push = stage.push("- --format csv --table deals");
        push.env("QOBRA_PUSH_TEST_FAIL", format!("write:{n}"));
        let told = run(push.write_stdin(deals(RECORDS)));
        if posts(&stage).is_empty() {
            assert_eq!(told.code(), Some(2), "{told}");
            holds_old(&stage.held(), &told.to_string());
            let left: Vec<_> = runs(&stage).into_iter().collect();
            assert!(left.is_empty(), "{left:?} {told}");
            let again = run(stage
                .push("- --format csv --table deals")
                .write_stdin(deals(RECORDS)));
            assert_eq!(again.code(), Some(0), "{again}");
        }
        holds_new(&stage.settled(), false, RECORDS, &told.to_string());
    }
}

/// A folder where files cannot be locked, or written through: what the state relies on is not there.
#[test]
fn a_network_folder_is_refused_before_the_first_request() {
    for (failure, words) in [
        (
            "lock:1",
            "this file system cannot lock files (No locks available",
        ),
        (
            "probe:1",
            "cannot write them through to its disk (Invalid argument",
        ),
    ] {
        let stage = stage();
        for line in [UPSERT, REPLACE, "doctor"] {
            let told = with(&stage, line, "QOBRA_PUSH_TEST_FAIL", failure);
            assert_eq!(told.code(), Some(2), "{told}");
            // `doctor` wraps its lines.
            let all = told.to_string();
            let all = all.split_whitespace().collect::<Vec<_>>().join(" ");
            assert!(all.contains(words), "{told}");
            assert!(all.contains("belongs on a local disk"), "{told}");
        }
        assert!(posts(&stage).is_empty());
        assert_eq!(done(&stage, UPSERT).code(), Some(0));
    }
}

/// A limit of the process, as `ulimit -f` sets it, is a disk without room and not the end of the process.
#[test]
fn a_limit_of_a_files_size() {
    if !has("prlimit") {
        return;
    }
    let mut refused = 0;
    for bytes in [0, 600, 1_500, 2_500, 4_000, 6_000, 9_000] {
        let stage = stage().perhaps_unused();
        let mut command = stage.folder().command("prlimit");
        command
            .arg(format!("--fsize={bytes}"))
            .arg(program())
            .args(UPSERT.split(' '))
            .env("QOBRA_BASE_URL", stage.url())
            .env("QOBRA_API_KEY", KEY);
        let told = run(&mut command);
        if posts(&stage).is_empty() {
            refused += 1;
            assert_eq!(told.code(), Some(2), "{bytes}: {told}");
            assert!(told.stderr.contains("(ulimit -f)"), "{bytes}: {told}");
            holds_old(&stage.held(), &told.to_string());
        } else {
            assert_eq!(told.code(), Some(0), "{bytes}: {told}");
            holds_new(&stage.settled(), false, RECORDS, &told.to_string());
        }
    }
    assert!((1..7).contains(&refused), "{refused}");
}
