//! The project file as a whole: read, with all its mistakes told at once.

use std::io;
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::options::{Keys, OWN, Options};
use super::order::ordered;
use super::push::ProjectPush;
use crate::base::display::{self, quoted};
use crate::base::small;
use crate::cli::{PROJECT, Said, push_options};
use crate::mapping::Mapping;
use crate::mapping::toml::{Item, Reader, did_you_mean, settle};
use crate::push::mapping_file::mapping_failure;
use crate::push::outcome::{Exit, Failure};

/// The most bytes of a project file.
const MOST_BYTES: u64 = 1 << 20;

/// A project file that is right by itself.
#[derive(Debug)]
pub(crate) struct Project {
    /// Where it is, as it was named.
    pub shown: String,
    /// In the order of the file.
    pub pushes: Vec<ProjectPush>,
}

impl Project {
    /// Reads the project file that was named, or the one of this folder.
    pub(crate) fn read(named: Option<&Path>) -> Result<Self, Failure> {
        let path = named.unwrap_or(Path::new(PROJECT));
        let shown = display::shown(&path.to_string_lossy());
        let unreadable = |error: io::Error| {
            let is_missing = error.kind() == io::ErrorKind::NotFound;
            let message = match is_missing {
                true => format!("there is no project file {shown}"),
                false => format!("cannot read the project file {shown}: {error}"),
            };
            let hint = "`qobra-push init --project FILE...` drafts one; --project names another";
            let hint = is_missing.then(|| hint.to_owned());
            Failure::new(Exit::Usage, message, hint)
        };
        let bytes = small::read(path, MOST_BYTES).map_err(unreadable)?;
        let text = Mapping::decode(&bytes)
            .ok_or_else(|| unreadable(io::Error::other("it is no text in UTF-8")))?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let pushes =
            parse(&text, folder).map_err(|reader| mapping_failure(Some(&shown), settle(reader)))?;
        Ok(Self { shown, pushes })
    }
}

impl Project {
    /// What to try for a name that no push has.
    pub(crate) fn nearest(&self, name: &str) -> String {
        let names: Vec<&str> = self.pushes.iter().map(|push| push.name.as_str()).collect();
        did_you_mean(name, names.iter().copied()).unwrap_or_else(|| {
            let names: Vec<String> = names.iter().map(|name| quoted(name)).collect();
            format!("it has {}", display::listed(&names))
        })
    }
}

type Mistakes = Vec<crate::mapping::Mistake>;

fn parse(text: &str, folder: &Path) -> Result<Vec<ProjectPush>, Mistakes> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader::new(text);
    reader.take_syntax(&errors, root.get_ref());
    let known = push_options();
    let keys = Keys {
        known: &known,
        folder,
    };
    let mut defaults = Options::default();
    if let Some(item) = root.get_ref().get("defaults") {
        read_defaults(&mut reader, &keys, item, &mut defaults);
    }
    let mut pushes = Vec::new();
    for (key, item) in root.get_ref() {
        match key.get_ref().as_ref() {
            "defaults" => {}
            "push" => pushes = read_pushes(&mut reader, &keys, item, &defaults),
            unknown => {
                let line = reader.line_of(key);
                let hint = did_you_mean(unknown, ["defaults", "push"]);
                let known = "a project file has [defaults] and a [push.NAME] for each table";
                let hint = hint.unwrap_or_else(|| known.to_owned());
                reader.add(line, format!("unknown key {}", quoted(unknown)), hint);
            }
        }
    }
    pushes.sort_by_key(|push| push.line);
    check_after(&mut reader, &pushes);
    if pushes.is_empty() && reader.mistakes.is_empty() {
        let hint = "write a [push.NAME] for each table".to_owned();
        reader.add(1, "the project file has no pushes", hint);
    }
    match reader.mistakes.is_empty() {
        true => Ok(pushes),
        false => Err(reader.mistakes),
    }
}

fn read_defaults(reader: &mut Reader<'_>, keys: &Keys<'_>, item: &Item<'_>, options: &mut Options) {
    let Some(table) = reader.table(item, "`defaults`") else {
        return;
    };
    for (key, item) in table {
        let (line, key) = (reader.line_of(key), key.get_ref().as_ref());
        if OWN.contains(&key) {
            let message = format!("[defaults]: {} stands below each push", quoted(key));
            reader.add(line, message, None);
        } else {
            keys.read(reader, "[defaults]", (key, line), item, options);
        }
    }
}

