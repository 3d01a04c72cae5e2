//! What a user may name for an output besides a file: a device, a pipe with a name, a stream of this process.
//!
//! A file is written anew and takes the place of the one before. Nothing may take the place of these: the
//! output goes into them, and whether it stays there is theirs to say, so that nothing is synced either.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{self, Path};

use super::streams;

/// Whether something stands there, wherever links lead, that is neither a file nor a folder, or whether the
/// name is one of an open stream.
pub(crate) fn is_one(path: &Path) -> bool {
    let is_other = fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir());
    is_other || is_name_of_stream(path)
}

/// Whether it is a link that the system has made, such as `/dev/stdout`: also where the stream is a file by
/// now, the link is to stay.
fn is_name_of_stream(path: &Path) -> bool {
    let is_link = fs::symlink_metadata(path).is_ok_and(|found| found.is_symlink());
    let folder = path::absolute(path).ok().and_then(|path| {
        let folder = path.parent()?;
        fs::canonicalize(folder).ok()
    });
    let is_systems = |folder: &Path| {
        folder == Path::new("/dev") || folder == Path::new("/dev/fd") || folder.starts_with("/proc")
    };
    is_link && folder.is_some_and(|folder| is_systems(&folder))
}

/// Writes all of it into what stands there, if that is one; else a file, in the caller's way.
pub(crate) fn write_or(
    path: &Path,
    bytes: &[u8],
    file: impl FnOnce(&Path, &[u8]) -> io::Result<()>,
) -> io::Result<()> {
    match is_one(path) {
        true => write(path, bytes),
        false => file(path, bytes),
    }
}

/// Writes all of it into what stands there, behind what is in it.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut into = File::options().append(true).open(path)?;
    match is_stdout(&into) {
        // Opened once more, it would not move the place at which everything else is written.
        true => streams::stdout(bytes),
        false => into.write_all(bytes),
    }
}

/// Whether it may be written, as far as that is told without opening it: the reader of a pipe takes the first
/// writer that goes for the only one.
pub(crate) fn check(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK)?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

fn is_stdout(file: &File) -> bool {
    #[cfg(unix)]
    {
        let place = |of: rustix::fs::Stat| (of.st_dev, of.st_ino);
        let stdout = rustix::fs::fstat(io::stdout()).map(place);
        stdout.is_ok() && stdout == rustix::fs::fstat(file).map(place)
    }
    #[cfg(not(unix))]
    {
        let _ = file;
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_folders_and_nothing_are_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        for path in [&file, folder.path(), &folder.path().join("none")] {
            assert!(!is_one(path), "{}", path.display());
        }
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert!(!is_one(&link));
        }
    }

    /// Also where the stream is a file, whose link must not be replaced.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_name_of_an_open_file_is_one() {
        use std::os::fd::AsRawFd as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        fs::write(&path, "before, ").unwrap();
        let file = File::options().append(true).open(&path).unwrap();
        for folder in ["/dev/fd", "/proc/self/fd"] {
            let name = Path::new(folder).join(file.as_raw_fd().to_string());
            assert!(is_one(&name), "{}", name.display());
            check(&name).unwrap();
            let file = |_: &Path, _: &[u8]| Err(io::ErrorKind::AlreadyExists.into());
            write_or(&name, b"more, ", file).unwrap();
        }
        assert_eq!(fs::read(&path).unwrap(), b"before, more, more, ");
        drop(file);
    }
}
