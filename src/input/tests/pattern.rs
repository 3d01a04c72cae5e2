//! Records that are read as ones like those before them, against each read by itself.

use std::collections::HashMap;

use proptest::prelude::*;
use proptest::sample::select;

use super::cases;
use crate::input::json::ndjson::ObjectReader;
use crate::input::json::pairs::Entry;
use crate::input::json::pattern::Pattern;
use crate::input::record::{Cells, RowFault};
use crate::input::reject_columns::REJECT_COLUMNS;

const KEYS: [&str; 8] = [
    "",
    "a",
    "é",
    "\\u0061",
    "k\\\"",
    "b c",
    "reject_line",
    "\\ud800",
];

/// What stands before the first key, behind each key, between the pairs, and at the end.
const STYLES: [[&str; 4]; 4] = [
    ["{", ":", ",", "}"],
    ["{", ": ", ", ", "}"],
    ["{\n  ", ": ", ",\n  ", "\n}"],
    [" {\t", " :", "\t, ", " } "],
];

/// Values that need no second look.
const PLAIN: [&str; 22] = [
    "\"\"",
    "\"a\"",
    "\"seven b\"",
    "\"eight by\"",
    "\"nine byte\"",
    "\"\u{7f}é\u{20ac}x😀\"",
    "\"a longer text of more than two words\"",
    "\" \"",
    "\"a\\\"b\"",
    "\"\\\\\"",
    "\"\\b\\f\\n\\r\\t\\/\"",
    "\"\\u00e9 \\u0000\"",
    "0",
    "-0",
    "-0.10",
    "7",
    "123456789",
    "100.50",
    "10000000000000000000000000.00000000000000000000000001",
    "true",
    "false",
    "null",
];

const OTHERS: [&str; 46] = [
    "\"a\u{1}\"",
    "\"\u{1f}\"",
    "\"a longer text\twith a tab\"",
    "\"eight by\n\"",
    "\"\\u00g0\"",
    "\"\\u00e\"",
    "\"\\ud83d\\ude00\"",
    "\"\\ud800\"",
    "\"\\uDC00\"",
    "\"\\ud7ff\"",
    "\"\\x\"",
    "\"\\\"",
    "\"\\",
    "\"",
    "'a'",
    "01",
    "-",
    "-01",
    "1.",
    "-.5",
    ".5",
    "1.5.5",
    "1e5",
    "1E+5",
    "1e",
    "1.0e-3",
    "+1",
    "1x",
    "--1",
    "0x1",
    "1,",
    "1 ",
    " 1",
    "nul",
    "nulll",
    "truex",
    "tru",
    "False",
    "[1]",
    "[]",
    "{\"a\":1}",
    "{\"a\":1,\"a\":2}",
    "[\"\\ud800\"]",
    "",
    "\"a\" \"b\"",
    "\"a\",\"a\":1",
];

fn written(
    keys: &[&str],
    values: &[String],
    [open, behind_key, comma, close]: [&str; 4],
) -> String {
    let pairs = keys.iter().zip(values);
    let pairs: Vec<String> = pairs
        .map(|(key, value)| format!("\"{key}\"{behind_key}{value}"))
        .collect();
    format!("{open}{}{close}", pairs.join(comma))
}

/// What is put into lines.
const PIECES: [&str; 16] = [
    "", " ", "\t", ",", ":", "{", "}", "\"", "\\", "0", ".", "-", "é", "\u{1}", "e1", "{}",
];

fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    let some = proptest::collection::vec(select(&KEYS[..]), 0..4);
    prop_oneof![
        6 => proptest::sample::subsequence(&KEYS[..6], 0..5),
        2 => some.clone(),
        1 => some.prop_map(|keys| [&REJECT_COLUMNS[..], &keys].concat()),
        1 => Just([&["a"], &REJECT_COLUMNS[..]].concat()),
    ]
}

fn plain_value() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(&PLAIN[..]).prop_map(str::to_owned),
        1 => "\"[ -!#-Z^-~\u{7f}é€😀]{0,40}\"",
        1 => "-?(0|[1-9][0-9]{0,20})([.][0-9]{1,20})?",
    ]
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof![
        15 => plain_value(),
        1 => select(&OTHERS[..]).prop_map(str::to_owned),
        1 => "\"[a-z]{0,20}[\"\\\\u\u{0}-\u{20}\u{7f}é]{0,2}[0-9a-fA-F]{0,20}\"",
        1 => "[-+]{0,2}[0-9]{0,3}[.]?[0-9]{0,3}([eE][-+]?[0-9]{0,2})?",
    ]
}

