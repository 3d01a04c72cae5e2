//! The inputs as blocks of whole records, in order, each checked to be text.
//!
//! What is in a record is left to `rows`.

use super::split::{Piece, Splitter};
use super::{Block, Extent, InputError, Source, faults, text};

/// The blocks of all inputs, in order. Ends after the first error.
#[derive(Debug)]
pub struct Blocks<'s> {
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
    /// A buffer that a block can use.
    spare: Vec<u8>,
}

impl Source {
    /// The records of all inputs, without headers, in blocks of about [`super::BLOCK_BYTES`].
    #[must_use]
    pub fn blocks(&self) -> Blocks<'_> {
        self.blocks_from(0, self.inputs.len())
    }

    /// The blocks of one input.
    pub(super) fn blocks_of(&self, input: usize) -> Blocks<'_> {
        self.blocks_from(input, input + 1)
    }

    fn blocks_from(&self, first: usize, end: usize) -> Blocks<'_> {
        let mut blocks = Blocks {
            source: self,
            input: first,
            end,
            start: 0,
            line: 1,
            carry: Vec::new(),
            spare: Vec::new(),
        };
        blocks.enter(first);
        blocks
    }

    /// The bytes of a place again. The buffer of `reuse` is used where it is large enough.
    ///
    /// Any run of rows makes an extent: it begins where the first one starts and ends where the
    /// last one ends. Whether the bytes are still what they were is for the caller to check.
    ///
    /// # Errors
    ///
    /// If the file cannot be read, is shorter than it was, or holds no text there any more.
    pub fn read(&self, extent: &Extent, reuse: Vec<u8>) -> Result<Block, InputError> {
        let name = self.names.name(extent.input);
        let mut bytes = reuse;
        bytes.clear();
        let cut = |_| faults::reading(&name, &std::io::ErrorKind::UnexpectedEof.into());
        let want = usize::try_from(extent.end.saturating_sub(extent.start)).map_err(cut)?;
        if let Some(input) = self.inputs.get(extent.input) {
            input
                .append(&mut bytes, extent.start, want)
                .map_err(|e| faults::reading(&name, &e))?;
        }
        if bytes.len() != want {
            return Err(InputError {
                message: format!("{name} does not reach to byte {}", extent.end),
                hint: None,
            });
        }
        text::check(&name, &bytes, extent.first_line)?;
        Ok(Block {
            extent: *extent,
            bytes,
        })
    }
}

impl Blocks<'_> {
    /// Takes back the buffer of a block that is done with, for a block to come.
    pub fn recycle(&mut self, buffer: Vec<u8>) {
        if buffer.capacity() > self.spare.capacity() {
            self.spare = buffer;
        }
    }

    fn enter(&mut self, input: usize) {
        self.input = input;
        self.carry.clear();
        if let Some(input) = self.source.inputs.get(input) {
            self.start = input.start;
            self.line = input.first_line;
        }
    }

    /// The next block of this input; none at its end.
    fn next_here(&mut self) -> Result<Option<Block>, InputError> {
        let mut bytes = std::mem::take(&mut self.spare);
        bytes.clear();
        bytes.append(&mut self.carry);
        let mut splitter = Splitter::new(self.source.inputs[self.input].delimiter);
        let mut end = 0;
        loop {
            let is_last = self.fill(&mut bytes)?;
            while let Some(piece) = splitter.next(&bytes, is_last) {
                self.check_length(&bytes, &piece, None)?;
                end = piece.end;
            }
            if end > 0 {
                break;
            }
            let rest = Piece {
                start: splitter.pending(),
                content_end: bytes.len(),
                end: bytes.len(),
            };
            self.check_length(&bytes, &rest, splitter.open_quote())?;
            if is_last {
                return self.nothing_left(&bytes, splitter.open_quote());
            }
        }
        self.carry.extend_from_slice(&bytes[end..]);
        bytes.truncate(end);
        self.finish(bytes).map(Some)
    }

    /// Reads a block's worth behind what is there.
    fn fill(&self, bytes: &mut Vec<u8>) -> Result<bool, InputError> {
        let block = self.source.limits.block_bytes;
        let want = match block.saturating_sub(bytes.len()) {
            0 => block,
            missing => missing,
        };
        let offset = self.start + bytes.len() as u64;
        self.source.inputs[self.input]
            .append(bytes, offset, want)
            .map_err(|e| faults::reading(&self.name(), &e))
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

    /// At the end of an input no bytes are left unless a quote is open.
    fn nothing_left(
        &self,
        bytes: &[u8],
        open_quote: Option<usize>,
    ) -> Result<Option<Block>, InputError> {
        match open_quote {
            None => Ok(None),
            Some(quote) => {
                let quote_line = self.line_of(bytes, quote);
                Err(faults::unclosed(&self.name(), self.line, quote_line))
            }
        }
    }

    fn finish(&mut self, bytes: Vec<u8>) -> Result<Block, InputError> {
        text::check(&self.name(), &bytes, self.line)?;
        let extent = Extent {
            input: self.input,
            start: self.start,
            end: self.start + bytes.len() as u64,
            first_line: self.line,
        };
        self.start = extent.end;
        self.line += text::line_ends(&bytes);
        Ok(Block { extent, bytes })
    }

    fn line_of(&self, bytes: &[u8], at: usize) -> u64 {
        self.line + text::line_ends(&bytes[..at])
    }

    fn name(&self) -> String {
        self.source.names.name(self.input)
    }
}

impl Iterator for Blocks<'_> {
    type Item = Result<Block, InputError>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.input < self.end {
            match self.next_here() {
                Ok(Some(block)) => return Some(Ok(block)),
                Ok(None) => self.enter(self.input + 1),
                Err(error) => {
                    self.enter(self.end);
                    return Some(Err(error));
                }
            }
        }
        None
    }
}
