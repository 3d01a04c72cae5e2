//! What moved is named, all of it.

use serde_json::{Value, json};

use super::difference;
use super::document::Document;
use super::terms::Terms;

/// A plan's document.
fn document() -> Value {
    json!({
        "run": null, "version": "0.1.0", "table": "deals", "mode": "replace",
        "table_state": "untouched", "exit_code": 0,
        "inputs": [
            { "path": "/data/a.csv", "digest": "blake3:aa" },
            { "path": "/data/b.csv", "digest": "blake3:bb" },
        ],
        "mapping": { "path": "/data/deals.toml", "digest": "blake3:cc" },
        "counts": { "read": 1_234, "to_send": 1_234 },
        "totals": [
            { "field": "amount", "filled": 1_234, "sum": "1234.50", "min": "-1000", "max": "9000.5" },
            { "field": "closed", "filled": 1_234, "sum": null, "min": "2026-01-01", "max": "2026-12-31" },
            { "field": "owner", "filled": 1_000, "sum": null, "min": null, "max": null },
        ],
        "changes": {
            "base_run": "20261123T132605Z-7f3a",
            "new": { "count": 1, "ids": ["D-1"] },
            "changed": { "count": 2, "ids": ["D-2", "D-3"] },
            "vanished": { "count": 0, "ids": [] },
            "unchanged": 1_231,
            "fields": { "amount": 2 },
        },
        "dry_run": { "plan": {
            "base_url": "https://api.qobra.co/",
            "options": { "chunk_size": 5_000, "debounce": 900, "format": null },
            "guards": { "allow_empty": false, "max_shrink": "50%" },
            "base": { "run": "20261123T132605Z-7f3a", "digest": "blake3:dd" },
        } },
    })
}

/// What is told of a push whose document is changed in some places.
fn moved(changes: &[(&str, Value)]) -> Vec<String> {
    let mut now = document();
    for (place, value) in changes {
        *now.pointer_mut(place).expect(place) = value.clone();
    }
    told(&document(), &now)
}

fn told(then: &Value, now: &Value) -> Vec<String> {
    let read = |document: &Value| -> (Document, Terms) {
        let terms = serde_json::from_value(document["dry_run"]["plan"].clone());
        (
            serde_json::from_value(document.clone()).unwrap(),
            terms.unwrap(),
        )
    };
    let ((then, then_terms), (now, now_terms)) = (read(then), read(now));
    difference::lines((&then, &then_terms), (&now, &now_terms))
}

#[test]
fn the_same_push_is_the_approved_one() {
    assert_eq!(moved(&[]), [""; 0]);
    // Files and mappings are what is in them.
    let elsewhere = [
        ("/inputs/0/path", json!("-")),
        ("/mapping/path", json!("/other/map.toml")),
    ];
    assert_eq!(moved(&elsewhere), [""; 0]);
}

#[test]
fn all_that_moved_is_named() {
    let told = moved(&[
        ("/table", json!("won\u{1b}")),
        ("/mode", json!("upsert")),
        ("/version", json!("0.2.0")),
        ("/mapping/digest", json!("blake3:00")),
        ("/dry_run/plan/base_url", json!("https://eu.example/")),
        ("/dry_run/plan/options/chunk_size", json!(100)),
        ("/dry_run/plan/options/debounce", json!(null)),
        ("/dry_run/plan/options/format", json!("csv")),
        ("/dry_run/plan/guards/allow_empty", json!(true)),
        ("/dry_run/plan/guards/max_shrink", json!("60%")),
        ("/dry_run/plan/base/run", json!("20261124T132605Z-0001")),
        ("/inputs/1/digest", json!("blake3:00")),
    ]);
    assert_eq!(
        told,
        [
            "table: `deals` approved, `won\\u{1b}` now",
            "mode: replace approved, upsert now",
            "base URL: https://api.qobra.co/ approved, https://eu.example/ now",
            "version: 0.1.0 approved, 0.2.0 now",
            "mapping: /data/deals.toml has another content than the approved one",
            "--chunk-size: 5000 approved, 100 now",
            "--debounce: 900 approved, not given now",
            "--format: not given approved, csv now",
            "--allow-empty: not given approved, given now",
            "--max-shrink: 50% approved, 60% now",
            "the table, compared with: what run 20261123T132605Z-7f3a left approved, what run \
             20261124T132605Z-0001 left now",
            "input: /data/b.csv is not what was approved",
        ]
    );
}

