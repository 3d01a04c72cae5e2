//! A dry run's document as a plan: exactly that is pushed, or nothing, and what moved is named.

use insta::assert_snapshot;
use serde_json::Value;

use crate::rig::{done, ends, said};
use crate::stage::{OLD, Stage, deals, ids};
use crate::support::{Told, receipt, run};

const MAPPING: &str = "table = 'deals'\n[guard]\nmax_hollow = '20%'\n[fields]\nid = 'id'\nname = 'name'\n\
                       amount = { column = 'amount', type = 'number' }\n";

/// A line whose dry run is approved.
const LINE: &str = "deals.csv -m deals.toml --chunk-size 10";

fn stage(stage: Stage) -> Stage {
    stage
        .file("deals.csv", deals(40))
        .file("deals.toml", MAPPING)
}

/// Approves what a line would push, as `plan.json`.
fn approve(stage: &Stage, line: &str) -> Value {
    let told = run(&mut stage.push(&format!("{line} --dry-run --output json")));
    let document = receipt(&told, 0);
    stage.folder().write("plan.json", &told.stdout);
    document
}

/// What is said of a line that is not what was approved; the table stays as it was.
fn refused(stage: &Stage, line: &str) -> String {
    let told = said(stage, &format!("{line} --plan plan.json"), 3);
    assert_eq!(ids(&stage.held()), OLD);
    told
}

#[test]
fn what_was_approved_is_pushed() {
    let stage = stage(Stage::new());
    approve(&stage, LINE);
    // A dry run says so too.
    ends(&stage, &format!("{LINE} --dry-run --plan plan.json"), 0);
    assert!(stage.requests().is_empty());
    ends(&stage, &format!("{LINE} --plan plan.json"), 0);
    assert_eq!(stage.new_ids().len(), 40);
}

/// As PowerShell's `>` writes it, and an editor with a mark.
#[test]
fn a_plan_may_be_written_in_any_utf() {
    let stage = stage(Stage::new());
    let plan = approve(&stage, LINE).to_string();
    let utf_16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        let units = std::iter::once(0xFEFF).chain(plan.encode_utf16());
        units.flat_map(bytes).collect()
    };
    let marked = format!("\u{feff}{plan}").into_bytes();
    for plan in [utf_16(u16::to_le_bytes), utf_16(u16::to_be_bytes), marked] {
        stage.folder().write("plan.json", plan);
        ends(&stage, &format!("{LINE} --dry-run --plan plan.json"), 0);
    }
    ends(&stage, &format!("{LINE} --plan plan.json"), 0);
    assert_eq!(stage.new_ids().len(), 40);
}

#[test]
fn what_is_read_counts_and_not_where_it_stands() {
    let stage = stage(Stage::new()).file("copy.csv", deals(40));
    let line = "--chunk-size 10 -t deals --format csv";
    approve(&stage, &format!("deals.csv {line}"));
    ends(&stage, &format!("copy.csv {line} --plan plan.json"), 0);
    assert_eq!(stage.new_ids().len(), 40);
    let piped = format!("- {line} --plan plan.json");
    let told = run(stage.push(&piped).write_stdin(deals(40)));
    assert_eq!(told.code(), Some(0), "{told}");
    let told = run(stage.push(&piped).write_stdin(deals(41)));
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(
        told.stderr.contains("input: standard input is not"),
        "{told}"
    );
    // Approved as a stream, pushed as a file.
    let approving = format!("- {line} --dry-run --output json");
    let told = run(stage.push(&approving).write_stdin(deals(41)));
    stage.folder().write("plan.json", &told.stdout);
    stage.folder().write("copy.csv", deals(41));
    ends(&stage, &format!("copy.csv {line} --plan plan.json"), 0);
    assert_eq!(stage.new_ids().len(), 41);
}

/// Approved at nine, one cell changed, pushed at ten.
#[test]
fn one_cell_that_changed() {
    let stage = stage(Stage::unused());
    approve(&stage, LINE);
    let csv = deals(40).replace("7,Deal 7,7.50", "7,Deal 7,8.50");
    stage.folder().write("deals.csv", csv);
    let mut told = refused(&stage, LINE);
    // A record more is told with its count.
    stage.folder().write("deals.csv", deals(41));
    told.push_str(&refused(&stage, LINE));
    assert_snapshot!(told);
    let dry = format!("{LINE} --dry-run --plan plan.json");
    assert!(said(&stage, &dry, 3).contains("records to send: 40 approved, 41 now"));
    let told = done(&stage, &format!("{LINE} --plan plan.json --output json"));
    let document = receipt(&told, 3);
    assert_eq!(document["table_state"], "untouched");
    let message = document["errors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("\n  input: deals.csv is not what was approved"),
        "{message}"
    );
}

