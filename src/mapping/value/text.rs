//! Text to JSON strings and back.

use std::borrow::Cow;

use crate::mapping::output::Output;

/// Whether a byte cannot stand in a JSON string as it is.
fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\')
}

/// Whether any byte must be escaped, told by blocks of 16 bytes: the compiler makes SIMD comparisons
/// of each, which it cannot do with a loop over fewer. So the last block begins earlier where it would
/// not be full, and a short text is filled up.
fn needs_escapes(bytes: &[u8]) -> bool {
    let any = |block: &[u8; 16]| {
        block
            .iter()
            .fold(false, |any, &byte| any | is_escaped(byte))
    };
    let Some(last) = bytes.last_chunk::<16>() else {
        let mut block = [b' '; 16];
        block[..bytes.len()].copy_from_slice(bytes);
        return any(&block);
    };
    let (blocks, _) = bytes.as_chunks::<16>();
    blocks.iter().any(any) || any(last)
}

/// Appends `text` as a JSON string.
pub(crate) fn write_string(text: &str, out: &mut impl Output) {
    let mut rest = text.as_bytes();
    out.put(b"\"");
    if needs_escapes(rest) {
        while let Some(clean) = rest.iter().position(|&byte| is_escaped(byte)) {
            out.put(&rest[..clean]);
            write_escape(rest[clean], out);
            rest = &rest[clean + 1..];
        }
    }
    out.put(rest);
    out.put(b"\"");
}

/// Appends a text as a JSON string if it surely needs no escapes; else nothing.
#[inline]
pub(crate) fn put_plain(text: &str, is_plain: bool, out: &mut impl Output) -> bool {
    let is_good = is_plain || !needs_escapes(text.as_bytes());
    if is_good {
        put_string(text.as_bytes(), out);
    }
    is_good
}

/// Appends a JSON string of bytes that stand in it as they are.
#[inline]
pub(crate) fn put_string(bytes: &[u8], out: &mut impl Output) {
    out.put(b"\"");
    out.put(bytes);
    out.put(b"\"");
}

/// Whether surely no white space stands around a text, and something does in it.
pub(crate) fn has_tight_ends(text: &str) -> bool {
    matches!(
        text.as_bytes(),
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~']
    )
}

/// Whether surely not all of a text is white space.
pub(crate) fn has_a_tight_end(text: &str) -> bool {
    matches!(text.as_bytes(), [b'!'..=b'~', ..] | [.., b'!'..=b'~'])
}

/// What stands in a JSON string that has no escapes; none for other tokens.
pub(crate) fn without_escapes(token: &str) -> Option<&str> {
    let inner = token.strip_prefix('"')?.strip_suffix('"')?;
    memchr::memchr(b'\\', inner.as_bytes())
        .is_none()
        .then_some(inner)
}

/// The text without white space around it.
pub(crate) fn trimmed(text: &str) -> &str {
    // Nearly every cell is settled by its ends.
    match has_tight_ends(text) {
        true => text,
        false => text.trim(),
    }
}

fn write_escape(byte: u8, out: &mut impl Output) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let hex = |digit: u8| HEX[usize::from(digit)];
    match byte {
        b'"' => out.put(b"\\\""),
        b'\\' => out.put(b"\\\\"),
        b'\n' => out.put(b"\\n"),
        b'\r' => out.put(b"\\r"),
        b'\t' => out.put(b"\\t"),
        _ => out.put(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]),
    }
}

/// One value of a record, before its field's type has had a say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    /// No key, or JSON `null`.
    Missing,
    /// A CSV cell, or a JSON string without its quotes and escapes.
    Text(&'a str),
    /// A JSON number's own digits.
    Number(&'a str),
    /// JSON `true` or `false`.
    Bool(bool),
    /// A date of a sheet: `YYYY-MM-DD`, perhaps with a time of day behind it.
    Day(&'a str),
    /// A JSON object or array as it stands.
    Tree(&'a str),
}

impl<'a> Value<'a> {
    /// The value as words, for messages and for the lookup in `values`.
    pub(crate) fn text(self) -> &'a str {
        match self {
            Self::Missing => "",
            Self::Text(text) | Self::Number(text) | Self::Day(text) | Self::Tree(text) => text,
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
        }
    }

    /// Whether it counts as an empty cell.
    pub(crate) fn is_blank(self) -> bool {
        match self {
            Self::Missing => true,
            Self::Text(text) => is_blank(text),
            Self::Number(_) | Self::Bool(_) | Self::Day(_) | Self::Tree(_) => false,
        }
    }
}

/// Whether a text is empty or made of white space only.
pub(crate) fn is_blank(text: &str) -> bool {
    // Nearly every cell is settled by its first byte.
    match text.as_bytes().first() {
        None => true,
        Some(b'!'..=b'~') => false,
        Some(_) => text.trim().is_empty(),
    }
}

/// A JSON string's text, borrowed where it has no escapes; none where an escape is half of a
/// surrogate pair, which no text holds.
pub(crate) fn decode(raw: &str) -> Option<Cow<'_, str>> {
    match without_escapes(raw) {
        Some(text) => Some(Cow::Borrowed(text)),
        None => serde_json::from_str::<String>(raw).ok().map(Cow::Owned),
    }
}

/// Looks at the value that a JSON token is, unless it is no text.
pub(crate) fn look(token: &str, look: impl FnOnce(Value<'_>)) {
    match sort_token(token) {
        Token::Plain(value) => look(value),
        Token::String(token) => {
            if let Some(text) = decode(token) {
                look(Value::Text(&text));
            }
        }
    }
}

/// What kind of value a JSON token is. Strings keep their quotes and escapes for [`decode`].
pub(crate) fn sort_token(text: &str) -> Token<'_> {
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
pub(crate) enum Token<'a> {
    /// A string, with quotes and escapes.
    String(&'a str),
    /// Anything else.
    Plain(Value<'a>),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn escapes_are_found_wherever_they_stand(
            bytes in proptest::collection::vec(prop_oneof![9 => b' '..=0xff_u8, 1 => any::<u8>()], 0..50)
        ) {
            let plain = bytes.iter().any(|&byte| is_escaped(byte));
            prop_assert_eq!(needs_escapes(&bytes), plain);
        }

        #[test]
        fn trimming_quickly_is_trimming(text in "\\PC{0,4}|[ \t\u{a0}a]{0,4}") {
            prop_assert_eq!(trimmed(&text), text.trim());
        }

        #[test]
        fn a_string_without_escapes_is_what_stands_in_it(text in "\\PC{0,6}|[ \ta\\\\\"]{0,4}") {
            let token = serde_json::to_string(&text).unwrap();
            let is_plain = !needs_escapes(text.as_bytes());
            prop_assert_eq!(without_escapes(&token), is_plain.then_some(&*text));
            let decoded = decode(&token);
            prop_assert_eq!(decoded.as_deref(), Some(&*text));
        }
    }
}
