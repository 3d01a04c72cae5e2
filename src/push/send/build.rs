//! From a part to the body of its requests, beside the network.
//!
//! Buffers are used again: fresh ones for each body leave holes in the memory that grow with the
//! input. At most as many bodies are built at a time as there are cores, since more would only take
//! memory; `rate` bounds the bodies that are there.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::part::{Part, PartResult, PartState, SendInput, Stop};
use crate::prove::chunk::{BodyBuilder, Built};

/// The most bodies that are built at a time: the network's one thread does not send more than so many
/// cores make, and each takes memory.
const MOST_AT_ONCE: usize = 6;

/// What stands for the cores in a simulation, which is to be the same on every machine.
const SIMULATED_CORES: usize = 4;

/// Builds the bodies of one push.
pub(super) struct Builder {
    input: Arc<SendInput>,
    builders: Arc<Pool<BodyBuilder>>,
    buffers: Arc<Pool<Vec<u8>>>,
    at_once: usize,
    turns: Arc<Semaphore>,
    has_threads: bool,
}

/// A part with its body.
pub(super) struct BuiltPart<'a> {
    /// With the exact number of its records.
    pub(super) part: Part,
    /// What every attempt sends.
    pub(super) body: Bytes,
    /// Where its record stands, if it carries only one.
    pub(super) place: Option<String>,
    /// The number of the last record in its first half.
    pub(super) middle: u64,
    /// What it takes of the room for bodies, for as long as it is there.
    pub(super) room: SemaphorePermit<'a>,
}

/// Things that are made when none is idle.
#[derive(Debug, Default)]
struct Pool<T>(Mutex<Vec<T>>);

/// A body whose buffer goes back when the last request with it is over.
struct Lent {
    body: Vec<u8>,
    pool: Arc<Pool<Vec<u8>>>,
}

impl Builder {
    pub(super) fn new(input: Arc<SendInput>, has_threads: bool) -> Self {
        let at_once = match has_threads {
            true => thread::available_parallelism()
                .map_or(1, usize::from)
                .min(MOST_AT_ONCE),
            false => SIMULATED_CORES,
        };
        Self {
            input,
            builders: Arc::default(),
            buffers: Arc::default(),
            at_once,
            turns: Arc::new(Semaphore::new(at_once)),
            has_threads,
        }
    }

    /// How many bodies are built at a time.
    pub(super) fn at_once(&self) -> usize {
        self.at_once
    }

    /// The bytes that a part's body may take.
    pub(super) fn room_for(&self, part: Part) -> u64 {
        self.input.chunk(part).body_bytes
    }

    /// How large a part's body will be, as far as that can be told before it is built.
    pub(super) fn expected_bytes(&self, part: Part) -> u64 {
        let chunk = self.input.chunk(part);
        let share = chunk.body_bytes.saturating_mul(part.records);
        share / chunk.records.max(1)
    }

    /// Builds a part's body, for which there is room. An error where that cannot be done any more.
    pub(super) async fn build<'a>(
        &self,
        mut part: Part,
        room: SemaphorePermit<'a>,
    ) -> Result<BuiltPart<'a>, Box<PartResult>> {
        let built = self.read(part).await.map_err(|why| {
            Box::new(PartResult {
                state: PartState::NotApplied(Stop::Changed(why)),
                ..PartResult::not_sent(part)
            })
        })?;
        part.records = built.records;
        let single = built.first.filter(|_| built.records == 1);
        let (body, pool) = (built.body, Arc::clone(&self.buffers));
        Ok(BuiltPart {
            part,
            body: Bytes::from_owner(Lent { body, pool }),
            place: single.map(|first| self.input.source.names().place(first)),
            middle: built.middle,
            room,
        })
    }

    /// Reads and maps the part's records, on a thread of its own, so that the network never waits
    /// for it.
    async fn read(&self, part: Part) -> Result<Built, String> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let (input, builders) = (Arc::clone(&self.input), Arc::clone(&self.builders));
        let buffer = self.buffers.take();
        let build = move || {
            let mut builder = builders.take();
            let built = builder.build(input.mapped(), input.chunk(part), part.range, buffer);
            builders.put(builder);
            // Given back here, since a body that nobody waits for any more is built to its end.
            drop(turn);
            built
        };
        let built = match self.has_threads {
            true => tokio::task::spawn_blocking(build).await,
            false => Ok(build()),
        };
        match built {
            Ok(built) => built.map_err(|error| error.to_string()),
            Err(panic) => Err(format!("a request could not be built: {panic}")),
        }
    }
}

impl<T: Default> Pool<T> {
    fn take(&self) -> T {
        let idle = self.0.lock().unwrap_or_else(PoisonError::into_inner).pop();
        idle.unwrap_or_default()
    }

    fn put(&self, thing: T) {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(thing);
    }
}

impl AsRef<[u8]> for Lent {
    fn as_ref(&self) -> &[u8] {
        &self.body
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.pool.put(std::mem::take(&mut self.body));
    }
}
