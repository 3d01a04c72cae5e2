//! Cells to JSON: what is written is JSON of the field's type, and says what the cell says.

use std::borrow::Cow;
use std::sync::OnceLock;

use serde_json::Value;
use serde_json::value::RawValue;

use super::{MOST_BYTES, check_harmless};
use crate::input::{Cell, Cells, Columns, KeyList, Members, Spans, TextCells};
use crate::mapping::{Binding, Mapping, Sent, Tally};

/// A type, how it is written in a mapping, and the signs of its numbers.
struct Field {
    kind: Kind,
    options: &'static str,
    decimal: char,
    thousands: Option<char>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Integer,
    Percent,
    Fraction,
    Boolean,
    /// Where in the cell year, month and day stand; none where a layout is not so simple.
    Date(Option<[usize; 3]>),
    Text,
    Json,
}

const FIELDS: [Field; 16] = [
    field(Kind::Number, "type = 'number'", '.', None),
    field(
        Kind::Number,
        "type = 'number', decimal = ',', thousands = '.'",
        ',',
        Some('.'),
    ),
    field(
        Kind::Number,
        "type = 'number', decimal = ',', thousands = ' '",
        ',',
        Some(' '),
    ),
    field(
        Kind::Number,
        "type = 'number', thousands = \"'\"",
        '.',
        Some('\''),
    ),
    field(Kind::Integer, "type = 'integer'", '.', None),
    field(
        Kind::Integer,
        "type = 'integer', thousands = ','",
        '.',
        Some(','),
    ),
    field(Kind::Percent, "type = 'percent'", '.', None),
    field(Kind::Percent, "type = 'percent', decimal = ','", ',', None),
    field(
        Kind::Fraction,
        "type = 'percent', fraction = true",
        '.',
        None,
    ),
    field(Kind::Boolean, "type = 'boolean'", '.', None),
    field(
        Kind::Boolean,
        "type = 'boolean', true = ['oui', 'x'], false = ['non', '-']",
        '.',
        None,
    ),
    field(Kind::Date(Some([0, 5, 8])), "type = 'date'", '.', None),
    field(
        Kind::Date(Some([6, 3, 0])),
        "type = 'date', format = '%d/%m/%Y'",
        '.',
        None,
    ),
    field(
        Kind::Date(None),
        "type = 'date', format = ['%Y%m%d', '%d %B %Y', '%Y-%m-%dT%H:%M:%S']",
        '.',
        None,
    ),
    field(Kind::Text, "type = 'text'", '.', None),
    field(Kind::Json, "type = 'json'", '.', None),
];

const fn field(kind: Kind, options: &'static str, decimal: char, thousands: Option<char>) -> Field {
    Field {
        kind,
        options,
        decimal,
        thousands,
    }
}

/// For each field its binding to a CSV file and to one of JSON.
fn bindings() -> &'static [[Binding; 2]] {
    static BINDINGS: OnceLock<Vec<[Binding; 2]>> = OnceLock::new();
    BINDINGS.get_or_init(|| {
        let bind = |field: &Field| {
            let text = format!(
                "[fields]\nid = 'ID'\nf = {{ column = 'C', {} }}",
                field.options
            );
            let mapping = Mapping::parse(&text).expect("it is a mapping");
            let header = Columns::Named(vec!["ID".to_owned(), "C".to_owned()]);
            [header, Columns::PerRecord].map(|columns| mapping.bind(&columns).expect("it fits"))
        };
        FIELDS.iter().map(bind).collect()
    })
}

