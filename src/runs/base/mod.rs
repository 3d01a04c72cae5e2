//! The base of a table: what this machine left in it, as fingerprints of its records.

mod changes;

pub(crate) use changes::{BaseFacts, Changes, Comparison, Listed};
