//! The inputs as blocks of whole records, in order.
//!
//! What is in a record, and whether it is text at all, is left to `rows`.

use super::csv::scan::{Dialect, QuoteFault};
use super::csv::split::{self, Piece, Splitter};
use super::csv::strides::Scanner;
use super::error::InputError;
use super::options::Quoting;
use super::record::{Block, Extent};
use super::source::Source;
use super::{faults, text};
use crate::base::position::LineColumn;

/// The blocks of all inputs, in order. Ends after the first error, unless that is a quote that is not
/// closed as it should be: then further ones of these follow, and no more blocks, since nothing is
/// certain behind the first.
#[derive(Debug)]
pub(crate) struct Blocks<'s> {
    source: &'s Source,
    /// Which input is read, from 0.
    input: usize,
    /// One past the last input that is read.
    end: usize,
    /// Where its next block begins.
    start: u64,
    /// The line on which it begins, from 1.
    line: u64,
    /// Bytes from `start` on that were read already.
    carry: Vec<u8>,
    /// Where quotes stand behind `start` that are at fault, and taken as text to find further ones.
    texts: Vec<usize>,
    /// Whether there was such a quote: then only faults are looked for.
    is_faulty: bool,
    /// A buffer that a block can use.
    spare: Vec<u8>,
    /// About how many bytes a block has.
    block_bytes: usize,
    /// The only place that is read, if not all is.
    only: Option<Extent>,
}

/// The most bytes of a place that are read as one block.
const MOST_AT_ONCE: usize = 1 << 20;

impl Source {
    /// The records of all inputs, without headers, in blocks of about [`BLOCK_BYTES`](super::limits::BLOCK_BYTES).
    pub(crate) fn blocks(&self) -> Blocks<'_> {
        self.blocks_from(0, self.inputs.len())
    }

    fn blocks_from(&self, first: usize, end: usize) -> Blocks<'_> {
        let mut blocks = Blocks {
            source: self,
            input: first,
            end,
            start: 0,
            line: 1,
            carry: Vec::new(),
            texts: Vec::new(),
            is_faulty: false,
            spare: Vec::new(),
            block_bytes: self.limits.block_bytes,
            only: None,
        };
        blocks.enter(first);
        blocks
    }

    /// The records of a place again: all in one block where they are few, else in several.
    ///
    /// Any run of rows makes an extent: it begins where the first one starts and ends where the
    /// last one ends. Whether the bytes are still what they were is for the caller to check.
    pub(crate) fn again(&self, extent: &Extent) -> Blocks<'_> {
        let bytes = extent.end.saturating_sub(extent.start);
        Blocks {
            start: extent.start,
            line: extent.first_line,
            only: Some(*extent),
            block_bytes: match usize::try_from(bytes) {
                Ok(bytes) if bytes <= MOST_AT_ONCE => bytes,
                _ => self.limits.block_bytes,
            },
            ..self.blocks_from(extent.input, extent.input + 1)
        }
    }
}

