//! What the state folder holds may have been written by anybody.

use std::fs;

use serde_json::Value;

use super::{NASTY, harmless};
use crate::rig::{journal, killed_at, runs};
use crate::stage::{Stage, deals};

/// A journal is a file like any other.
#[test]
fn journals_read_back() {
    let lines = [
        "runs",
        "runs --output json",
        "resume -v",
        "status -v",
        "status --output json",
    ];
    let stage = Stage::new().file("deals.csv", deals(23));
    assert!(killed_at(
        &stage,
        "deals.csv --table deals --chunk-size 5 --jobs 1 --retry-for 0",
        "journal-answer-after:2"
    ));
    let path = journal(&runs(&stage)[0]);
    let good = fs::read_to_string(&path).unwrap();
    let mut met = 0;
    for (number, line) in good.lines().enumerate() {
        let whole: Value = serde_json::from_str(line).unwrap();
        let mut places = Vec::new();
        strings(&whole, String::new(), &mut places);
        for place in places {
            let mut bad = whole.clone();
            *bad.pointer_mut(&place).unwrap() = NASTY.into();
            let mut text: Vec<_> = good.lines().map(str::to_owned).collect();
            text[number] = bad.to_string();
            fs::write(&path, text.join("\n") + "\n").unwrap();
            for line in lines {
                let mut command = stage.push(line);
                command
                    .env_remove("QOBRA_BASE_URL")
                    .env("QOBRA_BASE_URL", "http://127.0.0.1:1");
                let told = harmless(&mut command, &format!("{place} {line}"));
                met += usize::from(told.to_string().contains("31m"));
            }
            fs::write(&path, &good).unwrap();
        }
    }
    assert!(met > 10, "{met}");
}

/// The places of all texts in a value.
fn strings(value: &Value, at: String, places: &mut Vec<String>) {
    match value {
        Value::String(_) => places.push(at),
        Value::Object(members) => members
            .iter()
            .for_each(|(key, value)| strings(value, format!("{at}/{key}"), places)),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(n, value)| strings(value, format!("{at}/{n}"), places)),
        _ => {}
    }
}

/// The names that stand in the state folder are what somebody put there; only Unix lets them be such.
#[cfg(unix)]
#[test]
fn names_in_the_state_folder() {
    use std::ffi::OsString;
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};

    use crate::support::run;

    let stage = Stage::new().file("data.csv", deals(3));
    assert_eq!(run(&mut stage.push("data.csv -t deals")).code(), Some(0));
    let state = stage.folder().path().join("state");
    let mut entries = fs::read_dir(&state)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let service = entries.find(|path| path.is_dir()).unwrap();
    let odd = OsString::from_vec([NASTY.as_bytes(), b"\xff"].concat());
    for folder in [state.join(&odd), service.join(&odd)] {
        fs::create_dir_all(folder.join("runs").join(&odd)).unwrap();
        fs::create_dir_all(folder.join("deals/runs/20261123T132605Z-7f3a")).unwrap();
        fs::write(
            folder.join("deals/runs/20261123T132605Z-7f3a/journal.jsonl"),
            OsString::from(NASTY).as_bytes(),
        )
        .unwrap();
    }
    for line in [
        "runs",
        "runs --output json",
        "resume",
        "status",
        "data.csv -t deals",
    ] {
        harmless(&mut stage.push(line), line);
    }
}