/// The first byte tells the field, the others are the cell: of a CSV file and, where they are JSON,
/// of a JSON one.
pub fn values(data: &[u8]) {
    let [n, cell @ ..] = data else { return };
    let Ok(cell) = std::str::from_utf8(cell) else {
        return;
    };
    if cell.len() > MOST_BYTES {
        return;
    }
    let n = usize::from(*n) % FIELDS.len();
    let [csv, json] = &bindings()[n];
    let is_plain = !cell.contains(|c| c < ' ' || matches!(c, '"' | '\\'));
    let written = [false, is_plain].map(|is_plain| {
        let cells = ["1", cell].map(|text| Cell { text, is_plain });
        let spans = Spans::for_test(&cells);
        write(csv, &Cells::Text(TextCells::for_test(&spans, &[0, 1])))
    });
    assert_eq!(
        written[0], written[1],
        "what is known of a cell changes nothing"
    );
    check(&FIELDS[n], cell, written[0].as_deref());
    let Ok(raw) = serde_json::from_str::<&RawValue>(cell) else {
        return;
    };
    let pairs = [
        (Cow::Borrowed("ID"), "\"1\""),
        (Cow::Borrowed("C"), raw.get()),
    ];
    let members = Members::new(&pairs, KeyList::new());
    let written = write(json, &Cells::Object(members));
    match serde_json::from_str::<String>(raw.get()) {
        // A JSON string of a JSON field is a value already.
        Ok(_) if FIELDS[n].kind == Kind::Json => {}
        Ok(text) => check(&FIELDS[n], &text, written.as_deref()),
        Err(_) => check_value(&FIELDS[n], raw.get(), written.as_deref()),
    }
}

/// What became of the field; none where the record was refused.
fn write(binding: &Binding, cells: &Cells<'_>) -> Option<String> {
    let mut out = b"before".to_vec();
    let mut tally = Tally::default();
    let measured = binding.measure(cells, &mut Sent::new(binding.field_names()), &mut tally);
    let measured = measured.map(|measured| (measured.bytes, measured.id.to_vec()));
    let written = binding.write(cells, &mut out, &mut tally);
    let size = (out.len() - b"before".len()) as u64;
    assert_eq!(measured, written.clone().map(|id| (size, id.to_vec())));
    match written {
        Ok(id) => {
            let text = String::from_utf8(out).expect("JSON is text");
            assert_eq!(id, b"\"1\"");
            let json = text
                .strip_prefix("before{\"id\":\"1\",\"f\":")
                .expect("both fields stand there");
            let json = json.strip_suffix('}').expect("the object ends").to_owned();
            serde_json::from_str::<&RawValue>(&json).expect("it is JSON");
            Some(json)
        }
        Err(faults) => {
            assert_eq!(out, b"before", "a refused record leaves nothing");
            assert!(!faults.is_empty());
            faults
                .iter()
                .for_each(|fault| check_harmless(&fault.message()));
            None
        }
    }
}

/// A text, and what was written for it.
fn check(field: &Field, text: &str, json: Option<&str>) {
    let cell = text.trim();
    if cell.is_empty() {
        assert_eq!(json, Some("null"), "{text:?}");
        return;
    }
    match (field.kind, json) {
        (Kind::Number | Kind::Integer | Kind::Percent | Kind::Fraction, json) => {
            check_number(field, cell, json);
        }
        (Kind::Text, json) => {
            let decoded = json.and_then(|json| serde_json::from_str::<String>(json).ok());
            assert_eq!(decoded.as_deref(), Some(text));
        }
        (Kind::Boolean, json) => check_boolean(field, cell, json),
        (Kind::Date(places), Some(json)) => check_date(places, cell, json),
        (Kind::Json, Some(json)) => assert_eq!(json, cell),
        (Kind::Date(_) | Kind::Json, None) => {}
    }
}

/// A JSON value that is no string, and what was written for it.
fn check_value(field: &Field, raw: &str, json: Option<&str>) {
    let is_number = raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    match (field.kind, json) {
        _ if raw == "null" => assert_eq!(json, Some("null")),
        (Kind::Number | Kind::Integer | Kind::Percent | Kind::Fraction, json) if is_number => {
            let plain = Field {
                decimal: '.',
                thousands: None,
                ..*field
            };
            check_number(&plain, raw, json);
        }
        (Kind::Number | Kind::Integer | Kind::Percent | Kind::Fraction, json) => {
            assert_eq!(json, None);
        }
        (Kind::Boolean, Some(json)) => assert!(matches!(json, "true" | "false")),
        (Kind::Date(_), Some(json)) => check_day(json),
        (Kind::Json, Some(json)) => assert_eq!(json, raw),
        (Kind::Text, Some(json)) => {
            let text: String = serde_json::from_str(json).expect("a text is a string");
            assert_eq!(text, raw);
        }
        (_, None) => {}
    }
}

