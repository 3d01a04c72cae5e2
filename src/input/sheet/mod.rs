//! One sheet of a workbook (`.xlsx`) to CSV text, which the ordinary CSV reader then reads.
//!
//! The text has one record for each row of the sheet, from row 1 on, so that the number of a record
//! is the number of its row; a row without content is an empty line. Columns without any content to
//! the left and to the right of the data are left out. Rows that are hidden or filtered out are
//! read like others, and a merged area has its value in its first cell only. What a cell means is
//! left to `cell`, where the parts of a workbook lie to `parts`, how much of it is read at all to
//! `package`.

mod cell;
mod choice;
mod convert;
mod error;
mod format;
mod intake;
mod lines;
mod package;
mod parts;
mod stored;
#[cfg(test)]
mod tests;

pub(super) use self::intake::{not_a_workbook, recognise, taken_in};
