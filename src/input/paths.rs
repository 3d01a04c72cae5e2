//! FILEs that cannot be opened as they were named, and what may be meant.

use std::fs::Metadata;
use std::io;
use std::path::Path;

use super::error::{Blame, InputError};
use super::faults;
use super::options::InputPath;
use crate::base::display;
use crate::base::nearest::{Nearest, nearest};

/// A file that cannot be opened. `shown` is its name, harmless to print.
pub(super) fn cannot_open(shown: &str, path: &Path, error: &io::Error) -> InputError {
    if error.kind() != io::ErrorKind::NotFound {
        return InputError::plain(format!("{shown} cannot be opened: {error}")).of_command_line();
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
        blame: Blame::CommandLine,
        message: format!("{shown}: no such file"),
        hint: nearest.or(folder),
    }
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
