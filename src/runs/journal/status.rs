//! What became of a run, and whether it still stands in another one's way.

use std::fmt;
use std::time::Duration;

use super::entry::{PossibleEnd, SeenImport};
use super::line::EndLine;
use super::view::Journal;
use crate::base::clock::Moment;
use crate::base::exit::Exit;
use crate::base::model::{ImportId, Mode, TableState};
use crate::runs::changes::Delivered;
use crate::service::facts::WindowReading;
use crate::service::window::EARLY;

/// A replace that may still be waiting at the service for its window to end: nothing else may be sent
/// to its table until then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PendingReplace {
    /// What the service was told to wait.
    pub debounce: Duration,
    /// When each of its attempts is over at the latest.
    pub ends: Vec<PossibleEnd>,
    /// The run's distinct imports, in the order of the records. Asking for them may show that it is over
    /// earlier: [`Journal::apply`] what was seen and ask the journal again.
    pub imports: Vec<ImportId>,
    /// The first of them in time.
    pub first_import: Option<ImportId>,
    /// Where each attempt surely falls into the window of the first one, when those ended that were accepted:
    /// the window was open by then. None where that is not known.
    pub opened_by: Vec<Moment>,
}

impl PendingReplace {
    /// How long it may still be waiting: zero once it is over on all clocks.
    pub(crate) fn remaining(&self, now: &Moment, margin: Duration) -> Duration {
        let window = self.debounce.saturating_add(margin);
        let left = self.ends.iter().map(|end| {
            let needed = end.within.saturating_add(window);
            needed.saturating_sub(end.after.elapsed_at_least(now))
        });
        left.max().unwrap_or_default()
    }

    /// How long it is to be expected to wait, which is less where its window is known to count from the first
    /// request.
    pub(crate) fn expected(&self, now: &Moment, margin: Duration) -> Duration {
        let window = self.debounce.saturating_add(margin);
        let opened = self.opened_by.iter();
        let left = opened.map(|at| window.saturating_sub(at.elapsed_at_least(now)));
        let most = self.remaining(now, margin);
        left.min().map_or(most, |left| left.min(most))
    }
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RunState {
    /// The run ended before anything can have been sent, and nobody said so: a kill.
    Planned,
    /// The run is under way.
    Running,
    /// The run ended in the middle, and nobody said so: a kill.
    Interrupted,
    /// All was accepted.
    Done,
    /// The run failed, and the table was not touched.
    Untouched,
    /// The run failed, and the table may hold something incomplete.
    AtRisk,
    /// The run was never finished, and a later run's data must not be overwritten now.
    Superseded,
}

impl fmt::Display for RunState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Planned => "planned",
            Self::Running => "running",
            Self::Interrupted => "interrupted",
            Self::Done => "done",
            Self::Untouched => "untouched",
            Self::AtRisk => "at_risk",
            Self::Superseded => "superseded",
        })
    }
}

impl Journal {
    /// How the run ended; none while it runs, and after a kill.
    pub(crate) fn end(&self) -> Option<&EndLine> {
        self.end.as_ref()
    }

    /// What was seen of the run's imports, in the order in which they were first seen.
    pub(crate) fn imports(&self) -> &[SeenImport] {
        &self.imports
    }

    pub(super) fn import_seen(
        &mut self,
        id: ImportId,
        status: String,
        (has_error, is_over): (bool, bool),
        at: Moment,
    ) {
        let found = self.imports.iter().position(|import| import.id == id);
        let before = found.map(|place| &self.imports[place]);
        let waited_for = match status.as_str() {
            "scheduled" => self.settled(&at),
            _ => before.and_then(|import| import.waited_for),
        };
        let launched = before.and_then(|import| import.launched);
        let was_over = before.is_some_and(|import| import.is_over);
        let import = SeenImport {
            launched: launched
                .or_else(|| matches!(status.as_str(), "started" | "finished").then_some(at)),
            id,
            status,
            has_error,
            is_over: is_over || was_over,
            at,
            waited_for,
        };
        match found {
            Some(place) => self.imports[place] = import,
            None => self.imports.push(import),
        }
    }

    /// What was seen of an import.
    fn seen(&self, id: &ImportId) -> Option<&SeenImport> {
        self.imports.iter().find(|import| import.id == *id)
    }

    /// Whether an import was seen waiting when all attempts were over.
    fn has_waited_for_all(&self, id: &ImportId) -> bool {
        let seen = self.seen(id);
        seen.is_some_and(|import| import.waited_for == Some(self.steps()))
    }

    /// Whether all imports were seen to have begun.
    fn are_all_launched(&self) -> bool {
        let is_launched = |id: &ImportId| self.seen(id).is_some_and(|it| it.launched.is_some());
        let ids = self.import_ids();
        !ids.is_empty() && ids.into_iter().all(is_launched)
    }

    /// Whether the service was seen to have begun all of this run's imports, so that nothing of it waits
    /// there any more.
    ///
    /// A chunk without an answer may have an import that nobody knows: it has none of its own where it came
    /// into the window of the first one, which waited when all attempts were over.
    fn was_launched(&self) -> bool {
        let mut attempts = self.possibly_applied_attempts();
        let is_each_known = !self.has_gaps() && attempts.all(|a| a.import().is_some());
        let waited = |id: &ImportId| self.has_waited_for_all(id);
        self.are_all_launched() && (is_each_known || self.first_import().is_some_and(waited))
    }

    /// Whether each attempt surely falls into the window that the first one may have opened: as it counts
    /// from the first request, none of them can have opened another one.
    fn is_in_one_window(&self, debounce: Duration) -> bool {
        let Some(first) = self.first_possibly_applied() else {
            return false;
        };
        self.possible_ends().iter().all(|end| {
            let at = first.elapsed_at_most(&end.after);
            at.saturating_add(end.within) < debounce
        })
    }

