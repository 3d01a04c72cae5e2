//! What is known of a table, removed on purpose.
//!
//! A kill in the middle leaves nothing that lies: the folder of all runs gets another name before
//! anything in it is removed, and a payload loses its description first.

use std::path::Path;
use std::{fs, io};

use super::history::History;
use super::journal::RunState;
use super::state::{RunDir, RunId, TableDir};
use crate::base::clock::Moment;
use crate::base::complaint::Complaint;
use crate::base::{crash, display};

/// What is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forgotten {
    /// The kept payloads.
    Kept,
    /// All that is known of the table.
    All,
}

/// What there is of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    /// Where its pushes went; none where no journal tells.
    pub base_url: Option<String>,
    pub runs: u64,
    /// Bytes of everything, the payloads too.
    pub bytes: u64,
    pub bases: u64,
    /// Kept payloads that are whole.
    pub payloads: u64,
    /// Bytes of payloads, of half ones too.
    pub payload_bytes: u64,
}

/// Why a table must not be forgotten now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Obstacle {
    /// A run that may go on.
    Open(RunId),
    /// A replace that may wait at the service for so long, with what cannot be read of it.
    Waiting(RunId, std::time::Duration),
}

impl Holding {
    pub(crate) fn of(table: &TableDir, history: &History) -> Result<Self, Complaint> {
        let last = history.runs().last();
        let mut holding = Self {
            base_url: last.map(|run| run.journal.plan().base_url.clone()),
            ..Self::default()
        };
        for folder in [table.runs_path(), table.forgotten_path()] {
            holding.bytes += bytes(&folder);
        }
        for run in table.runs()? {
            holding.runs += 1;
            holding.bases += u64::from(run.base_path().exists());
            let kept = kept(&run);
            holding.payloads += u64::from(is_whole(&run));
            holding.payload_bytes += kept.iter().map(|path| bytes(path)).sum::<u64>();
        }
        Ok(holding)
    }

    /// Whether there is nothing to remove.
    pub(crate) fn is_nothing(&self, what: Forgotten) -> bool {
        match what {
            Forgotten::Kept => self.payload_bytes == 0,
            Forgotten::All => self.runs == 0 && self.bytes == 0,
        }
    }
}

/// What stands against it. No push must have the table.
pub(crate) fn obstacle(history: &History, what: Forgotten, now: &Moment) -> Option<Obstacle> {
    let mut states = history.states(None);
    let open =
        states.find(|(run, state)| !run.journal.is_finished() && *state != RunState::Superseded);
    if let Some((run, _)) = open {
        return Some(Obstacle::Open(run.dir.id().clone()));
    }
    let pending = history.pending(now).filter(|_| what == Forgotten::All)?;
    Some(Obstacle::Waiting(pending.run, pending.remaining))
}

/// Removes it. The table's lock must be held.
pub(crate) fn forget(table: &TableDir, what: Forgotten) -> Result<(), Complaint> {
    let failed = |path: &Path, error: &io::Error| {
        let place = display::quoted(&path.to_string_lossy());
        Complaint::new(format!("cannot remove {place}: {error}"), None)
    };
    if what == Forgotten::All {
        return table
            .forget_runs()
            .map_err(|error| failed(&table.runs_path(), &error));
    }
    for run in table.runs()? {
        for path in kept(&run) {
            fs::remove_file(&path).map_err(|error| failed(&path, &error))?;
            crash::crash_point("forget-payload");
        }
    }
    Ok(())
}

/// The files of a run's payload, its description first: without one they are none.
fn kept(run: &RunDir) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(run.path()).into_iter().flatten().flatten();
    let is_kept = |path: &std::path::PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("kept.") || name.starts_with("kept-")
    };
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).filter(is_kept).collect();
    paths.sort_by_key(|path| path.extension().is_none_or(|of| of != "json"));
    paths
}

fn is_whole(run: &RunDir) -> bool {
    ["kept.json", "kept.ndjson.zst"]
        .iter()
        .all(|name| run.path().join(name).exists())
}

/// The bytes of a file, or of all files below a folder; links are not followed.
fn bytes(path: &Path) -> u64 {
    let Ok(found) = fs::symlink_metadata(path) else {
        return 0;
    };
    if !found.is_dir() {
        return found.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| bytes(&entry.path())).sum()
}
