//! A look at the state folder that makes nothing there and leaves nothing behind.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::dir::StateDir;
use super::files;
use super::storage::Storage;
use crate::base::complaint::Complaint;
use crate::base::rights::Rights;

/// The state folder as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StateLook {
    /// Whether the folder exists; else a push makes it.
    pub exists: bool,
    /// Whose it is and who may use it, where there is such a thing.
    pub rights: Option<Rights>,
    /// Bytes that may still be written there, where that can be told.
    pub free: Option<u64>,
}

impl StateDir {
    /// Looks at the folder, and tries whether this user can write there or make it: with a file that
    /// has no name where the system can do that, and is gone at once otherwise.
    pub(crate) fn look(&self) -> Result<StateLook, Complaint> {
        let failed = |error: io::Error| files::unwritable(&self.path, &error);
        let found = match fs::metadata(&self.path) {
            Ok(found) => Some(found),
            // A link that leads nowhere is in the way of the folder to be made.
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.path.is_symlink() => {
                None
            }
            Err(error) => return Err(failed(error)),
        };
        if let Some(found) = &found {
            if !found.is_dir() {
                return Err(failed(io::ErrorKind::NotADirectory.into()));
            }
            files::check_rights(&self.path, found)?;
        }
        let place = existing(&self.path);
        files::try_writing(&place).map_err(failed)?;
        Ok(StateLook {
            exists: found.is_some(),
            rights: found.as_ref().and_then(Rights::of),
            free: free(&place),
        })
    }

    /// What holds the folder, or will, where that is worth a word.
    pub(crate) fn storage(&self) -> Option<Storage> {
        Storage::at(&existing(&self.path))
    }
}

/// The folder itself, or the nearest one above it that is there.
fn existing(path: &Path) -> PathBuf {
    let above = path.ancestors().find(|above| above.exists());
    above.unwrap_or(path).to_owned()
}

#[cfg(unix)]
fn free(place: &Path) -> Option<u64> {
    let found = rustix::fs::statvfs(place).ok()?;
    Some(found.f_bavail.saturating_mul(found.f_frsize))
}

#[cfg(not(unix))]
fn free(place: &Path) -> Option<u64> {
    fs4::available_space(place).ok()
}
