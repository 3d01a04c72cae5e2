//! A workbook among the inputs: recognised, and converted to the run's private file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write as _};

use super::convert::{Converted, convert};
use super::error::{SpreadsheetError, protected};
use super::{choice, package};
use crate::base::display;
use crate::input::error::InputError;
use crate::input::intake::{self, Intake, IntakeOptions};
use crate::input::options::{Format, SourceOptions};
use crate::input::{faults, file};

/// Whether a file with these first bytes is a workbook that can be read.
pub(in crate::input) fn recognise(
    file: &File,
    start: &[u8],
    name: &str,
    options: &SourceOptions,
) -> Result<bool, InputError> {
    if start.starts_with(b"\xd0\xcf\x11\xe0") && package::is_encrypted(file) {
        return Err(protected(name));
    }
    let is_zip = start.starts_with(b"PK\x03\x04");
    if !is_zip {
        return Ok(false);
    }
    // A damaged archive is what its name says.
    let lower = name.to_ascii_lowercase();
    let is_named = lower.ends_with(".xlsx") || lower.ends_with(".xlsm");
    let is_workbook = package::is_workbook(file).map_err(|e| faults::reading(name, &e))?;
    if !is_workbook.unwrap_or(is_named) {
        return Ok(false);
    }
    if let Some(format @ (Format::Ndjson | Format::Json)) = options.format {
        return Err(faults::open(
            format!("{name} is a workbook, which is not {}", format.name()),
            "leave --format out",
        ));
    }
    Ok(true)
}

/// `--sheet` where there is none.
pub(in crate::input) fn not_a_workbook(name: &str, sheet: &str) -> InputError {
    faults::open(
        format!(
            "--sheet {} was given, and {name} is not a workbook (xlsx)",
            display::quoted(sheet)
        ),
        "leave --sheet out",
    )
}

/// The text of one sheet in a private copy, and what was read.
pub(in crate::input) fn taken_in(
    file: &File,
    name: &str,
    sheet: Option<&str>,
    options: &IntakeOptions,
) -> Result<(Intake, Converted), InputError> {
    let cannot = |e: io::Error| intake::no_room(name, options, &e);
    let copy = file::private_file(options.keep.as_deref()).map_err(cannot)?;
    let mut out = BufWriter::new(&copy);
    let converted = convert(
        BufReader::new(file),
        name,
        sheet,
        options.max_bytes,
        &mut out,
    );
    let converted = converted.map_err(|error| match error {
        SpreadsheetError::Refused(error) => error,
        SpreadsheetError::Write(error) => cannot(error),
    })?;
    out.flush().map_err(cannot)?;
    drop(out);
    Ok((Intake::of_copy(copy, name, options)?, converted))
}

impl Converted {
    /// What has to be said of it once.
    pub(crate) fn notes(&self, name: &str) -> Vec<String> {
        let sheet = display::quoted(&self.sheet);
        let mut notes = vec![match self.others.len() as u64 {
            0 => format!("{name}: sheet {sheet} is read"),
            others => format!(
                "{name}: sheet {sheet} is read, the first of {}; --sheet names another: {}",
                display::counted(others + 1, "visible sheet"),
                choice::listed(self.others.iter().map(String::as_str)),
            ),
        }];
        if let Some(cell) = &self.first_inexact {
            notes.push(format!(
                "{name}: {} beyond 9,007,199,254,740,992, from cell {cell} on, where a number in a \
                 sheet may have lost its last digits; long ids belong in text cells",
                display::counted(self.inexact, "number")
            ));
        }
        notes
    }
}
