//! What a new run and one that is taken up again share: the table's lock, its past, signals, and the
//! end of the receipt. No terminal is known here: what is to be shown leaves as an event.

use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use super::signals::{Farewell, Signals};
use super::turn;
use crate::base::clock::Clock;
use crate::base::disk;
use crate::base::display::{self, typed_path};
use crate::base::event::{Event, Events};
use crate::base::host;
use crate::base::model::TableKey;
use crate::base::signals::Interrupts;
use crate::push::outcome::{Failure, Outcome, clock_time};
use crate::push::receipt::Receipt;
use crate::push::{known, quiet};
use crate::runs::history::History;
use crate::runs::known::Known;
use crate::runs::state::{Lock, RunDir, RunId, StateDir, TableDir};
use crate::runs::{kept, probed};
use crate::service::{BaseUrl, window};

/// How many runs of a table are kept.
const KEPT_RUNS: usize = 50;

/// A table that this process alone pushes to.
pub(crate) struct Session {
    pub(crate) events: Events,
    pub(crate) clock: Clock,
    pub(crate) interrupts: Interrupts,
    pub(crate) state: StateDir,
    pub(crate) table: TableDir,
    pub(crate) history: History,
    /// What is known of the service, where it may be used and nothing has contradicted it.
    pub(crate) known: Option<Known>,
    /// What is told of the run at its end; none before it began to read.
    pub(crate) receipt: Option<Receipt>,
    /// Moves a stand-in's clock past the window, before its imports are followed.
    pub(crate) pass_time: Option<Box<dyn Fn() + Send + Sync>>,
    /// The file that rejects were to go to, where another one is there.
    pub(crate) rejects_in_the_way: Option<PathBuf>,
    pub(super) lock: Lock,
    signals: Signals,
}

impl Session {
    /// Takes the table, or says who has it; where it is waited for, after so long.
    pub(crate) fn open(
        state: StateDir,
        base_url: &BaseUrl,
        table: &TableKey,
        events: Events,
        lock_wait: Duration,
    ) -> Result<Self, Failure> {
        let signals = Signals::listen(events.clone());
        let table = state.table(&base_url.to_string(), table);
        Self::open_among(state, table, events, lock_wait, &signals)
    }

    /// Takes the table of a run that is taken up again.
    pub(crate) fn reopen(
        state: StateDir,
        (table, run): (TableDir, &RunDir),
        events: Events,
        lock_wait: Duration,
    ) -> Result<Self, Failure> {
        // What an earlier process sent is not taken back by a signal.
        let words = format!(
            "interrupted; nothing more was sent, and run {} stays as it was",
            run.id()
        );
        let signals = Signals::listen(events.clone());
        signals.farewell().resumed = Some(words);
        let mut session = Self::open_among(state, table, events, lock_wait, &signals)?;
        session.take_run(run);
        Ok(session)
    }

    /// [`open`](Self::open), as one of several tables that the same signals end.
    pub(crate) fn open_among(
        state: StateDir,
        table: TableDir,
        events: Events,
        lock_wait: Duration,
        signals: &Signals,
    ) -> Result<Self, Failure> {
        let clock = Clock::system();
        let lock = turn::take(&table, lock_wait, (&clock, &events), thread::sleep)?;
        let history = History::read(&table)?;
        let session = Self {
            events,
            clock,
            interrupts: signals.interrupts(),
            state,
            table,
            history,
            known: None,
            receipt: None,
            pass_time: None,
            rejects_in_the_way: None,
            lock,
            signals: signals.clone(),
        };
        Ok(session)
    }

    /// Takes in what is known of the service, where that is wanted.
    pub(crate) fn learn(&mut self, base_url: &BaseUrl, is_wanted: bool) {
        let read = || known::read(&self.state, base_url, &self.events);
        self.known = is_wanted.then(read).flatten();
        self.history.reading = self.known.as_ref().and_then(|known| known.facts.window);
    }

