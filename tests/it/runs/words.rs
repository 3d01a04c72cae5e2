//! What is said of a table after a push that did not end well: `status`, `runs` and the kept receipt
//! say the same word, and it is true of what the table holds.

mod runs;

use std::collections::BTreeSet;
use std::time::Duration;

use qobra_push::{ImportIds, TableSnapshot, WindowReading};
use serde_json::Value;

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, age, done, each, folder_name, holds_new, killed_at, posts,
    runs, service, until,
};
use crate::runs::kills::kill_somewhere;
use crate::stage::{Stage, deals, numbers, sorted_ids};
use crate::support::published;

/// Records of the pushes here: five chunks.
const RECORDS: u64 = 23;

/// One request after the other, so that it is known what was sent.
fn one_by_one(line: &str) -> String {
    line.replace("--jobs 2", "--jobs 1")
}

fn stage_of(reading: (WindowReading, ImportIds), faults: &str) -> Stage {
    service(reading, faults).file("deals.csv", deals(RECORDS))
}

/// The new records that a table holds.
fn new_ids(held: &TableSnapshot) -> BTreeSet<u64> {
    let ids = held.records.iter().map(|(id, _)| id);
    ids.filter_map(|id| id.parse().ok()).collect()
}

/// The document of `status`, whose exit code it has.
fn status(stage: &Stage, words: &str) -> Value {
    let told = done(stage, &format!("status {words} --output json"));
    let document = published(&told, include_str!("../../../schemas/status.schema.json"));
    assert_eq!(
        document["exit_code"].as_i64(),
        told.code().map(i64::from),
        "{told}"
    );
    document
}

/// What `runs` and the kept receipt say of the last run must be the word of `status`, and its counts
/// the receipt's.
fn all_agree(stage: &Stage, status: &Value, of: &str) {
    let listed = done(stage, "runs --output json").stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let last = listed["runs"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(
        last["table_state"], status["table_state"],
        "{of}: {listed} {status}"
    );
    assert_eq!(last["run"], status["run"], "{of}");
    let receipt = runs(stage).pop().unwrap().join("receipt.json");
    let receipt: Value = serde_json::from_str(&std::fs::read_to_string(receipt).unwrap()).unwrap();
    assert_eq!(
        receipt["table_state"], status["table_state"],
        "{of}: {receipt}"
    );
    for count in ["to_send", "accepted", "unknown", "not_sent"] {
        assert_eq!(
            receipt["counts"][count], status["counts"][count],
            "{of}: {receipt}"
        );
    }
    assert_eq!(
        last["accepted"], status["counts"]["accepted"],
        "{of}: {listed}"
    );
    assert_eq!(
        last["unknown"], status["counts"]["unknown"],
        "{of}: {listed}"
    );
}

/// Whether the word and the numbers of a `status --wait` are true of the table now.
fn is_true(document: &Value, held: &TableSnapshot, is_replace: bool, of: &str) {
    let of = format!("{of}: {document} {:?}", sorted_ids(held));
    let counts = |name: &str| document["counts"][name].as_u64().unwrap();
    let (accepted, unknown) = (counts("accepted"), counts("unknown"));
    let new = new_ids(held).len() as u64;
    assert!((accepted..=accepted + unknown).contains(&new), "{of}");
    match (
        document["table_state"].as_str().unwrap(),
        &document["exit_code"],
    ) {
        (word @ ("replaced" | "updated"), code) => {
            assert_eq!(
                (word == "replaced", code),
                (is_replace, &Value::from(0)),
                "{of}"
            );
            holds_new(held, is_replace, RECORDS, &of);
        }
        ("at_risk" | "unknown", code) => {
            assert_eq!(code, 6, "{of}");
            let hint = document["errors"][0]["hint"].as_str().unwrap();
            assert!(hint.starts_with("qobra-push resume "), "{of}");
        }
        other => panic!("{other:?} {of}"),
    }
    // Without an answer that is missing, it is known exactly.
    assert!(
        unknown > 0 || document["table_state"] != "unknown" || new == RECORDS,
        "{of}"
    );
}

/// 8 of 20 chunks, then Ctrl-C: the table holds a part, and stays at risk whatever the import says.
#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_replace_that_was_interrupted_stays_at_risk() {
    for wait in ["", "--wait"] {
        let stage = service(READINGS[0], "slow:0.5@8").file("deals.csv", deals(2_000));
        let line = "deals.csv -t deals --all --debounce 900 --chunk-size 100 --jobs 1 \
                    --chunk-seconds 0.05";
        let mut push = Watched::start(stage.process(line));
        until(|| (posts(&stage).len() >= 8).then_some(()));
        push.signal("INT");
        assert_eq!(push.end().code(), Some(130));
        if wait.is_empty() {
            let waiting = status(&stage, "");
            assert_eq!(waiting["table_state"], "at_risk", "{waiting}");
            assert_eq!(waiting["exit_code"], 6, "{waiting}");
        }
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=800));
        let told = done(&stage, &format!("status {wait}"));
        assert_eq!(told.code(), Some(6), "{told}");
        let run = folder_name(&runs(&stage)[0]);
        let said = format!(
            "error: run {run} is not finished: 800 of 2,000 records were accepted, 1,200 not sent\n\
             hint: qobra-push resume {run} --state-dir "
        );
        assert!(told.stderr.contains(&said), "{told}");
        assert!(told.stderr.ends_with("table `deals`: at_risk\n"), "{told}");
        let document = status(&stage, wait);
        all_agree(&stage, &document, wait);
        // By its id it is the same import of the same run.
        let id = document["imports"][0]["id"].as_str().unwrap();
        let by_id = status(&stage, &format!("{id} {wait}"));
        assert_eq!(by_id, document);
        let listed = done(&stage, "runs").stdout;
        let row = format!("{run}  at_risk      at_risk    deals  replace  800 of 2,000 records");
        assert!(listed.starts_with(&row), "{listed}");
    }
}

