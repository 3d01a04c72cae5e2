//! A row that an import left out, as the service shows it.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::input::pairs;

/// A row that the service left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RejectedRow {
    /// The record's line, of whatever the service counts; not a line of the input.
    pub line_number: Option<u64>,
    /// API keys and values, in the service's order. What is no string is its JSON text.
    pub row: Vec<(String, String)>,
    /// Why. Foreign text.
    pub details: String,
}

impl RejectedRow {
    /// An element that is no such row keeps its words, so that it still counts as one.
    pub(super) fn new(raw: &RawValue) -> Self {
        let Some(parts) = object::<RowParts<'_>>(raw) else {
            return Self {
                details: text(raw.get()).unwrap_or_default(),
                ..Self::default()
            };
        };
        let row = parts.row.and_then(|row| {
            let mut entries = Vec::new();
            pairs(row.get(), &mut entries).ok()?;
            let texts = entries.into_iter().map(|(key, value)| {
                let value = text(value).unwrap_or_default();
                (key.into_owned(), value)
            });
            Some(texts.collect())
        });
        Self {
            line_number: (parts.line_number).and_then(|n| serde_json::from_str(n.get()).ok()),
            row: row.unwrap_or_default(),
            details: parts
                .details
                .map(RawValue::get)
                .and_then(text)
                .unwrap_or_default(),
        }
    }

    /// The value of a field.
    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        let found = self.row.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    }
}

#[derive(Deserialize)]
struct RowParts<'r> {
    #[serde(borrow, default)]
    line_number: Option<&'r RawValue>,
    #[serde(borrow, default)]
    row: Option<&'r RawValue>,
    #[serde(borrow, default)]
    details: Option<&'r RawValue>,
}

/// An object's parts. Lists are refused: serde takes their elements for the parts, in order.
pub(super) fn object<'r, T: Deserialize<'r>>(raw: &'r RawValue) -> Option<T> {
    let is_object = raw.get().starts_with('{');
    is_object.then(|| serde_json::from_str(raw.get()).ok())?
}

/// A string's text, or the JSON of anything else; none for null.
pub(super) fn text(json: &str) -> Option<String> {
    match json {
        "null" => None,
        json => Some(serde_json::from_str(json).unwrap_or_else(|_| json.to_owned())),
    }
}
