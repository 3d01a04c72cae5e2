//! What every walk over a JSON text needs: white space, strings, and what serde_json says of faults.

use memchr::{memchr_iter, memchr2};

use crate::base::display;

/// How many bytes at the start are white space.
pub(crate) fn blanks(bytes: &[u8]) -> usize {
    let is_blank = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r');
    bytes
        .iter()
        .position(|b| !is_blank(b))
        .unwrap_or(bytes.len())
}

/// One past the closing quote of the string at `at`.
pub(crate) fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    at += 1;
    loop {
        at += memchr2(b'"', b'\\', bytes.get(at..)?)?;
        match bytes[at] {
            b'"' => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// The byte at which serde_json gave up.
pub(crate) fn place_of(error: &serde_json::Error, bytes: &[u8]) -> usize {
    let line = match error.line() {
        0 | 1 => 0,
        n => memchr_iter(b'\n', bytes)
            .nth(n - 2)
            .map_or(bytes.len(), |at| at + 1),
    };
    (line + error.column().saturating_sub(1)).min(bytes.len())
}

/// What serde_json says of a text, without the place, harmless to print.
pub(crate) fn said(error: &serde_json::Error) -> String {
    let place = format!(" at line {} column {}", error.line(), error.column());
    let said = error.to_string();
    display::shown(said.strip_suffix(&place).unwrap_or(&said))
}
