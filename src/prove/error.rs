//! Why an input is not proved.

use std::io;

use super::budget::MaxErrors;
use super::repeated::Repeated;
use crate::base::display;
use crate::input::InputError;
use crate::mapping::Mistake;

/// Why an input must not be sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProveError {
    /// It cannot be read to its end.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The same for several reasons, of which there is never none.
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
    /// What must be kept on disk meanwhile cannot be.
    #[error("cannot keep {what}: {error}")]
    Disk {
        /// What.
        what: &'static str,
        /// Why not.
        error: io::Error,
    },
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
