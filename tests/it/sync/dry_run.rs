//! `sync --dry-run` and `sync --sandbox`: all of it without the service.

use insta::assert_snapshot;

use super::tables::{UNTOUCHED, held, unused};
use super::told::document;
use crate::rig::{done, said};

#[test]
fn each_dry_run_is_shown_in_order() {
    let stage = unused();
    assert_snapshot!(said(&stage, "sync --dry-run", 0));
    assert_eq!(held(&stage), UNTOUCHED);
    let whole = document(&done(&stage, "sync --dry-run --output json"), 0);
    assert_eq!(whole["sync"], serde_json::Value::Null);
    let records = whole["pushes"].as_array().unwrap().iter();
    let records: Vec<_> = records
        .map(|push| push["receipt"]["dry_run"]["records"].as_u64())
        .collect();
    assert_eq!(records, [Some(2), Some(4), Some(3)]);
    // One that would be refused shows with the others.
    let stage = unused().file("quotas.csv", "id\n1\n1\n");
    let whole = document(&done(&stage, "sync -n --output json"), 3);
    assert_eq!(whole["pushes"][2]["exit_code"], 3);
    assert_eq!(whole["pushes"][0]["exit_code"], 0);
}

#[test]
fn all_of_it_is_rehearsed() {
    let stage = unused();
    assert_snapshot!(said(&stage, "sync --sandbox --wait", 0));
    assert_eq!(held(&stage), UNTOUCHED);
}
