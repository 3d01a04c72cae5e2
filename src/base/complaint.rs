//! The error of whoever only tells: what is wrong, and what to try. Where somebody decides by an error,
//! it has a type of its own.

/// What is wrong, and what to try.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Complaint {
    /// What is wrong and where.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Complaint {
    /// A message with at most one hint.
    pub(crate) fn new(message: impl Into<String>, hint: impl Into<Option<String>>) -> Self {
        Self {
            message: message.into(),
            hint: hint.into(),
        }
    }
}
