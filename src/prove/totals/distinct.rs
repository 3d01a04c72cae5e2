//! How many values there are, told apart by their hashes, as long as there are few.

use super::total::MOST_DISTINCT;

/// The most slots: at most half of them hold a hash.
const MOST_SLOTS: usize = (2 * MOST_DISTINCT).next_power_of_two();

/// The hashes met so far; none once there were too many. Memory is at most 16 KiB.
#[derive(Clone, Debug)]
pub(super) struct Distinct {
    /// A power of two of them, or none where nothing is counted any more. 0 is a slot that is free: of 2^64
    /// values one is not counted.
    slots: Vec<u64>,
    count: usize,
}

impl Distinct {
    pub(super) fn new() -> Self {
        Self {
            slots: vec![0; 16],
            count: 0,
        }
    }

    /// Nothing is counted.
    pub(super) fn uncounted() -> Self {
        Self {
            slots: Vec::new(),
            count: 0,
        }
    }

    #[inline(always)]
    pub(super) fn add(&mut self, hash: u64) {
        // Where values recur, as they do where few of them are counted, this one is nearly always there.
        let at = hash as usize & self.slots.len().wrapping_sub(1);
        if self.slots.get(at).is_some_and(|held| *held != hash) {
            self.find(at, hash);
        }
    }

    /// Looks on, behind a slot that has another hash.
    fn find(&mut self, mut at: usize, hash: u64) {
        let mask = self.slots.len() - 1;
        while let Some(slot) = self.slots.get(at) {
            match *slot {
                0 => return self.insert(at, hash),
                held if held == hash => return,
                _ => at = (at + 1) & mask,
            }
        }
    }

    #[cold]
    fn insert(&mut self, at: usize, hash: u64) {
        if self.count == MOST_DISTINCT {
            *self = Self::uncounted();
            return;
        }
        self.slots[at] = hash;
        self.count += 1;
        if self.count * 2 > self.slots.len() && self.slots.len() < MOST_SLOTS {
            let mut larger = Self {
                slots: vec![0; self.slots.len() * 2],
                count: 0,
            };
            larger.add_all(&self.slots);
            *self = larger;
        }
    }

    fn add_all(&mut self, slots: &[u64]) {
        let hashes = slots.iter().filter(|slot| **slot != 0);
        hashes.for_each(|hash| self.add(*hash));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        match other.slots.is_empty() {
            true => *self = Self::uncounted(),
            false => self.add_all(&other.slots),
        }
    }

    /// Whether there were not too many by now.
    #[inline]
    pub(super) fn is_counted(&self) -> bool {
        !self.slots.is_empty()
    }

    /// None where there were too many.
    pub(super) fn count(&self) -> Option<u64> {
        self.is_counted().then_some(self.count as u64)
    }
}
