//! JSON in every shape against NDJSON of the same records and against serde_json.

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

/// Line and column of a byte, character by character.
fn place(text: &str, at: usize) -> (u64, u64) {
    let (mut line, mut column, mut was_return) = (1, 1, false);
    for c in text[..at].chars().filter(|c| *c != '\u{feff}') {
        match c {
            '\n' if was_return => {}
            '\n' | '\r' => (line, column) = (line + 1, 1),
            _ => column += 1,
        }
        was_return = c == '\r';
    }
    (line, column)
}

#[derive(Clone, Copy, Debug)]
enum Written {
    Array,
    Items,
    Stream,
}

/// The records as one text, and where each begins.
fn written(
    records: &[String],
    how: Written,
    mut blank: impl FnMut() -> &'static str,
) -> (String, Vec<usize>) {
    let mut text = blank().to_owned();
    text.push_str(match how {
        Written::Array => "[",
        Written::Items => r#"{"a":{"items":[1]}, "n":"items" ,"items" :["#,
        Written::Stream => "",
    });
    let mut starts = Vec::new();
    for (n, record) in records.iter().enumerate() {
        text.push_str(blank());
        if n > 0 && !matches!(how, Written::Stream) {
            text.push(',');
            text.push_str(blank());
        }
        starts.push(text.len());
        text.push_str(&spread(record, &mut blank));
    }
    text.push_str(blank());
    text.push_str(match how {
        Written::Array => "]",
        Written::Items => r#"],"b":["]}"] }"#,
        Written::Stream => "",
    });
    text.push_str(blank());
    (text, starts)
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

/// Rows without their ends: the blanks behind a record are its own as far as its block goes.
pub(super) fn begun(said: &[Said]) -> Vec<Said> {
    let begun = |(extent, line, cells): &Said| {
        let extent = Extent { end: 0, ..*extent };
        (extent, *line, cells.clone())
    };
    said.iter().map(begun).collect()
}

/// Every block and row, or what is wrong first.
pub(super) fn read(content: &[u8], block_bytes: usize) -> Result<Vec<Said>, String> {
    let source = source_of("deals.json", content, limits(block_bytes)).map_err(|e| e.message)?;
    let blocks: Vec<Block> = texts(&source)
        .collect::<Result<_, _>>()
        .map_err(|e| e.message)?;
    let mut at = source.inputs[0].start;
    for block in &blocks {
        assert_eq!(block.extent.start, at);
        at = block.extent.end;
        assert_eq!(
            block.bytes,
            content[block.extent.start as usize..at as usize]
        );
    }
    assert_eq!(at, content.len() as u64);
    let said = rows(&source, &blocks);
    for (n, (extent, ..)) in said.iter().enumerate() {
        let again: Vec<Block> = source.again(extent).map(Result::unwrap).collect();
        assert_eq!(begun(&rows(&source, &again)), begun(&said[n..=n]));
    }
    if let (Some(first), Some(last)) = (said.first(), said.last()) {
        let extent = Extent {
            end: last.0.end,
            ..first.0
        };
        let again: Vec<Block> = source.again(&extent).map(Result::unwrap).collect();
        assert_eq!(begun(&rows(&source, &again)), begun(&said));
        let in_pieces = source.again(&extent).of_bytes(1);
        let in_pieces: Vec<Block> = in_pieces.map(Result::unwrap).collect();
        assert_eq!(begun(&rows(&source, &in_pieces)), begun(&said));
    }
    Ok(said)
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_shape_holds_the_records_of_ndjson(
        records in records(),
        how in prop_oneof![Just(Written::Array), Just(Written::Items), Just(Written::Stream)],
        blanks in proptest::collection::vec(any::<Index>(), 1..40),
        block_bytes in 1_usize..80,
        is_marked in any::<bool>(),
    ) {
        let lines = source_of("x.ndjson", records.join("\n").as_bytes(), limits(64)).unwrap();
        let lines: Vec<_> = all(&lines).into_iter().map(|row| squeezed(&row.2.unwrap())).collect();
        let mut next = blanks.iter().cycle();
        let (mut text, mut starts) = written(&records, how, || BLANKS[next.next().unwrap().index(BLANKS.len())]);
        if matches!(how, Written::Stream) && records.is_empty() {
            return Ok(());
        }
        if is_marked {
            text.insert(0, '\u{feff}');
            starts.iter_mut().for_each(|at| *at += 3);
        }
        let is_alone = matches!(how, Written::Stream) && records.len() == 1;
        if is_alone && holds_records(&serde_json::from_str(&records[0]).unwrap()) {
            let told = read(text.as_bytes(), block_bytes).unwrap_err();
            prop_assert!(told.contains(" to stand under "), "{}", told);
            return Ok(());
        }
        let said = read(text.as_bytes(), block_bytes).unwrap();
        let cells: Vec<_> = said.iter().map(|row| squeezed(row.2.as_ref().unwrap())).collect();
        prop_assert_eq!(cells, lines);
        for ((extent, line, _), start) in said.iter().zip(starts) {
            prop_assert_eq!(extent.start, start as u64);
            prop_assert_eq!((*line, extent.first_column), place(&text, start));
        }
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
    fn damaged_arrays_are_refused_as_serde_json_refuses_them(
        records in records(),
        blanks in proptest::collection::vec(any::<Index>(), 1..40),
        block_bytes in 1_usize..80,
        damages in proptest::collection::vec((any::<Index>(), 0..3, prop_oneof![
            2 => any::<u8>(),
            6 => proptest::sample::select(b"{}[]\",:\\ \n\r1-e.".to_vec()),
        ]), 0..4),
    ) {
        let mut next = blanks.iter().cycle();
        let (text, _) = written(&records, Written::Array, || BLANKS[next.next().unwrap().index(BLANKS.len())]);
        let mut bytes = text.into_bytes();
        for (at, how, byte) in damages {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ if bytes.len() > 1 => drop(bytes.remove(at)),
                _ => {}
            }
        }
        // Without its bracket it is another shape.
        prop_assume!(bytes.trim_ascii_start().starts_with(b"["));
        let ours = read(&bytes, block_bytes);
        match serde_json::from_slice::<Vec<Map<String, Value>>>(&bytes) {
            Ok(theirs) => {
                let ours = ours.unwrap();
                prop_assert_eq!(ours.len(), theirs.len());
                for row in ours {
                    let twice = |fault: &String| fault.contains("stands twice");
                    prop_assert!(row.2.as_ref().err().is_none_or(twice), "{:?}", row.2);
                }
            }
            // Digits are kept as they are.
            Err(e) if e.to_string().contains("number out of range") => {}
            Err(e) => {
                let is_told = ours.is_err() || ours.iter().flatten().any(|row| row.2.is_err());
                prop_assert!(is_told, "{}: {}", e, String::from_utf8_lossy(&bytes));
            }
        }
    }
}
