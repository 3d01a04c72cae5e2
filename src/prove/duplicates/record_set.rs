//! A set of record numbers that stays small, few or many.
//!
//! Numbers are kept in blocks of 65,536. A block is a sorted list of 16-bit numbers until a bit for
//! each of its records takes less (the layout of Roaring bitmaps, without the rest of them).

use std::collections::BTreeMap;

/// A list of so many takes the 8 KiB of a bit for each record.
const MOST_LISTED: usize = 4_096;

/// The words of 64 bits in a block.
const WORDS: usize = 1_024;

/// A set of record numbers.
///
/// Memory: at most 4 bytes a record and 100 bytes a block of 65,536 that has any, and never more
/// than about a bit for each record of the input (1.2 MiB at 10 million).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordSet {
    blocks: BTreeMap<u64, Block>,
    len: u64,
}

/// The members of one block, by their lower 16 bits.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Block {
    Listed(Vec<u16>),
    Mapped(Box<[u64; WORDS]>),
}

impl RecordSet {
    /// Whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many records are in it.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// Whether a record is in it.
    pub(crate) fn contains(&self, record: u64) -> bool {
        let (block, low) = split(record);
        self.blocks
            .get(&block)
            .is_some_and(|block| block.contains(low))
    }

    /// The records, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u64> {
        self.blocks.iter().flat_map(|(high, block)| {
            let base = high << 16;
            block
                .members()
                .into_iter()
                .map(move |low| base | u64::from(low))
        })
    }

    /// Adds a record and says whether it is new.
    pub(crate) fn insert(&mut self, record: u64) -> bool {
        let (block, low) = split(record);
        let block = self
            .blocks
            .entry(block)
            .or_insert_with(|| Block::Listed(Vec::new()));
        let is_new = block.insert(low);
        self.len += u64::from(is_new);
        is_new
    }
}

/// A record's block and its number there.
fn split(record: u64) -> (u64, u16) {
    (record >> 16, record as u16)
}

/// The word and the bit of a number in a block.
fn bit(low: u16) -> (usize, u64) {
    (usize::from(low) / 64, 1 << (low % 64))
}

impl Block {
    fn contains(&self, low: u16) -> bool {
        match self {
            Self::Listed(list) => list.binary_search(&low).is_ok(),
            Self::Mapped(words) => {
                let (word, bit) = bit(low);
                words[word] & bit != 0
            }
        }
    }

    fn insert(&mut self, low: u16) -> bool {
        match self {
            Self::Listed(list) => {
                let Err(place) = list.binary_search(&low) else {
                    return false;
                };
                list.insert(place, low);
                if list.len() > MOST_LISTED {
                    let mut words = Box::new([0; WORDS]);
                    for &low in list.iter() {
                        let (word, bit) = bit(low);
                        words[word] |= bit;
                    }
                    *self = Self::Mapped(words);
                }
                true
            }
            Self::Mapped(words) => {
                let (word, bit) = bit(low);
                let is_new = words[word] & bit == 0;
                words[word] |= bit;
                is_new
            }
        }
    }

    fn members(&self) -> Vec<u16> {
        match self {
            Self::Listed(list) => list.clone(),
            Self::Mapped(_) => (0..=u16::MAX).filter(|&low| self.contains(low)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn holds_what_a_plain_set_holds(
            scattered in prop::collection::vec(any::<u64>(), 0..50),
            near in prop::collection::vec(0_u64..200_000, 0..20_000),
            start in 0_u64..200_000,
            run in 0_u64..10_000,
        ) {
            let mut set = RecordSet::default();
            let mut plain = BTreeSet::new();
            for record in scattered.into_iter().chain(near).chain(start..start + run) {
                prop_assert_eq!(set.insert(record), plain.insert(record));
            }
            prop_assert_eq!(set.len(), plain.len() as u64);
            prop_assert_eq!(set.is_empty(), plain.is_empty());
            let is_same = |record| set.contains(record) == plain.contains(&record);
            prop_assert!((0..210_000).all(is_same));
            prop_assert!(set.iter().eq(plain));
        }
    }

    #[test]
    fn a_full_block_takes_a_bit_a_record() {
        let mut set = RecordSet::default();
        for record in 0..65_536 {
            set.insert(record);
        }
        assert_eq!(set.blocks.len(), 1);
        assert!(matches!(set.blocks[&0], Block::Mapped(_)));
    }
}
