//! The JSON Schema of mapping files (draft 2020-12), for editors that complete and check them.
//!
//! It is made of the tables that the reader uses. It knows what can be said about the form of a
//! file; what needs more than that (signs that clash, layouts, a constant that is no number) is left
//! to the reader, which refuses everything that the schema refuses.

use serde_json::{Map, Value, json};

use super::guard_keys;
use super::keys::{self, Form, Key};
use crate::mapping::spec::Empty;
use crate::mapping::value::kind::FieldType;

/// The schema's text, as `schemas/mapping.schema.json` holds it.
pub(crate) fn schema_text() -> String {
    format!("{:#}\n", schema())
}

/// The schema of a mapping file.
pub(crate) fn schema() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Mapping file of qobra-push",
        "description": "Which column of a CSV or NDJSON file becomes which field of a Qobra data table.",
        "type": "object",
        "additionalProperties": false,
        "minProperties": 1,
        "properties": properties(&keys::TOP),
        "$defs": {
            "input": {
                "type": "object",
                "additionalProperties": false,
                "properties": properties(&keys::INPUT),
            },
            "guard": {
                "type": "object",
                "additionalProperties": false,
                "properties": properties(&guard_keys::GUARD),
            },
            "freeze": {
                "type": "object",
                "additionalProperties": false,
                "required": ["field", "before"],
                "properties": properties(&guard_keys::FREEZE),
            },
            "history": {
                "type": "object",
                "additionalProperties": false,
                "properties": properties(&guard_keys::HISTORY),
            },
            "field": {
                "title": "Field",
                "description": "The name of a column, or a table that says more: { column = \"Amount\", type = \"number\" }.",
                "anyOf": [
                    { "title": "Column", "description": "The name of the column.", "type": "string", "pattern": NOT_BLANK },
                    { "$ref": "#/$defs/long" },
                ],
            },
            "long": long_form(),
        },
    })
}

/// A string that holds something besides white space.
const NOT_BLANK: &str = r"\S";

/// One character that could not be taken for another part of a number.
const SIGN: &str = r"[^0-9A-Za-z+%\u2212\u0000-\u001f\u007f-\u009f-]";

/// What may stand beside a number.
const SYMBOL: &str = r"^[^\s.,'\u20190-9+()%\u2212\u0000-\u001f\u007f-\u009f-](?:[^0-9+()%\u2212\u0000-\u001f\u007f-\u009f-]*[^\s0-9+()%\u2212\u0000-\u001f\u007f-\u009f-])?$";

fn properties(keys: &[Key]) -> Value {
    let property = |key: &Key| {
        let mut property = form(key.form);
        property.insert("title".to_owned(), key.title.into());
        property.insert("description".to_owned(), key.about.into());
        (key.name.to_owned(), Value::Object(property))
    };
    keys.iter().map(property).collect()
}

fn form(form: Form) -> Map<String, Value> {
    let name = json!({ "type": "string", "pattern": NOT_BLANK });
    let scalar = ["string", "number", "boolean"];
    let form = match form {
        Form::TableKey => json!({
            "type": "string",
            "pattern": NOT_BLANK,
            "maxLength": 200,
            "not": { "enum": [".", ".."] },
        }),
        Form::Name => name,
        Form::Text => json!({ "type": "string" }),
        Form::Flag => json!({ "type": "boolean" }),
        Form::Count { least } => json!({ "type": "integer", "minimum": least }),
        Form::Choice(words) => json!({ "enum": words() }),
        Form::Delimiter | Form::Escape | Form::Decimal | Form::Thousands | Form::Symbols => {
            signs(form)
        }
        Form::Names => json!({
            "anyOf": [name, { "type": "array", "minItems": 1, "items": name }],
        }),
        Form::Zone => json!({
            "type": "string",
            "pattern": NOT_BLANK,
            "examples": ["Europe/Paris", "UTC"],
        }),
        Form::List => json!({ "type": "array", "minItems": 1, "items": name }),
        Form::Scalar => json!({ "type": scalar, "pattern": NOT_BLANK }),
        Form::Scalars => json!({
            "type": "object",
            "additionalProperties": { "type": scalar },
        }),
        Form::Percent | Form::Day | Form::Time => measure(form),
        Form::Input => json!({ "$ref": "#/$defs/input" }),
        Form::Guard => json!({ "$ref": "#/$defs/guard" }),
        Form::Freeze => json!({ "$ref": "#/$defs/freeze" }),
        Form::History => json!({ "$ref": "#/$defs/history" }),
        Form::Fields => json!({
            "type": "object",
            "minProperties": 1,
            "propertyNames": { "pattern": r"^\S(?:[\s\S]*\S)?$" },
            "additionalProperties": { "$ref": "#/$defs/field" },
        }),
    };
    match form {
        Value::Object(form) => form,
        _ => Map::new(),
    }
}

