//! What keeps a push from its state, as failures of code 2 or 9.

use crate::history::HistoryError;
use crate::outcome::{Exit, Failure};
use crate::state::{LockError, StateError};

/// A table that another push has, or whose lock cannot be made.
pub(super) fn locked(error: LockError) -> Failure {
    match error {
        LockError::Held { .. } => Failure::new(
            Exit::Locked,
            error.to_string(),
            Some("run it again when that one has ended".to_owned()),
        ),
        LockError::Io(error) => unusable(error),
    }
}

/// A journal that cannot be written while nothing has been sent.
pub(super) fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("the run's journal cannot be written: {error}; nothing was sent"),
        Some("make room there, or name another folder with --state-dir".to_owned()),
    )
}

/// A state folder that cannot be used.
pub(super) fn unusable(error: StateError) -> Failure {
    Failure::new(Exit::Usage, error.message, error.hint)
}

/// A past that cannot be known.
pub(super) fn past(error: &HistoryError) -> Failure {
    let hint = match error {
        HistoryError::State(error) => error.hint.clone(),
        HistoryError::Journal(error) => error.hint(),
    };
    Failure::new(Exit::Usage, error.to_string(), hint)
}
