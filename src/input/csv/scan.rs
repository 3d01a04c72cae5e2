//! The CSV grammar, a cell at a time. Whatever splits records, reads a header or counts fields asks
//! here, so that no two of them can read a text differently.
//!
//! It is RFC 4180, read strictly: a quote as the first byte of a cell opens it, a doubled one is a
//! quote, and the one that closes it must stand before a delimiter, a line end or the end of the
//! input. Text behind it is a fault and never glued on: a stray quote would swallow the records up to
//! the next one without a word. Beyond the RFC a line may end in LF, CRLF or CR, a quote inside of an
//! unquoted cell is text (`5" pipe`), and a mapping may name an escape or say that quotes are text.
//!
//! `strides` finds the ends of most cells with SIMD; where it is not certain, this decides.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3};

use crate::input::options::Quoting;
use crate::input::text::line_end_len;

/// How CSV records are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between the cells.
    pub delimiter: u8,
    /// What quotes and escapes mean.
    pub quoting: Quoting,
}

impl Dialect {
    /// The text that is made of a sheet.
    pub(crate) const SHEET: Self = Self {
        delimiter: b',',
        quoting: Quoting::PLAIN,
    };
}

/// One cell, as it stands in the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ScannedCell {
    /// What stands in it, without its quotes.
    pub content: Range<usize>,
    /// Whether its text is not the content as it stands: it has escapes or doubled quotes.
    pub is_escaped: bool,
    /// Where the delimiter or the line end stands that ends it.
    pub end: usize,
    /// One past that.
    pub next: usize,
    /// Whether it is its record's last one.
    pub ends_record: bool,
    is_quoted: bool,
}

/// Why there is no cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// The bytes end before it does, perhaps in quotes that were opened here.
    Unfinished { open_quote: Option<usize> },
    /// Text stands behind the quote that closes it.
    Text(QuoteFault),
}

/// A quoted cell with text behind its closing quote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct QuoteFault {
    /// Where the quote stands that opens it.
    pub open: usize,
    /// Where the one stands that closes it.
    pub close: usize,
}

impl Dialect {
    /// The cell that begins at `at`. No bytes follow the last ones if `is_last`.
    pub(crate) fn cell(
        self,
        bytes: &[u8],
        at: usize,
        is_last: bool,
    ) -> Result<ScannedCell, Broken> {
        match bytes.get(at) {
            Some(b'"') if self.quoting.has_quotes => self.quoted(bytes, at, is_last),
            _ => self.unquoted(bytes, at, is_last),
        }
    }

    /// The cell that begins at `start`, where a quote is text.
    pub(crate) fn unquoted(
        self,
        bytes: &[u8],
        start: usize,
        is_last: bool,
    ) -> Result<ScannedCell, Broken> {
        let unfinished = Broken::Unfinished { open_quote: None };
        let (mut at, mut is_escaped) = (start, false);
        loop {
            let end = match self.unquoted_stop(&bytes[at..]) {
                None if !is_last => return Err(unfinished),
                None => bytes.len(),
                Some(n) => at + n,
            };
            if end == bytes.len() || Some(bytes[end]) != self.quoting.escape {
                let content = start..end;
                return self.ended(bytes, (content, false, is_escaped), is_last);
            }
            is_escaped = true;
            let is_line_end = line_end_len(bytes, end + 1) > 0;
            at = behind_escaped(bytes, end, is_last).ok_or(unfinished)?;
            // The record goes on behind an escaped line end, and there is nothing more.
            if is_line_end && at == bytes.len() {
                return Err(unfinished);
            }
        }
    }

    fn quoted(self, bytes: &[u8], open: usize, is_last: bool) -> Result<ScannedCell, Broken> {
        let unfinished = Broken::Unfinished {
            open_quote: Some(open),
        };
        let (mut at, mut is_escaped) = (open + 1, false);
        let close = loop {
            let rest = &bytes[at..];
            let found = match self.quoting.escape {
                None => memchr(b'"', rest),
                Some(escape) => memchr2(b'"', escape, rest),
            };
            at += found.ok_or(unfinished)?;
            at = match (bytes[at], bytes.get(at + 1)) {
                (b'"', Some(b'"')) => at + 2,
                // It may be the first of two.
                (b'"', None) if !is_last => return Err(unfinished),
                (b'"', _) => break at,
                _ => behind_escaped(bytes, at, is_last).ok_or(unfinished)?,
            };
            is_escaped = true;
        };
        let is_end = |byte: &u8| *byte == self.delimiter || matches!(byte, b'\n' | b'\r');
        if !bytes.get(close + 1).is_none_or(is_end) {
            return Err(Broken::Text(QuoteFault { open, close }));
        }
        self.ended(bytes, (open + 1..close, true, is_escaped), is_last)
    }

