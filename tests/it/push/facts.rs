//! What is known of the service: what a push does with it, what without it, and where it is wrong.

mod limits;
mod window;

use std::path::PathBuf;

use insta::assert_snapshot;
use qobra_push::{Facts, Refused, Repeated, SandboxClock, SandboxOptions, parse_faults};
use serde_json::{Value, json};

use crate::rig::{ends, said};
use crate::stage::{Stage, deals, numbers, options, sorted_ids};
use crate::support::run;

/// Where it is kept what is known of a stage's service.
pub(super) fn path(stage: &Stage) -> PathBuf {
    let service = format!("127.0.0.1%3A{}", stage.running.addr.port());
    stage
        .folder()
        .path()
        .join("state")
        .join(service)
        .join("facts.json")
}

/// Lets the program know these facts, as a probe would.
pub(super) fn know(stage: &Stage, facts: &Value) {
    let known = json!({
        "version": 1,
        "base_url": stage.url(),
        "probed_at": "2026-11-20T10:00:00Z",
        "program": "0.1.0",
        "facts": facts,
    });
    std::fs::create_dir_all(path(stage).parent().unwrap()).unwrap();
    std::fs::write(path(stage), known.to_string()).unwrap();
}

/// What is known by now.
pub(super) fn known(stage: &Stage) -> Value {
    serde_json::from_slice(&std::fs::read(path(stage)).unwrap()).unwrap()
}

/// A service that answers so where Qobra documents nothing.
pub(super) fn service(facts: Facts) -> Stage {
    Stage::of(SandboxOptions { facts, ..options() })
}

pub(super) fn refused(status: u16, words: &str) -> Option<Refused> {
    Some(Refused {
        status,
        words: words.to_owned(),
    })
}

#[test]
fn the_hint_to_a_wrong_key_or_table_is_certain_where_the_answers_differ() {
    let answers = |key: (u16, &str), table: (u16, &str)| Facts {
        wrong_key: refused(key.0, key.1),
        wrong_table: refused(table.0, table.1),
        ..Facts::default()
    };
    let mut all = String::new();
    for (key, table) in [
        ((401, "no such key"), (404, "no such table")),
        ((404, "no such key"), (404, "no such table")),
        ((404, "not found"), (404, "not found")),
    ] {
        let facts = answers(key, table);
        let stage = service(facts.clone()).file("deals.csv", deals(3));
        know(&stage, &json!(facts));
        for (line, secret) in [("deals.csv -t deals", "wrong"), ("deals.csv -t other", "")] {
            for without in ["", " --no-facts"] {
                let line = format!("{line}{without}");
                let mut command = stage.push(&line);
                if !secret.is_empty() {
                    command.env("QOBRA_API_KEY", secret);
                }
                let told = run(&mut command);
                assert_eq!(told.code(), Some(4), "{told}");
                let told = stage.tidy(&told);
                let error = &told[told.find("error: ").unwrap()..];
                all.push_str(&format!("$ {line} # {secret}\n{error}\n"));
            }
        }
        assert_eq!(sorted_ids(&stage.settled()), ["old-1", "old-2"]);
    }
    assert_snapshot!(all);
}

#[test]
fn an_import_that_is_not_known_yet_is_told_by_the_services_own_answer() {
    let facts = Facts {
        unknown_import: refused(400, "no such import"),
        import_seen_after: Some(1),
        ..Facts::default()
    };
    for (without, code) in [("", 0), (" --no-facts", 8)] {
        let stage = Stage::of(SandboxOptions {
            facts: facts.clone(),
            clock: SandboxClock::real(),
            ..options()
        })
        .file("deals.csv", deals(3));
        know(&stage, &json!(facts));
        let line = format!("deals.csv -t deals --wait --all{without}");
        let told = ends(&stage, &line, code);
        let is_failed = told.stderr.contains("cannot be followed: ");
        assert_eq!(is_failed, code == 8, "{told}");
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=3));
    }
}

#[test]
fn records_that_count_once_hide_no_other_sender() {
    // The stand-in counts them twice, as another sender's would be counted.
    let twice = Facts {
        repeated: Some(Repeated::Twice),
        ..Facts::default()
    };
    let mut all = String::new();
    for (known, code) in [("once", 7), ("twice", 0)] {
        let stage = Stage::of(SandboxOptions {
            facts: twice.clone(),
            faults: parse_faults("reset-after@2").unwrap(),
            clock: SandboxClock::real(),
            ..options()
        })
        .file("deals.csv", deals(12));
        know(&stage, &json!({ "repeated": known }));
        let line =
            "deals.csv -t deals --chunk-size 5 --all --debounce 1 --chunk-seconds 0.01 --wait";
        let told = said(&stage, line, code);
        let counts = told
            .lines()
            .filter(|line| line.contains("the service counts "));
        all.extend(counts.map(|line| format!("{known}: {line}\n")));
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=12));
    }
    assert_snapshot!(all);
}

#[test]
fn a_rehearsal_neither_reads_nor_writes_it() {
    let stage = Stage::unused().file("deals.csv", deals(30));
    for facts in [json!({ "records": { "refused": 10 } }), json!("damaged")] {
        know(&stage, &facts);
        let before = known(&stage);
        let mut command = stage.push("deals.csv -t deals --sandbox --all");
        let told = run(command.env_remove("QOBRA_BASE_URL"));
        assert_eq!(told.code(), Some(0), "{told}");
        assert!(!told.stderr.contains("probe"), "{told}");
        assert_eq!(known(&stage), before);
    }
}

#[test]
fn what_cannot_be_read_is_said_and_stops_nothing() {
    for (text, why) in [
        (
            r#"{"version": 9}"#,
            "a later version of the program wrote it",
        ),
        ("{", "EOF while parsing"),
    ] {
        let stage = Stage::new().file("deals.csv", deals(3));
        know(&stage, &json!({}));
        std::fs::write(path(&stage), text).unwrap();
        let told = ends(&stage, "deals.csv -t deals --all", 0);
        let warning = "warning: what is known of the service cannot be used (";
        assert_eq!(told.stderr.matches(warning).count(), 1, "{told}");
        assert!(told.stderr.contains(why), "{told}");
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=3));
        assert_eq!(std::fs::read_to_string(path(&stage)).unwrap(), text);
        let told = ends(&stage, "deals.csv -t deals --all --no-facts", 0);
        assert!(!told.stderr.contains(warning), "{told}");
    }
}