/// As many as there can be keys.
fn each(value: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(value, 7)
}

/// One more piece in a line, or one instead of a character.
fn damaged(line: &str, (at, removed, piece): (usize, usize, &str)) -> String {
    let characters: Vec<char> = line.chars().collect();
    let at = characters.len().saturating_sub(at);
    let (before, behind) = characters.split_at(at);
    let behind = behind.iter().skip(removed);
    before
        .iter()
        .copied()
        .chain(piece.chars())
        .chain(behind.copied())
        .collect()
}

/// Lines that are mostly alike, some of them with something else at some place.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let style = prop_oneof![9 => Just(None), 1 => select(&STYLES[..]).prop_map(Some)];
    let piece = select(&PIECES[..]);
    let damage = prop_oneof![
        4 => Just(None),
        1 => (prop_oneof![0..3_usize, 0..60_usize], 0..2_usize, piece).prop_map(Some),
    ];
    let other_keys = prop_oneof![9 => Just(None), 1 => keys().prop_map(Some)];
    let lines = proptest::collection::vec((each(any_value()), other_keys, style, damage), 1..7);
    (keys(), select(&STYLES[..]), lines).prop_map(|(keys, style, lines)| {
        let lines = lines
            .into_iter()
            .map(|(values, other_keys, other_style, damage)| {
                let keys = other_keys.as_ref().unwrap_or(&keys);
                let line = written(keys, &values, other_style.unwrap_or(style));
                damage.map_or(line.clone(), |damage| damaged(&line, damage))
            });
        lines.collect()
    })
}

type Said = Result<Vec<(String, String)>, RowFault>;

fn said<'b>(reader: &mut ObjectReader<'b>, line: &'b str) -> Said {
    let owned = |(key, value): &Entry<'_>| (key.clone().into_owned(), (*value).to_owned());
    match reader.cells(line)? {
        Cells::Object(entries) => Ok(entries.iter().map(owned).collect()),
        Cells::Text(_) => panic!("JSON gives keys and values"),
    }
}

/// The entries of a record of plain values.
fn entries<'b>(keys: &[&'b str], values: &[String], line: &'b str) -> Vec<Entry<'b>> {
    let mut from = 0;
    let place = |(key, value): (&&'b str, &String)| {
        let quoted = format!("\"{key}\"");
        let behind_key = from + line[from..].find(&quoted).unwrap() + quoted.len();
        let start = behind_key + line[behind_key..].find(value.as_str()).unwrap();
        from = start + value.len();
        ((*key).into(), &line[start..from])
    };
    keys.iter().zip(values).map(place).collect()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn what_stood_before_a_record_changes_nothing(lines in lines()) {
        let mut reader = ObjectReader::default();
        for line in &lines {
            let alone = said(&mut ObjectReader::default(), line);
            prop_assert_eq!(said(&mut reader, line), alone, "{:?}", line);
        }
    }

    #[test]
    fn what_stands_for_keys_stands_for_no_others(lines in lines()) {
        let mut reader = ObjectReader::default();
        let mut seen = HashMap::new();
        for line in &lines {
            let Ok(Cells::Object(members)) = reader.cells(line) else {
                continue;
            };
            let keys: Vec<String> = members.iter().map(|(key, _)| key.to_string()).collect();
            let first = seen.entry(members.keys()).or_insert_with(|| keys.clone());
            prop_assert_eq!(&keys, first, "{:?}", line);
        }
    }

    #[test]
    fn a_plain_record_like_the_one_before_is_read_at_once(
        keys in proptest::sample::subsequence(&KEYS[..6], 0..5),
        style in select(&STYLES[..]),
        first in each(plain_value()),
        second in each(plain_value()),
    ) {
        let lines = [&first, &second].map(|values| written(&keys, values, style));
        let mut read = entries(&keys, &first, &lines[0]);
        let expected = entries(&keys, &second, &lines[1]);
        let mut pattern = Pattern::default();
        prop_assert!(!pattern.read(&lines[1], &mut read), "nothing was learned");
        pattern.learn(&lines[0], &read);
        prop_assert!(pattern.read(&lines[1], &mut read));
        prop_assert_eq!(&read, &expected);
        pattern.forget();
        prop_assert!(!pattern.read(&lines[1], &mut read), "it was forgotten");
    }
}
