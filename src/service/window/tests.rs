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
    let (first, mut window) = (clock.now(), Window::new(100 * SECOND, None));
    assert_eq!(window.left(&first), 90 * SECOND);
    clock.advance(10 * SECOND);
    window.may_have_opened(&clock.now());
    assert_eq!(window.left(&clock.now()), 90 * SECOND);
    window.may_have_opened(&first);
    assert_eq!(window.left(&clock.now()), 80 * SECOND);
    let over = [99, 100].map(|s| window.is_over(&first.plus(s * SECOND)));
    assert_eq!(over, [false, true]);
    clock.advance(5 * SECOND);
    window.may_have_opened(&clock.now());
    assert_eq!(window.left(&clock.now()), 75 * SECOND);
}

#[test]
fn no_request_begins_with_too_little_time() {
    let clock = Clock::manual();
    let mut window = Window::new(100 * SECOND, None);
    window.may_have_opened(&clock.now());
    clock.advance(86 * SECOND);
    assert_eq!(window.limit(&clock.now(), 3 * SECOND), Some(4 * SECOND));
    assert_eq!(window.limit(&clock.now(), 5 * SECOND), None);
    assert!(window.is_in_last_third(&clock.now()));
    clock.advance(4 * SECOND);
    assert_eq!(window.limit(&clock.now(), Duration::ZERO), None);
}

#[test]
fn what_is_known_moves_no_deadline_and_tells_which_launch_contradicts_it() {
    let clock = Clock::manual();
    let known = Some(WindowReading::Last);
    let mut windows =
        [None, Some(WindowReading::First), known].map(|of| Window::new(100 * SECOND, of));
    let first = clock.now();
    clock.advance(60 * SECOND);
    let second = clock.now();
    clock.advance(20 * SECOND);
    for window in &mut windows {
        window.may_have_opened(&first);
        window.may_have_opened(&second);
        window.was_accepted(&second);
        window.was_accepted(&first);
        assert_eq!(window.left(&clock.now()), 10 * SECOND);
        assert!(window.is_in_last_third(&clock.now()));
    }
    let from = windows.each_ref().map(Window::counts_from);
    assert_eq!(from, [first, first, second].map(Some));
    let ruled_out = |windows: &[Window; 3]| {
        let now = clock.now();
        windows
            .each_ref()
            .map(|window| window.is_launch_ruled_out(&now))
    };
    assert_eq!(ruled_out(&windows), [false, true, true]);
    clock.advance(20 * SECOND);
    assert_eq!(ruled_out(&windows), [false, false, true]);
    clock.advance(58 * SECOND);
    assert_eq!(ruled_out(&windows), [false, false, false]);
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

    /// A request that is given the time that `limit` allows arrives before the service can launch, under both
    /// readings and whichever is believed to be known; whatever became of the others, however many are under
    /// way at once, and whatever the wall clock is set to meanwhile.
    #[test]
    fn what_is_begun_ends_before_the_service_can_launch(
        debounce in 1u64..2_000,
        reading in prop_oneof![
            Just(None),
            Just(Some(WindowReading::First)),
            Just(Some(WindowReading::Last)),
        ],
        steps in proptest::collection::vec(
            (0u64..200_000, -86_400i64..86_400, 0.0..=1.0f64, 0.0..=1.0f64, 0..3u8),
            1..30,
        ),
    ) {
        let (clock, debounce) = (Clock::manual(), Duration::from_secs(debounce));
        let mut window = Window::new(debounce, reading);
        let mut passed = Duration::ZERO;
        let (mut under_way, mut arrived) = (Vec::new(), Vec::new());
        for (ms, shift, share, arrives, fate) in steps {
            let step = Duration::from_millis(ms);
            clock.advance(step);
            passed += step;
            if shift % 3 == 0 {
                clock.set_wall(clock.now().wall + jiff::SignedDuration::from_secs(shift));
            }
            under_way.retain(|(begun, ends, is_accepted)| {
                let is_over = *ends <= passed;
                if is_over {
                    window.may_have_opened(begun);
                }
                if is_over && *is_accepted {
                    window.was_accepted(begun);
                }
                !is_over
            });
            // As a request that is under way is held against the clocks.
            let begun = clock.now();
            let mut own = window.clone();
            own.may_have_opened(&begun);
            under_way.iter().for_each(|(begun, ..)| own.may_have_opened(begun));
            let Some(limit) = own.limit(&begun, Duration::ZERO) else {
                continue;
            };
            let took = limit.mul_f64(share);
            // Accepted; taken, and the answer lost; lost.
            if fate < 2 {
                arrived.push(passed + took.mul_f64(arrives));
            }
            under_way.push((begun, passed + took, fate == 0));
        }
        arrived.sort();
        let all = arrived.last().zip(arrived.first());
        prop_assert!(all.is_none_or(|(last, first)| *last - *first < debounce), "{arrived:?}");
    }
}
