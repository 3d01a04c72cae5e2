//! Records that the table lacks, left out here or rejected by the service: what is claimed afterwards
//! knows of them.

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};

use super::{REPLACE, UPSERT, based, claimed, told_truly};
use crate::rig::ends;
use crate::stage::{Stage, deals, options};

/// A service that reads amounts as numbers and rejects records in which they are none.
fn strict() -> Stage {
    let fields = [("name", ValueKind::Text), ("amount", ValueKind::Number)];
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: fields.map(|(name, kind)| (name.to_owned(), kind)).into(),
    };
    Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    })
}

/// Two amounts are no numbers.
fn wrong(count: u64) -> String {
    deals(count)
        .replace("\n2,Deal 2,2.50", "\n2,Deal 2,two")
        .replace("\n5,Deal 5,5.50", "\n5,Deal five,five")
}

/// A replace deletes what it leaves out, an upsert leaves it as it was.
#[test]
fn bad_records_are_left_out_here() {
    let stage = Stage::new().file("deals.csv", deals(9));
    based(&stage, REPLACE);
    let bad = |count: u64| {
        deals(count)
            .replace("4,Deal 4,4.50", "4,Deal 4,4.50,x")
            .replace("7,Deal 7", "7,Deal seven")
    };
    stage.folder().write("deals.csv", bad(12));
    for line in [UPSERT, REPLACE, REPLACE, UPSERT] {
        assert!(
            told_truly(&stage, &format!("{line} --max-errors 1"), 7),
            "{line}"
        );
    }
    stage.folder().write("deals.csv", deals(12));
    assert!(told_truly(&stage, REPLACE, 0));
}

/// What the service rejects under the eyes of `--wait` is not in the base.
#[test]
fn rejects_that_were_waited_for() {
    let stage = strict().file("deals.csv", deals(9));
    based(&stage, &format!("{REPLACE} --wait"));
    // They keep what they had; the seventh is a new value.
    stage
        .folder()
        .write("deals.csv", wrong(9).replace("7,Deal 7,", "7,Deal seven,"));
    ends(&stage, &format!("{UPSERT} --wait"), 7);
    let after = claimed(&stage, UPSERT);
    assert_eq!(
        after["changed"]["ids"],
        serde_json::json!(["2", "5"]),
        "{after}"
    );
    stage.folder().write("deals.csv", deals(9));
    assert!(told_truly(&stage, UPSERT, 0));
    // They are gone.
    stage.folder().write("deals.csv", wrong(10));
    ends(&stage, &format!("{REPLACE} --wait"), 7);
    let after = claimed(&stage, REPLACE);
    assert_eq!(
        after["new"]["ids"],
        serde_json::json!(["2", "5"]),
        "{after}"
    );
    stage.folder().write("deals.csv", deals(11));
    assert!(told_truly(&stage, REPLACE, 0));
}

/// The same, learned by `status`: a replace's leave the base, and an upsert's are what they were.
#[test]
fn rejects_that_are_learned_later() {
    let stage = strict().file("deals.csv", wrong(9));
    based(&stage, REPLACE);
    ends(&stage, "status --wait", 7);
    stage.folder().write("deals.csv", deals(10));
    assert!(told_truly(&stage, REPLACE, 0), "two and the tenth are new");

    stage.folder().write("deals.csv", wrong(9));
    based(&stage, UPSERT);
    ends(&stage, "status --wait", 7);
    stage.folder().write("deals.csv", deals(9));
    let after = claimed(&stage, UPSERT);
    assert_eq!(
        (&after["unchanged"], &after["kept"]),
        (&9.into(), &1.into()),
        "{after}"
    );
    assert!(told_truly(&stage, UPSERT, 0));
    assert!(told_truly(&stage, REPLACE, 0));
}

/// A field that an upsert's record lacks stays in the table as it was: nothing is called unchanged that a
/// replace without that field would take away.
#[test]
fn fields_that_an_upsert_leaves_alone() {
    let stage = Stage::new();
    let records = |lines: &str| stage.folder().write("deals.ndjson", lines);
    let replace = "deals.ndjson -t deals --all --max-hollow 100%";
    records("{\"id\":1,\"name\":\"a\",\"amount\":5}\n{\"id\":2,\"name\":\"b\",\"amount\":6}\n");
    based(&stage, replace);
    records("{\"id\":1,\"name\":\"A\"}\n");
    let upsert = "deals.ndjson -t deals --max-hollow 100%";
    assert!(told_truly(&stage, upsert, 0));
    records("{\"id\":1,\"name\":\"A\"}\n{\"id\":2,\"name\":\"b\",\"amount\":6}\n");
    assert!(told_truly(&stage, replace, 0));
}
