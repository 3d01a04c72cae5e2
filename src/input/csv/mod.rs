//! CSV: its grammar, where cells and records end, its header, and records to cells.
//!
//! `scan` is the grammar. `strides` finds with SIMD what cuts a text, `ends` hands it out, `split` cuts
//! records one by one where that is not certain, and `read` makes rows of blocks.

pub(super) mod cells;
mod ends;
pub(super) mod header;
mod joined;
pub(super) mod likely;
pub(super) mod read;
pub(super) mod read_over;
pub(super) mod scan;
pub(super) mod split;
pub(super) mod strides;
