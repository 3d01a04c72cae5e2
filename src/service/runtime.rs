//! The asynchronous runtime.

use anyhow::{Context as _, Result};

/// The runtime of everything that speaks to the network: one thread is enough for it.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build();
    runtime.context("cannot prepare for the network")
}
