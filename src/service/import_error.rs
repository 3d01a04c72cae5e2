//! What went wrong with an import, in the service's words.
//!
//! Documented is one kind, `ParsingError`, with the rows that could not be read. Any other shape is
//! kept as it came: an error that cannot be understood is an error all the same.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::rejected::{object, text};
use super::rows::RejectedRows;
use crate::base::display;

/// An import's error: anything but null.
#[derive(Clone, Debug)]
pub(crate) struct ImportError {
    /// What kind of error it is. Foreign text.
    pub title: Option<String>,
    /// What went wrong. Foreign text.
    pub description: Option<String>,
    /// The rows that were left out; the list may be capped, and it may be missing.
    pub rows: RejectedRows,
    /// The whole error as JSON, without its rows. Foreign text.
    pub raw: String,
}

impl ImportError {
    fn new(raw: &RawValue) -> Self {
        let parts: Parts<'_> = object(raw).unwrap_or_default();
        let marker = parts.parsing_error_details;
        // What stands there is of no use to anyone who reads it.
        let raw = match marker {
            Some(marker) => raw.get().replacen(marker.get(), "[…]", 1),
            None => raw.get().to_owned(),
        };
        let marker = marker.and_then(object);
        Self {
            title: parts.title.map(RawValue::get).and_then(text),
            description: parts.description.map(RawValue::get).and_then(text),
            rows: RejectedRows::marked(marker.unwrap_or_default()),
            raw,
        }
    }

    /// Title and description, else the raw error, harmless to print and cut.
    pub(crate) fn words(&self) -> String {
        match (&self.title, &self.description) {
            (Some(title), Some(words)) => {
                format!("{}: {}", display::shown(title), display::shown(words))
            }
            (Some(words), None) | (None, Some(words)) => display::shown(words),
            (None, None) => display::quoted(&self.raw),
        }
    }
}

impl<'de> Deserialize<'de> for ImportError {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::new(<&RawValue>::deserialize(from)?))
    }
}

#[derive(Default, Deserialize)]
struct Parts<'r> {
    #[serde(borrow, default)]
    title: Option<&'r RawValue>,
    #[serde(borrow, default)]
    description: Option<&'r RawValue>,
    #[serde(borrow, default)]
    parsing_error_details: Option<&'r RawValue>,
}

#[cfg(test)]
mod tests {
    use super::super::rejected::RejectedRow;
    use super::super::rows::RowBlock;
    use super::*;
    use crate::fuzzing::seams;

    fn error(json: &str) -> ImportError {
        let entry =
            format!(r#"{{"status":"finished","data_tables_details":[{{"error":{json}}}]}}"#);
        let import = seams::import_of(&entry).unwrap();
        import.tables[0].error.clone().unwrap()
    }

    fn rows(error: &ImportError) -> Vec<RejectedRow> {
        let (mut rows, mut place, mut block) = (Vec::new(), 0, RowBlock::default());
        while let Some((row, next)) = error.rows.at(place, &mut block).unwrap() {
            rows.push(row);
            place = next;
        }
        rows
    }

    #[test]
    fn values_that_are_no_strings_keep_their_digits() {
        let error = error(
            r#"{"title":"ParsingError","parsing_error_details":[{"line_number":3,"details":"bad",
            "row":{"id":12345678901234567890123,"z":"\u0041","amount":100.10,"n":null,"o":{"a": 1}}}]}"#,
        );
        let rows = rows(&error);
        let pairs: Vec<_> = (rows[0].row.iter())
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("id", "12345678901234567890123"),
                ("z", "A"),
                ("amount", "100.10"),
                ("n", ""),
                ("o", "{\"a\": 1}")
            ]
        );
        assert_eq!(rows[0].line_number, Some(3));
        assert_eq!(error.words(), "ParsingError");
    }

    #[test]
    fn other_shapes_keep_their_words() {
        for (json, words, rows) in [
            (r#""out\n of""#, r#"`"out\n of"`"#, 0),
            ("{}", "`{}`", 0),
            ("[1, 2]", "`[1, 2]`", 0),
            ("false", "`false`", 0),
            (r#"{"code": 7}"#, r#"`{"code": 7}`"#, 0),
            (r#"{"title": {"fr": "x"}}"#, r#"{"fr": "x"}"#, 0),
            (r#"{"description": "a\u001bb"}"#, "a\\u{1b}b", 0),
            (
                r#"{"title":"T","description":"D","parsing_error_details":"many"}"#,
                "T: D",
                0,
            ),
            (
                r#"{"title":"T","parsing_error_details":["row 7", {"line_number":"x"}, null]}"#,
                "T",
                3,
            ),
        ] {
            let error = error(json);
            assert_eq!(error.words(), words, "{json}");
            assert_eq!(error.rows.count(), rows, "{json}");
        }
        let error_of_two = error(r#"{"parsing_error_details":["row 7", {"row":[1],"details":5}]}"#);
        let rows = rows(&error_of_two);
        assert_eq!(
            (rows[0].details.as_str(), rows[1].details.as_str()),
            ("row 7", "5")
        );
        let long = error(&format!("[\"{}\"]", "x".repeat(5_000)));
        assert!(long.words().chars().count() < 300);
    }
}
