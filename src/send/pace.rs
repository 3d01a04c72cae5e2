//! How much may be under way at once, for all chunks together.

use std::cell::Cell;
use std::pin::pin;
use std::time::{Duration, Instant};

use futures_util::future;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};

/// The most bytes of bodies built and in flight together; a single larger body goes alone.
const ROOM: u64 = 32 << 20;

/// What one permit of the room stands for.
const UNIT: u64 = 1 << 10;

/// Shared by everything that sends; lives on the network's one thread.
#[derive(Debug)]
pub(super) struct Pace {
    jobs: usize,
    limit: Cell<usize>,
    streak: Cell<usize>,
    quiet_until: Cell<Option<Instant>>,
    stopped: Cell<bool>,
    stopping: Notify,
    room: Semaphore,
}

impl Pace {
    /// One request alone, until the first was accepted.
    pub(super) fn new(jobs: usize) -> Self {
        Self {
            jobs: jobs.max(1),
            limit: Cell::new(1),
            streak: Cell::new(0),
            quiet_until: Cell::new(None),
            stopped: Cell::new(false),
            stopping: Notify::new(),
            room: Semaphore::new((ROOM / UNIT) as usize),
        }
    }

    /// How many requests may be in flight now.
    pub(super) fn limit(&self) -> usize {
        self.limit.get()
    }

    /// A chunk arrived. The first one opens the way for `jobs`; after the service asked for less,
    /// every ten in a row win one request back.
    pub(super) fn arrived(&self, is_first: bool) {
        if is_first {
            self.limit.set(self.jobs);
        }
        self.streak.set(self.streak.get() + 1);
        if self.streak.get() >= 10 && self.limit.get() < self.jobs {
            self.streak.set(0);
            self.limit.set(self.limit.get() + 1);
        }
    }

    /// The service asks for less (429): half the requests, and none at all during the pause.
    pub(super) fn slow_down(&self, now: Instant, pause: Duration) {
        self.streak.set(0);
        self.limit.set((self.limit.get() / 2).max(1));
        self.quiet_until
            .set(self.quiet_until.get().max(Some(now + pause)));
    }

    /// Waits until requests may leave again, or the push has stopped.
    pub(super) async fn quiet(&self) {
        while let Some(until) = self
            .quiet_until
            .get()
            .filter(|until| !self.has_stopped() && *until > Instant::now())
        {
            self.pause(until.saturating_duration_since(Instant::now()))
                .await;
        }
    }

    /// Waits so long, but no longer than until something stops the push.
    pub(super) async fn pause(&self, time: Duration) {
        let stopping = pin!(self.stopping.notified());
        if !self.has_stopped() {
            future::select(pin!(tokio::time::sleep(time)), stopping).await;
        }
    }

    /// Waits until a body of that size may be built.
    pub(super) async fn room(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let units = u32::try_from(bytes.min(ROOM).div_ceil(UNIT)).ok()?;
        self.room.acquire_many(units).await.ok()
    }

    /// Nothing new starts from now on, and no one waits to start.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
        self.stopping.notify_waiters();
    }

    /// Whether something stopped the push.
    pub(super) fn has_stopped(&self) -> bool {
        self.stopped.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_alone_then_all_then_half_then_one_by_one_more() {
        let pace = Pace::new(8);
        assert_eq!(pace.limit(), 1);
        pace.arrived(true);
        assert_eq!(pace.limit(), 8);
        pace.slow_down(Instant::now(), Duration::ZERO);
        pace.slow_down(Instant::now(), Duration::ZERO);
        assert_eq!(pace.limit(), 2);
        for _ in 0..10 {
            pace.arrived(false);
        }
        assert_eq!(pace.limit(), 3);
        for _ in 0..200 {
            pace.arrived(false);
        }
        assert_eq!(pace.limit(), 8);
        for _ in 0..9 {
            pace.slow_down(Instant::now(), Duration::ZERO);
        }
        assert_eq!(pace.limit(), 1);
    }
}
