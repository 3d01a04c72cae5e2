//! Ids that occur twice: found exactly, whatever the input's size, in bounded memory.
//!
//! It takes two looks. While the input is proved, an [`IdIndex`] keeps a 64-bit hash of every id
//! (about 10 bytes with the record's number) in partitions by hash, on disk past the first few MiB.
//! [`IdIndex::finish`] names the `Candidates`: the records whose hash another one has. Usually
//! there are none, and so no duplicates: equal ids have equal hashes. Otherwise the caller reads
//! the input once more and hands the candidates' ids to a [`Settler`], which compares the ids
//! themselves. So a hash can cost a second look, never decide.
//!
//! Both looks go through the same `spill`: what belongs together is in one partition, in the
//! order of the input, and one partition at a time is in memory; in the first look several small ones, side by
//! side.
//!
//! Reading the input, what the id of a record is, and dropping records are left to others.

mod settle;
mod spill;
#[cfg(test)]
mod tests;
mod hash;
mod index;

/// A set of record numbers. Memory: at most 4 bytes a record and 100 bytes a block of 65,536 that has
/// any, and never more than about a bit for each record of the input (1.2 MiB at 10 million).
pub(crate) use roaring::RoaringTreemap as RecordSet;

pub(crate) use self::hash::IdHash;
pub(crate) use self::index::IdIndex;
pub(crate) use self::settle::{Duplicates, Keep, Pair, SHOWN_DUPLICATES, SettleError};
pub(crate) use self::spill::Scratch;
