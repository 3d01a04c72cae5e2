//! The records of a JSON block to rows. What stands between them was checked when the block was cut.

use super::ndjson::{ObjectReader, Written};
use super::shape::Shape;
use super::text::blanks;
use super::value::Value;
use crate::base::position::LineColumn;
use crate::input::record::Row;
use crate::input::text;

/// The rows of one block.
#[derive(Debug)]
pub(crate) struct JsonRows<'b> {
    text: &'b str,
    shape: Shape,
    at: usize,
    /// Where `at` stands.
    place: LineColumn,
    reader: ObjectReader<'b>,
}

impl<'b> JsonRows<'b> {
    pub(crate) fn new(text: &'b str, shape: Shape, place: LineColumn) -> Self {
        Self {
            text,
            shape,
            at: 0,
            place,
            reader: ObjectReader::default(),
        }
    }

    pub(crate) fn next(&mut self) -> Option<Row<'_>> {
        let bytes = self.text.as_bytes();
        self.go_to(self.at + separators(&bytes[self.at..], self.shape));
        let (start, place) = (self.at, self.place);
        match bytes.get(start) {
            None => return None,
            // Behind the array's end are no records.
            Some(b']') if self.shape != Shape::Stream => return None,
            Some(_) => {}
        }
        let content_end = value_end(bytes, start);
        self.go_to(content_end + separators(&bytes[content_end..], self.shape));
        Some(Row {
            start,
            end: self.at,
            line: place.line,
            column: place.column,
            cells: self
                .reader
                .cells(&self.text[start..content_end], Written::At(place)),
        })
    }

    fn go_to(&mut self, at: usize) {
        self.place = text::after(self.place, &self.text.as_bytes()[self.at..at]);
        self.at = at;
    }
}

/// The value that begins a row, without what follows it.
pub(crate) fn value(row: &[u8]) -> &[u8] {
    &row[..value_end(row, 0)]
}

fn value_end(bytes: &[u8], start: usize) -> usize {
    // A file that changed since it was split holds anything; it is refused later.
    let end = Value::new(start).end(bytes, true).ok().flatten();
    end.filter(|end| *end > start).unwrap_or(bytes.len())
}

/// How many bytes at the start stand between records.
fn separators(bytes: &[u8], shape: Shape) -> usize {
    let mut at = blanks(bytes);
    while shape != Shape::Stream && bytes.get(at) == Some(&b',') {
        at += 1;
        at += blanks(&bytes[at..]);
    }
    at
}
