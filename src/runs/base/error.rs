//! Why a base cannot be used.

use std::io;

/// Why a file is no base that can be compared with.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BaseError {
    /// It cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It is not what was written.
    #[error("it is damaged: {0}")]
    Damaged(&'static str),
    /// Another version wrote it.
    #[error("another version of qobra-push wrote it (schema {0})")]
    Schema(u32),
    /// Its digests were made with another key.
    #[error("it was made with another base.key than the state folder has now")]
    Key,
}
