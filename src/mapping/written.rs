//! What becomes of a record: its JSON's length and its id, or the cells that cannot be written.

use std::borrow::Cow;

use crate::base::display;

/// Why a cell cannot be written; completes "`12,5O` ...".
pub(crate) type Reason = Cow<'static, str>;

/// Of a JSON string that no text is.
pub(super) const HALF_CHARACTER: &str = "is not text: it holds half of a surrogate pair";

/// A record that could be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Measured<'t> {
    /// How many bytes its JSON has.
    pub bytes: u64,
    /// The JSON of its id, quotes included.
    pub id: &'t [u8],
}

/// One cell that cannot be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CellFault {
    /// The column's name, as it is in the input: escape it before it is shown.
    pub column: String,
    /// The cell, as it is in the input: escape it before it is shown.
    pub cell: String,
    /// What is wrong with it, harmless to print; completes "`12,5O` ...".
    pub reason: String,
}

impl CellFault {
    /// The whole sentence, harmless to print.
    pub(crate) fn message(&self) -> String {
        let column = display::shown(&self.column);
        if self.cell.is_empty() {
            format!("column {column} {}", self.reason)
        } else {
            let cell = display::quoted(&self.cell);
            format!("column {column}: {cell} {}", self.reason)
        }
    }
}
