//! JSON in every shape against its own records and against serde_json.

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Value};

use super::*;

const BLANKS: [&str; 7] = ["", "", " ", "\n", "\r\n", "\t", "\r\n  "];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z\"\\\\{}\\[\\], :é😀\n]{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-zé]{1,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn records() -> impl Strategy<Value = Vec<String>> {
    let record = proptest::collection::btree_map("[a-zé]{1,3}", value(), 0..5);
    let text = record.prop_map(|map| serde_json::to_string(&map).unwrap());
    proptest::collection::vec(text, 0..8)
}

/// The text with blanks between its parts, and without those that stood there.
fn spread(text: &str, mut blank: impl FnMut() -> &'static str) -> String {
    let (mut out, mut in_string, mut is_escaped) = (String::new(), false, false);
    for c in text.chars() {
        if in_string {
            out.push(c);
            in_string = is_escaped || c != '"';
            is_escaped = !is_escaped && c == '\\';
        } else if "{}[],:".contains(c) {
            out.push_str(blank());
            out.push(c);
            // Blanks before the first character and behind the last one are not the value's.
            out.push_str(blank());
        } else if !c.is_ascii_whitespace() {
            out.push(c);
            in_string = c == '"';
        }
    }
    out.trim_matches([' ', '\t', '\r', '\n']).to_owned()
}

fn squeezed(cells: &[String]) -> Vec<String> {
    cells.iter().map(|cell| spread(cell, || "")).collect()
}

/// The line of a byte, character by character.
fn line(text: &str, at: usize) -> u64 {
    let (mut line, mut was_return) = (1, false);
    for c in text[..at].chars() {
        line += u64::from(c == '\r' || (c == '\n' && !was_return));
        was_return = c == '\r';
    }
    line
}

#[derive(Clone, Copy, Debug)]
enum Written {
    Array,
    Items,
    Stream,
}

/// The records as one text, and of each its place and how it is written.
fn written(
    records: &[String],
    how: Written,
    mut blank: impl FnMut() -> &'static str,
) -> (String, Vec<(usize, String)>) {
    let mut text = blank().to_owned();
    text.push_str(match how {
        Written::Array => "[",
        Written::Items => r#"{"a":{"items":[1]}, "n":"items" ,"items" :["#,
        Written::Stream => "",
    });
    let mut places = Vec::new();
    for (n, record) in records.iter().enumerate() {
        text.push_str(blank());
        if n > 0 && !matches!(how, Written::Stream) {
            text.push(',');
            text.push_str(blank());
        }
        let record = spread(record, &mut blank);
        places.push((text.len(), record.clone()));
        text.push_str(&record);
    }
    text.push_str(blank());
    text.push_str(match how {
        Written::Array => "]",
        Written::Items => r#"],"b":["]}"] }"#,
        Written::Stream => "",
    });
    text.push_str(blank());
    (text, places)
}

/// Whether an array of nothing but objects stands in an object, or in objects of it.
fn holds_records(object: &Value) -> bool {
    let values = object.as_object().into_iter().flat_map(Map::values);
    let mut values = values.into_iter();
    values.any(|value| match value {
        Value::Array(list) => !list.is_empty() && list.iter().all(Value::is_object),
        value => holds_records(value),
    })
}

/// Every row of the copy, or what is wrong first.
pub(super) fn read(content: &[u8], block_bytes: usize) -> Result<Vec<Said>, String> {
    let source = source_of("deals.json", content, limits(block_bytes)).map_err(|e| e.message)?;
    check_extents(&source, &copy_of(&source));
    Ok(all(&source))
}

/// The text that is read in the place of a document's.
pub(super) fn copy_of(source: &Source) -> Vec<u8> {
    let mut copy = Vec::new();
    assert!(
        source.inputs[0]
            .append(&mut copy, 0, usize::MAX >> 1)
            .unwrap()
    );
    copy
}

