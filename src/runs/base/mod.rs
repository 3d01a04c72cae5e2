//! The base of a table: what this machine left in it, and how an input differs from that.

mod changes;

pub(crate) use changes::Comparison;
#[cfg(test)]
pub(crate) use changes::{BaseFacts, Changes, Listed};
