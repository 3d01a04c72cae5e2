//! The lines of a journal, as they stand in the file.
//!
//! Within a schema, fields may be added, with a default for files that lack them. A new kind of line,
//! or a field that changes meaning, is a new schema.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::planned::PlanLine;
use crate::base::clock::{Moment, millis};
use crate::base::display;
use crate::base::model::{ImportId, RecordRange};

/// The newest schema that this program writes and understands.
pub(crate) const SCHEMA: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "snake_case")]
pub(crate) enum Line {
    /// The first line: all that a resume must know. Written when the input is proved.
    Plan(Box<PlanLine>),
    /// A request is about to leave.
    Attempt {
        /// The records that it carries.
        range: RecordRange,
        /// How many records, without those that were left out.
        records: u64,
        /// 1 for the first try of this range.
        attempt: u32,
        /// When it starts.
        at: Moment,
        /// The request's own time limit.
        #[serde(rename = "limit_ms", with = "millis")]
        limit: Duration,
    },
    /// What came of the last attempt of a range.
    Answer {
        /// The records that it carried.
        range: RecordRange,
        records: u64,
        /// When the answer, or the failure, was known.
        at: Moment,
        result: Answered,
    },
    /// A range was too large (413) and is sent as two.
    Split {
        range: RecordRange,
        /// The first record of the second half.
        second: u64,
        at: Moment,
    },
    /// What a GET of an import showed.
    Import {
        id: ImportId,
        /// The import's status, the service's word (`scheduled`, `started`, `finished`).
        status: String,
        /// Whether the import carries an error for this table.
        #[serde(default)]
        has_error: bool,
        /// Whether it was followed to its end: it is finished, and its entry of this table too, whose
        /// errors were looked at.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        is_over: bool,
        at: Moment,
    },
    /// A `resume` took the run up.
    Resumed {
        /// What it does with what was done before.
        how: Resumption,
        at: Moment,
    },
    /// Lines before this one could not be written, and what they said is lost.
    Gap {
        /// When lines could be written again.
        at: Moment,
    },
    /// The run is over.
    End(EndLine),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EndLine {
    pub exit_code: u8,
    /// What the table holds, in one word.
    pub table_state: String,
    /// How many records the table lacks, where all of them stand in the rejects file; none where
    /// that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejects: Option<u64>,
    /// Whether the run left what it put into the table as the base of later ones.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub base: bool,
    pub at: Moment,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answered {
    /// The service took all records.
    Accepted {
        /// The import they went to.
        import_id: ImportId,
    },
    /// The service surely did not apply it.
    NotApplied {
        /// Our own word for it (`503`, `connect`): never the service's, which may quote records.
        why: String,
    },
    /// The service may have applied it.
    Ambiguous {
        /// Our own word for it.
        why: String,
    },
    /// The service took it, and counted other records than were sent.
    Miscounted { answered: u64 },
}

impl Answered {
    /// Whether the service may hold the records of such an attempt.
    pub(crate) fn is_possibly_applied(&self) -> bool {
        !matches!(self, Self::NotApplied { .. })
    }
}

/// What a `resume` does with what was done before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Resumption {
    /// The resume sends what is missing.
    Missing,
    /// The resume sends all chunks as a new replace: what was accepted before counts no more. Only to be
    /// written once the old replace is over.
    Everything,
}

impl Line {
    /// The service's word for an import's status; nobody looked further.
    pub(crate) fn glimpse(id: &ImportId, status: &str, at: Moment) -> Self {
        Self::Import {
            id: id.clone(),
            status: display::shown(status),
            has_error: false,
            is_over: false,
            at,
        }
    }

    /// The kind of line, as it stands in the file.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Plan(_) => "plan",
            Self::Attempt { .. } => "attempt",
            Self::Answer { .. } => "answer",
            Self::Split { .. } => "split",
            Self::Import { .. } => "import",
            Self::Resumed { .. } => "resumed",
            Self::Gap { .. } => "gap",
            Self::End(_) => "end",
        }
    }

    /// All kinds, as they stand in the file.
    pub(super) const KINDS: [&str; 8] = [
        "plan", "attempt", "answer", "split", "import", "resumed", "gap", "end",
    ];

    /// When it happened.
    pub(crate) fn at(&self) -> Moment {
        match self {
            Self::Plan(plan) => plan.started,
            Self::Attempt { at, .. }
            | Self::Answer { at, .. }
            | Self::Split { at, .. }
            | Self::Import { at, .. }
            | Self::Resumed { at, .. }
            | Self::Gap { at } => *at,
            Self::End(end) => end.at,
        }
    }
}
