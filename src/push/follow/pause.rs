//! How long to wait before the imports are asked for again: exponential backoff (half as long again
//! each time, from 1 s to 15 s) with a quarter of jitter. Pure arithmetic.

use std::time::Duration;

/// The first pause, and the longest.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// How much of a pause is left to chance, so that many clients do not ask together.
const JITTER: f64 = 0.25;

/// How long before the time is up the last look is taken.
const LAST_LOOK: Duration = Duration::from_secs(1);

/// The pause after a round, from 0. `early` is the time in which nothing can start, `chance` a random
/// number in `0.0..1.0`.
pub(super) fn between(round: u32, early: Duration, chance: f64) -> Duration {
    let (first, longest) = PAUSES;
    if !early.is_zero() {
        // Asking more often cannot show anything new; the first look after it is not put off.
        return early.clamp(first, longest);
    }
    let grown = first.as_secs_f64() * 1.5_f64.powi(i32::try_from(round).unwrap_or(i32::MAX));
    let grown = grown.min(longest.as_secs_f64());
    Duration::from_secs_f64(grown * (1.0 - JITTER * chance.clamp(0.0, 1.0)))
}

/// A pause within the time that is left, so that there is a look at its end: a pause of several
/// seconds would miss what ends in it. Not where the service asked for a longer one.
pub(super) fn within(pause: Duration, asked: Duration, left: Duration) -> Duration {
    match left.checked_sub(LAST_LOOK) {
        Some(last) if pause >= left && asked <= last && !last.is_zero() => last,
        _ => pause,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    #[test]
    fn pauses_grow_from_one_second_to_fifteen() {
        let longest = [0, 1, 2, 6, 7, 40, u32::MAX].map(|n| between(n, Duration::ZERO, 0.0));
        let longest = longest.map(|pause| pause.as_secs_f64());
        assert_eq!(longest, [1.0, 1.5, 2.25, 11.390_625, 15.0, 15.0, 15.0]);
        assert_eq!(between(0, Duration::ZERO, 1.0).as_secs_f64(), 0.75);
        assert_eq!(between(40, Duration::ZERO, 0.5).as_secs_f64(), 13.125);
    }

    #[test]
    fn before_anything_can_start_they_are_long() {
        assert_eq!(between(0, seconds(900), 1.0), seconds(15));
        assert_eq!(between(0, seconds(15), 1.0), seconds(15));
        assert_eq!(between(9, seconds(4), 0.5), seconds(4));
        assert_eq!(between(9, Duration::from_millis(1), 0.5), seconds(1));
    }

    #[test]
    fn there_is_a_look_shortly_before_the_time_is_up() {
        let none = Duration::ZERO;
        assert_eq!(within(seconds(15), none, seconds(16)), seconds(15));
        assert_eq!(within(seconds(15), none, seconds(15)), seconds(14));
        assert_eq!(within(seconds(15), none, seconds(3)), seconds(2));
        assert_eq!(within(seconds(15), none, seconds(1)), seconds(15));
        assert_eq!(within(seconds(15), none, none), seconds(15));
        assert_eq!(within(seconds(60), seconds(60), seconds(20)), seconds(60));
        assert_eq!(within(seconds(15), seconds(5), seconds(10)), seconds(9));
        assert_eq!(within(seconds(15), none, Duration::MAX), seconds(15));
    }
}
