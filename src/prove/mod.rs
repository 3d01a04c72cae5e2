//! The first pass: the whole input is read, mapped and checked before anything is sent.
//!
//! What comes out is a [`Proof`]: how many records there are, where each chunk begins and ends, and
//! which records are left out. The second pass (`chunk::build`, driven by `send`) goes the same way
//! for one chunk at a time. What the numbers mean for the table is left to `guard`.
//!
//! Blocks are parsed and mapped on several threads (`check`); what depends on their order is done by
//! the one that reads them (`Pass`), so that it comes out the same for any number of threads.

pub(crate) mod chunk;
pub(crate) mod duplicates;
pub(crate) mod rejects;
pub(crate) mod totals;
mod again;
mod bad;
mod budget;
mod check;
mod digests;
mod fault;
mod fingerprint;
mod frame;
mod last_record;
mod packer;
mod payload;
mod parallel;
mod read_over;
mod repack;
mod repeated;
mod stages;
mod error;
mod pass;

pub(crate) use self::error::{ProveError, Unproved};
pub(crate) use self::fingerprint::{Collect, Collector, Fingerprint, FingerprintKey};
pub(crate) use self::pass::{Proof, ProveOptions, prove};
pub(crate) use self::payload::{ReadError, read_lines};
pub use self::stages::{Proved, Stages};
pub(crate) use bad::SHOWN_LINES;
pub(crate) use budget::MaxErrors;
pub(crate) use digests::{Digests, InputProof};
pub(crate) use repack::repack;
pub(crate) use repeated::{OnDuplicates, id_text};
