//! Every exit after reading began prints one receipt of the published form, and keeps it.

use std::fs;
use std::path::Path;

use insta::assert_snapshot;
use qobra_push::SandboxOptions;
use regex::Regex;
use serde_json::{Value, json};

use crate::rig::runs;
use crate::service::script::{Scripted, at, entry, finished, rejected};
use crate::stage::{Stage, deals, options};
use crate::support::{below, receipt, run, tidy};

/// A receipt without what differs from run to run.
pub fn shown(document: &Value, folder: &Path) -> String {
    let text = serde_json::to_string_pretty(document).unwrap();
    let mut text = tidy(&below(folder, &text));
    for (pattern, blot) in [
        (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "TIME"),
        (r#""seconds": [0-9.e-]+"#, r#""seconds": "SECONDS""#),
        (r#""version": "[^"]+""#, r#""version": "VERSION""#),
    ] {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, blot)
            .into_owned();
    }
    text
}

#[test]
fn a_push_that_went_well() {
    let stage = Stage::new().file("deals.csv", deals(6));
    let told = run(&mut stage
        .push("deals.csv -t deals --all --debounce 900 --chunk-size 4 --jobs 1 --output json"));
    let document = receipt(&told, 0);
    let kept = fs::read_to_string(runs(&stage)[0].join("receipt.json")).unwrap();
    assert_eq!(kept.trim_end(), told.stdout.trim_end());
    assert_snapshot!(shown(&document, stage.folder().path()));
}

#[test]
fn a_dry_run_prints_one_without_a_run() {
    let stage = Stage::unused().file("deals.csv", deals(6));
    let told = run(&mut stage.push("deals.csv -t deals --dry-run --output json"));
    let document = receipt(&told, 0);
    assert_eq!(document["run"], Value::Null);
    assert_eq!(document["table_state"], "untouched");
    assert_eq!(document["counts"]["not_sent"], 6);
}

#[test]
fn refusals_have_one_too() {
    let stage = Stage::unused().file("twice.csv", "id,name\n1,a\n1,b\n");
    for more in ["", "--dry-run"] {
        let line = format!("twice.csv -t deals --output json {more}");
        let document = receipt(&run(&mut stage.push(&line)), 3);
        assert_eq!(document["table_state"], "untouched");
        assert!(document["errors"][0]["message"].is_string());
    }

    let stage = Stage::of(SandboxOptions {
        key: Some("another".to_owned()),
        ..options()
    })
    .file("deals.csv", deals(6));
    let told = run(&mut stage.push("deals.csv -t deals --output json"));
    let document = receipt(&told, 4);
    assert_eq!(document["table_state"], "untouched");
    assert_eq!(document["chunks"][0]["state"], "refused");
}

/// What was read until a refusal, as `[read, rejected_locally, to_send]`, and whether its rejects are
/// named.
fn refused(stage: &Stage, line: &str, code: i32) -> ([u64; 3], bool) {
    let document = receipt(
        &run(&mut stage.push(&format!("{line} --output json"))),
        code,
    );
    assert_eq!(document["table_state"], "untouched", "{document}");
    let counts = &document["counts"];
    assert_eq!(counts["to_send"], counts["not_sent"], "{document}");
    let count = |name: &str| counts[name].as_u64().unwrap();
    let rejects = document["rejects"].as_str();
    assert!(
        rejects.is_none_or(|path| stage.folder().path().join(path).exists()),
        "{document}"
    );
    let counted = ["read", "rejected_locally", "to_send"].map(count);
    (counted, rejects.is_some())
}

#[test]
fn refusals_count_what_was_read_and_name_the_rejects() {
    let stage = Stage::unused()
        .file("bad.csv", deals(5) + "6,short\n7,Deal 7,7.50\n")
        .file("nothing.csv", "id,name\n,a\n")
        .file("twice.csv", "id,name\n1,a\n1,b\n2,c\n")
        .file("deals.csv", deals(6))
        .file(
            "map.toml",
            "[fields]\nid = 'id'\nname = 'name'\nmore = 'more'\n",
        )
        .file(
            "deals.ndjson",
            "{\"id\":1,\"name\":\"a\"}\n{\"id\":2,\"name\":\"b\"}\n",
        );
    for (line, code, counted, has_rejects) in [
        ("bad.csv -t deals", 3, [7, 1, 6], true),
        ("bad.csv -t deals --rejects mine.csv", 3, [7, 1, 6], true),
        ("bad.csv -t deals --dry-run", 3, [7, 1, 6], false),
        ("bad.csv -t deals --sandbox", 3, [7, 1, 6], false),
        ("nothing.csv -t deals --max-errors 1", 7, [1, 1, 0], true),
        ("twice.csv -t deals", 3, [3, 0, 3], false),
        // Refused by a guard, once all is proved: with and without records left out before.
        (
            "deals.csv -t deals --all --chunk-size 2",
            3,
            [6, 0, 6],
            false,
        ),
        (
            "bad.csv -t deals --all --chunk-size 2 --max-errors 1",
            3,
            [7, 1, 6],
            true,
        ),
        ("deals.ndjson -t deals -m map.toml", 2, [2, 0, 2], false),
    ] {
        assert_eq!(
            refused(&stage, line, code),
            (counted, has_rejects),
            "{line}"
        );
    }
}

/// Reading that ends early counts what it read until then.
#[test]
fn an_encoding_fault_counts_the_records_before_it() {
    let mut csv = deals(100_000).into_bytes();
    csv.extend(b"100001,\xff,1.00\n");
    let stage = Stage::unused().file("latin.csv", &csv).file(
        "short.csv",
        [deals(9).as_bytes(), b"10,short\n", &csv[15..]].concat(),
    );
    let ([read, bad, good], has_rejects) = refused(&stage, "latin.csv -t deals", 3);
    assert!(
        (1..=100_000).contains(&read) && (bad, good) == (0, read),
        "{read}"
    );
    assert!(!has_rejects);
    let ([read, bad, good], has_rejects) = refused(&stage, "short.csv -t deals", 3);
    assert!(
        read > 10 && (bad, good) == (1, read - 1),
        "{read} {bad} {good}"
    );
    assert!(has_rejects);
}

#[test]
fn a_push_in_part_and_its_resumption() {
    let stage = Stage::with_faults("503@2").file("deals.csv", deals(6));
    let line = "deals.csv -t deals --chunk-size 4 --jobs 1 --retry-for 0 --output json";
    let part = receipt(&run(&mut stage.push(line)), 6);
    assert_eq!(part["table_state"], "at_risk");
    assert_eq!(part["counts"]["not_sent"], 2);
    // A resumption that is refused tells what the run left, not what it did itself.
    stage.folder().write("deals.csv", deals(7));
    let changed = receipt(&run(&mut stage.push("resume --output json")), 3);
    assert_eq!(changed["table_state"], "at_risk");
    assert_eq!(changed["counts"], part["counts"]);
    stage.folder().write("deals.csv", deals(6));
    let whole = receipt(&run(&mut stage.push("resume --output json")), 0);
    assert_eq!(whole["counts"]["accepted"], 6);
    assert_eq!(whole["chunks"].as_array().unwrap().len(), 2);
    assert_eq!(whole["run"], part["run"]);
}

#[test]
fn what_was_followed_is_in_it() {
    let scripted = |shown| {
        let scripted = Scripted::new(&["one"], [("one", vec![shown])]);
        scripted.folder.write("deals.csv", deals(6));
        scripted
    };
    let line = "deals.csv -t deals --output json --wait";

    let good = scripted(finished(json!([entry("deals", 6)])));
    let document = receipt(&good.ends(line, 0), 0);
    assert_eq!(document["table_state"], "updated");
    let import = json!([{ "id": "one", "status": "finished", "records": 6, "error": null }]);
    assert_eq!(document["imports"], import);

    let gaps = scripted(finished(json!([rejected(
        "deals",
        &[("2", "secret-value")]
    )])));
    let told = gaps.ends(line, 7);
    let document = receipt(&told, 7);
    assert_eq!(document["counts"]["rejected_by_service"], 1);
    assert!(document["rejects"].is_string(), "{told}");
    // Values of records are in the rejects file only.
    assert!(!told.stdout.contains("secret-value"), "{told}");

    let open = scripted(at("started"));
    let document = receipt(&open.ends(&format!("{line} --wait-timeout 1"), 8), 8);
    assert_eq!(document["table_state"], "pending");
}
