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

use std::io;
use std::path::Path;

use crate::base::position::InputNames;

pub use self::blocks::Blocks;
#[cfg(any(test, fuzzing))]
pub(crate) use self::cells::Spans;
pub use self::cells::{Cell, TextCells, Typed};
pub use self::encoding::{Encoding, UnknownEncoding};
pub use self::header::{LACKS_HEADER, looks_like_data};
pub use self::options::{
    Format, InputPath, MAX_INPUT_BYTES, ProvedInput, Quoting, RecordsAt, SourceOptions, Wrapping,
};
pub use self::record::{Block, Cells, Columns, Extent, Row, RowFault};
pub use self::rows::{RowParser, Rows};
pub use self::salvage::{Fields, REJECT_COLUMNS, Salvaged, Salvager};
pub use self::scan::Dialect;

use self::json_split::Shape;
use crate::input::opened::Input;

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
    ahead_bytes: u64,
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
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct InputError {
    /// What is wrong and where, with the file's name and line.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// Opened inputs of one push: all of one format, all with the same columns.
#[derive(Debug)]
pub struct Source {
    names: InputNames,
    columns: Columns,
    format: Format,
    quoting: Quoting,
    inputs: Vec<Input>,
    /// What was said of them while they were opened.
    notes: Vec<String>,
    limits: Limits,
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

    /// What has to be said of inputs that were converted: one that is not read as it stands.
    #[must_use]
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The bytes of all inputs as UTF-8, headers included; none while one has not arrived to its
    /// end.
    #[must_use]
    pub fn total_bytes(&self) -> Option<u64> {
        self.inputs.iter().map(|input| input.intake.bytes()).sum()
    }

    /// Where an input's copy is kept; none for a file that is read where it stands.
    #[must_use]
    pub fn kept(&self, input: usize) -> Option<&Path> {
        self.inputs.get(input)?.intake.kept()
    }

    /// Brings the copies that are kept to the disk, as far as they were read.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync_kept(&self) -> io::Result<()> {
        self.inputs.iter().try_for_each(|input| input.intake.sync())
    }

    /// What is to blame for an input that cannot be read to its end: where a copy finds no room, not
    /// the input.
    #[must_use]
    pub fn blame(&self) -> Blame {
        let mut blames = self.inputs.iter().map(|input| input.intake.blame());
        blames
            .find(|blame| *blame == Blame::CommandLine)
            .unwrap_or(Blame::Content)
    }

    /// What stands before an input's first record: its byte order mark and its header.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub fn head(&self, input: usize) -> Result<Vec<u8>, InputError> {
        let mut head = Vec::new();
        if let Some(opened) = self.inputs.get(input) {
            let want = usize::try_from(opened.start).unwrap_or(usize::MAX);
            opened.append(&mut head, 0, want)?;
        }
        Ok(head)
    }

    /// The streams whose last line does not end: whoever wrote them may have died at it. To be asked
    /// when they were read to their end; nothing is known of others.
    #[must_use]
    pub fn unended(&self) -> Vec<String> {
        let is_unended = |input: &Input| {
            // A JSON array says itself where it ends.
            let is_closed = (input.json.as_ref()).is_some_and(|json| json.shape != Shape::Stream);
            input.intake.is_stream() && !is_closed && input.is_unended()
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

    /// The delimiter of all inputs; none for NDJSON and JSON, or where they differ.
    #[must_use]
    pub fn common_delimiter(&self) -> Option<u8> {
        let same = |input: &Input| input.delimiter() == self.delimiter();
        self.delimiter().filter(|_| self.inputs.iter().all(same))
    }

    /// An input's delimiter; none for NDJSON and JSON.
    #[must_use]
    pub fn delimiter_of(&self, input: usize) -> Option<u8> {
        self.inputs.get(input)?.delimiter()
    }

    /// What quotes and escapes mean in its CSV inputs.
    #[must_use]
    pub fn quoting(&self) -> Quoting {
        self.quoting
    }

    /// How CSV is written that is to be read as the first input is, with the same mapping; none for
    /// NDJSON and JSON.
    #[must_use]
    pub fn dialect(&self) -> Option<Dialect> {
        self.delimiter().map(|delimiter| Dialect {
            delimiter,
            quoting: self.quoting,
        })
    }

    /// The sheet that an input's text was, if it is a workbook.
    #[must_use]
    pub fn sheet(&self, input: usize) -> Option<&str> {
        self.inputs.get(input)?.sheet.as_deref()
    }

    /// Where in an input's JSON document the records stand, if somebody said it: its keys, with dots
    /// between them.
    #[must_use]
    pub fn records_at(&self, input: usize) -> Option<String> {
        let around = &self.inputs.get(input)?.json.as_ref()?.around;
        around.is_told.then(|| around.keys.join("."))
    }

    /// What an input's text was encoded in, where that was not UTF-8.
    #[must_use]
    pub fn encoding_of(&self, input: usize) -> Option<Encoding> {
        let encoding = self.inputs.get(input)?.encoding;
        (encoding != Encoding::UTF_8).then_some(encoding)
    }

    /// What an input's bytes were found to be.
    #[must_use]
    pub fn wrapping(&self, input: usize) -> Wrapping {
        let wrapping = self.inputs.get(input).map(|input| input.intake.wrapping());
        wrapping.unwrap_or_default()
    }

    /// The delimiter of the first input; none for NDJSON and JSON.
    #[must_use]
    pub fn delimiter(&self) -> Option<u8> {
        self.inputs.first().and_then(Input::delimiter)
    }
}
