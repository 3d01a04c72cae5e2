//! Laws that hold for every run.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

/// Any line that can follow a plan.
fn line() -> impl Strategy<Value = Line> {
    let at = (0..4_000u64).prop_map(|n| Clock::manual().now().plus(seconds(n)));
    let records = (1..=30u64, 0..10u64).prop_map(|(first, more)| range(first, first + more));
    let import = prop::sample::select(vec!["a", "b", "c"]).prop_map(id);
    let result = prop_oneof![
        3 => import.clone().prop_map(|import_id| Answered::Accepted { import_id }),
        1 => Just(not_applied()),
        1 => Just(ambiguous()),
        1 => (0..20u64).prop_map(|answered| Answered::Miscounted { answered }),
    ];
    let status = prop::sample::select(vec!["scheduled", "started", "finished", "?"]);
    prop_oneof![
        4 => (records.clone(), at.clone()).prop_map(|(r, at)| attempt(r.first, r.last, at)),
        4 => (records.clone(), result, at.clone())
            .prop_map(|(r, result, at)| answer(r.first, r.last, result, at)),
        1 => (records, 1..=30u64, at.clone())
            .prop_map(|(range, second, at)| Line::Split { range, second, at }),
        1 => (import, status, any::<[bool; 2]>(), at.clone()).prop_map(|(id, status, seen, at)| {
            let (status, [has_error, is_over]) = (status.to_owned(), seen);
            Line::Import { id, status, has_error, is_over, at }
        }),
        1 => at.clone().prop_map(|at| Line::Gap { at }),
        1 => at.clone().prop_map(|at| Line::Resumed { how: Resumption::Missing, at }),
        1 => (prop::sample::select(vec![0, 3, 6, 130]), at).prop_map(|(code, at)| end(code, at)),
    ]
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(line(), 0..40)
}

fn numbers(ranges: &[RecordRange]) -> Vec<u64> {
    ranges.iter().flat_map(|r| r.first..=r.last).collect()
}

proptest! {
    #[test]
    fn accepted_and_missing_are_all_records_once_in_order(lines in lines()) {
        let mut journal = Journal::new(plan(UPSERT));
        let mut model = BTreeSet::new();
        for line in &lines {
            journal.apply(line);
            if let Line::Answer { range, result: Answered::Accepted { .. }, .. } = line {
                model.extend(range.first..=range.last);
            }
        }
        let missing = journal.missing();
        let expected: Vec<_> = (1..=30).filter(|n| !model.contains(n)).collect();
        prop_assert_eq!(numbers(&missing), expected);
        prop_assert_eq!(numbers(journal.accepted().ranges()), Vec::from_iter(model));
        // No piece reaches over a chunk's border.
        prop_assert!(missing.iter().all(|r| (r.first - 1) / 10 == (r.last - 1) / 10));
    }

    #[test]
    fn what_was_accepted_stays_accepted_and_what_may_have_arrived_stays_possible(lines in lines()) {
        let mut journal = Journal::new(plan(REPLACE));
        for line in &lines {
            let before = journal.clone();
            journal.apply(line);
            let accepted = journal.accepted();
            prop_assert!(before.accepted().ranges().iter().all(|r| accepted.covers(*r)));
            prop_assert!(!before.has_accepted() || journal.has_accepted());
            // Only an answer can take back that an attempt may have arrived.
            if !matches!(line, Line::Answer { .. }) {
                prop_assert!(!before.is_possibly_applied() || journal.is_possibly_applied());
                let opened = before.first_possibly_applied();
                prop_assert!(opened.is_none() || journal.first_possibly_applied() == opened);
            }
        }
        let is_possible = journal.is_possibly_applied();
        prop_assert_eq!(journal.first_possibly_applied().is_some(), is_possible);
        prop_assert_eq!(journal.last_possibly_applied_end().is_some(), is_possible);
    }

    #[test]
    fn a_pending_replace_is_over_sometime_and_stays_over(lines in lines(), step in 1..500u64) {
        let mut journal = Journal::new(plan(REPLACE));
        lines.iter().for_each(|line| journal.apply(line));
        let Some(pending) = journal.pending_replace(None) else { return Ok(()) };
        let clock = Clock::manual();
        let mut before = pending.remaining(&clock.now(), seconds(30));
        prop_assert!(before > Duration::ZERO);
        for _ in 0..10_000 / step {
            clock.advance(seconds(step));
            let left = pending.remaining(&clock.now(), seconds(30));
            prop_assert!(left <= before);
            before = left;
        }
        clock.advance(seconds(1_000));
        prop_assert_eq!(pending.remaining(&clock.now(), seconds(30)), Duration::ZERO);
    }

    #[test]
    fn every_line_reads_back_as_it_was_written(lines in lines()) {
        for line in lines {
            let text = serde_json::to_string(&line).unwrap();
            prop_assert!(!text.contains('\n'));
            prop_assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line);
        }
    }

    #[test]
    fn a_file_cut_anywhere_is_the_run_up_to_there(lines in lines(), at in 0.0..1.0f64) {
        let (_temp, path) = folder();
        let mut text = serde_json::to_string(&Line::Plan(Box::new(plan(REPLACE)))).unwrap() + "\n";
        let plan_bytes = text.len();
        for line in &lines {
            text += &(serde_json::to_string(line).unwrap() + "\n");
        }
        let cut = plan_bytes + ((text.len() - plan_bytes) as f64 * at) as usize;
        std::fs::write(&path, &text[..cut]).unwrap();
        let whole = text[..cut].matches('\n').count() - 1;
        let mut expected = Journal::new(plan(REPLACE));
        lines[..whole].iter().for_each(|line| expected.apply(line));
        let (writer, read) = JournalWriter::open_append(&path, Clock::manual()).unwrap();
        prop_assert_eq!(read.is_torn(), !text[..cut].ends_with('\n'));
        prop_assert_eq!(read.missing(), expected.missing());
        prop_assert_eq!(read.attempts(), expected.attempts());
        let next = attempt(1, 10, Clock::manual().now());
        writer.append(&next).unwrap();
        expected.apply(&next);
        prop_assert_eq!(Journal::read(&path).unwrap(), expected);
    }
}
