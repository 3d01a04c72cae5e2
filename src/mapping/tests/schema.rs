//! The JSON Schema of mapping files says what the reader says.
//!
//! The helpers of all other tests here pass their mappings through [`agree`] too.

use std::path::Path;
use std::sync::LazyLock;
use std::{env, fs};

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::Value;

use super::made_up::{mapping, values};
use crate::mapping::file::schema::{schema, schema_text};
use crate::mapping::file::{guard_keys, keys};
use crate::mapping::mistakes::Mistake;
use crate::mapping::spec::Mapping;
use crate::mapping::value::kind::FieldType;

const FILE: &str = "schemas/mapping.schema.json";

static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&schema()).unwrap());

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Why an editor would underline it; nothing where it would not.
fn faults(text: &str) -> Vec<String> {
    let text = text.trim_start_matches('\u{feff}');
    match toml::from_str::<toml::Value>(text) {
        Ok(mut value) => {
            // Editors take a bare date for its text.
            if let Some(before) = value.get_mut("freeze").and_then(|it| it.get_mut("before"))
                && let toml::Value::Datetime(day) = before
            {
                *before = toml::Value::String(day.to_string());
            }
            let value = json(value);
            let faults = VALIDATOR.iter_errors(&value);
            faults.map(|fault| fault.to_string()).collect()
        }
        Err(error) => vec![error.to_string()],
    }
}

/// A value as JSON. What JSON cannot say (a bare date, infinity) is null, which no key takes.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(_) => Value::Null,
        toml::Value::Array(list) => list.into_iter().map(json).collect(),
        toml::Value::Table(table) => {
            let entries = table.into_iter().map(|(key, value)| (key, json(value)));
            Value::Object(entries.collect())
        }
    }
}

/// What the reader accepts the schema accepts too.
pub(super) fn agree(text: &str) {
    if Mapping::parse(text).is_ok() {
        assert_eq!(faults(text), [""; 0], "{text}");
    }
}

#[test]
fn the_published_file_is_that_of_the_program() {
    let generated = schema_text();
    let path = root().join(FILE);
    if env::var_os("UPDATE_SCHEMA").is_some() {
        fs::write(path, generated).unwrap();
        return;
    }
    assert_eq!(
        fs::read_to_string(path).unwrap_or_default(),
        generated,
        "{FILE} is out of date: run `UPDATE_SCHEMA=1 cargo test --lib mapping::tests::schema`"
    );
    assert!(jsonschema::draft202012::meta::is_valid(&schema()));
}

#[test]
fn the_example_names_it_and_is_valid() {
    let folder = root().join("examples");
    let text = fs::read_to_string(folder.join("deals.toml")).unwrap();
    let place = text.lines().next().unwrap().strip_prefix("#:schema ");
    let place = folder.join(place.unwrap()).canonicalize().unwrap();
    assert_eq!(place, root().join(FILE).canonicalize().unwrap());
    assert!(Mapping::parse(&text).is_ok());
    agree(&text);
}

#[test]
fn every_key_is_explained() {
    let all = keys::TOP.iter().chain(&keys::INPUT).chain(&keys::FIELD);
    for key in all.chain(&guard_keys::GUARD).chain(&guard_keys::FREEZE) {
        assert!(!key.title.is_empty() && !key.title.ends_with('.'));
        assert!(key.about.ends_with('.'), "{}", key.name);
    }
}

