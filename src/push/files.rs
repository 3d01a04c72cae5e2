//! FILEs of the command line: what each of them means.

use std::path::{Path, PathBuf};

use glob::{MatchOptions, glob_with};

use crate::base::display;
use crate::base::nearest::nearest;
use crate::cli::COMMAND_NAMES;
use crate::input::{InputPath, held_by_lock_file};
use crate::push::outcome::{Exit, Failure};

/// What people call what is done without a command.
const PUSHES: [&str; 5] = ["push", "upload", "import", "send", "load"];

/// The inputs that FILEs name.
pub(crate) struct Files {
    pub inputs: Vec<InputPath>,
    /// What patterns stand for.
    pub notes: Vec<String>,
}

impl Files {
    /// What a push reads. A pattern that no shell has expanded, as between quotes or on Windows, stands
    /// for the files that it matches.
    pub(crate) fn of(files: &[PathBuf]) -> Result<Self, Failure> {
        let (mut inputs, mut notes) = (Vec::with_capacity(files.len()), Vec::new());
        for file in files {
            let Some(found) = expanded(file)? else {
                inputs.push(input(file));
                continue;
            };
            let names: Vec<String> = found.iter().map(|file| display::typed_path(file)).collect();
            notes.push(format!(
                "{} stands for {}: {}",
                display::shown(&file.to_string_lossy()),
                display::counted(found.len() as u64, "file"),
                display::listed(&names)
            ));
            inputs.extend(found.into_iter().map(InputPath::File));
        }
        Ok(Self { inputs, notes })
    }

    /// The one file that a draft is made of, and what its pattern stands for.
    pub(crate) fn one(file: &Path) -> Result<(PathBuf, Option<String>), Failure> {
        let files = Self::of(&[file.to_owned()])?;
        let note = files.notes.into_iter().next();
        match (files.inputs.as_slice(), note) {
            ([InputPath::File(one)], note) => Ok((one.clone(), note)),
            ([_, _, ..], Some(note)) => Err(Failure::new(
                Exit::Usage,
                format!("a draft is made of one file: {note}"),
                Some("name one of them".to_owned()),
            )),
            _ => Ok((file.to_owned(), None)),
        }
    }
}

/// A FILE of the command line.
pub(crate) fn input(path: &Path) -> InputPath {
    match path.as_os_str() == "-" {
        true => InputPath::Stdin,
        false => InputPath::File(path.to_owned()),
    }
}

/// The files that a pattern matches, in order; none where it is no pattern. What programs of offices put
/// beside open files is left out.
fn expanded(file: &Path) -> Result<Option<Vec<PathBuf>>, Failure> {
    let Some(text) = file.to_str().filter(|_| !file.exists()) else {
        return Ok(None);
    };
    let options = MatchOptions {
        case_sensitive: !cfg!(windows),
        require_literal_separator: true,
        require_literal_leading_dot: true,
    };
    let is_pattern = text.contains(['*', '?']);
    let Some(paths) = glob_with(text, options).ok().filter(|_| is_pattern) else {
        return Ok(None);
    };
    let mut found = Vec::new();
    for path in paths {
        let path = path.map_err(|error| {
            let folder = display::quoted(&error.path().to_string_lossy());
            let message = format!("{folder} cannot be read: {}", error.error());
            Failure::new(Exit::Usage, message, None)
        })?;
        if !path.is_dir() && held_by_lock_file(&path).is_none() {
            found.push(path);
        }
    }
    if !found.is_empty() {
        return Ok(Some(found));
    }
    let folder = std::env::current_dir().unwrap_or_default();
    Err(Failure::new(
        Exit::Usage,
        format!("no file matches the pattern {}", display::quoted(text)),
        (file.is_relative()).then(|| {
            let folder = display::quoted(&folder.to_string_lossy());
            format!("it was looked for in {folder}")
        }),
    ))
}

/// Refuses words that are more likely a command than a file which is not there.
pub(crate) fn refuse_commands(files: &[impl AsRef<Path>]) -> Result<(), Failure> {
    for file in files.iter().map(AsRef::as_ref) {
        let Some(word) = file.to_str().filter(|_| !file.exists()) else {
            continue;
        };
        let hint = if PUSHES.contains(&word) {
            "files are pushed without a command: `qobra-push FILE --table KEY`".to_owned()
        } else if let Some(command) = command_like(word) {
            format!("did you mean the command `qobra-push {command}`?")
        } else {
            continue;
        };
        let message = format!(
            "there is neither a command nor a file {}",
            display::quoted(word)
        );
        return Err(Failure::new(Exit::Usage, message, Some(hint)));
    }
    Ok(())
}

/// What to try where a mapping is not there.
pub(crate) fn no_mapping(path: &Path) -> String {
    let drafted = format!(
        "`qobra-push init FILE > {}` drafts one",
        display::typed_path(path)
    );
    match nearest(path) {
        Some(found) => {
            let typed = display::typed_path(&found.path);
            format!("did you mean {typed}? {drafted}")
        }
        None => drafted,
    }
}

/// The command that differs from a word in a letter or two.
fn command_like(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let most = if word.len() < 6 { 1 } else { 2 };
    let distances = COMMAND_NAMES
        .iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, name), *name));
    let (distance, name) = distances.min()?;
    (distance <= most).then_some(name)
}
