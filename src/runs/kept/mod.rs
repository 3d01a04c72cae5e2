//! The records of good replaces as they were sent, kept to go back to.
//!
//! ```text
//! …/runs/<run id>/kept.ndjson.zst   a record a line, in their order
//!                 kept.json         what it is, and the digests of both
//!                 kept-part         while it is written
//! ```
//!
//! Without its description a payload is none: it is written last and removed first. A payload counts
//! where its run is a good replace (`standing`); what is damaged is never sent (`reader`).

mod error;
mod measure;
mod payload;
mod reader;
mod sidecar;
mod standing;
#[cfg(test)]
mod tests;
mod writer;

pub(crate) use error::KeptError;
pub(crate) use payload::Payload;
pub(crate) use sidecar::{About, Frozen, Sidecar};
pub(crate) use standing::{bytes, is_counted, is_needed, remove, settle, tidy};
pub(crate) use writer::PayloadWriter;
