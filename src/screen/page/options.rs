//! The options of a run, in words.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::base::display;

/// Options by their names, as journals and plans write them.
pub(crate) type Options = BTreeMap<String, Value>;

/// Each option that was said or has a default, with its value: `retry for`, `5 min`.
pub(super) fn in_words(options: &Options) -> Vec<(String, String)> {
    let told = options.iter().filter_map(|(name, value)| {
        let (name, value) = match (name.strip_suffix("_ms"), value.as_u64()) {
            (Some(name), Some(millis)) => (name, display::time(Duration::from_millis(millis))),
            _ => (name.as_str(), value_in_words(value)?),
        };
        Some((display::shown(&name.replace('_', " ")), value))
    });
    told.collect()
}

fn value_in_words(value: &Value) -> Option<String> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Bool(true) => Some("yes".to_owned()),
        Value::String(text) => Some(display::shown(text)),
        Value::Number(number) => Some(number.as_u64().map_or(number.to_string(), display::count)),
        Value::Array(_) | Value::Object(_) => Some(display::shown(&value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_was_not_said_is_left_out() {
        let options = json!({
            "retry_for_ms": 300_000, "chunk_size": 5000, "sheet": null, "changed": false, "allow_empty": true,
            "delimiter": "\u{202e};", "max_shrink": "50%",
        });
        let options: Options = serde_json::from_value(options).unwrap();
        let told = in_words(&options);
        let told: Vec<_> = told
            .iter()
            .map(|(name, value)| (&**name, &**value))
            .collect();
        assert_eq!(
            told,
            [
                ("allow empty", "yes"),
                ("chunk size", "5,000"),
                ("delimiter", "\\u{202e};"),
                ("max shrink", "50%"),
                ("retry for", "5 min"),
            ]
        );
    }
}
