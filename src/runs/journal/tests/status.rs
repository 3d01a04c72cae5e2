//! What became of runs, and replaces that still wait.

use jiff::Timestamp;

use super::*;
use crate::runs::journal::EndLine;
use crate::service::facts::WindowReading;

const MARGIN: Duration = seconds(30);

fn remaining(run: &Run) -> Option<Duration> {
    let pending = run.journal.pending_replace(None)?;
    Some(pending.remaining(&run.now(), MARGIN))
}

/// A run of the same table, made after the one of [`Run::new`].
fn later() -> Run {
    let mut run = Run::new(UPSERT);
    let mut line = plan(UPSERT);
    line.run = "20260102T000000Z-0001".parse().unwrap();
    run.journal = Journal::new(line);
    run
}

#[test]
fn a_replace_waits_until_its_last_attempt_and_the_window_are_over() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").accept(11, 20, "a").after(100);
    assert_eq!(remaining(&run), Some(seconds(830)));
    run.attempt(21, 30).after(10);
    assert_eq!(remaining(&run), Some(seconds(30 + 930 - 10)));
    run.after(949);
    assert_eq!(remaining(&run), Some(seconds(1)));
    run.after(1);
    assert_eq!(remaining(&run), Some(Duration::ZERO));
}

#[test]
fn where_the_first_request_counts_a_replace_is_over_when_its_first_import_runs() {
    let first = Some(WindowReading::First);
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").after(100);
    // Without an answer, for half a minute.
    run.attempt(11, 20).after(10);
    let expected = |run: &Run, reading| {
        let pending = run.journal.pending_replace(reading)?;
        let now = run.now();
        Some((
            pending.expected(&now, MARGIN),
            pending.remaining(&now, MARGIN),
        ))
    };
    let cautious = seconds(30 + 930 - 10);
    assert_eq!(expected(&run, None), Some((cautious, cautious)));
    let last = Some(WindowReading::Last);
    assert_eq!(expected(&run, last), Some((cautious, cautious)));
    assert_eq!(expected(&run, first), Some((seconds(930 - 110), cautious)));
    run.after(800).see("a", "started");
    assert_eq!(expected(&run, None), Some((seconds(150), seconds(150))));
    assert_eq!(expected(&run, last), Some((seconds(150), seconds(150))));
    assert_eq!(expected(&run, first), None);
    // What may have come too late for the first window may have opened another one.
    run.after(60).attempt(11, 20);
    assert!(expected(&run, first).is_some());
}

/// A service that began before the window that is known was over does not count as is known: what came behind
/// that may wait in a window of its own, also where the first import is seen again much later.
#[test]
fn an_import_that_runs_too_early_is_no_sign_that_its_window_is_over() {
    let first = Some(WindowReading::First);
    for (early, is_over) in [(16, false), (890, false), (900, true)] {
        let mut run = Run::new(REPLACE);
        run.accept(1, 10, "a");
        run.attempt(11, 20);
        run.after(early).see("a", "started");
        let pending = |run: &Run| run.journal.pending_replace(first).is_some();
        assert_eq!(pending(&run), !is_over, "{early} s");
        run.after(900).see("a", "finished");
        assert_eq!(pending(&run), !is_over, "{early} s, seen again");
    }
}

#[test]
fn what_leaves_nothing_to_wait_for() {
    let mut upsert = Run::new(UPSERT);
    upsert.accept(1, 10, "a");
    let no_debounce = Mode::Replace {
        debounce: Duration::ZERO,
    };
    let mut at_once = Run::new(no_debounce);
    at_once.accept(1, 10, "a");
    let mut refused = Run::new(REPLACE);
    refused.attempt(1, 10).answer(1, 10, not_applied());
    for run in [upsert, at_once, refused, Run::new(REPLACE)] {
        assert_eq!(run.journal.pending_replace(None), None);
    }
}

