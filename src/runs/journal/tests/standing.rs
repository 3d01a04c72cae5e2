//! What became of each record, and the table's word.

use super::*;
use crate::base::model::TableState;

fn parts(run: &Run) -> Vec<(u64, u64, &'static str)> {
    let parts = run.journal.parts().into_iter().map(|part| {
        let fate = match part.fate {
            Fate::Accepted(_) => "accepted",
            Fate::Unknown => "unknown",
            Fate::Refused => "refused",
            Fate::NotSent => "not_sent",
        };
        (part.range.first, part.records, fate)
    });
    parts.collect()
}

fn end(run: &mut Run, exit_code: u8, table_state: TableState) {
    let at = run.now();
    run.journal.apply(&Line::End(EndLine {
        exit_code,
        table_state: table_state.word().to_owned(),
        rejects: None,
        base: false,
        at,
    }));
}

#[test]
fn every_record_is_in_one_part() {
    let mut run = Run::new(REPLACE);
    assert_eq!(run.journal.table_state(), TableState::Untouched);
    run.accept(1, 10, "a").attempt(11, 20);
    let expected = [
        (1, 10, "accepted"),
        (11, 10, "unknown"),
        (21, 10, "not_sent"),
    ];
    assert_eq!(parts(&run), expected);
    assert_eq!(run.journal.table_state(), TableState::Unknown);
    assert_eq!(run.journal.doubtful(), [range(11, 20)]);
    // Its halves share the doubt, until one of them is accepted.
    run.answer(11, 20, ambiguous()).split(11, 20, 16);
    run.accept(11, 15, "a");
    run.attempt(21, 30).answer(21, 30, not_applied());
    let expected = [
        (1, 10, "accepted"),
        (11, 5, "accepted"),
        (16, 5, "unknown"),
        (21, 10, "refused"),
    ];
    assert_eq!(parts(&run), expected);
    let sums = run.journal.sums();
    assert_eq!((sums.accepted, sums.unknown, sums.not_sent()), (15, 5, 10));
    run.accept(16, 20, "a");
    assert_eq!(run.journal.table_state(), TableState::AtRisk);
}

/// Bad records are in no part, and nobody knows in which of the missing ones they would be.
#[test]
fn parts_of_a_chunk_with_bad_records_have_its_sum() {
    let mut line = plan(UPSERT);
    line.chunks[0].records = 7;
    let mut run = Run::of(line);
    run.split(1, 10, 6);
    let sum = |run: &Run| {
        parts(run)
            .iter()
            .map(|(_, records, _)| records)
            .sum::<u64>()
    };
    assert_eq!((parts(&run)[0], sum(&run)), ((1, 5, "not_sent"), 27));
    run.attempt(6, 10);
    assert_eq!((parts(&run)[1], sum(&run)), ((6, 2, "unknown"), 27));
}

#[test]
fn lost_lines_leave_a_doubt_unless_the_push_itself_knew_better() {
    let mut run = Run::new(UPSERT);
    run.accept(1, 10, "a").gap();
    assert_eq!(run.journal.sums().unknown, 20);
    assert_eq!(run.journal.table_state(), TableState::Unknown);
    end(&mut run, 6, TableState::AtRisk);
    assert_eq!(run.journal.sums().unknown, 0);
    assert_eq!(run.journal.table_state(), TableState::AtRisk);
}

#[test]
fn a_complete_replace_is_through_once_its_last_request_was_surely_in_time() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a")
        .accept(11, 20, "a")
        .accept(21, 30, "a");
    assert_eq!(run.journal.table_state(), TableState::Unknown);
    run.see("a", "scheduled");
    assert!(run.journal.is_through());
    assert_eq!(run.journal.table_state(), TableState::Pending);
    end(&mut run, 6, TableState::AtRisk);
    assert!(!run.journal.is_through());
    assert_eq!(run.journal.table_state(), TableState::AtRisk);
    // An upsert has no window.
    let mut run = Run::new(UPSERT);
    run.accept(1, 10, "a")
        .accept(11, 20, "b")
        .accept(21, 30, "c");
    assert_eq!(run.journal.table_state(), TableState::Pending);
}

#[test]
fn the_end_says_more_than_pending_and_gaps_stay() {
    let whole = || {
        let mut run = Run::new(UPSERT);
        run.accept(1, 10, "a")
            .accept(11, 20, "a")
            .accept(21, 30, "a");
        run
    };
    let mut run = whole();
    end(&mut run, 8, TableState::Pending);
    assert_eq!(run.journal.table_state(), TableState::Pending);
    end(&mut run, 0, TableState::Updated);
    assert_eq!(run.journal.table_state(), TableState::Updated);
    end(&mut run, 7, TableState::Unknown);
    assert_eq!(run.journal.table_state(), TableState::Unknown);
    let mut line = plan(UPSERT);
    line.rejected = 1;
    let mut run = Run::of(line);
    run.accept(1, 10, "a")
        .accept(11, 20, "a")
        .accept(21, 30, "a");
    end(&mut run, 0, TableState::Updated);
    assert_eq!(run.journal.table_state(), TableState::Gaps);
}

#[test]
fn imports_of_before_a_new_beginning_are_remembered() {
    let mut run = Run::new(REPLACE);
    run.accept(1, 10, "a").after(3_000);
    run.resume(Resumption::Everything);
    assert!(run.journal.has_import(&id("a")) && run.journal.import_ids().is_empty());
    // What it did before is not undone.
    assert_eq!(run.journal.table_state(), TableState::Unknown);
    run.accept(1, 10, "b");
    assert!(run.journal.has_import(&id("b")) && !run.journal.has_import(&id("c")));
    assert_eq!(run.journal.table_state(), TableState::AtRisk);
}
