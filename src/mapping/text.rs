//! Text to JSON strings and back.

use std::borrow::Cow;

use serde_json::value::RawValue;

/// Whether a byte cannot stand in a JSON string as it is.
fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// The first byte to escape. Blocks without one are told at a glance: the compiler turns the inner
/// loop into a few wide comparisons.
fn first_escaped(bytes: &[u8]) -> Option<usize> {
    let mut clean = 0;
    for block in bytes.chunks_exact(16) {
        if block
            .iter()
            .fold(false, |any, &byte| any | is_escaped(byte))
        {
            break;
        }
        clean += 16;
    }
    let rest = bytes[clean..].iter().position(|&byte| is_escaped(byte));
    rest.map(|at| clean + at)
}

/// Appends `text` as a JSON string.
pub(super) fn write_string(text: &str, out: &mut Vec<u8>) {
    let mut rest = text.as_bytes();
    out.push(b'"');
    while let Some(clean) = first_escaped(rest) {
        out.extend_from_slice(&rest[..clean]);
        write_escape(rest[clean], out);
        rest = &rest[clean + 1..];
    }
    out.extend_from_slice(rest);
    out.push(b'"');
}

fn write_escape(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    match byte {
        b'"' => out.extend_from_slice(b"\\\""),
        b'\\' => out.extend_from_slice(b"\\\\"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 15)]);
        }
    }
}

/// One value of a record, before its field's type has had a say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// No key, or JSON `null`.
    Missing,
    /// A CSV cell, or a JSON string without its quotes and escapes.
    Text(&'a str),
    /// A JSON number's own digits.
    Number(&'a str),
    /// JSON `true` or `false`.
    Bool(bool),
    /// A JSON object or array as it stands.
    Tree(&'a str),
}

impl<'a> Value<'a> {
    /// The value as words, for messages and for the lookup in `values`.
    pub(super) fn text(self) -> &'a str {
        match self {
            Self::Missing => "",
            Self::Text(text) | Self::Number(text) | Self::Tree(text) => text,
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
        }
    }

    /// Whether it counts as an empty cell.
    pub(super) fn is_blank(self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => is_blank(text),
            Self::Number(_) | Self::Bool(_) | Self::Tree(_) => false,
        }
    }
}

/// Whether a text is empty or made of white space only.
pub(super) fn is_blank(text: &str) -> bool {
    // Nearly every cell is settled by its first byte.
    match text.as_bytes().first() {
        None => true,
        Some(b'!'..=b'~') => false,
        Some(_) => text.trim().is_empty(),
    }
}

/// A JSON string's text, borrowed where it has no escapes; none where an escape is half of a
/// surrogate pair, which no text holds.
pub(super) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return Some(Cow::Borrowed(inner));
    }
    serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
}

/// What kind of value a JSON token is. Strings keep their quotes and escapes for [`decode`].
pub(super) fn sort_token(raw: &RawValue) -> Token<'_> {
    let text = raw.get();
    match text.as_bytes().first() {
        Some(b'"') => Token::String(text),
        Some(b'{' | b'[') => Token::Plain(Value::Tree(text)),
        Some(b't') => Token::Plain(Value::Bool(true)),
        Some(b'f') => Token::Plain(Value::Bool(false)),
        Some(b'n') | None => Token::Plain(Value::Missing),
        Some(_) => Token::Plain(Value::Number(text)),
    }
}

/// A JSON token by its kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'a> {
    /// A string, with quotes and escapes.
    String(&'a str),
    /// Anything else.
    Plain(Value<'a>),
}
