//! The options of a push as a project file has them, and back to a push. They are taken from the
//! push's definition: no second list of them exists.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Arg, ValueHint};

use super::args::Cli;
use super::command::{command, try_parse_from};
use super::sync::Said;
use super::texts::NAME;
use super::typed::is_switch;

/// Why an option of the push has no place in a project file.
const ON_THE_LINE: [(&str, &str); 5] = [
    ("dry-run", "type it: qobra-push sync --dry-run"),
    (
        "no-samples",
        "type it: qobra-push sync --dry-run --no-samples",
    ),
    ("sandbox", "type it: qobra-push sync --sandbox"),
    (
        "plan",
        "a plan approves one push: push that table by itself, with --plan",
    ),
    ("output", OF_ALL),
];

const OF_ALL: &str = "it is about all tables together: type it behind `qobra-push sync`";

/// An option of the push, as a project file has it.
pub(crate) struct PushOption {
    /// The long name.
    pub name: String,
    /// Whether it has a value; else it is a switch.
    pub has_value: bool,
    /// Whether a switch can be typed as `=false`, since a mapping may turn it on.
    pub can_be_off: bool,
    /// Whether that is a path.
    pub is_path: bool,
    /// The words that it takes, if only these.
    pub words: Vec<String>,
    /// What it does, in a line.
    pub about: String,
    /// Why it has no place in a project file, if it has none.
    pub refusal: Option<&'static str>,
}

/// All options of the push.
pub(crate) fn push_options() -> Vec<PushOption> {
    let command = command();
    let options = command.get_arguments().filter_map(|arg| {
        let name = arg.get_long()?.to_owned();
        if matches!(&*name, "help" | "version") {
            return None;
        }
        let listed = ON_THE_LINE.iter().find(|(option, _)| *option == name);
        let is_shared = arg.is_global_set() && name != "state-dir";
        let words = arg.get_possible_values();
        let is_switch = is_switch(arg);
        Some(PushOption {
            refusal: listed.map(|(_, why)| *why).or(is_shared.then_some(OF_ALL)),
            has_value: !is_switch,
            can_be_off: is_switch && arg.get_action().takes_values(),
            is_path: is_path(arg),
            words: match is_switch {
                true => Vec::new(),
                false => (words.iter())
                    .map(|word| word.get_name().to_owned())
                    .collect(),
            },
            about: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            name,
        })
    });
    options.collect()
}

fn is_path(arg: &Arg) -> bool {
    matches!(
        arg.get_value_hint(),
        ValueHint::FilePath | ValueHint::DirPath
    )
}

/// Why said options are no push: the option to blame, if one is, and what is wrong.
pub(crate) struct NoPush {
    /// By its long name.
    pub option: Option<String>,
    pub message: String,
}

/// The push that options come to. Values, conflicts and defaults are the push's own.
pub(crate) fn push_of(said: &Said, files: &[PathBuf]) -> Result<Cli, NoPush> {
    let mut words = vec![OsString::from(NAME)];
    for (name, value) in said {
        let mut word = OsString::from(format!("--{name}"));
        if let Some(value) = value {
            word.push("=");
            word.push(value);
        }
        words.push(word);
    }
    words.push("--".into());
    words.extend(files.iter().map(|file| file.clone().into_os_string()));
    try_parse_from(words).map_err(|error| NoPush {
        option: blamed(&error),
        message: first_words(&error.to_string()),
    })
}

fn blamed(error: &clap::Error) -> Option<String> {
    use clap::error::{ContextKind, ContextValue};
    let Some(ContextValue::String(arg)) = error.get(ContextKind::InvalidArg) else {
        return None;
    };
    let name = arg.strip_prefix("--")?;
    name.split([' ', '=']).next().map(ToOwned::to_owned)
}

/// What the parser says, without the usage behind it.
fn first_words(text: &str) -> String {
    let first = text.split("\n\n").next().unwrap_or_default();
    let first = first.strip_prefix("error: ").unwrap_or(first);
    first.split_whitespace().collect::<Vec<_>>().join(" ")
}
