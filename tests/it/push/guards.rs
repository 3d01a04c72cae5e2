//! What refuses to start although the service would take it, through the real program.
//!
//! Each guard says its numbers and the option that overrides it; the override then does.

use insta::assert_snapshot;

use crate::rig::{ends, said};
use crate::stage::{OLD, Stage, deals, ids, numbers, sorted_ids};
use crate::support::{FIRST_PUSH, Told, run};

const REPLACE: &str = "-t deals --all --debounce 900";

/// A replace without a debounce leaves nothing waiting, so that another push may follow at once.
fn replaced_at_once(stage: &Stage, records: u64, line: &str, code: i32) -> Told {
    stage.folder().write("data.csv", deals(records));
    let told = ends(stage, &format!("data.csv -t deals --all {line}"), code);
    stage.running.sandbox.settle();
    told
}

#[test]
fn an_empty_replace_must_be_meant() {
    let stage = Stage::unused().file("data.csv", "id,name\n");
    let refused = said(&stage, &format!("data.csv {REPLACE}"), 3);
    assert_eq!(ids(&stage.held()), OLD);

    let stage = Stage::new().file("data.csv", "id,name\n");
    let emptied = said(&stage, &format!("data.csv {REPLACE} --allow-empty"), 0);
    assert_snapshot!(refused + &emptied);
    assert_eq!(stage.records(), [Some(0)]);
    assert_eq!(ids(&stage.held()), OLD, "the window is open");
    let table = stage.settled();
    assert_eq!((table.records.len(), table.deletes), (0, 1));
}

#[test]
fn a_replace_that_shrinks_the_table_must_be_meant() {
    let stage = Stage::new();
    replaced_at_once(&stage, 1_000, "", 0);
    let refused = replaced_at_once(&stage, 499, "", 3);
    assert_snapshot!(stage.tidy(&refused));
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=1_000));
    // Nothing is compared with what an upsert wrote, with another table or with another folder.
    ends(&stage, "data.csv -t deals", 0);
    let elsewhere = stage.folder().path().join("elsewhere");
    let line = "data.csv -t deals --all --dry-run --state-dir";
    let told = run(stage.push(line).arg(&elsewhere));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(!elsewhere.exists(), "a dry run leaves nothing behind");

    replaced_at_once(&stage, 499, "--max-shrink 50%", 3);
    replaced_at_once(&stage, 499, "--max-shrink 50.1%", 0);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=499));
    // From now on that is what the next one is compared with.
    replaced_at_once(&stage, 250, "", 0);
    replaced_at_once(&stage, 249, "--max-shrink 0%", 3);
    replaced_at_once(&stage, 2_500, "--max-shrink 0%", 0);
    replaced_at_once(&stage, 1, "--dry-run", 3);
    replaced_at_once(&stage, 1, "--max-shrink 100%", 0);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=1));
}

/// A folder that knows no push of the table, as a container's may be each time, says what it cannot see.
#[test]
fn a_first_push_says_that_nothing_is_known() {
    let stage = Stage::new().file("data.csv", deals(3));
    let says = |line: &str| {
        let told = ends(&stage, line, 0);
        stage.running.sandbox.settle();
        told.stderr.matches(FIRST_PUSH).count()
    };
    let replace = "data.csv -t deals --all";
    for (line, times) in [
        (format!("{replace} --dry-run"), 1),
        // A rehearsal's folder is always a new one.
        (format!("{replace} --sandbox"), 0),
        ("data.csv -t deals --state-dir another".to_owned(), 1),
        ("data.csv -t deals --state-dir another".to_owned(), 0),
        (format!("{replace} -q --state-dir quiet"), 0),
        (replace.to_owned(), 1),
        (replace.to_owned(), 0),
        (format!("{replace} --state-dir another"), 0),
        (format!("{replace} --state-dir fresh"), 1),
    ] {
        assert_eq!(says(&line), times, "{line}");
    }
}

#[test]
fn a_replace_that_failed_is_nothing_to_compare_with() {
    let stage = Stage::with_faults("401@2");
    replaced_at_once(&stage, 100, "", 0);
    replaced_at_once(&stage, 1_000, "", 4);
    replaced_at_once(&stage, 50, "", 0);
    replaced_at_once(&stage, 24, "", 3);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=50));
}

#[test]
fn so_few_records_must_be_meant() {
    let stage = Stage::new().file("data.csv", deals(99)).file(
        "deals.toml",
        "table = 'deals'\n[guard]\nmin_records = 100\n[fields]\nid = 'id'\nname = 'name'\n",
    );
    let refused = said(&stage, "data.csv -t deals --min-records 100", 3);
    assert_snapshot!(refused);
    // The mapping says it too, in a replace as well, and what is typed goes first.
    said(&stage, "data.csv -m deals.toml --all", 3);
    said(&stage, "data.csv -m deals.toml --dry-run", 3);
    said(&stage, "data.csv -m deals.toml --sandbox", 3);
    assert_eq!(ids(&stage.held()), OLD);
    said(&stage, "data.csv -m deals.toml --min-records 99", 0);
    assert_eq!(stage.new_ids().len(), 99);
}

/// Nothing tells which records of a closed period a first push would change.
#[test]
fn a_closed_period_needs_something_to_compare_with() {
    let stage = Stage::new().file("data.csv", "id,name,closed\n1,x,2025-12-31\n").file(
        "deals.toml",
        "table = 'deals'\n[freeze]\nfield = 'closed'\nbefore = 2026-01-01\n[fields]\nid = 'id'\n\
         name = 'name'\nclosed = { column = 'closed', type = 'date' }\n",
    );
    let refused = said(&stage, "data.csv -m deals.toml", 3);
    said(&stage, "data.csv -m deals.toml --allow-frozen 1000", 3);
    said(&stage, "data.csv -m deals.toml --all", 3);
    assert_eq!(ids(&stage.held()), OLD);
    said(&stage, "data.csv -m deals.toml --sandbox", 0);
    let passed = said(&stage, "data.csv -m deals.toml --allow-frozen all", 0);
    assert_snapshot!(refused + &passed);
    assert_eq!(stage.new_ids(), ["1"]);
}

#[test]
fn all_that_is_refused_is_told_at_once() {
    let stage = Stage::unused().file("data.csv", deals(60));
    let line = "data.csv -t deals --all --debounce 10 --chunk-size 10 --min-records 61";
    assert_snapshot!(said(&stage, line, 3));
}