fn check_number(field: &Field, cell: &str, json: Option<&str>) {
    let is_share = matches!(field.kind, Kind::Percent | Kind::Fraction);
    let Some(json) = json else {
        // What nobody can doubt is no fault.
        let digits = cell.strip_prefix('-').unwrap_or(cell);
        let is_sure =
            (1..=300).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        assert!(!is_sure, "{cell}");
        return;
    };
    assert!(
        matches!(serde_json::from_str(json), Ok(Value::Number(_))),
        "{json}"
    );
    assert!(json.parse::<f64>().is_ok_and(f64::is_finite), "{json}");
    let mut bare = cell;
    if let (true, Some(before)) = (is_share, cell.strip_suffix('%')) {
        bare = before.trim_end();
    }
    let signs = |c: &char| match (c, field.thousands) {
        ('\u{a0}' | '\u{202f}' | '\u{2009}' | ' ', Some(' ')) | ('\u{2019}', Some('\'')) => false,
        (c, sign) => Some(*c) != sign,
    };
    let bare: String = bare.chars().filter(signs).collect();
    let bare = bare.replace(field.decimal, ".");
    let shift = if field.kind == Kind::Fraction { 2 } else { 0 };
    assert_eq!(decimal(&bare, shift), decimal(json, 0), "{cell} {json}");
    if shift == 0 {
        let fraction = |text: &str| text.split_once('.').map(|(_, rest)| rest.to_owned());
        assert_eq!(
            fraction(&bare),
            fraction(json),
            "every digit stays: {cell} {json}"
        );
    }
    if field.kind == Kind::Integer {
        assert!(
            json.bytes().all(|b| b == b'-' || b.is_ascii_digit()),
            "{json}"
        );
    }
}

/// A number as sign, digits without zeros at either end, places behind the point, and exponent as it
/// is written; shifted by some places to the right of the point.
fn decimal(text: &str, shift: i64) -> (bool, String, i64, String) {
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let at = text.find(['e', 'E']).unwrap_or(text.len());
    let (mantissa, exponent) = text.split_at(at);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    assert!(
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()),
        "{text}"
    );
    let kept = digits.trim_end_matches('0');
    let places = fraction.len() as i64 + shift - (digits.len() - kept.len()) as i64;
    let kept = kept.trim_start_matches('0');
    let places = if kept.is_empty() { 0 } else { places };
    (is_negative, kept.to_owned(), places, exponent.to_owned())
}

fn check_boolean(field: &Field, cell: &str, json: Option<&str>) {
    let (yes, no): (&[&str], &[&str]) = match field.options.contains("oui") {
        true => (&["oui", "x"], &["non", "-"]),
        false => (&["true"], &["false"]),
    };
    let word = cell.to_lowercase();
    let expected = match () {
        () if yes.contains(&word.as_str()) => Some("true"),
        () if no.contains(&word.as_str()) => Some("false"),
        () => None,
    };
    assert_eq!(json, expected, "{cell}");
}

fn check_date(places: Option<[usize; 3]>, cell: &str, json: &str) {
    check_day(json);
    let Some([year, month, day]) = places else {
        return;
    };
    if cell.len() != 10 {
        return;
    }
    let part = |at: usize, len: usize| &cell[at..at + len];
    let expected = format!("\"{}-{}-{}\"", part(year, 4), part(month, 2), part(day, 2));
    assert_eq!(json, expected, "{cell}");
}

/// A day of the calendar as `"YYYY-MM-DD"`.
fn check_day(json: &str) {
    let day = json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    let parts: Vec<&str> = day.expect("a date is a string").split('-').collect();
    let [year, month, day] = parts[..] else {
        panic!("{json}")
    };
    assert_eq!((year.len(), month.len(), day.len()), (4, 2, 2), "{json}");
    let [year, month, day] = [year, month, day].map(|part| part.parse::<u32>().expect("digits"));
    let is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(is_leap),
        _ => 31,
    };
    assert!(
        (1..=12).contains(&month) && (1..=days).contains(&day),
        "{json}"
    );
}
