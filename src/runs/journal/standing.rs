//! What a run left in its table, as far as its own journal tells: what became of each record, and
//! the table's state in one word.
//!
//! Imports can only make it better or worse where everything was sent: of a run that stopped half
//! way they know nothing.

use std::collections::BTreeMap;

use super::ranges::RangeSet;
use super::view::Journal;
use crate::base::model::{ImportId, RecordRange, TableState};

/// A range of records, all of which fared alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RangeFate<'a> {
    /// The chunk that it is, or is a part of; from 1.
    pub chunk: u64,
    pub range: RecordRange,
    /// How many records it carries. Where one chunk lacks several parts that were never built, only
    /// their sum is exact.
    pub records: u64,
    /// What became of them.
    pub fate: Fate<'a>,
}

/// What became of a range of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate<'a> {
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
pub(crate) struct Sums {
    /// Records of all chunks.
    pub to_send: u64,
    /// In requests that were accepted.
    pub accepted: u64,
    /// In requests that may have been applied.
    pub unknown: u64,
}

impl Sums {
    /// In no request that can have been applied.
    pub(crate) fn not_sent(self) -> u64 {
        self.to_send
            .saturating_sub(self.accepted)
            .saturating_sub(self.unknown)
    }
}

impl Journal {
    /// What became of all records, in their order; since the last resumption that sends everything
    /// again.
    pub(crate) fn parts(&self) -> Vec<RangeFate<'_>> {
        let tried = Tried::new(self);
        let missing = self.missing();
        let mut accepted = tried.accepted.iter().peekable();
        let mut missing = missing.into_iter().peekable();
        let mut parts = Vec::new();
        let mut add = |chunk: u64, range: RecordRange, records: u64| {
            let (mut left, begin) = (records, parts.len());
            while let Some((&range, &(import, records))) =
                accepted.next_if(|(of, _)| of.first <= range.last)
            {
                left = left.saturating_sub(records);
                let fate = Fate::Accepted(import);
                parts.push(RangeFate {
                    chunk,
                    range,
                    records,
                    fate,
                });
            }
            while let Some(of) = missing.next_if(|of| of.first <= range.last) {
                let is_last = missing.peek().is_none_or(|next| next.first > range.last);
                let known = tried.records.get(&of).copied();
                let records = match is_last {
                    // Bad records are not known apart here, but their sum is.
                    true => left,
                    false => known.unwrap_or(of.span()).min(left),
                };
                left -= records;
                let (range, fate) = (of, tried.fate(of));
                parts.push(RangeFate {
                    chunk,
                    range,
                    records,
                    fate,
                });
            }
            parts[begin..].sort_by_key(|part| part.range);
        };
        match self.plan().chunks.as_slice() {
            [] => add(1, self.all()[0], 0),
            chunks => chunks
                .iter()
                .for_each(|chunk| add(chunk.number, chunk.range, chunk.records)),
        }
        parts
    }

    /// Whether lines are lost, and no push that knew better wrote down how it ended.
    fn may_have_lost_attempts(&self) -> bool {
        self.has_gaps() && self.end_word() != Some(TableState::AtRisk)
    }

    fn end_word(&self) -> Option<TableState> {
        TableState::of_word(&self.end()?.table_state)
    }

    /// The ranges that were not accepted and may have been applied nevertheless.
    pub(crate) fn doubtful(&self) -> Vec<RecordRange> {
        let parts = self.parts().into_iter();
        let doubtful = parts.filter(|part| part.fate == Fate::Unknown);
        doubtful.map(|part| part.range).collect()
    }

    /// The records that were to be sent, counted by what became of them.
    pub(crate) fn sums(&self) -> Sums {
        let records = self.plan().chunks.iter().map(|chunk| chunk.records);
        let mut sums = Sums {
            to_send: records.fold(0, u64::saturating_add),
            ..Sums::default()
        };
        for part in self.parts() {
            let sum = match part.fate {
                Fate::Accepted(_) => &mut sums.accepted,
                Fate::Unknown => &mut sums.unknown,
                Fate::Refused | Fate::NotSent => continue,
            };
            *sum = sum.saturating_add(part.records);
        }
        sums
    }

    /// Whether everything was accepted, and in time as far as anyone knows: then its imports alone
    /// decide what the table holds.
    pub(crate) fn is_through(&self) -> bool {
        let accepted = self.attempts().iter().filter(|a| a.import().is_some());
        // What a single request holds cannot be too late for itself.
        let is_windowed = self.plan().mode.window().is_some() && accepted.count() > 1;
        self.is_complete()
            && match self.end() {
                Some(end) => self.is_all_sent(end),
                // Nobody looked whether the last request came in time.
                None => !is_windowed || self.is_sealed(),
            }
    }

    /// What the table holds by what the journal tells, in one word.
    pub(crate) fn table_state(&self) -> TableState {
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
    pub(crate) fn has_import(&self, id: &ImportId) -> bool {
        self.import_ids().contains(&id) || self.earlier_imports.contains(id)
    }
}

/// All attempts, found by their ranges.
struct Tried<'a> {
    /// The ranges that were accepted, each with its import and how many records it carried.
    accepted: BTreeMap<RecordRange, (&'a ImportId, u64)>,
    /// How many records the last attempt of each range carried.
    records: BTreeMap<RecordRange, u64>,
    ranges: RangeSet,
    /// The ranges without an answer that says whether they were applied.
    doubtful: RangeSet,
    may_have_lost_some: bool,
}

impl<'a> Tried<'a> {
    fn new(journal: &'a Journal) -> Self {
        let attempts = || journal.attempts().iter();
        let mut accepted = BTreeMap::new();
        for attempt in attempts() {
            if let Some(import) = attempt.import() {
                let entry = accepted.entry(attempt.range);
                entry.or_insert((import, attempt.records));
            }
        }
        let doubtful = journal.possibly_applied_attempts();
        let doubtful = doubtful.filter(|attempt| attempt.import().is_none());
        Self {
            accepted,
            records: attempts().map(|a| (a.range, a.records)).collect(),
            ranges: attempts().map(|a| a.range).collect(),
            doubtful: doubtful.map(|a| a.range).collect(),
            may_have_lost_some: journal.may_have_lost_attempts(),
        }
    }

    /// What became of a range that was not accepted.
    fn fate(&self, range: RecordRange) -> Fate<'static> {
        let has_some = |set: &RangeSet| set.missing_in(range) != [range];
        if self.may_have_lost_some || has_some(&self.doubtful) {
            Fate::Unknown
        } else if has_some(&self.ranges) {
            Fate::Refused
        } else {
            Fate::NotSent
        }
    }
}
