//! The two ways of finding records behind one interface.

use super::csv::scan::QuoteFault;
use super::csv::split::{Piece, Splitter};
use super::json::split::{JsonSplitter, LastSeen};
use super::json::value;
use super::opened::Input;

/// The pieces of a buffer that grows at its end.
#[derive(Debug)]
pub(super) struct Pieces<'i> {
    splitter: Splitters<'i>,
    /// Whether a piece was given: then a fault waits until the next buffer begins with it.
    has_given: bool,
}

#[derive(Debug)]
enum Splitters<'i> {
    /// CSV records, or lines.
    Lines(Splitter),
    /// JSON values.
    Json(JsonSplitter<'i>),
}

/// Why no more pieces can be found.
#[derive(Debug)]
pub(super) enum CutFault {
    Quote(QuoteFault),
    Json(value::JsonFault),
}

impl<'i> Pieces<'i> {
    /// `seen` is what stands before the buffer in a JSON input, `texts` where quotes of a CSV input
    /// are taken as text.
    pub(crate) fn new(input: &'i Input, seen: LastSeen, texts: &[usize]) -> Self {
        let splitter = match &input.json {
            None => Splitters::Lines(Splitter::new(input.dialect).with_texts(texts)),
            Some(json) => Splitters::Json(JsonSplitter::new(json.shape, &json.around, seen)),
        };
        Self {
            splitter,
            has_given: false,
        }
    }

    /// The next piece that is whole. `bytes` begin as in the call before; none stands behind them
    /// if `is_last`.
    pub(crate) fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, CutFault> {
        let piece = match &mut self.splitter {
            Splitters::Lines(splitter) => splitter.next(bytes, is_last).map_err(CutFault::Quote),
            Splitters::Json(splitter) => splitter.next(bytes, is_last).map_err(CutFault::Json),
        };
        match piece {
            Err(_) if self.has_given => Ok(None),
            Ok(Some(piece)) => {
                self.has_given = true;
                Ok(Some(piece))
            }
            other => other,
        }
    }

    /// Where the record begins whose end was not found.
    pub(crate) fn pending(&self) -> usize {
        match &self.splitter {
            Splitters::Lines(splitter) => splitter.pending(),
            Splitters::Json(splitter) => splitter.pending(),
        }
    }

    /// Where the quote stands that is still open in a CSV record.
    pub(crate) fn open_quote(&self) -> Option<usize> {
        match &self.splitter {
            Splitters::Lines(splitter) => splitter.open_quote(),
            Splitters::Json(_) => None,
        }
    }

    /// What stands before the end of the last piece of a JSON input.
    pub(crate) fn seen(&self) -> LastSeen {
        match &self.splitter {
            Splitters::Lines(_) => LastSeen::Nothing,
            Splitters::Json(splitter) => splitter.seen_before_rest(),
        }
    }
}
