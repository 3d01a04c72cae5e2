//! Inputs that cannot be opened, or not be read to their end.

/// Why the inputs cannot be opened: nothing was read beyond the header.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct OpenError {
    /// What has to change.
    pub blame: Blame,
    /// What is wrong and where.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

/// What is to blame for inputs that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The command line: which files are named, and how they are said to be written (exit code 2).
    CommandLine,
    /// What stands in the header: as bad as a fault on any other line (exit code 3).
    Content,
}

/// Why an input cannot be read to its end (exit code 3): no record after the place is known.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct InputError {
    /// What is wrong and where, with the file's name and line.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl InputError {
    /// With something to try.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            hint: Some(hint.into()),
        }
    }
}
