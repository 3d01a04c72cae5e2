//! JSON in any shape against serde_json.

use serde_json::value::RawValue;

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
                assert_eq!(said.len(), records.len(), "{said:?}");
                for (row, record) in said.iter().zip(&records) {
                    assert_eq!(row.cells.is_ok(), record.is_record(), "{row:?}");
                }
                check(&source, text, &said);
            }
            None => assert!(is_told, "{text}"),
        },
        Err(error) if tree::is_large_number(&error) => {}
        // What stands around the records is read over, and need not be text.
        Err(error) if tree::is_half_character(&error) && !is_told => {
            let (source, said) = said.expect("nothing is told");
            let (records, _) = written(text);
            let are_whole = |record: &&str| serde_json::from_str::<Tree>(record).is_ok();
            assert!(records.iter().all(are_whole), "{text}: {error}");
            check(&source, text, &said);
        }
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

/// The records as they are written in a text that is JSON, and whether they stand in an array.
fn written(text: &str) -> (Vec<&str>, bool) {
    #[derive(serde::Deserialize)]
    struct Items<'t> {
        #[serde(borrow)]
        items: Vec<&'t RawValue>,
    }
    let values = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    let values: Vec<&RawValue> = values.map(|value| value.expect("it is JSON")).collect();
    let listed: Option<Vec<&RawValue>> = match &values[..] {
        [one] if one.get().starts_with('[') => serde_json::from_str(one.get()).ok(),
        [one] => (serde_json::from_str::<Items<'_>>(one.get()).ok()).map(|one| one.items),
        _ => None,
    };
    let is_listed = listed.is_some();
    let records = listed.unwrap_or(values);
    (records.into_iter().map(RawValue::get).collect(), is_listed)
}

/// The copy that is read holds the records as they are written in the text, each on its own line, or
/// on that of its number where two begin on one line.
fn check(source: &Source, text: &str, said: &[Said]) {
    let (records, is_listed) = written(text);
    let place = |record: &&str| record.as_ptr() as u64 - text.as_ptr() as u64;
    let mut lines: Vec<u64> = (records.iter())
        .map(|record| read::place(text.as_bytes(), place(record)).0)
        .collect();
    if !lines.is_sorted_by(|a, b| a < b) {
        lines = (1..).take(lines.len()).collect();
    }
    let mut copy = String::new();
    for (line, record) in lines.iter().zip(&records) {
        let blank = line - 1 - copy.matches('\n').count() as u64;
        copy.extend(std::iter::repeat_n('\n', blank as usize));
        copy.push_str(&record.replace(['\n', '\r'], " "));
        copy.push('\n');
    }
    // Objects one behind the other end as their last line does.
    if !is_listed && !text.ends_with(['\n', '\r']) {
        copy.pop();
    }
    read::check_places(source, copy.as_bytes(), said, b"\r\n \t");
    for (row, record) in said.iter().zip(&records) {
        if let Ok(cells) = &row.cells {
            let record = record.replace(['\n', '\r'], " ");
            assert_eq!(tree::pairs(&record).as_ref(), Some(cells));
        }
    }
}