/// Mistakes of form: each is one for the reader and for the schema.
#[test]
fn mistakes_of_form_are_seen_by_both() {
    let top = [
        "",
        "fields = 1",
        "[fields]",
        "[[fields]]\nid = 'x'",
        "tabel = 'deals'\n[fields]\nid = 'x'",
        "table = '..'\n[fields]\nid = 'x'",
        "table = ' '\n[fields]\nid = 'x'",
        "table = 5\n[fields]\nid = 'x'",
        "id = 5\n[fields]\nid = 'x'",
        "name = ''\n[fields]\nid = 'x'",
        "unmapped = 'warn'\n[fields]\nid = 'x'",
        "unmapped = true\n[fields]\nid = 'x'",
        "input = 1\n[fields]\nid = 'x'",
        "[input]\ntrimm = true\n[fields]\nid = 'x'",
        "[input]\ntrim = 'yes'\n[fields]\nid = 'x'",
        "[input]\ndelimiter = ';;'\n[fields]\nid = 'x'",
        "[input]\ndelimiter = 'é'\n[fields]\nid = 'x'",
        "[input]\ndelimiter = '\"'\n[fields]\nid = 'x'",
        "[input]\ndelimiter = ''\n[fields]\nid = 'x'",
        "[input]\nescape = ''\n[fields]\nid = 'x'",
        "[input]\nescape = 1\n[fields]\nid = 'x'",
        "[input]\nescape = 'a'\n[fields]\nid = 'x'",
        "[input]\nescape = ' '\n[fields]\nid = 'x'",
        "[input]\nescape = ';'\n[fields]\nid = 'x'",
        "[input]\nescape = '\"'\n[fields]\nid = 'x'",
        "[input]\nescape = '\\\\'\n[fields]\nid = 'x'",
        "[input]\nquote = ''\n[fields]\nid = 'x'",
        "[input]\nquote = true\n[fields]\nid = 'x'",
        "[input]\nquote = \"'\"\n[fields]\nid = 'x'",
        "[input]\nencoding = 8\n[fields]\nid = 'x'",
        "[input]\ndecimal = '..'\n[fields]\nid = 'x'",
        "[input]\ndecimal = ' '\n[fields]\nid = 'x'",
        "[input]\nthousands = '0'\n[fields]\nid = 'x'",
        "[input]\nthousands = '-'\n[fields]\nid = 'x'",
        "guard = 1\n[fields]\nid = 'x'",
        "[guard]\nmin_record = 5\n[fields]\nid = 'x'",
        "[guard]\nmin_records = -1\n[fields]\nid = 'x'",
        "[guard]\nmin_records = '5'\n[fields]\nid = 'x'",
        "[guard]\nmax_shrink = 50\n[fields]\nid = 'x'",
        "[guard]\nmax_hollow = '50'\n[fields]\nid = 'x'",
        "[guard]\nmin_overlap = '100.1%'\n[fields]\nid = 'x'",
        "[guard]\nmax_changed = '1.23456%'\n[fields]\nid = 'x'",
        "freeze = true\n[fields]\nid = 'x'",
        "[freeze]\n[fields]\nid = 'x'",
        "[freeze]\nfield = 'd'\n[fields]\nid = 'x'\nd = { column = 'D', type = 'date' }",
        "[freeze]\nbefore = 2026-01-01\n[fields]\nid = 'x'",
        "[freeze]\nfield = ''\nbefore = 2026-01-01\n[fields]\nid = 'x'",
        "[freeze]\nfield = 'd'\nbefore = 2026\n[fields]\nid = 'x'\nd = { column = 'D', type = 'date' }",
        "[freeze]\nfield = 'd'\nbefore = '1/1/2026'\n[fields]\nid = 'x'\nd = { column = 'D', type = 'date' }",
        "[freeze]\nfield = 'd'\nbefore = 2026-01-01T00:00:00\n[fields]\nid = 'x'\nd = { column = 'D', type = 'date' }",
        "[freeze]\nfield = 'd'\nbefore = 2026-01-01\nafter = 1\n[fields]\nid = 'x'\nd = { column = 'D', type = 'date' }",
        "[fields]\nid = ''",
        "[fields]\n' id' = 'x'",
        "[fields]\n\"id\\n\" = 'x'",
        "[fields]\nowner.email = 'x'",
    ];
    for text in top {
        assert_both_refuse(text);
    }
    let fields = [
        "1",
        "[1]",
        "{}",
        "{ colum = 'C' }",
        "{ column = 'C', colum = 'C' }",
        "{ column = '' }",
        "{ column = 1 }",
        "{ column = 'C', value = 'x' }",
        "{ type = 'number' }",
        "{ column = 'C', type = 'numbr' }",
        "{ column = 'C', type = 'Number' }",
        "{ column = 'C', type = 1 }",
        "{ column = 'C', trim = 1 }",
        "{ column = 'C', type = 'date', trim = false }",
        "{ column = 'C', required = 'yes' }",
        "{ column = 'C', required = true, empty = 'null' }",
        "{ column = 'C', empty = 'zero' }",
        "{ column = 'C', type = 'number', empty = 'text' }",
        "{ column = 'C', type = 'date', format = 5 }",
        "{ column = 'C', type = 'date', format = [] }",
        "{ column = 'C', type = 'boolean', true = ['a', 1] }",
        "{ column = 'C', type = 'boolean', false = ['a', ' '] }",
        "{ column = 'C', type = 'number', decimal = '' }",
        "{ column = 'C', values_else = 'error' }",
        "{ column = 'C', values = {}, values_else = 'drop' }",
        "{ column = 'C', values = 'a' }",
        "{ column = 'C', values = 2024-01-01 }",
        "{ column = 'C', values = { a = [1] } }",
        "{ column = 'C', values = { a = 2024-01-01 } }",
        "{ column = 'C', values = { a = inf } }",
        "{ value = '' }",
        "{ value = ['x'] }",
        "{ value = 'x', trim = true }",
        "{ value = 'x', values = {} }",
        "{ value = 'x', required = true }",
    ];
    for options in fields {
        assert_both_refuse(&format!("[fields]\nid = 'ID'\nf = {options}"));
    }
}

