//! The wording of what can be wrong with an input as a whole.
//!
//! `name` is always harmless to print already.

use std::io;

use super::csv::scan::{Dialect, QuoteFault};
use super::error::InputError;
use super::json::fault::JsonFault;
use super::text;
use crate::base::display;
use crate::base::position::LineColumn;

/// An argument that has to change, with something to try.
pub(super) fn open(message: impl Into<String>, hint: impl Into<String>) -> InputError {
    InputError::new(message, hint).of_command_line()
}

/// Reading failed, or the file became shorter.
pub(super) fn reading(name: &str, error: &io::Error) -> InputError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return InputError::new(
            format!("{name} became shorter while it was read"),
            "push it again when nothing writes to it any more",
        );
    }
    InputError::plain(format!("{name} cannot be read: {error}"))
}

/// A file that is read once was written to meanwhile.
pub(super) fn changing(name: &str) -> InputError {
    InputError::new(
        format!("{name} changed while it was read"),
        "push it again when nothing writes to it any more",
    )
}

/// An input is larger than the user allows.
pub(super) fn over_limit(name: &str, limit: u64) -> InputError {
    let limit = display::size(limit);
    InputError::new(
        format!("{name} has more than {limit} of text, the most that --max-input allows"),
        "if that is right, allow more with --max-input SIZE",
    )
}

/// A record that begins on `line` has more than `limit` bytes.
pub(super) fn too_long(
    name: &str,
    line: u64,
    open_quote_line: Option<u64>,
    limit: usize,
) -> InputError {
    let limit = display::size(limit as u64);
    let message =
        format!("{name}, line {line}: the record that begins here is longer than {limit}");
    match open_quote_line {
        Some(quote) => InputError::new(
            format!("{message}, and the quote opened on line {quote} is not closed in it"),
            format!("an unclosed quote is the likely cause: look at line {quote}"),
        ),
        None => InputError::new(message, "each record must end with a line end"),
    }
}

/// A JSON text whose records cannot be told apart. `bytes` begin at `first`.
pub(super) fn json(name: &str, first: LineColumn, bytes: &[u8], fault: &JsonFault) -> InputError {
    let place = |at: usize| text::after(first, &bytes[..at.min(bytes.len())]);
    let LineColumn { line, column } = place(fault.at);
    let inside = fault.inside.map_or_else(String::new, |start| {
        format!(", inside of the record that begins on {}", place(start))
    });
    InputError::new(
        format!(
            "{name}, line {line}, column {column}: {}{inside}",
            fault.message
        ),
        fault.hint.clone().into_owned(),
    )
}

/// A record of a JSON text, or what follows the records, has more than `limit` bytes.
pub(super) fn long_json(name: &str, place: LineColumn, is_tail: bool, limit: usize) -> InputError {
    let what = match is_tail {
        true => "what follows the array of the records",
        false => "the record that begins here",
    };
    InputError::new(
        format!(
            "{name}, {place}: {what} is longer than {}",
            display::size(limit as u64)
        ),
        "a quote or a bracket that is not closed is the likely cause",
    )
}

/// The input ends inside of a quoted field, in a record that begins on `line`.
pub(super) fn unclosed(
    name: &str,
    (line, quote_line): (u64, u64),
    has_backslash: bool,
) -> InputError {
    InputError::new(
        format!("{name}, line {line}: the quote opened on line {quote_line} is never closed"),
        match has_backslash {
            true => ESCAPE_HINT,
            false => {
                "close it; a quote that belongs to the text of a quoted field is written twice"
            }
        },
    )
}

/// What to try where a backslash stands before a quote in quotes.
const ESCAPE_HINT: &str = "if backslashes escape quotes here, say so with `escape = \"\\\\\"` below `[input]` in a \
     mapping (`qobra-push init` drafts one)";

/// Text stands behind a closing quote. `bytes` begin at `first`.
pub(super) fn quote(
    name: &str,
    first: LineColumn,
    bytes: &[u8],
    fault: QuoteFault,
    dialect: Option<Dialect>,
) -> InputError {
    let QuoteFault { open, close } = fault;
    let place = |at: usize| text::after(first, &bytes[..at]);
    let hint = match dialect.is_some_and(|dialect| has_backslash(dialect, &bytes[open..=close])) {
        true => ESCAPE_HINT,
        false => {
            "a quote inside of a quoted cell is written twice; where quotes are only text, \
             `quote = \"none\"` below `[input]` in a mapping says so"
        }
    };
    InputError::new(
        format!(
            "{name}, {}: the quote opened here is closed on {}, and text follows it",
            place(open),
            place(close)
        ),
        hint,
    )
}

/// Whether a backslash stands before a quote in these bytes, and nobody said that it is an escape.
pub(super) fn has_backslash(dialect: Dialect, bytes: &[u8]) -> bool {
    dialect.quoting.escape.is_none() && memchr::memmem::find(bytes, b"\\\"").is_some()
}

/// The input's last record, which begins on this line, ends behind an escape.
pub(super) fn escaped_end(name: &str, line: u64) -> InputError {
    InputError::new(
        format!(
            "{name}, line {line}: the last record does not end, since an escape stands at its end"
        ),
        "was the file cut? An escape that is text is written twice",
    )
}

/// A record has so many fields, and the header another number of them.
pub(super) fn ragged(fields: usize, width: usize) -> String {
    let counts = format!(
        "has {} where the header has {}",
        display::counted(fields as u64, "field"),
        display::count(width as u64)
    );
    match fields > width {
        true => format!("{counts} (is a delimiter in a cell not quoted?)"),
        false => counts,
    }
}
