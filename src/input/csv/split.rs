//! Where records end, one after another, in a buffer that grows.
//!
//! For CSV the grammar of `scan` tells, for NDJSON every line is a record, since JSON strings hold no
//! raw line ends. Nothing is guessed and nothing runs ahead.

use memchr::{memchr2, memrchr2};

use super::scan::{Broken, Dialect, QuoteFault};
use crate::input::text::line_end_len;

/// One past the last line end in bytes that are lines; 0 where there is none. None stand behind them
/// if `is_last`.
pub(crate) fn last_line_end(bytes: &[u8], is_last: bool) -> usize {
    if is_last {
        return bytes.len();
    }
    // A `\r` at the end may be half of a line end.
    let whole = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    memrchr2(b'\n', b'\r', whole).map_or(0, |at| at + 1)
}

/// Finds the records in a buffer that grows at its end.
#[derive(Debug)]
pub(crate) struct Splitter {
    /// How the records are written; none where every line is one.
    dialect: Option<Dialect>,
    /// Where the record begins that is being looked at.
    record: usize,
    /// Everything before was looked at: where a cell begins, or a part of a line.
    at: usize,
    /// Where quotes stand that are text, although they are the first byte of a cell.
    texts: Vec<usize>,
    /// Where the quote stands that is open at the end of the bytes.
    open_quote: Option<usize>,
}

/// A record, or a line that is empty.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte, the line end not included.
    pub content_end: usize,
    /// One past its line end.
    pub end: usize,
}

impl Splitter {
    /// `dialect` for CSV, none where every line is a record.
    pub(crate) fn new(dialect: Option<Dialect>) -> Self {
        Self {
            dialect,
            record: 0,
            at: 0,
            texts: Vec::new(),
            open_quote: None,
        }
    }

    /// The same, where the quotes at these places are text.
    pub(crate) fn with_texts(self, texts: &[usize]) -> Self {
        Self {
            texts: texts.to_vec(),
            ..self
        }
    }

    /// The next record that is whole. `bytes` begin as in the call before; none stands behind them
    /// if `is_last`.
    pub(crate) fn next(
        &mut self,
        bytes: &[u8],
        is_last: bool,
    ) -> Result<Option<Piece>, QuoteFault> {
        if is_last && self.record == bytes.len() {
            return Ok(None);
        }
        let Some(dialect) = self.dialect else {
            return Ok(self.next_line(bytes, is_last));
        };
        self.open_quote = None;
        loop {
            let cell = match self.texts.contains(&self.at) {
                false => dialect.cell(bytes, self.at, is_last),
                true => dialect.unquoted(bytes, self.at, is_last),
            };
            match cell {
                Ok(cell) if cell.ends_record => return Ok(Some(self.piece(cell.end, cell.next))),
                Ok(cell) => self.at = cell.next,
                Err(Broken::Unfinished { open_quote }) => {
                    self.open_quote = open_quote;
                    return Ok(None);
                }
                Err(Broken::Text(fault)) => return Err(fault),
            }
        }
    }

    fn next_line(&mut self, bytes: &[u8], is_last: bool) -> Option<Piece> {
        let found = memchr2(b'\n', b'\r', &bytes[self.at..]).map(|n| self.at + n);
        match found {
            // Its `\n` may still come.
            Some(at) if bytes[at..] == *b"\r" && !is_last => {
                self.at = at;
                None
            }
            Some(at) => Some(self.piece(at, at + line_end_len(bytes, at))),
            None => {
                self.at = bytes.len();
                is_last.then(|| self.piece(bytes.len(), bytes.len()))
            }
        }
    }

    /// Where the record begins whose end was not found.
    pub(crate) fn pending(&self) -> usize {
        self.record
    }

    /// Where the quote stands that is still open.
    pub(crate) fn open_quote(&self) -> Option<usize> {
        self.open_quote
    }

    fn piece(&mut self, content_end: usize, end: usize) -> Piece {
        let start = self.record;
        (self.record, self.at) = (end, end);
        Piece {
            start,
            content_end,
            end,
        }
    }
}