    /// Whether the imports were seen launched, the first of them not before a window that counts from the first
    /// request ends: a service that was early once counts otherwise, and the rest may wait in a window of its own.
    fn is_launched_as_known(&self, debounce: Duration) -> bool {
        let Some(first) = self.first_possibly_applied() else {
            return false;
        };
        let import = self.first_import().and_then(|id| self.seen(id));
        let launched = import.and_then(|import| import.launched);
        let is_in_time = |at| first.elapsed_at_least(&at) >= debounce.saturating_sub(EARLY);
        launched.is_some_and(is_in_time) && self.are_all_launched()
    }

    /// Whether every chunk was accepted, and all imports were seen waiting after that: then all of them go
    /// live together, whatever became of the process that sent them. One that was seen to run before belies
    /// that for good.
    pub(crate) fn is_sealed(&self) -> bool {
        let is_at_risk =
            (self.end.as_ref()).is_some_and(|end| end.table_state == TableState::AtRisk.word());
        let mut ids = self.import_ids().into_iter();
        !is_at_risk && self.is_complete() && ids.all(|id| self.has_waited_for_all(id))
    }

    /// Whether the service was seen to have begun one of the run's imports.
    pub(crate) fn has_launched(&self) -> bool {
        self.imports.iter().any(|import| import.launched.is_some())
    }

    /// Whether every chunk was accepted.
    pub(crate) fn is_complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// Whether all was accepted, and every import was followed to its end: then nothing is left to be
    /// learned of it.
    pub(crate) fn is_followed(&self) -> bool {
        let is_over = |id: &ImportId| {
            let mut seen = self.imports.iter();
            seen.any(|import| import.id == *id && import.is_over)
        };
        self.is_complete() && self.import_ids().into_iter().all(is_over)
    }

    /// Whether a resume has nothing to do: all was accepted and the end was written, or the run
    /// failed without touching the table.
    pub(crate) fn is_finished(&self) -> bool {
        let Some(end) = &self.end else { return false };
        self.is_all_sent(end) || !self.is_possibly_applied()
    }

    pub(super) fn is_all_sent(&self, end: &EndLine) -> bool {
        // A signal while waiting hides what was seen until then; that a table is at risk stays.
        let is_at_risk = end.table_state == TableState::AtRisk.word();
        self.is_complete() && Exit::has_sent(end.exit_code) && !is_at_risk
    }

    /// Whether the run's data is older than what `other` put into the same table.
    pub(crate) fn is_superseded_by(&self, other: &Self) -> bool {
        let (mine, theirs) = (self.plan(), other.plan());
        mine.table == theirs.table
            && mine.base_url == theirs.base_url
            && mine.run < theirs.run
            && other.has_accepted()
    }

    /// What became of the run. `is_running`: it holds the table's lock. `others`: the table's other
    /// runs, of which only later ones matter.
    pub(crate) fn state<'a>(
        &self,
        is_running: bool,
        others: impl IntoIterator<Item = &'a Self>,
    ) -> RunState {
        if is_running {
            return RunState::Running;
        }
        if self.is_finished() {
            let is_done = self.end.as_ref().is_some_and(|end| self.is_all_sent(end));
            return match is_done {
                true => RunState::Done,
                false => RunState::Untouched,
            };
        }
        if others.into_iter().any(|other| self.is_superseded_by(other)) {
            return RunState::Superseded;
        }
        match (&self.end, self.is_possibly_applied()) {
            (Some(_), _) => RunState::AtRisk,
            (None, true) => RunState::Interrupted,
            (None, false) => RunState::Planned,
        }
    }

    /// The replace that may still be waiting at the service, if this run left one: whether it is
    /// over by now, [`PendingReplace::remaining`] tells. Where its window is known to count from the first
    /// request, that the imports that are known were launched is enough.
    pub(crate) fn pending_replace(&self, reading: Option<WindowReading>) -> Option<PendingReplace> {
        let Mode::Replace { debounce } = self.plan().mode else {
            return None;
        };
        let ends = match debounce.is_zero() {
            // One that nothing holds back waits as long as a request without an answer may be under way.
            true => self.unanswered_ends(),
            false => self.possible_ends(),
        };
        if ends.is_empty() || self.was_launched() {
            return None;
        }
        let is_one = reading == Some(WindowReading::First) && self.is_in_one_window(debounce);
        if is_one && self.is_launched_as_known(debounce) {
            return None;
        }
        let accepted = self.attempts().iter().filter(|a| a.import().is_some());
        let opened_by = accepted.filter_map(|a| a.answer.as_ref().map(|(at, _)| *at));
        Some(PendingReplace {
            opened_by: opened_by.filter(|_| is_one).collect(),
            debounce,
            ends,
            imports: self.import_ids().into_iter().cloned().collect(),
            first_import: self.first_import().cloned(),
        })
    }

    /// Whether the run was to leave its table with its input and nothing else: as a replace, or by what
    /// differs.
    pub(crate) fn is_whole(&self) -> bool {
        let plan = self.plan();
        plan.mode.is_replace() || plan.delivered() == Delivered::Equal
    }

    /// Whether this is a replace that a later one may be measured by: all chunks accepted, and no
    /// error seen.
    pub(crate) fn is_good_replace(&self) -> bool {
        let is_clean = self.imports.iter().all(|import| !import.has_error);
        let is_sent = self.end.as_ref().is_some_and(|end| self.is_all_sent(end));
        self.is_whole() && self.has_accepted() && is_sent && is_clean
    }
}
