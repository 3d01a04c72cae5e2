//! How a debounce is read, by times that are made.

use proptest::prelude::*;

use super::*;

const DEBOUNCE: f64 = 60.0;

/// What is seen of a window: requests at these times, imports that begin then, looks so often.
fn round(last: f64, begun: &[f64], look: f64) -> Round {
    let seen = |at: &f64| {
        let before = (at / look).floor() * look;
        (before, before + look)
    };
    Round {
        first: (0.0, 0.1),
        last: (last, last + 0.1),
        begun: begun.iter().map(seen).collect(),
        shown: begun.first().map(|at| at.floor()),
    }
}

/// A service that counts from the first or the last request, and queues imports for some time.
fn service(reading: WindowReading, late: f64, queue: f64) -> Round {
    let from = match reading {
        WindowReading::First => 0.05,
        WindowReading::Last => late + 0.05,
    };
    round(late, &[from + DEBOUNCE + queue], 1.0)
}

fn judged(control: &Round, rounds: [Round; 2]) -> Result<WindowReading, String> {
    reading(control, &rounds, DEBOUNCE)
}

#[test]
fn each_reading_is_found_with_any_constant_queue_that_lets_it_show() {
    for reading in [WindowReading::First, WindowReading::Last] {
        for queue in [0.0, 3.0, 20.0] {
            let rounds = [30.0, 48.0].map(|late| service(reading, late, queue));
            assert_eq!(
                judged(&service(reading, 0.2, queue), rounds),
                Ok(reading),
                "{queue}"
            );
        }
    }
}

#[test]
fn an_end_that_later_requests_move_a_bit_is_neither() {
    // The window ends with the last request's debounce, but no later than so much behind the first's.
    let capped = |cap: f64| {
        move |late: f64| {
            let end = (late + DEBOUNCE).min(cap * DEBOUNCE);
            round(late, &[end + 0.05], 1.0)
        }
    };
    let whole_seconds =
        |late: f64| round(late, &[DEBOUNCE + (late - 0.9_f64).max(0.0) + 0.05], 1.0);
    let at_most = |share: f64| move |late: f64| round(late, &[DEBOUNCE + late * share + 0.05], 1.0);
    let services: [&dyn Fn(f64) -> Round; 6] = [
        &capped(1.3),
        &capped(1.1),
        &capped(1.6),
        &at_most(0.2),
        &at_most(0.5),
        &at_most(0.9),
    ];
    for service in services {
        let judged = judged(&service(0.2), [30.0, 48.0].map(service));
        assert!(judged.is_err(), "{judged:?}");
    }
    // To the accuracy of a look it is the last one's.
    let judged = judged(&whole_seconds(0.2), [30.0, 48.0].map(whole_seconds));
    assert_ne!(judged, Ok(WindowReading::First));
}

#[test]
fn a_queue_longer_than_the_distance_settles_nothing() {
    let rounds = [30.0, 48.0].map(|late| service(WindowReading::First, late, 300.0));
    let control = service(WindowReading::First, 0.2, 300.0);
    assert!(
        judged(&control, rounds)
            .unwrap_err()
            .contains("fit neither")
    );
}

#[test]
fn imports_that_begin_one_by_one_are_named() {
    let rounds = [30.0, 48.0].map(|late| round(late, &[60.05, late + 60.05], 1.0));
    let error = judged(&service(WindowReading::First, 0.2, 0.0), rounds).unwrap_err();
    assert!(error.contains("by itself"), "{error}");
}

#[test]
fn an_import_before_its_time_settles_nothing() {
    let early = [30.0, 48.0].map(|late| round(late, &[late + 5.0], 1.0));
    let error = judged(&service(WindowReading::First, 0.2, 0.0), early).unwrap_err();
    assert!(error.contains("before its debounce was over"), "{error}");
}

#[test]
fn times_that_do_not_fit_what_was_seen_settle_nothing() {
    let mut rounds = [30.0, 48.0].map(|late| service(WindowReading::First, late, 0.0));
    rounds[1].shown = Some(3_660.0);
    let error = judged(&service(WindowReading::First, 0.2, 0.0), rounds.clone()).unwrap_err();
    assert!(error.contains("3660 s"), "{error}");
    rounds[1].shown = None;
    let control = service(WindowReading::First, 0.2, 0.0);
    assert_eq!(judged(&control, rounds), Ok(WindowReading::First));
}

proptest! {
    /// Whatever queues do to each import, what is settled is what the service does.
    #[test]
    fn no_queue_makes_a_wrong_answer(
        is_last in any::<bool>(),
        queues in proptest::array::uniform3(0.0f64..200.0),
        look in 0.1f64..5.0,
    ) {
        let is = if is_last { WindowReading::Last } else { WindowReading::First };
        let made = |late: f64, queue: f64| {
            let from = if is_last { late + 0.05 } else { 0.05 };
            round(late, &[from + DEBOUNCE + queue], look)
        };
        // A first-counting service whose queue grows by just the distances looks like one that counts from
        // the last: both coincidences at once, to a quarter of the distance, are left out.
        let [q0, q1, q2] = queues;
        let coincides = |q: f64, late: f64| (q - q0 - late).abs() < late / 2.0 + 2.0 * look;
        prop_assume!(is_last || !(coincides(q1, 30.0) && coincides(q2, 48.0)));
        let rounds = [made(30.0, q1), made(48.0, q2)];
        if let Ok(read) = reading(&made(0.2, q0), &rounds, DEBOUNCE) {
            prop_assert_eq!(read, is);
        }
    }
}
