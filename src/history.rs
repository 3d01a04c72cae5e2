//! What the earlier runs of a table tell the next one.

use std::time::Duration;

use crate::clock::Moment;
use crate::journal::{Journal, JournalError, Line};
use crate::model::ImportId;
use crate::state::{RunDir, RunId, StateError, TableDir};
use crate::window;

/// A run of the past.
#[derive(Debug)]
pub struct PastRun {
    /// Its folder.
    pub dir: RunDir,
    /// What it did.
    pub journal: Journal,
}

/// The runs of one table that may have sent something, the oldest first.
#[derive(Debug, Default)]
pub struct History(Vec<PastRun>);

/// Why the past cannot be known: then nothing must be sent.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// The state folder cannot be read.
    #[error(transparent)]
    State(#[from] StateError),
    /// A journal cannot be read.
    #[error(transparent)]
    Journal(#[from] JournalError),
}

/// An earlier replace that may still be waiting at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// The run that left it.
    pub run: RunId,
    /// How long it may still be waiting.
    pub remaining: Duration,
    /// Its imports that were not seen to have launched, the first one in time first: that they
    /// have may show that it is over.
    pub imports: Vec<ImportId>,
}

impl History {
    /// Reads the journals of a table's runs. A run that was killed before it had one sent nothing.
    ///
    /// # Errors
    /// When the folder or one of the journals cannot be read.
    pub fn read(table: &TableDir) -> Result<Self, HistoryError> {
        let mut runs = Vec::new();
        for dir in table.runs()? {
            if !dir.journal_path().exists() {
                continue;
            }
            match Journal::read(&dir.journal_path()) {
                Ok(journal) => runs.push(PastRun { dir, journal }),
                Err(JournalError::Empty { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Self(runs))
    }

    /// The runs, the oldest first.
    #[must_use]
    pub fn runs(&self) -> &[PastRun] {
        &self.0
    }

    /// All journals, for what one run's state depends on.
    pub fn journals(&self) -> impl Iterator<Item = &Journal> {
        self.0.iter().map(|run| &run.journal)
    }

    /// Records of the last good replace.
    #[must_use]
    pub fn last_good_replace(&self) -> Option<u64> {
        let last = self
            .journals()
            .filter(|journal| journal.is_good_replace())
            .last()?;
        Some(last.plan().chunks.iter().map(|chunk| chunk.records).sum())
    }

    /// Whether a push to this table was ever followed to a clean end.
    #[must_use]
    pub fn has_worked(&self) -> bool {
        let mut ends = self.journals().filter_map(Journal::end);
        ends.any(|end| matches!(&*end.table_state, "replaced" | "updated"))
    }

    /// What a request took in the last run that had some accepted, on average.
    #[must_use]
    pub fn known_time(&self) -> Option<Duration> {
        let times = |journal: &Journal| {
            let times: Vec<_> = journal.answer_times().collect();
            let count = u32::try_from(times.len()).ok().filter(|count| *count > 0)?;
            Some(times.into_iter().sum::<Duration>() / count)
        };
        self.0.iter().rev().find_map(|run| times(&run.journal))
    }

    /// The earlier replace that waits longest, if one may still be waiting.
    #[must_use]
    pub fn pending(&self, now: &Moment) -> Option<Pending> {
        let pending = self.0.iter().filter_map(|run| {
            let replace = run.journal.pending_replace()?;
            let remaining = replace.remaining(now, window::margin(replace.debounce));
            if remaining.is_zero() {
                return None;
            }
            let (seen, first) = (run.journal.imports(), replace.first_import);
            let has_launched = |id: &ImportId| seen.iter().any(|i| i.id == *id && i.is_launched);
            let mut imports = replace.imports;
            imports.retain(|id| !has_launched(id));
            imports.sort_by_key(|id| first.as_ref() != Some(id));
            let run = run.dir.id().clone();
            Some(Pending {
                run,
                remaining,
                imports,
            })
        });
        pending.max_by_key(|pending| pending.remaining)
    }

    /// Takes in what was seen of an earlier run.
    pub fn apply(&mut self, run: &RunId, line: &Line) {
        if let Some(past) = self.0.iter_mut().find(|past| past.dir.id() == run) {
            past.journal.apply(line);
        }
    }

    /// A run by its id.
    #[must_use]
    pub fn run(&self, id: &RunId) -> Option<&PastRun> {
        self.0.iter().find(|run| run.dir.id() == id)
    }

    /// The runs themselves.
    #[must_use]
    pub fn into_runs(self) -> Vec<PastRun> {
        self.0
    }

    /// Adds a run that must be waited for like the others.
    pub fn push(&mut self, run: PastRun) {
        self.0.push(run);
    }

    /// The runs besides this one.
    #[must_use]
    pub fn without(self, id: &RunId) -> Self {
        Self(
            self.0
                .into_iter()
                .filter(|run| run.dir.id() != id)
                .collect(),
        )
    }
}
