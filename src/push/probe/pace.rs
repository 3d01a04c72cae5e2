//! The time by which experiments wait: the machine's, or a stand-in's, which passes when it is told to.

use std::time::{Duration, Instant};

use crate::service::sandbox::Sandbox;

/// Where time comes from.
#[derive(Clone)]
pub(crate) enum Pace {
    /// The machine.
    Machine(Instant),
    /// A stand-in in this process: nobody sits through its windows.
    StandIn(Sandbox),
}

impl Pace {
    pub(crate) fn machine() -> Self {
        Self::Machine(Instant::now())
    }

    /// The time since some moment.
    pub(super) fn now(&self) -> Duration {
        match self {
            Self::Machine(start) => start.elapsed(),
            Self::StandIn(sandbox) => sandbox.now(),
        }
    }

    pub(crate) async fn sleep(&self, time: Duration) {
        match self {
            Self::Machine(_) => tokio::time::sleep(time).await,
            Self::StandIn(sandbox) => sandbox.advance(time),
        }
    }
}
