//! Why an input is not proved.

use std::io;

use super::budget::MaxErrors;
use crate::base::display;
use crate::base::position::InputNames;
use crate::input::InputError;
use crate::mapping::Mistake;
use crate::prove::duplicates::{Duplicates, Pair, SHOWN_DUPLICATES};

/// Why an input must not be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProveError {
    /// It cannot be read to its end.
    #[error(transparent)]
    Input(#[from] InputError),
    /// It cannot be read for several reasons, one at least.
    #[error("{}", .0.iter().map(|error| &*error.message).collect::<Vec<_>>().join("; "))]
    Unreadable(Vec<InputError>),
    /// The mapping does not fit what was read.
    #[error("the mapping does not fit the input")]
    Mapping(Vec<Mistake>),
    /// More records than allowed cannot be sent; the first ones were told as events.
    #[error("{} of {} cannot be sent", display::counted(*bad, "record"), display::count(*read))]
    BadRecords {
        /// How many.
        bad: u64,
        /// Out of how many.
        read: u64,
        /// How many would have been left out.
        allowed: MaxErrors,
    },
    /// Percent columns have cells with the sign and cells without.
    #[error("{}", .0.join("; "))]
    MixedSigns(Vec<String>),
    /// Ids occur twice.
    #[error("{}", .0.message())]
    Duplicates(Repeated),
    /// The ids cannot be kept, among which duplicates are looked for.
    #[error("cannot keep the ids to find duplicates: {0}")]
    Ids(io::Error),
    /// The file of the rejected records cannot be written.
    #[error("cannot keep the rejected records: {0}")]
    Rejects(io::Error),
}

/// An input that must not be sent, and how much of it was read by then.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub(crate) struct Unproved {
    /// Why.
    pub error: ProveError,
    /// Records read.
    pub read: u64,
    /// Bad ones among them.
    pub rejected: u64,
}

/// Ids that occur twice, for messages.
#[derive(Debug)]
pub(crate) struct Repeated {
    count: u64,
    lines: Vec<String>,
}

impl Repeated {
    pub(super) fn new(duplicates: &Duplicates, names: &InputNames) -> Self {
        let line = |pair: &Pair| {
            let (id, first) = (display::quoted(&pair.id), names.place(pair.first));
            format!(
                "{}: the id {id} stands already in {first}",
                names.place(pair.later)
            )
        };
        Self {
            count: duplicates.count,
            lines: duplicates.shown.iter().map(line).collect(),
        }
    }

    /// How many, in a sentence.
    pub(crate) fn message(&self) -> String {
        match self.count {
            1 => "1 record has an id that occurred before".to_owned(),
            n => format!(
                "{} have an id that occurred before",
                display::counted(n, "record")
            ),
        }
    }

    /// The first ones, each with both of its places.
    pub(crate) fn lines(&self) -> &[String] {
        &self.lines
    }

    /// How many are not among the lines.
    pub(crate) fn unshown(&self) -> u64 {
        self.count.saturating_sub(SHOWN_DUPLICATES as u64)
    }
}
