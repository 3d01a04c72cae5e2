//! The cells of a sheet to lines of CSV: UTF-8, commas, quotes where needed, one record a row.

use std::io::Write;

use super::error::{self, SpreadsheetError, damaged};

/// Cells to lines.
pub(super) struct Lines<'a> {
    out: &'a mut dyn Write,
    name: &'a str,
    first: u32,
    /// The cells of the row at hand.
    cells: Vec<String>,
    row: u32,
    line: Vec<u8>,
    /// How many bytes may still be written.
    left: u64,
    max_bytes: u64,
}

impl<'a> Lines<'a> {
    pub(crate) fn new(
        out: &'a mut dyn Write,
        first: u32,
        last: u32,
        name: &'a str,
        max_bytes: u64,
    ) -> Self {
        Self {
            out,
            name,
            first,
            cells: vec![String::new(); (last - first) as usize + 1],
            row: 0,
            line: Vec::new(),
            left: max_bytes,
            max_bytes,
        }
    }

    /// The text of a cell, still empty; the rows before its own are written.
    pub(crate) fn cell(&mut self, row: u32, column: u32) -> Result<&mut String, SpreadsheetError> {
        while self.row < row {
            self.end_row()?;
        }
        let at = column.checked_sub(self.first).map(|at| at as usize);
        match at.and_then(|at| self.cells.get_mut(at)) {
            Some(cell) if cell.is_empty() => Ok(cell),
            Some(_) => {
                let what = format!("cell {} stands in it twice", address(row, column));
                Err(damaged(self.name, &what).into())
            }
            // It was measured before.
            None => Err(damaged(self.name, "it changed while it was read").into()),
        }
    }

    pub(crate) fn end_row(&mut self) -> Result<(), SpreadsheetError> {
        self.line.clear();
        if self.cells.iter().any(|cell| !cell.is_empty()) {
            for (n, cell) in self.cells.iter_mut().enumerate() {
                if n > 0 {
                    self.line.push(b',');
                }
                write_field(&mut self.line, cell);
                cell.clear();
            }
        }
        self.line.push(b'\n');
        let too_large = || error::too_large(self.name, self.max_bytes);
        self.left = (self.left)
            .checked_sub(self.line.len() as u64)
            .ok_or_else(too_large)?;
        self.row += 1;
        self.out
            .write_all(&self.line)
            .map_err(SpreadsheetError::Write)
    }
}

/// A CSV field, in quotes where it would not be read as itself otherwise.
fn write_field(line: &mut Vec<u8>, text: &str) {
    // A byte order mark that begins the text would be taken for the file's.
    if !text.contains([',', '"', '\r', '\n']) && !text.starts_with('\u{feff}') {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    for (n, part) in text.split('"').enumerate() {
        if n > 0 {
            line.extend_from_slice(b"\"\"");
        }
        line.extend_from_slice(part.as_bytes());
    }
    line.push(b'"');
}

/// A cell's name as a spreadsheet shows it: `B7`.
pub(super) fn address(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut left = column + 1;
    while left > 0 {
        let digit = (left - 1) % 26;
        letters.push(char::from(b'A' + digit as u8));
        left = (left - 1) / 26;
    }
    letters.reverse();
    format!("{}{}", String::from_iter(letters), row + 1)
}