#[test]
fn whatever_moved_is_named() {
    let stage = stage(Stage::unused())
        .file("copy.csv", deals(40))
        .file("renamed.toml", MAPPING)
        .file("other.toml", format!("{MAPPING}note = 'name'\n"));
    approve(&stage, LINE);
    let told = [
        "deals.csv -m other.toml --chunk-size 10",
        "deals.csv -t deals --chunk-size 10",
        "deals.csv -m renamed.toml --chunk-size 20 --max-body 1MiB --duplicates first --max-errors 1%",
        "deals.csv -m deals.toml --chunk-size 10 --format csv --delimiter , --encoding utf-8",
        "deals.csv -m deals.toml --chunk-size 10 --all --debounce 900 --allow-empty",
        "deals.csv -m deals.toml --chunk-size 10 --min-records 1 --max-shrink 40% --max-hollow 21% \
         --min-overlap 10% --max-changed 5% --allow-frozen all",
        "deals.csv -m deals.toml --chunk-size 10 -t others --id-field name",
        "deals.csv -m deals.toml --chunk-size 10 --base-url http://127.0.0.1:9/",
        "deals.csv copy.csv -m deals.toml --chunk-size 10 --duplicates last",
    ]
    .map(|line| refused(&stage, line));
    assert_snapshot!(told.concat());
}

/// A guard that fails besides is told besides.
#[test]
fn guards_and_the_plan_are_told_together() {
    let stage = stage(Stage::unused());
    approve(&stage, LINE);
    assert_snapshot!(refused(&stage, &format!("{LINE} --min-records 41")));
}

#[test]
fn what_is_no_plan() {
    let stage = stage(Stage::new());
    let push = done(&stage, &format!("{LINE} --output json"));
    let refused = done(
        &stage,
        &format!("{LINE} --min-records 41 --dry-run --output json"),
    );
    let unproved = done(&stage, "nothing.csv -t deals --dry-run --output json");
    let files: [(&str, &str); 5] = [
        ("push.json", &push.stdout),
        ("refused.json", &refused.stdout),
        ("unproved.json", &unproved.stdout),
        ("empty.json", ""),
        ("deals.json", "{\"id\": 1}"),
    ];
    for (name, content) in files {
        stage.folder().write(name, content);
    }
    let names = files.map(|(name, _)| name).into_iter();
    let told = names.chain(["missing.json", "."]).map(|name| {
        let told: Told = done(&stage, &format!("{LINE} --plan {name}"));
        format!("{name}\n{}\n", stage.tidy(&told))
    });
    assert_snapshot!(told.collect::<String>());
    let rehearsed = done(&stage, &format!("{LINE} --sandbox --plan plan.json"));
    assert_eq!(rehearsed.code(), Some(2), "{rehearsed}");
}

/// What goes to a second pair of eyes has no values of records, and is a plan all the same.
#[test]
fn a_plan_without_samples() {
    let stage = stage(Stage::new()).file(
        "deals.csv",
        "id,name,amount,bonus,note\nD-1,Secret,4711.50,815,hidden\nD-2,Secret too,4712.50,,hidden\n",
    );
    stage.folder().write(
        "deals.toml",
        format!(
            "{MAPPING}currency = {{ value = 'SECRET' }}\n\
             bonus = {{ column = 'bonus', type = 'number' }}\n"
        ),
    );
    let line = "deals.csv -m deals.toml --no-samples";
    let shown = said(&stage, &format!("{line} --dry-run"), 0);
    assert_snapshot!(shown);
    let document = approve(&stage, line);
    assert_eq!(document["dry_run"]["first_records"], serde_json::json!([]));
    for text in [shown, document.to_string()] {
        for value in ["Secret", "SECRET", "4711", "4712", "815", "hidden", "D-1"] {
            assert!(!text.contains(value), "{value}: {text}");
        }
    }
    // It belongs to a dry run only.
    assert_eq!(done(&stage, line).code(), Some(2));
    ends(&stage, "deals.csv -m deals.toml --plan plan.json", 0);
    assert_eq!(stage.new_ids(), ["D-1", "D-2"]);
}
