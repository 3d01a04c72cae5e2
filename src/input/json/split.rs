//! Where the records of a JSON array, or of objects one behind the other, end.
//!
//! What stands between records is checked here: commas, the array's end and what follows it. What is
//! in a record is left to the row parser, but for two things that say where it ends: brackets that
//! close others than they should, and strings that run over their line. Nothing recurses, so that
//! depth costs nothing; the row parser refuses what is too deep.

use crate::input::csv::split::Piece;
use crate::input::json::shape::{Around, Shape};
use crate::input::json::text::blanks;
use crate::input::json::value::{Fault, STRUCTURE, Value};
use crate::input::json::wrapper::check_tail;

/// What was seen before a place that is in no record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Seen {
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
    seen: Seen,
    /// What stood before `piece`.
    before: Seen,
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
    pub(crate) fn new(shape: Shape, around: &'i Around, seen: Seen) -> Self {
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
    pub(crate) fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, Fault> {
        loop {
            if self.open.is_some() && !self.go_on(bytes, is_last)? {
                return Ok(None);
            }
            self.at += blanks(&bytes[self.at..]);
            let Some(&byte) = bytes.get(self.at) else {
                return self.at_end(bytes, is_last);
            };
            if byte == b',' && self.seen == Seen::Record && self.shape != Shape::Stream {
                self.seen = Seen::Comma;
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
    pub(crate) fn seen_before_rest(&self) -> Seen {
        self.before
    }

    /// Where the record begins whose end was not found.
    pub(crate) fn pending(&self) -> usize {
        self.open.map_or(self.at, |open| open.start)
    }

    /// Goes to the end of what is open; `false` if that is not here yet.
    fn go_on(&mut self, bytes: &[u8], is_last: bool) -> Result<bool, Fault> {
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
                Fault::new(bytes.len(), message, CUT)
            } else {
                Fault {
                    inside: Some(start),
                    ..Fault::new(bytes.len(), "the file ends here", CUT)
                }
            });
        };
        if is_tail {
            check_tail(&bytes[start..end], start, self.around)?;
        }
        self.open = None;
        self.at = end;
        self.record = Some((start, end));
        self.seen = if is_tail { Seen::End } else { Seen::Record };
        Ok(true)
    }

    /// Begins with what stands at `at`.
    fn begin(&mut self, bytes: &[u8], byte: u8) -> Result<(), Fault> {
        let at = self.at;
        let shown = || shown(bytes, at);
        let wrong = |message: String| Err(Fault::new(at, message, STRUCTURE));
        match (self.shape, self.seen, byte) {
            (_, Seen::End, _) => wrong(format!(
                "{} stands behind the end, where nothing may",
                shown()
            )),
            (Shape::Stream, _, b',') => {
                wrong("a comma stands between records that are in no array".to_owned())
            }
            (Shape::Array, Seen::Nothing | Seen::Record, b']') => {
                self.seen = Seen::End;
                self.at += 1;
                Ok(())
            }
            (Shape::Inside, Seen::Nothing | Seen::Record, b']') => {
                self.open = Some(Open {
                    start: at,
                    is_tail: true,
                    value: Value::in_objects(at + 1, self.around.keys.len()),
                });
                Ok(())
            }
            (Shape::Array | Shape::Inside, Seen::Comma, b']') => wrong(
                "the array ends behind a comma: the comma is too much, or a record is missing"
                    .to_owned(),
            ),
            (_, _, b',') => wrong("a record is missing before this comma".to_owned()),
            (Shape::Array | Shape::Inside, Seen::Record, b'{') => {
                wrong("a comma is missing before this record".to_owned())
            }
            (Shape::Array | Shape::Inside, Seen::Record, _) => wrong(format!(
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
    fn at_end(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, Fault> {
        // The `\n` of its line end may still come, and no block may begin with it.
        let is_half = !is_last && bytes.ends_with(b"\r");
        let end = bytes.len() - usize::from(is_half);
        // The end of what a piece holds may be that `\r`'s place at most.
        if end > self.piece {
            return Ok(Some(self.take(end)));
        }
        self.at = end;
        if !is_last || self.seen == Seen::End || self.shape == Shape::Stream {
            return Ok(None);
        }
        let message = "the file ends here, and the array is not closed";
        Err(Fault::new(bytes.len(), message, CUT))
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