fn assert_both_refuse(text: &str) {
    assert!(Mapping::parse(text).is_err(), "the reader accepts {text}");
    assert!(!faults(text).is_empty(), "the schema accepts {text}");
}

/// Every pair of a type and a key of a field, none of the types among them.
#[test]
fn both_know_which_key_goes_with_which_type() {
    let types = FieldType::ALL.iter().map(|kind| Some(*kind)).chain([None]);
    for kind in types {
        for key in &keys::FIELD {
            let apart = ["column", "columns", "join", "type", "value", "values_else"];
            if apart.contains(&key.name) {
                continue;
            }
            let value = values(key, kind).swap_remove(0);
            let mut options = format!("column = 'C', {} = {value}", key.name);
            if let Some(kind) = kind {
                options.push_str(&format!(", type = '{}'", kind.word()));
            }
            let text = format!("[fields]\nid = 'ID'\nf = {{ {options} }}");
            let fits = key.types.is_empty() || kind.is_some_and(|kind| key.types.contains(&kind));
            assert_eq!(Mapping::parse(&text).is_ok(), fits, "{text}");
            assert_eq!(faults(&text).is_empty(), fits, "{text}");
        }
    }
}

/// Mistakes that a schema cannot see: a value that does not fit its type, whatever the reason (it is
/// quoted before the reason); how an integer is written; signs that clash, layouts.
const BEYOND: [&str; 13] = [
    "must be in decimal digits",
    "`value` `",
    "`values`: `a`: `",
    "`values`: `b`: `",
    "are the same",
    "has `%",
    "does not tell",
    "stands for both",
    "there is no encoding",
    "there is no time zone",
    "there is no day",
    "there is no field",
    "is not of type `date`",
];

/// Whether the reader's mistakes are all such as a schema cannot see.
fn are_beyond(mistakes: &[Mistake]) -> bool {
    let is_beyond = |mistake: &Mistake| BEYOND.iter().any(|words| mistake.message.contains(words));
    mistakes.iter().all(is_beyond)
}

/// The reader alone knows what a type holds: such a mapping is wrong, and no editor underlines it.
#[test]
fn a_value_that_does_not_fit_its_type_is_for_the_reader_alone() {
    for (kind, values) in [
        (
            "number",
            &[
                "'x'", "'1e999'", "true", "'12 %'", "'+1'", "'0x1f'", "'1_0'",
            ][..],
        ),
        ("integer", &["1.5", "1e3", "'1,5'", "'nan'", "0x1f"]),
        ("percent", &["'%'", "'1 000'", "'(1)'"]),
        ("boolean", &["'yes'", "1"]),
        ("date", &["'x'", "'2023-02-29'", "true"]),
        ("json", &["'{'", "'1 2'"]),
    ] {
        for value in values {
            let constant = format!("value = {value}");
            let listed = format!("column = 'C', values = {{ a = {value} }}");
            for options in [constant, listed] {
                let text = format!("[fields]\nid = 'ID'\nf = {{ {options}, type = '{kind}' }}");
                let mistakes = Mapping::parse(&text).expect_err(&text);
                assert!(are_beyond(&mistakes), "{text}\n{mistakes:?}");
                assert_eq!(faults(&text), [""; 0], "{text}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn reader_and_schema_agree(text in mapping()) {
        let faults = faults(&text);
        match Mapping::parse(&text) {
            Ok(_) => prop_assert_eq!(faults, Vec::<String>::new(), "{}", text),
            Err(mistakes) => {
                prop_assert_eq!(are_beyond(&mistakes), faults.is_empty(), "{}\n{:?}\n{:?}", text, mistakes, faults);
            }
        }
    }
}
