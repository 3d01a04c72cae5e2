//! The asynchronous runtime.

use crate::push::outcome::{Exit, Failure};

/// The runtime of everything that speaks to the network: one thread is enough for it.
pub(super) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            Failure::new(
                Exit::Bug,
                format!("cannot prepare for the network: {error}"),
                None,
            )
        })
}