/// Its records may come behind those of the next push.
#[test]
fn a_replace_without_a_debounce_waits_for_a_request_without_an_answer() {
    let mut run = Run::new(Mode::Replace {
        debounce: Duration::ZERO,
    });
    run.attempt(1, 30).after(10);
    let left = |run: &Run| {
        let pending = run.journal.pending_replace(None).unwrap();
        pending.remaining(&run.now(), Duration::ZERO)
    };
    assert_eq!(left(&run), seconds(20));
    run.after(20);
    assert_eq!(left(&run), Duration::ZERO);
}

#[test]
fn a_replace_seen_waiting_and_then_launched_is_over() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a")
        .accept(11, 20, "b")
        .see("a", "scheduled");
    assert!(remaining(&run).is_some());
    run.see("a", "started");
    assert!(run.journal.imports()[0].launched.is_some());
    // The imports of one window may run one after another.
    for reading in [None, Some(WindowReading::First)] {
        assert!(run.journal.pending_replace(reading).is_some());
    }
    run.see("b", "started");
    assert_eq!(run.journal.pending_replace(None), None);
}

/// One import that waits says nothing of another one, and what was seen to be too late stays so.
#[test]
fn a_replace_is_sealed_by_all_of_its_imports() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").accept(11, 30, "b");
    run.see("a", "scheduled");
    assert!(!run.journal.is_sealed());
    run.see("b", "scheduled");
    assert!(run.journal.is_sealed());
    let Line::End(end) = super::end(6, run.now()) else {
        panic!("it is one");
    };
    run.journal.apply(&Line::End(EndLine {
        table_state: "at_risk".to_owned(),
        ..end
    }));
    assert!(!run.journal.is_sealed());
    let mut begun = Run::new(REPLACE);
    begun.accept(1, 10, "a").accept(11, 30, "b");
    begun.see("a", "scheduled").see("b", "finished");
    assert!(!begun.journal.is_sealed());
}

#[test]
fn a_chunk_after_the_launch_has_a_window_of_its_own() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").see("a", "scheduled");
    run.accept(11, 20, "b").see("a", "finished");
    let pending = run.journal.pending_replace(None).unwrap();
    assert_eq!(pending.imports, [id("a"), id("b")]);
    assert_eq!(pending.first_import, Some(id("a")));
    run.see("b", "started");
    assert_eq!(run.journal.pending_replace(None), None);
}

#[test]
fn an_import_seen_waiting_says_nothing_of_attempts_that_may_still_arrive() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").attempt(11, 20).after(5);
    run.see("a", "scheduled").see("a", "started");
    assert!(remaining(&run).is_some());
    run.after(30).see("a", "scheduled").see("a", "started");
    assert_eq!(run.journal.pending_replace(None), None);
}

#[test]
fn an_unknown_word_launches_nothing() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a")
        .see("a", "scheduled")
        .see("a", "queued");
    assert!(remaining(&run).is_some());
}

#[test]
fn lost_lines_keep_a_replace_waiting() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").gap().see("a", "finished");
    assert_eq!(remaining(&run), Some(seconds(30 + 930)));
}

#[test]
fn after_a_reboot_the_wait_counts_from_it() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").after(600);
    run.clock.reboot();
    run.after(60);
    assert_eq!(remaining(&run), Some(seconds(870)));
}

#[test]
fn a_clock_set_forward_ends_no_wait() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a");
    run.clock.set_wall(Timestamp::MAX);
    assert_eq!(remaining(&run), Some(seconds(930)));
}

#[test]
fn states_of_a_run() {
    let state = |run: &Run| run.journal.state(false, []);
    let mut run = Run::new(REPLACE);
    assert_eq!(state(&run), RunState::Planned);
    assert_eq!(run.journal.state(true, []), RunState::Running);
    run.attempt(1, 10);
    assert_eq!(state(&run), RunState::Interrupted);
    run.answer(1, 10, not_applied()).end(5);
    assert_eq!(state(&run), RunState::Untouched);
    assert!(run.journal.is_finished());
    run.resume(Resumption::Missing).accept(1, 10, "a").end(6);
    assert_eq!(state(&run), RunState::AtRisk);
    assert!(!run.journal.is_finished());
    run.resume(Resumption::Missing);
    run.accept(11, 20, "a").accept(21, 30, "a");
    // All is accepted, but nobody looked whether it was in time.
    assert_eq!(state(&run), RunState::Interrupted);
    run.end(0);
    assert_eq!(state(&run), RunState::Done);
    assert!(run.journal.is_finished() && run.journal.is_good_replace());
}

