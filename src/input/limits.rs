//! How long a record may be, and how much is read at a time.

use super::intake;

/// The most bytes of one record.
pub(crate) const MAX_RECORD_BYTES: usize = 1 << 20;

/// The most columns of one record.
pub(crate) const MAX_COLUMNS: usize = 4_096;

/// About how many bytes of whole records a block has; a longer record makes a longer block.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;

/// Sizes that tests make small.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) block_bytes: usize,
    pub(crate) record_bytes: usize,
    pub(crate) ahead_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            block_bytes: BLOCK_BYTES,
            record_bytes: MAX_RECORD_BYTES,
            ahead_bytes: intake::AHEAD_BYTES,
        }
    }
}
