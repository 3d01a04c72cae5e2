//! The base of a table: what this machine left in it, and how an input differs from that.

mod changes;

#[cfg(test)]
pub(crate) use changes::BaseFacts;
pub(crate) use changes::{Changes, Comparison, Listed};
