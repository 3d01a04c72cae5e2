//! The rejects file: every record that was left out, as it stood, with where it stood and why.
//!
//! It is written in the input's own format (JSON as NDJSON; CSV with the quotes and escapes that the
//! mapping names, since it is read with that again), so that whoever corrects it can push it as it is:
//! reading drops [`REJECT_COLUMNS`](crate::input::REJECT_COLUMNS) again. It holds people's data, so nobody else may read it, and
//! it may be what someone worked on for an hour, so a file that is there is never overwritten.
//!
//! What is no record of the input's shape must not become one by itself: a CSV record with too many
//! or too few fields gets fields behind the last column, as does a sheet's record with a cell without
//! a value, and what is no object of the input stands under a key of its own. Reading either refuses
//! the record until someone corrected it.
//!
//! What is a reject, and where the file goes, is left to the callers.

#[cfg(test)]
mod tests;
mod reasons;
mod write;
mod file;

pub(crate) use self::file::RejectsFile;
pub(crate) use self::reasons::{RejectedFor, reasons};
pub(crate) use self::write::{Reject, Stray};