    /// Says until when nothing will be sent, if an earlier replace may still be waiting.
    pub(crate) fn announce(&self) {
        let now = self.clock.now();
        let until = |left| clock_time(now.wall + left, now.wall);
        quiet::announce(&self.history, &now, &self.events, until);
        if let Some(left) = probed::left(&self.table, now.wall) {
            self.events.note(format!(
                "a probe of this table was cut off and may have left a window open at the service: nothing is sent \
                 before {} (in {})",
                until(left),
                display::time(left)
            ));
        }
        if let Some(own) = host::name()
            && let Some((run, other)) = self.history.other_host(&own)
        {
            let message = format!(
                "run {} of host {} pushed to this table since this one, {}, did: what two machines \
                 remember of a table is not merged",
                run.dir.id(),
                display::quoted(other),
                display::quoted(&own)
            );
            let hint = "push a table from one machine. Where both use this state folder, its lock must \
                        hold for both; where it was copied, comparisons, guards, --changed and resume \
                        know nothing of what the other one pushes";
            self.events.warn(message, hint.to_owned());
        }
    }

    /// The folder of a new run.
    pub(crate) fn new_run(&mut self) -> Result<RunDir, Failure> {
        self.tidy();
        let run = {
            let mut farewell = self.signals.farewell();
            let run = self.table.new_run(&self.clock)?;
            farewell.folders.push(run.path().to_owned());
            run
        };
        self.take_run(&run);
        Ok(run)
    }

    fn take_run(&mut self, run: &RunDir) {
        self.lock.name_run(run.id());
        self.events.emit(Event::Run(run.id().to_string()));
    }

    pub(super) fn farewell(&self) -> std::sync::MutexGuard<'_, Farewell> {
        self.signals.farewell()
    }

    /// Ends the receipt, keeps it in the run's folder and prints it where it was asked for.
    pub(crate) fn close(&mut self, result: &Result<Option<Outcome>, Failure>, run: &RunDir) {
        self.interrupts.heed();
        let Some(mut receipt) = self.receipt.take() else {
            return;
        };
        match result {
            Ok(Some(outcome)) => receipt.ended(outcome),
            Ok(None) => receipt.end_now(),
            Err(failure) => receipt.refused(failure),
        }
        let (mut kept, is_kept) = (None, run.path().exists());
        if is_kept {
            receipt.run = Some(run.id().to_string());
        }
        let document = receipt.json();
        if is_kept {
            match run.write_receipt(document.as_bytes()) {
                Ok(()) => kept = Some(typed_path(&run.receipt_path())),
                Err(error) => {
                    let message = format!("the receipt cannot be kept: {}", disk::told(&error));
                    self.events.warn(message, None);
                }
            }
        }
        self.events.emit(Event::Receipt { document, kept });
    }

    /// Removes a run that sent nothing: all but lists of records to be looked at.
    pub(crate) fn forget(&self, run: &RunDir) {
        kept::remove(run);
        // What cannot be removed now is removed by the next push.
        let _ = match run.has_lists() {
            true => run.remove_means(),
            false => std::fs::remove_dir_all(run.path()),
        };
        let _ = std::fs::remove_file(run.journal_path());
    }

    /// Removes what runs left that ended before they had a journal, and the oldest runs.
    fn tidy(&self) {
        let is_unreadable = |id: &RunId| {
            self.history
                .unreadable()
                .iter()
                .any(|run| run.dir.id() == id)
        };
        for run in self.table.runs().unwrap_or_default() {
            if self.history.run(run.id()).is_none() && !is_unreadable(run.id()) {
                self.forget(&run);
            }
        }
        // Half of what was forgotten takes room and says nothing.
        let _ = self.table.clear_forgotten();
        self.tidy_bases();
        kept::tidy(&self.history);
        let last_good = self
            .history
            .runs()
            .iter()
            .rfind(|run| run.journal.is_good_replace());
        let now = self.clock.now();
        let must_keep = |id: &RunId| {
            let open = self.history.run(id).is_some_and(|run| {
                !run.journal.is_finished()
                    || run
                        .journal
                        .pending_replace(None)
                        .is_some_and(|p| !p.remaining(&now, window::margin(p.debounce)).is_zero())
            });
            let has_base = || {
                let run = self.history.run(id);
                run.is_some_and(|run| run.dir.base_path().exists())
            };
            open || is_unreadable(id)
                || last_good.is_some_and(|run| run.dir.id() == id)
                || has_base()
                || (self.history.run(id)).is_some_and(|run| kept::is_needed(&self.history, run))
        };
        // Old runs that cannot be removed are in nobody's way.
        let _ = self.table.prune(KEPT_RUNS, must_keep);
    }
}
