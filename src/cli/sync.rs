//! The arguments of `sync`.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueHint};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use toml::de::DeTable;

/// Options that were said, by their long names, each with its value; a switch has none.
pub(crate) type Said = BTreeMap<String, Option<OsString>>;

/// The tables of a project file.
#[derive(Clone, Debug, Args)]
pub(crate) struct SyncArgs {
    /// The pushes of the project file; else all of them
    ///
    /// What they come after is not pushed for that.
    #[arg(value_name = "NAME", add = ArgValueCandidates::new(names))]
    pub names: Vec<String>,

    /// The project file; else qobra-push.toml in this folder
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub project: Option<PathBuf>,

    /// Print the JSON Schema of project files instead, by which editors complete and check them
    #[arg(long, exclusive = true)]
    pub schema: bool,

    /// The push's options that were typed.
    #[arg(skip)]
    pub said: Said,
}

/// Where a project is looked for if nobody says it.
pub(crate) const PROJECT: &str = "qobra-push.toml";

/// The names of the pushes in this folder's project file, for completions.
fn names() -> Vec<CompletionCandidate> {
    let text = std::fs::read_to_string(PROJECT).unwrap_or_default();
    let (root, _) = DeTable::parse_recoverable(&text);
    let pushes = root.get_ref().get("push");
    let pushes = pushes.and_then(|pushes| pushes.get_ref().as_table());
    let names = pushes.into_iter().flat_map(DeTable::keys);
    names
        .map(|name| CompletionCandidate::new(name.get_ref().as_ref()))
        .collect()
}
