//! Bytes to rows: open, recognise, split into blocks of whole records, parse a block into rows.
//!
//! Reading has two halves, so that they can run side by side. [`Source::blocks`] finds where records
//! end and yields [`Block`]s of whole records, in order. [`RowParser::rows`] turns one block into
//! [`Row`]s and knows nothing of the others. Every input is a file that can be read at any place, so a
//! block can be read again with [`Source::again`] from the [`Extent`] it had: what is no plain file of
//! UTF-8 goes to a private one, which is read while it grows; sheets, and JSON that is not NDJSON, to one
//! with a record a line.
//!
//! What a record means, and which columns matter, is left to `mapping`.

mod blocks;
mod csv;
mod encoding;
pub(crate) mod error;
mod faults;
mod margins;
mod file;
mod foreign;
mod intake;
mod json;
pub(crate) mod limits;
mod mark;
mod named;
mod open;
mod opened;
pub(crate) mod options;
mod paths;
pub(crate) mod recognise;
mod record;
mod reject_columns;
mod rejects_note;
mod rows;
mod salvage;
mod sheet;
pub(crate) mod source;
#[cfg(test)]
mod tests;
mod text;
mod totals;
mod written;

pub(crate) use self::blocks::Blocks;
#[cfg(any(test, fuzzing))]
pub(crate) use self::csv::cells::Spans;
pub(crate) use self::csv::cells::{Cell, TextCells};
pub(crate) use self::csv::header::{LACKS_HEADER, is_value, looks_like_data, unusable};
pub(crate) use self::csv::read_over::ReadOver;
pub(crate) use self::csv::scan::Dialect;
pub(crate) use self::encoding::Encoding;
pub(crate) use self::error::{Blame, InputError};
pub(crate) use self::file::read_exact_at;
pub(crate) use self::json::pairs::{each_pair, pairs};
pub(crate) use self::limits::MAX_COLUMNS;
pub(crate) use self::mark::Typed;
pub(crate) use self::options::{
    Format, InputPath, Margins, ProvedInput, Quoting, RecordsAt, SourceOptions,
};
pub(crate) use self::paths::held_by_lock_file;
pub(crate) use self::record::{Block, Cells, Columns, Extent, KeyList, Members, Row, RowFault};
pub(crate) use self::reject_columns::{
    REJECT_COLUMNS, has_reject_columns, is_reject_column, name_in_rejects,
};
pub(crate) use self::rows::RowParser;
pub(crate) use self::salvage::{Fields, Salvaged, Salvager};
pub(crate) use self::source::Source;
pub(crate) use self::totals::is_total;
