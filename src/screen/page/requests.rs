//! When the requests of a run were on their way, as its journal tells.

use std::time::Duration;

use crate::base::clock::Moment;
use crate::runs::journal::{Answered, Attempt, Journal};
use crate::service::window;

/// The most attempts that a picture has: a page of more takes a browser long to draw, and shows no more.
pub(super) const MOST_DRAWN: usize = 3_000;

/// All attempts of a run, on one clock that begins with the first of them.
#[derive(Debug, Default)]
pub(crate) struct Requests {
    pub(super) attempts: Vec<Drawn>,
    /// How many there were; only the first [`MOST_DRAWN`] are kept.
    pub(super) count: usize,
    pub(super) window: Option<Limits>,
    /// How long after the first attempt the service was seen to run the import.
    pub(super) launched: Option<Duration>,
}

/// One attempt.
#[derive(Debug)]
pub(super) struct Drawn {
    pub first: u64,
    pub last: u64,
    /// 1 for the first try of its range.
    pub number: u32,
    pub from: Duration,
    /// None where nobody saw the answer.
    pub until: Option<Duration>,
    pub end: End,
}

/// What an attempt came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Accepted,
    /// Surely not applied, and tried again or given up.
    Failed,
    /// Possibly applied.
    Unknown,
}

/// The window of a replace.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// From when on nothing is sent.
    pub deadline: Duration,
    /// When the service begins at the earliest.
    pub closes: Duration,
}

impl Requests {
    /// Those of a run of the past.
    pub(crate) fn of_journal(journal: &Journal) -> Self {
        let attempts = journal.attempts();
        let Some(first) = attempts.first() else {
            return Self::default();
        };
        let start = first.at;
        let after = |moment: &Moment| start.elapsed_at_least(moment);
        let opened = journal.first_possibly_applied();
        let debounce = (journal.plan().mode.window()).filter(|_| journal.plan().chunks.len() > 1);
        let limits = opened.zip(debounce).map(|(opened, debounce)| {
            let closes = after(&opened) + debounce;
            Limits {
                deadline: closes.saturating_sub(window::margin(debounce)),
                closes,
            }
        });
        let launched = journal.imports().iter().find_map(|seen| seen.launched);
        Self {
            count: attempts.len(),
            attempts: (attempts.iter().take(MOST_DRAWN))
                .map(|attempt| Drawn::of(attempt, after))
                .collect(),
            window: limits,
            launched: launched.as_ref().map(after),
        }
    }
}

impl Drawn {
    fn of(attempt: &Attempt, after: impl Fn(&Moment) -> Duration) -> Self {
        let answer = attempt.answer.as_ref();
        Self {
            first: attempt.range.first,
            last: attempt.range.last,
            number: attempt.number,
            from: after(&attempt.at),
            until: answer.map(|(at, _)| after(at)),
            end: match answer {
                Some((_, Answered::Accepted { .. })) => End::Accepted,
                Some((_, Answered::NotApplied { .. })) => End::Failed,
                Some((_, Answered::Ambiguous { .. } | Answered::Miscounted { .. })) | None => {
                    End::Unknown
                }
            },
        }
    }
}
