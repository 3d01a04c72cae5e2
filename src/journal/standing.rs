//! What a run left in its table, as far as its own journal tells: what became of each record, and
//! the table's state in one word.
//!
//! Imports can only make it better or worse where everything was sent: of a run that stopped half
//! way they know nothing.

use super::status::RunState;
use super::view::{Attempt, Journal};
use crate::model::{ImportId, Mode, RecordRange, TableState};

/// A range of records, all of which fared alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part<'a> {
    /// The chunk that it is, or is a part of; from 1.
    pub chunk: u64,
    /// Its records' numbers.
    pub range: RecordRange,
    /// How many records it carries. Where one chunk lacks several parts that were never built, only
    /// their sum is exact.
    pub records: u64,
    /// What became of them.
    pub fate: Fate<'a>,
}

/// What became of a range of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate<'a> {
    /// The service took them.
    Accepted(&'a ImportId),
    /// A request with them may have been applied.
    Unknown,
    /// Every request with them was surely not applied.
    Refused,
    /// No request with them left.
    NotSent,
}

/// The records that were to be sent, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// All of them.
    pub to_send: u64,
    /// In requests that were accepted.
    pub accepted: u64,
    /// In requests that may have been applied.
    pub unknown: u64,
}

impl Sums {
    /// In no request that can have been applied.
    #[must_use]
    pub fn not_sent(self) -> u64 {
        self.to_send.saturating_sub(self.accepted + self.unknown)
    }
}

impl Journal {
    /// What became of all records, in their order; since the last resumption that sends everything
    /// again.
    #[must_use]
    pub fn parts(&self) -> Vec<Part<'_>> {
        let missing = self.missing();
        let chunks = &self.plan().chunks;
        if chunks.is_empty() {
            return self.parts_of(1, self.all()[0], 0, &missing);
        }
        let parts = |chunk: &super::ChunkLine| {
            self.parts_of(chunk.number, chunk.range, chunk.records, &missing)
        };
        chunks.iter().flat_map(parts).collect()
    }

    /// The parts of one chunk.
    fn parts_of(
        &self,
        chunk: u64,
        range: RecordRange,
        records: u64,
        missing: &[RecordRange],
    ) -> Vec<Part<'_>> {
        let within = |of: RecordRange| range.first <= of.first && of.last <= range.last;
        let mut parts: Vec<Part<'_>> = Vec::new();
        for attempt in self.attempts().iter().filter(|a| within(a.range)) {
            let is_new = parts.iter().all(|part| part.range != attempt.range);
            if let Some(import) = attempt.import().filter(|_| is_new) {
                parts.push(Part {
                    chunk,
                    range: attempt.range,
                    records: attempt.records,
                    fate: Fate::Accepted(import),
                });
            }
        }
        let accepted: u64 = parts.iter().map(|part| part.records).sum();
        let mut left = records.saturating_sub(accepted);
        let mut missing = missing.iter().filter(|range| within(**range)).peekable();
        while let Some(&range) = missing.next() {
            let records = match missing.peek() {
                // Bad records are not known apart here.
                Some(_) => self.records_in(range).min(left),
                None => left,
            };
            left -= records;
            parts.push(Part {
                chunk,
                range,
                records,
                fate: self.fate(range),
            });
        }
        parts.sort_by_key(|part| part.range);
        parts
    }

    /// How many records a range carries, as its last attempt says, else without those that are known
    /// to be left out.
    fn records_in(&self, range: RecordRange) -> u64 {
        let mut attempts = self.attempts().iter().rev();
        if let Some(attempt) = attempts.find(|attempt| attempt.range == range) {
            return attempt.records;
        }
        let dropped = self.plan().dropped.iter().map(|of| {
            let (first, last) = (of.first.max(range.first), of.last.min(range.last));
            (last + 1).saturating_sub(first)
        });
        range.span().saturating_sub(dropped.sum())
    }

    /// What became of a range that was not accepted.
    fn fate(&self, range: RecordRange) -> Fate<'static> {
        let attempts = || self.attempts().iter().filter(|a| a.range.overlaps(range));
        if self.may_have_lost_attempts() || attempts().any(Attempt::is_possibly_applied) {
            Fate::Unknown
        } else if attempts().next().is_some() {
            Fate::Refused
        } else {
            Fate::NotSent
        }
    }

    /// Whether lines are lost, and no push that knew better wrote down how it ended.
    fn may_have_lost_attempts(&self) -> bool {
        self.has_gaps() && self.end_word() != Some(TableState::AtRisk)
    }

    fn end_word(&self) -> Option<TableState> {
        TableState::of_word(&self.end()?.table_state)
    }

    /// The ranges that were not accepted and may have been applied nevertheless.
    #[must_use]
    pub fn doubtful(&self) -> Vec<RecordRange> {
        let parts = self.parts().into_iter();
        let doubtful = parts.filter(|part| part.fate == Fate::Unknown);
        doubtful.map(|part| part.range).collect()
    }

    /// The records that were to be sent, counted by what became of them.
    #[must_use]
    pub fn sums(&self) -> Sums {
        let mut sums = Sums {
            to_send: self.plan().chunks.iter().map(|chunk| chunk.records).sum(),
            ..Sums::default()
        };
        for part in self.parts() {
            match part.fate {
                Fate::Accepted(_) => sums.accepted += part.records,
                Fate::Unknown => sums.unknown += part.records,
                Fate::Refused | Fate::NotSent => {}
            }
        }
        sums
    }

    /// Whether everything was accepted, and in time as far as anyone knows: then its imports alone
    /// decide what the table holds.
    #[must_use]
    pub fn is_through(&self) -> bool {
        let accepted = self.attempts().iter().filter(|a| a.import().is_some());
        let is_windowed = match self.plan().mode {
            // What a single request holds cannot be too late for itself.
            Mode::Replace { debounce } => !debounce.is_zero() && accepted.count() > 1,
            Mode::Upsert => false,
        };
        self.is_complete()
            && match self.end() {
                Some(end) => self.is_all_sent(end),
                // Nobody looked whether the last request came in time.
                None => !is_windowed || self.is_sealed(),
            }
    }

    /// What the table holds by what the journal tells, in one word.
    #[must_use]
    pub fn table_state(&self) -> TableState {
        let end = self.end_word();
        if !self.is_possibly_applied() {
            return TableState::Untouched;
        }
        if !self.is_through() {
            let sums = self.sums();
            let is_known =
                sums.unknown == 0 && self.first_import().is_some() && !self.is_complete();
            return match end {
                Some(word @ (TableState::AtRisk | TableState::Unknown)) => word,
                _ if is_known => TableState::AtRisk,
                _ => TableState::Unknown,
            };
        }
        let has_error = self.imports().iter().any(|import| import.has_error);
        match end {
            Some(word @ (TableState::Gaps | TableState::Unknown)) => word,
            _ if has_error || self.plan().rejected > 0 => TableState::Gaps,
            Some(word @ (TableState::Replaced | TableState::Updated)) => word,
            _ => TableState::Pending,
        }
    }

    /// Whether an import is one of this run's, or was before the run was sent anew.
    #[must_use]
    pub fn has_import(&self, id: &ImportId) -> bool {
        self.import_ids().contains(&id) || self.earlier_imports.contains(id)
    }
}

impl RunState {
    /// Whether the run is open: a `resume` would go on with it.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Planned | Self::Interrupted | Self::AtRisk)
    }
}
