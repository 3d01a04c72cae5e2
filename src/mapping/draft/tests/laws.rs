//! A draft never makes a sampled record bad.

use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::{options, source};
use crate::input::Source;
use crate::mapping::draft::drafting::draft;
use crate::mapping::draft::error::DraftError;
use crate::mapping::draft::sample::each;
use crate::mapping::spec::Mapping;
use crate::mapping::tally::Tally;

/// Enough random inputs to meet the rare borders; `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    ProptestConfig {
        cases: ProptestConfig::default().cases.max(300),
        ..ProptestConfig::default()
    }
}

/// Cells of all kinds that a draft looks for, their near misses, and anything.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[-]?[0-9]{1,4}([.,' ][0-9]{3}){0,2}([.,][0-9]{1,3})?[ ]?[%]?",
        3 => "[0-3]?[0-9][/.-][01]?[0-9][/.-]20[0-9]{2}",
        2 => "20[0-9]{2}[/.-]?[01][0-9][/.-]?[0-3][0-9]([T ][0-2][0-9]:[0-5][0-9](:[0-5][0-9])?(Z|[+]01:00)?)?",
        2 => prop::sample::select(vec!["yes", "no", "OUI", "non", "1", "0", "true", "False", "n"])
            .prop_map(str::to_owned),
        1 => prop::sample::select(vec!["", " ", "0.5", "00", "1e5", "NaN", " x ", "-"])
            .prop_map(str::to_owned),
        1 => any::<String>().prop_map(|text| text.replace('\0', "")),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "id",
            "Deal ID",
            "name",
            "Close Date",
            "Is won",
            "Amount",
            "Zip",
            "a.b",
            "a",
            "\"q\"",
        ])
        .prop_map(str::to_owned),
        "[a-zA-Zé€&%#0-9🎯\u{202e}\u{7f}][a-z.'\\\\]{0,5}",
    ]
}

/// A column's cells are mostly of one kind.
fn column(rows: usize) -> impl Strategy<Value = Vec<String>> {
    prop_oneof![
        prop::collection::vec(cell(), rows),
        cell().prop_map(move |cell| vec![cell; rows]),
        Just((0..rows).map(|n| format!("x{n}")).collect()),
        prop::collection::vec("[1-9][0-9]{0,2}([.,][0-9]{3})?", rows),
        prop::collection::vec("[01][0-9]/[01][0-9]/2024", rows),
    ]
}

fn csv() -> impl Strategy<Value = Vec<u8>> {
    (1_usize..6, 0_usize..8)
        .prop_flat_map(|(columns, rows)| {
            let names = prop::collection::hash_set(name(), columns);
            let cells = prop::collection::vec(column(rows), columns);
            (names, cells, Just(rows))
        })
        .prop_map(|(names, columns, rows)| {
            let mut writer = csv::WriterBuilder::new()
                .quote_style(csv::QuoteStyle::Always)
                .from_writer(Vec::new());
            writer.write_record(&names).unwrap();
            for row in 0..rows {
                writer
                    .write_record(columns.iter().map(|c| &c[row]))
                    .unwrap();
            }
            writer.into_inner().unwrap()
        })
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        4 => cell().prop_map(Value::from),
        1 => any::<i32>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let key = prop::sample::select(vec!["a", "b", "a.b", "id", ""]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..3).prop_map(object),
        ]
    })
}

fn object<K: Into<String>>(members: Vec<(K, Value)>) -> Value {
    let members = members.into_iter().map(|(key, value)| (key.into(), value));
    Value::Object(members.collect::<Map<_, _>>())
}

fn ndjson() -> impl Strategy<Value = Vec<u8>> {
    let record = prop::collection::vec((name(), value()), 0..5).prop_map(object);
    (prop::collection::vec(record, 0..8), any::<bool>()).prop_map(|(records, with_id)| {
        let mut text = String::new();
        for (n, mut record) in records.into_iter().enumerate() {
            if with_id {
                record["id"] = json!(n);
            }
            text.push_str(&format!("{record}\n"));
        }
        text.into_bytes()
    })
}

fn holds(source: &Source) -> Result<(), TestCaseError> {
    let drafted = match draft(source, &options()) {
        Ok(drafted) => drafted,
        Err(DraftError::Nothing(_)) => return Ok(()),
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    };
    let text = &drafted.text;
    let mapping = Mapping::parse(text)
        .map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}\n{text}")))?;
    let binding = match drafted.has_id {
        true => mapping.bind(source.columns()),
        false => mapping.bind_without_id(source.columns()),
    };
    let binding =
        binding.map_err(|mistakes| TestCaseError::fail(format!("{mistakes:?}\n{text}")))?;
    let mut tally = Tally::default();
    let mut bad = Vec::new();
    let mut ids = HashSet::new();
    each(source, None, |_, cells| {
        // One that repeats the header is bad by itself.
        let Ok(cells) = cells else { return };
        let mut out = Vec::new();
        match binding.write(&cells, &mut out, &mut tally) {
            Ok(id) => drop(ids.insert(id.to_vec())),
            Err(faults) => bad.push(faults),
        }
    })
    .unwrap();
    if drafted.has_id {
        prop_assert_eq!(&bad, &Vec::<Vec<_>>::new(), "{}", text);
        prop_assert_eq!(ids.len() as u64, drafted.records, "{}", text);
        let concluded = binding.conclude(&tally);
        prop_assert!(concluded.is_ok(), "{:?}\n{}", concluded, text);
    }
    // Comments and strings hide nothing from whoever reads them in a terminal.
    let is_odd = |c: char| crate::base::display::is_hidden(c) && c != '\n';
    prop_assert!(!text.contains(is_odd), "{:?}", text);
    Ok(())
}

#[test]
fn a_record_that_repeats_the_header_is_no_fault_of_a_draft() {
    holds(&source("deals.csv", b"\"5\"\n\"1\"\n\"5\"\n\"2\"\n")).unwrap();
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_draft_for_csv_never_makes_a_sampled_record_bad(content in csv()) {
        holds(&source("deals.csv", &content))?;
    }

    #[test]
    fn a_draft_for_ndjson_never_makes_a_sampled_record_bad(content in ndjson()) {
        holds(&source("deals.ndjson", &content))?;
    }
}
