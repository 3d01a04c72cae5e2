//! A table goes back to an earlier content: exactly that, or nothing is sent.

/// What is gone back to, and what is lost with what came since.
mod choice;
/// Damage of what was kept.
mod damage;
/// Whatever came before.
mod histories;
/// What came by what differed.
mod gentle;
/// Old and new values of what changes.
mod values;
/// Kills at every point.
mod kills;

use std::fs;
use std::path::PathBuf;

use qobra_push::TableSnapshot;
use serde_json::Value;

use crate::rig::{done, ends, folder_name, holds_new, runs, sorted};
use crate::stage::{Stage, deals, deals_from};
use crate::support::{receipt, run};

const RECORDS: u64 = 23;
const REPLACE: &str = "deals.csv -t deals --all --keep 3";
/// Several requests.
const CHUNKS: &str = "deals.csv -t deals --chunk-size 5 --jobs 2 --all --debounce 900 \
     --chunk-seconds 0.05 --keep 3";

/// The way back, of small requests.
const BACK: &str = "rollback -t deals --chunk-seconds 0.05";

/// Records of another day: fewer, others, with other values.
fn other() -> String {
    deals_from(5, 20).replace(".50", ".75")
}

/// Pushes another file and lets its window pass.
fn pushed(stage: &Stage, csv: &str, line: &str) -> TableSnapshot {
    stage.folder().write("deals.csv", csv);
    ends(stage, line, 0);
    stage.settled()
}

/// The folder of the n-th run.
fn nth(stage: &Stage, n: usize) -> PathBuf {
    runs(stage).swap_remove(n)
}

fn id(stage: &Stage, n: usize) -> String {
    folder_name(&nth(stage, n))
}

