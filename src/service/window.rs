//! The arithmetic of a replace's window: pure, the clock passed in.
//!
//! Qobra documents `debounce` as the seconds that it waits before it launches an import, so that a
//! large replace can be split over several requests. Whether they count from the first or from the
//! last request is not documented. What holds under both readings: every request is accepted before
//! the start of the first one that may have reached the service + debounce. A request that comes
//! later may open a new window, and its import would delete what the first one loaded: it is never
//! sent.
//!
//! What a probe found of that moves no deadline: a service that counts otherwise by now, or holds its imports
//! in a queue so that nothing shows what it does, would delete what was sent. It tells from when the table may
//! be expected to change, and which launch contradicts it.

use std::time::Duration;

use super::facts::WindowReading;
use crate::base::clock::Moment;

/// A launch that is earlier than a reading allows by less than this contradicts nothing: the service tells
/// whole seconds.
pub(crate) const EARLY: Duration = Duration::from_secs(2);

/// What one request is expected to take where nothing better is known.
pub(crate) const CHUNK_TIME: Duration = Duration::from_secs(5);

/// The least time in which a request is still begun.
const LEAST: Duration = Duration::from_secs(1);

/// What is kept free at the window's end: a tenth of it, between 0.2 s and 30 s.
pub(crate) fn margin(debounce: Duration) -> Duration {
    (debounce / 10).clamp(Duration::from_millis(200), Duration::from_secs(30))
}

/// How long a push of so many chunks is expected to take: the first one alone, then `jobs` at once.
pub(crate) fn expected(chunks: u64, jobs: u64, chunk_time: Duration) -> Duration {
    let rounds = 1 + chunks.saturating_sub(1).div_ceil(jobs.max(1));
    chunk_time.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
}

/// Whether a push that takes so long ends within the window, the margin kept.
pub(crate) fn fits(expected: Duration, debounce: Duration) -> bool {
    expected.saturating_add(margin(debounce)) <= debounce
}

/// A debounce that would do for a push that takes so long: the smallest that fits, rounded up to
/// whole minutes.
pub(crate) fn debounce_for(expected: Duration) -> Duration {
    let mut minutes = expected.as_secs() / 60;
    loop {
        minutes += 1;
        let debounce = Duration::from_secs(60 * minutes);
        if fits(expected, debounce) {
            return debounce;
        }
    }
}

/// The window of a replace that is being sent.
#[derive(Clone, Debug)]
pub(crate) struct Window {
    debounce: Duration,
    /// From which request it counts, where that is known.
    reading: Option<WindowReading>,
    opened: Option<Moment>,
    /// When the last request began that was accepted.
    moved: Option<Moment>,
}

impl Window {
    /// A window that no request has opened yet.
    pub(crate) fn new(debounce: Duration, reading: Option<WindowReading>) -> Self {
        Self {
            debounce,
            reading,
            opened: None,
            moved: None,
        }
    }

    /// The same where its reading is not known any more.
    pub(crate) fn under_both(self) -> Self {
        Self {
            reading: None,
            ..self
        }
    }

    /// How long the service waits.
    pub(crate) fn debounce(&self) -> Duration {
        self.debounce
    }

    /// When the first request began that may have reached the service.
    pub(crate) fn opened(&self) -> Option<&Moment> {
        self.opened.as_ref()
    }

    /// When the last request began that was accepted, where the window is known to count from that.
    pub(crate) fn moved(&self) -> Option<Moment> {
        self.moved
            .filter(|_| self.reading == Some(WindowReading::Last))
    }

    /// From when the service counts at the earliest, as far as that is known.
    pub(crate) fn counts_from(&self) -> Option<Moment> {
        self.moved().or(self.opened)
    }

    /// A request that began then may have reached the service. The earliest one counts, whenever
    /// its answer came.
    pub(crate) fn may_have_opened(&mut self, at: &Moment) {
        if self
            .opened
            .as_ref()
            .is_none_or(|opened| is_before(at, opened))
        {
            self.opened = Some(*at);
        }
    }

    /// A request that began then was answered as accepted. The latest one counts, from its start on: nobody
    /// knows when it arrived.
    pub(crate) fn was_accepted(&mut self, at: &Moment) {
        if self.moved.as_ref().is_none_or(|moved| is_before(moved, at)) {
            self.moved = Some(*at);
        }
    }

    /// How long until no request may be under way any more.
    pub(crate) fn left(&self, now: &Moment) -> Duration {
        let whole = self.debounce.saturating_sub(margin(self.debounce));
        let passed = (self.opened).map_or(Duration::ZERO, |opened| opened.elapsed_at_most(now));
        whole.saturating_sub(passed)
    }

    /// Whether the service may have launched by now, where it counts from the first request.
    pub(crate) fn is_over(&self, now: &Moment) -> bool {
        let passed = self.opened.map(|opened| opened.elapsed_at_most(now));
        passed.is_some_and(|passed| passed >= self.debounce)
    }

    /// Whether the reading that was taken for known rules out that the service has launched by now.
    pub(crate) fn is_launch_ruled_out(&self, now: &Moment) -> bool {
        let earliest = self.debounce.saturating_sub(EARLY);
        let from = self.counts_from().filter(|_| self.reading.is_some());
        from.is_some_and(|from| from.elapsed_at_most(now) < earliest)
    }

    /// How long a request may take that begins now; none where there is too little time for one.
    /// `usual` is what requests took so far.
    pub(crate) fn limit(&self, now: &Moment, usual: Duration) -> Option<Duration> {
        let left = self.left(now);
        (left >= self.least().max(usual)).then_some(left)
    }

    /// Whether so much time has passed that the import should be looked at.
    pub(crate) fn is_in_last_third(&self, now: &Moment) -> bool {
        self.opened.is_some() && self.left(now) < self.debounce / 3
    }

    /// A second, or less in a window so short, as rehearsals have them, that it would be most of it.
    fn least(&self) -> Duration {
        LEAST.min(self.debounce / 4)
    }
}

/// The wall clock may have been set in between; within one boot the other one tells.
fn is_before(one: &Moment, other: &Moment) -> bool {
    match one.boot_id == other.boot_id {
        true => one.boot < other.boot,
        false => one.wall < other.wall,
    }
}

#[cfg(test)]
mod tests;
