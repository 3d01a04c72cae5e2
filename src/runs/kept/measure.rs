//! How much there is, and what it is.

use std::io::{self, Write};

/// Lines, or the file that they are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Measure {
    pub(super) bytes: u64,
    pub(super) digest: String,
}

/// Counts and digests what goes through it.
pub(super) struct Measuring<W> {
    to: W,
    bytes: u64,
    hasher: blake3::Hasher,
}

impl<W> Measuring<W> {
    pub(super) fn new(to: W) -> Self {
        Self {
            to,
            bytes: 0,
            hasher: blake3::Hasher::new(),
        }
    }

    /// What it went to, and what went there.
    pub(super) fn finish(self) -> (W, Measure) {
        let measure = Measure {
            bytes: self.bytes,
            digest: format!("blake3:{}", self.hasher.finalize()),
        };
        (self.to, measure)
    }
}

impl<W: Write> Write for Measuring<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}
