//! What no value can be, whatever its type says.

use std::borrow::Cow;

use super::written::{HALF_CHARACTER, Reason};
use crate::mapping::value::text::{Token, Value};
use crate::mapping::value::{json, text};

/// Looks at a value that is sent as it is.
pub(super) fn check_whole(raw: &str, is_id: bool) -> Result<(), (Cow<'_, str>, Reason)> {
    let (text, value);
    match text::sort_token(raw) {
        Token::Plain(plain) => value = plain,
        Token::String(token) => match text::decode(token) {
            Some(decoded) => {
                text = decoded;
                value = Value::Text(&text);
            }
            None => return Err((token.into(), HALF_CHARACTER.into())),
        },
    }
    let checked = match value {
        _ if is_id && value.is_blank() => Err(why_empty(value)),
        _ if is_id => check_id(value),
        Value::Tree(tree) => json::check_numbers(tree),
        _ => Ok(()),
    };
    checked.map_err(|reason| (value.text().to_owned().into(), reason))
}

/// What no id can be, whatever its type says.
pub(super) fn check_id(value: Value<'_>) -> Result<(), Reason> {
    match value {
        Value::Text(text) if text::trimmed(text).len() != text.len() => {
            Err("has white space around it; set trim = true".into())
        }
        Value::Bool(_) => Err("is a JSON boolean; an id is a text or a number".into()),
        Value::Tree(_) => Err("is a JSON object or array; an id is a text or a number".into()),
        Value::Text(_) | Value::Number(_) | Value::Day(_) | Value::Missing => Ok(()),
    }
}

#[cold]
pub(super) fn why_empty(cell: Value<'_>) -> Reason {
    match cell {
        Value::Missing => "is missing or null".into(),
        Value::Text(text) if !text.is_empty() && text::is_blank(text) => {
            "is empty: it is made of white space only".into()
        }
        Value::Text("") => "is empty".into(),
        _ => "counts as empty, as `null` of the mapping says".into(),
    }
}