/// Killed anywhere, then looked at: in the open window, and when all is over.
#[test]
fn after_a_kill_anywhere_status_is_true_of_the_table() {
    let points = [
        "journal-attempt-after:1",
        "journal-answer-before:1",
        "journal-answer-after:2",
        "journal-attempt-written:3",
        "journal-answer-before:3",
        "journal-answer-after:4",
        "journal-answer-before:5",
        "journal-answer-after:5",
        "journal-end-before:1",
        "journal-end-after:1",
    ];
    let cases = [UPSERT, REPLACE].map(|line| points.map(|point| (line, point)));
    let cases: Vec<_> = cases.concat().into_iter().enumerate().collect();
    each(cases, |(n, (line, point))| {
        for looks_before in [false, true] {
            let stage = stage_of(READINGS[n % 4], "");
            assert!(killed_at(&stage, line, point), "{line} {point}");
            let of = format!("{line} {point} {looks_before}");
            if looks_before {
                let document = status(&stage, "");
                all_agree(&stage, &document, &of);
            }
            let held = stage.settled();
            let document = status(&stage, "--wait");
            is_true(&document, &held, line == REPLACE, &of);
            all_agree(&stage, &document, &of);
            let is_done = document["exit_code"] == 0;
            // And it stays so.
            let again = status(&stage, "--wait");
            assert_eq!(again, document, "{of}");
            // A look changes nothing of what a resume does.
            let before = posts(&stage).len();
            age(&runs(&stage)[0], Duration::from_secs(2_000));
            let resumed = done(&stage, "resume");
            assert_eq!(resumed.code(), Some(0), "{of} {resumed}");
            assert_eq!(is_done, posts(&stage).len() == before, "{of} {resumed}");
            assert_eq!(
                new_ids(&stage.settled()).len() as u64,
                RECORDS,
                "{of} {resumed}"
            );
            let document = status(&stage, "--wait");
            assert_eq!(document["exit_code"], 0, "{of} {document}");
            all_agree(&stage, &document, &of);
        }
    });
}

