//! The arithmetic of a replace's window: pure, without a clock.
//!
//! Qobra documents `debounce` as the seconds that it waits before it launches an import, so that a
//! large replace can be split over several requests. Whether they count from the first or from the
//! last request is not documented; a plan that holds under both readings has every request
//! accepted before the first one's start + debounce.

use std::time::Duration;

/// What one request is expected to take where nothing better is known.
pub const CHUNK_TIME: Duration = Duration::from_secs(5);

/// What is kept free at the window's end: a tenth of it, between 0.2 s and 30 s.
#[must_use]
pub fn margin(debounce: Duration) -> Duration {
    (debounce / 10).clamp(Duration::from_millis(200), Duration::from_secs(30))
}

/// How long a push of so many chunks is expected to take: the first one alone, then `jobs` at once.
#[must_use]
pub fn expected(chunks: u64, jobs: u64, chunk_time: Duration) -> Duration {
    let rounds = 1 + chunks.saturating_sub(1).div_ceil(jobs.max(1));
    chunk_time.saturating_mul(u32::try_from(rounds).unwrap_or(u32::MAX))
}

/// Whether a push that takes so long ends within the window, the margin kept.
#[must_use]
pub fn fits(expected: Duration, debounce: Duration) -> bool {
    expected + margin(debounce) <= debounce
}

/// A debounce that would do for a push that takes so long: the smallest that fits, rounded up to
/// whole minutes.
#[must_use]
pub fn debounce_for(expected: Duration) -> Duration {
    let mut minutes = expected.as_secs() / 60;
    loop {
        minutes += 1;
        let debounce = Duration::from_secs(60 * minutes);
        if fits(expected, debounce) {
            return debounce;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
    }
}
