//! Parcels to bodies, besides the network.
//!
//! Buffers are used again: fresh ones for each body leave holes in the memory that grow with the
//! input. At most as many bodies are built at a time as there are cores, since more would only take
//! memory; `pace` bounds the bodies that are there.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::part::{Cargo, Parcel};
use crate::prove::chunk::{BodyBuilder, Built, ChunkPlan, Goods};

/// The most bodies that are built at a time: the network's one thread does not send more than so many
/// cores make, and each takes memory.
const MOST_AT_ONCE: usize = 6;

/// What stands for the cores in a simulation, which is to be the same on every machine.
const SIMULATED_CORES: usize = 4;

/// Builds the bodies of one push.
pub(super) struct Builder {
    cargo: Arc<Cargo>,
    builders: Arc<Pool<BodyBuilder>>,
    buffers: Arc<Pool<Vec<u8>>>,
    at_once: usize,
    turns: Arc<Semaphore>,
    has_threads: bool,
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
    pub(super) fn new(cargo: Arc<Cargo>, has_threads: bool) -> Self {
        let at_once = match has_threads {
            true => thread::available_parallelism()
                .map_or(1, usize::from)
                .min(MOST_AT_ONCE),
            false => SIMULATED_CORES,
        };
        Self {
            cargo,
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

    /// Reads and maps the parcel, on a thread of its own, so that the network never waits for it.
    pub(super) async fn build(&self, parcel: Parcel) -> Result<Built, String> {
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        let (cargo, builders) = (Arc::clone(&self.cargo), Arc::clone(&self.builders));
        let buffer = self.buffers.take();
        let build = move || {
            let mut builder = builders.take();
            let goods = Goods {
                source: &cargo.source,
                binding: &cargo.binding,
                left_out: &cargo.left_out,
            };
            let built = builder.build(goods, cargo.chunk(parcel), parcel.range, buffer);
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

    /// A body that any number of attempts can share.
    pub(super) fn share(&self, body: Vec<u8>) -> Bytes {
        let pool = Arc::clone(&self.buffers);
        Bytes::from_owner(Lent { body, pool })
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

impl Cargo {
    pub(super) fn chunk(&self, parcel: Parcel) -> &ChunkPlan {
        &self.chunks[parcel.chunk as usize - 1]
    }
}
