//! CSV against the csv crate: the same records, the same cells, and each on its line.

use super::MOST_BYTES;
use super::read::{self, Said, block_bytes, is_text};
use crate::source::{Format, Source, SourceOptions};

/// The first byte is the size of blocks, the second one the delimiter and the header's line end; the
/// others are the records.
pub fn csv(data: &[u8]) {
    let [size, shape, body @ ..] = data else {
        return;
    };
    if body.len() > MOST_BYTES {
        return;
    }
    let delimiter = b",;\t|"[usize::from(shape % 4)];
    let end = ["\n", "\r", "\r\n"][usize::from(shape / 4 % 3)];
    let content = [b"h1", &[delimiter][..], b"h2", end.as_bytes(), body].concat();
    let source = opened(&content, delimiter, block_bytes(*size));
    let said = read::rows(&source);
    if !is_text(&content) {
        assert!(said.is_err(), "what is no text is told");
        return;
    }
    let theirs = by_csv_crate(&content, delimiter);
    match said {
        Ok(said) => {
            compare(&said, &theirs);
            read::check_places(&source, &content, &said, b"\r\n");
        }
        // The csv crate closes an open quote at the end in silence; a closed one makes a difference.
        Err(error) => {
            assert!(error.message.contains("quote"), "{error}");
            let closed = [&content[..], b"\""].concat();
            let source = opened(&closed, delimiter, block_bytes(*size));
            compare(&read::rows(&source).expect("it is closed"), &theirs);
        }
    }
}

fn opened(content: &[u8], delimiter: u8, block_bytes: usize) -> Source {
    let options = SourceOptions {
        format: Some(Format::Csv),
        delimiter: Some(delimiter),
        ..SourceOptions::default()
    };
    read::open(content, ".csv", &options, block_bytes).expect("its header is good")
}

/// The records behind the header.
pub(super) fn by_csv_crate(content: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(content);
    let record = |record: Result<::csv::StringRecord, _>| -> Vec<String> {
        let record = record.expect("it is text");
        record.iter().map(str::to_owned).collect()
    };
    reader.records().map(record).collect()
}

fn compare(ours: &[Said], theirs: &[Vec<String>]) {
    assert_eq!(ours.len(), theirs.len(), "{ours:?} {theirs:?}");
    for (ours, theirs) in ours.iter().zip(theirs) {
        match &ours.cells {
            Ok(_) => assert_eq!(ours.values().unwrap_or_default(), *theirs),
            Err(message) => {
                assert_ne!(theirs.len(), 2, "{message}");
                assert!(message.starts_with(&format!("has {} field", theirs.len())));
            }
        }
    }
}
