//! Which payloads count, and which go.

use super::payload::Payload;
use crate::runs::history::{History, PastRun};
use crate::runs::journal::{Journal, RunState};
use crate::runs::state::{RunDir, RunId};

/// Whether a run's payload is what a good replace put into its table.
pub(crate) fn is_counted(run: &PastRun) -> bool {
    run.journal.is_good_replace() && Payload::of(&run.dir).exists()
}

/// The bytes that a run's payload takes; none where there is none.
pub(crate) fn bytes(run: &RunDir) -> Option<u64> {
    Payload::of(run).disk_bytes()
}

/// Removes a run's payload.
pub(crate) fn remove(run: &RunDir) {
    // What cannot be removed now goes with a later push, or with its run.
    let _ = Payload::of(run).remove();
}

/// When a run has ended: its payload stays where it counts, or where the run may go on. A good one of a
/// run that keeps so many takes the place of the oldest; but never of the last one that was followed to a
/// good end: later ones were accepted, and nobody knows yet what the service made of them.
pub(crate) fn settle(earlier: &History, run: &RunDir, keep: Option<u64>) {
    let Ok(journal) = Journal::read(&run.journal_path()) else {
        return;
    };
    if !journal.is_good_replace() {
        if journal.is_finished() {
            remove(run);
        }
        return;
    }
    let Some(keep) = keep else { return };
    let own = usize::from(Payload::of(run).exists());
    let others = earlier.runs().iter();
    let others = others.filter(|other| other.dir.id() != run.id() && is_counted(other));
    let mut others: Vec<_> = others.collect();
    // What the table went back to is as new as that.
    others.sort_by_key(|other| std::cmp::Reverse(last_use(earlier, other)));
    let most = usize::try_from(keep).unwrap_or(usize::MAX);
    let mut has_followed = own > 0 && journal.is_followed();
    for (newer, old) in others.iter().enumerate() {
        let is_last_followed = !has_followed && old.journal.is_followed();
        has_followed |= is_last_followed;
        if newer >= most.saturating_sub(own) && !is_last_followed {
            remove(&old.dir);
        }
    }
}

/// The last run that put the content of this one into the table.
fn last_use<'a>(history: &'a History, run: &'a PastRun) -> &'a RunId {
    let mut uses = history.runs().iter().rev();
    let last = uses.find(|other| other.origin() == run.dir.id() && other.journal.is_good_replace());
    last.unwrap_or(run).dir.id()
}

/// Whether a run tells of a payload that counts: its own, or the one that it went back to.
pub(crate) fn is_needed(history: &History, run: &PastRun) -> bool {
    let origin = history.run(run.origin());
    run.journal.is_good_replace() && origin.is_some_and(is_counted)
}

/// Removes the payloads of runs that are over and were no good replaces, and what a kill left of one.
pub(crate) fn tidy(history: &History) {
    for (run, state) in history.states(None) {
        let is_over = run.journal.is_finished() || state == RunState::Superseded;
        let is_whole = Payload::of(&run.dir).exists();
        if is_over && !(is_whole && run.journal.is_good_replace()) {
            remove(&run.dir);
        }
    }
}
