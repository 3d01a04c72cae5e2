//! How long a record may be, and how much is read at a time.

/// The most bytes of one record.
pub(crate) const MAX_RECORD_BYTES: usize = 1 << 20;

/// The most columns of one record.
pub(crate) const MAX_COLUMNS: usize = 4_096;

/// About how many bytes of whole records a block has; a longer record makes a longer block.
pub(crate) const BLOCK_BYTES: usize = 256 << 10;

/// How far a private copy runs ahead of the furthest byte that was asked for: enough to make up for a
/// producer or a reader that pauses.
pub(super) const AHEAD_BYTES: u64 = 64 << 20;

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
            ahead_bytes: AHEAD_BYTES,
        }
    }
}
