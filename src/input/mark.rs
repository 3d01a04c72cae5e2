//! Marks: what the text of a sheet says of a cell, before the cell's own text.
//!
//! A mark begins with U+FFFF, which is not a character, so that no text does. What is typed in the
//! sheet needs no layouts and no signs to be understood; what is no value at all makes its record bad.

use std::fmt::Write as _;

use super::error::InputError;
use crate::base::display;

/// What a sheet knows of a cell besides its text. A CSV file knows nothing: all of its cells are texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Typed {
    /// A text.
    #[default]
    Text,
    /// A number, with a decimal point and perhaps a `%` sign behind it.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `YYYY-MM-DD`, perhaps with a time of day behind it.
    Date,
}

/// The first character of every mark.
pub(super) const MARK: char = '\u{ffff}';

/// Why a cell has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoValue {
    /// A formula without a result.
    Uncalculated,
    /// A formula whose result is 0, in a workbook that says of itself that it was not calculated:
    /// that is what programs write which cannot calculate.
    Placeholder,
}

/// The sign of each type of cell; a text has no mark.
const TYPES: [(char, Typed); 3] = [
    ('n', Typed::Number),
    ('b', Typed::Boolean),
    ('d', Typed::Date),
];

impl NoValue {
    fn sign(self) -> char {
        match self {
            Self::Uncalculated => '=',
            Self::Placeholder => '0',
        }
    }
}

/// Appends the mark of a typed cell.
pub(super) fn put_type(typed: Typed, out: &mut String) {
    if let Some((sign, _)) = TYPES.iter().find(|(_, of)| *of == typed) {
        out.extend([MARK, *sign]);
    }
}

/// Appends what stands for a cell without a value; `address` is its name in the sheet.
pub(super) fn put_no_value(why: NoValue, address: &str, out: &mut String) {
    let _ = write!(out, "{MARK}{}{address}", why.sign());
}

/// Appends what stands for a formula that failed; `error` begins with `#`.
pub(super) fn put_error(error: &str, out: &mut String) {
    let _ = write!(out, "{MARK}{error}");
}

/// What a cell's text tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Marked<'c> {
    /// A value.
    Value(Typed, &'c str),
    /// None.
    None {
        /// What the sheet shows there.
        shown: &'c str,
        /// Completes "column Amount …".
        why: String,
    },
}

/// Takes the mark off a cell of a sheet's text.
pub(super) fn read(cell: &str) -> Marked<'_> {
    let Some(marked) = cell.strip_prefix(MARK) else {
        return Marked::Value(Typed::Text, cell);
    };
    for (sign, typed) in TYPES {
        if let Some(text) = marked.strip_prefix(sign) {
            return Marked::Value(typed, text);
        }
    }
    let none = |shown, why| Marked::None { shown, why };
    match marked.split_at_checked(1) {
        Some(("=", address)) => none(
            "",
            format!(
                "{address} holds a formula that was never calculated; open the workbook in a \
                 spreadsheet program and save it"
            ),
        ),
        Some(("0", address)) => none(
            "0",
            format!(
                "{address} holds a formula with the result 0, and the workbook says that it was \
                 never calculated; open it in a spreadsheet program and save it"
            ),
        ),
        _ => none(
            marked,
            format!("holds the formula error {}", display::quoted(marked)),
        ),
    }
}

/// The names of columns without their marks. `place` is the header's.
pub(super) fn header(names: Vec<String>, place: &str) -> Result<Vec<String>, InputError> {
    let name = |(number, name): (usize, String)| match read(&name) {
        Marked::Value(_, text) => Ok(text.to_owned()),
        Marked::None { why, .. } => Err(InputError::new(
            format!("{place}: column {number}: {why}"),
            "each column needs a name of its own in the header",
        )),
    };
    (1..).zip(names).map(name).collect()
}
