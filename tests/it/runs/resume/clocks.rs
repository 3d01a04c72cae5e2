//! Replaces taken up again on a machine that was started anew, or whose clocks contradict each other:
//! nobody knows how much of the window is left, so nothing is added to it.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::RECORDS;
use crate::rig::{
    READINGS, Watched, done, each, holds_new, journal, killed_at, posts, runs, service, until,
};
use crate::stage::{Stage, deals};

const LINE: &str =
    "deals.csv --table deals --chunk-size 5 --jobs 1 --all --debounce 900 --chunk-seconds 0.05";

/// What happened to the machine between the push and its resumption.
#[derive(Clone, Copy, Debug)]
enum Trick {
    /// It was started anew.
    Reboot,
    /// Its wall clock was set by so many seconds.
    Set(i64),
}

/// Changes the moments of the run's journal accordingly.
fn play(stage: &Stage, trick: Trick) {
    let path = journal(&runs(stage)[0]);
    let text = std::fs::read_to_string(&path).unwrap();
    let lines = text.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for name in ["at", "started"] {
            if let Some(moment) = line.get_mut(name) {
                change(moment, trick);
            }
        }
        format!("{line}\n")
    });
    std::fs::write(&path, lines.collect::<String>()).unwrap();
}

fn change(moment: &mut Value, trick: Trick) {
    match trick {
        Trick::Reboot => moment["boot_id"] = "0123456789abcdef0123456789abcdef".into(),
        Trick::Set(seconds) => {
            let wall: Timestamp = moment["wall"].as_str().unwrap().parse().unwrap();
            let wall = wall - SignedDuration::from_secs(seconds);
            moment["wall"] = wall.to_string().into();
        }
    }
}

#[test]
fn a_window_that_no_clock_can_tell_of_is_not_added_to() {
    let tricks = [Trick::Reboot, Trick::Set(60), Trick::Set(-60)];
    let all = READINGS.map(|reading| tricks.map(|trick| (reading, trick)));
    each(all.concat(), |(reading, trick)| {
        let stage = service(reading, "").file("deals.csv", deals(RECORDS));
        assert!(killed_at(&stage, LINE, "journal-answer-after:3"));
        let before = posts(&stage).len();
        play(&stage, trick);
        let asked = stage.requests().len();
        let mut resume = Watched::start(stage.process("resume"));
        resume.says("the whole input is sent anew");
        resume.says("nothing is sent before");
        until(|| (stage.requests().len() > asked + 1).then_some(()));
        assert_eq!(posts(&stage).len(), before, "{trick:?}");
        stage.running.sandbox.advance(Duration::from_secs(901));
        let told = resume.end();
        assert_eq!(told.code(), Some(0), "{trick:?}: {told}");
        assert_eq!(posts(&stage).len(), before + 5, "{trick:?}: {told}");
        let held = stage.settled();
        assert_eq!(held.deletes, 2, "one for each window: {told}");
        let held = qobra_push::TableSnapshot { deletes: 1, ..held };
        holds_new(&held, true, RECORDS, &told.to_string());
        assert_eq!(done(&stage, "resume").stderr, "nothing to resume\n");
    });
}
