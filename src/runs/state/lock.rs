//! One push a table: an advisory file lock (`flock`), which the kernel frees on any death of its
//! holder.
//!
//! The file is never deleted: whoever deleted it while another process waits for it would leave two
//! locks of one name. What stands in it is a courtesy for the second push's message, no more.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::error::failed_io;
use super::files;
use super::run::RunId;
use crate::base::clock::Clock;
use crate::base::complaint::Complaint;

/// The most bytes that a holder's note has.
const MAX_NOTE: u64 = 4_096;

/// A table that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    file: File,
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
        let mut file = files::private(options).open(path).map_err(failed)?;
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
                        by: read_note(&mut file),
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
        let mut lock = Self { file, holder };
        lock.write_note();
        Ok(lock)
    }

    /// Who holds the lock, if that is known; none where nobody does. Looks only.
    pub(super) fn holder(path: &Path) -> Option<LockHolder> {
        Self::is_held(path).flatten()
    }

    /// Whether somebody holds the lock, and who, if that is known. Looks only.
    pub(super) fn is_held(path: &Path) -> Option<Option<LockHolder>> {
        let mut file = File::open(path).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_note(&mut file)),
            _ => None,
        }
    }

    /// Tells a second push which run has the table.
    pub(crate) fn name_run(&mut self, run: &RunId) {
        self.holder.run = Some(run.clone());
        self.write_note();
    }

    /// Leaves a note in the file. The lock holds without it, so a failure is none.
    fn write_note(&mut self) {
        let _ = self.clear_note().and_then(|()| {
            let note = serde_json::to_vec(&self.holder)?;
            self.file.write_all(&note)
        });
    }

    fn clear_note(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.rewind()
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing the file frees the lock; without a note, the next holder is not taken for us.
        let _ = self.clear_note();
    }
}

fn read_note(file: &mut File) -> Option<LockHolder> {
    let mut note = Vec::new();
    file.take(MAX_NOTE).read_to_end(&mut note).ok()?;
    serde_json::from_slice(&note).ok()
}
