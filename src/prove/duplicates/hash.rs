//! The hash of an id, and the sum over them that shows whether the input has changed.

use std::hash::{BuildHasher, RandomState};

/// The hash of ids. The seed is another in each run, so that no input can be made to fill one
/// partition; tests put a bad function in its place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdHash {
    function: fn(&[u8], u64) -> u64,
    seed: u64,
}

impl IdHash {
    pub(super) fn new(function: fn(&[u8], u64) -> u64) -> Self {
        // The standard library's random state is the one source of randomness it offers.
        Self {
            function,
            seed: RandomState::new().hash_one(0_u8),
        }
    }

    /// An id's hash.
    pub(crate) fn of(self, id: &[u8]) -> u64 {
        (self.function)(id, self.seed)
    }
}

/// What a candidate adds to the sum by which the second look is held to have seen the ids of the
/// first.
///
/// Mixed as in SplitMix64: with a plainer formula the sum stays the same when two records swap ids.
pub(super) fn fingerprint(record: u64, hash: u64) -> u64 {
    let mixed = hash.wrapping_add(record.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
