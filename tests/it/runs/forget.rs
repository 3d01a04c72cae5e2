//! `forget`: what goes is named first, and what goes is gone; nothing half removed lies.

use std::fs;
use std::path::PathBuf;

use insta::assert_snapshot;
use qobra_push::SandboxOptions;
use regex::Regex;
use serde_json::{Value, json};

use crate::rig::{
    REPLACE, UPSERT, Watched, ends, entries, folder_name, killed_at, posts, runs, said, until,
};
use crate::stage::{Stage, deals, options, table};

const ALL: &str = "forget -t deals --all --yes";

/// Two runs, of which the second one kept a payload.
fn stage() -> Stage {
    let stage = Stage::new().file("deals.csv", deals(12));
    ends(&stage, "deals.csv -t deals --all", 0);
    ends(&stage, UPSERT, 0);
    let last = runs(&stage).pop().unwrap();
    fs::write(last.join("kept.json"), "{}").unwrap();
    fs::write(last.join("kept.ndjson.zst"), [0; 2_000]).unwrap();
    stage
}

/// Sizes differ with the times in journals.
fn told(stage: &Stage, line: &str, code: i32) -> String {
    let size = Regex::new(r"\b\d+(\.\d+)? (KiB|B|MiB)\b").unwrap();
    let said = said(stage, line, code);
    size.replace_all(&said, "SIZE").into_owned()
}

/// All files below the folders of runs, but for the lock.
fn files(stage: &Stage) -> Vec<PathBuf> {
    let mut files: Vec<_> = runs(stage).iter().flat_map(|run| entries(run)).collect();
    files.sort();
    files
}

#[test]
fn what_goes_is_named_and_must_be_agreed_to() {
    let stage = stage();
    let before = files(&stage);
    let mut all = String::new();
    for (line, code) in [
        ("forget", 2),
        ("forget -t deals", 2),
        ("forget -t deals --kept --all", 2),
        ("forget -t deals --all", 2),
        ("forget -t deals --kept", 2),
        ("forget -t other --all", 0),
        ("forget -t other", 0),
        (
            "forget -t deals --all --base-url https://elsewhere.example",
            0,
        ),
        ("forget -t a/b --all", 0),
    ] {
        all.push_str(&told(&stage, line, code));
        assert_eq!(files(&stage), before, "{line}");
    }
    all.push_str(&told(&stage, "forget -t deals --kept --yes", 0));
    let is_payload = |path: &PathBuf| folder_name(path).starts_with("kept");
    let rest: Vec<_> = before
        .into_iter()
        .filter(|path| !is_payload(path))
        .collect();
    assert_eq!(files(&stage), rest);
    all.push_str(&told(&stage, "forget -t deals --kept", 0));
    all.push_str(&told(&stage, ALL, 0));
    assert_eq!(runs(&stage), Vec::<PathBuf>::new());
    all.push_str(&told(&stage, ALL, 0));
    all.push_str(&told(&stage, "runs", 0));
    assert_snapshot!(all);
}

#[test]
fn the_next_push_is_the_first_one() {
    let stage = stage();
    ends(&stage, ALL, 0);
    let told = ends(&stage, "deals.csv -t deals --all", 0);
    assert!(
        told.stderr.contains("no push to this table is known here"),
        "{told}"
    );
    assert_eq!(runs(&stage).len(), 1);
}

