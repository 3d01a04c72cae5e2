//! The requests of a push that were accepted, those of an earlier process of the run included.

use jiff::Timestamp;

use crate::base::model::{ImportId, RecordRange};
use crate::push::send::{PartState, Sent};
use crate::runs::journal::Journal;

/// One request that was accepted.
#[derive(Clone, Debug)]
struct Arrived {
    import: ImportId,
    range: RecordRange,
    at: Option<Timestamp>,
    /// When the request began, by the service's clock, where that is known.
    began: Option<Timestamp>,
    records: u64,
    may_count_twice: bool,
}

/// The requests of a push that were accepted, those of an earlier process of the run included.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arrivals {
    arrived: Vec<Arrived>,
    /// Ranges of requests before that may have been applied and have no answer.
    doubtful: Vec<RecordRange>,
    /// Records of those that were not accepted later.
    unanswered: u64,
    /// Whether there may be requests of which nothing is known.
    has_gaps: bool,
}

impl Arrivals {
    /// What an earlier process of the run brought that still counts.
    pub(crate) fn of_journal(journal: &Journal) -> Self {
        let mut arrivals = Self {
            unanswered: journal.sums().unknown,
            has_gaps: journal.has_gaps(),
            ..Self::default()
        };
        // What waited when all requests were over came in time, whatever the clocks here say.
        let is_in_time = journal.is_sealed();
        for attempt in journal.possibly_applied_attempts() {
            match (&attempt.answer, attempt.import()) {
                (Some((ended, _)), Some(import)) => arrivals.arrived.push(Arrived {
                    import: import.clone(),
                    range: attempt.range,
                    at: (!is_in_time).then_some(ended.wall),
                    began: None,
                    records: attempt.records,
                    may_count_twice: false,
                }),
                _ => arrivals.doubtful.push(attempt.range),
            }
        }
        arrivals
    }

    /// What this process brought.
    pub(crate) fn add(&mut self, sent: &Sent) {
        for result in &sent.results {
            if let PartState::Accepted(import) = &result.state {
                self.arrived.push(Arrived {
                    import: import.clone(),
                    range: result.part.range,
                    at: result.accepted_at,
                    began: result.began_at,
                    records: result.part.records,
                    may_count_twice: result.may_count_twice,
                });
            }
        }
        self.arrived.sort_by_key(|arrived| arrived.range);
    }

    /// The distinct imports, in the order of the records.
    pub(crate) fn ids(&self) -> Vec<ImportId> {
        let mut ids: Vec<ImportId> = Vec::new();
        for arrived in &self.arrived {
            if !ids.contains(&arrived.import) {
                ids.push(arrived.import.clone());
            }
        }
        ids
    }

    pub(crate) fn records(&self) -> u64 {
        self.arrived.iter().map(|arrived| arrived.records).sum()
    }

    pub(crate) fn requests(&self) -> u64 {
        self.arrived.len() as u64
    }

    /// Records that the service may have got twice.
    pub(crate) fn resent(&self) -> u64 {
        let overlaps = |range: RecordRange| {
            let mut doubtful = self.doubtful.iter();
            self.has_gaps || doubtful.any(|of| of.overlaps(range))
        };
        let twice = |arrived: &&Arrived| arrived.may_count_twice || overlaps(arrived.range);
        let resent = self.arrived.iter().filter(twice);
        resent.map(|arrived| arrived.records).sum()
    }

    /// Records that the service may have got without an answer, and that were not sent again.
    pub(crate) fn unanswered(&self) -> u64 {
        self.unanswered
    }

    /// When the first and the last request began, by the service's clock: of those that were accepted, where
    /// all of them are known and none can have been sent before that.
    pub(crate) fn began(&self) -> Option<(Timestamp, Timestamp)> {
        let began: Option<Vec<_>> = self.arrived.iter().map(|arrived| arrived.began).collect();
        let began = began.filter(|_| self.resent() == 0)?;
        Some((*began.iter().min()?, *began.iter().max()?))
    }

    /// When the last request was accepted that went into an import.
    pub(crate) fn last_answer(&self, id: &ImportId) -> Option<Timestamp> {
        let of_it = self.arrived.iter().filter(|arrived| arrived.import == *id);
        of_it.filter_map(|arrived| arrived.at).max()
    }
}
