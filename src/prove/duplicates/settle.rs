//! The second look: which of the candidates have the same id indeed.
//!
//! The candidates' ids are partitioned as their hashes were. In each partition a table from id to
//! where it was first and last seen tells duplicates from mere collisions.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io;

use roaring::RoaringTreemap as RecordSet;

use super::hash::{IdHash, fingerprint};
use super::spill::{self, Scratch, Spill, Visitor};
use crate::base::position::Position;

/// How many duplicates are shown one by one.
pub(crate) const SHOWN_DUPLICATES: usize = 20;

/// Which record of several with the same id stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// The one that comes first in the input.
    First,
    /// The one that comes last.
    Last,
}

/// Why duplicates could not be settled.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettleError {
    /// The temporary file cannot be made, written or read.
    #[error(transparent)]
    Scratch(#[from] io::Error),
    /// The ids are not those of the first look.
    #[error("the input has changed while it was read for duplicates")]
    Changed,
}

/// Compares the ids of the candidates.
///
/// Memory: as the index, with a table of ids instead of hashes (about 100 bytes for each different
/// id of a partition, and the id itself), the sets of [`Duplicates`], and the ids that are shown.
/// Disk: about 7 bytes a candidate, and its id. Measured with 10 million records of 17-byte ids,
/// each id twice: 1.3 to 2.2 s for both steps and 22 MiB in all.
#[derive(Debug)]
pub(crate) struct Settler {
    hash: IdHash,
    spill: Spill,
    /// How many candidates are still to come.
    missing: u64,
    /// What the fingerprints of those to come must add up to.
    fingerprint: u64,
    payload: Vec<u8>,
}

/// An id that occurs again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    /// The id, for messages.
    pub id: String,
    /// Where it stands for the first time.
    pub first: Position,
    /// Where it stands again.
    pub later: Position,
}

/// The ids that occur more than once.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Duplicates {
    /// How many records have an id that occurred before: as many as must be dropped.
    pub count: u64,
    /// The first [`SHOWN_DUPLICATES`] of them, in the order of the input.
    pub shown: Vec<Pair>,
    not_first: RecordSet,
    not_last: RecordSet,
}

impl Duplicates {
    /// The records to drop, so that each id is left once: [`Duplicates::count`] of them.
    pub(crate) fn losers(self, keep: Keep) -> RecordSet {
        match keep {
            Keep::First => self.not_first,
            Keep::Last => self.not_last,
        }
    }
}

impl Settler {
    pub(super) fn new(scratch: Scratch, hash: IdHash, candidates: u64, fingerprint: u64) -> Self {
        Self {
            hash,
            spill: Spill::new(scratch),
            missing: candidates,
            fingerprint,
            payload: Vec::new(),
        }
    }

    /// Adds the id of a wanted record: each once, in the order of the input, no others.
    pub(crate) fn add(&mut self, at: Position, id: &[u8]) -> io::Result<()> {
        let hash = self.hash.of(id);
        // A record too many leaves another number than zero, as one too few does.
        self.missing = self.missing.wrapping_sub(1);
        self.fingerprint = self.fingerprint.wrapping_sub(fingerprint(at.record, hash));
        self.payload.clear();
        spill::write_number(&mut self.payload, at.input as u64);
        spill::write_number(&mut self.payload, at.line);
        self.payload.extend_from_slice(id);
        self.spill.append(hash, at.record, &self.payload)
    }

    /// Tells the duplicates.
    pub(crate) fn finish(self) -> Result<Duplicates, SettleError> {
        if self.missing != 0 || self.fingerprint != 0 {
            return Err(SettleError::Changed);
        }
        let mut same = SameIds {
            hash: self.hash,
            seen: HashMap::new(),
            found: Duplicates::default(),
        };
        self.spill.visit(&mut same)?;
        Ok(same.found)
    }
}

/// Finds the records that share their id.
struct SameIds {
    hash: IdHash,
    /// The ids of the partition at hand.
    seen: HashMap<Box<[u8]>, Seen>,
    found: Duplicates,
}

/// Where an id was seen.
struct Seen {
    first: Position,
    /// The number of the record that had it last.
    last: u64,
}

impl Visitor for SameIds {
    fn hash(&self, payload: &[u8]) -> io::Result<u64> {
        let (_, id) = unpack(0, payload)?;
        Ok(self.hash.of(id))
    }

    fn begin(&mut self) {
        self.seen.clear();
    }

    fn entry(&mut self, record: u64, payload: &[u8]) -> io::Result<()> {
        let (at, id) = unpack(record, payload)?;
        match self.seen.entry(id.into()) {
            Entry::Vacant(place) => {
                place.insert(Seen {
                    first: at,
                    last: record,
                });
            }
            Entry::Occupied(mut seen) => {
                let seen = seen.get_mut();
                self.found.not_first.insert(record);
                self.found.not_last.insert(seen.last);
                seen.last = record;
                self.found.add(seen.first, at, id);
            }
        }
        Ok(())
    }
}

impl Duplicates {
    /// Counts a record that has an earlier one's id, and shows it if it is among the first.
    fn add(&mut self, first: Position, later: Position, id: &[u8]) {
        self.count += 1;
        // Partitions come in no order of the input, so a later one may hold an earlier record.
        let place = self
            .shown
            .partition_point(|pair| pair.later.record < later.record);
        if place < SHOWN_DUPLICATES {
            self.shown.truncate(SHOWN_DUPLICATES - 1);
            let id = String::from_utf8_lossy(id).into_owned();
            self.shown.insert(place, Pair { id, first, later });
        }
    }
}

/// Reads what [`Settler::add`] wrote.
fn unpack(record: u64, mut payload: &[u8]) -> io::Result<(Position, &[u8])> {
    let input = spill::read_number(&mut payload)?;
    let input = usize::try_from(input).map_err(|_| spill::damaged())?;
    let line = spill::read_number(&mut payload)?;
    Ok((
        Position {
            input,
            line,
            record,
        },
        payload,
    ))
}
