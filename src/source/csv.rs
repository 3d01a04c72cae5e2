//! CSV records to unquoted cells, as the csv crate reads them.
//!
//! Blank lines are skipped exactly as the csv crate does it: a line with nothing at all on it. What
//! a header says about the cells is left to `header`.

use std::borrow::Cow;

use csv_core::ReadRecordResult;

use super::marks::Marks;
use super::{Cells, Row, RowFault, TextCells, faults, header, spreadsheet, text};
use crate::display;

/// csv-core with its output buffers.
pub(super) struct RecordReader {
    core: csv_core::Reader,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// What [`RecordReader::read`] found; the cells are in the reader's buffers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    /// One past the record's line end.
    pub end: usize,
    /// How many lines end in the record by a `\n`.
    pub newlines: u64,
    text_bytes: usize,
    fields: usize,
}

impl std::fmt::Debug for RecordReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordReader").finish_non_exhaustive()
    }
}

impl RecordReader {
    pub fn new(delimiter: u8) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self {
            core,
            text: vec![0; 1 << 10],
            ends: vec![0; 32],
        }
    }

    /// Forgets what was read before.
    pub fn reset(&mut self) {
        self.core.reset();
        // A fresh reader takes a byte order mark off what it reads first. Here that is the middle
        // of a file, where the mark is text; an empty line first makes the reader not fresh.
        self.core.read_record(b"\n", &mut [0], &mut [0]);
    }

    /// Reads the record that begins at `at`, which is not a blank line and not the end.
    pub fn read(&mut self, bytes: &[u8], at: usize) -> Found {
        let mut found = Found {
            end: at,
            newlines: 0,
            text_bytes: 0,
            fields: 0,
        };
        self.core.set_line(0);
        loop {
            // Without input left this asks for the record that has no line end.
            let (result, read, written, ended) = self.core.read_record(
                &bytes[found.end..],
                &mut self.text[found.text_bytes..],
                &mut self.ends[found.fields..],
            );
            found.end += read;
            found.text_bytes += written;
            found.fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.text.resize(2 * self.text.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
                ReadRecordResult::Record | ReadRecordResult::End => break,
            }
        }
        found.newlines = self.core.line();
        // csv-core leaves the `\n` of a `\r\n` to the next record.
        if bytes[..found.end].ends_with(b"\r") && bytes.get(found.end) == Some(&b'\n') {
            found.end += 1;
            found.newlines += 1;
        }
        found
    }

    /// The cells of what was just found, each with its end in the text.
    pub fn cells(&self, found: &Found) -> Result<(&str, &[usize]), std::str::Utf8Error> {
        let text = std::str::from_utf8(&self.text[..found.text_bytes])?;
        Ok((text, &self.ends[..found.fields]))
    }
}

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
/// through the block, and cells are slices of it. What the quick way does not know for certain, text
/// behind a closing quote or a lone `\r`, it leaves to csv-core, record by record. Both read the
/// same, which a test on random bytes holds.
#[derive(Debug)]
pub(super) struct CsvRows<'b> {
    reader: &'b mut RecordReader,
    text: &'b str,
    layout: Layout<'b>,
    /// The delimiters, quotes and `\n` from about `at` on.
    marks: Marks<'b>,
    at: usize,
    line: u64,
    /// Then csv-core reads the block, and lines are counted by ourselves.
    has_lone_return: bool,
    cells: Vec<Cow<'b, str>>,
}

/// Where a record ends that was read the quick way.
struct Quick {
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
        Self {
            reader,
            text,
            marks: Marks::new(text.as_bytes(), layout.delimiter),
            layout,
            at: 0,
            line,
            has_lone_return: text::has_lone_return(text.as_bytes()),
            cells: Vec::with_capacity(layout.width),
        }
    }

    pub fn next(&mut self) -> Option<Row<'_>> {
        let bytes = self.text.as_bytes();
        loop {
            match text::line_end_len(bytes, self.at) {
                0 => break,
                blank => self.at += blank,
            }
            self.line += 1;
        }
        if self.at >= bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let quick = match self.has_lone_return {
            true => None,
            false => self.read_quickly(start),
        };
        let Quick { end, newlines } = quick.unwrap_or_else(|| self.read_slowly(start));
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

    /// Reads the record that begins at `start` into `cells`; none where csv-core has to decide.
    fn read_quickly(&mut self, start: usize) -> Option<Quick> {
        self.cells.clear();
        let bytes = self.text.as_bytes();
        let (mut field, mut newlines) = (start, 0);
        loop {
            // Marks that csv-core or a blank line went over are behind.
            let Some(at) = self.marks.find(|&at| at >= field) else {
                self.cells.push(Cow::Borrowed(&self.text[field..]));
                let end = bytes.len();
                return Some(Quick { end, newlines });
            };
            match bytes[at] {
                b'\n' => {
                    let cell = &self.text[field..at];
                    let cell = cell.strip_suffix('\r').unwrap_or(cell);
                    self.cells.push(Cow::Borrowed(cell));
                    let (end, newlines) = (at + 1, newlines + 1);
                    return Some(Quick { end, newlines });
                }
                b'"' if at == field => match self.read_quoted(at, &mut newlines)? {
                    Follows::Field(next) => field = next,
                    Follows::End(end) => return Some(Quick { end, newlines }),
                },
                // A quote inside of an unquoted field is text.
                b'"' => {}
                _ => {
                    self.cells.push(Cow::Borrowed(&self.text[field..at]));
                    field = at + 1;
                }
            }
        }
    }

    /// Reads the field whose quote opens at `open`; none where it does not end as it should.
    fn read_quoted(&mut self, open: usize, newlines: &mut u64) -> Option<Follows> {
        let bytes = self.text.as_bytes();
        let mut has_doubled = false;
        let close = loop {
            let at = self.marks.next()?;
            match bytes[at] {
                b'\n' => *newlines += 1,
                b'"' if bytes.get(at + 1) == Some(&b'"') => {
                    has_doubled = true;
                    self.marks.next();
                }
                b'"' => break at,
                _ => {}
            }
        };
        let after = close + 1;
        let follows = match text::line_end_len(bytes, after) {
            0 if after == bytes.len() => Follows::End(after),
            0 if bytes[after] == self.layout.delimiter => Follows::Field(after + 1),
            0 => return None,
            line_end => {
                *newlines += 1;
                Follows::End(after + line_end)
            }
        };
        let cell = &self.text[open + 1..close];
        self.cells.push(match has_doubled {
            true => Cow::Owned(cell.replace("\"\"", "\"")),
            false => Cow::Borrowed(cell),
        });
        Some(follows)
    }

    /// Reads the record that begins at `start` with csv-core.
    #[cold]
    fn read_slowly(&mut self, start: usize) -> Quick {
        let bytes = self.text.as_bytes();
        let found = self.reader.read(bytes, start);
        self.cells.clear();
        // The bytes are text, and csv-core cuts only at ASCII ones.
        if let Ok((text, ends)) = self.reader.cells(&found) {
            let cells = header::split(text, ends).into_iter().map(Cow::Owned);
            self.cells.extend(cells);
        }
        Quick {
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
        let (cells, order) = (&*self.cells, self.layout.order);
        let cells = TextCells { cells, order };
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