fn read_pushes(
    reader: &mut Reader<'_>,
    keys: &Keys<'_>,
    item: &Item<'_>,
    defaults: &Options,
) -> Vec<ProjectPush> {
    let Some(table) = reader.table(item, "`push`") else {
        return Vec::new();
    };
    let mut pushes = Vec::new();
    for (key, item) in table {
        let (line, name) = (reader.line_of(key), key.get_ref().as_ref());
        let is_typed = !name.is_empty()
            && !name.starts_with('-')
            && !name.chars().any(|c| c.is_whitespace() || c.is_control());
        if !is_typed {
            let message = format!("a push cannot be called {}", quoted(name));
            let hint = "its name is typed behind `qobra-push sync`: no blanks, no - first";
            reader.add(line, message, hint.to_owned());
        } else if let Some(table) = reader.table(item, &format!("[push.{name}]")) {
            pushes.push(read_push(reader, keys, (name, line), table, defaults));
        }
    }
    pushes
}

fn read_push(
    reader: &mut Reader<'_>,
    keys: &Keys<'_>,
    (name, line): (&str, usize),
    table: &DeTable<'_>,
    defaults: &Options,
) -> ProjectPush {
    let heading = format!("[push.{name}]");
    let mut push = ProjectPush {
        name: name.to_owned(),
        line,
        lines: Vec::new(),
        files: Vec::new(),
        said: Said::new(),
        after: Vec::new(),
        after_gaps: false,
    };
    let mut options = Options::default();
    for (key, item) in table {
        let (line, key) = (reader.line_of(key), key.get_ref().as_ref());
        let what = format!("{heading}: {}", quoted(key));
        match key {
            "files" => {
                for (file, line) in reader.words(item, &what).unwrap_or_default() {
                    if file == "-" {
                        let hint = "write it to a file first, or push it by itself".to_owned();
                        let message = format!("{heading}: standard input is no file of a project");
                        reader.add(line, message, hint);
                    }
                    push.files.push(in_folder(keys.folder, &file));
                }
            }
            "after" => push.after = reader.words(item, &what).unwrap_or_default(),
            "after_gaps" | "after-gaps" => {
                push.after_gaps = reader.boolean(item, &what).unwrap_or(false);
            }
            key => keys.read(reader, &heading, (key, line), item, &mut options),
        }
    }
    if !table.contains_key("files") && !reader.has_broken_lines() {
        let hint = "files = \"deals.csv\", or a list, or a pattern".to_owned();
        reader.add(line, format!("{heading}: `files` is missing"), hint);
    }
    let options = options.over(defaults);
    (push.said, push.lines) = (options.said, options.lines);
    push
}

/// A file, or a pattern of which only the last part is one.
fn in_folder(folder: &Path, file: &str) -> PathBuf {
    match file.contains(['*', '?']) {
        true => Path::new(&glob::Pattern::escape(&folder.to_string_lossy())).join(file),
        false => folder.join(file),
    }
}

/// Looks whether pushes come after others that there are, and none after itself.
fn check_after(reader: &mut Reader<'_>, pushes: &[ProjectPush]) {
    let names = || pushes.iter().map(|push| push.name.as_str());
    for push in pushes {
        for (after, line) in &push.after {
            if names().all(|name| name != after) && !reader.has_broken_lines() {
                let (heading, after) = (format!("[push.{}]", push.name), quoted(after));
                let hint = did_you_mean(&after, names()).unwrap_or_else(|| {
                    format!(
                        "there are {}",
                        display::listed(&names().map(quoted).collect::<Vec<_>>())
                    )
                });
                reader.add(*line, format!("{heading}: there is no push {after}"), hint);
            }
        }
    }
    if let Err(circle) = ordered(pushes) {
        let first = &pushes[circle[0]];
        let words: Vec<_> = (circle.iter().chain(circle.first()))
            .map(|n| quoted(&pushes[*n].name))
            .collect();
        let line = first.after.first().map_or(first.line, |(_, line)| *line);
        let message = format!(
            "pushes come after one another in a circle: {}",
            words.join(" after ")
        );
        reader.add(line, message, "take one `after` away".to_owned());
    }
}
