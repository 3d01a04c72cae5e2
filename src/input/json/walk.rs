//! The way over a JSON text from its first record to its end.
//!
//! What stands between records is checked here: commas, the array's end and what follows it. What is
//! in a record is left to `ndjson`, but for what leaves open where it ends: brackets that close others
//! than they should, and strings that run over their line.

use super::fault::{JsonFault, STRUCTURE};
use super::head::Beginning;
use super::text::blanks;
use super::value::{nested_end, value_end};
use super::wrapper::check_tail;
use crate::base::display;
use crate::base::position::LineColumn;
use crate::input::error::InputError;
use crate::input::limits::Limits;
use crate::input::opened::Input;
use crate::input::{faults, text};

const CUT: &str = "the file was cut off, or a quote or a bracket is not closed";

/// What was seen last between the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    Nothing,
    Record,
    Comma,
    /// The end of everything.
    End,
}

/// A walk that gives one record after another.
pub(super) struct Walk<'w> {
    input: &'w Input,
    name: &'w str,
    beginning: &'w Beginning,
    limits: Limits,
    last: Last,
    bytes: Vec<u8>,
    /// Everything before was walked over.
    at: usize,
    /// The byte behind the last one of `bytes`, in the input.
    end: u64,
    /// Whether no more will come.
    is_last: bool,
    /// The first byte of the record at hand, or one before, and where it stands.
    mark: usize,
    place: LineColumn,
}

impl<'w> Walk<'w> {
    pub(super) fn new(
        input: &'w Input,
        name: &'w str,
        beginning: &'w Beginning,
        limits: Limits,
    ) -> Self {
        Self {
            input,
            name,
            beginning,
            limits,
            last: Last::Nothing,
            bytes: Vec::new(),
            at: 0,
            end: beginning.start,
            is_last: false,
            mark: 0,
            place: beginning.place,
        }
    }

    /// The next record and the line on which it begins; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<(u64, &[u8])>, InputError> {
        loop {
            let byte = self.peek()?;
            match (self.beginning.keys.as_deref(), self.last, byte) {
                (_, Last::End, None) | (None, _, None) => return Ok(None),
                (Some(_), _, None) => {
                    let message = "the file ends here, and the array is not closed";
                    return Err(self.refused(JsonFault::new(0, message, CUT)));
                }
                (Some(_), Last::Record, Some(b',')) => {
                    self.at += 1;
                    self.last = Last::Comma;
                }
                (Some(keys), Last::Nothing | Last::Record, Some(b']')) => {
                    let tail = self.measure(keys.len())?;
                    self.check_text(tail)?;
                    let tail = &self.bytes[self.at..self.at + tail];
                    check_tail(tail, keys, self.beginning.is_told)
                        .map_err(|fault| self.refused(fault))?;
                    self.at += tail.len();
                    self.last = Last::End;
                }
                (array, last, Some(byte)) => {
                    if let Some(message) = misplaced(array.is_some(), last, byte) {
                        return Err(self.refused(JsonFault::new(0, message, STRUCTURE)));
                    }
                    let length = self.measure(0)?;
                    self.check_text(length)?;
                    let start = self.at;
                    self.at += length;
                    self.last = Last::Record;
                    return Ok(Some((self.place.line, &self.bytes[start..self.at])));
                }
            }
        }
    }

    /// Whether the text was walked over to its end, and that is no line end.
    pub(super) fn is_unended(&self) -> bool {
        self.beginning.keys.is_none() && !matches!(self.bytes.last(), None | Some(b'\n' | b'\r'))
    }

    /// The next byte that is not blank; none at the end.
    fn peek(&mut self) -> Result<Option<u8>, InputError> {
        loop {
            self.at += blanks(&self.bytes[self.at..]);
            match self.bytes.get(self.at) {
                None if !self.is_last => self.more()?,
                byte => return Ok(byte.copied()),
            }
        }
    }

    /// How many bytes the value has that begins here, or, in so many objects, the end of the array.
    fn measure(&mut self, objects: usize) -> Result<usize, InputError> {
        self.mark_up_to(self.at);
        loop {
            let rest = &self.bytes[self.at..];
            let is_tail = rest.first() == Some(&b']');
            let end = match is_tail {
                true => nested_end(rest, 1, objects),
                false => value_end(rest, self.is_last),
            };
            let end = end.map_err(|fault| self.refused(fault))?;
            let limit = self.limits.record_bytes;
            if end.unwrap_or(rest.len()) > limit {
                return Err(faults::long_json(self.name, self.place, is_tail, limit));
            }
            match end {
                Some(end) => return Ok(end),
                None if !self.is_last => self.more()?,
                None => {
                    let (message, inside) = match is_tail {
                        true => (
                            "the file ends here, and the object around the records is not closed",
                            None,
                        ),
                        false => ("the file ends here", Some(0)),
                    };
                    let fault = JsonFault::new(rest.len(), message, CUT);
                    return Err(self.refused(JsonFault { inside, ..fault }));
                }
            }
        }
    }

    fn check_text(&self, length: usize) -> Result<(), InputError> {
        let bytes = &self.bytes[self.at..self.at + length];
        text::check(|| self.name.to_owned(), bytes, self.place).map(drop)
    }

    /// Reads on, at least as much as is there: looking at a long record anew each time stays cheap.
    fn more(&mut self) -> Result<(), InputError> {
        // The `\n` of this line end may still come.
        let is_half = self.bytes[..self.at].ends_with(b"\r");
        self.mark_up_to(self.at - usize::from(is_half));
        self.bytes.drain(..self.mark);
        self.at -= self.mark;
        self.mark = 0;
        let (old, want) = (
            self.bytes.len(),
            self.bytes.len().max(self.limits.block_bytes),
        );
        self.is_last = self.input.append(&mut self.bytes, self.end, want)?;
        self.end += (self.bytes.len() - old) as u64;
        Ok(())
    }

    fn mark_up_to(&mut self, at: usize) {
        if at > self.mark {
            self.place = text::after(self.place, &self.bytes[self.mark..at]);
            self.mark = at;
        }
    }

    /// What is wrong, at places that are counted from where the walk is.
    fn refused(&self, fault: JsonFault) -> InputError {
        let place = text::after(self.place, &self.bytes[self.mark..self.at]);
        faults::json(self.name, place, &self.bytes[self.at..], &fault)
    }
}

/// What is wrong with a byte with which no record may begin here.
fn misplaced(is_in_array: bool, last: Last, byte: u8) -> Option<String> {
    let shown = match byte.is_ascii() {
        true => display::quoted(&char::from(byte).to_string()),
        // The rest of it may not be read yet.
        false => "a character that is not JSON".to_owned(),
    };
    Some(match (is_in_array, last, byte) {
        (_, Last::End, _) => format!("{shown} stands behind the end, where nothing may"),
        (false, _, b',') => "a comma stands between records that are in no array".to_owned(),
        (true, Last::Comma, b']') => {
            "the array ends behind a comma: the comma is too much, or a record is missing"
                .to_owned()
        }
        (_, _, b',') => "a record is missing before this comma".to_owned(),
        (true, Last::Record, b'{') => "a comma is missing before this record".to_owned(),
        (true, Last::Record, _) => {
            format!("{shown} stands where a comma or the end of the array should be")
        }
        (_, _, b']' | b'}' | b':') => format!("{shown} stands where a record should begin"),
        _ => return None,
    })
}
