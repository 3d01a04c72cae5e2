//! Mappings made of the table of keys, most of them right.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::mapping::file::guard_keys;
use crate::mapping::file::keys::{self, Form, Key};
use crate::mapping::value::kind::FieldType;

/// Values of the right kind, none of which is at odds with another key's.
fn good(form: Form, kind: Option<FieldType>) -> Vec<&'static str> {
    match form {
        Form::TableKey => vec!["'deals'", "'a b'"],
        Form::Name => vec!["'C'", "\"a\\u001b\""],
        Form::Text => vec!["'utf-8'"],
        Form::Flag => vec!["true"],
        Form::Count { .. } => vec!["1", "12"],
        // Its words stand in the table of keys.
        Form::Choice(_) => vec![],
        Form::Delimiter => vec!["';'", "'tab'", "'\\t'", "\"\\t\"", "'\\'"],
        Form::Escape => vec!["'\\'", "'^'"],
        Form::Decimal => vec!["','", "'.'", "'·'"],
        Form::Thousands => vec!["' '", "''", "\"'\"", "\"\\u202f\""],
        Form::Names => vec!["'%Y-%m-%d'", "['%Y-%m-%d']", "['%Y-%m-%d', '%Y %m %d']"],
        Form::Symbols => vec!["'€'", "['US$', 'kr.', 'R $']"],
        Form::Zone => vec!["'Europe/Paris'", "'UTC'"],
        Form::List => vec!["['COLUMN 1']", "['COLUMN 1', 'COLUMN 2']"],
        Form::Scalar => match kind {
            Some(FieldType::Boolean) => vec!["true", "'false'"],
            Some(FieldType::Date) => vec!["'2024-02-29'"],
            _ => vec!["1", "'12'"],
        },
        Form::Scalars => vec!["{}", "{ a = '' }"],
        Form::Percent => vec!["'30%'", "'0.5 %'", "'100.0%'", "'05%'"],
        Form::Day => vec!["2026-01-01", "'2026-01-01'", "'2024-02-29'"],
        Form::Time => vec!["900", "'900'", "'15m'", "0"],
        Form::Input => vec!["{}"],
        Form::Guard => vec!["{}", "{ min_records = 1 }"],
        Form::Freeze => vec!["{ field = 'id', before = 2026-01-01 }"],
        Form::History => vec!["{}", "{ keep = 3 }"],
        Form::Fields => vec!["{ id = 'ID' }"],
    }
}

/// Values of all kinds, most of them wrong wherever they stand.
const ANY: [&str; 21] = [
    "''",
    "' '",
    "'x'",
    "'ab'",
    "1",
    "1.5",
    "true",
    "false",
    "[]",
    "['x', 1]",
    "{}",
    "2024-01-01",
    "1e3",
    "'1e999'",
    "0x1f",
    "inf",
    "'1,5'",
    "'+1'",
    "'12 %'",
    "{ a = 1.5 }",
    "{ a = 'x', b = 1e3 }",
];

/// Values that a key takes.
pub(super) fn values(key: &Key, kind: Option<FieldType>) -> Vec<String> {
    // The two lists of words of a boolean may have none in common.
    if key.name == "false" {
        return vec!["'no'".to_owned(), "['no', 'non']".to_owned()];
    }
    if let Form::Choice(words) = key.form {
        return words().iter().map(|word| format!("'{word}'")).collect();
    }
    let good = good(key.form, kind).into_iter();
    good.map(str::to_owned).collect()
}

fn value(key: &Key, kind: Option<FieldType>) -> BoxedStrategy<String> {
    let any = select(&ANY[..]).prop_map(str::to_owned);
    prop_oneof![20 => select(values(key, kind)), 1 => any].boxed()
}

/// Some of these keys, sometimes one that is none of them.
fn table(keys: &'static [Key], kind: Option<FieldType>) -> BoxedStrategy<Vec<String>> {
    let indices: Vec<usize> = (0..keys.len()).collect();
    let most = keys.len().min(5);
    let some = subsequence(indices, 0..=most).prop_flat_map(move |some| {
        let lines = some.into_iter().map(move |at| {
            let name = keys[at].name;
            value(&keys[at], kind).prop_map(move |value| format!("{name} = {value}"))
        });
        lines.collect::<Vec<_>>()
    });
    let stray = prop_oneof![20 => Just(None), 1 => Just(Some("strange = 1".to_owned()))];
    (some, stray)
        .prop_map(|(mut lines, stray)| {
            lines.extend(stray);
            lines
        })
        .boxed()
}

fn field() -> BoxedStrategy<String> {
    let kinds: Vec<_> = FieldType::ALL.map(Some).into_iter().chain([None]).collect();
    let long = select(kinds).prop_flat_map(|kind| {
        (table(&keys::FIELD, kind), any::<bool>()).prop_map(move |(mut lines, from_column)| {
            lines.retain(|line| !line.starts_with("type ") && !line.starts_with("column "));
            lines.retain(|line| !from_column || !line.starts_with("columns "));
            lines.extend(kind.map(|kind| format!("type = '{}'", kind.word())));
            lines.extend(from_column.then(|| "column = 'COLUMN'".to_owned()));
            format!("{{ {} }}", lines.join(", "))
        })
    });
    let short = prop_oneof![4 => Just("'COLUMN'"), 1 => select(&ANY[..])];
    prop_oneof![1 => short.prop_map(str::to_owned), 4 => long].boxed()
}

/// A whole mapping, each field with a column of its own.
pub(super) fn mapping() -> impl Strategy<Value = String> {
    let fields = prop::collection::vec(field(), 0..4);
    let top = table(&keys::TOP[..4], None);
    let input = prop::option::of(table(&keys::INPUT, None));
    let guard = prop::option::of(table(&guard_keys::GUARD, None));
    let day = select(vec![
        "2026-01-01",
        "'2026-01-01'",
        "'2026-02-30'",
        "'x'",
        "2026",
    ]);
    let history = prop::option::of(table(&guard_keys::HISTORY, None));
    let freeze = prop::option::of((select(vec!["day", "f0", "f9"]), day));
    let parts = (top, input, guard, history, freeze, fields);
    parts.prop_map(|(top, input, guard, history, freeze, fields)| {
        let mut text: String = top.into_iter().map(|line| line + "\n").collect();
        if let Some(lines) = input {
            text.push_str(&format!("[input]\n{}\n", lines.join("\n")));
        }
        if let Some(lines) = guard {
            text.push_str(&format!("[guard]\n{}\n", lines.join("\n")));
        }
        if let Some(lines) = history {
            text.push_str(&format!("[history]\n{}\n", lines.join("\n")));
        }
        if let Some((field, day)) = freeze {
            text.push_str(&format!("[freeze]\nfield = '{field}'\nbefore = {day}\n"));
        }
        text.push_str("[fields]\nid = 'ID'\nday = { column = 'Day', type = 'date' }\n");
        for (n, field) in fields.iter().enumerate() {
            let field = field.replace("COLUMN", &format!("column {n}"));
            text.push_str(&format!("f{n} = {field}\n"));
        }
        text
    })
}
