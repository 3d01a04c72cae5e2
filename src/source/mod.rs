//! Bytes to rows: open, recognise, split into blocks of whole records, parse a block into rows.
//!
//! Reading has two halves, so that they can run side by side. [`Source::blocks`] finds where records
//! end and yields [`Block`]s of whole records, in order. [`RowParser::rows`] turns one block into
//! [`Row`]s and knows nothing of the others. Every input is a file that can be read at any place
//! (standard input is copied to a private one first), so a block can be read again with
//! [`Source::read`] from the [`Extent`] it had.
//!
//! What a record means, and which columns matter, is left to `mapping`.

mod blocks;
mod csv;
mod faults;
mod header;
mod input;
mod marks;
mod ndjson;
mod open;
mod rows;
mod salvage;
mod split;
mod text;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use serde_json::value::RawValue;

use crate::position::InputNames;

pub use self::blocks::Blocks;
pub use self::rows::{RowParser, Rows};
pub use self::salvage::{Fields, REJECT_COLUMNS, Salvaged, Salvager};

use self::input::Input;

/// How an input is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Delimited text with a header line.
    Csv,
    /// One JSON object a line.
    Ndjson,
}

/// One FILE of the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputPath {
    /// `-`
    Stdin,
    /// A path.
    File(PathBuf),
}

/// What the user said about how the inputs are written.
#[derive(Clone, Debug, Default)]
pub struct SourceOptions {
    /// Instead of what the file's name tells.
    pub format: Option<Format>,
    /// The delimiter between CSV fields; a comma where nothing was said (a tab in `*.tsv`).
    pub delimiter: Option<u8>,
    /// The folder in which copies of pipes are kept as `input-0`, `input-1` …; none for copies
    /// without a name.
    pub keep: Option<PathBuf>,
}

/// The most bytes of one record.
pub const MAX_RECORD_BYTES: usize = 1 << 20;

/// The most columns of one record.
pub const MAX_COLUMNS: usize = 4_096;

/// About how many bytes of whole records a block has; a longer record makes a longer block.
pub const BLOCK_BYTES: usize = 256 << 10;

/// Sizes that tests make small.
#[derive(Clone, Copy, Debug)]
struct Limits {
    block_bytes: usize,
    record_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            block_bytes: BLOCK_BYTES,
            record_bytes: MAX_RECORD_BYTES,
        }
    }
}

/// Why the inputs cannot be opened: nothing was read beyond the header.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct OpenError {
    /// What has to change.
    pub blame: Blame,
    /// What is wrong and where.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// What is to blame for inputs that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blame {
    /// The command line: which files are named, and how they are said to be written (exit code 2).
    CommandLine,
    /// What stands in the header: as bad as a fault on any other line (exit code 3).
    Content,
}

/// Why an input cannot be read to its end (exit code 3): no record after the place is known.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// What is wrong and where, with the file's name and line.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// The columns that records have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Columns {
    /// The header's names, in the order of the first input; not those that only a rejects file has
    /// ([`REJECT_COLUMNS`]).
    Named(Vec<String>),
    /// Each record names its own (NDJSON).
    PerRecord,
}

/// A place of whole records in one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Which input, from 0.
    pub input: usize,
    /// The first byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// The line on which `start` stands, from 1.
    pub first_line: u64,
}

/// Whole records of one input, as they stand in the file. That they are text is checked when they
/// are parsed.
///
/// Blocks tile their input from behind its header to its end, so that one may hold blank lines only.
#[derive(Clone, Debug)]
pub struct Block {
    /// Where they stand.
    pub extent: Extent,
    /// Their bytes.
    pub bytes: Vec<u8>,
}

/// Opened inputs of one push: all of one format, all with the same columns.
#[derive(Debug)]
pub struct Source {
    names: InputNames,
    columns: Columns,
    format: Format,
    inputs: Vec<Input>,
    limits: Limits,
}

/// One record as read.
#[derive(Debug)]
pub struct Row<'a> {
    /// The record's first byte, counted from the block's start.
    pub start: usize,
    /// One past its last byte (its line end included).
    pub end: usize,
    /// The line on which it begins, from 1, in its input.
    pub line: u64,
    /// Its cells, or why it has none that can be used.
    pub cells: Result<Cells<'a>, RowFault>,
}

