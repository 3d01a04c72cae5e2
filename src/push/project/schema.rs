//! The JSON Schema of project files, made of the push's own options.

use serde_json::{Map, Value, json};

use crate::cli::{PushOption, push_options};

/// The schema, as it is printed and published.
pub(crate) fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).unwrap_or_default();
    text.push('\n');
    text
}

fn schema() -> Value {
    let options = options();
    let mut push = options.clone();
    let words = json!({ "anyOf": [
        { "type": "string", "minLength": 1 },
        { "type": "array", "minItems": 1, "items": { "type": "string", "minLength": 1 } },
    ] });
    let about = |value: &Value, description: &str| {
        let mut value = value.clone();
        value["description"] = description.into();
        value
    };
    push.insert(
        "files".to_owned(),
        about(&words, "Files or patterns, relative to the project file."),
    );
    push.insert(
        "after".to_owned(),
        about(&words, "Pushes that must have ended well before this one."),
    );
    push.insert(
        "after_gaps".to_owned(),
        json!({
            "type": "boolean",
            "description": "Whether it comes after pushes that left records out, too.",
        }),
    );
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Project of qobra-push",
        "description": "What `qobra-push sync` pushes. Paths are relative to this file.",
        "type": "object",
        "required": ["push"],
        "additionalProperties": false,
        "properties": {
            "defaults": {
                "type": "object",
                "description": "Options of all pushes that do not say otherwise.",
                "additionalProperties": false,
                "properties": options,
            },
            "push": {
                "type": "object",
                "description": "The pushes, by name.",
                "minProperties": 1,
                "propertyNames": { "pattern": "^[^-\\s][^\\s]*$" },
                "additionalProperties": {
                    "type": "object",
                    "required": ["files"],
                    "additionalProperties": false,
                    "properties": push,
                },
            },
        },
    })
}

/// The options of a push, as keys with underscores.
fn options() -> Map<String, Value> {
    let options = push_options().into_iter();
    let allowed = options.filter(|option| option.refusal.is_none());
    allowed
        .map(|option| (option.name.replace('-', "_"), value(&option)))
        .collect()
}

fn value(option: &PushOption) -> Value {
    let about = &option.about;
    if !option.has_value {
        return json!({ "type": "boolean", "description": about });
    }
    if !option.words.is_empty() {
        return json!({ "enum": option.words, "description": about });
    }
    json!({ "type": ["string", "number"], "description": about })
}
