//! Where in the input something stands.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::display;

/// The place of one record. Small, so that it travels inside rows and errors.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Position {
    /// Which input, counted from 0 in the order of the command line.
    pub input: usize,
    /// What [`Positions`] count of that input: the line on which the record begins, or its number
    /// there; from 1.
    pub line: u64,
    /// The record's number over all inputs, counted from 1; headers do not count.
    pub record: u64,
}

/// What tells where a record of an input stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Positions {
    /// The line on which it begins.
    #[default]
    Lines,
    /// Its number among that input's records, of which several begin on one line.
    Records,
}

impl Positions {
    /// `line 17` or `record 17`.
    pub(crate) fn place(self, number: u64) -> String {
        match self {
            Self::Lines => format!("line {number}"),
            Self::Records => format!("record {number}"),
        }
    }
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
pub(crate) struct InputNames(Arc<[(String, Positions)]>);

impl InputNames {
    /// Names in the order of the command line.
    pub(crate) fn new(names: Vec<String>) -> Self {
        let inputs = names.into_iter().map(|name| (name, Positions::Lines));
        Self(inputs.collect())
    }

    /// The same, with what tells where the records of each stand.
    pub(crate) fn with_positions(&self, positions: impl Iterator<Item = Positions>) -> Self {
        let names = self.0.iter().map(|(name, _)| name.clone());
        Self(names.zip(positions).collect())
    }

    /// One input's name, harmless to print.
    pub(crate) fn name(&self, input: usize) -> String {
        self.0
            .get(input)
            .map_or_else(|| "?".to_owned(), |(name, _)| display::shown(name))
    }

    /// `deals.csv, line 17`, or `deals.json, record 17`.
    pub(crate) fn place(&self, position: Position) -> String {
        let positions = self.positions(position.input);
        format!(
            "{}, {}",
            self.name(position.input),
            positions.place(position.line)
        )
    }

    /// What tells where the records of an input stand.
    pub(crate) fn positions(&self, input: usize) -> Positions {
        (self.0.get(input)).map_or(Positions::Lines, |(_, positions)| *positions)
    }
}
