//! The form of the file: magic, blocks, footer, and how an entry stands in its block.
//!
//! ```text
//! magic · block… · JSON · block index · length of the JSON (4) · xxh3 of these three (8) · their
//! length (8) · magic
//! ```
//!
//! A block holds entries of one partition and is whole in itself: the width of a field's digest in
//! bytes (1), how many fields each entry has (varint), then the entries: distance from the last record
//! number, bytes shared with the last id, bytes of the rest (varints), the rest, the digest (6), the
//! day if any are kept (varint: 0 for none, else 1 and the zigzag distance from the last one), the
//! fields' digests. Varints have seven bits a byte, the lowest first; numbers are little-endian.

use super::error::BaseError;

/// What stands at both ends of a file.
pub(super) const MAGIC: [u8; 8] = *b"\x89QPbase\n";

/// How many partitions there are: as many as the first byte of a hash of an id.
pub(super) const PARTITIONS: usize = 256;

/// How many bytes of entries are collected before they are written, in each partition: 1 MiB in all, which
/// a processor's second cache holds. Each record goes to another partition than the one before: with four
/// times as much, waiting for memory took longer than the writing itself.
pub(super) const BLOCK_BYTES: usize = 4 << 10;

/// How many bytes of a record's digest are kept.
pub(super) const DIGEST_BYTES: usize = 6;

/// What stands behind the footer: its hash, its length, the magic.
pub(super) const TAIL_BYTES: u64 = 8 + 8 + 8;

/// What the index says of a block: its partition (1), length (4) and xxh3 (8).
pub(super) const INDEX_BYTES: usize = 1 + 4 + 8;

/// The most bytes of a footer: the index of 100 million records has 4 MB.
pub(super) const MOST_FOOTER: u64 = 64 << 20;

/// The day of a record of which it is not known: before all others, so that it counts as frozen.
pub(super) const UNKNOWN_DAY: i32 = i32::MIN;

/// Where a block stands, and what is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct BlockAt {
    pub(super) partition: u8,
    pub(super) start: u64,
    pub(super) length: u32,
    pub(super) hash: u64,
}

/// What an entry is written relative to: the one before in its block.
#[derive(Debug, Default)]
pub(super) struct Last {
    pub(super) record: u64,
    pub(super) id: Vec<u8>,
    pub(super) day: i32,
}

impl Last {
    /// Forgets all, for another block.
    pub(super) fn clear(&mut self) {
        self.record = 0;
        self.id.clear();
        // One very long id must leave no large buffer behind in every partition.
        self.id.shrink_to(BLOCK_BYTES);
        self.day = 0;
    }
}

/// Writes a number, small ones in fewer bytes.
pub(super) fn write_number(to: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        to.push(number as u8 | 0x80);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Takes a number from the front.
pub(super) fn read_number(from: &mut &[u8]) -> Result<u64, BaseError> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = from.split_first().ok_or(CUT)?;
        *from = rest;
        number |= u64::from(byte & 0x7F) << shift;
        if byte < 0x80 {
            return Ok(number);
        }
    }
    Err(BaseError::Damaged("a number in a block is none"))
}

/// Takes so many bytes from the front.
pub(super) fn take<'a>(from: &mut &'a [u8], count: usize) -> Result<&'a [u8], BaseError> {
    let (bytes, rest) = from.split_at_checked(count).ok_or(CUT)?;
    *from = rest;
    Ok(bytes)
}

const CUT: BaseError = BaseError::Damaged("a block ends in the middle of an entry");

/// A day as it stands in a block.
pub(super) fn day_number(day: Option<i32>, last: i32) -> u64 {
    let Some(day) = day else { return 0 };
    let distance = i64::from(day) - i64::from(last);
    ((distance << 1) ^ (distance >> 63)).cast_unsigned() + 1
}

/// The day that a number stands for.
pub(super) fn day_of(number: u64, last: i32) -> Result<Option<i32>, BaseError> {
    let Some(zigzag) = number.checked_sub(1) else {
        return Ok(None);
    };
    let distance = (zigzag >> 1).cast_signed() ^ -((zigzag & 1).cast_signed());
    let day = i64::from(last).checked_add(distance);
    let day = day.and_then(|day| i32::try_from(day).ok());
    day.map(Some)
        .ok_or(BaseError::Damaged("a day in a block is none"))
}
