//! One sheet of a workbook (`.xlsx`) to CSV text, which the ordinary CSV reader then reads.
//!
//! The text has one record for each row of the sheet, from row 1 on, so that the number of a record
//! is the number of its row; a row without content is an empty line. Columns without any content to
//! the left and to the right of the data are left out. Rows that are hidden or filtered out are
//! read like others, and a merged area has its value in its first cell only. What a cell means is
//! left to `cell`, how much of a workbook is read at all to `package`.

mod cell;
mod choice;
mod intake;
mod package;

#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek, SeekFrom, Write};

use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError};

use super::{Blame, OpenError};
use crate::display;

pub(super) use self::cell::formula_error;
pub(super) use self::intake::{not_a_workbook, recognise, taken_in};

use self::cell::CellWriter;

/// The most rows and columns that a sheet can have.
const MAX_ROWS: u32 = 1_048_576;
const MAX_COLUMNS: u32 = 16_384;

/// What was read of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Converted {
    /// The sheet that was read.
    pub sheet: String,
    /// The visible sheets that could have been read too, where nobody named one.
    pub others: Vec<String>,
    /// How many whole numbers are too large for a sheet to hold each of them exactly.
    pub inexact: u64,
    /// The cell of the first of these numbers.
    pub first_inexact: Option<String>,
}

/// Why a workbook was not converted.
#[derive(Debug, thiserror::Error)]
pub(super) enum SpreadsheetError {
    /// It cannot be read.
    #[error("{0}")]
    Refused(OpenError),
    /// The text cannot be written.
    #[error("{0}")]
    Write(io::Error),
}

impl From<OpenError> for SpreadsheetError {
    fn from(error: OpenError) -> Self {
        Self::Refused(error)
    }
}

/// Writes one sheet of a workbook as CSV: UTF-8, commas, quotes where needed, one record a row.
///
/// It is the sheet that is named, else the first visible one. `name` is harmless to print. Neither
/// the inflated workbook nor the text may have more than `max_bytes`.
///
/// # Errors
/// If the workbook is damaged, too large or protected, or has no such sheet; if `out` fails.
pub(super) fn convert<R: Read + Seek>(
    mut file: R,
    name: &str,
    sheet: Option<&str>,
    max_bytes: u64,
    out: &mut dyn Write,
) -> Result<Converted, SpreadsheetError> {
    package::check(&mut file, name, max_bytes)?;
    file.seek(SeekFrom::Start(0))
        .map_err(|e| unreadable(name, &XlsxError::Io(e)))?;
    let mut book = Xlsx::new(file).map_err(|e| unreadable(name, &e))?;
    let (sheet, others) = choice::choose(book.sheets_metadata(), sheet, name)?;
    let mut converted = Converted {
        sheet,
        others,
        inexact: 0,
        first_inexact: None,
    };
    let columns = measure(&mut book, &converted.sheet, name)?;
    let Some((first, last)) = columns else {
        return Ok(converted);
    };
    let mut lines = Lines::new(out, first, last, name, max_bytes);
    let writer = CellWriter::new(book.has_1904_epoch());
    let mut cells = Cells::new(&mut book, &converted.sheet, name)?;
    while let Some((row, column, value)) = cells.next()? {
        if cell::is_empty(&value) {
            continue;
        }
        let place = || address(row, column);
        let text = lines.cell(row, column)?;
        writer.write(&value, cells.format(), text);
        if cell::is_inexact(&value) {
            converted.inexact += 1;
            converted.first_inexact.get_or_insert_with(place);
        }
        if cell::has_false_mark(&value) {
            return Err(false_mark(name, &place()).into());
        }
    }
    lines.end_row()?;
    Ok(converted)
}

