//! The document of a sync, and what `runs` shows of it.

use qobra_push::{SandboxOptions, parse_faults};
use serde_json::Value;

use super::tables::{filled, service, stage, unused};
use crate::rig::{done, ends, runs};
use crate::stage::Stage;
use crate::support::{Told, published};

/// The document, of the published form, and its receipts too.
pub fn document(told: &Told, code: i32) -> Value {
    assert_eq!(told.code(), Some(code), "{told}");
    let document = published(told, include_str!("../../../schemas/sync.schema.json"));
    assert_eq!(document["exit_code"], code, "{told}");
    for push in document["pushes"].as_array().unwrap() {
        if push["receipt"].is_null() {
            continue;
        }
        let receipt = Told {
            stdout: format!("{}\n", push["receipt"]),
            stderr: String::new(),
            status: told.status,
        };
        let schema = include_str!("../../../schemas/receipt.schema.json");
        let receipt = published(&receipt, schema);
        assert_eq!(receipt["exit_code"], push["exit_code"], "{told}");
        assert_eq!(receipt["table_state"], push["table_state"], "{told}");
    }
    document
}

#[test]
fn one_document_has_every_receipt() {
    let stage = stage();
    let whole = document(&done(&stage, "sync --output json"), 0);
    let pushes = whole["pushes"].as_array().unwrap();
    let of = |key: &str| {
        pushes
            .iter()
            .map(|push| push[key].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(of("name"), ["owners", "deals", "quotas"]);
    assert_eq!(
        of("not_sent_because"),
        [Value::Null, Value::Null, Value::Null]
    );
    // Each stands in its run's folder too.
    let kept: Vec<Value> = (runs(&stage).iter())
        .map(|run| std::fs::read_to_string(run.join("receipt.json")).unwrap())
        .map(|text| serde_json::from_str(&text).unwrap())
        .collect();
    for receipt in of("receipt") {
        assert!(kept.contains(&receipt), "{receipt}");
    }
}

#[test]
fn what_was_not_sent_says_why() {
    let stage = filled(Stage::of(SandboxOptions {
        faults: parse_faults("400@1").unwrap(),
        ..service()
    }));
    let whole = document(&done(&stage, "sync --output json"), 4);
    let pushes = &whole["pushes"];
    assert_eq!(pushes[0]["not_sent_because"], Value::Null);
    assert_eq!(
        pushes[1]["not_sent_because"],
        "it comes after owners, which ended with 4"
    );
    assert_eq!(pushes[1]["table_state"], "untouched");
    assert_eq!(
        pushes[2]["not_sent_because"],
        "it comes after deals, which ended with 3"
    );
}

#[test]
fn runs_shows_the_tables_of_one_sync_together() {
    let stage = stage();
    let whole = document(&done(&stage, "sync owners deals --output json"), 0);
    ends(&stage, "quotas.csv -t quotas", 0);
    let listed = done(&stage, "runs --output json").stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let runs = listed["runs"].as_array().unwrap();
    let names: Vec<_> = (runs.iter())
        .map(|run| run["sync"]["name"].as_str().unwrap_or_default())
        .collect();
    // All began within a second or two, so that the lone one may stand on either side.
    assert_eq!(names.join(" ").trim(), "owners deals");
    let id = whole["sync"].as_str().unwrap();
    let ids = runs.iter().filter(|run| run["sync"]["id"] == id);
    assert_eq!(ids.count(), 2);
    let text = done(&stage, "runs").stdout;
    assert_eq!(text.matches(&format!("  sync {id}")).count(), 2, "{text}");
}

#[test]
fn quiet_says_errors_only_and_whose_they_are() {
    let stage = unused().file("quotas.csv", "id\n1\n1\n");
    let told = ends(&stage, "sync -q", 3);
    assert!(told.stderr.starts_with("error: quotas: "), "{told}");
}
