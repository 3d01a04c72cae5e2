//! Waiting until earlier replaces of the table are over at the service.
//!
//! A request inside another replace's open window would mix with it or be wiped by it, with every
//! answer a good one. So nothing is sent until then, whatever the mode.

use std::time::Duration;

use tokio::time::Instant;

use crate::base::clock::{Clock, Moment};
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::push::send::Means;
use crate::runs::history::{History, Pending};
use crate::runs::journal::{Journal, JournalWriter, Line};
use crate::runs::resumption;
use crate::service::Service;
use crate::service::facts::WindowReading;

/// The first and the longest pause between two looks at an import; backoff lies between them.
const PAUSES: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(15));

/// Says at once that, and until when, the push will wait; nothing where it need not.
pub(crate) fn announce(
    history: &History,
    now: &Moment,
    events: &Events,
    until: impl Fn(Duration) -> String,
) {
    let Some(pending) = history.pending(now) else {
        return;
    };
    let (run, left) = (&pending.run, pending.remaining);
    let sent = format!(
        "may still be waiting at the service: nothing is sent before {} (in {})",
        until(left),
        display::time(left)
    );
    // Where the service counts from the first request, as a probe found.
    let sooner = match pending.expected {
        expected if expected < left => {
            format!(", which is to be expected from {} on", until(expected))
        }
        _ => String::new(),
    };
    match pending.unreadable {
        // An attempt without an answer has an import that nobody can ask for.
        None => events.note(match pending.imports.is_empty() {
            false => format!(
                "an earlier replace of this table (run {run}) {sent} unless all of it is seen to run\
                 {sooner}"
            ),
            true => format!(
                "an earlier replace of this table (run {run}) {sent}: what has no \
                 answer here cannot be asked for, and only the time tells"
            ),
        }),
        // The wait may be days long, and somebody must look.
        Some((why, hint)) => {
            events.emit(Event::Alarm {
                message: format!("run {run} of this table: {why}. A replace of it {sent}"),
                hint,
            });
        }
    }
}

/// Waits until no window of a probe can be open at the service any more.
pub(crate) async fn wait_for_probe(open: Option<Duration>, events: &Events) {
    let end = Instant::now() + open.unwrap_or_default();
    loop {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return;
        }
        events.emit(Event::Waiting { left });
        tokio::time::sleep(left.min(PAUSES.1)).await;
    }
}

/// Waits until no earlier replace of the table can be waiting at the service any more. Whether one was seen
/// to run when that is ruled out by what is known of windows.
pub(crate) async fn wait<S: Service>(history: &mut History, means: &Means<'_, S>) -> bool {
    let mut is_early = false;
    let (begun, at_first) = (Instant::now(), history.pending(&means.clock.now()));
    let most = at_first.map(|pending| pending.remaining);
    let mut pause = PAUSES.0;
    while let Some(pending) = history.pending(&means.clock.now()) {
        is_early |= look(history, &pending, means).await;
        if is_early {
            // What does not hold makes no wait shorter.
            history.reading = None;
        }
        let Some(pending) = history.pending(&means.clock.now()) else {
            break;
        };
        // A wall clock that was set back makes the wait no longer than it can have been at first.
        let most = most.unwrap_or_default().saturating_sub(begun.elapsed());
        let left = pending.remaining.min(most);
        if left.is_zero() {
            break;
        }
        means.events.emit(Event::Waiting { left });
        tokio::time::sleep(pause.min(left)).await;
        pause = (pause * 3 / 2).min(PAUSES.1);
    }
    is_early
}

/// Asks for the imports of a replace that is taken up again, and writes down what they show: the service may
/// have begun them, whatever the clocks here say. Whether it has although that is ruled out by what is known of
/// the window.
pub(crate) async fn ask<S: Service>(
    journal: &mut Journal,
    writer: &JournalWriter,
    (service, reading): (&S, Option<WindowReading>),
    clock: &Clock,
    events: &Events,
) -> bool {
    let imports: Vec<_> = journal.imports_in_time().cloned().collect();
    for id in imports {
        match service.import(&id).await {
            Ok(import) => {
                let has_launched = import.status.has_launched();
                let is_early =
                    has_launched && resumption::is_launch_early(journal, reading, &clock.now());
                let line = Line::glimpse(&id, import.status.word(), clock.now());
                journal.apply(&line);
                // A note for later runs only.
                let _ = writer.append(&line);
                if has_launched {
                    // Its window is over, whatever the others show.
                    return is_early;
                }
            }
            // Without an answer the clock alone decides.
            Err(error) => {
                events.warn(
                    format!("import {id} cannot be looked at before the push goes on: {error}"),
                    None,
                );
                return false;
            }
        }
    }
    false
}

/// Asks for the imports of a replace that waits, until one is found that does. That one has been
/// launched is noted in the run's own journal too. Whether one was launched too early for what is known.
async fn look<S: Service>(history: &mut History, pending: &Pending, means: &Means<'_, S>) -> bool {
    let mut is_early = false;
    for id in &pending.imports {
        // Without an answer the clock alone decides.
        let Ok(import) = means.service.import(id).await else {
            return is_early;
        };
        let line = Line::glimpse(id, import.status.word(), means.clock.now());
        history.apply(&pending.run, &line);
        if !import.status.has_launched() {
            return is_early;
        }
        let past = history.run(&pending.run);
        is_early |= past.is_some_and(|past| {
            resumption::is_launch_early(&past.journal, history.reading, &means.clock.now())
        });
        if let Some(past) = past
            && let Ok((writer, _)) =
                JournalWriter::open_append(&past.dir.journal_path(), means.clock.clone())
        {
            // A note for later runs only: without it they wait as long as the clock says.
            let _ = writer.append(&line);
        }
    }
    is_early
}
