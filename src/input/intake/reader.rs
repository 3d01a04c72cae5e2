//! What the readers of a chain have in common.

use std::io::{self, Cursor, Read};

use crate::input::error::InputError;
use crate::input::faults;

/// How many bytes tell what a file is.
pub(super) const START_BYTES: usize = 8;

/// A chain of readers whose end is text in UTF-8.
pub(super) type Chain = Box<dyn Read + Send>;

/// The first bytes of a chain, fewer if it has no more, and a chain that begins with them.
pub(super) fn peek(mut chain: Chain) -> io::Result<(Vec<u8>, Chain)> {
    let mut start = Vec::with_capacity(START_BYTES);
    chain
        .by_ref()
        .take(START_BYTES as u64)
        .read_to_end(&mut start)?;
    let whole = Cursor::new(start.clone()).chain(chain);
    Ok((start, Box::new(whole)))
}

/// Whether a reader's error is worded already.
pub(super) fn is_fault(error: &io::Error) -> bool {
    error
        .get_ref()
        .is_some_and(|inner| inner.is::<InputError>())
}

/// The fault that a chain met.
pub(super) fn fault_of(error: io::Error, name: &str) -> InputError {
    error
        .downcast::<InputError>()
        .unwrap_or_else(|error| faults::reading(name, &error))
}
