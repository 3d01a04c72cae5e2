//! From which request a replace's window counts.

use std::time::Duration;

use insta::assert_snapshot;
use qobra_push::{Facts, WindowReading};
use serde_json::{Value, json};

use super::{know, known, service};
use crate::rig::{
    REPLACE, UPSERT, Watched, age, done, ends, journal, killed_at, posts, runs, said, until,
};
use crate::stage::{Stage, deals, deals_from, numbers, sorted_ids};

/// A service whose windows count from this request.
fn counting(window: WindowReading) -> Stage {
    service(Facts {
        window: Some(window),
        ..Facts::default()
    })
}

/// What a push says that waits for an earlier one.
const WAITS: &str = "may still be waiting at the service: nothing is sent before";

/// A service that counts otherwise by now would delete what was sent behind the end.
#[test]
fn what_is_known_lets_no_replace_take_longer_than_its_debounce() {
    let line = "data.csv -t deals --all --chunk-size 10 --jobs 4 --debounce";
    let stage = counting(WindowReading::Last)
        .never_used()
        .file("data.csv", deals(600));
    know(&stage, &json!({ "window": "last" }));
    // 16 rounds of 5 s need more than a minute and a half.
    assert_snapshot!(said(&stage, &format!("{line} 30"), 3));

    let stage = counting(WindowReading::Last).file("data.csv", deals(600));
    know(&stage, &json!({ "window": "last" }));
    let told = ends(&stage, &format!("{line} 30 --chunk-seconds 0.1"), 0);
    assert!(!told.stderr.contains("error"), "{told}");
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=600));
    let plan = std::fs::read_to_string(journal(&runs(&stage)[0])).unwrap();
    let plan: Value = serde_json::from_str(plan.lines().next().unwrap()).unwrap();
    let facts = json!({
        "probed_at": "2026-11-20T10:00:00Z", "window": "last", "used": ["window"],
    });
    assert_eq!(plan["facts"], facts);
}

/// The second request of it has no answer: what became of it nobody knows.
fn dead_replace(window: WindowReading) -> Stage {
    let stage = counting(window).file("deals.csv", deals(12));
    let line = REPLACE.replace("--jobs 2", "--jobs 1");
    assert!(killed_at(&stage, &line, "journal-answer-before:2"));
    stage
}

#[test]
fn a_replace_whose_window_counts_from_its_first_request_is_over_when_it_runs() {
    let over = Duration::from_secs(901);
    for facts in ["first", "last", ""] {
        let stage = dead_replace(WindowReading::First);
        stage.running.sandbox.advance(over);
        age(&runs(&stage)[0], over);
        stage.folder().write("deals.csv", deals_from(11, 20));
        if !facts.is_empty() {
            know(&stage, &json!({ "window": facts }));
        }
        if facts == "first" {
            ends(&stage, REPLACE, 0);
            assert_eq!(sorted_ids(&stage.settled()), numbers(11..=20));
            continue;
        }
        // Half a minute for the answer, and as much for safety.
        let (before, asked) = (posts(&stage).len(), stage.requests().len());
        let mut push = Watched::start(stage.process(REPLACE));
        push.says(WAITS);
        until(|| (stage.requests().len() > asked).then_some(()));
        assert!(push.is_running(), "{facts}");
        let sent = posts(&stage).len();
        push.signal("KILL");
        let told = push.end();
        assert_eq!(sent, before, "{facts} {told}");
    }
}

#[test]
fn from_when_it_is_expected_to_be_over_is_said() {
    let stage = dead_replace(WindowReading::First);
    know(&stage, &json!({ "window": "first" }));
    let sooner = "unless all of it is seen to run, which is to be expected from ";
    let told = ends(&stage, &format!("{UPSERT} --dry-run"), 0);
    assert!(
        told.stderr.contains(WAITS) && told.stderr.contains(sooner),
        "{told}"
    );
    let told = ends(&stage, &format!("{UPSERT} --dry-run --no-facts"), 0);
    assert!(
        told.stderr.contains(WAITS) && !told.stderr.contains(sooner),
        "{told}"
    );
}

#[test]
fn a_launch_that_is_ruled_out_drops_the_fact_and_the_table_comes_right() {
    for (window, known_window) in [
        (WindowReading::First, "last"),
        (WindowReading::Last, "first"),
    ] {
        let stage = counting(window).file("deals.csv", deals(12));
        know(
            &stage,
            &json!({ "window": known_window, "structures": 200 }),
        );
        let line = REPLACE.replace("--jobs 2", "--jobs 1");
        assert!(killed_at(&stage, &line, "journal-answer-after:2"));
        // No debounce is over by the clocks here.
        stage.running.sandbox.settle();
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{told}");
        let warning =
            "(window) does not hold, and is not relied on any more\nhint: `qobra-push probe`";
        assert_eq!(told.stderr.matches(warning).count(), 1, "{told}");
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=12), "{told}");
        let now = known(&stage);
        assert_eq!(now["facts"], json!({ "structures": 200 }));
        assert_eq!(now["dropped"][0]["fact"], "window");
        assert_eq!(now["dropped"].as_array().unwrap().len(), 1);
        let doctor = done(&stage, "doctor");
        let words = "structures 200; not relied on any more: window since ";
        let joined = doctor
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(joined.contains(words), "{doctor}");
    }
}
