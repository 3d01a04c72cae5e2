//! Where records end, without looking at what is in them.
//!
//! For CSV this is the csv crate's grammar, reduced to what decides where a record ends: a quote
//! opens a quoted field only as the first byte of a field, a doubled quote stays inside, and text
//! after the closing quote is unquoted again. A stray quote inside an unquoted field (`5" pipe`) is
//! text. Nothing is guessed and nothing runs ahead, so it agrees with the parser on every input,
//! which a test on random bytes holds. For NDJSON every line is a record, since JSON strings hold no
//! raw line ends.

use memchr::{memchr, memchr2, memchr3};

use super::text::line_end_len;

/// Finds the records in a buffer that grows at its end.
#[derive(Debug)]
pub(super) struct Splitter {
    /// Between fields, where quoting exists.
    delimiter: Option<u8>,
    /// Where the record begins that is being looked at.
    record: usize,
    /// Everything before was looked at.
    at: usize,
    /// Where the quoted field began that `at` is in.
    quote: Option<usize>,
}

/// A record, or a line that is empty.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// Its first byte.
    pub start: usize,
    /// One past its last byte, the line end not included.
    pub content_end: usize,
    /// One past its line end.
    pub end: usize,
}

impl Splitter {
    /// `delimiter` for CSV, none where every line is a record.
    pub fn new(delimiter: Option<u8>) -> Self {
        Self {
            delimiter,
            record: 0,
            at: 0,
            quote: None,
        }
    }

    /// The next record that is whole. `bytes` begin as in the call before; none stands behind them
    /// if `is_last`.
    pub fn next(&mut self, bytes: &[u8], is_last: bool) -> Option<Piece> {
        loop {
            if self.quote.is_some() {
                if !self.leave_quotes(bytes, is_last) {
                    return None;
                }
                continue;
            }
            let rest = &bytes[self.at..];
            let found = match self.delimiter {
                Some(_) => memchr3(b'"', b'\n', b'\r', rest),
                None => memchr2(b'\n', b'\r', rest),
            };
            let Some(found) = found.map(|n| self.at + n) else {
                self.at = bytes.len();
                let has_more = is_last && self.record < bytes.len();
                return has_more.then(|| self.piece(bytes.len(), bytes.len()));
            };
            let after = found + 1;
            match bytes[found] {
                b'"' => {
                    if self.is_field_start(bytes, found) {
                        self.quote = Some(found);
                    }
                    self.at = after;
                }
                // Its `\n` may still come.
                b'\r' if after == bytes.len() && !is_last => {
                    self.at = found;
                    return None;
                }
                _ => return Some(self.piece(found, found + line_end_len(bytes, found))),
            }
        }
    }

    /// Where the record begins whose end was not found.
    pub fn pending(&self) -> usize {
        self.record
    }

    /// Where the quote stands that is still open.
    pub fn open_quote(&self) -> Option<usize> {
        self.quote
    }

    /// Goes to behind the closing quote; `false` if that is not here (yet).
    fn leave_quotes(&mut self, bytes: &[u8], is_last: bool) -> bool {
        while let Some(n) = memchr(b'"', &bytes[self.at..]) {
            let quote = self.at + n;
            match bytes.get(quote + 1) {
                Some(b'"') => self.at = quote + 2,
                None if !is_last => {
                    self.at = quote;
                    return false;
                }
                _ => {
                    self.at = quote + 1;
                    self.quote = None;
                    return true;
                }
            }
        }
        self.at = bytes.len();
        false
    }

    fn is_field_start(&self, bytes: &[u8], at: usize) -> bool {
        at == self.record || self.delimiter == Some(bytes[at - 1])
    }

    fn piece(&mut self, content_end: usize, end: usize) -> Piece {
        let start = self.record;
        self.record = end;
        self.at = end;
        Piece {
            start,
            content_end,
            end,
        }
    }
}
