//! Where in the input something stands.

use std::fmt;
use std::sync::Arc;

use crate::base::display;

/// The place of one record. Small, so that it travels inside rows and errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Position {
    /// Which input, counted from 0 in the order of the command line.
    pub input: usize,
    /// The line of that input on which the record begins, counted from 1.
    pub line: u64,
    /// The character of that line at which the record begins, counted from 1.
    pub column: u64,
    /// The record's number over all inputs, counted from 1; headers do not count.
    pub record: u64,
}

/// A place in a text. It reads `line 17`, or `line 1, column 5332` where it is not a line's start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LineColumn {
    /// Counted from 1.
    pub line: u64,
    /// The character of that line, counted from 1.
    pub column: u64,
}

impl LineColumn {
    /// The first character of a line.
    pub(crate) fn line(line: u64) -> Self {
        Self { line, column: 1 }
    }
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if self.column > 1 {
            write!(f, ", column {}", self.column)?;
        }
        Ok(())
    }
}

/// The names of the inputs, for messages: what the user typed, or `standard input`.
#[derive(Clone, Debug, Default)]
pub(crate) struct InputNames(Arc<[String]>);

impl InputNames {
    /// Names in the order of the command line.
    pub(crate) fn new(names: Vec<String>) -> Self {
        Self(names.into())
    }

    /// One input's name, harmless to print.
    pub(crate) fn name(&self, input: usize) -> String {
        self.0
            .get(input)
            .map_or_else(|| "?".to_owned(), |name| display::shown(name))
    }

    /// `deals.csv, line 17`, or `deals.json, line 1, column 5332`.
    pub(crate) fn place(&self, position: Position) -> String {
        let place = LineColumn {
            line: position.line,
            column: position.column,
        };
        format!("{}, {place}", self.name(position.input))
    }
}
