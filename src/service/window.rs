//! The arithmetic of a replace's window: pure, the clock passed in.
//!
//! Qobra documents `debounce` as the seconds that it waits before it launches an import, so that a
//! large replace can be split over several requests. Whether they count from the first or from the
//! last request is not documented. What holds under both readings: every request is accepted before
//! the start of the first one that may have reached the service + debounce. A request that comes
//! later may open a new window, and its import would delete what the first one loaded: it is never
//! sent.

use std::time::Duration;

use crate::base::clock::Moment;

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
    opened: Option<Moment>,
}

impl Window {
    /// A window that no request has opened yet.
    pub(crate) fn new(debounce: Duration) -> Self {
        Self {
            debounce,
            opened: None,
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

    /// A request that began then may have reached the service. The earliest one counts, whenever
    /// its answer came.
    pub(crate) fn may_have_opened(&mut self, at: &Moment) {
        // The wall clock may have been set in between; within one boot the other one tells.
        let is_earlier = |opened: &Moment| match at.boot_id == opened.boot_id {
            true => at.boot < opened.boot,
            false => at.wall < opened.wall,
        };
        if self.opened.as_ref().is_none_or(is_earlier) {
            self.opened = Some(*at);
        }
    }

    /// How long until no request may be under way any more.
    pub(crate) fn left(&self, now: &Moment) -> Duration {
        let whole = self.debounce.saturating_sub(margin(self.debounce));
        match &self.opened {
            None => whole,
            Some(opened) => whole.saturating_sub(opened.elapsed_at_most(now)),
        }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::clock::Clock;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn qobras_own_example_fits() {
        let expected = expected(60, 4, CHUNK_TIME);
        assert_eq!(expected, Duration::from_secs(80));
        assert!(fits(expected, Duration::from_secs(900)));
        assert_eq!(debounce_for(expected), Duration::from_secs(120));
    }

    #[test]
    fn margins() {
        let margins = [1, 2, 60, 300, 900].map(|s| margin(Duration::from_secs(s)).as_millis());
        assert_eq!(margins, [200, 200, 6_000, 30_000, 30_000]);
    }

    #[test]
    fn the_window_counts_from_the_earliest_request_that_may_have_arrived() {
        let clock = Clock::manual();
        let (first, mut window) = (clock.now(), Window::new(100 * SECOND));
        assert_eq!(window.left(&first), 90 * SECOND);
        clock.advance(10 * SECOND);
        window.may_have_opened(&clock.now());
        assert_eq!(window.left(&clock.now()), 90 * SECOND);
        window.may_have_opened(&first);
        assert_eq!(window.left(&clock.now()), 80 * SECOND);
        clock.advance(5 * SECOND);
        window.may_have_opened(&clock.now());
        assert_eq!(window.left(&clock.now()), 75 * SECOND);
    }

    #[test]
    fn no_request_begins_with_too_little_time() {
        let clock = Clock::manual();
        let mut window = Window::new(100 * SECOND);
        window.may_have_opened(&clock.now());
        clock.advance(86 * SECOND);
        assert_eq!(window.limit(&clock.now(), 3 * SECOND), Some(4 * SECOND));
        assert_eq!(window.limit(&clock.now(), 5 * SECOND), None);
        assert!(window.is_in_last_third(&clock.now()));
        clock.advance(4 * SECOND);
        assert_eq!(window.limit(&clock.now(), Duration::ZERO), None);
    }

    proptest! {
        #[test]
        fn the_named_debounce_always_does(chunks in 1u64..5_000, jobs in 1u64..64, ms in 1u64..60_000) {
            let expected = expected(chunks, jobs, Duration::from_millis(ms));
            let debounce = debounce_for(expected);
            prop_assert!(fits(expected, debounce));
            prop_assert_eq!(debounce.as_secs() % 60, 0);
            let less = debounce.saturating_sub(Duration::from_secs(60));
            prop_assert!(!fits(expected, less));
        }

        /// Under both readings of the service: a request that is given the time that `limit` allows
        /// is answered before the service can launch, whatever the wall clock is set to meanwhile.
        #[test]
        fn what_is_begun_ends_before_the_service_can_launch(
            debounce in 1u64..2_000,
            steps in proptest::collection::vec((0u64..200_000, -86_400i64..86_400), 1..20),
        ) {
            let clock = Clock::manual();
            let mut window = Window::new(Duration::from_secs(debounce));
            window.may_have_opened(&clock.now());
            let mut truly_passed = Duration::ZERO;
            for (ms, shift) in steps {
                let step = Duration::from_millis(ms);
                clock.advance(step);
                truly_passed += step;
                if shift % 3 == 0 {
                    clock.set_wall(clock.now().wall + jiff::SignedDuration::from_secs(shift));
                }
                if let Some(limit) = window.limit(&clock.now(), Duration::ZERO) {
                    prop_assert!(truly_passed + limit < Duration::from_secs(debounce));
                }
            }
        }
    }
}