#[test]
fn the_table_is_exactly_what_it_was() {
    // Of every kind of value, as an NDJSON record and as a mapping writes it.
    let strange = "{\"id\":\"1\",\"name\":\"\",\"n\":1.50,\"e\":1e2,\"deep\":{\"a\":[null,true,\"\\u00e9\"],\"b\":\"  \"}}\n\
                   {\"id\":2,\"name\":null,\"big\":12345678901234567890,\"text\":\" a\\\\n\\\"b\\\" \\u2028\"}\n\
                   {\"id\":\"x.y\",\"a.b\":{\"c\":\"é\"},\"\u{1F600}\":[[],{}],\"date\":\"2026-01-31\"}\n";
    let stage = Stage::new()
        .file("deals.ndjson", strange)
        .file("deals.csv", deals(3));
    ends(&stage, "deals.ndjson -t deals --all --keep 2", 0);
    let before = stage.settled();
    pushed(&stage, &deals(3), &format!("{REPLACE} --max-hollow 100%"));
    assert_ne!(sorted(&stage.held()), sorted(&before));
    let told = run(&mut stage.push("rollback -t deals --output json"));
    let told = receipt(&told, 0);
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    assert_eq!(told["mode"], "replace");
    assert_eq!(told["rollback_of"], id(&stage, 0));
    assert_eq!(told["counts"]["accepted"], 3);
    assert_eq!(told["changes"]["vanished"]["count"], 1);
    let kept = fs::read_to_string(nth(&stage, 2).join("receipt.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(kept["rollback_of"], id(&stage, 0));
    // The next run is compared with it.
    let told = ends(&stage, "deals.ndjson -t deals --all -n", 0);
    assert!(told.stderr.contains("3 unchanged"), "{told}");
}

#[test]
fn many_requests_go_through_the_window() {
    let stage = Stage::new();
    let before = pushed(&stage, &deals(RECORDS), CHUNKS);
    pushed(&stage, &other(), REPLACE);
    let told = ends(
        &stage,
        "rollback -t deals --chunk-seconds 0.05 --wait --wait-timeout 1",
        8,
    );
    let of = told.to_string();
    assert_eq!(stage.posts().len(), 5 + 1 + 5, "{of}");
    let held = stage.settled();
    assert_eq!(sorted(&held), sorted(&before), "{of}");
    assert_eq!(held.deletes, 3, "{of}");
    assert!(
        told.stderr.contains(&format!(
            "back to the 23 records of run {} of ",
            id(&stage, 0)
        )),
        "{of}"
    );
    let listed = ends(&stage, "runs", 0);
    let line = listed.stdout.lines().last().unwrap();
    assert!(
        line.contains(&format!("rollback of {}", id(&stage, 0))),
        "{line}"
    );
    let listed = ends(&stage, "runs --output json", 0);
    let listed: Value = serde_json::from_str(&listed.stdout).unwrap();
    assert_eq!(listed["runs"][2]["rollback_of"], id(&stage, 0));
    assert_eq!(listed["runs"][1]["rollback_of"], Value::Null);
    // Its own copy went with its end.
    assert!(!nth(&stage, 2).join("input-0").exists());
}

/// What does not fit into the window is refused, as of any replace.
#[test]
fn a_window_that_is_too_small_is_refused() {
    let stage = Stage::new();
    pushed(&stage, &deals(RECORDS), CHUNKS);
    let before = pushed(&stage, &other(), REPLACE);
    let told = ends(&stage, "rollback -t deals --chunk-seconds 3000", 3);
    assert!(told.stderr.contains("more than a --debounce of"), "{told}");
    let told = ends(&stage, "rollback -t deals --debounce 0", 3);
    assert!(
        told.stderr
            .contains("without --debounce each of them would delete"),
        "{told}"
    );
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    // Larger requests, one of them.
    ends(&stage, "rollback -t deals --debounce 0 --chunk-size 100", 0);
    holds_new(
        &TableSnapshot {
            deletes: 1,
            ..stage.settled()
        },
        true,
        RECORDS,
        "",
    );
}

/// Shrunken, hollow, apart and changed: told, and not in the way.
#[test]
fn what_differs_is_only_told() {
    let mapping =
        "table = 'deals'\n[guard]\nmax_changed = '1%'\nmin_records = 1000\n[history]\nkeep = 3\n";
    let stage = Stage::new().file("deals.toml", mapping);
    let line = "deals.csv -m deals.toml --all --min-records 1 --max-changed 100% --min-overlap 0%";
    let before = pushed(&stage, "id,name,amount\n1,a,\n2,b,\n3,c,\n4,d,\n", line);
    pushed(&stage, &deals_from(4, 40), line);
    let told = ends(&stage, "rollback -t deals", 0);
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    for words in [
        "fewer than the 37",
        "fields have lost values",
        "1 of the 1 record",
    ] {
        let line = told.stderr.lines().find(|line| line.contains(words));
        assert!(
            line.is_some_and(|line| line.starts_with("warning: ")),
            "{words}: {told}"
        );
    }
    let stage = Stage::new();
    let before = pushed(&stage, &deals(4), REPLACE);
    pushed(
        &stage,
        &deals_from(14, 20),
        &format!("{REPLACE} --min-overlap 0%"),
    );
    let told = ends(&stage, "rollback -t deals", 0);
    assert!(
        told.stderr
            .contains("warning: 0 of 4 ids in the input are among the 7 "),
        "{told}"
    );
    assert_eq!(sorted(&stage.settled()), sorted(&before));
}

#[test]
fn frozen_periods_hold() {
    let fields =
        "[fields]\nid = 'id'\nday = { column = 'day', type = 'date' }\namount = 'amount'\n";
    let mapping = |before: &str| {
        format!(
            "table = 'deals'\n[freeze]\nfield = 'day'\nbefore = {before}\n[history]\nkeep = 3\n{fields}"
        )
    };
    let csv = |amount: u64| {
        format!(
            "id,day,amount\n1,2026-01-31,{amount}\n2,2026-02-28,{amount}\n3,2026-03-31,{amount}\n"
        )
    };
    let stage = Stage::new().file("deals.toml", mapping("2025-01-01"));
    let line = "deals.csv -m deals.toml --all --allow-frozen all";
    let first = pushed(&stage, &csv(1), line);
    pushed(&stage, &csv(2), line);
    // Nothing of it was closed then; now January is.
    stage.folder().write("deals.toml", mapping("2026-02-01"));
    let told = ends(&stage, "rollback -t deals", 3);
    assert!(
        told.stderr
            .contains("1 record of the frozen period (`day` before 2026-02-01)"),
        "{told}"
    );
    let told = ends(&stage, "rollback -t deals -n", 3);
    assert!(told.stderr.contains("--allow-frozen 1"), "{told}");
    // Without the mapping, or with one that says less, what was kept holds.
    pushed(&stage, &csv(3), line);
    for now in [
        None,
        Some(mapping("2020-01-01")),
        Some(format!("table = 'deals'\n{fields}")),
    ] {
        match now {
            Some(text) => stage.folder().write("deals.toml", text),
            None => fs::remove_file(stage.folder().path().join("deals.toml")).unwrap(),
        }
        // The refused ones left their lists.
        let to = id(&stage, 3);
        let told = done(&stage, &format!("rollback -t deals {to}"));
        // It is what the table holds already: nothing of it differs.
        assert_eq!(told.code(), Some(0), "{told}");
        stage.settled();
    }
    let told = ends(
        &stage,
        &format!("rollback -t deals {} --allow-frozen 3", id(&stage, 0)),
        0,
    );
    assert!(told.stderr.contains("back to the 3 records"), "{told}");
    assert_eq!(sorted(&stage.settled()), sorted(&first));
}

/// The period that was closed when records were kept holds without any mapping.
#[test]
fn what_was_frozen_then_is_frozen_now() {
    let fields =
        "[fields]\nid = 'id'\nday = { column = 'day', type = 'date' }\namount = 'amount'\n";
    let mapping =
        format!("table = 'deals'\n[freeze]\nfield = 'day'\nbefore = 2026-02-01\n{fields}");
    let csv =
        |amount: u64| format!("id,day,amount\n1,2026-01-31,{amount}\n2,2026-02-28,{amount}\n");
    let stage = Stage::new().file("deals.toml", mapping);
    let line = "deals.csv -m deals.toml --all --keep 3 --allow-frozen all";
    pushed(&stage, &csv(1), line);
    let before = pushed(&stage, &csv(2), line);
    fs::remove_file(stage.folder().path().join("deals.toml")).unwrap();
    let told = ends(&stage, "rollback -t deals", 3);
    assert!(told.stderr.contains("(`day` before 2026-02-01)"), "{told}");
    assert!(
        told.stderr.contains("what is frozen by now cannot be told"),
        "{told}"
    );
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    assert_eq!(stage.posts().len(), 2);
}

#[test]
fn a_dry_run_shows_the_changes_and_sends_nothing() {
    let stage = Stage::new();
    pushed(&stage, &deals(RECORDS), CHUNKS);
    let before = pushed(&stage, &other(), REPLACE);
    let mut push = stage.push("rollback -t deals -n");
    let told = run(push.env_remove("QOBRA_API_KEY"));
    assert_eq!(told.code(), Some(0), "{told}");
    let words = [
        "7 new: 1, 2, 3, 4, 21 and 2 more",
        "16 changed: 5, 6, 7, 8, 9 and 11 more",
        "0 vanished",
    ];
    for words in words {
        assert!(told.stderr.contains(words), "{words}: {told}");
    }
    assert_eq!(runs(&stage).len(), 2);
    assert_eq!(stage.posts().len(), 5 + 1);
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    let told = receipt(&done(&stage, "rollback -t deals -n --output json"), 0);
    assert_eq!(told["rollback_of"], id(&stage, 0));
    assert_eq!(told["run"], Value::Null);
}

/// An empty content empties the table, if that is what is meant.
#[test]
fn an_empty_content_needs_a_word() {
    let stage = Stage::new();
    pushed(
        &stage,
        "id,name\n",
        "deals.csv -t deals --all --allow-empty --keep 3",
    );
    pushed(&stage, &deals(RECORDS), REPLACE);
    ends(&stage, "rollback -t deals", 3);
    holds_new(
        &TableSnapshot {
            deletes: 1,
            ..stage.settled()
        },
        true,
        RECORDS,
        "",
    );
    ends(&stage, "rollback -t deals --allow-empty", 0);
    assert_eq!(stage.settled().records, []);
}