#[test]
fn files_are_more_fewer_or_in_another_order() {
    let mut now = document();
    now["inputs"].as_array_mut().unwrap().reverse();
    assert_eq!(
        told(&document(), &now),
        ["input: the files come in another order"]
    );
    now["inputs"].as_array_mut().unwrap().pop();
    assert_eq!(
        told(&document(), &now),
        ["input: 2 inputs approved, 1 input now"]
    );
    now["inputs"][0]["path"] = json!("-");
    now["inputs"][0]["digest"] = json!("blake3:00");
    assert_eq!(
        told(&document(), &now),
        [
            "input: 2 inputs approved, 1 input now",
            "input: standard input is not what was approved"
        ]
    );
}

#[test]
fn totals_tell_what_an_input_that_moved_means() {
    let told = moved(&[
        ("/inputs/0/digest", json!("blake3:00")),
        ("/counts/to_send", json!(1_235)),
        ("/totals/0/sum", json!("-1300.00")),
        ("/totals/0/min", json!("-1000000")),
        ("/totals/1/max", json!("2027-01-01")),
        ("/totals/2/filled", json!(0)),
        ("/totals/2/sum", json!("0")),
    ]);
    assert_eq!(
        told,
        [
            "input: /data/a.csv is not what was approved",
            "records to send: 1,234 approved, 1,235 now",
            "`amount`, sum: 1,234.50 approved, -1,300.00 now",
            "`amount`, least: -1,000 approved, -1,000,000 now",
            "`closed`, greatest: 2026-12-31 approved, 2027-01-01 now",
            "`owner`, filled: 1,000 approved, 0 now",
            "`owner`, sum: none approved, 0 now",
        ]
    );
    let other = json!({ "field": "stage", "filled": 1, "sum": null, "min": null, "max": null });
    assert_eq!(
        moved(&[("/totals/2", other)]),
        [
            "`stage`: no such field approved",
            "`owner`: approved, and gone now"
        ]
    );
}

#[test]
fn changes_name_their_records() {
    let told = moved(&[
        ("/changes/new", json!({ "count": 1, "ids": ["D-9"] })),
        (
            "/changes/changed",
            json!({ "count": 3, "ids": ["D-2", "D-3", "D-7"] }),
        ),
        (
            "/changes/vanished",
            json!({ "count": 9, "ids": ["V", "W", "X", "Y", "Z"] }),
        ),
        ("/changes/unchanged", json!(1_230)),
        ("/changes/fields", json!({ "amount": 3, "stage": 1 })),
    ]);
    assert_eq!(
        told,
        [
            "new: 1 approved, 1 now (besides `D-9`; without `D-1`)",
            "changed: 2 approved, 3 now (besides `D-7`)",
            "vanished: 0 approved, 9 now (besides `V`, `W`, `X`, `Y`, `Z`)",
            "unchanged: 1,231 approved, 1,230 now",
            "changed in `amount`: 2 approved, 3 now",
            "changed in `stage`: 0 approved, 1 now",
        ]
    );
}

/// A plan that was made to be mailed is held to as well.
#[test]
fn what_a_plan_leaves_out_is_not_missed() {
    let mut mailed = document();
    for total in mailed["totals"].as_array_mut().unwrap() {
        total["min"] = json!(null);
        total["max"] = json!(null);
    }
    for kind in ["new", "changed", "vanished"] {
        mailed["changes"][kind]["ids"] = json!([]);
    }
    assert_eq!(told(&mailed, &document()), [""; 0]);
    let mut now = document();
    now["changes"]["changed"] = json!({ "count": 3, "ids": ["D-2", "D-3", "D-7"] });
    assert_eq!(told(&mailed, &now), ["changed: 2 approved, 3 now"]);
}

#[test]
fn many_differences_are_counted() {
    let fields: Vec<_> = (0..30)
        .map(|n| json!({ "field": format!("f{n}"), "filled": 1 }))
        .collect();
    let told = moved(&[("/totals", json!(fields))]);
    assert_eq!(told.len(), 21);
    assert_eq!(told[20], "and 13 more differences");
}
