//! How much may be under way at once, for all parts together, and whether anything may be at all.
//!
//! AIMD (additive increase, multiplicative decrease), as TCP does it: a 429 halves the requests in
//! flight, ten acceptances in a row add one. Qobra documents no limit, so it is found by trying.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use futures_util::future;
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::Instant;

use super::part::Halt;
use crate::base::model::{ImportId, RecordRange};

/// The most bytes of bodies built and in flight together; a single larger body goes alone.
const ROOM: u64 = 32 << 20;

/// What one permit of the room stands for.
const UNIT: u64 = 1 << 10;

/// After a 429 so many accepted requests in a row win one request in flight back.
const STREAK: usize = 10;

/// Shared by everything that sends; lives on the network's one thread.
#[derive(Debug)]
pub(super) struct Rate {
    jobs: usize,
    limit: Cell<usize>,
    has_arrived: Cell<bool>,
    streak: Cell<usize>,
    quiet_until: Cell<Option<Instant>>,
    stopped: Cell<bool>,
    halt: RefCell<Option<Halt>>,
    bell: Notify,
    /// Rung when a request is repeated after a pause.
    pause_bell: Notify,
    has_paused: Cell<bool>,
    first_import: RefCell<Option<(RecordRange, ImportId)>>,
    room: Semaphore,
    /// Answer times of accepted requests: how many, and their sum.
    answers: Cell<(u32, Duration)>,
    /// Records and bytes of the smallest body that the service found too large.
    too_large: Cell<Option<(u64, u64)>>,
}

impl Rate {
    /// One request alone, until the first was accepted. `first_import` is that of an earlier
    /// process of the run: whatever arrives now comes after it.
    pub(super) fn new(jobs: usize, first_import: Option<ImportId>) -> Self {
        let before_all = RecordRange { first: 0, last: 0 };
        Self {
            jobs: jobs.max(1),
            limit: Cell::new(1),
            has_arrived: Cell::new(false),
            streak: Cell::new(0),
            quiet_until: Cell::new(None),
            stopped: Cell::new(false),
            halt: RefCell::new(None),
            bell: Notify::new(),
            pause_bell: Notify::new(),
            has_paused: Cell::new(false),
            first_import: RefCell::new(first_import.map(|id| (before_all, id))),
            room: Semaphore::new((ROOM / UNIT) as usize),
            answers: Cell::new((0, Duration::ZERO)),
            too_large: Cell::default(),
        }
    }

    /// How many requests may be in flight now.
    pub(super) fn limit(&self) -> usize {
        self.limit.get()
    }

    /// A request was accepted. The first one opens the way for `jobs`.
    pub(super) fn arrived(&self, range: RecordRange, id: &ImportId, answer_time: Duration) {
        let mut first = self.first_import.borrow_mut();
        if first.as_ref().is_none_or(|(earlier, _)| range < *earlier) {
            *first = Some((range, id.clone()));
        }
        let (count, sum) = self.answers.get();
        self.answers.set((count + 1, sum + answer_time));
        if !self.has_arrived.replace(true) {
            self.limit.set(self.jobs);
        }
        self.streak.set(self.streak.get() + 1);
        if self.streak.get() >= STREAK && self.limit.get() < self.jobs {
            self.streak.set(0);
            self.limit.set(self.limit.get() + 1);
        }
    }

    /// The import that the first of the accepted records went to.
    pub(super) fn first_import(&self) -> Option<ImportId> {
        self.first_import
            .borrow()
            .as_ref()
            .map(|(_, id)| id.clone())
    }

    /// A request will be repeated after this pause, which may be a long one.
    pub(super) async fn pause_before_retry(&self, time: Duration) {
        self.pause(time).await;
        self.has_paused.set(true);
        self.pause_bell.notify_one();
    }

    /// Waits until a request is repeated after a pause.
    pub(super) async fn paused(&self) {
        self.pause_bell.notified().await;
    }

    /// Whether there was such a pause since the last time this was asked.
    pub(super) fn take_paused(&self) -> bool {
        self.has_paused.replace(false)
    }

    /// What an accepted request takes on average; zero before the first.
    pub(super) fn usual(&self) -> Duration {
        let (count, sum) = self.answers.get();
        sum.checked_div(count).unwrap_or_default()
    }

