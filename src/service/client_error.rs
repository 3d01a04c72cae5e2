//! Why no client can be made.

use std::error::Error as _;

use crate::base::display;

/// Why no client can be made (exit code 2).
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ClientError {
    /// What is wrong.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// What the HTTP library complains about.
pub(super) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    display::shown(
        &error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string),
    )
}
