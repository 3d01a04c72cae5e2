//! What the HTTP library complains about.

use std::error::Error as _;

use crate::base::display;

/// What the HTTP library complains about.
pub(super) fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    display::shown(
        &error
            .source()
            .map_or_else(|| error.to_string(), ToString::to_string),
    )
}
