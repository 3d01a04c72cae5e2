//! Delimiters that nobody named: an answer is one that splits the header.

use super::MOST_BYTES;
use super::read::{self, block_bytes};
use crate::fuzzing::naive;
use crate::fuzzing::seams::{Recognised, recognised};
use crate::input::{Columns, Format, Quoting, SourceOptions};

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

/// The header, without what only a rejects file has.
fn headers(head: &[u8], delimiter: u8) -> Vec<String> {
    let head = std::str::from_utf8(head).expect("it is text");
    let head = head.strip_prefix('\u{feff}').unwrap_or(head);
    let mut records = naive::read(head, delimiter, Quoting::PLAIN).records;
    let mut names = records.swap_remove(0);
    // Empty cells may stand behind the last name.
    let is_invisible = |c: char| c.is_whitespace() || "\u{feff}\u{200b}".contains(c);
    let last = names
        .iter()
        .rposition(|name| !name.chars().all(is_invisible));
    names.truncate(last.map_or(names.len(), |last| last + 1));
    let rejects = crate::input::REJECT_COLUMNS;
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
    let Ok(text) = std::str::from_utf8(content) else {
        let _ = recognised(content, is_whole);
        return;
    };
    if !is_whole {
        let _ = recognised(content, is_whole);
        return;
    }
    // How many fields the first record has; none where there is none, or its quotes are at fault.
    let width = |delimiter: u8| {
        let naive = naive::read(text, delimiter, Quoting::PLAIN);
        naive.records.first().map(Vec::len)
    };
    let can_split = |delimiter: u8| width(delimiter).is_none_or(|n| n > 1);
    let splits = |delimiter: u8| width(delimiter).is_some_and(|n| n > 1);
    let is_blank = text.trim_matches(['\r', '\n']).is_empty();
    match recognised(content, true) {
        Recognised::One(one) => assert!(can_split(one), "{}", char::from(one)),
        Recognised::Column => assert!(!DELIMITERS.iter().any(|d| splits(*d))),
        Recognised::Open(of) if of.is_empty() => assert!(is_blank),
        Recognised::Open(of) => {
            assert!(
                of.len() > 1 && of.iter().all(|one| can_split(*one)),
                "{of:?}"
            );
        }
    }
}