#[test]
fn a_complete_replace_that_came_too_late_is_not_done() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a")
        .accept(11, 20, "a")
        .accept(21, 30, "b");
    run.end(6);
    assert_eq!(run.journal.state(false, []), RunState::AtRisk);
    assert!(!run.journal.is_finished() && !run.journal.is_good_replace());
}

#[test]
fn a_push_interrupted_while_it_only_waited_is_done() {
    for code in [8, 130, 143, 7] {
        let mut run = Run::new(REPLACE);
        run.accept(1, 10, "a")
            .accept(11, 20, "a")
            .accept(21, 30, "a");
        run.end(code);
        assert_eq!(run.journal.state(false, []), RunState::Done);
    }
}

#[test]
fn a_replace_without_chunks_is_one_request_without_records() {
    let mut line = plan(REPLACE);
    line.chunks.clear();
    let mut run = Run::of(line);
    let at = Clock::manual().now();
    run.journal.apply(&end(3, at));
    assert_eq!(run.journal.state(false, []), RunState::Untouched);
    assert!(!run.journal.is_good_replace());
    run.accept(1, 1, "a").end(0);
    assert_eq!(run.journal.state(false, []), RunState::Done);
    assert!(run.journal.is_good_replace());
}

#[test]
fn a_failed_new_replace_over_an_incomplete_one_is_at_risk() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").end(6).after(3_000);
    run.resume(Resumption::Everything).end(5);
    assert_eq!(run.journal.state(false, []), RunState::AtRisk);
}

#[test]
fn old_data_never_goes_over_new() {
    let mut old = Run::new(REPLACE);
    old.accept(1, 10, "a");
    let mut new = later();
    new.attempt(1, 10).answer(1, 10, ambiguous());
    assert!(!old.journal.is_superseded_by(&new.journal));
    new.accept(1, 10, "b");
    assert!(old.journal.is_superseded_by(&new.journal));
    assert!(!new.journal.is_superseded_by(&old.journal));
    let others = [new.journal.clone()];
    assert_eq!(old.journal.state(false, &others), RunState::Superseded);
    old.accept(11, 20, "a").accept(21, 30, "a").end(0);
    assert_eq!(old.journal.state(false, &others), RunState::Done);
}

#[test]
fn another_table_supersedes_nothing() {
    let old = Run::new(UPSERT);
    let mut line = later().journal.plan().clone();
    line.table = TableKey::new("people").unwrap();
    let mut other = Journal::new(line);
    other.apply(&answer(1, 10, accepted("a"), old.now()));
    assert!(!old.journal.is_superseded_by(&other));
}

#[test]
fn a_run_is_followed_when_each_import_was_followed_to_its_end() {
    let mut run = Run::new(UPSERT);
    let over = |import: &str, is_over: bool, at| Line::Import {
        id: id(import),
        status: "finished".to_owned(),
        has_error: false,
        is_over,
        at,
    };
    run.accept(1, 10, "a").accept(11, 20, "b");
    let at = run.now();
    run.journal.apply(&over("a", true, at));
    run.journal.apply(&over("b", true, at));
    assert!(!run.journal.is_followed(), "a part was not sent");
    run.accept(21, 30, "b");
    assert!(run.journal.is_followed());
    // Whoever only looks whether an import still waits says nothing of its errors, and takes nothing back.
    run.see("a", "finished");
    assert!(run.journal.is_followed());
    let mut glimpsed = Run::new(UPSERT);
    glimpsed.accept(1, 30, "a").see("a", "finished").end(0);
    assert!(!glimpsed.journal.is_followed());
}

#[test]
fn a_replace_with_an_error_is_no_measure() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a")
        .accept(11, 20, "a")
        .accept(21, 30, "a");
    let at = run.now();
    run.journal.apply(&Line::Import {
        id: id("a"),
        status: "finished".to_owned(),
        has_error: true,
        is_over: true,
        at,
    });
    run.end(7);
    assert!(!run.journal.is_good_replace());
}
