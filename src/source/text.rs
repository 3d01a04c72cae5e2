//! Where lines end, and whether bytes are text at all.
//!
//! Lines are counted here and nowhere else: `\r\n` ends one line, a lone `\r` or `\n` ends one too,
//! inside of quoted fields as well, as an editor shows them.

use std::fmt::Write as _;

use memchr::{memchr, memchr_iter, memrchr2};

use super::InputError;

/// How many lines end in these bytes, which must not end between a `\r` and its `\n`.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    (memchr_iter(b'\n', bytes).count() + lone_returns(bytes).count()) as u64
}

/// Whether some line ends in a `\r` without a `\n`.
pub(super) fn has_lone_return(bytes: &[u8]) -> bool {
    lone_returns(bytes).next().is_some()
}

fn lone_returns(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memchr_iter(b'\r', bytes).filter(|&at| bytes.get(at + 1) != Some(&b'\n'))
}

/// How many bytes the line end at `at` has; 0 where there is none.
pub(super) fn line_end_len(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b'\n') => 1,
        Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => 2,
        Some(b'\r') => 1,
        _ => 0,
    }
}

/// The bytes as text, which has no NUL bytes. `name` gives what is harmless to print, `first_line`
/// is the line on which `bytes` begin.
pub(super) fn check(
    name: impl FnOnce() -> String,
    bytes: &[u8],
    first_line: u64,
) -> Result<&str, InputError> {
    let nul = memchr(0, bytes);
    let text = std::str::from_utf8(bytes);
    let bad = text.as_ref().err().map(|e| e.valid_up_to());
    match (nul, bad) {
        (Some(nul), bad) if bad.is_none_or(|bad| nul < bad) => {
            Err(nul_byte(&name(), bytes, nul, first_line))
        }
        _ => text.map_err(|e| not_utf8(&name(), bytes, e.valid_up_to(), first_line)),
    }
}

fn nul_byte(name: &str, bytes: &[u8], at: usize, first_line: u64) -> InputError {
    let (line, before) = place(bytes, at, first_line);
    let byte = before.len() + 1;
    InputError {
        message: format!("{name}, line {line}, byte {byte}: a NUL byte, which no text has"),
        hint: Some(
            "the file may be UTF-16, or damaged: save it as text in UTF-8 and try again".to_owned(),
        ),
    }
}

fn not_utf8(name: &str, bytes: &[u8], at: usize, first_line: u64) -> InputError {
    let (line, before) = place(bytes, at, first_line);
    let character = characters(before) + 1;
    let mut hex = String::new();
    for byte in bytes[at..].iter().take(4) {
        let _ = write!(hex, " {byte:02x}");
    }
    InputError {
        message: format!(
            "{name}, line {line}, character {character}: not UTF-8 (the bytes are{hex})"
        ),
        hint: Some(
            "the file may be in another encoding: save it as UTF-8 and try again".to_owned(),
        ),
    }
}

/// The line on which `at` stands, and what stands before it on that line.
fn place(bytes: &[u8], at: usize, first_line: u64) -> (u64, &[u8]) {
    let before = &bytes[..at];
    let start = memrchr2(b'\r', b'\n', before).map_or(0, |end| end + 1);
    (first_line + line_ends(before), &before[start..])
}

/// How many characters UTF-8 bytes have.
pub(super) fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&b| b & 0xc0 != 0x80).count()
}
