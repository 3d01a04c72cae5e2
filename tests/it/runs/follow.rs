//! Imports that are followed to their end, and what is said of the table then.

use std::fs;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;
use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind, parse_faults};
use serde_json::{Value, json};

use crate::rig::{Watched, each, runs};
use crate::service::script::{Scripted, Shown, at, entry, finished, rejected};
use crate::stage::{Stage, deals, numbers, options, sorted_ids};
use crate::support::{Folder, below, program, run};

const LINE: &str = "deals.csv -t deals --wait";

fn scripted<const N: usize>(shown: [(&'static str, Vec<Shown>); N]) -> Scripted {
    let ids: Vec<_> = shown.iter().map(|(id, _)| *id).collect();
    let scripted = Scripted::new(&ids, shown);
    scripted.folder.write("deals.csv", deals(3));
    scripted
}

#[test]
fn a_success_is_one_only_where_it_is_proved() {
    let table = |entries: Value| vec![finished(entries)];
    let mut all = String::new();
    for (shown, code) in [
        (table(json!([entry("deals", 3)])), 0),
        (
            table(json!([rejected("other", &[("1", "x")]), entry("deals", 3)])),
            0,
        ),
        (table(json!([entry("deals", Value::Null)])), 0),
        (table(json!([entry("other", 3)])), 7),
        (table(json!([])), 7),
        (table(json!([entry("deals", 2)])), 7),
        (table(json!([entry("deals", 5)])), 7),
        (table(json!([rejected("deals", &[("2", "2.50")])])), 7),
        (table(json!([rejected("deals", &[])])), 7),
        (
            vec![
                Shown::Status(404),
                at("scheduled"),
                finished(json!([entry("deals", 3)])),
            ],
            0,
        ),
        (
            vec![Shown::Status(503), finished(json!([entry("deals", 3)]))],
            0,
        ),
    ] {
        all.push_str(&scripted([("one", shown)]).said(LINE, code));
    }
    assert_snapshot!(all);
}

#[test]
fn an_end_that_is_not_seen_is_8() {
    let mut all = String::new();
    for word in ["started", "failed"] {
        let scripted = scripted([("one", vec![at(word)])]);
        all.push_str(&scripted.said(&format!("{LINE} --wait-timeout 1"), 8));
        all.push_str(&scripted.said("status one -t deals", 8));
    }
    assert_snapshot!(all);
}

/// Whatever was to be expected before the waiting: the end was not seen, and so it is said.
#[test]
fn what_was_not_seen_is_not_said_for_certain() {
    let upsert = (
        "",
        "will hold what is loaded of 3 records, besides what it has",
    );
    let replaces = ["--all", "--all --debounce 2"];
    let replaces = replaces.map(|mode| (mode, "will hold only what is loaded of 3 records"));
    let mut cases = Vec::new();
    for (mode, holds) in [upsert].into_iter().chain(replaces) {
        for shown in [at("started"), Shown::Status(500)] {
            for (file, code) in [("deals.csv", 8), ("bad.csv --max-errors 1", 7)] {
                cases.push((mode, holds, shown.clone(), file, code));
            }
        }
    }
    each(cases, |(mode, holds, shown, file, code)| {
        let scripted = scripted([("one", vec![shown])]);
        let bad = format!("{}4\n", deals(3));
        scripted.folder.write("bad.csv", bad);
        let line = format!("{file} -t deals --wait --wait-timeout 1 {mode}");
        let told = scripted.ends(&line, code);
        let last = told.stderr.lines().last().unwrap();
        assert!(last.contains(holds), "{told}");
        assert!(last.contains("; the end was not seen"), "{told}");
        assert!(!told.stderr.contains("exactly"), "{told}");
        assert_eq!(last.contains("1 rejected record"), code == 7, "{told}");
    });
}

/// An import's answer is read as a push's is: whatever stands before or around it.
#[test]
fn odd_answers_are_read_and_unreadable_ones_are_told_at_once() {
    let clean = json!({ "data_import": { "status": "finished", "data_tables_details": [
        { "data_table_key": "deals", "status": "finished", "number_of_records": 3 } ] } });
    let clean = clean.to_string();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(clean.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let cut = Shown::Raw("", gzip[..gzip.len() - 9].to_vec());
    for shown in [
        vec![Shown::Raw("", format!("\u{feff}{clean}").into_bytes())],
        vec![Shown::Raw("content-encoding: gzip\r\n", gzip.clone())],
        vec![cut, Shown::Raw("", gzip)],
    ] {
        let told = scripted([("one", shown)]).ends(LINE, 0);
        assert!(told.stderr.contains("table `deals` is updated"), "{told}");
    }
    let shown = Shown::Raw("content-encoding: br\r\n", clean.into_bytes());
    let told = scripted([("one", vec![shown])]).ends(LINE, 8);
    let said =
        "import one cannot be followed: the service's answer cannot be read: it is compressed (br)";
    assert!(told.stderr.contains(said), "{told}");
    assert!(told.stderr.contains("; the end was not seen"), "{told}");
}

#[test]
fn a_chunk_after_the_launch_is_at_risk() {
    let early = Shown::Import(json!({
        "status": "finished", "launched_at": "2020-01-01T00:00:00Z",
        "data_tables_details": [entry("deals", 3)],
    }));
    // While sending the window is looked at too: there nothing is launched yet.
    let scripted = scripted([("one", vec![at("scheduled"), early])]);
    let line = format!("{LINE} --all --debounce 2 --chunk-size 2 --chunk-seconds 0.1");
    assert_snapshot!(scripted.said(&line, 6));
}

/// Where each request has an import of its own, any of them may run too early.
#[test]
fn an_import_that_runs_while_the_others_wait_is_at_risk_and_sent_anew() {
    let of = |count: u64| finished(json!([entry("deals", count)]));
    // One answer may be lost, and an import known a moment later.
    let before = [vec![], vec![Shown::Status(500)], vec![Shown::Status(404)]];
    each(before.into(), |before| {
        let scripted = scripted([
            ("one", vec![at("scheduled")]),
            ("two", [before, vec![of(1)]].concat()),
            ("three", vec![at("scheduled"), of(2)]),
            ("four", vec![at("scheduled"), of(1)]),
        ]);
        let line = "deals.csv -t deals --all --debounce 3 --chunk-size 2 --chunk-seconds 0.1";
        let told = scripted.ends(line, 6);
        assert!(
            told.stderr.contains("; table `deals` is at risk: "),
            "{told}"
        );
        let told = scripted.ends("resume --wait", 0);
        let replaced = "table `deals` is replaced: it holds exactly these 3 records\n";
        assert!(told.stderr.ends_with(replaced), "{told}");
        assert_eq!(scripted.bodies().len(), 4, "{told}");
    });
}

#[test]
fn an_answer_about_another_import_is_none() {
    for (said, code) in [("one", 0), ("two", 8)] {
        let shown = Shown::Import(json!({
            "id": said, "status": "finished", "data_tables_details": [entry("deals", 3)],
        }));
        let scripted = scripted([("one", vec![shown])]);
        scripted.ends(&format!("{LINE} --wait-timeout 1"), code);
    }
}

#[test]
fn status_knows_imports_by_their_ids_alone() {
    let clean = vec![finished(json!([entry("deals", 3)]))];
    let gaps = vec![finished(json!([rejected(
        "deals",
        &[("9", "x"), ("8", "y")]
    )]))];
    let refused = vec![Shown::Status(401)];
    let scripted = scripted([("one", clean), ("two", gaps), ("three", refused)]);
    let mut all = String::new();
    for (line, code) in [
        ("status one", 0),
        ("status one one -t deals --output json", 0),
        ("status two", 7),
        ("status one -t other", 7),
        ("status none", 4),
        ("status three", 4),
        ("status", 2),
        ("status --base-url http://127.0.0.1:1 one", 5),
    ] {
        all.push_str(&scripted.said(line, code));
    }
    assert_snapshot!(all);
}

/// What the table holds is said as exactly as the service confirmed it, and no more.
#[test]
fn what_the_table_holds_is_said_for_each_kind_of_end() {
    let counted = |count: u64| vec![finished(json!([entry("deals", count)]))];
    let uncounted = vec![finished(json!([entry("deals", Value::Null)]))];
    let replace = "deals.csv -t deals --wait --all --debounce 900";
    let mut all = String::new();
    for (shown, csv, line, code) in [
        (counted(3), deals(3), replace.to_owned(), 0),
        (uncounted, deals(3), replace.to_owned(), 0),
        (counted(0), deals(0), format!("{replace} --allow-empty"), 0),
        (
            counted(2),
            deals(2) + "3,short\n",
            format!("{replace} --max-errors 1"),
            7,
        ),
        (
            counted(2),
            deals(2) + "3,short\n",
            format!("{LINE} --max-errors 1"),
            7,
        ),
    ] {
        let scripted = scripted([("one", shown)]);
        scripted.folder.write("deals.csv", csv);
        all.push_str(&scripted.said(&line, code));
    }
    assert_snapshot!(all);
}

/// Whoever interrupts `status --wait` is told that the import goes on.
#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_status_that_is_interrupted_says_so() {
    let stage = Stage::new().file("deals.csv", deals(6));
    let pushed = run(&mut stage.push("deals.csv -t deals --all --debounce 900"));
    assert_eq!(pushed.code(), Some(0), "{pushed}");
    let mut status = Watched::start(stage.process("status --wait"));
    status.says(": scheduled");
    status.signal("TERM");
    let told = status.end();
    assert_eq!(told.code(), Some(143), "{told}");
    assert_snapshot!(stage.tidy(&told));
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=6));
}

