//! What a run came to: the exit code, the table's state, what went wrong and what to try.

mod explain;
mod failure;
mod followed;
mod prospect;
mod exit;
mod summary;

pub(crate) use self::exit::Exit;
pub(crate) use self::summary::{Context, LeftOut, Outcome};
pub(crate) use crate::base::model::TableState;
pub(crate) use explain::{advice, resuming};
pub(crate) use failure::{Failure, Problem};
pub(crate) use followed::Ending;
pub(crate) use prospect::clock_time;
