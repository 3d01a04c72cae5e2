//! Where records end, without looking at what is in them.
//!
//! For CSV this is the csv crate's grammar, reduced to what decides where a record ends: a quote
//! opens a quoted field only as the first byte of a field, a doubled quote stays inside, and text
//! after the closing quote is unquoted again. A stray quote inside an unquoted field (`5" pipe`) is
//! text. Nothing is guessed and nothing runs ahead, so it agrees with the parser on every input,
//! which a test on random bytes holds. For NDJSON every line is a record, since JSON strings hold no
//! raw line ends.

use memchr::{memchr, memchr_iter, memchr2, memchr3, memrchr2};

use super::text::line_end_len;

/// Where the last record ends that is whole, found without a look at each: only quotes are. 0 where
/// none is. `bytes` begin with a record; none stands behind them if `is_last`.
pub(super) fn last_end(bytes: &[u8], delimiter: Option<u8>, is_last: bool) -> usize {
    let (mut outside, mut start) = (Vec::new(), Some(0));
    if let Some(delimiter) = delimiter {
        let mut quotes = memchr_iter(b'"', bytes).peekable();
        while let Some(quote) = quotes.next() {
            match start {
                Some(begin) if is_field_start(bytes, quote, delimiter) => {
                    outside.push(begin..quote);
                    start = None;
                }
                Some(_) => {}
                None if quotes.next_if_eq(&(quote + 1)).is_some() => {}
                // It may be the first of two.
                None if quote + 1 == bytes.len() && !is_last => {}
                None => start = Some(quote + 1),
            }
        }
    }
    if let Some(begin) = start {
        if is_last {
            return bytes.len();
        }
        outside.push(begin..bytes.len());
    }
    // A `\r` at the end may be half of a line end.
    let is_half = !is_last && bytes.ends_with(b"\r");
    let whole = bytes.len() - usize::from(is_half);
    let ends = outside.into_iter().rev().map(|place| {
        let end = place.end.min(whole).max(place.start);
        memrchr2(b'\n', b'\r', &bytes[place.start..end]).map(|n| place.start + n + 1)
    });
    ends.flatten().next().unwrap_or(0)
}

/// Whether a quote that stands at `at`, outside of quotes, opens a field.
fn is_field_start(bytes: &[u8], at: usize, delimiter: u8) -> bool {
    match at.checked_sub(1).map(|before| bytes[before]) {
        None => true,
        Some(before) => before == delimiter || matches!(before, b'\n' | b'\r'),
    }
}

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            4 => Just("\""), 3 => Just(","), 2 => Just("\n"), 2 => Just("\r"), 2 => Just("\r\n"),
            4 => Just("a"), 1 => Just("\"\""), 1 => Just("\"a,\n\""),
        ];
        proptest::collection::vec(piece, 0..30).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn the_last_end_is_that_of_the_last_piece(text in pieces(), is_last: bool, is_csv: bool) {
            let (bytes, delimiter) = (text.as_bytes(), is_csv.then_some(b','));
            let mut splitter = Splitter::new(delimiter);
            let mut last = 0;
            while let Some(piece) = splitter.next(bytes, is_last) {
                last = piece.end;
            }
            prop_assert_eq!(last_end(bytes, delimiter, is_last), last);
        }
    }
}
