//! The two ways of finding records behind one interface.

use super::input::Input;
use super::json_split::{JsonSplitter, Seen};
use super::json_value::Fault;
use super::split::{Piece, Splitter};

/// The pieces of a buffer that grows at its end.
#[derive(Debug)]
pub(super) enum Pieces<'i> {
    /// CSV records, or lines.
    Lines(Splitter),
    /// JSON values.
    Json {
        splitter: JsonSplitter<'i>,
        /// Whether a piece was given: then a fault waits until the next buffer begins with it.
        has_given: bool,
    },
}

impl<'i> Pieces<'i> {
    /// `seen` is what stands before the buffer in a JSON input.
    pub fn new(input: &'i Input, seen: Seen) -> Self {
        match &input.json {
            None => Self::Lines(Splitter::new(input.delimiter)),
            Some(json) => Self::Json {
                splitter: JsonSplitter::new(json.shape, &json.around, seen),
                has_given: false,
            },
        }
    }

    /// The next piece that is whole. `bytes` begin as in the call before; none stands behind them
    /// if `is_last`.
    pub fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, Fault> {
        match self {
            Self::Lines(splitter) => Ok(splitter.next(bytes, is_last)),
            Self::Json {
                splitter,
                has_given,
            } => match splitter.next(bytes, is_last) {
                Ok(Some(piece)) => {
                    *has_given = true;
                    Ok(Some(piece))
                }
                Err(_) if *has_given => Ok(None),
                other => other,
            },
        }
    }

    /// Where the record begins whose end was not found.
    pub fn pending(&self) -> usize {
        match self {
            Self::Lines(splitter) => splitter.pending(),
            Self::Json { splitter, .. } => splitter.pending(),
        }
    }

    /// Where the quote stands that is still open in a CSV record.
    pub fn open_quote(&self) -> Option<usize> {
        match self {
            Self::Lines(splitter) => splitter.open_quote(),
            Self::Json { .. } => None,
        }
    }

    /// What stands before the end of the last piece of a JSON input.
    pub fn seen(&self) -> Seen {
        match self {
            Self::Lines(_) => Seen::Nothing,
            Self::Json { splitter, .. } => splitter.seen_before_rest(),
        }
    }
}
