//! Why there is no draft.

use crate::input::InputError;

/// Why there is no draft.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DraftError {
    /// The input cannot be read as far as the sample goes.
    #[error(transparent)]
    Input(#[from] InputError),
    /// There is nothing to make one from.
    #[error("{0}")]
    Nothing(String),
    /// A draft that this program itself does not understand.
    #[error("the draft is not a mapping: {0}")]
    Bug(String),
}
