//! The sandbox's time: the machine's, or one that moves only when it is told to.
//!
//! A moment is the time since the sandbox was made. Both kinds of clock can be moved forward, so that
//! a rehearsal does not have to sit through a debounce of 15 minutes. Nothing here sleeps.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// A clock shared by all its clones: moving one moves them all.
#[derive(Clone, Debug)]
pub struct SandboxClock(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// `None` for a clock that stands still between two calls of `advance`.
    ticking: Option<Instant>,
    made_at: Timestamp,
    moved: Mutex<Duration>,
}

impl SandboxClock {
    /// Follows the machine's monotonic clock, plus what [`advance`](Self::advance) added.
    pub fn real() -> Self {
        Self::new(Some(Instant::now()))
    }

    /// Stands still until [`advance`](Self::advance) moves it.
    pub fn manual() -> Self {
        Self::new(None)
    }

    fn new(ticking: Option<Instant>) -> Self {
        Self(Arc::new(Inner {
            ticking,
            made_at: Timestamp::now(),
            moved: Mutex::new(Duration::ZERO),
        }))
    }

    /// The time since the clock was made.
    pub fn now(&self) -> Duration {
        let moved = *self.0.moved.lock().unwrap_or_else(PoisonError::into_inner);
        let ticked = self
            .0
            .ticking
            .map_or(Duration::ZERO, |start| start.elapsed());
        moved.saturating_add(ticked)
    }

    /// Moves the clock forward.
    pub fn advance(&self, by: Duration) {
        let mut moved = self.0.moved.lock().unwrap_or_else(PoisonError::into_inner);
        *moved = moved.saturating_add(by);
    }

    /// What a calendar would show at a moment, in whole seconds as in Qobra's own examples.
    pub(super) fn calendar(&self, moment: Duration) -> Timestamp {
        SignedDuration::try_from(moment)
            .ok()
            .and_then(|moment| self.0.made_at.checked_add(moment).ok())
            .and_then(|at| Timestamp::from_second(at.as_second()).ok())
            .unwrap_or(Timestamp::MAX)
    }

    /// When the clock was made, to the nanosecond.
    pub(super) fn made_at(&self) -> Timestamp {
        self.0.made_at
    }
}
