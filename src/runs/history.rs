//! What the earlier runs of a table tell the next one.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::Timestamp;

use crate::base::clock::Moment;
use crate::base::complaint::Complaint;
use crate::base::model::{ImportId, Mode, TableState};
use crate::cli::MAX_TIME;
use crate::mapping::Binding;
use crate::runs::journal::{InputLine, Journal, JournalError, Line, PlanLine, RunState};
use crate::runs::state::{RunDir, RunId, TableDir};
use crate::service::facts::WindowReading;
use crate::service::window;

/// The longest debounce that can be asked for, with its margin.
const LONGEST: Duration = MAX_TIME.saturating_add(Duration::from_secs(30));

/// A run of the past.
#[derive(Clone, Debug)]
pub(crate) struct PastRun {
    /// The run's folder.
    pub dir: RunDir,
    /// What it did.
    pub journal: Journal,
}

/// A run whose journal is there, and nothing in it can be read. It may have been a replace.
#[derive(Debug)]
pub(crate) struct UnreadableRun {
    /// The run's folder.
    pub dir: RunDir,
    /// What is wrong with its journal, and what to try.
    pub error: JournalError,
    /// When a replace of it is over at the service at the latest: the longest debounce after the
    /// journal was written last.
    pub over: Timestamp,
}

/// The runs of one table that may have sent something, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct History {
    runs: Vec<PastRun>,
    unreadable: Vec<UnreadableRun>,
    /// From which request the windows of replaces count, where that is known.
    pub reading: Option<WindowReading>,
}

/// An earlier replace that may still be waiting at the service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pending {
    /// The run that left it.
    pub run: RunId,
    /// How long it may still be waiting.
    pub remaining: Duration,
    /// How long that is to be expected, by what is known of the service.
    pub expected: Duration,
    /// The run's imports that were not seen to have launched, the first one in time first: that they
    /// have may show that it is over.
    pub imports: Vec<ImportId>,
    /// For a run that cannot be read: why, and what to try.
    pub unreadable: Option<(String, Option<String>)>,
}

impl PastRun {
    /// The run whose content this one puts into its table: itself, or the one that it goes back to.
    pub(crate) fn origin(&self) -> &RunId {
        let rollback_of = self.journal.plan().rollback_of.as_ref();
        rollback_of.unwrap_or(self.dir.id())
    }

    fn has_gaps(&self) -> bool {
        self.journal.table_state() == TableState::Gaps
    }

    /// Whether these inputs are this run's rejects file, as it was or corrected.
    fn has_rejects(&self, inputs: &[InputLine]) -> bool {
        let [
            InputLine {
                path: Some(path), ..
            },
        ] = inputs
        else {
            return false;
        };
        let named = self.journal.plan().options.rejects.as_ref();
        if named.is_some_and(|rejects| real(path) == real(rejects)) {
            return true;
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let folder = path.parent().unwrap_or(path);
        name.starts_with("rejects.") && real(folder) == real(self.dir.path())
    }
}

/// A path without links, as far as it is there.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

impl UnreadableRun {
    /// The run with what is wrong with its journal, and what to try.
    pub(crate) fn complaint(&self) -> Complaint {
        let message = format!("run {}: {}", self.dir.id(), self.error);
        Complaint::new(message, self.error.hint())
    }

    fn new(dir: RunDir, error: JournalError) -> Result<Self, Complaint> {
        let path = dir.journal_path();
        let written = std::fs::metadata(&path).and_then(|found| found.modified());
        let written = written.and_then(|time| Timestamp::try_from(time).map_err(io::Error::other));
        let written = written.map_err(|error| JournalError::Io { path, error })?;
        let over = written.saturating_add(LONGEST).unwrap_or(Timestamp::MAX);
        Ok(Self { dir, error, over })
    }

