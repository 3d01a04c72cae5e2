//! The quick way for cells, which nearly all of them take: what is seen at once to need no change is
//! sent without a second look.
//!
//! Whatever this is not sure of it leaves to `write`, whose way is the longer one and comes to the
//! same; a test on random cells holds that.

use super::output::Output;
use super::spec::Field;
use crate::input::Cell;
use crate::mapping::value::boolean::Words;
use crate::mapping::value::kind::Kind;
use crate::mapping::value::number::{NumberKind, NumberStyle};
use crate::mapping::value::plain_date::PlainLayout;
use crate::mapping::value::plain_number::PlainNumber;
use crate::mapping::value::{date, number, plain_date, text};

/// What a field does with a text that has nothing unusual about it, and all that it needs for that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Quick {
    /// It has to be looked into.
    Never,
    /// It is sent as it stands, and may have white space around it.
    Text,
    /// It is sent as it stands if no white space is around it.
    TightText,
    /// It is a number.
    Number(Option<PlainNumber>, NumberKind),
    /// It is a word for true or false.
    Boolean(Words),
    /// It is a date in one of these layouts.
    Date(Box<[PlainLayout]>),
}

impl Quick {
    /// That of a field.
    pub(crate) fn of(field: &Field, is_id: bool) -> Self {
        let is_tight = is_id || field.trim;
        match &field.kind {
            _ if field.values.is_some() => Self::Never,
            Kind::AsIs | Kind::Text if is_tight => Self::TightText,
            Kind::AsIs | Kind::Text => Self::Text,
            Kind::Number(style) => Self::number(*style, NumberKind::Number),
            Kind::Integer(style) => Self::number(*style, NumberKind::Integer),
            Kind::Percent(style, false) => Self::number(*style, NumberKind::Percent),
            Kind::Percent(_, true) | Kind::Json => Self::Never,
            Kind::Boolean(_) if is_id => Self::Never,
            Kind::Boolean(words) => Self::Boolean(words.clone()),
            Kind::Date(layouts) => Self::Date(date::plain_ones(layouts)),
        }
    }

    fn number(style: NumberStyle, kind: NumberKind) -> Self {
        Self::Number(PlainNumber::new(style, kind), kind)
    }
}

/// Whether a cell is an ordinary text, as most are, which becomes a JSON string as it stands.
#[inline(always)]
pub(super) fn is_sent_as_it_stands(quick: &Quick, cell: Cell<'_>) -> bool {
    matches!(quick, Quick::Text) && cell.is_plain && has_a_tight_end(cell.text)
}

/// Appends what the text of a CSV cell, or that of a JSON string without escapes, becomes in a field,
/// if that is certain; else nothing.
#[inline(always)]
pub(super) fn put_text(quick: &Quick, cell: Cell<'_>, out: &mut impl Output) -> bool {
    let Cell { text, is_plain } = cell;
    match quick {
        Quick::Text if has_a_tight_end(text) => put_plain(text, is_plain, out),
        Quick::TightText if has_tight_ends(text) => put_plain(text, is_plain, out),
        Quick::Number(plain, _) => plain.is_some_and(|plain| plain.put(text.as_bytes(), out)),
        Quick::Boolean(words) => {
            let truth = words.find(text);
            if let Some(truth) = truth {
                let (json, len) = [(b"false", 5), (b"true ", 4)][usize::from(truth)];
                out.put_filled(json, len);
            }
            truth.is_some()
        }
        Quick::Date(layouts) => {
            let day = plain_date::find(text, layouts);
            if let Some([a, b, c, d, e, f, g, h, i, j]) = day {
                out.put(&[b'"', a, b, c, d, e, f, g, h, i, j, b'"']);
            }
            day.is_some()
        }
        Quick::Never | Quick::Text | Quick::TightText => false,
    }
}

#[inline]
fn put_plain(text: &str, is_plain: bool, out: &mut impl Output) -> bool {
    let is_good = is_plain || !text::needs_escapes(text.as_bytes());
    if is_good {
        put_string(text.as_bytes(), out);
    }
    is_good
}

/// Appends what a JSON value that is no string becomes in a field, if that is certain; else nothing.
#[inline]
pub(super) fn put_token(quick: &Quick, field: &Kind, token: &str, out: &mut impl Output) -> bool {
    let is_number = matches!(token.as_bytes(), [b'-' | b'0'..=b'9', ..]);
    let is_boolean = matches!(token, "true" | "false");
    let is_good = match (quick, field) {
        (Quick::Text, Kind::AsIs) => is_number || is_boolean,
        // It may be the id, which is no boolean.
        (Quick::TightText, Kind::AsIs) => is_number,
        (Quick::Number(_, kind), _) => number::is_plain(token.as_bytes(), *kind),
        (Quick::Boolean(_), _) => is_boolean,
        _ => false,
    };
    if is_good {
        out.put(token.as_bytes());
    }
    is_good
}

/// Appends a string of bytes that stand in JSON as they are.
#[inline]
pub(super) fn put_string(bytes: &[u8], out: &mut impl Output) {
    out.put(b"\"");
    out.put(bytes);
    out.put(b"\"");
}

/// Whether surely no white space stands around a text, and something does in it.
fn has_tight_ends(text: &str) -> bool {
    matches!(
        text.as_bytes(),
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~']
    )
}

/// Whether surely not all of a text is white space.
fn has_a_tight_end(text: &str) -> bool {
    matches!(text.as_bytes(), [b'!'..=b'~', ..] | [.., b'!'..=b'~'])
}
