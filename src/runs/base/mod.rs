//! The base of a table: what this machine left in it, as fingerprints of its records.
//!
//! ```text
//! <state folder>/base.key
//!                …/runs/<run id>/base-new   what a run sends, collected while its input is proved
//!                                base-old   the base from before, from its first request on; an upsert
//!                                           keeps both until it was followed or another run came
//!                                base       what the run left in the table: the only one of a table
//! ```
//!
//! A base is a file of ids in clear, a digest of each record and of each field, and the day of the
//! frozen periods' field. Its digests are keyed, so that no value can be looked up from them. It
//! stands in the folder of the last run that may have touched the table, and moves before a request
//! leaves: whoever finds none there knows nothing, and never something old. Whether one
//! holds is read from journals and files alone (`standing`). All work goes partition by partition, of
//! each file one at a time in memory.

mod block;
mod compare;
mod comparison;
mod error;
mod frozen;
mod key;
mod life;
mod lister;
mod matching;
mod merge;
mod meta;
mod partition;
mod reader;
mod standing;
#[cfg(test)]
mod tests;
mod writer;

#[cfg(test)]
pub(crate) use compare::CompareError;
pub(crate) use compare::{Differing, compare};
#[cfg(test)]
pub(crate) use comparison::BaseFacts;
pub(crate) use comparison::Comparison;
pub(crate) use frozen::FrozenFile;
pub(crate) use key::{random, read, read_or_make};
pub(crate) use life::{
    Left, can_make, hand_over, learn, settle, still_holds, sync_early, tidy, tidy_run,
};
pub(crate) use merge::{Ids, finish};
pub(crate) use meta::About;
pub(crate) use reader::BaseFile;
pub(crate) use standing::{current, unfollowed};
pub(crate) use writer::BaseWriter;
