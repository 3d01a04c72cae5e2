//! One table's folder: its lock and its runs.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::error::failed_io;
use super::files::{self, folders_in};
use super::lock::{Lock, LockError};
use super::run::{RunDir, RunId};
use crate::base::clock::Clock;
use crate::base::complaint::Complaint;
use crate::base::{crash, disk};

/// The folder of a table's runs.
pub(super) const RUNS: &str = "runs";

/// The same while it is removed.
const FORGOTTEN: &str = "forgotten";

/// How often a run's id is drawn again when its folder exists.
const DRAWS: u32 = 16;

/// The folder of one table. It need not exist until something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableDir {
    path: PathBuf,
}

impl TableDir {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The folder, absolute.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The table's key, as its folder tells it; not exact for one that was too long for a folder.
    pub(crate) fn name(&self) -> String {
        let name = self.path.file_name().unwrap_or_default();
        let name = name.to_string_lossy();
        percent_encoding::percent_decode_str(&name)
            .decode_utf8_lossy()
            .into_owned()
    }

    /// Takes the table for this process, or says who has it. The lock ends with the process, however
    /// that ends.
    pub(crate) fn lock(&self, clock: &Clock) -> Result<Lock, LockError> {
        self.prepare()?;
        Lock::take(&self.path.join("lock"), clock)
    }

    /// The run that is pushing to the table now. Looks only.
    pub(crate) fn running(&self) -> Option<RunId> {
        Lock::holder(&self.path.join("lock")).and_then(|holder| holder.run)
    }

    /// Whether a push could take the table now. Looks only; the folder need not exist.
    pub(crate) fn check_free(&self) -> Result<(), LockError> {
        let service = self.path.parent().unwrap_or(&self.path);
        for folder in [service, &self.path] {
            files::check_folder(folder)?;
        }
        match Lock::is_held(&self.path.join("lock")) {
            Some(by) => Err(LockError::Held { by }),
            None => Ok(()),
        }
    }

    /// Makes the folder of a new run, which comes after all others of the table. The lock must be
    /// held.
    pub(crate) fn new_run(&self, clock: &Clock) -> Result<RunDir, Complaint> {
        self.prepare()?;
        let runs = self.path.join(RUNS);
        files::ensure_folder(&runs)?;
        let last = self.runs()?.pop();
        let last = last.as_ref().map(RunDir::id);
        let mut draws = 0;
        loop {
            let run = RunDir::new(RunId::after(last, clock.now().wall), &runs);
            draws += 1;
            match files::create_folder(run.path()) {
                Ok(()) => {
                    crash::crash_point("state-run-created");
                    return Ok(run);
                }
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && draws < DRAWS => {}
                Err(error) => return Err(failed_io("make the folder", run.path(), &error)),
            }
        }
    }

    /// The table's runs, the oldest first.
    pub(crate) fn runs(&self) -> Result<Vec<RunDir>, Complaint> {
        let runs = self.path.join(RUNS);
        let mut found: Vec<_> = folders_in(&runs)?
            .iter()
            .filter_map(|path| path.file_name()?.to_str()?.parse().ok())
            .map(|id| RunDir::new(id, &runs))
            .collect();
        found.sort_by(|a, b| a.id().cmp(b.id()));
        Ok(found)
    }

    /// Removes old runs: all but the newest `keep` and those that must be kept. The lock must be
    /// held. Returns how many went.
    pub(crate) fn prune(
        &self,
        keep: usize,
        must_keep: impl Fn(&RunId) -> bool,
    ) -> Result<usize, Complaint> {
        let runs = self.runs()?;
        let old = runs.len().saturating_sub(keep);
        let mut removed = 0;
        let mut outcome = Ok(());
        for run in runs[..old].iter().filter(|run| !must_keep(run.id())) {
            match fs::remove_dir_all(run.path()) {
                Ok(()) => removed += 1,
                Err(error) => {
                    outcome = outcome.and(Err(failed_io("remove", run.path(), &error)));
                }
            }
        }
        outcome.map(|()| removed)
    }

    /// Where all its runs are.
    pub(crate) fn runs_path(&self) -> PathBuf {
        self.path.join(RUNS)
    }

    /// Where they are while they are removed.
    pub(crate) fn forgotten_path(&self) -> PathBuf {
        self.path.join(FORGOTTEN)
    }

    /// Removes all runs: in one step as far as anybody can see. The lock must be held.
    pub(crate) fn forget_runs(&self) -> io::Result<()> {
        self.clear_forgotten()?;
        crash::crash_point("forget-before");
        match disk::rename(&self.runs_path(), &self.forgotten_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => files::sync_folder(&self.path)?,
        }
        crash::crash_point("forget-renamed");
        self.clear_forgotten()
    }

    /// Removes what a kill left of runs that were forgotten. The lock must be held.
    pub(crate) fn clear_forgotten(&self) -> io::Result<()> {
        match fs::remove_dir_all(self.forgotten_path()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Makes the folders down to this one.
    fn prepare(&self) -> Result<(), Complaint> {
        let service = self.path.parent().unwrap_or(&self.path);
        if let Some(root) = service.parent().filter(|root| !root.exists()) {
            files::prepare_root(root)?;
        }
        files::ensure_folder(service)?;
        files::ensure_folder(&self.path)
    }
}
