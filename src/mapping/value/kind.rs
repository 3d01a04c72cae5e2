//! Field types, and how a value becomes the JSON of each.

use super::boolean::Words;
use super::date::{self, Dates};
use super::json;
use super::number::Number;
use super::style::{NumberKind, PLAIN};
use super::text::{self, Value};
use crate::input::Cell;
use crate::mapping::output::Output;
use crate::mapping::written::Reason;

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

/// Which fast check a field's cells go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quick {
    /// It has to be looked into.
    Never,
    /// It is sent as it stands, and may have white space around it.
    Text,
    /// It is sent as it stands if no white space is around it.
    TightText,
    /// The type's own check tells.
    Typed,
}

impl Quick {
    /// Whether a cell is an ordinary text, as most are, which becomes a JSON string as it stands.
    #[inline(always)]
    pub(crate) fn is_sent_as_it_stands(self, cell: Cell<'_>) -> bool {
        matches!(self, Self::Text) && cell.is_plain && text::has_a_tight_end(cell.text)
    }
}

/// A field's type with all that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ValueType {
    /// No type given: text from CSV, the value itself from NDJSON.
    AsIs,
    Text,
    Number(Number),
    Boolean(Words),
    Date(Dates),
    Json,
}

impl ValueType {
    /// The type's name, where one was given.
    pub(crate) fn field_type(&self) -> Option<FieldType> {
        Some(match self {
            Self::AsIs => return None,
            Self::Text => FieldType::Text,
            Self::Number(number) => match number.kind {
                NumberKind::Number => FieldType::Number,
                NumberKind::Integer => FieldType::Integer,
                NumberKind::Percent | NumberKind::Fraction => FieldType::Percent,
            },
            Self::Boolean(_) => FieldType::Boolean,
            Self::Date(_) => FieldType::Date,
            Self::Json => FieldType::Json,
        })
    }

    /// Whether white space around a cell means nothing, whatever `trim` says.
    pub(crate) fn always_trims(&self) -> bool {
        !matches!(self, Self::AsIs | Self::Text)
    }

    /// The fast check of a field that does not translate its cells (`values`). An id has no white space
    /// around it and is never a boolean.
    pub(crate) fn quick(&self, is_id: bool, trims: bool) -> Quick {
        match self {
            Self::AsIs | Self::Text if is_id || trims => Quick::TightText,
            Self::AsIs | Self::Text => Quick::Text,
            Self::Boolean(_) if is_id => Quick::Never,
            Self::Number(_) | Self::Boolean(_) | Self::Date(_) => Quick::Typed,
            Self::Json => Quick::Never,
        }
    }

    /// Appends what the text of a CSV cell, or that of a JSON string without escapes, becomes, if that is
    /// certain at once; else nothing. Nearly all cells are, and [`write`](Self::write) comes to the same;
    /// a test on random cells holds that.
    #[inline]
    pub(crate) fn put_text(
        &self,
        quick: Quick,
        text: &str,
        is_plain: bool,
        out: &mut impl Output,
    ) -> bool {
        if matches!(quick, Quick::Never) {
            return false;
        }
        match self {
            Self::Number(number) => number.put(text.as_bytes(), out),
            Self::Date(dates) => dates.put(text, out),
            Self::Boolean(words) => words.put(text, out),
            Self::AsIs | Self::Text => {
                let has_good_ends = match quick {
                    Quick::TightText => text::has_tight_ends(text),
                    _ => text::has_a_tight_end(text),
                };
                has_good_ends && text::put_plain(text, is_plain, out)
            }
            Self::Json => false,
        }
    }

    /// Whether a JSON value that is no string surely stays as it is.
    #[inline]
    pub(crate) fn takes_token(&self, quick: Quick, token: &str) -> bool {
        let is_number = matches!(token.as_bytes(), [b'-' | b'0'..=b'9', ..]);
        let is_boolean = matches!(token, "true" | "false");
        match (quick, self) {
            (Quick::Text, Self::AsIs) => is_number || is_boolean,
            // It may be the id, which is no boolean.
            (Quick::TightText, Self::AsIs) => is_number,
            (Quick::Typed, Self::Number(number)) => number.kind.is_plain(token.as_bytes()),
            (Quick::Typed, Self::Boolean(_)) => is_boolean,
            _ => false,
        }
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
            Self::Number(number) => {
                reject_tree(value, "a number")?;
                match value {
                    Value::Number(digits) => Number::new(PLAIN, number.kind).write(digits, out),
                    Value::Bool(_) => Err("is a JSON boolean, not a number".into()),
                    value => number.write(value.text(), out),
                }
            }
            Self::Boolean(words) => {
                reject_tree(value, "true or false")?;
                let truth = match value {
                    Value::Bool(truth) => truth,
                    value => words.read(value.text())?,
                };
                out.put(if truth { b"true" } else { b"false" });
                Ok(())
            }
            Self::Date(dates) => {
                reject_tree(value, "a date")?;
                if matches!(value, Value::Bool(_)) {
                    return Err("is a JSON boolean, not a date".into());
                }
                match value {
                    Value::Day(day) => date::write_day(day, out),
                    value => dates.write(value.text(), out),
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

fn reject_tree(value: Value<'_>, wanted: &str) -> Result<(), Reason> {
    match value {
        Value::Tree(tree) if tree.starts_with('[') => {
            Err(format!("is a JSON array, not {wanted}").into())
        }
        Value::Tree(_) => Err(format!("is a JSON object, not {wanted}").into()),
        _ => Ok(()),
    }
}
