//! How a run that was interrupted goes on: a decision over its journal, the clock passed in.
//!
//! A replace goes on only while its own window is open for sure. Else all of it is sent anew, once
//! the old one is over at the service: a request in a second window would delete what the first one
//! loaded.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::base::clock::Moment;
use crate::base::model::{ImportId, RecordRange};
use crate::runs::journal::{Journal, Resumption};
use crate::service::facts::WindowReading;
use crate::service::window::{self, Window};

/// How a run goes on.
#[derive(Clone, Debug)]
pub(crate) struct Decision {
    /// Whether what is missing will do.
    pub how: Resumption,
    /// What is sent, in order.
    pub ranges: Vec<RecordRange>,
    /// The time in which it must arrive.
    pub window: Option<Window>,
    /// The imports that were given, the first in time first, where their window goes on.
    pub imports: Vec<ImportId>,
    /// What is sent again after a request that may have been applied, in the same window.
    pub doubtful: Vec<RecordRange>,
    /// Records and requests that were accepted before and still count.
    pub before: (u64, u64),
    /// Whether the run may have touched the table already.
    pub has_touched: bool,
}

impl Decision {
    /// Whether all of a replace is sent anew. Nothing of the old one may be waiting at the service
    /// when the new one begins.
    pub(crate) fn is_anew(&self) -> bool {
        self.how == Resumption::Everything
    }
}

/// The window of a run, as its attempts show it.
pub(crate) fn window(
    journal: &Journal,
    debounce: Duration,
    reading: Option<WindowReading>,
) -> Window {
    let mut window = Window::new(debounce, reading);
    if let Some(opened) = journal.first_possibly_applied() {
        window.may_have_opened(&opened);
    }
    for attempt in journal.attempts() {
        if attempt.import().is_some() {
            window.was_accepted(&attempt.at);
        }
    }
    window
}

/// Whether a launch of a run's import that is seen now is ruled out by what is known of its window.
pub(crate) fn is_launch_early(
    journal: &Journal,
    reading: Option<WindowReading>,
    now: &Moment,
) -> bool {
    let debounce = journal.plan().mode.window();
    debounce.is_some_and(|debounce| window(journal, debounce, reading).is_launch_ruled_out(now))
}

/// Decides how an open run goes on. Its window counts as the run took it to count.
pub(crate) fn decide(journal: &Journal, now: &Moment, reading: Option<WindowReading>) -> Decision {
    let missing = journal.missing();
    let Some(debounce) = journal.plan().mode.window() else {
        // An upsert has no window; a replace without one is a single request, that holds all.
        return go_on(journal, missing, None);
    };
    if journal.is_sealed() {
        // Only the end was not written down.
        return go_on(journal, missing, None);
    }
    let requests = journal.plan().chunks.len().max(missing.len());
    let new_window = (requests > 1).then(|| Window::new(debounce, reading));
    let Some(opened) = journal.first_possibly_applied() else {
        return go_on(journal, missing, new_window);
    };
    let window = window(journal, debounce, reading);
    let is_open = opened.clocks_agree(now)
        && has_room(journal, missing.len() as u64, window.left(now), debounce)
        && !has_launched(journal);
    if is_open {
        return go_on(journal, missing, Some(window));
    }
    Decision {
        how: Resumption::Everything,
        ranges: journal.all(),
        window: new_window,
        imports: Vec::new(),
        doubtful: Vec::new(),
        before: (0, 0),
        has_touched: journal.is_possibly_applied(),
    }
}

fn go_on(journal: &Journal, missing: Vec<RecordRange>, window: Option<Window>) -> Decision {
    Decision {
        how: Resumption::Missing,
        ranges: missing,
        window,
        imports: journal.imports_in_time().cloned().collect(),
        doubtful: journal.doubtful(),
        before: accepted(journal),
        has_touched: journal.is_possibly_applied(),
    }
}

/// Whether there is time for what is missing; where nothing is, for a last look at the import.
fn has_room(journal: &Journal, missing: u64, left: Duration, debounce: Duration) -> bool {
    let options = &journal.plan().options;
    let expected = window::expected(missing, options.jobs, options.chunk_time);
    match missing {
        0 => !left.is_zero(),
        _ => left >= expected.min(debounce / 4),
    }
}

/// Whether the service was seen to run the import, or a push ended because of that: then its window
/// is over, whatever the clock says.
fn has_launched(journal: &Journal) -> bool {
    let end = journal.end();
    journal.has_launched()
        || (journal.is_complete() && end.is_some_and(|end| end.table_state == "at_risk"))
}

/// Records and requests that were accepted.
fn accepted(journal: &Journal) -> (u64, u64) {
    let mut seen = BTreeSet::<RecordRange>::new();
    let attempts = journal.attempts().iter();
    let accepted = attempts.filter(|attempt| attempt.import().is_some());
    let records = accepted
        .filter(|attempt| seen.insert(attempt.range))
        .map(|attempt| attempt.records)
        .sum();
    (records, seen.len() as u64)
}
