//! Why a file cannot be written, where the system's words do not say it.

use std::io;

/// An error of the system, in words: the limit that a shell or a scheduler sets is no full disk.
pub(crate) fn told(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::FileTooLarge => {
            format!("{error}: the file size limit of this process (ulimit -f) is reached")
        }
        _ => error.to_string(),
    }
}
