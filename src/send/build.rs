//! Parcels to bodies, besides the network.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Cargo, Parcel};
use crate::chunk::{self, Built, ChunkPlan};
use crate::source::RowParser;

/// Builds the bodies of one push.
pub(super) struct Builder {
    cargo: Arc<Cargo>,
    parsers: Arc<Mutex<Vec<RowParser>>>,
    has_threads: bool,
}

impl Builder {
    pub(super) fn new(cargo: Arc<Cargo>, has_threads: bool) -> Self {
        Self {
            cargo,
            parsers: Arc::default(),
            has_threads,
        }
    }

    /// Reads and maps the parcel, on a thread of its own, so that the network never waits for it.
    pub(super) async fn build(&self, parcel: Parcel) -> Result<Built, String> {
        let (cargo, parsers) = (Arc::clone(&self.cargo), Arc::clone(&self.parsers));
        let build = move || {
            let idle = parsers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut parser = idle.unwrap_or_else(|| cargo.source.parser());
            let Cargo {
                source,
                binding,
                left_out,
                ..
            } = &*cargo;
            let plan = cargo.chunk(parcel);
            let built = chunk::build(source, &mut parser, binding, plan, parcel.range, left_out);
            let mut parsers = parsers.lock().unwrap_or_else(PoisonError::into_inner);
            parsers.push(parser);
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

impl Cargo {
    pub(super) fn chunk(&self, parcel: Parcel) -> &ChunkPlan {
        &self.chunks[parcel.chunk as usize - 1]
    }
}