    /// The service asks for less (429): half the requests, and none at all during the pause.
    pub(super) fn slow_down(&self, now: Instant, pause: Duration) {
        self.streak.set(0);
        self.limit.set((self.limit.get() / 2).max(1));
        self.quiet_until
            .set(self.quiet_until.get().max(Some(now + pause)));
    }

    /// The service found a body of this size too large.
    pub(super) fn found_too_large(&self, records: u64, bytes: u64) {
        if !self.is_too_large(bytes) {
            self.too_large.set(Some((records, bytes)));
        }
    }

    /// Records and bytes of the smallest one.
    pub(super) fn too_large(&self) -> Option<(u64, u64)> {
        self.too_large.get()
    }

    /// Whether a body of this size would be too large again.
    pub(super) fn is_too_large(&self, bytes: u64) -> bool {
        let found = self.too_large.get();
        found.is_some_and(|(_, too_large)| bytes >= too_large)
    }

    /// Waits until requests may leave again, or something stops the push.
    pub(super) async fn quiet(&self) {
        while let Some(until) = self.quiet_until.get()
            && !self.has_stopped()
        {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.quiet_until.set(None);
            } else {
                self.pause(left).await;
            }
        }
    }

    /// Waits so long, or until something stops the push.
    pub(super) async fn pause(&self, time: Duration) {
        let bell = std::pin::pin!(self.bell.notified());
        if !self.has_stopped() {
            future::select(bell, std::pin::pin!(tokio::time::sleep(time))).await;
        }
    }

    /// Room for a body of that size, if there is any now. It is given back when the permit is
    /// dropped.
    pub(super) fn room(&self, bytes: u64) -> Option<SemaphorePermit<'_>> {
        let units = u32::try_from(bytes.min(ROOM).div_ceil(UNIT)).ok()?;
        self.room.try_acquire_many(units).ok()
    }

    /// Nothing new starts from now on; pauses end.
    pub(super) fn stop(&self) {
        self.stopped.set(true);
        self.bell.notify_waiters();
    }

    /// Stops the push as a whole. The first reason stands.
    pub(super) fn halt_for(&self, reason: Halt) {
        self.halt.borrow_mut().get_or_insert(reason);
        self.stop();
    }

    /// What stopped the push as a whole.
    pub(super) fn halt(&self) -> Option<Halt> {
        self.halt.borrow().clone()
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
        let rate = Rate::new(8, None);
        let id = ImportId::new("a").unwrap();
        let arrived = |s| {
            rate.arrived(
                RecordRange { first: 1, last: 1 },
                &id,
                Duration::from_secs(s),
            )
        };
        assert_eq!(rate.limit(), 1);
        arrived(2);
        assert_eq!(rate.limit(), 8);
        rate.slow_down(Instant::now(), Duration::ZERO);
        rate.slow_down(Instant::now(), Duration::ZERO);
        assert_eq!(rate.limit(), 2);
        for _ in 0..STREAK {
            arrived(4);
        }
        assert_eq!(rate.limit(), 3);
        for _ in 0..20 * STREAK {
            arrived(4);
        }
        assert_eq!(rate.limit(), 8);
        for _ in 0..9 {
            rate.slow_down(Instant::now(), Duration::ZERO);
        }
        assert_eq!(rate.limit(), 1);
        assert!((3..=4).contains(&rate.usual().as_secs()));
    }

    #[test]
    fn sizes_that_were_too_large_once_are_not_tried_again() {
        let rate = Rate::new(1, None);
        assert!(!rate.is_too_large(1 << 40));
        rate.found_too_large(10, 1_000);
        rate.found_too_large(20, 2_000);
        assert!(rate.is_too_large(1_000) && !rate.is_too_large(999));
        assert_eq!(rate.too_large(), Some((10, 1_000)));
    }

    #[test]
    fn the_first_reason_to_halt_stands() {
        let rate = Rate::new(1, None);
        rate.halt_for(Halt::Launched("started".into()));
        rate.halt_for(Halt::Signal(crate::base::signals::Signal::Interrupt));
        assert_eq!(rate.halt(), Some(Halt::Launched("started".into())));
        assert!(rate.has_stopped());
    }
}
