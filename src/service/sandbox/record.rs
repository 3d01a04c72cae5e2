//! One record that comes: what keeps it out of the table, and what it makes of the one that is there.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use super::cell::{self, Misfit};
use super::options::{TableSpec, ValueKind};
use crate::service::facts::{Effect, Facts, Strange};

/// A record's fields as they were sent, digits and all. Of two equal keys the last counts, as in Python.
pub(super) type Fields = BTreeMap<String, Box<RawValue>>;

/// A record that the import left out.
#[derive(Debug)]
pub(super) struct Rejected {
    pub(super) field: String,
    pub(super) value: String,
    pub(super) misfit: Misfit,
    pub(super) row: Fields,
}

/// The field that keeps a record out, and why; `held` is the record of its id that is there.
pub(super) fn misfit(
    spec: &TableSpec,
    facts: &Facts,
    held: Option<&Fields>,
    came: &Fields,
) -> Option<(String, Misfit)> {
    let of_value = came.iter().find_map(|(field, value)| {
        let misfit = misfit_of_value(spec, facts, field, value)?;
        Some((field.clone(), misfit))
    });
    of_value.or_else(|| {
        let held = held.filter(|_| facts.missing == Some(Effect::Rejected))?;
        let lost = held.iter().find(|(field, value)| {
            !came.contains_key(*field) && !matches!(value.get(), "null" | "\"\"")
        });
        let (field, _) = lost?;
        Some((field.clone(), refused("value", "the field is missing")))
    })
}

fn misfit_of_value(
    spec: &TableSpec,
    facts: &Facts,
    field: &str,
    value: &RawValue,
) -> Option<Misfit> {
    let kind = match (spec.fields.get(field), facts.unknown_field) {
        (Some(kind), _) => *kind,
        (None, _) if is_known(spec, field) => ValueKind::Text,
        (None, Some(Strange::Taken)) => ValueKind::Text,
        (None, Some(Strange::Rejected)) => return Some(refused("field", "there is no such field")),
        (None, Some(Strange::Dropped) | None) => return None,
    };
    match effect(facts, value) {
        Some(Effect::Rejected) => Some(refused("value", "the value is empty")),
        Some(Effect::Emptied | Effect::Kept) => None,
        None => cell::check(value, kind).err(),
    }
}

fn refused(wanted: &'static str, why: &str) -> Misfit {
    Misfit {
        wanted,
        details: format!("ValueError: {why}"),
    }
}

/// Whether a table has a field. One that declares none has any.
pub(super) fn is_known(spec: &TableSpec, field: &str) -> bool {
    spec.fields.is_empty() || field == spec.id_field || spec.fields.contains_key(field)
}

/// What a value does that is none, where that is known.
fn effect(facts: &Facts, value: &RawValue) -> Option<Effect> {
    match value.get() {
        "null" => facts.null,
        "\"\"" => facts.empty_text,
        _ => None,
    }
}

/// Writes a record that came over the one that is there: fields that it lacks stay as they were and null
/// empties one, if nothing else is known.
pub(super) fn write_over(facts: &Facts, held: &mut Fields, came: Fields) {
    if facts.missing == Some(Effect::Emptied) {
        held.retain(|field, _| came.contains_key(field));
    }
    for (field, value) in came {
        match effect(facts, &value) {
            Some(Effect::Kept) => {}
            Some(Effect::Emptied) => drop(held.insert(field, RawValue::NULL.to_owned())),
            Some(Effect::Rejected) | None => drop(held.insert(field, value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(json: &str) -> Fields {
        serde_json::from_str(json).unwrap()
    }

    fn facts(json: &str) -> Facts {
        serde_json::from_str(json).unwrap()
    }

    /// What the table holds after a record came, or the field that kept it out.
    fn written(known: &str, held: &str, came: &str) -> String {
        let spec = TableSpec {
            key: "deals".to_owned(),
            id_field: "id".to_owned(),
            fields: [
                ("a".to_owned(), ValueKind::Text),
                ("n".to_owned(), ValueKind::Number),
            ]
            .into(),
        };
        let (facts, mut held, came) = (facts(known), fields(held), fields(came));
        if let Some((field, misfit)) = misfit(&spec, &facts, Some(&held), &came) {
            return format!("{field}: {}", misfit.details);
        }
        write_over(&facts, &mut held, came);
        serde_json::to_string(&held).unwrap()
    }

    #[test]
    fn values_that_are_none_do_what_is_known_of_them() {
        let held = r#"{"a":"x","id":"1","n":1.50}"#;
        let null = r#"{"id": "1", "n": null}"#;
        let empty = r#"{"id": "1", "n": ""}"#;
        let missing = r#"{"id": "1", "a": "y"}"#;
        let is_empty = "n: ValueError: the value is empty";
        let emptied = r#"{"a":"x","id":"1","n":null}"#;
        for (known, came, after) in [
            ("{}", null, emptied),
            (r#"{"null": "emptied"}"#, null, emptied),
            (r#"{"null": "kept"}"#, null, held),
            (r#"{"null": "rejected"}"#, null, is_empty),
            (
                "{}",
                empty,
                "n: ValueError: could not convert string to float: ''",
            ),
            (r#"{"empty_text": "emptied"}"#, empty, emptied),
            (r#"{"empty_text": "kept"}"#, empty, held),
            (r#"{"empty_text": "rejected"}"#, empty, is_empty),
            ("{}", missing, r#"{"a":"y","id":"1","n":1.50}"#),
            (
                r#"{"missing": "kept"}"#,
                missing,
                r#"{"a":"y","id":"1","n":1.50}"#,
            ),
            (
                r#"{"missing": "emptied"}"#,
                missing,
                r#"{"a":"y","id":"1"}"#,
            ),
            (
                r#"{"missing": "rejected"}"#,
                missing,
                "n: ValueError: the field is missing",
            ),
            // What came as null and is kept did not go missing.
            (
                r#"{"missing": "emptied", "null": "kept"}"#,
                null,
                r#"{"id":"1","n":1.50}"#,
            ),
        ] {
            assert_eq!(written(known, held, came), after, "{known} {came}");
        }
    }

    #[test]
    fn a_record_that_never_had_the_field_lacks_nothing() {
        let known = r#"{"missing": "rejected"}"#;
        for held in ["{}", r#"{"id":"1","n":null}"#, r#"{"a":"","id":"1"}"#] {
            assert!(
                written(known, held, r#"{"id": "1"}"#).starts_with('{'),
                "{held}"
            );
        }
    }

    #[test]
    fn unknown_fields_keep_a_record_out_or_do_not() {
        let came = r#"{"id": "1", "x": ""}"#;
        let out = "x: ValueError: there is no such field";
        assert_eq!(written(r#"{"unknown_field": "rejected"}"#, "{}", came), out);
        for known in [
            "{}",
            r#"{"unknown_field": "taken"}"#,
            r#"{"unknown_field": "dropped", "empty_text": "rejected"}"#,
        ] {
            assert!(written(known, "{}", came).starts_with('{'), "{known}");
        }
        let known = r#"{"unknown_field": "taken", "empty_text": "rejected"}"#;
        assert_eq!(
            written(known, "{}", came),
            "x: ValueError: the value is empty"
        );
    }
}
