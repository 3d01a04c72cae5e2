//! Why a workbook is not converted, for a person.

use std::io;

use calamine::XlsxError;
use zip::result::ZipError;

use crate::base::display;
use crate::input::error::InputError;

/// Why a workbook was not converted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SpreadsheetError {
    /// It cannot be read.
    #[error("{0}")]
    Refused(InputError),
    /// The text cannot be written.
    #[error("{0}")]
    Write(io::Error),
}

impl From<InputError> for SpreadsheetError {
    fn from(error: InputError) -> Self {
        Self::Refused(error)
    }
}

/// A workbook that cannot be read as one, and why.
pub(super) fn damaged(name: &str, why: &str) -> InputError {
    InputError::new(
        format!(
            "{name} is damaged, or not a workbook that can be read: {}",
            display::shown(why)
        ),
        "open it in a spreadsheet program and save it again, or save its sheet as CSV in UTF-8",
    )
}

/// What calamine says, for a person.
pub(super) fn no_workbook(name: &str, error: &XlsxError) -> InputError {
    match error {
        XlsxError::Password => protected(name),
        XlsxError::Io(error) | XlsxError::Zip(ZipError::Io(error)) => {
            damaged(name, &error.to_string())
        }
        error => damaged(name, &error.to_string()),
    }
}

/// What the archive's reader says, for a person.
pub(super) fn no_archive(name: &str, error: &ZipError) -> InputError {
    match error {
        ZipError::UnsupportedArchive(what) if *what == ZipError::PASSWORD_REQUIRED => {
            protected(name)
        }
        error => damaged(name, &error.to_string()),
    }
}

/// A workbook that only its password opens.
pub(super) fn protected(name: &str) -> InputError {
    InputError::new(
        format!("{name} is a workbook that is protected with a password"),
        "save it without the password, or save its sheet as CSV in UTF-8",
    )
}

/// More inflated bytes than are read.
pub(super) fn too_large(name: &str, max_bytes: u64) -> InputError {
    InputError::new(
        format!("{name} inflates to more than {}", display::size(max_bytes)),
        "--max-input says how much is read",
    )
}

pub(super) fn false_mark(name: &str, place: &str) -> InputError {
    InputError::new(
        format!("{name}: the text in cell {place} begins with U+FFFF, which no text has"),
        "take that character out of the cell",
    )
}

/// An error value that only some programs write; where it stands is not told.
pub(super) fn unknown_error(name: &str, row: u32, error: &str) -> InputError {
    InputError::new(
        format!(
            "{name}: a cell on row {} or below it holds the formula error {}",
            display::count(u64::from(row) + 1),
            display::quoted(error)
        ),
        "correct the formula, or clear the cell",
    )
}