/// The forms of shares, days and times.
fn measure(form: Form) -> Value {
    match form {
        Form::Percent => json!({
            "type": "string",
            "pattern": r"^(?:\d{1,2}(?:\.\d{1,4})?|100(?:\.0{1,4})?) ?%$",
            "examples": ["30%", "0.5%"],
        }),
        Form::Day => json!({
            "type": "string",
            "pattern": r"^\d{4}-\d\d-\d\d$",
            "examples": ["2026-01-01"],
        }),
        Form::Time => json!({
            "type": ["integer", "string"],
            "minimum": 0,
            "pattern": r"^\d",
            "examples": [900, "15m"],
        }),
        _ => Value::Null,
    }
}

/// The forms of signs.
fn signs(form: Form) -> Value {
    let symbol = json!({ "type": "string", "pattern": SYMBOL });
    match form {
        Form::Delimiter => json!({
            "type": "string",
            "pattern": r"^(?:tab|\\t|[\u0001-\u0009\u000b\u000c\u000e-!#-\u007f])$",
            "examples": [",", ";", "|", "tab"],
        }),
        Form::Escape => json!({
            "type": "string",
            "pattern": r"^[!#-+\-./:<-@\[-`{}~]$",
            "examples": ["\\"],
        }),
        Form::Decimal => json!({
            "type": "string",
            "pattern": format!(r"^(?!\s){SIGN}$"),
            "examples": [".", ","],
        }),
        Form::Thousands => json!({
            "type": "string",
            "pattern": format!("^{SIGN}?$"),
            "examples": [" ", ",", ".", "'", ""],
        }),
        Form::Symbols => json!({
            "anyOf": [symbol, { "type": "array", "minItems": 1, "items": symbol }],
            "examples": ["€", ["$", "USD"]],
        }),
        _ => Value::Null,
    }
}

fn long_form() -> Value {
    json!({
        "title": "Field, in the long form",
        "type": "object",
        "additionalProperties": false,
        "properties": properties(&keys::FIELD),
        "oneOf": [
            { "title": "From a column", "required": ["column"] },
            { "title": "From several columns", "required": ["columns"] },
            { "title": "The same in every record", "required": ["value"] },
        ],
        "allOf": rules(),
    })
}

/// Which keys of a field go together.
fn rules() -> Vec<Value> {
    let mut rules = vec![
        json!({
            "if": { "required": ["value"] },
            "then": { "propertyNames": { "enum": ["value", "column", "columns", "type"] } },
        }),
        json!({
            "if": { "required": ["columns"] },
            "then": { "properties": { "type": { "const": FieldType::Text.word() } } },
        }),
        json!({
            "if": { "required": ["join"] },
            "then": { "required": ["columns"] },
        }),
        json!({
            "if": { "required": ["values_else"] },
            "then": { "required": ["values"] },
        }),
        json!({
            "if": { "required": ["required"], "properties": { "required": { "const": true } } },
            "then": { "properties": { "empty": { "const": word(Empty::Error) } } },
        }),
        json!({
            "if": {
                "required": ["type"],
                "properties": { "type": { "not": { "const": FieldType::Text.word() } } },
            },
            "then": {
                "properties": {
                    "trim": { "const": true },
                    "empty": { "not": { "const": word(Empty::Text) } },
                },
            },
        }),
    ];
    let typed = keys::FIELD.iter().filter(|key| !key.types.is_empty());
    rules.extend(typed.map(|key| {
        let types: Vec<_> = key.types.iter().map(|kind| kind.word()).collect();
        json!({
            "if": { "required": [key.name] },
            "then": { "required": ["type"], "properties": { "type": { "enum": types } } },
        })
    }));
    rules
}

fn word(empty: Empty) -> &'static str {
    let found = Empty::WORDS.iter().find(|(_, other)| *other == empty);
    found.map_or("", |(word, _)| word)
}
