//! A workbook's sheet, row by row, to text.

use std::io::{BufReader, Read, Seek, SeekFrom, Write};

use calamine::{DataRef, Reader, Xlsx, XlsxCellReader, XlsxError, XlsxFormulaMetadata};
use zip::ZipArchive;
use zip::result::ZipError;

use super::cell::{self, CellWriter};
use super::choice;
use super::error::{SpreadsheetError, damaged, false_mark, no_archive, no_workbook, unknown_error};
use super::lines::{Lines, address};
use super::package::Budget;
use super::parts::Parts;
use crate::input::error::InputError;
use crate::input::mark::{self, NoValue};

/// The most rows and columns that a sheet can have.
pub(super) const MAX_ROWS: u32 = 1_048_576;

pub(super) const MAX_COLUMNS: u32 = 16_384;

/// What was read of a workbook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Converted {
    /// The sheet that was read.
    pub sheet: String,
    /// The visible sheets that could have been read too, where nobody named one.
    pub others: Vec<String>,
    /// How many whole numbers are too large for a sheet to hold each of them exactly.
    pub inexact: u64,
    /// The cell of the first of these numbers.
    pub first_inexact: Option<String>,
}

/// Writes one sheet of a workbook as CSV: UTF-8, commas, quotes where needed, one record a row.
///
/// It is the sheet that is named, else the first visible one. `name` is harmless to print. Neither
/// the inflated workbook nor the text may have more than `max_bytes`.
pub(crate) fn convert<R: Read + Seek>(
    file: R,
    name: &str,
    sheet: Option<&str>,
    max_bytes: u64,
    out: &mut dyn Write,
) -> Result<Converted, SpreadsheetError> {
    let unreadable = |e: ZipError| no_archive(name, &e);
    let mut archive = ZipArchive::new(file).map_err(unreadable)?;
    // What is encrypted has no parts that could be looked for.
    let first = archive.by_index(0).map(drop);
    if let Err(error @ ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) = first {
        return Err(unreadable(error).into());
    }
    let mut budget = Budget::new(name, max_bytes);
    let parts = Parts::read(&mut archive, &mut budget)?;
    let (sheet, others) = choice::choose(&parts.sheets, sheet, name)?;
    parts.check_sheet(&mut archive, &mut budget, &sheet)?;
    let other = parts.put_right(&mut archive, &sheet);
    let other = other.map_err(|error| match error {
        // All that is copied was read once already.
        ZipError::Io(error) => SpreadsheetError::Write(error),
        error => unreadable(error).into(),
    })?;
    let task = Task {
        name,
        max_bytes,
        is_uncalculated: parts.is_uncalculated,
    };
    let mut converted = Converted {
        sheet,
        others,
        inexact: 0,
        first_inexact: None,
    };
    match other {
        Some((package, only)) => {
            task.convert(BufReader::new(&package), only, &mut converted, out)?
        }
        None => {
            let sheet = converted.sheet.clone();
            task.convert(archive.into_inner(), &sheet, &mut converted, out)?;
        }
    }
    Ok(converted)
}

/// What there is to do with a workbook that was checked.
pub(super) struct Task<'n> {
    name: &'n str,
    max_bytes: u64,
    /// Whether the workbook says that its formulas were not calculated.
    is_uncalculated: bool,
}

/// What a look at all cells of a sheet shows.
#[derive(Default)]
pub(super) struct Measured {
    /// The first and the last column that hold something, from 0; none for an empty sheet.
    columns: Option<(u32, u32)>,
    /// Formulas without a result: for each row the first one.
    without_value: Vec<(u32, u32, NoValue)>,
}

