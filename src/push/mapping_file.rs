//! The mapping file: read, checked, and what is wrong with it in words.

use std::io;
use std::path::{Path, PathBuf};

use crate::base::{display, small};
use crate::mapping::{Mapping, Mistake};
use crate::push::files;
use crate::push::outcome::{Exit, Failure, Problem};

/// The most bytes of a mapping file: more than 10,000 fields have. TOML is read as a whole, and a
/// mistake on each line takes a hundred times its size.
const MAX_MAPPING: u64 = 1 << 20;

/// A mapping file, as it was when it was read.
#[derive(Clone, Debug)]
pub(crate) struct MappingFile {
    /// The file's name, for messages.
    pub name: String,
    pub path: PathBuf,
    /// `blake3:…` of its bytes.
    pub digest: String,
}

/// Mistakes in a mapping as a failure, each with the file's name and its line.
pub(super) fn mapping_failure(name: Option<&str>, mistakes: Vec<Mistake>) -> Failure {
    let problem = |Mistake {
                       line,
                       message,
                       hint,
                   }| {
        let place = match (name, line) {
            (Some(name), Some(line)) => format!("{name}, line {line}: "),
            (Some(name), None) => format!("{name}: "),
            (None, _) => String::new(),
        };
        Problem::new(format!("{place}{message}"), hint)
    };
    Failure {
        exit: Exit::Usage,
        problems: mistakes.into_iter().map(problem).collect(),
    }
}

const NOT_TEXT: &str = "it is neither UTF-8 nor UTF-16 with a byte order mark";

/// Reads and checks a mapping file.
pub(crate) fn read_mapping(path: &Path) -> Result<(Mapping, MappingFile), Failure> {
    let name = name(path);
    let unreadable = |error: io::Error| {
        let hint = match error.kind() {
            io::ErrorKind::FileTooLarge => Some("is it the mapping, and not the input?".to_owned()),
            io::ErrorKind::NotFound => Some(files::no_mapping(path)),
            _ => None,
        };
        let message = match error.kind() {
            io::ErrorKind::NotFound => format!("there is no mapping {name}"),
            _ => format!("cannot read the mapping {name}: {error}"),
        };
        Failure::new(Exit::Usage, message, hint)
    };
    let bytes = small::read(path, MAX_MAPPING).map_err(unreadable)?;
    let text = Mapping::decode(&bytes).ok_or_else(|| unreadable(io::Error::other(NOT_TEXT)))?;
    let mapping =
        Mapping::parse(&text).map_err(|mistakes| mapping_failure(Some(&name), mistakes))?;
    let digest = format!("blake3:{}", blake3::hash(&bytes));
    let path = std::path::absolute(path).map_err(unreadable)?;
    Ok((mapping, MappingFile { name, path, digest }))
}

fn name(path: &Path) -> String {
    display::shown(&path.to_string_lossy())
}
