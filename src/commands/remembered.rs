//! What `status` learns about a run from here: kept with that run, as the push itself would have.

use std::path::PathBuf;

use crate::cli::CommonArgs;
use crate::clock::Clock;
use crate::commands::session::{past, unusable};
use crate::commands::{record, resume};
use crate::event::Events;
use crate::follow::{self, Followed, Pushed};
use crate::history::{History, PastRun};
use crate::journal::{Journal, JournalWriter, Line, PlanLine};
use crate::model::{ImportId, TableKey};
use crate::outcome::Failure;
use crate::plan::Environment;
use crate::position::Position;
use crate::rejects::RejectsFile;
use crate::state::{StateDir, TableDir};
use crate::verdict::Verdict;

/// What was kept of the service's rejects.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Where they stand in the input.
    pub(super) places: Vec<Option<Position>>,
    /// The file that holds them with ours.
    pub(super) rejects: Option<PathBuf>,
}

/// The last run from here that holds one of the imports; without any, the last that has some.
pub(super) fn find(
    ids: &[ImportId],
    table: Option<&TableKey>,
    common: &CommonArgs,
    environment: &Environment,
) -> Result<Option<(PastRun, TableDir)>, Failure> {
    let option = common
        .state_dir
        .as_deref()
        .or(environment.state_dir.as_deref());
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = match StateDir::locate(option, &variable) {
        Ok(state) => state,
        // Ids alone will do on a machine that has no place for state.
        Err(_) if !ids.is_empty() => return Ok(None),
        Err(error) => return Err(unusable(error)),
    };
    let mut last: Option<(PastRun, TableDir)> = None;
    for folder in state.tables().map_err(unusable)? {
        let history = History::read(&folder).map_err(|error| past(&error))?;
        for run in history.into_runs().0 {
            let held = run.journal.import_ids();
            let is_meant = match ids {
                [] => {
                    let plan = run.journal.plan();
                    !held.is_empty() && table.is_none_or(|table| plan.table == *table)
                }
                ids => held.iter().any(|id| ids.contains(id)),
            };
            let is_later = last
                .as_ref()
                .is_none_or(|(last, _)| last.dir.id() < run.dir.id());
            if is_meant && is_later {
                last = Some((run, folder.clone()));
            }
        }
    }
    Ok(last)
}

/// Writes what was seen into the run's journal, and the service's rejects into its rejects file the
/// first time they are seen. Where another push has the table, that is left to a later look.
pub(super) fn keep(
    run: &PastRun,
    table: &TableDir,
    followed: &Followed,
    verdict: &Verdict,
    events: &Events,
) -> Kept {
    let clock = Clock::system();
    let Ok(_lock) = table.lock(&clock) else {
        return Kept::default();
    };
    let journal = JournalWriter::open_append(&run.dir.journal_path(), clock.clone());
    let Ok((writer, journal)) = journal else {
        return Kept::default();
    };
    let is_new = journal.imports().iter().all(|import| !import.has_error);
    let kept = match is_new && !verdict.rejected.is_empty() {
        true => keep_rejects(run, verdict, events),
        false => Kept::default(),
    };
    for line in lines(followed, &journal, &clock) {
        // A note for later runs: without it they know what they knew before.
        let _ = writer.append(&line);
    }
    kept
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
        let status = crate::display::shown(last.status.word());
        let has_error = last.entries(Some(table)).any(|entry| entry.error.is_some());
        let known = journal.imports().iter().find(|known| known.id == import.id);
        let is_known = known.is_some_and(|k| k.status == status && k.has_error == has_error);
        let (id, at) = (import.id.clone(), clock.now());
        (!is_known).then_some(Line::Import {
            id,
            status,
            has_error,
            at,
        })
    });
    line.collect()
}

fn keep_rejects(run: &PastRun, verdict: &Verdict, events: &Events) -> Kept {
    let line = run.journal.plan();
    let reopened = if is_there(line) {
        resume::reopen(line).ok()
    } else {
        None
    };
    let Some((source, binding)) = reopened else {
        events.warn(
            "the records that the service rejected cannot be looked up: the input or the mapping \
             has changed or is gone",
            "Qobra's app shows them with the import".to_owned(),
        );
        return Kept::default();
    };
    let pushed = Pushed {
        source: &source,
        binding: &binding,
        left_out: &record::left_out(line),
        id_field: &line.options.id_field,
    };
    let path = record::rejects_path(line, &run.dir, &source);
    let mut rejects = RejectsFile::going_on(path, &source);
    let collected = follow::collect(pushed, &verdict.rejected, &mut rejects);
    let path = rejects.path().map(ToOwned::to_owned);
    let finished = rejects.finish();
    match (collected, finished) {
        (Ok(collected), Ok(_)) => Kept {
            places: collected.places,
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
fn is_there(line: &PlanLine) -> bool {
    line.inputs
        .iter()
        .all(|input| match (&input.kept, &input.path) {
            (Some(copy), _) => copy.exists(),
            (None, path) => path.is_some(),
        })
}
