//! A streaming scanner: an import's answer, taken apart as it comes: the rows that were left out go
//! where rows are kept, one by one, and the rest, which is small, is read as JSON when it is whole.
//!
//! So the answer may be as long as it likes, and its parts may stand in any order. Only as much of JSON
//! is known here as it takes to find where each row ends; whether a row and the rest are JSON is left
//! to serde_json.

#[cfg(test)]
mod tests;

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::value::RawValue;

use super::rows::{KeptRows, RowsWriter};

/// The key under which rows stand, with its quotes.
const KEY: &[u8] = b"\"parsing_error_details\"";

/// The most bytes of an answer, which is as good as any number that no disk minds.
const MAX_IMPORT: u64 = 4 << 30;

/// The most bytes of an answer besides its rows.
const MAX_BARE: usize = 4 << 20;

/// The most bytes of a row: a record has at most 1 MiB, which grows where it is escaped, and stands in
/// the error's words once more.
const MAX_ROW: usize = 16 << 20;

/// What stands for a row that is larger.
const LARGE_ROW: &[u8] = b"\"(a row that is too large to be kept)\"";

/// An answer while it comes.
#[derive(Debug)]
pub(crate) struct Split {
    bare: Vec<u8>,
    rows: RowsWriter,
    /// The row that is being read.
    row: Vec<u8>,
    into: Into,
    in_string: bool,
    /// Whether the byte before was a backslash in a string that escapes this one.
    is_escaped: bool,
    /// How many brackets are open within the row, or within what is dropped.
    depth: u64,
    /// Where in `bare` the string begins that came last, if nothing but white space came since.
    string_at: Option<usize>,
    bytes: u64,
    end: Option<Unread>,
}

/// Where the next byte belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Into {
    Bare,
    /// The key of the rows came: what is behind it?
    Value,
    Row,
    /// Behind the key of the rows stands no list.
    Nothing,
}

/// Why an answer is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// The answer is no JSON; its beginning.
    NoJson(Vec<u8>),
    /// The answer is larger than this.
    TooLarge(&'static str),
}

impl Split {
    /// Keeps rows in a file in this folder; none for the system's own for such files.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self {
            bare: Vec::new(),
            rows: RowsWriter::new(folder),
            row: Vec::new(),
            into: Into::Bare,
            in_string: false,
            is_escaped: false,
            depth: 0,
            string_at: None,
            bytes: 0,
            end: None,
        }
    }

    /// Takes the next bytes, unless it is known that nothing comes of them.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> ControlFlow<()> {
        let mut rest = bytes;
        while let (Some(byte), None) = (rest.first(), &self.end) {
            let taken = match self.in_string {
                true => self.inside_string(rest),
                false => {
                    self.outside_string(*byte);
                    1
                }
            };
            rest = &rest[taken..];
        }
        self.bytes += bytes.len() as u64;
        if self.bare.len() > MAX_BARE {
            self.end = Some(Unread::TooLarge("over 4 MiB without its rejected rows"));
        } else if self.bytes > MAX_IMPORT {
            self.end = Some(Unread::TooLarge("over 4 GiB"));
        }
        match self.end {
            None => ControlFlow::Continue(()),
            Some(_) => ControlFlow::Break(()),
        }
    }

    /// The answer without its rows, in whose places markers stand, and the rows.
    pub(crate) fn finish(self) -> Result<(Vec<u8>, Arc<KeptRows>), Unread> {
        match self.end {
            Some(end) => Err(end),
            None if self.into != Into::Bare => Err(Unread::NoJson(self.bare)),
            None => Ok((self.bare, self.rows.finish())),
        }
    }

    fn is_no_json(&mut self) {
        self.end = Some(Unread::NoJson(std::mem::take(&mut self.bare)));
    }

    /// Takes bytes up to the end of the string. Gives how many.
    fn inside_string(&mut self, bytes: &[u8]) -> usize {
        if self.is_escaped {
            self.is_escaped = false;
            self.keep(&bytes[..1]);
            return 1;
        }
        let Some(end) = memchr::memchr2(b'"', b'\\', bytes) else {
            self.keep(bytes);
            return bytes.len();
        };
        self.is_escaped = bytes[end] == b'\\';
        self.in_string = self.is_escaped;
        self.keep(&bytes[..=end]);
        end + 1
    }

    fn outside_string(&mut self, byte: u8) {
        match self.into {
            Into::Bare => self.bare(byte),
            Into::Value if byte.is_ascii_whitespace() => {}
            Into::Value if byte == b'[' => {
                self.into = Into::Row;
                self.rows.begin();
            }
            Into::Value => {
                self.bare.extend_from_slice(b"null");
                self.into = Into::Nothing;
                self.nothing(byte);
            }
            Into::Row => self.row(byte),
            Into::Nothing => self.nothing(byte),
        }
    }

    fn bare(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.in_string = true;
                self.string_at = Some(self.bare.len());
            }
            b':' => {
                let key = self.string_at.take().and_then(|at| self.bare.get(at..));
                if key.is_some_and(|key| key.trim_ascii_end() == KEY) {
                    self.into = Into::Value;
                }
            }
            _ if byte.is_ascii_whitespace() => {}
            _ => self.string_at = None,
        }
        self.bare.push(byte);
    }

    fn row(&mut self, byte: u8) {
        match byte {
            b'"' => self.in_string = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' if self.depth > 0 => self.depth -= 1,
            b',' if self.depth == 0 => return self.end_row(),
            b']' => {
                let is_empty = self.row.trim_ascii().is_empty();
                if !(is_empty && self.rows.is_empty()) {
                    self.end_row();
                }
                self.row.clear();
                self.bare.extend_from_slice(self.rows.marker().as_bytes());
                self.into = Into::Bare;
                return;
            }
            _ => {}
        }
        // A row is kept as a line; outside strings any white space is as good as another.
        let is_line_end = matches!(byte, b'\n' | b'\r');
        self.keep(&[if is_line_end { b' ' } else { byte }]);
    }

    fn end_row(&mut self) {
        if self.row.len() > MAX_ROW {
            self.rows.add(LARGE_ROW);
        } else if serde_json::from_slice::<&RawValue>(&self.row).is_ok() {
            self.rows.add(self.row.trim_ascii());
        } else {
            self.is_no_json();
        }
        self.row.clear();
    }

    fn nothing(&mut self, byte: u8) {
        match byte {
            b'"' => self.in_string = true,
            b'[' | b'{' => self.depth += 1,
            b']' | b'}' if self.depth > 0 => self.depth -= 1,
            b',' | b']' | b'}' if self.depth == 0 => {
                self.into = Into::Bare;
                self.bare(byte);
            }
            _ => {}
        }
    }

    /// Takes bytes where they belong, up to more than there may be.
    fn keep(&mut self, bytes: &[u8]) {
        let (into, most) = match self.into {
            Into::Bare | Into::Value => (&mut self.bare, MAX_BARE),
            Into::Row => (&mut self.row, MAX_ROW),
            Into::Nothing => return,
        };
        let room = (most + 1).saturating_sub(into.len());
        into.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}
