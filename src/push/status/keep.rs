//! What is learned about a run from here: kept with that run, as the push itself would have.

use std::path::PathBuf;

use super::asked::OwnRun;
use crate::base::clock::Clock;
use crate::base::event::Events;
use crate::base::model::{ImportId, TableState};
use crate::prove::FingerprintKey;
use crate::prove::chunk::MappedInput;
use crate::prove::rejects::RejectsFile;
use crate::push::follow::{self, Followed, Pushed};
use crate::push::outcome::{Exit, Failure};
use crate::push::run::reopen::{self, Reopened};
use crate::push::verdict::{Reasons, Rejections, Verdict, VerdictState};
use crate::push::{plan_line, receipt};
use crate::runs::base::{self, Left};
use crate::runs::history::{History, PastRun};
use crate::runs::journal::{EndLine, Journal, JournalWriter, Line, PlanLine};
use crate::runs::state::Lock;

/// What was kept of the service's rejects.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    /// Why, with places in the input; none where they were not looked for.
    pub(crate) reasons: Option<Reasons>,
    /// The file that holds them with ours.
    pub(crate) rejects: Option<PathBuf>,
}

/// A run's journal as it is now, written to as long as no push has the table.
pub(crate) struct Keeper {
    pub(crate) journal: Journal,
    /// Whether a push goes on with the run now.
    pub(crate) is_running: bool,
    clock: Clock,
    /// None where another push has the table.
    writer: Option<JournalWriter>,
    /// The table's lock, where it was taken for this.
    _lock: Option<Lock>,
    kept: Kept,
}

impl Keeper {
    /// Reads a run's journal anew. `held`: the table's lock, where this process has it. Where another
    /// push has the table, nothing is kept: that is left to a later look.
    pub(crate) fn open(run: &OwnRun, held: Option<&Lock>) -> Self {
        let clock = Clock::system();
        let path = run.past.dir.journal_path();
        let own = match held {
            Some(_) => None,
            None => run.folder.lock(&clock).ok(),
        };
        let is_ours = held.or(own.as_ref()).is_some();
        let is_running = !is_ours && run.folder.running().as_ref() == Some(run.past.dir.id());
        let open = || JournalWriter::open_append(&path, clock.clone()).ok();
        let (writer, journal) = is_ours.then(open).flatten().unzip();
        let journal = journal.or_else(|| Journal::read(&path).ok());
        Self {
            journal: journal.unwrap_or_else(|| run.past.journal.clone()),
            is_running,
            clock,
            writer,
            _lock: own,
            kept: Kept::default(),
        }
    }

    /// Writes what was seen into the run's journal, and the service's rejects into its rejects file
    /// the first time they are seen.
    pub(crate) fn learn(
        &mut self,
        run: &OwnRun,
        followed: &Followed,
        verdict: Option<&Verdict>,
        events: &Events,
    ) {
        if let Some(verdict) = verdict.filter(|_| self.writer.is_some()) {
            self.learn_rejects(run, &verdict.rejected, events);
        }
        for line in lines(followed, &self.journal, &self.clock) {
            self.write(&line);
        }
    }

    fn learn_rejects(&mut self, run: &OwnRun, rejected: &Rejections, events: &Events) {
        let is_known = |id: &ImportId| {
            let mut known = self.journal.imports().iter();
            known.any(|import| import.has_error && import.id == *id)
        };
        let new = rejected.of(|import| !is_known(import));
        if new.is_empty() {
            return;
        }
        let old = rejected.of(is_known);
        self.kept = keep_rejects(&run.past, &new, events);
        if let Some(reasons) = &mut self.kept.reasons {
            reasons.add_all(&old);
        }
    }

    /// Takes records out of the table's base that the service did not load, or ends it where they are
    /// not known. `certain`: all imports were seen to their end; then how many records the table lacks
    /// of the run, where each of them is named. Before the journal tells it: a kill in between leaves
    /// a base that does not hold.
    pub(crate) fn learn_base(
        &self,
        run: &OwnRun,
        (followed, verdict): (&Followed, &Verdict),
        certain: Option<Option<u64>>,
        key: Option<&FingerprintKey>,
    ) {
        let plan = self.journal.plan();
        let errors: Vec<_> = (self.journal.import_ids().into_iter())
            .filter(|id| followed.has_error(id, &plan.table))
            .collect();
        let is_known = |id: &ImportId| {
            let mut known = self.journal.imports().iter();
            known.any(|import| import.has_error && import.id == *id)
        };
        let is_news = match certain {
            Some(_) => !matches!(verdict.state, VerdictState::Clean | VerdictState::Pending),
            None => errors.iter().any(|id| !is_known(id)),
        };
        if self.writer.is_none() || !is_news {
            return;
        }
        let Ok(history) = History::read(&run.folder) else {
            return;
        };
        let rejected = verdict.rejected.ids(&plan.options.id_field);
        let named = certain.flatten().zip(rejected.as_ref());
        let named = named.filter(|_| verdict.state == VerdictState::Gaps);
        let left = named.map(|(missing, rejected)| Left {
            mode: plan.mode,
            delivered: plan.delivered(),
            rejected,
            missing,
            errors: errors.len() as u64,
        });
        base::learn(&history, &run.past.dir, left.as_ref(), key);
    }

