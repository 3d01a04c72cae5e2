//! CSV records to unquoted cells.
//!
//! Blank lines are skipped: those with nothing at all on them. What a header says about the cells is
//! left to `header`.

use std::iter;
use std::ops::Range;

use super::cells::{Spans, TextCells};
use super::ends::Ends;
use super::joined;
use super::read_over::ReadOver;
use super::scan::{Dialect, ScannedCell};
use super::strides::CellEnds;
use crate::input::options::Quoting;
use crate::input::record::{Cells, Row, RowFault};
use crate::input::{faults, text};

/// The most cells of a record whose quotes are seen at once: as many as a number has bits.
const MOST_AT_ONCE: usize = 64;

/// How the records of an input are laid out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout<'b> {
    pub dialect: Dialect,
    /// For each column its place in a record.
    pub order: &'b [usize],
    /// How many fields a record has.
    pub width: usize,
    /// The columns' names.
    pub names: &'b [String],
    /// Whether the text was a sheet: then a record is a line.
    pub is_sheet: bool,
}

/// The rows of one block.
///
/// Nearly all records are read the quick way: the ends of cells are found ahead, and cells are places
/// in the block. What is not certain then, a quote inside of an unquoted cell or a lone `\r`, is left
/// to `scan`, record by record, and so are all records where the mapping names an escape or says that
/// quotes are text. Both read the same, which a test on random bytes holds.
#[derive(Debug)]
pub(crate) struct CsvRows<'b> {
    cells: &'b mut Spans,
    text: &'b str,
    layout: Layout<'b>,
    /// The ends of cells from `at` on.
    ends: Ends<'b>,
    at: usize,
    line: u64,
    /// Whether quotes mean what they do as a rule, and nothing is an escape.
    is_plain: bool,
    /// The name of the record's first column, if that is among those that are read.
    first_name: Option<&'b str>,
    /// How many cells the record has beyond those that it should have; they are only counted.
    surplus: usize,
    /// Whether something stands in one of these.
    has_surplus_text: bool,
    read_over: &'b mut ReadOver,
    /// Lines of records in which others seem to stand.
    suspects: &'b mut Vec<u64>,
    /// Whether the record's quotes are not closed as they should be.
    is_broken: bool,
}

/// What is used again for each block.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    found: CellEnds,
    cells: Spans,
    /// Lines on which records begin in which others seem to stand, see [`joined::seems_to_hold_records`].
    pub suspects: Vec<u64>,
    pub read_over: ReadOver,
}

/// Where a record ends.
struct RecordEnd {
    /// One past its line end.
    end: usize,
    /// How many lines end in it.
    newlines: u64,
}

impl<'b> CsvRows<'b> {
    pub(crate) fn new(
        buffers: &'b mut Buffers,
        text: &'b str,
        line: u64,
        layout: Layout<'b>,
    ) -> Self {
        buffers.suspects.clear();
        buffers.read_over = ReadOver::default();
        let columns = layout.order.iter().zip(layout.names);
        let first = columns.into_iter().find(|(place, _)| **place == 0);
        // The block before may be one of another input.
        buffers.cells.clear_types();
        Self {
            cells: &mut buffers.cells,
            text,
            ends: Ends::new(
                text.as_bytes(),
                layout.dialect.delimiter,
                &mut buffers.found,
            ),
            layout,
            at: 0,
            line,
            is_plain: layout.dialect.quoting == Quoting::PLAIN,
            first_name: first.map(|(_, name)| name.as_str()),
            surplus: 0,
            has_surplus_text: false,
            read_over: &mut buffers.read_over,
            suspects: &mut buffers.suspects,
            is_broken: false,
        }
    }

