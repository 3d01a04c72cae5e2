//! Which file of a zip archive is read.

use crate::base::display;
use crate::input::error::InputError;
use crate::input::options::Member;
use crate::input::{faults, named};

/// What a program that packs a folder leaves in it.
const CLUTTER: [&str; 3] = [".ds_store", "thumbs.db", "desktop.ini"];

/// What an archive's directory says of one entry.
pub(super) struct Entry {
    pub place: usize,
    pub name: String,
    /// As the directory says; nothing counts on it.
    pub bytes: u64,
    pub is_file: bool,
}

impl Entry {
    fn is_clutter(&self) -> bool {
        let name = self.name.replace('\\', "/").to_ascii_lowercase();
        let file = name.rsplit('/').next().unwrap_or_default();
        !self.is_file
            || file.is_empty()
            || name.starts_with("__macosx/")
            || file.starts_with("._")
            || CLUTTER.contains(&file)
    }
}

/// The file that is read, and its place: the one that was named, the only one, or the only one with a
/// name of data. `name` is the archive's, harmless to print.
pub(super) fn choose(
    entries: &[Entry],
    wanted: Option<&str>,
    name: &str,
) -> Result<(Member, usize), InputError> {
    if let Some((what, hint)) = document(entries) {
        return Err(faults::open(format!("{name} is {what}"), hint));
    }
    let files: Vec<&Entry> = entries.iter().filter(|entry| !entry.is_clutter()).collect();
    let data: Vec<&Entry> = files
        .iter()
        .copied()
        .filter(|file| named::is_data(&file.name))
        .collect();
    let candidates = match wanted {
        Some(wanted) => files
            .iter()
            .copied()
            .filter(|file| file.name == wanted)
            .collect(),
        None if data.len() == 1 => data,
        None => files.clone(),
    };
    match candidates[..] {
        [one] => {
            let member = Member {
                name: one.name.clone(),
                others: files.len() as u64 - 1,
            };
            Ok((member, one.place))
        }
        [] => Err(missing(&files, wanted, name)),
        [first, ..] if wanted.is_some() => Err(InputError::new(
            format!("{name} has several files {}", display::quoted(&first.name)),
            "unpack it and push one of them",
        )),
        [first, ..] => Err(faults::open(
            format!("{name} has several files: {}", listed(&files)),
            format!(
                "--member NAME says which one is read: --member {}",
                display::typed(&first.name)
            ),
        )),
    }
}

impl Member {
    /// What has to be said of it once.
    pub(crate) fn note(&self, name: &str) -> String {
        let others = match self.others {
            0 => String::new(),
            1 => "; 1 file beside it is not".to_owned(),
            others => format!("; {} files beside it are not", display::count(others)),
        };
        format!(
            "{name}: {} in it is read{others}",
            display::quoted(&self.name)
        )
    }
}

/// What other programs keep in an archive of their own, and what to try.
fn document(entries: &[Entry]) -> Option<(&'static str, &'static str)> {
    let has = |is: fn(&str) -> bool| entries.iter().any(|entry| is(&entry.name));
    let as_csv = "save the data as CSV in UTF-8 and push that file";
    if has(|name| name.eq_ignore_ascii_case("xl/workbook.xml")) {
        let what = "a workbook (xlsx), which is not read from a pipe";
        return Some((what, "save it as a file, and push that file by its name"));
    }
    if has(|name| name == "[Content_Types].xml") {
        let what = "a document of an office program (xlsb, docx, pptx), which is not read";
        return Some((what, as_csv));
    }
    has(|name| name.ends_with(".iwa"))
        .then_some(("a document of Numbers, which is not read", as_csv))
}

fn missing(files: &[&Entry], wanted: Option<&str>, name: &str) -> InputError {
    let Some(wanted) = wanted else {
        return InputError::new(
            format!("{name} is a zip archive without a file in it"),
            "was it packed to its end?",
        );
    };
    let lower = wanted.to_lowercase();
    let likeness = |file: &Entry| {
        let own = file.name.to_lowercase();
        let inner = own.rsplit('/').next().unwrap_or_default();
        let like = |name: &str| strsim::normalized_damerau_levenshtein(&lower, name);
        like(&own).max(like(inner))
    };
    let nearest = files
        .iter()
        .max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
    let hint = match nearest {
        Some(nearest) => format!(
            "the nearest is {}; it has {}",
            display::quoted(&nearest.name),
            listed(files)
        ),
        None => "it has no file at all".to_owned(),
    };
    faults::open(
        format!("{name} has no file {}", display::quoted(wanted)),
        hint,
    )
}

/// The first files with their sizes, and how many there are more.
fn listed(files: &[&Entry]) -> String {
    let shown = |file: &&Entry| {
        let (name, size) = (display::quoted(&file.name), display::size(file.bytes));
        format!("{name} ({size})")
    };
    display::listed(&files.iter().map(shown).collect::<Vec<_>>())
}