/// The first and the last column that hold something, from 0; none for an empty sheet.
fn measure<R: Read + Seek>(
    book: &mut Xlsx<R>,
    sheet: &str,
    name: &str,
) -> Result<Option<(u32, u32)>, SpreadsheetError> {
    let mut columns: Option<(u32, u32)> = None;
    let mut cells = Cells::new(book, sheet, name)?;
    while let Some((_, column, value)) = cells.next()? {
        if !cell::is_empty(&value) {
            let (first, last) = columns.unwrap_or((column, column));
            columns = Some((first.min(column), last.max(column)));
        }
    }
    Ok(columns)
}

/// The cells of one sheet, row by row, from row and column 0.
struct Cells<'a, R: Read + Seek> {
    reader: XlsxCellReader<'a, R>,
    name: &'a str,
    row: u32,
    style: usize,
}

impl<'a, R: Read + Seek> Cells<'a, R> {
    fn new(book: &'a mut Xlsx<R>, sheet: &str, name: &'a str) -> Result<Self, OpenError> {
        let reader = book
            .worksheet_cells_reader(sheet)
            .map_err(|e| unreadable(name, &e))?;
        Ok(Self {
            reader,
            name,
            row: 0,
            style: 0,
        })
    }

    fn next(&mut self) -> Result<Option<(u32, u32, DataRef<'a>)>, OpenError> {
        let next = self.reader.next_cell_with_style_id();
        let next = next.map_err(|e| match e {
            XlsxError::CellError(error) => unknown_error(self.name, self.row, &error),
            e => unreadable(self.name, &e),
        })?;
        let Some((cell, style)) = next else {
            return Ok(None);
        };
        let (row, column) = cell.get_position();
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return Err(damaged(self.name, "a cell lies outside of the sheet"));
        }
        if row < self.row {
            return Err(damaged(self.name, "the rows of its sheet are not in order"));
        }
        (self.row, self.style) = (row, style);
        Ok(Some((row, column, cell.get_value().clone())))
    }

    /// The number format of the last cell; empty where it is not known.
    fn format(&self) -> &str {
        let style = self.reader.styles().get(self.style);
        style
            .and_then(|style| style.number_format.as_ref())
            .map_or("", |format| &format.format_code)
    }
}

/// Cells to lines.
struct Lines<'a> {
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
    fn new(out: &'a mut dyn Write, first: u32, last: u32, name: &'a str, max_bytes: u64) -> Self {
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
    fn cell(&mut self, row: u32, column: u32) -> Result<&mut String, SpreadsheetError> {
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

    fn end_row(&mut self) -> Result<(), SpreadsheetError> {
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
        let too_large = || package::too_large(self.name, self.max_bytes);
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
fn address(row: u32, column: u32) -> String {
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

fn false_mark(name: &str, place: &str) -> OpenError {
    OpenError {
        blame: Blame::Content,
        message: format!("{name}: the text in cell {place} begins with U+FFFF, which no text has"),
        hint: Some("take that character out of the cell".to_owned()),
    }
}

/// An error value that only some programs write; where it stands is not told.
fn unknown_error(name: &str, row: u32, error: &str) -> OpenError {
    OpenError {
        blame: Blame::Content,
        message: format!(
            "{name}: a cell on row {} or below it holds the formula error {}",
            display::count(u64::from(row) + 1),
            display::quoted(error)
        ),
        hint: Some("correct the formula, or clear the cell".to_owned()),
    }
}

/// What calamine says, for a person.
fn unreadable(name: &str, error: &XlsxError) -> OpenError {
    match error {
        XlsxError::Password => package::protected(name),
        XlsxError::Io(error) | XlsxError::Zip(zip::result::ZipError::Io(error)) => {
            damaged(name, &error.to_string())
        }
        error => damaged(name, &error.to_string()),
    }
}

/// A workbook that cannot be read as one, and why.
fn damaged(name: &str, why: &str) -> OpenError {
    OpenError {
        blame: Blame::Content,
        message: format!(
            "{name} is damaged, or not a workbook that can be read: {}",
            display::shown(why)
        ),
        hint: Some(
            "open it in a spreadsheet program and save it again, or save its sheet as CSV in UTF-8"
                .to_owned(),
        ),
    }
}