impl Task<'_> {
    fn convert<R: Read + Seek>(
        &self,
        mut file: R,
        sheet: &str,
        converted: &mut Converted,
        out: &mut dyn Write,
    ) -> Result<(), SpreadsheetError> {
        let name = self.name;
        file.seek(SeekFrom::Start(0))
            .map_err(|e| no_workbook(name, &XlsxError::Io(e)))?;
        let mut book = Xlsx::new(file).map_err(|e| no_workbook(name, &e))?;
        let measured = self.measure(&mut book, sheet)?;
        let Some((first, last)) = measured.columns else {
            return Ok(());
        };
        let mut without_value = measured.without_value.into_iter().peekable();
        let mut lines = Lines::new(out, first, last, name, self.max_bytes);
        let writer = CellWriter::new(book.has_1904_epoch());
        let mut cells = Cells::new(&mut book, sheet, name)?;
        while let Some((row, column, value)) = cells.next()? {
            let place = || address(row, column);
            let missing = without_value.next_if(|missing| (missing.0, missing.1) == (row, column));
            if let Some((.., why)) = missing {
                mark::put_no_value(why, &place(), lines.cell(row, column)?);
                continue;
            }
            if cell::is_empty(&value) {
                continue;
            }
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
        lines.end_row()
    }

    /// Looks at all cells of a sheet. Only so calamine tells which of them are formulas.
    fn measure<R: Read + Seek>(
        &self,
        book: &mut Xlsx<R>,
        sheet: &str,
    ) -> Result<Measured, SpreadsheetError> {
        let mut measured = Measured::default();
        let mut cells = Cells::new(book, sheet, self.name)?;
        while let Some((row, column, value, is_formula)) = cells.next_formula()? {
            let why = match is_formula {
                true => self.why_no_value(&value),
                false => None,
            };
            if cell::is_empty(&value) && why.is_none() {
                continue;
            }
            let (first, last) = measured.columns.unwrap_or((column, column));
            measured.columns = Some((first.min(column), last.max(column)));
            let is_first = measured
                .without_value
                .last()
                .is_none_or(|last| last.0 != row);
            measured
                .without_value
                .extend(why.filter(|_| is_first).map(|why| (row, column, why)));
        }
        Ok(measured)
    }

    /// Why a formula's cell holds no result, if so.
    fn why_no_value(&self, value: &DataRef<'_>) -> Option<NoValue> {
        match value {
            DataRef::Empty => Some(NoValue::Uncalculated),
            DataRef::Float(0.0) | DataRef::Int(0) if self.is_uncalculated => {
                Some(NoValue::Placeholder)
            }
            DataRef::DateTime(value) if self.is_uncalculated && value.as_f64() == 0.0 => {
                Some(NoValue::Placeholder)
            }
            _ => None,
        }
    }
}

/// The cells of one sheet, row by row, from row and column 0.
pub(super) struct Cells<'a, R: Read + Seek> {
    reader: XlsxCellReader<'a, R>,
    name: &'a str,
    row: u32,
    style: usize,
}

impl<'a, R: Read + Seek> Cells<'a, R> {
    fn new(book: &'a mut Xlsx<R>, sheet: &str, name: &'a str) -> Result<Self, InputError> {
        let reader = book
            .worksheet_cells_reader(sheet)
            .map_err(|e| no_workbook(name, &e))?;
        Ok(Self {
            reader,
            name,
            row: 0,
            style: 0,
        })
    }

    /// The next cell, and the place of its style. Not to be mixed with `next_formula`.
    fn next(&mut self) -> Result<Option<(u32, u32, DataRef<'a>)>, InputError> {
        let next = self.reader.next_cell_with_style_id();
        let next = next.map_err(|error| self.fault(error))?;
        let Some((cell, style)) = next else {
            return Ok(None);
        };
        let (row, column) = cell.get_position();
        self.check_place(row, column)?;
        self.style = style;
        Ok(Some((row, column, cell.get_value().clone())))
    }

    /// The next cell, and whether it holds a formula.
    fn next_formula(&mut self) -> Result<Option<(u32, u32, DataRef<'a>, bool)>, InputError> {
        let next = self.reader.next_cell_with_formula_metadata();
        let next = next.map_err(|error| self.fault(error))?;
        let Some(cell) = next else {
            return Ok(None);
        };
        let (row, column) = cell.pos;
        self.check_place(row, column)?;
        let is_formula = match &cell.formula {
            Some(XlsxFormulaMetadata::Normal { formula }) => !formula.is_empty(),
            formula => formula.is_some(),
        };
        Ok(Some((row, column, cell.value, is_formula)))
    }

    fn fault(&self, error: XlsxError) -> InputError {
        match error {
            XlsxError::CellError(error) => unknown_error(self.name, self.row, &error),
            error => no_workbook(self.name, &error),
        }
    }

    fn check_place(&mut self, row: u32, column: u32) -> Result<(), InputError> {
        if row >= MAX_ROWS || column >= MAX_COLUMNS {
            return Err(damaged(self.name, "a cell lies outside of the sheet"));
        }
        if row < self.row {
            return Err(damaged(self.name, "the rows of its sheet are not in order"));
        }
        self.row = row;
        Ok(())
    }

    /// The number format of the last cell; empty where it is not known.
    fn format(&self) -> &str {
        let style = self.reader.styles().get(self.style);
        style
            .and_then(|style| style.number_format.as_ref())
            .map_or("", |format| &format.format_code)
    }
}
