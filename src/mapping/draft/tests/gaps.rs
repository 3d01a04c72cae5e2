//! Which records are nearly empty.

use super::super::gaps::{Fullness, Gaps};

/// Whether a column is required that is empty in the records of a sample, each given by the count of its
/// filled cells and whether that column is one of them.
fn is_required(records: &[(usize, bool)]) -> bool {
    let (mut fullness, mut gaps, mut filled) = (Fullness::default(), Gaps::default(), 0);
    for (number, (cells, is_filled)) in (1..).zip(records) {
        fullness.add(*cells);
        match is_filled {
            true => filled += 1,
            false => gaps.add(number, number + 1, *cells),
        }
    }
    gaps.are_of_hollow(filled, records.len() as u64, &fullness, true)
}

#[test]
fn nearly_empty_records_tell_nothing_of_a_column() {
    let with = |count: usize, others: &[(usize, bool)]| {
        let mut records = vec![(6, true); count];
        records.extend(others);
        is_required(&records)
    };
    assert!(with(20, &[]));
    assert!(!with(19, &[]), "too few");
    assert!(with(40, &[(2, false), (6, true)]), "a third");
    assert!(!with(40, &[(3, false), (6, true)]), "a half");
    assert!(with(40, &[(3, false)]), "a half in the last record");
    assert!(!with(40, &[(4, false)]), "more in the last record");
    assert!(with(60, &[(2, false), (1, false), (3, false)]));
    assert!(!with(60, &[(5, false), (1, false)]), "one is not hollow");
    assert!(!with(30, &[(1, false), (1, false)]), "too many");
    let mut narrow = vec![(2, true); 40];
    narrow.push((1, false));
    assert!(!is_required(&narrow), "one of two cells");
}
