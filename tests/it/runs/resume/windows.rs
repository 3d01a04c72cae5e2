//! Replaces taken up again within their window, after it, and when the service saw it otherwise.

use std::time::Duration;

use super::{RECORDS, stage};
use crate::rig::{
    READINGS, REPLACE, Watched, age, done, holds_new, is_over, killed_at, posts, runs, service,
    until,
};
use crate::stage::{deals, ids, numbers, sorted_ids};

/// A replace of one request after the other: no attempt is left without an answer, after which only
/// the clock could tell when the service is done.
const ALL_ONE_BY_ONE: &str =
    "deals.csv --table deals --chunk-size 5 --jobs 1 --all --debounce 900 --chunk-seconds 0.05";

/// Longer ago than any window here.
pub(super) const LONG_AGO: Duration = Duration::from_secs(2_000);

#[test]
fn only_what_is_missing_goes_while_the_window_is_open() {
    for reading in READINGS {
        let stage = service(reading, "").file("deals.csv", deals(RECORDS));
        assert!(killed_at(&stage, REPLACE, "journal-answer-after:3"));
        let before = posts(&stage).len();
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{told}");
        assert!(
            told.stderr.contains("only what is missing is sent"),
            "{told}"
        );
        // A request whose answer was not written down goes again.
        let sent: Vec<_> = posts(&stage)[before..]
            .iter()
            .map(|seen| seen.records)
            .collect();
        assert!(
            sent == [Some(5), Some(3)] || sent == [Some(3)],
            "{sent:?} {told}"
        );
        is_over(&stage, true, RECORDS, &told.to_string());
    }
}

/// Chunks went live without the others: all of them go again, once the service is done with these.
#[test]
fn after_its_window_a_replace_is_sent_anew() {
    for reading in READINGS {
        let stage = service(reading, "").file("deals.csv", deals(RECORDS));
        assert!(killed_at(&stage, ALL_ONE_BY_ONE, "journal-answer-after:3"));
        // The chunks in flight have been answered, so that nothing more is to come.
        let before = posts(&stage).len();
        age(&runs(&stage)[0], Duration::from_secs(880));
        let mut resume = Watched::start(stage.process("resume"));
        resume.says("the replace's window is over: once the service is done with it, the whole input is sent anew");
        resume.says("nothing is sent before");
        until(|| {
            stage
                .requests()
                .iter()
                .any(|seen| seen.method == "GET")
                .then_some(())
        });
        assert_eq!(posts(&stage).len(), before);
        assert!(resume.is_running());
        stage.running.sandbox.advance(Duration::from_secs(901));
        let told = resume.end();
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(posts(&stage).len(), before + 5, "{told}");
        let held = stage.settled();
        assert_eq!(held.deletes, 2, "one for each window: {told}");
        let held = qobra_push::TableSnapshot { deletes: 1, ..held };
        holds_new(&held, true, RECORDS, &told.to_string());
        assert_eq!(done(&stage, "resume").stderr, "nothing to resume\n");
    }
}

/// The window was over long ago, on all clocks: nothing to wait for.
#[test]
fn long_after_its_window_a_replace_is_sent_anew_at_once() {
    let stage = stage();
    assert!(killed_at(&stage, ALL_ONE_BY_ONE, "journal-answer-after:3"));
    stage.running.sandbox.advance(LONG_AGO);
    age(&runs(&stage)[0], LONG_AGO);
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(!told.stderr.contains("nothing is sent before"), "{told}");
    assert_eq!(stage.settled().deletes, 2);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=RECORDS));
}

/// The service launched earlier than this side thinks it may: what is missing would come too late.
#[test]
fn a_replace_that_was_launched_is_never_completed_but_sent_anew() {
    for reading in READINGS {
        for point in [
            "journal-answer-after:3",
            "journal-answer-after:5",
            "journal-end-before:1",
        ] {
            let stage = service(reading, "").file("deals.csv", deals(RECORDS));
            assert!(killed_at(&stage, ALL_ONE_BY_ONE, point));
            stage.running.sandbox.advance(Duration::from_secs(901));
            let told = done(&stage, "resume");
            let held = stage.settled();
            let right = sorted_ids(&held) == numbers(1..=RECORDS);
            assert!(right, "{reading:?} {point}: {:?} {told}", ids(&held));
            assert_eq!(told.code(), Some(0), "{told}");
        }
    }
}
