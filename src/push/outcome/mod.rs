//! What a run came to: the exit code, the table's state, what went wrong and what to try.

mod explain;
mod failure;
mod followed;
mod prospect;
mod held;
mod summary;

pub(crate) use self::held::{Context, LeftOut, Outcome};
pub(crate) use crate::base::display::clock_time;
pub(crate) use crate::base::exit::Exit;
pub(crate) use crate::base::model::TableState;
pub(crate) use explain::{advice, resuming};
pub(crate) use failure::{Failure, Problem};
pub(crate) use followed::Ending;
