//! What a run came to: the exit code, the table's state, what went wrong and what to try.

mod explain;
mod failure;
mod followed;
mod prospect;
mod exit;
mod summary;

pub use self::exit::Exit;
pub use self::summary::{Context, LeftOut, Outcome};
pub use crate::base::model::TableState;
pub use explain::{advice, resuming};
pub use failure::{Failure, Problem};
pub use followed::Ending;
pub use prospect::clock_time;
