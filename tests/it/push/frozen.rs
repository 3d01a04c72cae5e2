//! Guards, closed periods and plans with a base: what they say, and the override that lets it through.

use std::fs;

use insta::assert_snapshot;
use regex::Regex;
use serde_json::Value;

use crate::rig::{done, ends, runs, said};
use crate::stage::{Stage, deals, deals_from};
use crate::support::receipt;

/// Two Decembers and two Januaries.
const DAYS: &str = "id,name,closed,owner\n1,a,2025-12-30,x\n2,b,2025-12-31,x\n3,c,2026-01-01,y\n4,d,2026-01-02,y\n";

const FREEZE: &str = "table = 'deals'\n[freeze]\nfield = 'closed'\nbefore = 2026-01-01\n[fields]\nid = 'id'\n\
                      name = 'name'\nowner = 'owner'\nclosed = { column = 'closed', type = 'date' }\n";

/// Deals of a closed year, pushed once.
fn closed() -> Stage {
    let stage = Stage::new()
        .file("deals.csv", DAYS)
        .file("deals.toml", FREEZE);
    ends(
        &stage,
        "deals.csv -m deals.toml --all --allow-frozen all",
        0,
    );
    stage.settled();
    stage
}

fn replace_in(stage: &Stage, edits: &[(&str, &str)]) {
    let path = stage.folder().path().join("deals.csv");
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in edits {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replacen(from, to, 1);
    }
    fs::write(path, text).unwrap();
}

/// What the last run listed.
fn listed(stage: &Stage) -> String {
    fs::read_to_string(runs(stage).pop().unwrap().join("frozen.csv")).unwrap()
}

#[test]
fn one_december_deal_moved_to_january() {
    let list = "id,what,old_day,new_day,fields\n2,changed,2025-12-31,2026-01-01,closed\n";
    for mode in ["", "--all"] {
        let stage = closed();
        let before = stage.held().records;
        replace_in(&stage, &[("2025-12-31", "2026-01-01")]);
        let line = format!("deals.csv -m deals.toml {mode}");
        let refused = said(&stage, &line, 3);
        let told = "error: 1 record of the frozen period (`closed` before 2026-01-01) is new, changed or \
                    vanished, and 0 may be: `2`\nhint: if that is meant, allow exactly so many with \
                    --allow-frozen 1\n";
        assert!(refused.contains(told), "{refused}");
        assert!(refused.contains("/RUN/frozen.csv\n"), "{refused}");
        // The list stays, and is for its owner alone.
        assert_eq!(listed(&stage), list);
        said(&stage, &format!("{line} --dry-run"), 3);
        assert_eq!(stage.settled().records, before);
        // One more than is allowed is refused again, and all of them are listed.
        replace_in(&stage, &[("1,a,", "1,A,")]);
        ends(&stage, &format!("{line} --allow-frozen 1"), 3);
        let both = list.replace("\n2,", "\n1,changed,2025-12-30,2025-12-30,name\n2,");
        let mut lines: Vec<_> = listed(&stage).lines().map(str::to_owned).collect();
        lines[1..].sort();
        assert_eq!(lines.join("\n") + "\n", both);
        assert_eq!(stage.settled().records, before);
        ends(&stage, &format!("{line} --allow-frozen 2"), 0);
        stage.settled();
        // From now on it is one of January's.
        replace_in(&stage, &[("2,b,2026-01-01", "2,B,2026-01-03")]);
        ends(&stage, &line, 0);
        assert!(stage.new_json()[1].contains("\"name\":\"B\""));
    }
}

/// New in a closed period, out of it, into it; a replace deletes, an upsert does not.
#[test]
fn each_way_to_touch_a_closed_period() {
    let stage = closed();
    stage.folder().write(
        "deals.csv",
        "id,name,closed,owner\n2,b,2025-12-31,z\n3,c,2025-12-01,y\n4,D,2026-01-02,y\n5,e,2024-02-29,x\n6,f,2026-02-01,x\n",
    );
    let mut all = String::new();
    for mode in ["", "--all"] {
        all.push_str(&said(&stage, &format!("deals.csv -m deals.toml {mode}"), 3));
        let list = listed(&stage);
        let mut lines: Vec<_> = list.lines().collect();
        lines[1..].sort_unstable();
        all.push_str(&format!("frozen.csv\n{}\n\n", lines.join("\n")));
    }
    assert_snapshot!(all);
}

