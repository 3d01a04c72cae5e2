//! Why a file cannot be written, where the system's words do not say it, and files that get their names
//! although somebody is looking at them.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

/// How long somebody else may have a file open: a scanner takes some tenths of a second.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// The variable that names the folder of temporary files.
pub(crate) const TEMPORARY: &str = if cfg!(windows) { "TMP" } else { "TMPDIR" };

/// An error of the system, in words: the limit that a shell or a scheduler sets is no full disk.
pub(crate) fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::FileTooLarge => {
            format!("{error}: the file size limit of this process (ulimit -f) is reached")
        }
        _ => error.to_string(),
    }
}

/// Brings a file that was closed to the disk. By a handle that may write: Windows refuses it of any other.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    File::options().write(true).open(path)?.sync_all()
}

/// Renames a file or a folder, over a file that is there too.
pub(crate) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(is_in_use, || fs::rename(from, to))
}

/// Gives a temporary file its name, over a file that is there too.
pub(crate) fn persist(file: NamedTempFile, path: &Path) -> io::Result<File> {
    let mut left = Some(file);
    patiently(is_in_use, || {
        let file = left.take().ok_or(io::ErrorKind::NotFound)?;
        file.persist(path).map_err(|error| {
            left = Some(error.file);
            error.error
        })
    })
}

/// Does what fails as long as somebody else has a file open, and does not wait for ever.
fn patiently<T>(
    is_passing: impl Fn(&io::Error) -> bool,
    mut act: impl FnMut() -> io::Result<T>,
) -> io::Result<T> {
    for _ in 1..TRIES {
        match act() {
            Err(error) if is_passing(&error) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    act()
}

/// Whether an open file may be what is in the way: on Windows, where a scanner for viruses or an indexer has
/// each new file open for a moment, and keeps it from being renamed.
fn is_in_use(error: &io::Error) -> bool {
    const ACCESS_DENIED: i32 = 5;
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    let passing = [ACCESS_DENIED, SHARING_VIOLATION, LOCK_VIOLATION].map(Some);
    cfg!(windows) && passing.contains(&error.raw_os_error())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_waited_out_and_nothing_else() {
        let mut busy = 2;
        let renamed = patiently(
            |error| error.kind() == io::ErrorKind::ResourceBusy,
            || match busy {
                0 => Ok("renamed"),
                _ => {
                    busy -= 1;
                    Err(io::ErrorKind::ResourceBusy.into())
                }
            },
        );
        assert_eq!(renamed.unwrap(), "renamed");
        let mut tries = 0;
        let failed: io::Result<()> = patiently(is_in_use, || {
            tries += 1;
            Err(io::ErrorKind::NotFound.into())
        });
        assert_eq!(failed.unwrap_err().kind(), io::ErrorKind::NotFound);
        assert_eq!(tries, 1);
    }

    #[test]
    fn a_name_is_given_over_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        for content in ["old", "new"] {
            let file = NamedTempFile::new_in(folder.path()).unwrap();
            fs::write(file.path(), content).unwrap();
            persist(file, &path).unwrap();
            sync(&path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), content);
        }
        let moved = folder.path().join("moved");
        fs::write(&moved, "older").unwrap();
        rename(&path, &moved).unwrap();
        assert_eq!(fs::read_to_string(&moved).unwrap(), "new");
    }
}