/// A service that reads amounts as numbers, and a push that sends them as text.
fn strict() -> Stage {
    strict_with("")
}

fn strict_with(faults: &str) -> Stage {
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
    };
    Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        faults: parse_faults(faults).unwrap(),
        ..options()
    })
}

#[test]
fn corrected_rejects_are_pushed_until_there_is_no_gap() {
    let csv = deals(6).replace("2.50", "two").replace("5.50", "five");
    let stage = strict().file("deals.csv", csv);
    let line = "deals.csv -t deals --all --wait --rejects first.csv";
    let first = run(&mut stage.push(line));
    assert_eq!(first.code(), Some(7), "{first}");
    assert_snapshot!(stage.tidy(&first));
    let read = |name: &str| fs::read_to_string(stage.folder().path().join(name)).unwrap();
    assert_snapshot!(read("first.csv"));

    stage
        .folder()
        .write("first.csv", read("first.csv").replace(",two,", ",2.50,"));
    let second = run(&mut stage.push("first.csv -t deals --wait --rejects second.csv"));
    assert_eq!(second.code(), Some(7), "{second}");
    stage
        .folder()
        .write("second.csv", read("second.csv").replace(",five,", ",5.50,"));
    let third = run(&mut stage.push("second.csv -t deals --wait --rejects third.csv"));
    assert_eq!(third.code(), Some(0), "{third}");
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=6));
    assert!(!stage.folder().path().join("third.csv").exists());
}

