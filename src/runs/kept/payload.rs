//! Where a run's payload is.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use super::error::KeptError;
use super::reader;
use super::sidecar::Sidecar;
use crate::base::small;
use crate::runs::state::RunDir;

/// More than any `kept.json` has.
const MOST_SIDECAR: u64 = 1 << 20;

/// A run's payload, whether it is there or not.
#[derive(Clone, Debug)]
pub(crate) struct Payload {
    run: RunDir,
}

impl Payload {
    pub(crate) fn of(run: &RunDir) -> Self {
        Self { run: run.clone() }
    }

    /// The records.
    pub(crate) fn path(&self) -> PathBuf {
        self.run.path().join("kept.ndjson.zst")
    }

    /// What it says of itself.
    pub(crate) fn sidecar_path(&self) -> PathBuf {
        self.run.path().join("kept.json")
    }

    /// The records while they are written.
    pub(super) fn part_path(&self) -> PathBuf {
        self.run.path().join("kept-part")
    }

    /// Whether it was written to its end. It may be damaged since.
    pub(crate) fn exists(&self) -> bool {
        self.sidecar_path().exists() && self.path().exists()
    }

    /// The bytes that it takes; none where there is none.
    pub(crate) fn disk_bytes(&self) -> Option<u64> {
        let size = |path| fs::metadata(path).ok().map(|found| found.len());
        Some(size(self.path())? + size(self.sidecar_path())?)
    }

    /// What it says of itself, if that is what was written, and of this run.
    pub(crate) fn sidecar(&self) -> Result<Sidecar, KeptError> {
        let sidecar = Sidecar::read(&small::read(&self.sidecar_path(), MOST_SIDECAR)?)?;
        match sidecar.run == *self.run.id() {
            true => Ok(sidecar),
            false => Err(KeptError::Other(format!("run {}", sidecar.run))),
        }
    }

    /// Reads the file to its end, if each of its bytes is what was written.
    pub(crate) fn check(&self, sidecar: &Sidecar) -> Result<(), KeptError> {
        reader::check(File::open(self.path())?, sidecar)
    }

    /// Shows each record's JSON, once the file is known to be what was written.
    pub(crate) fn each(&self, sidecar: &Sidecar, each: impl FnMut(&[u8])) -> Result<(), KeptError> {
        self.check(sidecar)?;
        reader::each(File::open(self.path())?, sidecar, each)
    }

    /// Removes it, and what may have been written of it.
    pub(super) fn remove(&self) -> io::Result<()> {
        // The description first: a file without one is no payload.
        let files = [self.sidecar_path(), self.path(), self.part_path()];
        let removed = files.iter().map(|path| match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
        removed.fold(Ok(()), Result::and)
    }
}
