//! The table's lock, waited for where the user wants that: another push from here has it.

use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::push::outcome::{Failure, clock_time};
use crate::runs::state::{Lock, LockError, TableDir};

/// How long until a lock that is held is tried for again. The system tells nobody that it is free but
/// who waits for it without an end.
const PAUSE: Duration = Duration::from_millis(250);

/// Takes the table, or waits for it at most so long.
pub(super) fn take(
    table: &TableDir,
    wait: Duration,
    (clock, events): (&Clock, &Events),
    pause: impl Fn(Duration),
) -> Result<Lock, Failure> {
    let begin = clock.now();
    let mut is_told = false;
    loop {
        let left = wait.saturating_sub(begin.elapsed_at_most(&clock.now()));
        let error = match table.lock(clock) {
            Err(error @ LockError::Held { .. }) if !left.is_zero() => error,
            taken => {
                if is_told {
                    events.emit(Event::Over);
                }
                return taken.map_err(|error| held(error, wait));
            }
        };
        if !is_told {
            is_told = true;
            let until = clock_time(begin.wall + wait, begin.wall);
            let wait = display::time(wait);
            events.note(format!("{error}; waiting for it until {until} ({wait})"));
            events.emit(Event::Locked { left });
        }
        pause(left.min(PAUSE));
    }
}

/// What is said of a table that cannot be had: of one that another push still has, for how long.
fn held(error: LockError, wait: Duration) -> Failure {
    let is_held = matches!(error, LockError::Held { .. });
    let mut failure = Failure::from(error);
    if let Some(problem) = failure
        .problems
        .first_mut()
        .filter(|_| is_held && !wait.is_zero())
    {
        let wait = display::time(wait);
        problem.message = format!("{}, after {wait} of waiting", problem.message);
    }
    failure
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::base::event::Event;
    use crate::base::model::TableKey;
    use crate::push::outcome::Exit;
    use crate::runs::state::StateDir;

    const WAIT: Duration = Duration::from_secs(2);

    /// Takes a table that another push has until it was paused so often. What came of it, how long it took,
    /// and what was told.
    fn taken(wait: Duration, free_after: u32) -> (Result<Lock, Failure>, Duration, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let state = StateDir::find(Some(folder.path()), &|_| None).unwrap();
        let table = state.table("https://q.test", &TableKey::new("deals").unwrap());
        let clock = Clock::manual();
        let other = RefCell::new(Some(table.lock(&clock).unwrap()));
        let told = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&told);
        let events = Events::new(move |event| {
            heard.lock().unwrap().push(match event {
                Event::Note(text) => text,
                Event::Locked { left } => format!("locked for {left:?}"),
                Event::Over => "over".to_owned(),
                other => panic!("{other:?}"),
            });
        });
        let pauses = Cell::new(0);
        let begin = clock.now();
        let outcome = take(&table, wait, (&clock, &events), |time| {
            clock.advance(time);
            pauses.set(pauses.get() + 1);
            if pauses.get() == free_after {
                other.take();
            }
        });
        let took = begin.elapsed_at_most(&clock.now());
        let told = told.lock().unwrap().clone();
        (outcome, took, told)
    }

    #[test]
    fn a_table_is_waited_for_and_that_is_told_once() {
        let (outcome, took, told) = taken(WAIT, 3);
        assert!(outcome.is_ok());
        assert_eq!(took, PAUSE * 3);
        assert_eq!(told[1..], ["locked for 2s", "over"]);
        assert!(told[0].contains("is running from this state folder (process "));
        assert!(told[0].contains("; waiting for it until "), "{told:?}");
    }

    #[test]
    fn the_wait_has_an_end() {
        let (outcome, took, told) = taken(WAIT, u32::MAX);
        let failure = outcome.unwrap_err();
        assert_eq!((failure.exit, took, told.len()), (Exit::Locked, WAIT, 3));
        assert_eq!(told[1..], ["locked for 2s", "over"]);
        let message = &failure.problems[0].message;
        assert!(message.ends_with(", after 2.0 s of waiting"), "{message}");
    }

    #[test]
    fn without_a_wait_nobody_waits() {
        let (outcome, took, told) = taken(Duration::ZERO, 1);
        let failure = outcome.unwrap_err();
        assert_eq!((failure.exit, took), (Exit::Locked, Duration::ZERO));
        assert!(told.is_empty());
        assert!(failure.problems[0].message.ends_with(')'));
    }
}
