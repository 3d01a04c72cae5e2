//! Which runs `status` is about, where there are several, and what it says of those that came after.

use super::{RECORDS, all_agree, interrupted_twice, one_by_one, stage_of, status};
use crate::rig::{
    READINGS, UPSERT, Watched, done, folder_name, is_over, killed_at, posts, runs, until,
};
use crate::stage::{OLD, deals, sorted_ids};
use crate::support::{Told, run};

/// Imports of two runs are judged each by its own.
#[test]
fn imports_of_several_runs_are_judged_by_all_of_them() {
    let stage = stage_of(READINGS[0], "");
    assert_eq!(done(&stage, UPSERT).code(), Some(0));
    let good = stage.settled().imports;
    assert!(killed_at(
        &stage,
        &one_by_one(UPSERT),
        "journal-answer-after:2"
    ));
    let all = stage.settled().imports;
    let cut = &all[good.len()];
    for ids in [format!("{} {cut}", good[0]), format!("{cut} {}", good[0])] {
        let told = done(&stage, &format!("status {ids} --wait"));
        assert_eq!(told.code(), Some(6), "{told}");
        assert!(
            told.stderr
                .contains("10 of 23 records were accepted, 13 not sent"),
            "{told}"
        );
        assert!(told.stderr.ends_with("table `deals`: at_risk\n"), "{told}");
    }
    let told = done(&stage, &format!("status {} -t deals", good.join(" ")));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(
        told.stderr.contains("has written to the table since"),
        "{told}"
    );
    // Another table is no affair of these runs.
    let told = done(&stage, &format!("status {cut} -t other"));
    assert!(!told.stderr.contains("is not finished"), "{told}");
    assert_eq!(done(&stage, "resume").code(), Some(0));
}

/// A push that stopped half way and was overtaken is not offered for a resume that would be refused.
#[test]
fn a_superseded_run_says_who_came_after_it() {
    let stage = stage_of(READINGS[0], "");
    assert!(killed_at(
        &stage,
        &one_by_one(UPSERT),
        "journal-answer-after:2"
    ));
    let old = stage.held().imports[0].clone();
    assert_eq!(done(&stage, UPSERT).code(), Some(0));
    let told = done(&stage, &format!("status {old}"));
    assert_eq!(told.code(), Some(6), "{told}");
    let later = folder_name(&runs(&stage)[1]);
    let hint = format!("\nhint: run {later} has written to the table since: push this run's input");
    assert!(told.stderr.contains(&hint), "{told}");
    assert!(!told.stderr.contains("qobra-push resume"), "{told}");
}

/// Nothing was answered: there is no import to look at, and the table may hold something.
#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_run_without_an_import_is_not_passed_over() {
    let stage = stage_of(READINGS[0], "slow:60@6");
    assert_eq!(done(&stage, UPSERT).code(), Some(0));
    stage.settled();
    interrupted_twice(&stage, "deals.csv -t deals", 6);
    let told = done(&stage, "status --wait");
    assert_eq!(told.code(), Some(6), "{told}");
    let run = folder_name(&runs(&stage)[1]);
    assert!(
        told.stderr.starts_with(&format!("run {run} of 20")),
        "{told}"
    );
    assert!(
        told.stderr
            .contains("0 of 23 records were accepted, 23 in requests"),
        "{told}"
    );
    let document = status(&stage, "");
    assert_eq!(document["table_state"], "unknown", "{document}");
    all_agree(&stage, &document, "no import");
    assert_eq!(done(&stage, "resume").code(), Some(0));
    is_over(&stage, false, RECORDS, "no import");
}

/// A push that failed leaves the run before as the last one that touched the table: both are named.
#[test]
fn status_without_ids_names_the_run_and_what_failed_since() {
    let stage = stage_of(READINGS[0], "401@6");
    assert_eq!(done(&stage, UPSERT).code(), Some(0));
    stage.settled();
    let refused = done(&stage, UPSERT);
    assert_eq!(refused.code(), Some(4), "{refused}");
    let told = done(&stage, "status --wait");
    assert_eq!(told.code(), Some(0), "{told}");
    let [first, second] = [0, 1].map(|n| folder_name(&runs(&stage)[n]));
    let lines: Vec<_> = told.stderr.lines().collect();
    assert!(
        lines[0].starts_with(&format!("run {first} of 20")),
        "{told}"
    );
    assert!(lines[0].ends_with(" UTC, to table `deals`"), "{told}");
    let failed =
        format!("warning: a later push, run {second}, ended with 4 and did not touch the table");
    assert_eq!(lines[1], failed, "{told}");
    let document = status(&stage, "");
    assert_eq!(document["run"], first);
    assert!(
        document["started_at"]
            .as_str()
            .is_some_and(|at| at.ends_with('Z')),
        "{document}"
    );
}

/// While a push goes on, what it sent so far is no end.
#[test]
fn a_push_that_goes_on_is_pending() {
    let stage = stage_of(READINGS[0], "hang@3");
    let mut push = Watched::start(stage.process(&one_by_one(UPSERT)));
    until(|| (posts(&stage).len() >= 3).then_some(()));
    let told: Told = done(&stage, "status");
    assert_eq!(told.code(), Some(8), "{told}");
    assert!(
        told.stderr
            .contains("is being sent: 10 of 23 records accepted so far"),
        "{told}"
    );
    assert!(told.stderr.ends_with("table `deals`: pending\n"), "{told}");
    push.signal("KILL");
    push.end();
    assert_eq!(done(&stage, "status").code(), Some(6));
    assert_eq!(done(&stage, "resume").code(), Some(0));
    assert!(
        OLD.iter()
            .all(|old| sorted_ids(&stage.settled()).contains(&(*old).to_owned()))
    );
}

/// A pipe's copy that a dead push left behind goes when `status` sees the end.
#[test]
fn a_copy_goes_when_the_end_of_its_run_is_seen() {
    let stage = stage_of(READINGS[0], "");
    let mut push = stage.push("- --format csv -t deals --chunk-size 5");
    push.env("QOBRA_PUSH_TEST_CRASH", "journal-end-before:1");
    let told = run(push.write_stdin(deals(RECORDS)));
    assert_eq!(told.code(), None, "{told}");
    let copy = runs(&stage)[0].join("input-0");
    assert!(copy.exists());
    stage.settled();
    let told = done(&stage, "status --wait");
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(!copy.exists(), "{told}");
    is_over(&stage, false, RECORDS, "seen to its end");
}
