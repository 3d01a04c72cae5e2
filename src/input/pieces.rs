//! The two ways of finding records behind one interface.

use crate::input::csv::scan::QuoteFault;
use crate::input::csv::split::{Piece, Splitter};
use crate::input::json::split::{JsonSplitter, Seen};
use crate::input::json::value;
use crate::input::opened::Input;

/// The pieces of a buffer that grows at its end.
#[derive(Debug)]
pub(super) struct Pieces<'i> {
    splitter: Kind<'i>,
    /// Whether a piece was given: then a fault waits until the next buffer begins with it.
    has_given: bool,
}

#[derive(Debug)]
enum Kind<'i> {
    /// CSV records, or lines.
    Lines(Splitter),
    /// JSON values.
    Json(JsonSplitter<'i>),
}

/// Why no more pieces can be found.
#[derive(Debug)]
pub(super) enum Fault {
    Quote(QuoteFault),
    Json(value::Fault),
}

impl<'i> Pieces<'i> {
    /// `seen` is what stands before the buffer in a JSON input, `texts` where quotes of a CSV input
    /// are taken as text.
    pub(crate) fn new(input: &'i Input, seen: Seen, texts: &[usize]) -> Self {
        let splitter = match &input.json {
            None => Kind::Lines(Splitter::new(input.dialect).with_texts(texts)),
            Some(json) => Kind::Json(JsonSplitter::new(json.shape, &json.around, seen)),
        };
        Self {
            splitter,
            has_given: false,
        }
    }

    /// The next piece that is whole. `bytes` begin as in the call before; none stands behind them
    /// if `is_last`.
    pub(crate) fn next(&mut self, bytes: &[u8], is_last: bool) -> Result<Option<Piece>, Fault> {
        let piece = match &mut self.splitter {
            Kind::Lines(splitter) => splitter.next(bytes, is_last).map_err(Fault::Quote),
            Kind::Json(splitter) => splitter.next(bytes, is_last).map_err(Fault::Json),
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
            Kind::Lines(splitter) => splitter.pending(),
            Kind::Json(splitter) => splitter.pending(),
        }
    }

    /// Where the quote stands that is still open in a CSV record.
    pub(crate) fn open_quote(&self) -> Option<usize> {
        match &self.splitter {
            Kind::Lines(splitter) => splitter.open_quote(),
            Kind::Json(_) => None,
        }
    }

    /// What stands before the end of the last piece of a JSON input.
    pub(crate) fn seen(&self) -> Seen {
        match &self.splitter {
            Kind::Lines(_) => Seen::Nothing,
            Kind::Json(splitter) => splitter.seen_before_rest(),
        }
    }
}
