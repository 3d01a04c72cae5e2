//! What the lines of a journal tell of one attempt, one import, one gap and the end.

use std::time::Duration;

use super::line::Answered;
use crate::base::clock::Moment;
use crate::base::model::{ImportId, RecordRange};

/// The last that was seen of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SeenImport {
    pub id: ImportId,
    /// The service's word for its status.
    pub status: String,
    /// Whether the import carries an error for this table.
    pub has_error: bool,
    /// Whether it was followed to its end.
    pub is_over: bool,
    /// When it was first seen `started` or `finished`.
    pub launched: Option<Moment>,
    pub at: Moment,
    /// How many attempts and gaps there were when it was seen waiting with all of them over.
    pub(super) waited_for: Option<usize>,
}

/// An attempt's end as far as it is known: at most so long after a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PossibleEnd {
    /// The moment.
    pub after: Moment,
    /// How long after.
    pub within: Duration,
}

/// One request that left, or was about to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// The records that it carried.
    pub range: RecordRange,
    pub records: u64,
    /// 1 for the first try of this range.
    pub number: u32,
    /// When it started.
    pub at: Moment,
    /// The request's own time limit.
    pub limit: Duration,
    /// When it ended and what came of it; none when nobody lived to see that.
    pub answer: Option<(Moment, Answered)>,
}

/// Lines that are lost, and with them possibly attempts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// How many attempts are known from before.
    pub(super) attempts_before: usize,
    pub(super) since: Moment,
    pub(super) until: Moment,
}

impl Attempt {
    /// Whether the service may hold its records.
    pub(crate) fn is_possibly_applied(&self) -> bool {
        self.answer
            .as_ref()
            .is_none_or(|(_, answer)| answer.is_possibly_applied())
    }

    /// The import it was accepted for.
    pub(crate) fn import(&self) -> Option<&ImportId> {
        match &self.answer {
            Some((_, Answered::Accepted { import_id })) => Some(import_id),
            _ => None,
        }
    }

    /// When the service has it for sure, if ever: at its answer, else at the end of its limit. A
    /// service that stands behind another one may still work on a request that broke off.
    pub(super) fn possible_end(&self) -> PossibleEnd {
        match &self.answer {
            Some((at, Answered::Accepted { .. } | Answered::Miscounted { .. })) => PossibleEnd {
                after: *at,
                within: Duration::ZERO,
            },
            _ => PossibleEnd {
                after: self.at,
                within: self.limit,
            },
        }
    }
}
