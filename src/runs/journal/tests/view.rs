//! Records and attempts.

use super::*;

#[test]
fn a_run_that_did_nothing_misses_everything() {
    let run = Run::new(REPLACE);
    let journal = &run.journal;
    assert_eq!(
        journal.missing(),
        [range(1, 10), range(11, 20), range(21, 30)]
    );
    assert!(journal.accepted().is_empty());
    assert_eq!(journal.first_possibly_applied(), None);
    assert_eq!(journal.last_possibly_applied_end(), None);
    assert!(journal.import_ids().is_empty());
    assert!(!journal.is_possibly_applied());
}

#[test]
fn what_was_accepted_is_not_missing() {
    let mut run = Run::new(UPSERT);
    run.accept(1, 10, "a").accept(21, 30, "b");
    assert_eq!(run.journal.missing(), [range(11, 20)]);
    assert_eq!(
        run.journal.accepted().ranges(),
        [range(1, 10), range(21, 30)]
    );
    run.accept(11, 20, "b");
    assert!(run.journal.is_complete());
    assert_eq!(run.journal.import_ids(), [&id("a"), &id("b")]);
    assert_eq!(
        run.journal.answer_times().collect::<Vec<_>>(),
        [seconds(1); 3]
    );
}

#[test]
fn only_an_acceptance_proves_that_records_arrived() {
    let mut run = Run::new(UPSERT);
    run.attempt(1, 10).answer(1, 10, ambiguous());
    run.attempt(11, 20).answer(11, 20, not_applied());
    run.attempt(21, 30)
        .answer(21, 30, Answered::Miscounted { answered: 9 });
    assert_eq!(run.journal.missing().len(), 3);
    let possible: Vec<_> = run
        .journal
        .possibly_applied_attempts()
        .map(|a| a.range.first)
        .collect();
    assert_eq!(possible, [1, 21]);
    assert!(!run.journal.has_accepted());
}

#[test]
fn halves_of_a_split_range_are_sent_as_halves() {
    let mut run = Run::new(UPSERT);
    run.attempt(1, 10)
        .answer(1, 10, not_applied())
        .split(1, 10, 6);
    assert_eq!(run.journal.missing()[..2], [range(1, 5), range(6, 10)]);
    run.split(6, 10, 8).accept(6, 7, "a");
    assert_eq!(run.journal.missing()[..2], [range(1, 5), range(8, 10)]);
    run.accept(1, 5, "b").accept(8, 10, "a");
    assert_eq!(run.journal.missing(), [range(11, 20), range(21, 30)]);
    assert_eq!(run.journal.import_ids(), [&id("b"), &id("a")]);
    assert_eq!(run.journal.first_import(), Some(&id("a")));
}

#[test]
fn records_left_out_are_covered_by_their_chunk() {
    let mut line = plan(UPSERT);
    // Records 9 and 10 begin no chunk: an empty one between them was skipped.
    line.chunks = vec![chunk(1, 1, 8), chunk(2, 11, 30)];
    let journal = Journal::new(line);
    assert_eq!(journal.missing(), [range(1, 8), range(11, 30)]);
}

#[test]
fn the_window_opens_with_the_first_attempt_that_may_have_arrived() {
    let mut run = Run::new(REPLACE);
    run.attempt(1, 10).answer(1, 10, not_applied()).after(7);
    let opened = run.now();
    run.attempt(1, 10).after(3).answer(1, 10, ambiguous());
    run.after(5).accept(1, 10, "a");
    assert_eq!(run.journal.first_possibly_applied(), Some(opened));
    // What broke off may still be worked on until its own limit.
    let end = opened.plus(seconds(30));
    assert_eq!(run.journal.last_possibly_applied_end(), Some(end));
}

#[test]
fn an_attempt_without_an_answer_ends_with_its_limit() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").attempt(11, 20);
    let start = run.now();
    run.accept(21, 30, "a");
    let end = run.journal.last_possibly_applied_end();
    assert_eq!(end, Some(start.plus(seconds(30))));
}

#[test]
fn an_answer_belongs_to_the_last_attempt_of_its_range() {
    let mut run = Run::new(UPSERT);
    run.attempt(1, 10)
        .after(60)
        .resume(Resumption::Missing)
        .attempt(1, 10)
        .answer(1, 10, not_applied());
    let [first, second] = run.journal.attempts() else {
        panic!("two attempts")
    };
    assert!(first.answer.is_none() && first.is_possibly_applied());
    assert!(!second.is_possibly_applied());
    assert!(run.journal.is_possibly_applied());
}

#[test]
fn an_answer_without_its_attempt_counts() {
    let mut run = Run::new(UPSERT);
    run.answer(1, 10, accepted("a"));
    assert_eq!(run.journal.missing(), [range(11, 20), range(21, 30)]);
    assert_eq!(run.journal.first_possibly_applied(), Some(run.now()));
}

#[test]
fn sending_everything_again_begins_a_new_window() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").attempt(11, 20).after(2_000);
    run.resume(Resumption::Everything);
    assert_eq!(run.journal.missing().len(), 3);
    assert_eq!(run.journal.first_possibly_applied(), None);
    assert_eq!(run.journal.pending_replace(None), None);
    assert!(run.journal.is_possibly_applied() && run.journal.has_accepted());
    let opened = run.now();
    run.accept(1, 10, "b");
    assert_eq!(run.journal.first_possibly_applied(), Some(opened));
    assert_eq!(run.journal.import_ids(), [&id("b")]);
}

#[test]
fn what_is_missing_after_a_resume_counts_what_was_accepted_before() {
    let mut run = Run::new(REPLACE);
    let opened = run.now();
    run.accept(1, 10, "a").end(6).after(20);
    run.resume(Resumption::Missing);
    assert_eq!(run.journal.end(), None);
    assert_eq!(run.journal.missing(), [range(11, 20), range(21, 30)]);
    assert_eq!(run.journal.first_possibly_applied(), Some(opened));
}

#[test]
fn lost_lines_may_have_been_attempts() {
    let mut run = Run::new(REPLACE);
    run.attempt(1, 10).answer(1, 10, not_applied()).after(5);
    assert!(!run.journal.is_possibly_applied());
    let last_known = run.journal.attempts()[0].answer.clone().unwrap().0;
    run.gap().after(5);
    let gap = run.clock.now();
    run.gap().accept(11, 20, "a");
    let journal = &run.journal;
    assert!(journal.is_possibly_applied() && journal.has_gaps());
    assert_eq!(journal.first_possibly_applied(), Some(last_known));
    assert_eq!(
        journal.last_possibly_applied_end(),
        Some(gap.plus(seconds(30)))
    );
}

#[test]
fn lost_lines_after_the_window_opened_do_not_move_it() {
    let mut run = Run::new(REPLACE);
    let opened = run.now();
    run.accept(1, 10, "a").gap().accept(11, 20, "a");
    assert_eq!(run.journal.first_possibly_applied(), Some(opened));
}
