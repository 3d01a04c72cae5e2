//! The wording of what can be wrong with an input as a whole.
//!
//! `name` is always harmless to print already.

use std::io;

use super::{Blame, InputError, OpenError};
use crate::display;

impl From<InputError> for OpenError {
    fn from(error: InputError) -> Self {
        Self {
            blame: Blame::Content,
            message: error.message,
            hint: error.hint,
        }
    }
}

/// An argument that has to change, with something to try.
pub(super) fn open(message: String, hint: &str) -> OpenError {
    OpenError {
        blame: Blame::CommandLine,
        message,
        hint: Some(hint.to_owned()),
    }
}

/// A header that has to change, with something to try.
pub(super) fn header(message: String, hint: &str) -> OpenError {
    OpenError {
        blame: Blame::Content,
        ..open(message, hint)
    }
}

/// Reading failed, or the file became shorter.
pub(super) fn reading(name: &str, error: &io::Error) -> InputError {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        return InputError {
            message: format!("{name} became shorter while it was read"),
            hint: Some("push it again when nothing writes to it any more".to_owned()),
        };
    }
    InputError {
        message: format!("{name} cannot be read: {error}"),
        hint: None,
    }
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
        Some(quote) => InputError {
            message: format!("{message}, and the quote opened on line {quote} is not closed in it"),
            hint: Some(format!(
                "an unclosed quote is the likely cause: look at line {quote}"
            )),
        },
        None => InputError {
            message,
            hint: Some("each record must end with a line end".to_owned()),
        },
    }
}

/// The input ends inside of a quoted field.
pub(super) fn unclosed(name: &str, line: u64, quote_line: u64) -> InputError {
    InputError {
        message: format!(
            "{name}, line {line}: the quote opened on line {quote_line} is never closed"
        ),
        hint: Some(
            "close it; a quote that belongs to the text of a quoted field is written twice"
                .to_owned(),
        ),
    }
}
