//! Delimiters that nobody named: an answer is one that splits the header.

use super::MOST_BYTES;
use super::read::{self, block_bytes};
use crate::source::seams::{Recognised, recognised};
use crate::source::{Columns, Format, SourceOptions};

const DELIMITERS: &[u8] = b",;\t|";

/// The first byte is the size of blocks, the second one tells what the file's name tells and whether
/// more bytes follow; the others are the file.
pub fn delimiter(data: &[u8]) {
    let [size, shape, content @ ..] = data else {
        return;
    };
    if content.len() > MOST_BYTES {
        return;
    }
    check_recognised(content, shape & 1 == 0);
    let suffix = [".csv", ".txt", ".tsv", ".data"][usize::from(shape / 2 % 4)];
    let options = SourceOptions::default();
    let Ok(source) = read::open(content, suffix, &options, block_bytes(*size)) else {
        return;
    };
    let _ = read::rows(&source);
    let (Format::Csv, Columns::Named(names)) = (source.format(), source.columns()) else {
        assert_eq!(suffix, ".data", "a name's word stands");
        return;
    };
    let head = source.head(0).expect("it was read before");
    let delimiter = source.delimiter().expect("CSV has one");
    assert!(DELIMITERS.contains(&delimiter));
    assert_eq!(headers(&head, delimiter), *names);
    assert!(!names.is_empty());
    if let [only] = &names[..] {
        let is_other = |c| {
            DELIMITERS
                .iter()
                .any(|d| char::from(*d) == c && *d != delimiter)
        };
        assert!(!only.contains(is_other));
    }
}

/// The header as the csv crate reads it, without what only a rejects file has.
fn headers(head: &[u8], delimiter: u8) -> Vec<String> {
    let mut reader = ::csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .from_reader(head);
    let names = reader.headers().expect("it is text");
    let names: Vec<String> = names.iter().map(str::to_owned).collect();
    let rejects = crate::source::REJECT_COLUMNS;
    match rejects
        .iter()
        .all(|reject| names.iter().any(|name| name == reject))
    {
        true => names
            .into_iter()
            .filter(|name| !rejects.contains(&name.as_str()))
            .collect(),
        false => names,
    }
}

fn check_recognised(content: &[u8], is_whole: bool) {
    // How many fields the first record has; none where it may not end here.
    let width = |delimiter: u8| {
        let mut reader = ::csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(content);
        let mut record = ::csv::ByteRecord::new();
        let is_there = reader
            .read_byte_record(&mut record)
            .expect("bytes are records");
        is_there.then(|| record.len())
    };
    // The input's own mark is off already, and the csv crate would take off another one.
    if !is_whole || content.starts_with(b"\xef\xbb\xbf") {
        let _ = recognised(content, is_whole);
        return;
    }
    let splitting = DELIMITERS
        .iter()
        .copied()
        .filter(|d| width(*d).is_some_and(|n| n > 1));
    let splitting: Vec<u8> = splitting.collect();
    match recognised(content, true) {
        Recognised::One(one) => assert!(splitting.contains(&one), "{}", char::from(one)),
        Recognised::Column => assert!(splitting.is_empty(), "{splitting:?}"),
        Recognised::Open(of) if of.is_empty() => assert_eq!(width(b','), None),
        Recognised::Open(of) => {
            assert!(
                of.len() > 1 && of.iter().all(|one| splitting.contains(one)),
                "{of:?}"
            );
        }
    }
}
