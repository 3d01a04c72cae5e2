//! Whole lines to type, for hints.

use std::path::Path;

use crate::base::display::{self, typed_path};
use crate::base::model::{ImportId, TableKey};
use crate::push::mapping_file::read_mapping;
use crate::runs::state::{RunId, StateDir};
use crate::service::{ApiOptions, BaseUrl};

/// The line that resumes a run.
pub(crate) fn resume(state: &StateDir, run: &RunId) -> String {
    with_state_dir(state, format!("qobra-push resume {run}"))
}

/// The line that follows the imports of a table's last push.
pub(crate) fn last_status(state: &StateDir, table: &TableKey) -> String {
    let table = display::typed(table.as_str());
    with_state_dir(state, format!("qobra-push status --table {table} --wait"))
}

/// The line that goes on waiting for imports.
pub(crate) fn status(state: &StateDir, ids: &[ImportId]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| display::shown(id.as_str())).collect();
    let line = format!("qobra-push status {} --wait", ids.join(" "));
    with_state_dir(state, line)
}

/// The line that pushes a corrected rejects file.
pub(crate) fn load(
    state: &StateDir,
    rejects: &str,
    table: &TableKey,
    mapping: Option<&Path>,
    api: &ApiOptions,
) -> String {
    let table = display::typed(table.as_str());
    let mut line = format!("qobra-push {rejects} --table {table}");
    if let Some(mapping) = mapping {
        line.push_str(&format!(" --mapping {}", typed_path(mapping)));
        // A few corrected records are never to replace a table.
        if read_mapping(mapping).is_ok_and(|(mapping, _)| mapping.all()) {
            line.push_str(" --all=false");
        }
    }
    if api.base_url != BaseUrl::default() {
        line.push_str(&format!(" --base-url {}", api.base_url));
    }
    with_state_dir(state, line)
}

/// A line that finds its runs again: with the state folder where it is not the usual one.
fn with_state_dir(state: &StateDir, line: String) -> String {
    match state.is_default() {
        true => line,
        false => format!("{line} --state-dir {}", typed_path(state.path())),
    }
}