    /// How long a replace of it may still be waiting.
    pub(crate) fn remaining(&self, now: &Moment) -> Duration {
        let left = Duration::try_from(self.over.duration_since(now.wall));
        // A file from the future says only that a clock was set.
        left.unwrap_or_default().min(LONGEST)
    }
}

/// Whether a list of keys shows that this one was not carried: an empty one was not written down, a
/// full one may have left it out.
fn lacks(keys: &[String], key: &str) -> bool {
    let is_whole = (1..Binding::MOST_KEYS).contains(&keys.len());
    is_whole && keys.iter().all(|had| had != key)
}

impl History {
    /// Reads the journals of a table's runs; where the past cannot be known, nothing must be sent. A
    /// run that was killed before it had one sent nothing.
    pub(crate) fn read(table: &TableDir) -> Result<Self, Complaint> {
        let mut history = Self::default();
        for dir in table.runs()? {
            if !dir.journal_path().exists() {
                continue;
            }
            match Journal::read(&dir.journal_path()) {
                Ok(journal) => history.runs.push(PastRun { dir, journal }),
                Err(error @ JournalError::Unreadable { .. }) => {
                    history.unreadable.push(UnreadableRun::new(dir, error)?);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(history)
    }

    /// The runs, the oldest first.
    pub(crate) fn runs(&self) -> &[PastRun] {
        &self.runs
    }

    /// The runs with what became of each, the oldest first; `running` holds the table's lock.
    pub(crate) fn states(
        &self,
        running: Option<&RunId>,
    ) -> impl Iterator<Item = (&PastRun, RunState)> {
        self.runs.iter().map(move |run| {
            let is_running = running == Some(run.dir.id());
            (run, run.journal.state(is_running, self.journals()))
        })
    }

    /// The runs that cannot be read, the oldest first.
    pub(crate) fn unreadable(&self) -> &[UnreadableRun] {
        &self.unreadable
    }

    /// The first run after this one that cannot be read: it may have written to the table.
    pub(crate) fn unreadable_after(&self, run: &RunId) -> Option<&UnreadableRun> {
        self.unreadable.iter().find(|later| later.dir.id() > run)
    }

    /// Whether no push to the table is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.unreadable.is_empty()
    }

    /// All journals, for what one run's state depends on.
    pub(crate) fn journals(&self) -> impl Iterator<Item = &Journal> {
        self.runs.iter().map(|run| &run.journal)
    }

    /// Records of the last good replace.
    pub(crate) fn last_good_replace(&self) -> Option<u64> {
        let last = self
            .journals()
            .filter(|journal| journal.is_good_replace())
            .last()?;
        let plan = last.plan();
        let sent: u64 = plan.chunks.iter().map(|chunk| chunk.records).sum();
        Some(sent + plan.unchanged())
    }

    /// The last run that may have touched the table, if that was on another machine than this one, which
    /// pushed to it before.
    ///
    /// Machines that take turns are two, each with a memory of its own; one that never comes back was moved
    /// away from. Containers have a new name at each start, which does not come back either.
    pub(crate) fn other_host(&self, own: &str) -> Option<(&PastRun, &str)> {
        let touched = self
            .runs
            .iter()
            .filter(|run| run.journal.is_possibly_applied());
        let hosts = touched.filter_map(|run| Some((run, run.journal.plan().host.as_deref()?)));
        let hosts: Vec<_> = hosts.collect();
        let last = hosts.last().filter(|(_, host)| *host != own)?;
        hosts.iter().any(|(_, host)| *host == own).then_some(*last)
    }

    /// Whether a push to this table was ever followed to a clean end.
    pub(crate) fn has_worked(&self) -> bool {
        let mut ends = self.journals().filter_map(Journal::end);
        ends.any(|end| matches!(&*end.table_state, "replaced" | "updated"))
    }

    /// The API keys of a push that no run carried which may have reached the table.
    pub(crate) fn new_keys<'k>(&self, keys: &'k [String]) -> Vec<&'k str> {
        let is_new = |key: &&String| self.arrived().all(|plan| !plan.keys.contains(key));
        keys.iter().filter(is_new).map(String::as_str).collect()
    }

    /// Whether a push with these API keys lacks its name field, and no run did before that may have
    /// reached the table.
    pub(crate) fn is_newly_nameless(&self, keys: &[String], name: &str) -> bool {
        let is_told = |plan: &PlanLine| plan.options.name_field == name && lacks(&plan.keys, name);
        lacks(keys, name) && !self.arrived().any(is_told)
    }

