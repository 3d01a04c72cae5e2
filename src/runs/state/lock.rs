//! One push a table: a file lock, which the kernel frees on any death of its holder.
//!
//! The file is never deleted: whoever deleted it while another process waits for it would leave two
//! locks of one name. The holder's note is a courtesy for the second push's message, no more. It stands in
//! the file where locks are advisory (`flock`), and beside it on Windows, where a locked file is read by
//! nobody else.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::failed_io;
use super::files;
use super::run::RunId;
use crate::base::clock::Clock;
use crate::base::complaint::Complaint;

/// The most bytes that a holder's note has.
const MAX_NOTE: u64 = 4_096;

/// The file of the note.
pub(super) const NOTE: &str = if cfg!(windows) { "holder" } else { "lock" };

/// A table that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    /// Closing it frees the lock.
    _file: File,
    note: PathBuf,
    holder: LockHolder,
}

/// Who has a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LockHolder {
    /// The holder's run, once it has one.
    pub run: Option<RunId>,
    pub pid: u32,
    /// Since when, by the wall clock.
    pub since: Timestamp,
}

/// How often a lock is tried for before it counts as held.
const TRIES: u32 = 5;

/// Longer than a look at a lock takes.
const LOOK: std::time::Duration = std::time::Duration::from_millis(20);

/// Why a table cannot be locked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another process has the table (exit code 9).
    #[error("another push to this table is running from this state folder{}", named(by.as_ref()))]
    Held {
        /// Who, if it said so.
        by: Option<LockHolder>,
    },
    /// There can be no lock (exit code 2).
    #[error(transparent)]
    Io(#[from] Complaint),
}

fn named(holder: Option<&LockHolder>) -> String {
    let Some(LockHolder { run, pid, since }) = holder else {
        return String::new();
    };
    let run = run
        .as_ref()
        .map_or_else(String::new, |run| format!("run {run}, "));
    format!(" ({run}process {pid}, since {since:.0})")
}

impl Lock {
    pub(super) fn take(path: &Path, clock: &Clock) -> Result<Self, LockError> {
        let failed = |error: io::Error| LockError::Io(failed_io("lock", path, &error));
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = files::private(options).open(path).map_err(failed)?;
        let mut tries = 1;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                // A command that lists runs may be looking for an instant.
                Err(TryLockError::WouldBlock) if tries < TRIES => {
                    tries += 1;
                    std::thread::sleep(LOOK);
                }
                Err(TryLockError::WouldBlock) => {
                    return Err(LockError::Held {
                        by: read_note(path),
                    });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let holder = LockHolder {
            run: None,
            pid: std::process::id(),
            since: clock.now().wall,
        };
        let note = path.with_file_name(NOTE);
        let lock = Self {
            _file: file,
            note,
            holder,
        };
        lock.write_note();
        Ok(lock)
    }

    /// Who holds the lock, if that is known; none where nobody does. Looks only.
    pub(super) fn holder(path: &Path) -> Option<LockHolder> {
        Self::is_held(path).flatten()
    }

    /// Whether somebody holds the lock, and who, if that is known. Looks only.
    pub(super) fn is_held(path: &Path) -> Option<Option<LockHolder>> {
        let file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_note(path)),
            _ => None,
        }
    }

    /// Tells a second push which run has the table.
    pub(crate) fn name_run(&mut self, run: &RunId) {
        self.holder.run = Some(run.clone());
        self.write_note();
    }

    /// Leaves a note. The lock holds without it, so a failure is none.
    fn write_note(&self) {
        let _ = self.cleared_note().and_then(|mut file| {
            let note = serde_json::to_vec(&self.holder)?;
            file.write_all(&note)
        });
    }

    fn cleared_note(&self) -> io::Result<File> {
        let mut options = OpenOptions::new();
        let options = options.write(true).create(true).truncate(true);
        files::private(options).open(&self.note)
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Without a note, the next holder is not taken for us.
        let _ = self.cleared_note();
    }
}

fn read_note(lock: &Path) -> Option<LockHolder> {
    let mut note = Vec::new();
    let file = File::open(lock.with_file_name(NOTE)).ok()?;
    file.take(MAX_NOTE).read_to_end(&mut note).ok()?;
    serde_json::from_slice(&note).ok()
}
