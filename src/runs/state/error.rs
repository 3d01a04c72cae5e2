//! Why the state folder cannot be used.

use std::path::Path;

use crate::base::display;

/// Why the state cannot be used (exit code 2): nothing was sent.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct StateError {
    /// What is wrong and where.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl StateError {
    pub(super) fn new(message: String, hint: impl Into<Option<String>>) -> Self {
        Self {
            message,
            hint: hint.into(),
        }
    }

    /// An operation on one of the state's files that failed.
    pub(super) fn io(what: &str, path: &Path, error: &std::io::Error) -> Self {
        let place = display::quoted(&path.to_string_lossy());
        let hint = "is the disk full or read-only? --state-dir names another folder".to_owned();
        Self::new(format!("cannot {what} {place}: {error}"), hint)
    }
}
