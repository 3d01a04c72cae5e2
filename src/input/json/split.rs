//! Where the records of a JSON array, or of objects one behind the other, end.
//!
//! What stands between records is checked here: commas, the array's end and what follows it. What is
//! in a record is left to the row parser, but for two things that say where it ends: brackets that
//! close others than they should, and strings that run over their line. Nothing recurses, so that
//! depth costs nothing; the row parser refuses what is too deep.

use super::shape::{Around, Shape};
use super::text::blanks;
use super::value::{JsonFault, STRUCTURE, Value};
use super::wrapper::check_tail;
use crate::input::csv::split::Piece;

/// What was seen before a place that is in no record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LastSeen {
    /// The beginning.
    #[default]
    Nothing,
    /// A record.
    Record,
    /// The comma behind a record.
    Comma,
    /// The end of everything.
    End,
}

const CUT: &str = "the file was cut off, or a quote or a bracket is not closed";

/// Finds the records in a buffer that grows at its end.
#[derive(Debug)]
pub(crate) struct JsonSplitter<'i> {
    shape: Shape,
    around: &'i Around,
    /// Where the piece begins that is being looked at.
    piece: usize,
    /// Everything before was looked at.
    at: usize,
    /// What stands before `at`.
    seen: LastSeen,
    /// What stood before `piece`.
    before: LastSeen,
    /// The record of this piece, once it has ended.
    record: Option<(usize, usize)>,
    /// What `at` is inside of.
    open: Option<Open>,
}

/// What has begun and not ended.
#[derive(Clone, Copy, Debug)]
struct Open {
    start: usize,
    is_tail: bool,
    value: Value,
}

impl<'i> JsonSplitter<'i> {
    /// A splitter of what stands behind `seen`.
    pub(crate) fn new(shape: Shape, around: &'i Around, seen: LastSeen) -> Self {
        Self {
            shape,
            around,
            piece: 0,
            at: 0,
            seen,
            before: seen,
            record: None,
            open: None,
        }
    }

    /// The next piece that is whole: a record with its comma and white space, or white space, or
    /// what ends the array. `bytes` begin as in the call before; none stands behind them if
    /// `is_last`. After a fault every call tells it again.
    pub(crate) fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, JsonFault> {
        loop {
            if self.open.is_some() && !self.go_on(bytes, is_last)? {
                return Ok(None);
            }
            self.at += blanks(&bytes[self.at..]);
            let Some(&byte) = bytes.get(self.at) else {
                return self.at_end(bytes, is_last);
            };
            if byte == b',' && self.seen == LastSeen::Record && self.shape != Shape::Stream {
                self.seen = LastSeen::Comma;
                self.at += 1;
                continue;
            }
            // What begins here belongs to the next piece, and so does its fault.
            if self.at > self.piece && (self.record.is_some() || byte == b']') {
                return Ok(Some(self.take(self.at)));
            }
            self.begin(bytes, byte)?;
        }
    }

    /// What was seen before the end of the last piece.
    pub(crate) fn seen_before_rest(&self) -> LastSeen {
        self.before
    }

    /// Where the record begins whose end was not found.
    pub(crate) fn pending(&self) -> usize {
        self.open.map_or(self.at, |open| open.start)
    }

    /// Goes to the end of what is open; `false` if that is not here yet.
    fn go_on(&mut self, bytes: &[u8], is_last: bool) -> Result<bool, JsonFault> {
        let Some(open) = &mut self.open else {
            return Ok(true);
        };
        let (start, is_tail) = (open.start, open.is_tail);
        let Some(end) = open.value.end(bytes, is_last)? else {
            if !is_last {
                return Ok(false);
            }
            return Err(if is_tail {
                let message = "the file ends here, and the object around the records is not closed";
                JsonFault::new(bytes.len(), message, CUT)
            } else {
                JsonFault {
                    inside: Some(start),
                    ..JsonFault::new(bytes.len(), "the file ends here", CUT)
                }
            });
        };
        if is_tail {
            check_tail(&bytes[start..end], start, self.around)?;
        }
        self.open = None;
        self.at = end;
        self.record = Some((start, end));
        self.seen = if is_tail {
            LastSeen::End
        } else {
            LastSeen::Record
        };
        Ok(true)
    }

    /// Begins with what stands at `at`.
    fn begin(&mut self, bytes: &[u8], byte: u8) -> Result<(), JsonFault> {
        let at = self.at;
        let shown = || shown(bytes, at);
        let wrong = |message: String| Err(JsonFault::new(at, message, STRUCTURE));
        match (self.shape, self.seen, byte) {
            (_, LastSeen::End, _) => wrong(format!(
                "{} stands behind the end, where nothing may",
                shown()
            )),
            (Shape::Stream, _, b',') => {
                wrong("a comma stands between records that are in no array".to_owned())
            }
            (Shape::Array, LastSeen::Nothing | LastSeen::Record, b']') => {
                self.seen = LastSeen::End;
                self.at += 1;
                Ok(())
            }
            (Shape::Inside, LastSeen::Nothing | LastSeen::Record, b']') => {
                self.open = Some(Open {
                    start: at,
                    is_tail: true,
                    value: Value::in_objects(at + 1, self.around.keys.len()),
                });
                Ok(())
            }
            (Shape::Array | Shape::Inside, LastSeen::Comma, b']') => wrong(
                "the array ends behind a comma: the comma is too much, or a record is missing"
                    .to_owned(),
            ),
            (_, _, b',') => wrong("a record is missing before this comma".to_owned()),
            (Shape::Array | Shape::Inside, LastSeen::Record, b'{') => {
                wrong("a comma is missing before this record".to_owned())
            }
            (Shape::Array | Shape::Inside, LastSeen::Record, _) => wrong(format!(
                "{} stands where a comma or the end of the array should be",
                shown()
            )),
            (_, _, b']' | b'}' | b':') => {
                wrong(format!("{} stands where a record should begin", shown()))
            }
            _ => {
                self.open = Some(Open {
                    start: at,
                    is_tail: false,
                    value: Value::new(at),
                });
                Ok(())
            }
        }
    }

    /// No byte is left that is not blank.
    fn at_end(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, JsonFault> {
        // The `\n` of its line end may still come, and no block may begin with it.
        let is_half = !is_last && bytes.ends_with(b"\r");
        let end = bytes.len() - usize::from(is_half);
        // The end of what a piece holds may be that `\r`'s place at most.
        if end > self.piece {
            return Ok(Some(self.take(end)));
        }
        self.at = end;
        if !is_last || self.seen == LastSeen::End || self.shape == Shape::Stream {
            return Ok(None);
        }
        let message = "the file ends here, and the array is not closed";
        Err(JsonFault::new(bytes.len(), message, CUT))
    }

    fn take(&mut self, end: usize) -> Piece {
        let (start, content_end) = self.record.take().unwrap_or((end, end));
        self.piece = end;
        self.at = end;
        self.before = self.seen;
        Piece {
            start,
            content_end,
            end,
        }
    }
}

/// The character at a place. Of one beyond ASCII the rest may not be read yet.
fn shown(bytes: &[u8], at: usize) -> String {
    match bytes.get(at) {
        Some(byte) if byte.is_ascii() => {
            crate::base::display::quoted(&char::from(*byte).to_string())
        }
        _ => "a character that is not JSON".to_owned(),
    }
}
