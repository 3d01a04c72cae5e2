//! What `fuzzing` has to reach in this module: blocks as small as it likes, and what first bytes
//! tell of their delimiter. Nothing else uses it.

use super::error::OpenError;
use super::limits::Limits;
use super::options::{InputPath, Quoting, SourceOptions};
use super::recognise::{self, Sample, Verdict};
use super::source::Source;

/// What first bytes tell of their delimiter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Recognised {
    /// It is this one.
    One(u8),
    /// The header is one column.
    Column,
    /// One of these, or nothing.
    Open(Vec<u8>),
}

impl Source {
    /// [`Source::open`] with blocks of another size.
    pub(crate) fn open_in_blocks(
        paths: &[InputPath],
        options: &SourceOptions,
        block_bytes: usize,
    ) -> Result<Self, OpenError> {
        let limits = Limits {
            block_bytes,
            ..Limits::default()
        };
        Self::open_limited(paths, options, limits)
    }
}

/// What the first bytes of an input tell of its delimiter; no more follow if they are whole.
pub(crate) fn recognised(bytes: &[u8], is_whole: bool) -> Recognised {
    let readings = Sample { bytes, is_whole }.readings(Quoting::PLAIN);
    match recognise::verdict(&readings) {
        Verdict::One(one) => Recognised::One(one.delimiter),
        Verdict::Column => Recognised::Column,
        Verdict::Tie(readings) | Verdict::Neither(readings) => {
            Recognised::Open(readings.iter().map(|one| one.delimiter).collect())
        }
        Verdict::NoHeader => Recognised::Open(Vec::new()),
    }
}
