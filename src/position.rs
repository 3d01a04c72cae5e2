//! Where in the input something stands.

use std::sync::Arc;

use crate::display;

/// The place of one record. Small, so that it travels inside rows and errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Position {
    /// Which input, counted from 0 in the order of the command line.
    pub input: usize,
    /// The line of that input on which the record begins, counted from 1.
    pub line: u64,
    /// The record's number over all inputs, counted from 1; headers do not count.
    pub record: u64,
}

/// The names of the inputs, for messages: what the user typed, or `standard input`.
#[derive(Clone, Debug, Default)]
pub struct InputNames(Arc<[String]>);

impl InputNames {
    /// Names in the order of the command line.
    #[must_use]
    pub fn new(names: Vec<String>) -> Self {
        Self(names.into())
    }

    /// One input's name, harmless to print.
    #[must_use]
    pub fn name(&self, input: usize) -> String {
        self.0
            .get(input)
            .map_or_else(|| "?".to_owned(), |name| display::shown(name))
    }

    /// `deals.csv, line 17`.
    #[must_use]
    pub fn place(&self, position: Position) -> String {
        format!("{}, line {}", self.name(position.input), position.line)
    }
}
