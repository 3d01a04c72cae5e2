//! JSON in any shape against serde_json.

use super::MOST_BYTES;
use super::ndjson::plain;
use super::read::{self, Said, block_bytes, is_text};
use super::tree::{self, Tree};
use crate::input::{Format, Source, SourceOptions};

/// The first byte is the size of blocks, the others are the file.
pub fn json(data: &[u8]) {
    let [size, content @ ..] = data else { return };
    if content.len() > MOST_BYTES {
        return;
    }
    let options = SourceOptions {
        format: Some(Format::Json),
        ..SourceOptions::default()
    };
    let said = read::open(content, ".json", &options, block_bytes(*size))
        .map_err(|error| error.message)
        .and_then(|source| match read::rows(&source) {
            Ok(said) => Ok((source, said)),
            Err(error) => Err(error.message),
        });
    let Some(text) = plain(content) else { return };
    if !is_text(content) {
        assert!(said.is_err(), "what is no text is told");
        return;
    }
    let is_told = match &said {
        Ok((_, said)) => said.iter().any(|row| row.cells.is_err()),
        Err(_) => true,
    };
    let values = serde_json::Deserializer::from_str(text).into_iter::<Tree>();
    match values.collect::<Result<Vec<Tree>, _>>() {
        Ok(values) => match records(values) {
            Some(records) => {
                let (source, said) = said.expect("serde_json reads it");
                check(&source, content, &said);
                assert_eq!(said.len(), records.len(), "{said:?}");
                for (row, record) in said.iter().zip(&records) {
                    assert_eq!(row.cells.is_ok(), record.is_record(), "{row:?}");
                }
            }
            None => assert!(is_told, "{text}"),
        },
        Err(error) if tree::is_large_number(&error) => {}
        Err(error) => assert!(is_told, "{text}: {error}"),
    }
}

/// The records of these values; none where something is wrong with what is around them.
fn records(mut values: Vec<Tree>) -> Option<Vec<Tree>> {
    let are_objects = |values: &[Tree]| values.iter().all(|value| matches!(value, Tree::Object(_)));
    if values.len() != 1 {
        return Some(values).filter(|values| !values.is_empty() && are_objects(values));
    }
    let pairs = match values.remove(0) {
        Tree::Leaf => return None,
        Tree::List(list) => return Some(list),
        Tree::Object(pairs) => pairs,
    };
    let (mut items, others): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(key, _)| key == "items");
    match items.pop() {
        // Twice: a fault, of the record or of what is around it.
        Some(_) if !items.is_empty() => None,
        // A record with items of its own, or a page of records: nobody knows.
        Some((_, Tree::List(_))) if others.iter().any(|(key, _)| key == "id") => None,
        Some((_, Tree::List(list))) => Some(list),
        item => {
            let pairs: Vec<_> = others.into_iter().chain(item).collect();
            // It seems to be wrapped around the records.
            (!holds_records(&pairs, 1)).then(|| vec![Tree::Object(pairs)])
        }
    }
}

/// How many objects may stand around an array that is noticed.
const NOTICED: usize = 14;

/// Whether an array of nothing but objects stands in an object, or in objects of it.
fn holds_records(pairs: &[(String, Tree)], depth: usize) -> bool {
    let is_object = |tree: &Tree| matches!(tree, Tree::Object(_));
    pairs.iter().any(|(_, value)| match value {
        Tree::Leaf => false,
        Tree::List(list) => !list.is_empty() && list.iter().all(is_object),
        Tree::Object(pairs) => depth < NOTICED && holds_records(pairs, depth + 1),
    })
}

/// Good rows are what stands at their places, byte for byte.
fn check(source: &Source, content: &[u8], said: &[Said]) {
    read::check_places(source, content, said, b"\r\n \t,");
    for row in said {
        let text = &content[row.extent.start as usize..row.extent.end as usize];
        let text = std::str::from_utf8(text).expect("it is text");
        if let Ok(cells) = &row.cells {
            assert_eq!(tree::pairs(text).as_ref(), Some(cells));
        }
    }
}
