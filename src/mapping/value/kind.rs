//! Field types, and how a value becomes the JSON of each.

use super::date::{self, Layout};
use super::json;
use super::number::{self, NumberKind, NumberStyle, PLAIN, Reason};
use super::text::{self, Value};
use crate::mapping::output::Output;
use crate::mapping::value::boolean::Words;

/// The types that a mapping can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum FieldType {
    /// A JSON string.
    Text,
    /// A JSON number, digit for digit.
    Number,
    /// A number without a fraction.
    Integer,
    /// A number that may carry a `%` sign.
    Percent,
    /// `true` or `false`.
    Boolean,
    /// A string `YYYY-MM-DD`.
    Date,
    /// Any JSON value.
    Json,
}

impl FieldType {
    /// All of them, in the order of the documentation.
    pub(crate) const ALL: [Self; 7] = [
        Self::Text,
        Self::Number,
        Self::Integer,
        Self::Percent,
        Self::Boolean,
        Self::Date,
        Self::Json,
    ];

    /// The word for it in the mapping file.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Integer => "integer",
            Self::Percent => "percent",
            Self::Boolean => "boolean",
            Self::Date => "date",
            Self::Json => "json",
        }
    }

    /// The type that a word names.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A field's type with all that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// No type given: text from CSV, the value itself from NDJSON.
    AsIs,
    Text,
    Number(NumberStyle),
    Integer(NumberStyle),
    /// The flag tells that it is sent as a share of one (`fraction = true`).
    Percent(NumberStyle, bool),
    Boolean(Words),
    Date(Vec<Layout>),
    Json,
}

impl Kind {
    /// The type's name, where one was given.
    pub(crate) fn field_type(&self) -> Option<FieldType> {
        Some(match self {
            Self::AsIs => return None,
            Self::Text => FieldType::Text,
            Self::Number(_) => FieldType::Number,
            Self::Integer(_) => FieldType::Integer,
            Self::Percent(..) => FieldType::Percent,
            Self::Boolean(_) => FieldType::Boolean,
            Self::Date(_) => FieldType::Date,
            Self::Json => FieldType::Json,
        })
    }

    /// Whether white space around a cell means nothing, whatever `trim` says.
    pub(crate) fn always_trims(&self) -> bool {
        !matches!(self, Self::AsIs | Self::Text)
    }

    /// Appends the JSON of a value that is not blank. `raw` is the JSON token it came from, where
    /// it stands unchanged.
    pub(crate) fn write(
        &self,
        value: Value<'_>,
        raw: Option<&str>,
        out: &mut impl Output,
    ) -> Result<(), Reason> {
        match self {
            Self::AsIs => write_as_is(value, raw, out),
            Self::Text => {
                reject_tree(value, "text")?;
                text::write_string(value.text(), out);
                Ok(())
            }
            Self::Number(style) => write_number(value, *style, NumberKind::Number, out),
            Self::Integer(style) => write_number(value, *style, NumberKind::Integer, out),
            Self::Percent(style, false) => write_number(value, *style, NumberKind::Percent, out),
            Self::Percent(style, true) => write_number(value, *style, NumberKind::Fraction, out),
            Self::Boolean(words) => {
                reject_tree(value, "true or false")?;
                let truth = match value {
                    Value::Bool(truth) => truth,
                    value => words.read(value.text())?,
                };
                out.put(if truth { b"true" } else { b"false" });
                Ok(())
            }
            Self::Date(layouts) => {
                reject_tree(value, "a date")?;
                if matches!(value, Value::Bool(_)) {
                    return Err("is a JSON boolean, not a date".into());
                }
                match value {
                    Value::Day(day) => date::write_day(day, out),
                    value => date::write(value.text(), layouts, out),
                }
            }
            // A JSON string of NDJSON is a value already; only a CSV cell is a text that holds JSON.
            Self::Json => match (value, raw) {
                (Value::Text(cell), None) => {
                    json::check(cell)?;
                    out.put(cell.as_bytes());
                    Ok(())
                }
                (value, raw) => write_as_is(value, raw, out),
            },
        }
    }
}

fn write_as_is(value: Value<'_>, raw: Option<&str>, out: &mut impl Output) -> Result<(), Reason> {
    match (value, raw) {
        (Value::Text(_), Some(raw)) => out.put(raw.as_bytes()),
        (Value::Text(text) | Value::Day(text), None) => text::write_string(text, out),
        (Value::Missing, _) => out.put(b"null"),
        (Value::Tree(tree), _) => {
            json::check_numbers(tree)?;
            out.put(tree.as_bytes());
        }
        (Value::Number(_) | Value::Bool(_) | Value::Day(_), _) => {
            out.put(value.text().as_bytes());
        }
    }
    Ok(())
}

fn write_number(
    value: Value<'_>,
    style: NumberStyle,
    kind: NumberKind,
    out: &mut impl Output,
) -> Result<(), Reason> {
    reject_tree(value, "a number")?;
    match value {
        Value::Number(digits) => number::write(digits, PLAIN, kind, out),
        Value::Bool(_) => Err("is a JSON boolean, not a number".into()),
        value => number::write(value.text(), style, kind, out),
    }
}

fn reject_tree(value: Value<'_>, wanted: &str) -> Result<(), Reason> {
    match value {
        Value::Tree(tree) if tree.starts_with('[') => {
            Err(format!("is a JSON array, not {wanted}").into())
        }
        Value::Tree(_) => Err(format!("is a JSON object, not {wanted}").into()),
        _ => Ok(()),
    }
}
