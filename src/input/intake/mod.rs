//! How bytes get from a file or a pipe to a file that can be read at any place.
//!
//! A regular file of plain UTF-8 is read where it stands. Everything else (a pipe, compressed bytes,
//! another encoding) goes through a chain of readers, `origin → inflate → decode` (an archive's file: `origin → zipped → decode`), to a private copy
//! that is read while it grows. What the text means is left to `header` and `blocks`.

mod behind;
mod decode;
mod growing;
mod inflate;
mod members;
mod origin;
mod reader;
mod utf8;
mod zipped;
#[cfg(test)]
mod tests;
mod chain;

pub(super) use self::chain::{Intake, IntakeOptions, no_room};
pub(super) use self::growing::Copies;
pub(super) use self::origin::Origin;
