//! CSV records to unquoted cells, with the engine of the csv crate.
//!
//! Blank lines are skipped exactly as the csv crate does it: a line with nothing at all on it. What
//! a header says about the cells is left to `header`.

use csv_core::ReadRecordResult;

use super::text;
use super::{Cells, Row, RowFault, TextCells};
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

/// The rows of one block.
#[derive(Debug)]
pub(super) struct CsvRows<'b> {
    reader: &'b mut RecordReader,
    bytes: &'b [u8],
    order: &'b [usize],
    width: usize,
    at: usize,
    line: u64,
    /// Then lines are counted by ourselves; else the number of `\n` is right.
    has_lone_return: bool,
}

impl<'b> CsvRows<'b> {
    pub fn new(
        reader: &'b mut RecordReader,
        bytes: &'b [u8],
        line: u64,
        order: &'b [usize],
        width: usize,
    ) -> Self {
        reader.reset();
        Self {
            reader,
            bytes,
            order,
            width,
            at: 0,
            line,
            has_lone_return: text::has_lone_return(bytes),
        }
    }

    pub fn next(&mut self) -> Option<Row<'_>> {
        loop {
            match text::line_end_len(self.bytes, self.at) {
                0 => break,
                blank => self.at += blank,
            }
            self.line += 1;
        }
        if self.at >= self.bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let found = self.reader.read(self.bytes, start);
        self.at = found.end;
        self.line += if self.has_lone_return {
            text::line_ends(&self.bytes[start..found.end])
        } else {
            found.newlines
        };
        Some(Row {
            start,
            end: found.end,
            line,
            cells: self.cells(&found),
        })
    }

    fn cells(&self, found: &Found) -> Result<Cells<'_>, RowFault> {
        let (order, width) = (self.order, self.width);
        if found.fields != width {
            return Err(RowFault {
                column: None,
                message: format!(
                    "has {} where the header has {}",
                    display::counted(found.fields as u64, "field"),
                    display::count(width as u64)
                ),
            });
        }
        // Blocks are checked when they are made; one made by other hands gives faults, not a panic.
        let (text, ends) = self.reader.cells(found).map_err(|_| RowFault {
            column: None,
            message: "is not UTF-8".to_owned(),
        })?;
        Ok(Cells::Text(TextCells { text, ends, order }))
    }
}
