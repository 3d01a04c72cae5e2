//! `--changed`: what differs goes and nothing else, and the table holds the input; or everything goes, and
//! one line says why.

use crate::rig::{ends, sorted};
use crate::stage::{Stage, deals};
use crate::support::{Told, receipt};

/// A replace of one request, which leaves nothing waiting.
const ALL: &str = "deals.csv -t deals --all";
const CHANGED: &str = "deals.csv -t deals --all --changed";
const UPSERT: &str = "deals.csv -t deals --changed";

/// Pushes, and sees the imports to their end.
fn followed(stage: &Stage, line: &str) -> Told {
    let told = ends(stage, line, 0);
    stage.settled();
    ends(stage, "status", 0);
    told
}

/// How many records each request carries that a line makes.
fn sends(stage: &Stage, line: &str) -> (Told, Vec<Option<u64>>) {
    let before = stage.records().len();
    let told = followed(stage, line);
    (told, stage.records().split_off(before))
}

/// An export with the names of some deals changed.
fn renamed(csv: &str, numbers: impl IntoIterator<Item = u64>) -> String {
    let mut csv = csv.to_owned();
    for number in numbers {
        let from = format!("\n{number},Deal {number},");
        assert!(csv.contains(&from), "{number}");
        csv = csv.replace(&from, &format!("\n{number},Another {number},"));
    }
    csv
}

/// The table holds the records of an export and nothing else.
fn holds(stage: &Stage, csv: &str) {
    let mut expected: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let [id, name, amount] = cells[..] else {
                panic!("{line}")
            };
            let json = format!(r#"{{"amount":"{amount}","id":"{id}","name":"{name}"}}"#);
            (id.to_owned(), json)
        })
        .collect();
    expected.sort();
    assert_eq!(sorted(&stage.settled()), expected);
}

#[test]
fn one_percent_of_a_large_input_is_two_requests() {
    let csv = deals(100_000);
    let stage = Stage::new().file("deals.csv", &csv);
    followed(&stage, &format!("{ALL} --debounce 900 --chunk-seconds 0.1"));
    let next = renamed(&csv, (1..=100_000).step_by(100));
    stage.folder().write("deals.csv", &next);
    let (told, sent) = sends(&stage, &format!("{CHANGED} --chunk-size 500 --output json"));
    assert_eq!(sent, [Some(500), Some(500)], "{told}");
    assert!(
        told.stderr.contains(
            "sending 1,000 of 100,000 records in 2 requests, as an upsert; 99,000 are unchanged\n"
        ),
        "{told}"
    );
    let document = receipt(&told, 0);
    let counts = &document["counts"];
    assert_eq!(
        (
            &counts["read"],
            &counts["unchanged"],
            &counts["to_send"],
            &counts["accepted"]
        ),
        (
            &100_000.into(),
            &99_000.into(),
            &1_000.into(),
            &1_000.into()
        ),
    );
    assert_eq!(document["mode"], "upsert");
    holds(&stage, &next);
    assert_eq!(stage.settled().deletes, 1);
}

#[test]
fn nothing_differs() {
    let stage = Stage::new().file("deals.csv", deals(9));
    followed(&stage, ALL);
    let requests = stage.requests().len();
    for line in [CHANGED, UPSERT] {
        let told = ends(&stage, &format!("{line} --output json"), 0);
        assert!(
            told.stderr.contains(
                "nothing differs from what the table has: nothing was sent, and table `deals` is \
                 untouched\n"
            ),
            "{told}"
        );
        let document = receipt(&told, 0);
        assert_eq!(document["counts"]["unchanged"], 9);
        assert_eq!(document["table_state"], "untouched");
    }
    assert_eq!(stage.requests().len(), requests);
    // The base stays.
    stage.folder().write("deals.csv", renamed(&deals(9), [4]));
    let (_, sent) = sends(&stage, CHANGED);
    assert_eq!(sent, [Some(1)]);
    holds(&stage, &renamed(&deals(9), [4]));
}
