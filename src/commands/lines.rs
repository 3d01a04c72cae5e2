//! Whole lines to type, for hints.

use std::path::Path;

use crate::base::display;
use crate::base::model::{ImportId, TableKey};
use crate::commands::session::Session;
use crate::runs::state::{RunDir, StateDir};
use crate::service::{ApiOptions, BaseUrl};

impl Session {
    /// The line that resumes a run.
    pub(super) fn resume_line(&self, run: &RunDir) -> String {
        self.with_state_dir(format!("qobra-push resume {}", run.id()))
    }

    /// The line that goes on waiting for imports.
    pub(super) fn status_line(&self, ids: &[ImportId]) -> String {
        let ids: Vec<_> = ids.iter().map(|id| display::shown(id.as_str())).collect();
        let line = format!("qobra-push status {} --wait", ids.join(" "));
        self.with_state_dir(line)
    }

    /// The line that pushes a corrected rejects file.
    pub(super) fn load_line(
        &self,
        rejects: &str,
        table: &TableKey,
        mapping: Option<&Path>,
        api: &ApiOptions,
    ) -> String {
        let mut line = format!(
            "qobra-push {rejects} --table {}",
            quoted(Path::new(table.as_str()))
        );
        if let Some(mapping) = mapping {
            line.push_str(&format!(" --mapping {}", quoted(mapping)));
        }
        if api.base_url != BaseUrl::default() {
            line.push_str(&format!(" --base-url {}", api.base_url));
        }
        self.with_state_dir(line)
    }

    fn with_state_dir(&self, line: String) -> String {
        with_state_dir(&self.state, line)
    }
}

/// A line that finds its runs again: with the state folder where it is not the usual one.
pub(super) fn with_state_dir(state: &StateDir, line: String) -> String {
    match state.is_default() {
        true => line,
        false => format!("{line} --state-dir {}", quoted(state.path())),
    }
}

/// A path as it is typed into a shell.
pub(super) fn quoted(path: &Path) -> String {
    display::typed(&path.to_string_lossy())
}