/// The same at random points and moments, amid faults, with resumes that are killed as well.
#[test]
#[expect(clippy::print_stdout, reason = "the seed repeats a failure")]
fn after_random_kills_status_is_true_of_the_table() {
    let variable = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let kills: u64 = variable("QOBRA_PUSH_TEST_KILLS").unwrap_or(24);
    let seed: u64 = variable("QOBRA_PUSH_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("QOBRA_PUSH_TEST_SEED={seed}");
    each((0..kills).collect(), |n| {
        let mut rng = fastrand::Rng::with_seed(seed.wrapping_add(n));
        let line = if rng.bool() { REPLACE } else { UPSERT };
        let fault = rng
            .choice(["", "503@2", "reset-after@3", "slow:0.2@4", "cut@1"])
            .unwrap();
        let of = format!("QOBRA_PUSH_TEST_SEED={seed} number {n}: {line} {fault}");
        let stage = stage_of(READINGS[rng.usize(..4)], fault);
        kill_somewhere(&mut rng, &stage, line);
        while rng.f32() < 0.3 {
            kill_somewhere(&mut rng, &stage, "resume");
        }
        let held = stage.settled();
        if done(&stage, "status").code() == Some(2) {
            assert!(posts(&stage).is_empty(), "{of}");
        } else {
            let document = status(&stage, "--wait");
            is_true(&document, &held, line == REPLACE, &of);
            all_agree(&stage, &document, &of);
        }
        // Whatever fault was not met by then is.
        age_all(&stage);
        for line in ["resume", line, UPSERT, UPSERT] {
            let told = done(&stage, line);
            assert_eq!(told.code(), Some(0), "{of}: {told}");
            stage.settled();
            age_all(&stage);
        }
        assert_eq!(new_ids(&stage.settled()).len() as u64, RECORDS, "{of}");
    });
}

fn age_all(stage: &Stage) {
    for run in runs(stage) {
        if run.join("journal.jsonl").exists() {
            age(&run, Duration::from_secs(2_000));
        }
    }
}

/// A request in flight when the push is left at once: applied, and nobody heard.
fn interrupted_twice(stage: &Stage, line: &str, request: usize) {
    let mut push = Watched::start(stage.process(&one_by_one(line)));
    until(|| {
        let seen = posts(stage);
        let applied = seen.iter().filter(|seen| seen.records.is_some());
        (applied.count() >= request).then_some(())
    });
    push.signal("INT");
    push.says("nothing new is sent");
    push.signal("INT");
    assert_eq!(push.end().code(), Some(130));
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_request_without_an_answer_is_nobody_elses() {
    each(vec![UPSERT, REPLACE], |line| {
        let stage = stage_of(READINGS[0], "slow:60@3");
        interrupted_twice(&stage, line, 3);
        let held = stage.settled();
        assert_eq!(new_ids(&held).len(), 15, "the third one was applied");
        let told = done(&stage, "status --wait");
        assert_eq!(told.code(), Some(6), "{told}");
        assert!(!told.stderr.contains("another sender"), "{told}");
        let parts = "10 of 23 records were accepted, 5 in requests without an answer, 8 not sent";
        assert!(told.stderr.contains(parts), "{told}");
        assert!(told.stderr.ends_with("table `deals`: unknown\n"), "{told}");
        let document = status(&stage, "--wait");
        is_true(&document, &held, line == REPLACE, line);
        all_agree(&stage, &document, line);
        let listed = done(&stage, "runs").stdout;
        assert!(
            listed.contains("10 of 23 records accepted, 5 unknown"),
            "{listed}"
        );
    });
}

/// A resume that cannot send again what may have arrived does not call it refused or not sent.
#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_resume_that_is_refused_does_not_forget_what_has_no_answer() {
    each(vec![UPSERT, REPLACE], |line| {
        let stage = stage_of(READINGS[0], "slow:60@3,401@4");
        interrupted_twice(&stage, line, 3);
        let told = done(&stage, "resume --output json");
        assert_eq!(told.code(), Some(6), "{told}");
        let document: Value = serde_json::from_str(&told.stdout).unwrap();
        assert_eq!(document["table_state"], "unknown", "{told}");
        let states: Vec<_> = document["chunks"]
            .as_array()
            .unwrap()
            .iter()
            .map(|c| &c["state"])
            .collect();
        assert_eq!(
            states,
            ["accepted", "accepted", "unknown", "not_sent", "not_sent"]
        );
        let counts = &document["counts"];
        assert_eq!(
            (&counts["unknown"], &counts["not_sent"]),
            (&5.into(), &8.into()),
            "{told}"
        );
        assert!(
            told.stderr.contains("10 records of the 23 were accepted"),
            "{told}"
        );
        assert!(told.stderr.contains("5 others may have been"), "{told}");
        let held = stage.settled();
        let document = status(&stage, "--wait");
        is_true(&document, &held, line == REPLACE, line);
        all_agree(&stage, &document, line);
    });
}

/// The words of a later resume are those that count.
#[test]
fn a_run_that_was_resumed_is_judged_by_what_it_is_now() {
    let stage = stage_of(READINGS[1], "");
    assert!(killed_at(
        &stage,
        &one_by_one(REPLACE),
        "journal-answer-after:3"
    ));
    let first = stage.settled().imports;
    age(&runs(&stage)[0], Duration::from_secs(2_000));
    assert_eq!(done(&stage, "resume").code(), Some(0));
    // Sent anew, and not launched yet: the old import is an old story.
    let old = status(&stage, &first[0]);
    assert_eq!(
        (&old["table_state"], &old["exit_code"]),
        (&"pending".into(), &8.into()),
        "{old}"
    );
    stage.running.sandbox.settle();
    let whole = status(&stage, "--wait");
    assert_eq!(whole["table_state"], "replaced", "{whole}");
    let old = done(&stage, &format!("status {}", first[0]));
    assert_eq!(old.code(), Some(0), "{old}");
    assert!(old.stderr.contains("which was sent anew since"), "{old}");
    assert!(old.stderr.ends_with("table `deals`: replaced\n"), "{old}");
    holds_new(
        &TableSnapshot {
            deletes: 1,
            ..stage.held()
        },
        true,
        RECORDS,
        "resumed",
    );
}
