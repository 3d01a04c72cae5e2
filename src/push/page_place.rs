//! `--report FILE`, `report -o FILE`: whether a page can come there, before anything is done for it.

use std::path::Path;

use crate::base::display;
use crate::push::outcome::{Exit, Failure};

/// Refuses a folder, and a file in a folder that is not there.
pub(crate) fn check(path: &Path) -> Result<(), Failure> {
    let name = display::typed_path(path);
    let folder = match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => Path::new("."),
        Some(folder) => folder,
        None => path,
    };
    let (message, hint) = match (path.is_dir(), folder.is_dir()) {
        (true, _) => (
            format!("the page cannot be written: {name} is a folder"),
            "name a file in it".to_owned(),
        ),
        (false, false) => (
            format!("the page cannot be written: there is no folder for {name}"),
            format!("make it before: {}", display::typed_path(folder)),
        ),
        (false, true) => return Ok(()),
    };
    Err(Failure::new(Exit::Usage, message, Some(hint)))
}
