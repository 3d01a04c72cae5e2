//! CSV records to unquoted cells, as the csv crate reads them.
//!
//! Blank lines are skipped exactly as the csv crate does it: a line with nothing at all on it. What
//! a header says about the cells is left to `header`.

use super::cells::{Spans, TextCells};
use super::csv_core::RecordReader;
use super::marks::{self, Marks};
use super::{Cells, Row, RowFault, faults, spreadsheet, text};
use crate::display;

/// How the records of an input are laid out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout<'b> {
    pub delimiter: u8,
    /// For each column its place in a record.
    pub order: &'b [usize],
    /// How many fields a record has.
    pub width: usize,
    /// The columns' names, where the text was a sheet: then a record is a line.
    pub sheet: Option<&'b [String]>,
}

/// The rows of one block.
///
/// Nearly all records are read the quick way: one search for delimiters, quotes and line ends goes
/// through the block, and cells are places in it. What the quick way does not know for certain, text
/// behind a closing quote or a lone `\r`, it leaves to csv-core, record by record. Both read the
/// same, which a test on random bytes holds.
#[derive(Debug)]
pub(super) struct CsvRows<'b> {
    reader: &'b mut RecordReader,
    text: &'b str,
    layout: Layout<'b>,
    /// The delimiters, quotes and `\n` from `at` on.
    marks: Marks<'b>,
    at: usize,
    line: u64,
    /// Then csv-core reads the block, and lines are counted by ourselves.
    has_lone_return: bool,
    /// Whether JSON escapes nothing in the block but marks.
    is_plain: bool,
    cells: Spans,
}

/// Where a record ends.
struct Found {
    /// One past its line end.
    end: usize,
    /// How many lines end in it.
    newlines: u64,
}

/// What follows a quoted field.
enum Follows {
    /// Another field, which begins here.
    Field(usize),
    /// Nothing: the record ends here, its line end included.
    End(usize),
}

impl<'b> CsvRows<'b> {
    pub fn new(reader: &'b mut RecordReader, text: &'b str, line: u64, layout: Layout<'b>) -> Self {
        reader.reset();
        let bytes = text.as_bytes();
        Self {
            reader,
            text,
            marks: Marks::new(bytes, layout.delimiter),
            is_plain: marks::are_all_escapes(bytes, layout.delimiter),
            layout,
            at: 0,
            line,
            has_lone_return: text::has_lone_return(bytes),
            cells: Spans::default(),
        }
    }

    pub fn next(&mut self) -> Option<Row<'_>> {
        let bytes = self.text.as_bytes();
        if text::line_end_len(bytes, self.at) > 0 {
            self.skip_blank_lines();
        }
        if self.at >= bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        self.cells.clear();
        let quick = match self.has_lone_return {
            true => None,
            false => self.read_quickly(start),
        };
        let Found { end, newlines } = quick.unwrap_or_else(|| self.read_slowly(start));
        self.at = end;
        self.line += match self.layout.sheet {
            Some(_) => 1,
            None => newlines,
        };
        Some(Row {
            start,
            end,
            line,
            column: 1,
            cells: self.cells(),
        })
    }

    #[cold]
    fn skip_blank_lines(&mut self) {
        loop {
            match text::line_end_len(self.text.as_bytes(), self.at) {
                0 => break,
                blank => self.at += blank,
            }
            self.line += 1;
        }
        self.marks.seek(self.at);
    }

    /// Reads the record that begins at `start` into `cells`; none where csv-core has to decide.
    fn read_quickly(&mut self, start: usize) -> Option<Found> {
        let bytes = self.text.as_bytes();
        let (mut field, mut newlines) = (start, 0);
        let mut is_plain = self.is_plain;
        loop {
            let Some(at) = self.marks.next() else {
                let end = bytes.len();
                self.cells.push(field..end, is_plain);
                return Some(Found { end, newlines });
            };
            match bytes[at] {
                b'\n' => {
                    // A `\r` belongs to the line end.
                    let has_return = at > field && bytes[at - 1] == b'\r';
                    self.cells
                        .push(field..at - usize::from(has_return), is_plain);
                    let (end, newlines) = (at + 1, newlines + 1);
                    return Some(Found { end, newlines });
                }
                b'"' if at == field => match self.read_quoted(at, &mut newlines)? {
                    Follows::Field(next) => field = next,
                    Follows::End(end) => return Some(Found { end, newlines }),
                },
                // A quote inside of an unquoted field is text.
                b'"' => is_plain = false,
                _ => {
                    self.cells.push(field..at, is_plain);
                    field = at + 1;
                    is_plain = self.is_plain;
                }
            }
        }
    }

    /// Reads the field whose quote opens at `open`; none where it does not end as it should.
    fn read_quoted(&mut self, open: usize, newlines: &mut u64) -> Option<Follows> {
        let (bytes, delimiter) = (self.text.as_bytes(), self.layout.delimiter);
        let (mut has_doubled, mut is_plain) = (false, self.is_plain);
        let close = loop {
            let at = self.marks.next()?;
            match bytes[at] {
                b'\n' => {
                    *newlines += 1;
                    is_plain = false;
                }
                b'"' if bytes.get(at + 1) == Some(&b'"') => {
                    has_doubled = true;
                    self.marks.next();
                }
                b'"' => break at,
                // It may be a tab.
                _ => is_plain &= !matches!(delimiter, ..b' ' | b'\\'),
            }
        };
        let (cell, after) = (open + 1..close, close + 1);
        let follows = match self.marks.next() {
            None if after == bytes.len() => Follows::End(after),
            Some(at) if at == after && bytes[at] == delimiter => Follows::Field(at + 1),
            Some(at) if bytes[at] == b'\n' && matches!(bytes[after..at], [] | [b'\r']) => {
                *newlines += 1;
                Follows::End(at + 1)
            }
            _ => return None,
        };
        match has_doubled {
            true => self.cells.push_undoubled(&self.text[cell]),
            false => self.cells.push(cell, is_plain),
        }
        Some(follows)
    }

    /// Reads the record that begins at `start` with csv-core.
    #[cold]
    fn read_slowly(&mut self, start: usize) -> Found {
        let bytes = self.text.as_bytes();
        let found = self.reader.read(bytes, start);
        self.cells.clear();
        // The bytes are text, and csv-core cuts only at ASCII ones.
        if let Ok((text, ends)) = self.reader.cells(&found) {
            self.cells.push_apart(text, ends);
        }
        self.marks.seek(found.end);
        Found {
            end: found.end,
            newlines: match self.has_lone_return {
                true => text::line_ends(&bytes[start..found.end]),
                false => found.newlines,
            },
        }
    }

    fn cells(&self) -> Result<Cells<'_>, RowFault> {
        if self.cells.len() != self.layout.width {
            return Err(RowFault {
                column: None,
                message: faults::ragged(self.cells.len(), self.layout.width),
            });
        }
        let cells = TextCells::new(self.text, &self.cells, self.layout.order);
        self.refuse_formula_errors(&cells)?;
        Ok(Cells::Text(cells))
    }

    fn refuse_formula_errors(&self, cells: &TextCells<'_>) -> Result<(), RowFault> {
        let names = self.layout.sheet.unwrap_or_default().iter().enumerate();
        for (n, name) in names {
            if let Some(error) = spreadsheet::formula_error(cells.get(n)) {
                return Err(RowFault {
                    column: Some(name.clone()),
                    message: format!("holds the formula error {}", display::quoted(error)),
                });
            }
        }
        Ok(())
    }
}
