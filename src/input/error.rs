//! Inputs that cannot be opened, or not be read to their end.

/// Why an input cannot be opened, or not be read to its end: no record behind the place is known.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub(crate) struct InputError {
    /// What has to change.
    pub blame: Blame,
    /// What is wrong and where, with the file's name and line.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
    /// The encoding in which the bytes may be that are not in the one they were read in.
    pub may_be_in: Option<&'static str>,
}

/// What is to blame for inputs that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blame {
    /// The command line: which files are named, how they are said to be written, and where there is
    /// room for copies of them (exit code 2).
    CommandLine,
    /// What stands in them (exit code 3).
    Content,
}

impl InputError {
    /// Content that has to change, with something to try.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..Self::plain(message)
        }
    }

    /// Content of which nothing more can be said.
    pub(crate) fn plain(message: impl Into<String>) -> Self {
        Self {
            blame: Blame::Content,
            message: message.into(),
            hint: None,
            may_be_in: None,
        }
    }

    /// The same, where the command line has to change.
    pub(crate) fn of_command_line(self) -> Self {
        Self {
            blame: Blame::CommandLine,
            ..self
        }
    }
}
