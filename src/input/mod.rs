//! Bytes to rows: open, recognise, split into blocks of whole records, parse a block into rows.
//!
//! Reading has two halves, so that they can run side by side. [`Source::blocks`] finds where records
//! end and yields [`Block`]s of whole records, in order. [`RowParser::rows`] turns one block into
//! [`Row`]s and knows nothing of the others. Every input is a file that can be read at any place
//! (what is no plain file of UTF-8 goes to a private one, which is read while it grows), so a block
//! can be read again with [`Source::again`] from the [`Extent`] it had.
//!
//! What a record means, and which columns matter, is left to `mapping`.

mod blocks;
mod cells;
mod csv;
mod encoding;
mod ends;
mod faults;
mod foreign;
mod header;
mod opened;
mod intake;
mod joined;
mod json_head;
mod json_outline;
mod json_rows;
mod json_split;
mod json_value;
mod json_wrapper;
mod ndjson;
mod open;
mod options;
mod pattern;
mod pieces;
mod recognise;
mod record;
mod rows;
mod salvage;
mod scan;
mod split;
mod spreadsheet;
mod strides;
mod text;
mod written;
#[cfg(any(test, fuzzing))]
pub(crate) mod naive;
#[cfg(any(test, fuzzing))]
pub(crate) mod seams;
#[cfg(test)]
mod tests;
mod limits;
mod error;
mod source;

pub use self::blocks::Blocks;
#[cfg(any(test, fuzzing))]
pub(crate) use self::cells::Spans;
pub use self::cells::{Cell, TextCells, Typed};
pub use self::encoding::{Encoding, UnknownEncoding};
pub use self::error::{Blame, InputError, OpenError};
pub use self::header::{LACKS_HEADER, looks_like_data};
pub use self::limits::{BLOCK_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES};
pub use self::options::{
    Format, InputPath, MAX_INPUT_BYTES, ProvedInput, Quoting, RecordsAt, SourceOptions, Wrapping,
};
pub use self::record::{Block, Cells, Columns, Extent, Row, RowFault};
pub use self::rows::{RowParser, Rows};
pub use self::salvage::{Fields, REJECT_COLUMNS, Salvaged, Salvager};
pub use self::scan::Dialect;
pub use self::source::Source;
