//! Folders and files for their owner only, and writes that survive a power cut.

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::error::failed_io;
use crate::base::complaint::Complaint;
use crate::base::rights::Rights;
use crate::base::{crash, disk, display};

/// Makes a new file that only its owner may read and write.
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().read(true).append(true).create_new(true)).open(path)
}

/// Opens a file made by [`create_private`] to add to it; one that was replaced by a link is not
/// followed to wherever that leads.
pub(crate) fn append_private(path: &Path) -> io::Result<File> {
    private(OpenOptions::new().append(true)).open(path)
}

/// Cuts such a file. By a handle of its own: Windows refuses it of one that may only add.
pub(crate) fn truncate(path: &Path, length: u64) -> io::Result<()> {
    let file = private(OpenOptions::new().write(true)).open(path)?;
    file.set_len(length)?;
    file.sync_data()
}

/// Writes a small file so that a reader finds the old content or the new one, whatever happens: a
/// temporary file beside it is synced and takes its name by an atomic rename.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    // Temporary files are private from the start.
    let mut file = tempfile::Builder::new().prefix(".").tempfile_in(folder)?;
    crash::fail_point("write")?;
    file.write_all(bytes)?;
    crash::fail_point("sync")?;
    file.as_file().sync_all()?;
    crash::crash_point("state-rename-before");
    crash::fail_point("rename")?;
    disk::persist(file, path)?;
    sync_folder(folder)
}

/// Brings a folder's list of names to disk, which syncing a new file does not do.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        crash::fail_point("sync")?;
        File::open(path)?.sync_all()?;
    }
    Ok(())
}

/// Options of a file that only its owner may read and write, and that is not followed as a link.
pub(super) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let no_links = rustix::fs::OFlags::NOFOLLOW.bits();
        options.mode(0o600).custom_flags(no_links.cast_signed());
    }
    options
}

/// Makes the state folder, with all above it, and tries to write there.
pub(super) fn prepare_root(path: &Path) -> Result<(), Complaint> {
    let failed = |error: io::Error| unwritable(path, &error);
    crash::fail_point("write").map_err(failed)?;
    let made = path.ancestors().take_while(|above| !above.exists()).count();
    owned(DirBuilder::new().recursive(true))
        .create(path)
        .map_err(failed)?;
    for above in path.ancestors().skip(1).take(made) {
        // The folders above are not ours and may be unreadable; then this is as good as it gets.
        let _ = sync_folder(above);
    }
    // The folder itself may be a link: systemd's often are.
    check_rights(path, &fs::metadata(path).map_err(failed)?)?;
    try_writing(path).map_err(failed)
}

/// Writes nothing to a folder. Only trying tells: rights, a read-only file system, a quota, and a file
/// system without what the state relies on. A table that cannot be locked, or a journal that a power cut
/// undoes, would break promises in silence.
pub(super) fn try_writing(folder: &Path) -> io::Result<()> {
    let file = tempfile::tempfile_in(folder)?;
    let locked = match file.try_lock() {
        Err(TryLockError::Error(error)) => Err(error),
        // Nobody else has it.
        _ => crash::fail_point("lock"),
    };
    locked.map_err(|error| cannot("lock files", error))?;
    let synced = crash::fail_point("probe").and_then(|()| file.sync_all());
    synced.map_err(|error| cannot("write them through to its disk", error))?;
    match File::open(folder).and_then(|folder| folder.sync_all()) {
        Err(error) if cfg!(unix) && is_unable(&error) => {
            Err(cannot("write them through to its disk", error))
        }
        // Above the state folder, one may have no right to read.
        _ => Ok(()),
    }
}

/// What a file system cannot do at all, in words; other errors speak for themselves.
fn cannot(what: &str, error: io::Error) -> io::Error {
    match is_unable(&error) {
        true => io::Error::new(
            io::ErrorKind::Unsupported,
            format!("this file system cannot {what} ({error}), as many network and FUSE folders"),
        ),
        false => error,
    }
}

/// Whether a file system lacks what was asked of it.
fn is_unable(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let lacking = [Errno::NOLCK, Errno::OPNOTSUPP, Errno::NOSYS, Errno::INVAL];
        Errno::from_io_error(error).is_some_and(|errno| lacking.contains(&errno))
    }
    #[cfg(not(unix))]
    {
        const INVALID_FUNCTION: i32 = 1;
        const NOT_SUPPORTED: i32 = 50;
        const INVALID_PARAMETER: i32 = 87;
        let lacking = [INVALID_FUNCTION, NOT_SUPPORTED, INVALID_PARAMETER].map(Some);
        error.kind() == io::ErrorKind::Unsupported || lacking.contains(&error.raw_os_error())
    }
}

/// A state folder that cannot be made or written.
pub(super) fn unwritable(path: &Path, error: &io::Error) -> Complaint {
    let place = display::quoted(&path.to_string_lossy());
    Complaint::new(
        format!("cannot write to the state folder {place}: {error}"),
        match error.kind() {
            io::ErrorKind::Unsupported => {
                "the state folder belongs on a local disk: name one with --state-dir or QOBRA_PUSH_STATE_DIR"
            }
            _ => "name another folder with --state-dir or QOBRA_PUSH_STATE_DIR",
        }
        .to_owned(),
    )
}

/// Makes a folder below the state folder, or checks the one that stands there.
pub(super) fn ensure_folder(path: &Path) -> Result<(), Complaint> {
    let failed = |error: io::Error| failed_io("make the folder", path, &error);
    match create_folder(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(error)),
        Err(_) => check_folder(path),
    }
}

/// Checks a folder below the state folder; one that is not there is as good as one to be made.
pub(super) fn check_folder(path: &Path) -> Result<(), Complaint> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed_io("make the folder", path, &error)),
    };
    if !found.is_dir() {
        let place = display::quoted(&path.to_string_lossy());
        return Err(Complaint::new(
            format!("{place} stands in the state folder and is not a folder"),
            "move it away, or name another folder with --state-dir".to_owned(),
        ));
    }
    check_rights(path, &found)
}

/// Makes one folder that did not exist, and syncs the name.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    crash::fail_point("write")?;
    owned(&mut DirBuilder::new()).create(path)?;
    path.parent().map_or(Ok(()), sync_folder)
}

fn owned(builder: &mut DirBuilder) -> &mut DirBuilder {
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder
}

/// Whoever may write a folder may put another run's journal into it.
pub(super) fn check_rights(path: &Path, found: &fs::Metadata) -> Result<(), Complaint> {
    let Some(Rights { mode, .. }) = Rights::of(found).filter(|rights| rights.mode & 0o022 != 0)
    else {
        return Ok(());
    };
    let place = display::quoted(&path.to_string_lossy());
    Err(Complaint::new(
        format!("others may write to the state folder {place} (mode {mode:04o})"),
        "take that right away (chmod go-w), or name a folder inside it with --state-dir: it is made \
         for you alone"
            .to_owned(),
    ))
}

/// The folders in a folder, links left out; none where the folder does not exist.
pub(super) fn folders_in(path: &Path) -> Result<Vec<PathBuf>, Complaint> {
    let failed = |error: io::Error| failed_io("read", path, &error);
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut folders = Vec::new();
    for entry in entries {
        let entry = entry.map_err(failed)?;
        if entry.file_type().map_err(failed)?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}
