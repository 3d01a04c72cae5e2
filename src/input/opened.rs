//! One opened input: text that can be read at any place, from several threads at once.
//!
//! How it got there is left to `intake`; which places are worth reading, to `header` and `blocks`.

use super::csv::scan::Dialect;
use super::encoding::Encoding;
use super::error::InputError;
use super::intake::Intake;
use crate::base::position::{LineColumn, Positions};

/// An opened input and what is known about it.
#[derive(Debug)]
pub(super) struct Input {
    /// Its text.
    pub intake: Intake,
    /// The sheet that its text was, if it is a workbook. Then each record counts as a line, however
    /// many lines it has, so that lines are the sheet's rows.
    pub sheet: Option<String>,
    /// What its text was encoded in before it came here.
    pub encoding: Encoding,
    /// The first byte behind the byte order mark and the header.
    pub start: u64,
    /// The line on which `start` stands, from 1.
    pub first_line: u64,
    /// The line of the header, from 1; 0 where there is none.
    pub header_line: u64,
    /// One past the last byte that is read; none where that is the text's last one.
    pub end: Option<u64>,
    /// How CSV records are written; none for NDJSON and JSON.
    pub dialect: Option<Dialect>,
    /// What tells where its records stand, if its text was JSON and is one record a line since.
    pub positions: Option<Positions>,
    /// For each column of the source its place in this input's records.
    pub order: Vec<usize>,
    /// How many fields the header has, those of a rejects file included.
    pub width: usize,
    /// Whether the header is that of a rejects file.
    pub has_reject_columns: bool,
}

impl Input {
    /// Whether control characters of its text (U+0080 to U+009F) were bytes that no text has in its
    /// encoding. In UTF-8 they are what somebody wrote.
    pub(crate) fn refuses_controls(&self) -> bool {
        self.encoding.is_single_byte()
    }

    /// Between the fields; none for NDJSON and JSON.
    pub(crate) fn delimiter(&self) -> Option<u8> {
        self.dialect.map(|dialect| dialect.delimiter)
    }

    /// Where `start` stands.
    pub(crate) fn place(&self) -> LineColumn {
        LineColumn::line(self.first_line)
    }

    /// What tells where its records stand.
    pub(crate) fn positions(&self) -> Positions {
        self.positions.unwrap_or_default()
    }

    /// Appends up to `want` bytes that begin at `offset`, and says whether they are the last ones.
    pub(crate) fn append(
        &self,
        buffer: &mut Vec<u8>,
        offset: u64,
        want: usize,
    ) -> Result<bool, InputError> {
        self.read(buffer, buffer.len(), offset, want)
    }

    /// Reads up to `want` bytes behind the first `keep` of the buffer, as far as the input goes; see
    /// [`Intake::read`].
    pub(crate) fn read(
        &self,
        buffer: &mut Vec<u8>,
        keep: usize,
        offset: u64,
        want: usize,
    ) -> Result<bool, InputError> {
        let Some(end) = self.end else {
            return self.intake.read(buffer, keep, offset, want);
        };
        let left = usize::try_from(end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let is_last = self.intake.read(buffer, keep, offset, want.min(left))?;
        Ok(is_last || want >= left)
    }

    /// Whether its last line has no end, as far as that is known; an empty input lacks nothing.
    pub(crate) fn is_unended(&self) -> bool {
        let Some(bytes) = self.end.or(self.intake.bytes()) else {
            return false;
        };
        let mut last = Vec::new();
        let read = self.append(&mut last, bytes.saturating_sub(1), 1);
        // An input that cannot be read says so when its records are.
        read.is_ok() && !matches!(last.as_slice(), [] | [b'\n' | b'\r'])
    }
}
