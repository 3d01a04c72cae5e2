//! Why a payload cannot be used.

use std::io;

/// Why a payload cannot be used, in words that follow its run's name.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeptError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// It belongs elsewhere.
    #[error("it is of {0}")]
    Other(String),
    #[error("it is of schema {0}, which this version does not know")]
    Schema(u32),
}
