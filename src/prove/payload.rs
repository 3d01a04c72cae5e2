//! The records of proved chunks read once more, a line each, as they are sent: what may be kept of a push.

use std::io;

use super::parallel::{self, Ends};
use crate::prove::chunk::{BodyBuilder, BuildError, Built, ChunkPlan, MappedInput};

/// The most bytes of lines that wait for being taken, as long as one chunk has fewer.
const MOST_BYTES: u64 = 64 << 20;

/// Why the records cannot be had once more.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadError {
    #[error(transparent)]
    Build(#[from] BuildError),
    /// Whoever takes them does not.
    #[error(transparent)]
    Taken(#[from] io::Error),
}

/// Reads the chunks again and shows their lines, chunk by chunk, in order. Each is compared with its
/// digest first.
pub(crate) fn read_lines(
    mapped: MappedInput<'_>,
    chunks: &[ChunkPlan],
    take: impl FnMut(&[u8]) -> io::Result<()>,
) -> Result<(), ReadError> {
    let largest = chunks.iter().map(|chunk| chunk.body_bytes).max();
    // Of each worker two may wait.
    let room = MOST_BYTES / (2 * largest.unwrap_or_default().max(1));
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    let workers = parallel::worker_count().min(room).max(1);
    let workers = (0..workers).map(|_| BodyBuilder::default()).collect();
    let mut reading = Reading {
        chunks: chunks.iter(),
        take,
    };
    parallel::run(&mut reading, workers, |builder, chunk| {
        builder.lines(mapped, chunk, Vec::new())
    })
    .map(drop)
}

struct Reading<'a, T> {
    chunks: std::slice::Iter<'a, ChunkPlan>,
    take: T,
}

impl<'a, T: FnMut(&[u8]) -> io::Result<()>> Ends for Reading<'a, T> {
    type Job = &'a ChunkPlan;
    type Done = Result<Built, BuildError>;
    type Error = ReadError;

    fn next(&mut self) -> Result<Option<Self::Job>, ReadError> {
        Ok(self.chunks.next())
    }

    fn take(&mut self, done: Self::Done) -> Result<(), ReadError> {
        Ok((self.take)(&done?.body)?)
    }
}