/// What an earlier process sent counts, and all rejects end up in one file.
#[test]
fn a_resumption_is_followed_too() {
    let csv = deals(7)
        .replace("2.50", "two")
        .replace("6.50", "six")
        .replace("7,Deal 7,7.50", "7,short");
    let stage = strict_with("503@2").file("deals.csv", csv);
    let line = "deals.csv -t deals --chunk-size 4 --jobs 1 --retry-for 0 --max-errors 1 --wait";
    let part = run(&mut stage.push(line));
    assert_eq!(part.code(), Some(6), "{part}");
    let told = run(&mut stage.push("resume --wait --output json"));
    assert_eq!(told.code(), Some(7), "{told}");
    let receipt: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(receipt["table_state"], "gaps");
    assert_eq!(receipt["counts"]["rejected_by_service"], 2, "{told}");
    assert_eq!(receipt["imports"].as_array().unwrap().len(), 2, "{told}");
    let rejects = fs::read_to_string(receipt["rejects"].as_str().unwrap()).unwrap();
    assert_snapshot!(below(stage.folder().path(), &rejects));
}

#[test]
#[cfg_attr(windows, ignore = "it is typed into a shell of Unix")]
fn ids_are_piped_to_status() {
    let stage = strict().file("deals.csv", deals(6));
    let mut shell = stage.process("");
    let program = program().display().to_string();
    let line = format!("{program} deals.csv -t deals -q | xargs -r {program} status --wait");
    let mut piped = std::process::Command::new("sh");
    piped
        .args(["-c", &line])
        .current_dir(stage.folder().path())
        .env_clear();
    piped.env("PATH", std::env::var_os("PATH").unwrap());
    piped.envs(
        shell
            .env("X", "")
            .get_envs()
            .filter_map(|(k, v)| Some((k, v?))),
    );
    let told = run(&mut assert_cmd::Command::from_std(piped));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_snapshot!(stage.tidy(&told));
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn whatever_ends_the_waiting_ends_nothing_else() {
    for (signal, code) in [("INT", Some(130)), ("TERM", Some(143)), ("KILL", None)] {
        let stage = Stage::new().file("deals.csv", deals(6));
        let line = "deals.csv -t deals --all --debounce 900 --wait";
        let mut push = Watched::start(stage.process(line));
        push.says("following 1 import");
        push.says(": scheduled");
        push.signal(signal);
        let told = push.end();
        assert_eq!(told.code(), code, "{told}");
        if code.is_some() {
            assert!(told.stderr.contains("only the waiting stopped"), "{told}");
            assert!(told.stderr.contains("qobra-push status "), "{told}");
        }
        let resumed = run(&mut stage.push("resume"));
        assert_eq!(resumed.stderr, "nothing to resume\n");
        assert_eq!(runs(&stage).len(), 1);
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=6));
        let told = run(&mut stage.push("status --wait"));
        assert_eq!(told.code(), Some(0), "{told}");
        assert!(told.stderr.ends_with("table `deals`: replaced\n"), "{told}");
    }
}

/// A dropped terminal ends no waiting: the ids and the outcome are what the push is asked for.
#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_dropped_terminal_does_not_end_the_waiting() {
    let stage = Stage::new().file("deals.csv", deals(6));
    let line = "deals.csv -t deals --all --debounce 900 --wait --wait-timeout 2";
    let mut push = Watched::start(stage.process(line));
    push.says(": scheduled");
    push.signal("HUP");
    let told = push.end();
    assert_eq!(told.code(), Some(8), "{told}");
    assert!(!told.stderr.contains("only the waiting stopped"), "{told}");
}

#[test]
fn a_rehearsal_is_followed_too() {
    let folder = Folder::new().with("deals.csv", deals(6));
    let line = "deals.csv -t deals --all --debounce 900 --sandbox --wait";
    let told = run(folder.push().args(line.split(' ')));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_snapshot!(told.tidy());
}
