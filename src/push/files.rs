//! FILEs of the command line: what each of them means.

use std::path::Path;

use crate::base::display;
use crate::base::nearest::nearest;
use crate::cli::COMMAND_NAMES;
use crate::push::outcome::{Exit, Failure};

/// What people call what is done without a command.
const PUSHES: [&str; 5] = ["push", "upload", "import", "send", "load"];

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