    pub(crate) fn next(&mut self) -> Option<Row<'_>> {
        let bytes = self.text.as_bytes();
        let (start, end, line) = loop {
            if text::line_end_len(bytes, self.at) > 0 {
                self.skip_blank_lines();
            }
            if self.at >= bytes.len() {
                return None;
            }
            let (start, line) = (self.at, self.line);
            let end = self.read_record(start);
            if bytes[start] == self.layout.dialect.delimiter && self.is_empty_line(start..end) {
                self.read_over.empty_lines.add(line);
                continue;
            }
            break (start, end, line);
        };
        Some(Row {
            start,
            end,
            line,
            cells: self.cells(start, line),
        })
    }

    /// Reads the record that begins at `start`, goes behind it, and says where it ends.
    fn read_record(&mut self, start: usize) -> usize {
        let line = self.line;
        self.cells.clear();
        self.surplus = 0;
        self.has_surplus_text = false;
        let found = match self.is_plain {
            true => (self.read_at_once(start)).or_else(|| self.read_by_cells(start)),
            false => None,
        };
        let RecordEnd { end, newlines } = found.unwrap_or_else(|| self.read_slowly(start));
        self.at = end;
        if newlines > 1 || end == self.text.len() {
            self.look_at_lines(start..end, line);
        }
        self.line += match self.layout.is_sheet {
            true => 1,
            false => newlines,
        };
        end
    }

    /// Whether a line has nothing but delimiters.
    #[cold]
    fn is_empty_line(&self, line: Range<usize>) -> bool {
        let delimiter = self.layout.dialect.delimiter;
        let is_of_it = |byte: &u8| *byte == delimiter || matches!(byte, b'\n' | b'\r');
        self.text.as_bytes()[line].iter().all(is_of_it)
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
        self.ends.seek(self.at);
    }

    /// Notes a record of several lines, if those look like records.
    #[cold]
    fn look_at_lines(&mut self, record: Range<usize>, line: u64) {
        let Layout { dialect, width, .. } = self.layout;
        let bytes = &self.text.as_bytes()[record];
        let is_good = self.cells.len() == width && self.surplus == 0;
        if is_good && !self.layout.is_sheet && joined::seems_to_hold_records(bytes, dialect, width)
        {
            self.suspects.push(line);
        }
    }

    /// Reads the record that begins at `start`, where all ends of its cells are known and it has as
    /// many as it should. Whether a cell is quoted is the only thing in it that something depends on.
    ///
    /// Without it a dry run of 22,000 deals takes 8 % more instructions (88.5 instead of 81.9 million).
    fn read_at_once(&mut self, start: usize) -> Option<RecordEnd> {
        let (bytes, width) = (self.text.as_bytes(), self.layout.width);
        let ends = self.ends.known().get(..width)?;
        let last = match ends.last() {
            Some(&last) if bytes[last] == b'\n' && width <= MOST_AT_ONCE => last,
            _ => return None,
        };
        let plain_from = self.ends.plain_from();
        let (mut field, mut newlines, mut quoted) = (start, 0, 0_u64);
        let cells = ends.iter().enumerate().map(|(n, &end)| {
            let start = std::mem::replace(&mut field, end + 1);
            newlines += u64::from(bytes[end] == b'\n');
            // Behind an empty cell stands its end, which is no quote.
            quoted |= u64::from(bytes[start] == b'"') << n;
            (start..end, start >= plain_from)
        });
        self.cells.extend(cells);
        if newlines != 1 {
            // A record with too few cells, and the beginning of the next one.
            self.cells.clear();
            return None;
        }
        self.ends.advance(width);
        self.cells.drop_return(self.text);
        while quoted != 0 {
            newlines += self.unquote(quoted.trailing_zeros() as usize);
            quoted &= quoted - 1;
        }
        Some(RecordEnd {
            end: last + 1,
            newlines,
        })
    }

    /// Reads the record that begins at `start`, cell by cell; none where `scan` has to decide.
    fn read_by_cells(&mut self, start: usize) -> Option<RecordEnd> {
        let bytes = self.text.as_bytes();
        let (mut field, mut newlines) = (start, 0);
        loop {
            while let Some(&end) = self.ends.known().first() {
                self.ends.advance(1);
                if bytes[end] == b'\n' {
                    // A `\r` belongs to the line end.
                    let has_return = bytes[field..end].ends_with(b"\r");
                    newlines += self.push(field..end - usize::from(has_return)) + 1;
                    let end = end + 1;
                    return Some(RecordEnd { end, newlines });
                }
                newlines += self.push(field..end);
                field = end + 1;
            }
            if !self.ends.look_ahead() {
                break;
            }
        }
        // The last record of a text may have no line end.
        let end = bytes.len();
        self.ends.may_be_over().then(|| {
            let newlines = newlines + self.push(field..end);
            RecordEnd { end, newlines }
        })
    }

    /// Adds a cell, and says how many lines end in it.
    fn push(&mut self, cell: Range<usize>) -> u64 {
        let is_quoted = self.text.as_bytes().get(cell.start) == Some(&b'"');
        let n = self.cells.len();
        if n == self.layout.width {
            self.surplus += 1;
            let text = &self.text[cell.clone()];
            self.has_surplus_text |= !matches!(text, "" | "\"\"");
            return self.ends.inner(cell.end).newlines;
        }
        let is_plain = cell.start >= self.ends.plain_from();
        self.cells.extend([(cell, is_plain)].into_iter());
        match is_quoted {
            true => self.unquote(n),
            false => 0,
        }
    }

    /// Takes the quotes off a cell, and says how many lines end in it.
    fn unquote(&mut self, n: usize) -> u64 {
        let inner = self.ends.inner(self.cells.end(n));
        self.cells.unquote(n, inner.newlines == 0);
        if inner.has_doubled {
            self.cells.undouble(n, self.text);
        }
        inner.newlines
    }

    /// Reads the record that begins at `start` by the grammar itself.
    #[cold]
    fn read_slowly(&mut self, start: usize) -> RecordEnd {
        let bytes = self.text.as_bytes();
        self.cells.clear();
        self.surplus = 0;
        let mut at = start;
        let end = loop {
            let Ok(cell) = self.layout.dialect.cell(bytes, at, true) else {
                self.is_broken = true;
                break bytes.len();
            };
            self.push_scanned(&cell);
            if cell.ends_record {
                break cell.next;
            }
            at = cell.next;
        };
        self.ends.seek(end);
        RecordEnd {
            end,
            newlines: text::line_ends(&bytes[start..end]),
        }
    }

    fn push_scanned(&mut self, cell: &ScannedCell) {
        if self.cells.len() == self.layout.width {
            self.surplus += 1;
            self.has_surplus_text |= !cell.content.is_empty();
        } else if cell.is_escaped {
            let (text, dialect) = (self.text, self.layout.dialect);
            self.cells
                .push_apart(|out| dialect.unescape(text, cell, out));
        } else {
            self.cells.extend(iter::once((cell.content.clone(), false)));
        }
    }

    /// The cells of the record that begins at `start`.
    fn cells(&mut self, start: usize, line: u64) -> Result<Cells<'_>, RowFault> {
        // Blocks hold no such record, unless the file was written to since they were cut.
        if self.is_broken {
            return Err(RowFault {
                column: None,
                message: "has a quote that is not closed as it should be".to_owned(),
            });
        }
        let cells = self.cells.len() + self.surplus;
        if self.surplus > 0 && !self.has_surplus_text {
            self.read_over.empty_cells.add(line);
        } else if cells != self.layout.width {
            return Err(RowFault {
                column: None,
                message: faults::ragged(cells, self.layout.width),
            });
        }
        if self.layout.is_sheet {
            self.take_marks()?;
        }
        let cells = TextCells::new(self.text, self.cells, self.layout.order);
        let first = self.text.as_bytes()[start];
        if self.may_be_header(first)
            && joined::repeats_header(&cells, self.layout.names, self.layout.order)
        {
            return Err(RowFault {
                column: None,
                message: "repeats the header (were two files joined into one?)".to_owned(),
            });
        }
        Ok(Cells::Text(cells))
    }

    /// Whether a record that begins with this byte may repeat the header: its first cell is as long as
    /// the name and begins as it does, if not with a quote, or there is a byte order mark. Looking at
    /// cells as such would cost each record 90 instructions of 2,400.
    #[inline]
    fn may_be_header(&self, first: u8) -> bool {
        match self.first_name {
            // A cell of a sheet has its type before it.
            _ if self.layout.is_sheet => true,
            None => true,
            Some(name) if self.cells.size(0) == name.len() => {
                Some(&first) == name.as_bytes().first() || !first.is_ascii_alphanumeric()
            }
            Some(_) => first == joined::MARK_START,
        }
    }

    /// Few inputs are sheets; what is not inlined costs the others nothing.
    #[cold]
    fn take_marks(&mut self) -> Result<(), RowFault> {
        let layout = self.layout;
        self.cells.take_marks(self.text).map_err(|(at, message)| {
            let column = layout.order.iter().position(|place| *place == at);
            RowFault {
                column: column.and_then(|column| layout.names.get(column).cloned()),
                message,
            }
        })
    }
}
