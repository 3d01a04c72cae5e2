//! What is said where one of the state's files cannot be used.

use std::path::Path;

use crate::base::complaint::Complaint;
use crate::base::{disk, display};

/// An operation on one of the state's files that failed.
pub(super) fn failed_io(what: &str, path: &Path, error: &std::io::Error) -> Complaint {
    let place = display::quoted(&path.to_string_lossy());
    let hint = "is the disk full or read-only? --state-dir names another folder".to_owned();
    Complaint::new(
        format!("cannot {what} {place}: {}", disk::told(error)),
        hint,
    )
}
