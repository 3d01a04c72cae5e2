//! Thousands of pushes, kills, clock tricks and resumes in simulated time, judged by the table.
//!
//! The real sending, journal and resume decision against the sandbox's model. Everything random
//! comes from one number: a failure prints it with what happened, and
//! `QOBRA_PUSH_TEST_SEED=NUMBER` repeats it alone. `QOBRA_PUSH_TEST_SIMULATIONS=20000` runs more.

mod input;
/// Faults on a fifth of all answers.
mod faulty;
mod habits;
mod law;
mod machine;
/// Pauses: the clock they run on, and what a service that asks for less gets.
mod pauses;
/// What a push does that knows from which request its window counts.
mod reading;
mod service;
mod stage;
mod tally;
/// What a push does while its window is open.
mod window;
mod words;

use std::sync::atomic::{AtomicU64, Ordering};

/// Simulations in a usual run of the tests.
const USUAL: u64 = 1_500;

#[test]
fn the_table_is_right_whatever_happens() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let tally = tally::Tally::default();
    if let Some(seed) = number("QOBRA_PUSH_TEST_SEED") {
        law::simulation(seed, &tally);
        return;
    }
    let count = number("QOBRA_PUSH_TEST_SIMULATIONS").unwrap_or(USUAL);
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < count
                {
                    law::simulation(seed, &tally);
                }
            });
        }
    });
    tally.check(count);
}