impl Blocks<'_> {
    /// Takes back the buffer of a block that is done with, for a block to come.
    pub(crate) fn recycle(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() > self.spare.capacity() {
            self.spare = buffer;
        }
    }

    /// The buffer that was taken back last.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        self.spare
    }

    /// The same in blocks of another size.
    #[cfg(any(test, fuzzing))]
    pub(crate) fn of_bytes(self, block_bytes: usize) -> Self {
        Self {
            block_bytes,
            ..self
        }
    }

    fn enter(&mut self, input: usize) {
        self.input = input;
        self.carry.clear();
        self.texts.clear();
        if let Some(input) = self.source.inputs.get(input) {
            self.start = input.start;
            self.line = input.first_line;
        }
    }

    /// The next block of this input; none at its end.
    fn next_here(&mut self) -> Result<Option<Block>, InputError> {
        let mut bytes = std::mem::take(&mut self.spare);
        // What stands in it is read over: clearing it would only mean to fill it with zeros again.
        let carried = self.carry.len();
        bytes.resize(carried.max(bytes.len()), 0);
        bytes[..carried].copy_from_slice(&self.carry);
        self.carry.clear();
        let mut filled = carried;
        let input = &self.source.inputs[self.input];
        let mut splitter = Splitter::new(input.dialect).with_texts(&self.texts);
        let mut pieces = 0;
        let end = loop {
            let is_last = self.fill(&mut bytes, filled)?;
            let is_first_look = filled == carried;
            filled = bytes.len();
            if is_last && self.only.is_some() {
                // A place ends with a record.
                let is_over = bytes.is_empty();
                let extent = self.extent(&bytes);
                return Ok((!is_over).then_some(Block { extent, bytes }));
            }
            let mut end = match is_first_look && !self.is_faulty {
                true => self.quick_end(&bytes, is_last),
                false => 0,
            };
            if end > 0 {
                break end;
            }
            loop {
                let piece = match splitter.next(&bytes, is_last) {
                    Ok(Some(piece)) => piece,
                    Ok(None) => break,
                    // It waits until a buffer begins with its record.
                    Err(_) if end > 0 => break,
                    Err(fault) => return Err(self.broken(bytes, fault)),
                };
                self.check_length(&bytes, &piece, None)?;
                end = piece.end;
                pieces += 1;
            }
            if end > 0 {
                break end;
            }
            let rest = Piece {
                start: splitter.pending(),
                content_end: bytes.len(),
                end: bytes.len(),
            };
            self.check_length(&bytes, &rest, splitter.open_quote())?;
            if is_last {
                return self.nothing_left(&bytes, &splitter);
            }
        };
        self.carry.extend_from_slice(&bytes[end..]);
        self.texts.retain(|at| *at >= end);
        self.texts.iter_mut().for_each(|at| *at -= end);
        bytes.truncate(end);
        Ok(Some(self.finish(bytes, pieces)))
    }

    /// Reads a block's worth behind the first `filled` bytes, which stay. Where that was read already, a
    /// record is longer: reading as much again each time keeps looking at its bytes anew cheap.
    fn fill(&self, bytes: &mut Vec<u8>, filled: usize) -> Result<bool, InputError> {
        let want = match self.block_bytes.saturating_sub(filled) {
            0 => filled,
            missing => missing,
        };
        let offset = self.start + filled as u64;
        let input = &self.source.inputs[self.input];
        let Some(place) = self.only else {
            return input.read(bytes, filled, offset, want);
        };
        let left = usize::try_from(place.end.saturating_sub(offset)).unwrap_or(usize::MAX);
        let want = want.min(left);
        input.read(bytes, filled, offset, want)?;
        if bytes.len() - filled < want {
            let message = format!("{} does not reach to byte {}", self.name(), place.end);
            return Err(InputError::plain(message));
        }
        Ok(want == left)
    }

    /// Where the last whole record ends, where no record has to be looked at; 0 where that is not
    /// known. None is too long where all of them together are not.
    fn quick_end(&self, bytes: &[u8], is_last: bool) -> usize {
        let input = &self.source.inputs[self.input];
        let has_few = bytes.len() <= self.source.limits.record_bytes;
        if input.sheet.is_some() || !has_few {
            return 0;
        }
        match input.dialect {
            None => split::last_line_end(bytes, is_last),
            Some(dialect) if dialect.quoting == Quoting::PLAIN => {
                last_record_end(bytes, dialect, is_last)
            }
            // What SIMD looks for is the usual grammar alone.
            Some(_) => 0,
        }
    }

    fn check_length(
        &self,
        bytes: &[u8],
        piece: &Piece,
        open_quote: Option<usize>,
    ) -> Result<(), InputError> {
        let limit = self.source.limits.record_bytes;
        // A `\r` at the end of an unfinished record may be its line end.
        let content = &bytes[piece.start..piece.content_end];
        let length = content.len() - usize::from(content.ends_with(b"\r"));
        if length <= limit {
            return Ok(());
        }
        let quote_line = open_quote.map(|quote| self.line_of(bytes, quote));
        let line = self.line_of(bytes, piece.start);
        Err(faults::too_long(&self.name(), line, quote_line, limit))
    }

    /// At the end of an input no bytes are left unless a quote is open, or an escape has nothing more
    /// behind it.
    fn nothing_left(&self, bytes: &[u8], splitter: &Splitter) -> Result<Option<Block>, InputError> {
        match (splitter.open_quote(), self.dialect()) {
            (Some(open), Some(dialect)) => Err(faults::unclosed(
                &self.name(),
                (self.line, self.line_of(bytes, open)),
                faults::has_backslash(dialect, &bytes[open..]),
            )),
            (None, Some(_)) if splitter.pending() < bytes.len() => {
                let line = self.line_of(bytes, splitter.pending());
                Err(faults::escaped_end(&self.name(), line))
            }
            _ => Ok(None),
        }
    }

    /// What is wrong with bytes that begin with a record whose quotes are. It is noted where the look for
    /// further ones goes on.
    fn broken(&mut self, bytes: Vec<u8>, fault: QuoteFault) -> InputError {
        let place = LineColumn::line(self.line);
        let error = faults::quote(&self.name(), place, &bytes, fault, self.dialect());
        self.texts.extend([fault.open, fault.close]);
        self.is_faulty = true;
        self.carry = bytes;
        error
    }

    /// The block of these bytes, which have so many records and blank lines.
    fn finish(&mut self, bytes: Vec<u8>, pieces: u64) -> Block {
        let extent = self.extent(&bytes);
        self.line += match self.source.inputs[self.input].sheet {
            Some(_) => pieces,
            None => text::line_ends(&bytes),
        };
        Block { extent, bytes }
    }

    /// Where these bytes stand. What follows begins behind them.
    fn extent(&mut self, bytes: &[u8]) -> Extent {
        let start = self.start;
        self.start += bytes.len() as u64;
        Extent {
            input: self.input,
            start,
            end: self.start,
            first_line: self.line,
        }
    }

    fn line_of(&self, bytes: &[u8], at: usize) -> u64 {
        self.line + text::line_ends(&bytes[..at])
    }

    fn name(&self) -> String {
        self.source.names.name(self.input)
    }

    fn dialect(&self) -> Option<Dialect> {
        self.source.inputs.get(self.input)?.dialect
    }
}

/// One past the last whole record in bytes that begin with one, as far as no quote is at fault: 0 where
/// none is whole. `strides` finds it; where that is in doubt, one record is read, and it goes on.
fn last_record_end(bytes: &[u8], dialect: Dialect, is_last: bool) -> usize {
    let scanner = Scanner::new(dialect.delimiter);
    let mut at = 0;
    loop {
        let (end, behind) = scanner.last_line_end(&bytes[at..]);
        at += end;
        match behind {
            Some(behind) if is_last && behind.may_end() => return bytes.len(),
            Some(_) => return at,
            None => match Splitter::new(Some(dialect)).next(&bytes[at..], is_last) {
                Ok(Some(record)) => at += record.end,
                Ok(None) | Err(_) => return at,
            },
        }
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.input < self.end {
            match self.next_here() {
                Ok(Some(block)) if self.is_faulty => self.recycle(block.bytes),
                Ok(Some(block)) => return Some(Ok(block)),
                Ok(None) => self.enter(self.input + 1),
                Err(error) => {
                    // Behind a quote the bytes are kept, to be looked at further.
                    if self.carry.is_empty() {
                        self.enter(self.end);
                    }
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
