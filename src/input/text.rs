//! Where lines end, and whether bytes are text at all.
//!
//! Lines are counted here and nowhere else: `\r\n` ends one line, a lone `\r` or `\n` ends one too,
//! inside of quoted fields as well, as an editor shows them.

use std::fmt::Write as _;

use memchr::{memchr, memchr_iter, memrchr2};

use super::encoding;
use super::error::InputError;
use crate::base::position::LineColumn;

/// How many lines end in these bytes, which must not end between a `\r` and its `\n`.
pub(super) fn line_ends(bytes: &[u8]) -> u64 {
    (memchr_iter(b'\n', bytes).count() + lone_returns(bytes).count()) as u64
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

/// The place behind `bytes` that begin at `place`. They must not end between a `\r` and its `\n`.
pub(super) fn after(place: LineColumn, bytes: &[u8]) -> LineColumn {
    match memrchr2(b'\r', b'\n', bytes) {
        None => LineColumn {
            column: place.column + characters(bytes) as u64,
            ..place
        },
        Some(end) => LineColumn {
            line: place.line + line_ends(bytes),
            column: 1 + characters(&bytes[end + 1..]) as u64,
        },
    }
}

/// The bytes as text, which has no NUL bytes. `name` gives what is harmless to print, `first` is the
/// place at which `bytes` begin.
pub(super) fn check(
    name: impl FnOnce() -> String,
    bytes: &[u8],
    first: LineColumn,
) -> Result<&str, InputError> {
    let nul = memchr(0, bytes);
    let text = std::str::from_utf8(bytes);
    let bad = text.as_ref().err().map(|e| e.valid_up_to());
    match (nul, bad) {
        (Some(nul), bad) if bad.is_none_or(|bad| nul < bad) => {
            Err(nul_byte(&name(), bytes, nul, first))
        }
        _ => text.map_err(|e| not_utf8(&name(), bytes, e.valid_up_to(), first)),
    }
}

fn nul_byte(name: &str, bytes: &[u8], at: usize, first: LineColumn) -> InputError {
    let (line, before, column) = place(bytes, at, first);
    // Where the line begins before these bytes, only its characters were counted.
    let byte = before.len() as u64 + column;
    let message = format!("{name}, line {line}, byte {byte}: a NUL byte, which no text has");
    match encoding::unmarked_utf16(bytes) {
        Some(label) => in_another(message, Some(label)),
        None => InputError::new(message, "the file may be damaged, or no text at all"),
    }
}

fn not_utf8(name: &str, bytes: &[u8], at: usize, first: LineColumn) -> InputError {
    let (line, before, column) = place(bytes, at, first);
    let character = characters(before) as u64 + column;
    let hex = hex(&bytes[at..]);
    in_another(
        format!("{name}, line {line}, character {character}: not UTF-8 (the bytes are{hex})"),
        encoding::suggestion(bytes),
    )
}

/// Bytes that are in another encoding, perhaps in the one that is named.
fn in_another(message: String, may_be_in: Option<&'static str>) -> InputError {
    InputError {
        may_be_in,
        ..InputError::new(message, other_encoding(may_be_in))
    }
}

/// The first few of these bytes, each behind a space.
pub(super) fn hex(bytes: &[u8]) -> String {
    let mut hex = String::new();
    for byte in bytes.iter().take(4) {
        let _ = write!(hex, " {byte:02x}");
    }
    hex
}

/// What to try with bytes that are not in the encoding in which they were read.
pub(super) fn other_encoding(suggestion: Option<&str>) -> String {
    match suggestion {
        Some(label) => format!("the file may be in {label}: `--encoding {label}` reads that"),
        None => "the file is in another encoding, which --encoding can name, or damaged".to_owned(),
    }
}

/// The line on which `at` stands, what stands before it on that line, and at which column that
/// begins.
fn place(bytes: &[u8], at: usize, first: LineColumn) -> (u64, &[u8], u64) {
    let before = &bytes[..at];
    let line = first.line + line_ends(before);
    match memrchr2(b'\r', b'\n', before) {
        Some(end) => (line, &before[end + 1..], 1),
        None => (line, before, first.column),
    }
}

/// The place of the first control character from U+0080 to U+009F.
pub(super) fn control(bytes: &[u8]) -> Option<usize> {
    memchr_iter(0xc2, bytes).find(|at| matches!(bytes.get(at + 1), Some(0x80..=0x9f)))
}

/// How many characters UTF-8 bytes have.
pub(super) fn characters(bytes: &[u8]) -> usize {
    let count = |some: &[u8]| some.iter().map(|b| u8::from(b & 0xc0 != 0x80)).sum::<u8>();
    // In bytes, so that SIMD counts many at once.
    bytes.chunks(255).map(|some| usize::from(count(some))).sum()
}