/// Whatever speaks against a file is told at once, with numbers, and each has an override that works.
#[test]
fn guards_with_a_base() {
    let stage = Stage::new().file("deals.csv", deals(20));
    ends(&stage, "deals.csv -t deals --all", 0);
    stage.settled();
    let cells = Regex::new(r"(?m),[^,]*$").unwrap();
    let csv = deals(20);
    let hollow = cells
        .replace_all(&csv, ",")
        .replacen("name,", "name,amount", 1);
    let gone = cells.replace_all(&csv, "").into_owned();
    let mut all = String::new();
    for (csv, more, allowed) in [
        (hollow, "--all", "--max-hollow 100%"),
        (gone, "--all", "--max-hollow 100%"),
        (deals_from(101, 120), "--all", "--min-overlap 0%"),
        (
            deals(20).replace("Deal 1", "Case 1"),
            "--all --max-changed 50%",
            "--max-changed 55%",
        ),
        (
            deals(20).replace("Deal 1", "Case 1"),
            "--max-changed 50%",
            "--max-changed 55%",
        ),
        (deals(9), "--all", "--max-shrink 55%"),
    ] {
        stage.folder().write("deals.csv", csv);
        let line = format!("deals.csv -t deals {more}");
        let before = stage.held().records;
        all.push_str(&said(&stage, &line, 3));
        assert_eq!(stage.settled().records, before);
        let line = line.replace("--max-changed 50%", "");
        ends(&stage, &format!("{line} {allowed}"), 0);
        stage.settled();
        assert_ne!(stage.held().records, before, "{line}");
        stage.folder().write("deals.csv", deals(20));
        ends(&stage, "deals.csv -t deals --all --min-overlap 0%", 0);
        stage.settled();
    }
    assert_snapshot!(all);
}

/// Approves what a line would push, as `plan.json`.
fn approve(stage: &Stage, line: &str) -> Value {
    let told = done(stage, &format!("{line} --dry-run --output json"));
    stage.folder().write("plan.json", &told.stdout);
    receipt(&told, 0)
}

/// Another push between the approval and the push: what it is compared with is another content.
#[test]
fn a_plan_of_another_base() {
    let stage = Stage::new()
        .file("deals.csv", deals(9))
        .file("other.csv", deals_from(9, 10));
    let line = "deals.csv -t deals --all";
    ends(&stage, line, 0);
    stage.settled();
    stage
        .folder()
        .write("deals.csv", deals(9).replace("Deal 4", "Case 4"));
    approve(&stage, line);
    ends(&stage, "other.csv -t deals", 0);
    let before = stage.settled().records;
    assert_snapshot!(said(&stage, &format!("{line} --plan plan.json"), 3));
    assert_eq!(stage.settled().records, before);
    approve(&stage, line);
    ends(&stage, &format!("{line} --plan plan.json"), 0);
    assert_eq!(stage.new_ids().len(), 9);
}

/// No cell of the input and none of the table stands in a plan that goes to others; it is one all the same.
#[test]
fn a_plan_without_samples_has_no_cell() {
    let csv = |amount: &str| {
        format!(
            "id,name,amount,closed\nD-0001,Secret,{amount},2025-11-03\nD-0002,Other secret,471200.5,2025-11-04\n\
             D-0003,Third secret,99887.25,2025-11-05\n"
        )
    };
    let mapping = "table = 'deals'\n[fields]\nid = 'id'\nname = 'name'\namount = { column = 'amount', type = \
                   'number' }\nclosed = { column = 'closed', type = 'date' }\n";
    let stage = Stage::new()
        .file("deals.csv", csv("815.25"))
        .file("deals.toml", mapping);
    let line = "deals.csv -m deals.toml --all";
    ends(&stage, line, 0);
    stage.settled();
    stage
        .folder()
        .write("deals.csv", csv("816.25").replace("D-0003", "D-0004"));
    let plan = approve(&stage, &format!("{line} --no-samples"));
    assert_eq!(
        plan["changes"]["changed"],
        serde_json::json!({"count": 1, "ids": []})
    );
    assert_eq!(plan["changes"]["vanished"]["count"], 1);
    let text = plan.to_string();
    for table in [csv("815.25"), csv("816.25").replace("D-0003", "D-0004")] {
        for cell in table.lines().skip(1).flat_map(|line| line.split(',')) {
            assert!(!text.contains(cell), "{cell}: {text}");
        }
    }
    ends(&stage, &format!("{line} --plan plan.json"), 0);
    assert_eq!(stage.new_ids(), ["D-0001", "D-0002", "D-0004"]);
}