/// Why a single record is bad; the ones after it can still be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RowFault {
    /// The column, where one is to blame.
    pub column: Option<String>,
    /// What is wrong, harmless to print.
    pub message: String,
}

/// The cells of one record.
#[derive(Clone, Copy, Debug)]
pub enum Cells<'a> {
    /// CSV: one text for each of [`Columns::Named`].
    Text(TextCells<'a>),
    /// NDJSON: the record's keys and values, in its order; no key stands twice, and those that only
    /// a rejects file has ([`REJECT_COLUMNS`]) are left out.
    Object(&'a [(Cow<'a, str>, &'a RawValue)]),
}

/// The unquoted cells of one CSV record.
#[derive(Clone, Copy, Debug)]
pub struct TextCells<'a> {
    /// In the input's order.
    cells: &'a [Cow<'a, str>],
    /// For each column its place among them.
    order: &'a [usize],
}

impl<'a> TextCells<'a> {
    /// The cell of a column, by its place in [`Columns::Named`]; empty where there is none.
    #[must_use]
    pub fn get(&self, column: usize) -> &'a str {
        let cell = self.order.get(column).and_then(|&at| self.cells.get(at));
        cell.map_or("", |cell| cell)
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}

impl Source {
    /// What a push reads, as the user named it.
    #[must_use]
    pub fn names(&self) -> &InputNames {
        &self.names
    }

    /// The columns that every record has.
    #[must_use]
    pub fn columns(&self) -> &Columns {
        &self.columns
    }

    /// How the inputs are written.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The bytes of all inputs, headers included.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.inputs.iter().map(|input| input.bytes).sum()
    }

    /// Where the copy of a pipe is kept; none for a file that is read where it stands.
    #[must_use]
    pub fn kept(&self, input: usize) -> Option<&Path> {
        self.inputs.get(input)?.kept.as_deref()
    }

    /// What stands before an input's first record: its byte order mark and its header.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn head(&self, input: usize) -> Result<Vec<u8>, InputError> {
        let mut head = Vec::new();
        if let Some(opened) = self.inputs.get(input) {
            let want = usize::try_from(opened.start).unwrap_or(usize::MAX);
            let appended = opened.append(&mut head, 0, want);
            appended.map_err(|e| faults::reading(&self.names.name(input), &e))?;
        }
        Ok(head)
    }

    /// The streams whose last line does not end: whoever wrote them may have died at it.
    #[must_use]
    pub fn unended(&self) -> Vec<String> {
        let is_unended = |input: &Input| {
            // An input that cannot be read says so when its records are.
            input.is_stream && input.is_ended().is_ok_and(|is_ended| !is_ended)
        };
        let inputs = self.inputs.iter().enumerate();
        inputs
            .filter(|(_, input)| is_unended(input))
            .map(|(n, _)| self.names.name(n))
            .collect()
    }

    /// How many inputs there are.
    #[must_use]
    pub fn input_count(&self) -> usize {
        self.inputs.len()
    }

    /// Each input's bytes, in the order of the command line.
    #[must_use]
    pub fn input_sizes(&self) -> Vec<u64> {
        self.inputs.iter().map(|input| input.bytes).collect()
    }

    /// The delimiter of all inputs; none for NDJSON, or where they differ.
    #[must_use]
    pub fn common_delimiter(&self) -> Option<u8> {
        let same = |input: &Input| input.delimiter == self.delimiter();
        self.delimiter().filter(|_| self.inputs.iter().all(same))
    }

    /// The delimiter of the first input; none for NDJSON.
    #[must_use]
    pub fn delimiter(&self) -> Option<u8> {
        self.inputs.first().and_then(|input| input.delimiter)
    }
}

#[cfg(test)]
impl<'a> TextCells<'a> {
    /// Cells for the tests of other modules: `cells` and `order` as the parser would give them.
    pub(crate) fn for_test(cells: &'a [Cow<'a, str>], order: &'a [usize]) -> Self {
        Self { cells, order }
    }
}
