//! Laws of the chunks of some records: built, they are these records as they would go with all others.

use std::collections::BTreeSet;
use std::fs;

use proptest::prelude::*;

use super::chunks::{Opened, csv, ids};
use crate::prove::chunk::{BuildError, ChunkOptions, ChunkPlan};
use crate::prove::duplicates::RecordSet;
use crate::prove::{Proof, repack};

fn cut(
    opened: &Opened,
    proof: &Proof,
    (max_records, max_body): (u64, u64),
    wanted: &RecordSet,
) -> Result<Vec<ChunkPlan>, BuildError> {
    let options = ChunkOptions::new(max_records, max_body);
    let (source, binding) = (&opened.source, &opened.binding);
    repack(source, binding, options, &proof.chunks, wanted)
}

/// All records but these.
fn others(wanted: &RecordSet, read: u64) -> RecordSet {
    let mut others: RecordSet = (1..=read).collect();
    others -= wanted;
    others
}

/// How many places are read.
fn places(chunks: &[ChunkPlan]) -> usize {
    chunks.iter().map(|chunk| chunk.extents.len()).sum()
}

/// Files with blank lines and records of all sizes, numbered on.
fn files(counts: &[u64]) -> Vec<(&'static str, String)> {
    let mut next = 1;
    let file = |(n, count): (usize, &u64)| {
        let numbers = next..next + count;
        next += count;
        let rows: String = numbers
            .map(|id| {
                let blank = if id % 7 == 0 { "\n" } else { "" };
                let size = if id % 23 == 0 {
                    9_000
                } else {
                    id as usize % 90
                };
                format!("{blank}{id},\"{}\"\n", "x".repeat(size))
            })
            .collect();
        (["a.csv", "b.csv", "c.csv"][n], format!("id,note\n{rows}"))
    };
    counts.iter().enumerate().map(file).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_built_are_the_wanted_records_in_order(
        counts in proptest::collection::vec(0u64..120, 1..4),
        proved_by in (1u64..60, 10_000u64..20_000),
        cut_by in (1u64..60, 10_000u64..20_000),
        wanted in proptest::collection::btree_set(1u64..360, 0..120),
    ) {
        let total: u64 = counts.iter().sum();
        let opened = Opened::new(&files(&counts));
        let proof = opened.prove(proved_by.0, proved_by.1);
        let wanted: BTreeSet<_> = wanted.into_iter().filter(|number| *number <= total).collect();
        let set: RecordSet = wanted.iter().copied().collect();
        let chunks = cut(&opened, &proof, cut_by, &set).unwrap();

        let left_out = others(&set, total);
        let (mut joined, mut last) = (Vec::new(), 0);
        for (plan, number) in chunks.iter().zip(1..) {
            let built = opened.build_without(plan, plan.range, &left_out).unwrap();
            let ids = ids(&built.body);
            prop_assert_eq!(plan.number, number);
            prop_assert!(plan.range.first > last);
            last = plan.range.last;
            prop_assert_eq!((Some(&plan.range.first), Some(&plan.range.last)), (ids.first(), ids.last()));
            prop_assert_eq!(plan.records, ids.len() as u64);
            prop_assert_eq!(plan.body_bytes, built.body.len() as u64);
            prop_assert!(plan.records <= cut_by.0 && plan.body_bytes <= cut_by.1);
            prop_assert_eq!(plan.firsts.len(), plan.extents.len());
            // The halves of it are it.
            if plan.records > 1 {
                let (mut first, mut second) = (plan.range, plan.range);
                (first.last, second.first) = (built.middle, built.middle + 1);
                let halves = [first, second].map(|range| {
                    self::ids(&opened.build_without(plan, range, &left_out).unwrap().body)
                });
                prop_assert_eq!(halves.concat(), ids.clone());
            }
            joined.extend(ids);
        }
        prop_assert_eq!(joined, wanted.into_iter().collect::<Vec<_>>());
        // Only a large record, another file, a border or a blank line at one makes another place.
        let large = total / 23;
        let borders = (proof.chunks.len() + chunks.len() + counts.len()) as u64 * 2;
        prop_assert!(places(&chunks) as u64 <= 1 + large + borders);
    }
}

#[test]
fn what_changed_since_it_was_proved_is_not_cut() {
    let opened = Opened::new(&[("a.csv", csv(1..100))]);
    let proof = opened.prove(30, 1 << 20);
    let path = opened.dir.path().join("a.csv");
    let text = fs::read_to_string(&path).unwrap();
    // Of a record that is not wanted, too.
    fs::write(&path, text.replace("\n95,", "\n96,")).unwrap();
    let limits = (5_000, 1 << 20);
    let cut = |wanted: &[u64]| cut(&opened, &proof, limits, &wanted.iter().copied().collect());
    assert_eq!(cut(&[1, 89]).unwrap().len(), 1);
    assert_eq!(
        cut(&[1, 91]).unwrap_err().to_string(),
        "the input has changed since it was proved (records 91 to 99)"
    );
    fs::write(&path, "id,note\n").unwrap();
    assert!(matches!(cut(&[1]), Err(BuildError::Input(_))));
}

/// Most places are far apart; the journal lists all of them.
#[test]
fn places_are_bounded() {
    let opened = Opened::new(&[("a.csv", csv(1..200_000))]);
    let proof = opened.prove(5_000, 16 << 20);
    let every_tenth = (1..200_000).step_by(10).collect();
    let chunks = cut(&opened, &proof, (5_000, 16 << 20), &every_tenth).unwrap();
    let sizes: Vec<_> = chunks.iter().map(|chunk| chunk.records).collect();
    assert_eq!(sizes, [5_000; 4]);
    // 500 bytes are near: nearly all of a proved chunk, or of what is read of it at a time, is one place.
    assert!(
        places(&chunks) <= 2 * proof.chunks.len(),
        "{}",
        places(&chunks)
    );
}
