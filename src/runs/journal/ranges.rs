//! Sets of record numbers, kept as ranges.

use crate::base::model::RecordRange;

/// A set of record numbers: ranges in order that neither overlap nor touch.
///
/// Not a bitmap, since a journal may be damaged: as one, a range of 10 billion records takes 7 MiB, and
/// one up to the largest number more than there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RangeSet(Vec<RecordRange>);

impl RangeSet {
    /// No records.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a range; what is in the set already changes nothing.
    pub(crate) fn insert(&mut self, range: RecordRange) {
        // All that overlap or touch it: from the first that does not end before it …
        let start = self
            .0
            .partition_point(|have| have.last < range.first.saturating_sub(1));
        // … to the last that does not begin after it.
        let end = self
            .0
            .partition_point(|have| have.first <= range.last.saturating_add(1));
        let merged = self.0[start..end]
            .iter()
            .fold(range, |all, have| RecordRange {
                first: all.first.min(have.first),
                last: all.last.max(have.last),
            });
        self.0.splice(start..end, [merged]);
    }

    /// The parts of a range that are not in the set, in order.
    pub(crate) fn missing_in(&self, range: RecordRange) -> Vec<RecordRange> {
        let mut missing = Vec::new();
        let mut next = Some(range.first);
        let start = self.0.partition_point(|have| have.last < range.first);
        for have in self.0[start..]
            .iter()
            .take_while(|have| have.first <= range.last)
        {
            if let Some(first) = next.filter(|first| *first < have.first) {
                let last = have.first - 1;
                missing.push(RecordRange { first, last });
            }
            next = have.last.checked_add(1);
        }
        if let Some(first) = next.filter(|first| *first <= range.last) {
            let last = range.last;
            missing.push(RecordRange { first, last });
        }
        missing
    }

    /// The ranges, in order.
    pub(crate) fn ranges(&self) -> &[RecordRange] {
        &self.0
    }
}

impl FromIterator<RecordRange> for RangeSet {
    fn from_iter<I: IntoIterator<Item = RecordRange>>(ranges: I) -> Self {
        let mut set = Self::new();
        for range in ranges {
            set.insert(range);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    impl RangeSet {
        /// Takes a range out.
        fn remove(&mut self, range: RecordRange) {
            let taken = Self(vec![range]);
            let left = self.0.iter().flat_map(|have| taken.missing_in(*have));
            self.0 = left.collect();
        }

        /// Whether the whole range is in the set.
        pub(crate) fn covers(&self, range: RecordRange) -> bool {
            self.missing_in(range).is_empty()
        }

        /// How many record numbers are in the set.
        fn span(&self) -> u64 {
            self.0.iter().map(|range| range.span()).sum()
        }

        /// Whether it is empty.
        pub(crate) fn is_empty(&self) -> bool {
            self.0.is_empty()
        }
    }

    fn range() -> impl Strategy<Value = RecordRange> {
        (1..60u64, 0..12u64).prop_map(|(first, more)| RecordRange {
            first,
            last: first + more,
        })
    }

    fn numbers(ranges: &[RecordRange]) -> BTreeSet<u64> {
        ranges.iter().flat_map(|r| r.first..=r.last).collect()
    }

    fn is_tidy(set: &RangeSet) -> bool {
        set.0.iter().all(|r| r.first <= r.last)
            && set.0.windows(2).all(|w| w[0].last + 1 < w[1].first)
    }

    proptest! {
        #[test]
        fn a_set_of_ranges_is_a_set(
            changes in prop::collection::vec((any::<bool>(), range()), 0..40),
            asked in range(),
        ) {
            let (mut set, mut model) = (RangeSet::new(), BTreeSet::new());
            for (is_added, range) in changes {
                if is_added {
                    set.insert(range);
                    model.extend(range.first..=range.last);
                } else {
                    set.remove(range);
                    model.retain(|n| !(range.first..=range.last).contains(n));
                }
                prop_assert!(is_tidy(&set), "{:?}", set);
                prop_assert_eq!(&numbers(set.ranges()), &model);
                prop_assert_eq!(set.span(), model.len() as u64);
            }
            let missing: BTreeSet<_> =
                (asked.first..=asked.last).filter(|n| !model.contains(n)).collect();
            prop_assert_eq!(set.covers(asked), missing.is_empty());
            prop_assert_eq!(numbers(&set.missing_in(asked)), missing);
        }
    }

    #[test]
    fn the_largest_numbers_overflow_nothing() {
        let end = RecordRange {
            first: u64::MAX - 1,
            last: u64::MAX,
        };
        let mut set: RangeSet = [end, end].into_iter().collect();
        assert!(set.covers(end));
        set.remove(end);
        assert!(set.is_empty());
    }
}
