//! The file that may be meant where one is not there.

use std::path::{Path, PathBuf};

use deunicode::deunicode_char;

/// How many files of a folder are looked at.
const MOST: usize = 10_000;

/// From this likeness on, of at most 1, a name is told.
const LIKE: f64 = 0.75;

/// A file that is there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Nearest {
    pub path: PathBuf,
    /// Whether the names differ in accents and capitals only. One accent may be stored in two ways, so
    /// that people see no difference at all.
    pub is_same: bool,
}

/// The file beside `path` whose name is most like it.
pub(crate) fn nearest(path: &Path) -> Option<Nearest> {
    let wanted = plain(path)?;
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let entries = std::fs::read_dir(folder.unwrap_or(Path::new("."))).ok()?;
    let files = entries.take(MOST).flatten().map(|entry| entry.path());
    let (likeness, found) = files
        .filter(|file| file.is_file())
        .filter_map(|file| {
            let likeness = strsim::normalized_damerau_levenshtein(&wanted, &plain(&file)?);
            Some((likeness, file))
        })
        .max_by(|(one, a), (other, b)| one.total_cmp(other).then(b.cmp(a)))?;
    let is_same = plain(&found)? == wanted;
    (is_same || likeness >= LIKE).then(|| Nearest {
        path: path.with_file_name(found.file_name().unwrap_or_default()),
        is_same,
    })
}

/// A file's name without accents, in small letters.
fn plain(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_string_lossy();
    let ascii: String = name.chars().filter_map(deunicode_char).collect();
    Some(ascii.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["Contrats signe\u{301}s.csv", "deals-2026.csv", "notes.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let of = |name: &str| {
            nearest(&folder.path().join(name)).map(|found| {
                let name = found.path.file_name().unwrap().to_str().unwrap().to_owned();
                (name, found.is_same)
            })
        };
        let contracts = Some(("Contrats signe\u{301}s.csv".to_owned(), true));
        assert_eq!(of("contrats signes.csv"), contracts);
        assert_eq!(of("Contrats sign\u{e9}s.csv"), contracts);
        assert_eq!(
            of("deals-2025.csv"),
            Some(("deals-2026.csv".to_owned(), false))
        );
        assert_eq!(of("users.csv"), None);
        assert_eq!(nearest(&folder.path().join("no/deals.csv")), None);
        assert_eq!(nearest(Path::new("/")), None);
    }
}
