//! What a push came to, and what its table holds.

use std::time::Duration;

use jiff::Timestamp;

use super::failure::Failure;
use crate::base::exit::Exit;
use crate::base::model::{Mode, TableKey, TableState};
use crate::push::send::{Halt, PartState, Sent};
use crate::runs::changes::Delivered;
use crate::service::facts::Facts;

/// The records that were read and not sent, and out of how many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub read: u64,
    /// Records that could not be sent.
    pub rejected: u64,
    /// Records that gave way to another one with their id.
    pub duplicates: u64,
    /// Records that the table has.
    pub unchanged: u64,
    /// What is known of the table by that.
    pub delivered: Delivered,
}

impl LeftOut {
    /// How many records the table holds then, if that is the input and nothing else.
    pub(super) fn whole(self) -> Option<u64> {
        let good = self.read.saturating_sub(self.rejected + self.duplicates);
        (self.delivered == Delivered::Equal).then_some(good)
    }
}

/// What a push that got as far as sending came to.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    pub table_state: TableState,
    /// Records that were left out before the first request.
    pub left_out: LeftOut,
    /// Records that were to be sent.
    pub records: u64,
    /// Records that the service took.
    pub accepted_records: u64,
    /// Records that the service may have taken: a request without an answer carried them.
    pub unknown_records: u64,
    /// Requests that were to carry them.
    pub chunks: u64,
    pub accepted_chunks: u64,
    /// From the first attempt to the last answer.
    pub took: Duration,
    /// What the table will hold and when, in a sentence.
    pub prospect: String,
    /// When the service is expected to import what it accepted.
    pub(super) when: String,
    /// Whether its imports were followed.
    pub is_followed: bool,
    /// Why the service rejected records, a line for each reason.
    pub reasons: Vec<String>,
    /// What went wrong, if anything did.
    pub failure: Option<Failure>,
    pub exit: Exit,
}

/// What the judgement needs to know of the push besides its deliveries.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Context<'a> {
    pub table: &'a TableKey,
    /// How it was written.
    pub mode: Mode,
    pub host: &'a str,
    /// Records and requests that were accepted before, by the run that is resumed.
    pub before: (u64, u64),
    /// Whether that run may have touched the table already, with what counts no more too.
    pub has_touched: bool,
    pub left_out: LeftOut,
    /// The line that resumes the push.
    pub resume: &'a str,
    /// Where the rejected records are.
    pub rejects: Option<&'a str>,
    /// What is known of the service.
    pub facts: Option<&'a Facts>,
}

pub(super) fn table_state(sent: &Sent, context: Context<'_>) -> TableState {
    let states = || sent.results.iter().map(|delivery| &delivery.state);
    let has_unknown = states().any(|state| matches!(state, PartState::Unknown(_)));
    let has_accepted =
        context.before.1 > 0 || states().any(|state| matches!(state, PartState::Accepted(_)));
    let has_missing = states().any(|state| !matches!(state, PartState::Accepted(_)));
    let has_launched = matches!(sent.halt, Some(Halt::Launched(_)));
    match () {
        () if has_unknown => TableState::Unknown,
        // What the resumed run did is not undone because this one came to nothing.
        () if !has_accepted && has_missing && context.has_touched => TableState::Unknown,
        () if !has_accepted => TableState::Untouched,
        () if has_missing || has_launched => TableState::AtRisk,
        () if context.left_out.rejected > 0 => TableState::Gaps,
        () => TableState::Pending,
    }
}

/// From when the window counts on the wall clock, and from which request: the first, where that is not known
/// to be another one; else from when the push began.
pub(super) fn counts_from(sent: &Sent) -> (Timestamp, &'static str) {
    match (sent.moved, sent.opened) {
        (Some(moved), _) => (moved.wall, "last"),
        (None, opened) => (
            opened.map_or(sent.started_at, |opened| opened.wall),
            "first",
        ),
    }
}