    fn arrived(&self) -> impl Iterator<Item = &PlanLine> {
        let arrived = self
            .journals()
            .filter(|journal| journal.is_possibly_applied());
        arrived.map(Journal::plan)
    }

    /// What a request took in the last run that had some accepted, on average.
    pub(crate) fn known_time(&self) -> Option<Duration> {
        let times = |journal: &Journal| {
            let times: Vec<_> = journal.answer_times().collect();
            let count = u32::try_from(times.len()).ok().filter(|count| *count > 0)?;
            Some(times.into_iter().sum::<Duration>() / count)
        };
        self.runs.iter().rev().find_map(|run| times(&run.journal))
    }

    /// The earlier replace that waits longest, if one may still be waiting.
    pub(crate) fn pending(&self, now: &Moment) -> Option<Pending> {
        let replaces = self.runs.iter().filter_map(|run| {
            let replace = run.journal.pending_replace(self.reading)?;
            let margin = window::margin(replace.debounce);
            let (remaining, expected) = (
                replace.remaining(now, margin),
                replace.expected(now, margin),
            );
            if remaining.is_zero() {
                return None;
            }
            let (seen, first) = (run.journal.imports(), replace.first_import);
            let has_launched =
                |id: &ImportId| seen.iter().any(|i| i.id == *id && i.launched.is_some());
            let mut imports = replace.imports;
            imports.retain(|id| !has_launched(id));
            imports.sort_by_key(|id| first.as_ref() != Some(id));
            let run = run.dir.id().clone();
            Some(Pending {
                run,
                remaining,
                expected,
                imports,
                unreadable: None,
            })
        });
        let unreadable = self.unreadable.iter().map(|run| Pending {
            run: run.dir.id().clone(),
            remaining: run.remaining(now),
            expected: run.remaining(now),
            imports: Vec::new(),
            unreadable: Some((run.error.to_string(), run.error.hint())),
        });
        let unreadable = unreadable.filter(|pending| !pending.remaining.is_zero());
        let all = replaces.chain(unreadable);
        all.max_by_key(|pending| pending.remaining)
    }

    /// Takes in what was seen of an earlier run.
    pub(crate) fn apply(&mut self, run: &RunId, line: &Line) {
        if let Some(past) = self.runs.iter_mut().find(|past| past.dir.id() == run) {
            past.journal.apply(line);
        }
    }

    pub(crate) fn run(&self, id: &RunId) -> Option<&PastRun> {
        self.runs.iter().find(|run| run.dir.id() == id)
    }

    /// The run that pushed this one's corrected rejects: the next upsert of that very file and nothing
    /// else, with as many records as the table lacks, none of which was rejected again; or the one
    /// that pushed the rejects of that upsert.
    pub(crate) fn repaired_by(&self, run: &PastRun) -> Option<&PastRun> {
        let end = run.journal.end().filter(|_| run.has_gaps())?;
        let missing = end.rejects.filter(|missing| *missing > 0)?;
        let pushed = self.runs.iter().filter(|later| {
            let plan = later.journal.plan();
            later.dir.id() > run.dir.id()
                && plan.mode == Mode::Upsert
                && plan.base_url == run.journal.plan().base_url
                && plan.records_read.saturating_sub(plan.duplicates_dropped) >= missing
                && run.has_rejects(&plan.inputs)
        });
        let mut repairs = pushed.filter_map(|later| match later.journal.table_state() {
            TableState::Updated | TableState::Pending => Some(later),
            TableState::Gaps => self.repaired_by(later),
            _ => None,
        });
        repairs.next()
    }

    /// The runs themselves, and those that cannot be read.
    pub(crate) fn into_runs(self) -> (Vec<PastRun>, Vec<UnreadableRun>) {
        (self.runs, self.unreadable)
    }

    /// Adds a run that must be waited for like the others.
    pub(crate) fn push(&mut self, run: PastRun) {
        self.runs.push(run);
    }

    /// The runs besides this one.
    pub(crate) fn without(mut self, id: &RunId) -> Self {
        self.runs.retain(|run| run.dir.id() != id);
        self
    }
}
