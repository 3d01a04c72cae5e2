//! Laws of taking answers apart: whatever the pieces, what comes out is what the whole holds.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::service::rows::{RejectedRows, RowBlock};

/// What is taken out of a document that comes in pieces of these sizes: the rest, and each list's
/// rows.
fn split(text: &[u8], mut sizes: impl Iterator<Item = usize>) -> Option<(Value, Vec<Vec<Value>>)> {
    let mut split = Split::new(None);
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(sizes.next()?.clamp(1, rest.len()));
        let _ = split.push(piece);
        rest = behind;
    }
    let (bare, kept) = split.finish().ok()?;
    let bare = serde_json::from_slice(&bare).ok()?;
    let mut lists = Vec::new();
    for list in 0.. {
        let rows = (0..10).find_map(|rows| {
            let marker = serde_json::from_value(json!({"rows": rows, "list": list}));
            let mut found = RejectedRows::marked(marker.unwrap());
            found.attach(&kept);
            found.is_there().then_some(found)
        });
        let Some(rows) = rows else { break };
        lists.push(texts(&rows));
    }
    Some((bare, lists))
}

/// The rows, whose whole text is what they say.
fn texts(rows: &RejectedRows) -> Vec<Value> {
    let (mut texts, mut place, mut block) = (Vec::new(), 0, RowBlock::default());
    while let Some((row, next)) = rows.at(place, &mut block).unwrap() {
        texts.push(Value::from(row.details));
        place = next;
    }
    texts
}

/// The same, by a document that is there as a whole.
fn expected(value: &mut Value, lists: &mut Vec<Vec<Value>>) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| expected(value, lists)),
        Value::Object(entries) => {
            for (key, value) in entries {
                if key != "parsing_error_details" {
                    expected(value, lists);
                    continue;
                }
                let rows = std::mem::take(value);
                if let Value::Array(rows) = rows {
                    *value = json!({"rows": rows.len(), "list": lists.len()});
                    lists.push(rows);
                }
            }
        }
        _ => {}
    }
}

/// Documents with the key at any place, and with texts that are made to be mistaken.
fn document() -> impl Strategy<Value = Value> {
    let text = "(parsing_error_details|[\\\\\"\\[\\]{},: é\n]){0,3}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i32>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        let key = prop_oneof![
            2 => Just("parsing_error_details".to_owned()),
            1 => text.prop_map(String::from),
        ];
        // What a row is, it says: texts come back whole.
        let rows = prop::collection::vec(text.prop_map(Value::from), 0..5);
        let value = prop_oneof![3 => inner.clone(), 1 => rows.prop_map(Value::Array)];
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key, value, 0..4)
                .prop_map(|entries| Value::Object(entries.into_iter().collect())),
        ]
    })
}

/// Rows that are no texts have no words of their own, or their JSON.
fn words(row: Value) -> Value {
    match row {
        Value::Null | Value::Object(_) => Value::from(""),
        Value::String(text) => Value::from(text),
        other => Value::from(other.to_string()),
    }
}

proptest! {
    #[test]
    fn pieces_of_any_size_give_what_the_whole_holds(
        document in document(),
        is_pretty in any::<bool>(),
        sizes in prop::collection::vec(1..12usize, 1..9),
    ) {
        let mut document = json!([document]);
        let text = match is_pretty {
            true => serde_json::to_string_pretty(&document).unwrap().replace('\n', "\r\n"),
            false => document.to_string(),
        };
        let found = split(text.as_bytes(), sizes.into_iter().cycle());
        let mut lists = Vec::new();
        expected(&mut document, &mut lists);
        // Lists in rows stay in their rows.
        let (bare, rows) = found.expect(&text);
        prop_assert_eq!(bare, document);
        let lists = lists.into_iter().map(|rows| rows.into_iter().map(words));
        let is_text = |list: &Vec<Value>| list.iter().all(Value::is_string);
        for (found, wanted) in rows.iter().zip(lists) {
            let wanted: Vec<Value> = wanted.collect();
            prop_assert_eq!(found.len(), wanted.len());
            if is_text(&wanted) && !is_pretty {
                prop_assert_eq!(found, &wanted);
            }
        }
    }

    #[test]
    fn what_is_cut_is_no_answer(document in document(), at in any::<prop::sample::Index>()) {
        let text = json!({ "data_import": document }).to_string();
        let cut = &text.as_bytes()[..at.index(text.len())];
        prop_assert_eq!(split(cut, std::iter::repeat(5)), None);
    }
}

#[test]
fn what_is_no_json_is_no_answer() {
    for text in [
        "",
        r#"{"parsing_error_details":[1,]}"#,
        r#"{"parsing_error_details":[,1]}"#,
        r#"{"parsing_error_details":[1 2]}"#,
        r#"{"parsing_error_details":[{]}]}"#,
        r#"{"parsing_error_details":[}]}"#,
        r#"{"parsing_error_details":["a]}"#,
        r#"{"parsing_error_details":]}"#,
        r#"{"parsing_error_details":[1]"#,
        r#"{"parsing_error_details":[nul]}"#,
        r#"{"parsing_error_details" [1]}"#,
    ] {
        assert_eq!(split(text.as_bytes(), std::iter::repeat(3)), None, "{text}");
    }
    let no_text = [&br#"{"parsing_error_details":[""#[..], b"\xff\"]}"].concat();
    assert_eq!(split(&no_text, std::iter::repeat(3)), None);
}

#[test]
fn the_key_is_known_by_its_place() {
    for (text, lists) in [
        (r#"{"a":"parsing_error_details","b":[1]}"#, 0),
        (r#"["parsing_error_details",[1]]"#, 0),
        (r#"{"x\"parsing_error_details":[1]}"#, 0),
        (r#"{"parsing_error_details"  : [ ] }"#, 1),
        (
            r#"{"parsing_error_details":"many","b":[{"parsing_error_details":[[1,"]"]]}]}"#,
            1,
        ),
        (
            r#"{"parsing_error_details":[{"parsing_error_details":[1,2]}]}"#,
            1,
        ),
    ] {
        let (_, found) = split(text.as_bytes(), std::iter::repeat(4)).expect(text);
        assert_eq!(found.len(), lists, "{text}");
    }
}

#[test]
fn large_parts_are_left_and_told() {
    let row = format!(
        r#"{{"parsing_error_details":["{}",7]}}"#,
        "x".repeat(MAX_ROW)
    );
    let (_, lists) = split(row.as_bytes(), std::iter::repeat(1 << 16)).unwrap();
    assert_eq!(
        lists,
        [[json!("(a row that is too large to be kept)"), json!("7")]]
    );
    for unit in ["x", "\"a\",", "[ "] {
        let mut split = Split::new(None);
        let text = format!("[\"{unit}\"").repeat(1_000);
        let mut pushed = 0;
        while split.push(text.as_bytes()).is_continue() {
            pushed += text.len();
            assert!(pushed < 6 << 20);
        }
        let told = Unread::TooLarge("over 4 MiB without its rejected rows");
        assert_eq!(split.finish().unwrap_err(), told);
    }
}
