//! The key of a state folder's fingerprints.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::base::complaint::Complaint;
use crate::base::{crash, display, small};
use crate::prove::FingerprintKey;
use crate::runs::state::{self, StateDir};

/// The file in the state folder's root.
const NAME: &str = "base.key";
const BYTES: usize = 32;

/// The folder's key; none where none was made yet. Touches nothing: for dry runs.
pub(crate) fn read(state: &StateDir) -> Result<Option<FingerprintKey>, Complaint> {
    read_at(&path(state))
}

/// The folder's key, made if there is none: two processes at once end with the same one.
pub(crate) fn read_or_make(state: &StateDir) -> Result<FingerprintKey, Complaint> {
    let path = path(state);
    if let Some(key) = read_at(&path)? {
        return Ok(key);
    }
    let made = make(&path).map_err(|error| failed("made", &path, &error))?;
    match made {
        Some(key) => Ok(key),
        // Another process was faster.
        None => {
            read_at(&path)?.ok_or_else(|| failed("read", &path, &io::ErrorKind::NotFound.into()))
        }
    }
}

/// A key that is kept nowhere: what it makes can be compared with nothing.
pub(crate) fn random() -> io::Result<FingerprintKey> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(FingerprintKey::new(bytes))
}

fn path(state: &StateDir) -> PathBuf {
    state.path().join(NAME)
}

fn read_at(path: &Path) -> Result<Option<FingerprintKey>, Complaint> {
    let bytes = match small::read(path, BYTES as u64) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Vec::new(),
        Err(error) => return Err(failed("read", path, &error)),
    };
    match <[u8; BYTES]>::try_from(bytes) {
        Ok(bytes) => Ok(Some(FingerprintKey::new(bytes))),
        Err(_) => Err(Complaint::new(
            format!(
                "{} is damaged: it does not have {BYTES} bytes, so what a push changes cannot be told",
                display::quoted(&path.to_string_lossy())
            ),
            "remove it: the next push makes another one, and has nothing to compare with"
                .to_owned(),
        )),
    }
}

/// Makes the file with a new key, whole or not at all; none if one is there by now.
fn make(path: &Path) -> io::Result<Option<FingerprintKey>> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let key = random()?;
    crash::fail_point("base-write")?;
    // Temporary files are private from the start.
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    file.write_all(key.bytes())?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(path) {
        Ok(_) => {}
        Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
        Err(error) => return Err(error.error),
    }
    state::sync_folder(folder)?;
    Ok(Some(key))
}

fn failed(what: &str, path: &Path, error: &io::Error) -> Complaint {
    let place = display::quoted(&path.to_string_lossy());
    let message =
        format!("{place} cannot be {what}: {error}; so what a push changes cannot be told");
    Complaint::new(message, None)
}
