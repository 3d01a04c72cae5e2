//! FILEs that cannot be opened as they were named, and what may be meant.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use super::error::InputError;
use super::options::InputPath;
use super::{faults, named};
use crate::base::nearest::{Nearest, nearest};
use crate::base::{device, display};

/// A file that cannot be opened. `shown` is its name, harmless to print.
pub(super) fn cannot_open(shown: &str, path: &Path, error: &io::Error) -> InputError {
    // Windows opens no folders.
    if path.is_dir() {
        return folder(shown, path);
    }
    if error.kind() != io::ErrorKind::NotFound {
        let hint = is_held(error).then(|| HELD.to_owned());
        let error = InputError::plain(format!("{shown} cannot be opened: {error}"));
        return InputError { hint, ..error }.of_command_line();
    }
    // A job that runs in another folder than thought is the usual reason.
    let folder = std::env::current_dir().ok().filter(|_| path.is_relative());
    let folder = folder.map(|folder| {
        let folder = folder.display().to_string();
        format!("it was looked for in {}", display::quoted(&folder))
    });
    let nearest = nearest(path).map(|Nearest { path, is_same }| {
        let typed = display::typed_path(&path);
        match is_same {
            true => format!(
                "{typed} is there: accents and capitals count, and an accent can be stored in two ways"
            ),
            false => format!("did you mean {typed}?"),
        }
    });
    InputError {
        hint: nearest.or(folder),
        ..gone(shown)
    }
}

/// A file that is not there. `shown` is its name, harmless to print.
pub(super) fn gone(shown: &str) -> InputError {
    InputError::plain(format!("{shown}: no such file")).of_command_line()
}

/// What to try where another program holds a file.
const HELD: &str =
    "is it open in another program, such as Excel? Close it there, or push a copy of it";

/// Whether another program has a file open for itself alone, or a part of it.
fn is_held(error: &io::Error) -> bool {
    const SHARING_VIOLATION: i32 = 32;
    const LOCK_VIOLATION: i32 = 33;
    let of_windows = [SHARING_VIOLATION, LOCK_VIOLATION].map(Some);
    error.kind() == io::ErrorKind::ResourceBusy
        || cfg!(windows) && of_windows.contains(&error.raw_os_error())
}

/// The file that a program of offices has open, if this is what it puts beside it meanwhile.
pub(crate) fn held_by_lock_file(path: &Path) -> Option<PathBuf> {
    let name = path.file_name()?.to_str()?;
    let meant = match name.strip_prefix("~$") {
        Some(meant) => meant,
        None => name.strip_prefix(".~lock.")?.strip_suffix('#')?,
    };
    (!meant.is_empty()).then(|| path.with_file_name(meant))
}

/// Refuses what is no file of data by its name.
pub(super) fn refuse_lock_file(shown: &str, path: &Path) -> Result<(), InputError> {
    let Some(meant) = held_by_lock_file(path) else {
        return Ok(());
    };
    let typed = display::typed_path(&meant);
    Err(faults::open(
        format!("{shown} is no data: it says that somebody has {typed} open"),
        format!("push {typed}, once it is saved and closed"),
    ))
}

/// Refuses what is a device on Windows, by its name.
pub(super) fn refuse_device(shown: &str, path: &Path) -> Result<(), InputError> {
    if !device::stands_for_a_device(path) {
        return Ok(());
    }
    Err(faults::open(
        format!("{shown} is the name of a device, and no file"),
        "name a file, or `-` for standard input",
    ))
}

/// A folder where a file should be. `shown` is its name, harmless to print.
pub(super) fn folder(shown: &str, path: &Path) -> InputError {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    let data = entries.map(|entry| entry.path()).filter(|file| {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        !name.starts_with(['.', '~']) && named::is_data(&name) && file.is_file()
    });
    let mut data: Vec<PathBuf> = data.collect();
    data.sort();
    let Some(first) = data.first() else {
        return faults::open(
            format!("{shown} is a folder, not a file"),
            "it has no file of data: name another place",
        );
    };
    let names = data.iter().map(|file| file.file_name().unwrap_or_default());
    let names = names.map(|name| display::shown(&name.to_string_lossy()));
    let listed = display::listed(&names.collect::<Vec<_>>());
    let count = display::counted(data.len() as u64, "file");
    let extension = first.extension().unwrap_or_default().to_string_lossy();
    let all = data
        .iter()
        .all(|file| file.extension() == first.extension());
    let typed = display::typed_path(first);
    faults::open(
        format!("{shown} is a folder, with {count} of data: {listed}"),
        match data.len() {
            1 => format!("name the file: {typed}"),
            _ if all => {
                let folder = display::typed_path(path);
                let slash = if folder.ends_with('/') { "" } else { "/" };
                format!("name all of them as {folder}{slash}*.{extension}, or one as {typed}")
            }
            _ => format!("name those that belong together, such as {typed}"),
        },
    )
}

/// Refuses files that are named twice, by whatever paths: their records would be.
pub(super) fn refuse_repeated(paths: &[InputPath]) -> Result<(), InputError> {
    let mut seen: Vec<(&Path, Identity)> = Vec::with_capacity(paths.len());
    for path in paths {
        let InputPath::File(path) = path else {
            continue;
        };
        let meta = std::fs::metadata(path).ok().filter(Metadata::is_file);
        let Some(identity) = meta.and_then(|meta| identity(path, &meta)) else {
            continue;
        };
        if let Some((first, _)) = seen.iter().find(|(_, other)| *other == identity) {
            let shown = |path: &Path| display::shown(&path.display().to_string());
            return Err(faults::open(
                match first == path {
                    true => format!("{} is named twice", shown(path)),
                    false => format!("{} is the same file as {}", shown(path), shown(first)),
                },
                "name each file once",
            ));
        }
        seen.push((path, identity));
    }
    Ok(())
}

#[cfg(unix)]
type Identity = (u64, u64);

#[cfg(not(unix))]
type Identity = std::path::PathBuf;

/// What two names of one file have in common, links included.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "other systems have to ask for it")]
fn identity(_: &Path, meta: &Metadata) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt as _;
    Some((meta.dev(), meta.ino()))
}

/// What two names of one file have in common, as far as that can be asked.
#[cfg(not(unix))]
fn identity(path: &Path, _: &Metadata) -> Option<Identity> {
    path.canonicalize().ok()
}