#[test]
fn other_tables_and_other_addresses_stay() {
    let other = Stage::new();
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "id"), table("people", "id")],
        ..options()
    })
    .file("deals.csv", deals(3));
    ends(&stage, "deals.csv -t people", 0);
    ends(&stage, "deals.csv -t deals", 0);
    let there = format!("deals.csv -t deals --base-url {}", other.url());
    ends(&stage, &there, 0);
    let line = format!("{ALL} --base-url {} --output json", other.url());
    let told = ends(&stage, &line, 0);
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(document["removed"], true);
    let tables = document["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 1);
    assert_eq!(tables[0]["base_url"], other.url());
    assert_eq!(
        (&tables[0]["runs"], &tables[0]["bases"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(runs(&stage).len(), 2);
    ends(&stage, &there, 0);
    let told = ends(&stage, &format!("{ALL} --output json"), 0);
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(document["tables"].as_array().unwrap().len(), 2);
    let left: Vec<_> = runs(&stage);
    assert_eq!(left.len(), 1);
    assert!(left[0].iter().any(|part| part == "people"), "{left:?}");
}

#[test]
fn an_open_run_and_a_replace_that_may_wait_stay() {
    let stage = Stage::new().file("deals.csv", deals(23));
    assert!(killed_at(&stage, UPSERT, "journal-answer-after:1"));
    for what in ["--all", "--kept"] {
        fs::write(runs(&stage)[0].join("kept.json"), "{}").unwrap();
        let told = ends(&stage, &format!("forget -t deals {what} --yes"), 3);
        assert!(told.stderr.contains("is open"), "{told}");
        assert!(told.stderr.contains("qobra-push resume 2"), "{told}");
        assert!(runs(&stage)[0].join("journal.jsonl").exists());
        assert!(runs(&stage)[0].join("kept.json").exists());
    }
    ends(&stage, "resume", 0);
    ends(&stage, ALL, 0);

    ends(&stage, REPLACE, 0);
    let told = ends(&stage, ALL, 3);
    assert!(
        told.stderr
            .contains("may still be waiting at the service: until "),
        "{told}"
    );
    assert!(
        told.stderr
            .contains("qobra-push status --table deals --wait"),
        "{told}"
    );
    assert_eq!(runs(&stage).len(), 1);
    // The payloads are nothing that anybody has to know of.
    ends(&stage, "forget -t deals --kept --yes", 0);
    stage.settled();
    ends(&stage, "status --table deals --wait", 0);
    ends(&stage, ALL, 0);
    assert_eq!(runs(&stage).len(), 0);
}

#[test]
fn a_push_that_has_the_table_keeps_it() {
    let stage = Stage::new().file("deals.csv", deals(23));
    ends(&stage, REPLACE, 0);
    let asked = stage.requests().len();
    let push = Watched::start(stage.process(UPSERT));
    until(|| (stage.requests().len() > asked).then_some(()));
    let told = ends(&stage, ALL, 9);
    assert!(
        told.stderr
            .contains("another push to this table is running"),
        "{told}"
    );
    assert_eq!(runs(&stage).len(), 2);
    stage.settled();
    assert_eq!(push.end().code(), Some(0));
    assert!(posts(&stage).len() > 5);
}

#[test]
fn a_kill_in_the_middle_leaves_all_or_nothing() {
    for (point, line) in [
        ("forget-before:1", ALL),
        ("forget-renamed:1", ALL),
        ("forget-payload:1", "forget -t deals --kept --yes"),
    ] {
        let stage = stage();
        let before = files(&stage);
        assert!(killed_at(&stage, line, point), "{point}");
        let told = ends(&stage, "deals.csv -t deals --dry-run", 0);
        let is_known = told.stderr.contains("  changes   since run ");
        let is_gone = point.starts_with("forget-renamed");
        assert_eq!(is_known, !is_gone, "{point}: {told}");
        assert_eq!(files(&stage).is_empty(), is_gone, "{point}");
        if point.starts_with("forget-payload") {
            // Data without its description is no payload.
            assert_eq!(files(&stage).len(), before.len() - 1);
            assert!(
                !files(&stage)
                    .iter()
                    .any(|path| folder_name(path) == "kept.json")
            );
        }
        // What is left goes with the next push, or when it is said again.
        let folder = runs_folder(&stage);
        if is_gone {
            assert!(folder.join("forgotten").exists());
            ends(&stage, "deals.csv -t deals", 0);
            assert!(!folder.join("forgotten").exists(), "{point}");
            assert!(killed_at(&stage, line, point), "{point}");
        }
        ends(&stage, line, 0);
        assert!(!folder.join("forgotten").exists(), "{point}");
        ends(&stage, ALL, 0);
        assert_eq!(files(&stage), Vec::<PathBuf>::new(), "{point}");
    }
}

/// The folder of the table.
fn runs_folder(stage: &Stage) -> PathBuf {
    let state = stage.folder().path().join("state");
    let address = entries(&state).into_iter().find(|path| path.is_dir());
    address.unwrap().join("deals")
}

#[cfg(unix)]
#[test]
fn at_a_terminal_it_asks() {
    for (answer, is_gone) in [
        ("y\n", true),
        ("Yes\n", true),
        ("\n", false),
        ("n\n", false),
        ("\u{4}", false),
    ] {
        let stage = stage();
        let (code, told) = answered(&stage, "forget -t deals --all", answer);
        assert_eq!(code, Some(0), "{told}");
        assert!(
            told.contains("remove all that is known of table `deals`? [y/N] "),
            "{told}"
        );
        let last = if is_gone {
            "removed"
        } else {
            "nothing was removed"
        };
        assert!(told.trim_end().ends_with(last), "{told}");
        assert_eq!(runs(&stage).is_empty(), is_gone, "{answer:?}: {told}");
    }
}

/// Runs a line on a terminal, at which somebody types an answer. Its code, and what the terminal got.
#[cfg(unix)]
fn answered(stage: &Stage, line: &str, answer: &str) -> (Option<i32>, String) {
    use std::fs::File;
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;

    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

    use crate::support::KEY;

    let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&pty).unwrap();
    unlockpt(&pty).unwrap();
    let name = ptsname(&pty, Vec::new()).unwrap();
    let path = PathBuf::from(name.to_str().unwrap());
    let terminal = File::options().read(true).write(true).open(path).unwrap();
    let mut process = stage.process(line);
    process.env("TERM", "dumb").stdout(Stdio::null());
    process
        .stderr(terminal.try_clone().unwrap())
        .stdin(terminal);
    let mut child = process.spawn().unwrap();
    drop(process);
    let mut pty = File::from(pty);
    // A terminal holds what is typed before it is read.
    pty.write_all(answer.as_bytes()).unwrap();
    let (mut told, mut part) = (Vec::new(), [0; 4_096]);
    // A terminal that nobody holds any more ends with an error.
    while let Ok(read) = pty.read(&mut part) {
        told.extend_from_slice(&part[..read]);
    }
    let told = String::from_utf8(told).unwrap();
    assert!(!told.contains(KEY) && !told.contains("panicked"), "{told}");
    (child.wait().unwrap().code(), told)
}