    /// A cell behind which a delimiter stands, a line end, or nothing more.
    fn ended(
        self,
        bytes: &[u8],
        (content, is_quoted, is_escaped): (Range<usize>, bool, bool),
        is_last: bool,
    ) -> Result<ScannedCell, Broken> {
        let end = content.end + usize::from(is_quoted);
        // The `\n` of a line end may still come.
        if bytes[end..] == *b"\r" && !is_last {
            return Err(Broken::Unfinished { open_quote: None });
        }
        let ends_record = bytes.get(end) != Some(&self.delimiter);
        let len = match ends_record {
            true => line_end_len(bytes, end),
            false => 1,
        };
        Ok(ScannedCell {
            content,
            is_quoted,
            is_escaped,
            end,
            next: end + len,
            ends_record,
        })
    }

    /// Where an unquoted cell ends, or has an escape.
    fn unquoted_stop(self, bytes: &[u8]) -> Option<usize> {
        let Some(escape) = self.quoting.escape else {
            return memchr3(self.delimiter, b'\n', b'\r', bytes);
        };
        let is_stop =
            |byte: &u8| *byte == self.delimiter || *byte == escape || matches!(byte, b'\n' | b'\r');
        bytes.iter().position(is_stop)
    }

    /// The next cell; where its quotes are wrong, as if they were text. Whether they are is told too.
    ///
    /// For whoever has to go on all the same: to tell of further faults, or to count fields.
    pub(crate) fn cell_or_text(
        self,
        bytes: &[u8],
        at: usize,
        is_last: bool,
    ) -> (Result<ScannedCell, Broken>, bool) {
        match self.cell(bytes, at, is_last) {
            Err(Broken::Text(_)) => (self.unquoted(bytes, at, is_last), true),
            Err(Broken::Unfinished {
                open_quote: Some(_),
            }) if is_last => (self.unquoted(bytes, at, is_last), true),
            cell => (cell, false),
        }
    }

    /// Appends a cell's text.
    pub(crate) fn unescape(self, text: &str, cell: &ScannedCell, out: &mut String) {
        let mut rest = &text[cell.content.clone()];
        // The first of two quotes goes as an escape does, and what follows either stands for itself.
        let goes = |c: char| {
            (cell.is_quoted && c == '"') || self.quoting.escape.is_some_and(|e| c == char::from(e))
        };
        while let Some(at) = rest.find(goes) {
            out.push_str(&rest[..at]);
            let mut behind = rest[at + 1..].chars();
            out.extend(behind.next());
            rest = behind.as_str();
        }
        out.push_str(rest);
    }

    /// The texts of the cells of the record that begins at `at`.
    pub(crate) fn texts(self, text: &str, at: usize) -> Vec<String> {
        self.record_at(text, at).0
    }

    /// The same, and where the record ends.
    pub(crate) fn record_at(self, text: &str, mut at: usize) -> (Vec<String>, usize) {
        let mut texts = Vec::new();
        while let (Ok(cell), _) = self.cell_or_text(text.as_bytes(), at, true) {
            let mut own = String::new();
            self.unescape(text, &cell, &mut own);
            texts.push(own);
            at = cell.next;
            if cell.ends_record {
                break;
            }
        }
        (texts, at)
    }
}

/// Writing.
impl Dialect {
    /// A record from which reading gives these texts again, with its line end. Where quotes are text and
    /// nothing is an escape, no cell can hold a delimiter or a line end: each becomes a space.
    pub(crate) fn record<'c>(self, cells: impl IntoIterator<Item = &'c str>) -> String {
        let mut record = String::new();
        for (n, cell) in cells.into_iter().enumerate() {
            if n > 0 {
                record.push(char::from(self.delimiter));
            }
            self.write(cell, &mut record);
        }
        // An escape before a CRLF would stand before both.
        record.push_str(if record.ends_with('\r') { "\r\n" } else { "\n" });
        record
    }

    fn write(self, cell: &str, out: &mut String) {
        let Quoting { escape, has_quotes } = self.quoting;
        let is_end = |c: char| c == char::from(self.delimiter) || matches!(c, '\n' | '\r');
        let is_quoted = has_quotes && cell.contains(|c| is_end(c) || c == '"');
        out.extend(is_quoted.then_some('"'));
        for c in cell.chars() {
            let is_end = !has_quotes && is_end(c);
            match escape.map(char::from) {
                None if is_end => out.push(' '),
                Some(escape) if is_end || c == escape => out.extend([escape, c]),
                _ if is_quoted && c == '"' => out.push_str("\"\""),
                _ => out.push(c),
            }
        }
        out.extend(is_quoted.then_some('"'));
    }
}

/// One past what an escape at `at` stands before: a character's first byte, or a whole line end.
fn behind_escaped(bytes: &[u8], at: usize, is_last: bool) -> Option<usize> {
    let escaped = at + 1;
    match bytes.get(escaped..)? {
        [] => None,
        [b'\r'] if !is_last => None,
        _ => Some(escaped + line_end_len(bytes, escaped).max(1)),
    }
}
