//! `init --project`: a drafted project file for several exports, and their mappings beside it.

use std::path::{Path, PathBuf};

use super::drafting::{Drafted, draft, print, refuse_existing, stem, tell, write};
use crate::base::display::{self, typed_path};
use crate::cli::InitArgs;
use crate::push::outcome::{Exit, Failure};
use crate::push::project::all_of;
use crate::screen::terminal::Terminal;

const HEAD: &str = "\
# What `qobra-push sync` pushes. Check the mappings and the tables' keys, then see what would be sent:
#   qobra-push sync --dry-run

[defaults]                  # options of all pushes that do not say otherwise
# all      = true           # replace each table's whole content; else records are added or changed
# debounce = \"15m\"          # how long Qobra waits for all requests of a replace
# wait     = true           # follow the imports to their end
";

/// One push of the draft.
struct Push {
    name: String,
    file: PathBuf,
    /// None where the file cannot be read as it is: others are drafted all the same.
    drafted: Option<Drafted>,
    mapping: PathBuf,
}

/// Drafts a project file, and with `-o` the mappings too.
pub(super) fn run(args: &InitArgs, terminal: &Terminal) -> Result<Exit, Failure> {
    let folder = args.out.as_deref().and_then(Path::parent);
    let folder = folder.unwrap_or(Path::new(""));
    let mut pushes: Vec<Push> = Vec::new();
    let mut failures = Vec::new();
    for file in &args.files {
        let drafted = match draft(args, file, terminal) {
            Ok(drafted) => Some(drafted),
            Err(failure) => {
                failures.push(failure);
                None
            }
        };
        let file = drafted
            .as_ref()
            .map_or(file, |drafted| &drafted.file)
            .clone();
        let name = name(&file, &pushes);
        let mapping = folder.join(format!("{name}.toml"));
        pushes.push(Push {
            name,
            file,
            drafted,
            mapping,
        });
    }
    if pushes.iter().all(|push| push.drafted.is_none()) {
        return all_of(failures).map(|()| Exit::Done);
    }
    for problem in failures.into_iter().flat_map(|failure| failure.problems) {
        let hint = problem.hints.first().map(String::as_str);
        terminal.warning(&format!("not drafted: {}", problem.message), hint);
    }
    let mut text = HEAD.to_owned();
    for push in &pushes {
        text.push_str(&section(push, args.out.is_some(), folder)?);
    }
    let Some(out) = &args.out else {
        return print(&text);
    };
    let drafts =
        || (pushes.iter()).filter_map(|push| Some((&push.mapping, push.drafted.as_ref()?)));
    refuse_existing(drafts().map(|(mapping, _)| mapping).chain([out]))?;
    for (mapping, drafted) in drafts() {
        write(mapping, &drafted.draft.text)?;
        terminal.tell(&format!("{} is drafted", typed_path(mapping)));
        tell(&drafted.draft, &drafted.name, terminal);
    }
    write(out, &text)?;
    terminal.tell(&format!("{} is drafted", typed_path(out)));
    Ok(Exit::Done)
}

/// The lines of one push.
fn section(push: &Push, has_mapping: bool, folder: &Path) -> Result<String, Failure> {
    let key = &push.name;
    let file = match folder == Path::new("") {
        true => push.file.clone(),
        false => std::path::absolute(&push.file).map_err(anyhow::Error::from)?,
    };
    let mapping = quoted(&format!("{key}.toml"));
    let mapping = match has_mapping && push.drafted.is_some() {
        true => format!("mapping = {mapping}"),
        false => {
            let out = display::typed(&format!("{key}.toml"));
            let line = format!("qobra-push init {} -o {out}", typed_path(&push.file));
            let (by, more) = match push.drafted {
                Some(_) => ("drafted by", ""),
                None => (
                    "it could not be read as it is; to be drafted by",
                    ", with what the warning says",
                ),
            };
            format!("# mapping = {mapping}   # {by}: {line}{more}")
        }
    };
    Ok(format!(
        "\n[push.{}]\nfiles   = {}\n{mapping}\ntable   = {}   # the table's key in Qobra: check it\n\
         # after = [\"NAME\"]         # what must have ended well before\n",
        match key
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
        {
            true => key.clone(),
            false => quoted(key),
        },
        quoted(&file.to_string_lossy()),
        quoted(key),
    ))
}

/// A text as TOML writes it: a string of JSON is one of TOML too.
fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// What a push is called: as its file, and as no other one.
fn name(file: &Path, others: &[Push]) -> String {
    let plain = |c: char| match c.is_whitespace() || c.is_control() || "/\\".contains(c) {
        true => '_',
        false => c,
    };
    let stem: String = stem(file).chars().map(plain).collect();
    let stem = stem.trim_start_matches(['-', '.']);
    let stem = match stem {
        "" => "input",
        stem => stem,
    };
    let is_free = |name: &String| others.iter().all(|other| other.name != *name);
    let numbered = (2..).map(|n| format!("{stem}-{n}"));
    let mut names = std::iter::once(stem.to_owned()).chain(numbered);
    names.find(is_free).unwrap_or_default()
}