    /// Writes down how the run ended, where that is news.
    pub(crate) fn end(
        &mut self,
        run: &OwnRun,
        exit: Exit,
        state: TableState,
        rejects: Option<u64>,
    ) {
        let (exit_code, table_state) = (exit.code(), state.word().to_owned());
        let is_known = self.journal.end().is_some_and(|end| {
            (end.exit_code, &end.table_state, end.rejects) == (exit_code, &table_state, rejects)
        });
        if self.journal.is_through() && !is_known {
            self.write(&Line::End(EndLine {
                exit_code,
                table_state,
                rejects,
                base: self.journal.end().is_some_and(|end| end.base),
                at: self.clock.now(),
            }));
            if self.writer.is_some() && self.journal.is_finished() {
                // The push may have died before it could remove its copies; what cannot be removed
                // now goes with the run.
                let _ = base::tidy_run(&run.past.dir, &self.journal);
            }
        }
    }

    /// Writes the run's receipt anew: as its journal tells it by now, with what was seen.
    pub(crate) fn receipt(
        &self,
        run: &OwnRun,
        followed: &Followed,
        verdict: Option<&Verdict>,
        exit: Exit,
        failure: Option<&Failure>,
    ) {
        if self.writer.is_none() {
            return;
        }
        let mut receipt = receipt::of_journal(&self.journal, &run.past.dir);
        if self.journal.end().is_none() {
            receipt.exit_code = exit.code();
            receipt.end_now();
        }
        receipt.seen(followed, verdict, &self.journal.plan().table);
        receipt.errors(failure);
        // A note for programs: without it they find what the push itself left.
        let _ = run.past.dir.write_receipt(receipt.json().as_bytes());
    }

    pub(crate) fn into_kept(self) -> (Kept, Journal) {
        (self.kept, self.journal)
    }

    /// A note for later runs: where it cannot be written they know what they knew before.
    fn write(&mut self, line: &Line) {
        if let Some(writer) = &self.writer {
            let _ = writer.append(line);
        }
        self.journal.apply(line);
    }
}

/// What the journal does not know yet.
fn lines(followed: &Followed, journal: &Journal, clock: &Clock) -> Vec<Line> {
    let table = &journal.plan().table;
    let ours = journal.import_ids();
    let seen = followed
        .imports
        .iter()
        .filter(|import| ours.contains(&&import.id));
    let line = seen.filter_map(|import| {
        let last = import.last.as_ref()?;
        let status = crate::base::display::shown(last.status.word());
        let (has_error, is_over) = (import.has_error(table), import.is_over());
        let known = journal.imports().iter().find(|known| known.id == import.id);
        let seen = (&status, has_error, is_over);
        let is_known = known.is_some_and(|k| (&k.status, k.has_error, k.is_over) == seen);
        let (id, at) = (import.id.clone(), clock.now());
        (!is_known).then_some(Line::Import {
            id,
            status,
            has_error,
            is_over,
            at,
        })
    });
    line.collect()
}

fn keep_rejects(run: &PastRun, rejected: &Rejections, events: &Events) -> Kept {
    let line = run.journal.plan();
    let reopened = if is_there(line) {
        reopen::reopen(line).ok()
    } else {
        None
    };
    let Some(Reopened {
        source, binding, ..
    }) = reopened
    else {
        events.warn(
            "the records that the service rejected cannot be looked up: the input or the mapping \
             has changed or is gone",
            "Qobra's app shows them with the import".to_owned(),
        );
        return Kept::default();
    };
    let pushed = Pushed {
        input: MappedInput {
            source: &source,
            binding: &binding,
            left_out: &plan_line::left_out(line),
        },
        id_field: &line.options.id_field,
    };
    let path = plan_line::rejects_path(&run.journal, &run.dir, &source);
    let mut rejects = RejectsFile::going_on(path, &source).spelled_for(&binding);
    let collected = follow::collect(pushed, rejected, &mut rejects);
    let path = rejects.path().map(ToOwned::to_owned);
    let finished = rejects.finish();
    match (collected, finished) {
        (Ok(collected), Ok(_)) => Kept {
            reasons: Some(collected.reasons),
            rejects: path,
        },
        (collected, finished) => {
            let why = collected.err().map(|error| error.to_string());
            let why = why.or_else(|| finished.err().map(|error| error.to_string()));
            events.warn(
                format!(
                    "not all records that the service rejected could be kept: {}",
                    why.unwrap_or_default()
                ),
                None,
            );
            Kept::default()
        }
    }
}

/// Whether every input can be read again; a pipe's copy goes when its run is over.
pub(crate) fn is_there(line: &PlanLine) -> bool {
    line.inputs
        .iter()
        .all(|input| match (&input.kept, &input.path) {
            (Some(copy), _) => copy.exists() || plan_line::is_copy_gone(input),
            (None, path) => path.is_some(),
        })
}