/// The copy that there should be: each record on the line on which it begins, or else on that of its
/// number.
fn copied(text: &str, places: &[(usize, String)], is_ended: bool) -> String {
    let mut lines: Vec<u64> = places.iter().map(|(at, _)| line(text, *at)).collect();
    if !lines.is_sorted_by(|a, b| a < b) {
        lines = (1..).take(lines.len()).collect();
    }
    let (mut copy, mut last) = (String::new(), 1);
    for (line, (_, record)) in lines.iter().zip(places) {
        copy.push_str(&"\n".repeat((line - last) as usize));
        last = *line;
        copy.push_str(&record.replace(['\n', '\r'], " "));
    }
    if is_ended && !places.is_empty() {
        copy.push('\n');
    }
    copy
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_shape_holds_the_records_of_ndjson(
        records in records(),
        how in prop_oneof![Just(Written::Array), Just(Written::Items), Just(Written::Stream)],
        blanks in proptest::collection::vec(any::<Index>(), 1..40),
        is_in_lines in any::<bool>(),
        block_bytes in 1_usize..80,
        is_marked in any::<bool>(),
    ) {
        let lines = source_of("x.ndjson", records.join("\n").as_bytes(), limits(64)).unwrap();
        let lines: Vec<_> = all(&lines).into_iter().map(|row| squeezed(&row.2.unwrap())).collect();
        let mut next = blanks.iter().cycle();
        // With a line end in every place no two records begin on one line.
        let of = if is_in_lines { &["\n", "\r\n", " \r\t", "\n\n"][..] } else { &BLANKS };
        let (mut text, places) = written(&records, how, || of[next.next().unwrap().index(of.len())]);
        if matches!(how, Written::Stream) && records.is_empty() {
            return Ok(());
        }
        let is_closed = !matches!(how, Written::Stream);
        let copy = copied(&text, &places, is_closed || text.ends_with(['\n', '\r']));
        if is_marked {
            text.insert(0, '\u{feff}');
        }
        let is_alone = matches!(how, Written::Stream) && records.len() == 1;
        if is_alone && holds_records(&serde_json::from_str(&records[0]).unwrap()) {
            let told = read(text.as_bytes(), block_bytes).unwrap_err();
            prop_assert!(told.contains(" to stand under "), "{}", told);
            return Ok(());
        }
        let source = source_of("deals.json", text.as_bytes(), limits(block_bytes)).unwrap();
        prop_assert_eq!(String::from_utf8(copy_of(&source)).unwrap(), copy);
        let said = read(text.as_bytes(), block_bytes).unwrap();
        let cells: Vec<_> = said.iter().map(|row| squeezed(row.2.as_ref().unwrap())).collect();
        prop_assert_eq!(cells, lines);
    }

    #[test]
    fn a_cut_file_is_never_read_in_silence(
        records in records(),
        how in prop_oneof![Just(Written::Array), Just(Written::Items)],
        blanks in proptest::collection::vec(any::<Index>(), 1..40),
        block_bytes in 1_usize..80,
        cut in any::<Index>(),
    ) {
        let mut next = blanks.iter().cycle();
        let (text, _) = written(&records, how, || BLANKS[next.next().unwrap().index(BLANKS.len())]);
        let text = text.trim_end();
        let cut = cut.index(text.len());
        prop_assert!(read(&text.as_bytes()[..cut], block_bytes).is_err());
    }

    #[test]
    fn damaged_documents_are_refused_as_serde_json_refuses_them(
        records in records(),
        how in prop_oneof![Just(Written::Array), Just(Written::Items), Just(Written::Stream)],
        blanks in proptest::collection::vec(any::<Index>(), 1..40),
        block_bytes in 1_usize..80,
        damages in proptest::collection::vec((any::<Index>(), 0..4, prop_oneof![
            2 => any::<u8>(),
            6 => proptest::sample::select(b"{}[]\",:\\ \n\r1-e.".to_vec()),
        ]), 0..4),
    ) {
        let mut next = blanks.iter().cycle();
        let (text, _) = written(&records, how, || BLANKS[next.next().unwrap().index(BLANKS.len())]);
        prop_assume!(!text.is_empty());
        let mut bytes = text.into_bytes();
        for (at, how, byte) in damages {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                2 if at > 0 => bytes.truncate(at),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        let ours = read(&bytes, block_bytes);
        let good = ours.as_ref().ok().filter(|rows| rows.iter().all(|row| row.2.is_ok()));
        match (theirs(&bytes), good) {
            (Ok(theirs), Some(ours)) => {
                let ours: Vec<_> = ours.iter().map(|row| object(row.2.as_ref().unwrap())).collect();
                prop_assert_eq!(ours, theirs);
            }
            // It may be wrapped around records, or be in doubt.
            (Ok(_), None) => {
                let doubts = ["stands twice", "to stand under", "stand under `items`"];
                let told = format!("{ours:?}");
                prop_assert!(doubts.iter().any(|doubt| told.contains(doubt)), "{}", told);
            }
            (Err(e), Some(_)) => {
                // Digits are kept as they are.
                let is_read = e.contains("number out of range");
                prop_assert!(is_read, "{}: {}", e, String::from_utf8_lossy(&bytes));
            }
            (Err(_), None) => {}
        }
    }
}

/// The object that a record's cells make.
fn object(cells: &[String]) -> Map<String, Value> {
    let pair = |cell: &String| {
        let (key, value) = cell.split_once('=').unwrap();
        (key.to_owned(), serde_json::from_str(value).unwrap())
    };
    cells.iter().map(pair).collect()
}

/// The records that serde_json finds in a document.
fn theirs(bytes: &[u8]) -> Result<Vec<Map<String, Value>>, String> {
    let objects = |values: Vec<Value>| {
        let object = |value| match value {
            Value::Object(object) => Ok(object),
            other => Err(format!("{other} is no record")),
        };
        values
            .into_iter()
            .map(object)
            .collect::<Result<Vec<_>, _>>()
    };
    let values = serde_json::Deserializer::from_slice(bytes).into_iter::<Value>();
    let mut values: Vec<Value> = values
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())?;
    match (values.len(), values.first_mut()) {
        (0, _) => Err("nothing is there".to_owned()),
        (1, Some(Value::Array(list))) => objects(std::mem::take(list)),
        (1, Some(Value::Object(object))) => match object.get_mut("items") {
            Some(Value::Array(list)) => objects(std::mem::take(list)),
            _ => objects(values),
        },
        _ => objects(values),
    }
}
