//! CSV against its grammar read a character at a time, and where no quote is at fault against the csv
//! crate: the same records, the same cells, and each on its line.

use super::MOST_BYTES;
use super::read::{self, Said, block_bytes, is_text, place};
use crate::fuzzing::naive;
use crate::fuzzing::naive::NaiveFault;
use crate::input::{Format, InputError, Quoting, Source, SourceOptions};

/// The first byte is the size of blocks, the second one the delimiter, the header's line end and what
/// quotes mean; the others are the records.
pub fn csv(data: &[u8]) {
    let [size, shape, body @ ..] = data else {
        return;
    };
    if body.len() > MOST_BYTES {
        return;
    }
    let delimiter = b",;\t|"[usize::from(shape % 4)];
    let end = ["\n", "\r", "\r\n"][usize::from(shape / 4 % 3)];
    let quoting = Quoting {
        escape: (shape / 24 % 2 == 1).then_some(b'\\'),
        has_quotes: shape / 12 % 2 == 0,
    };
    let content = [b"h1", &[delimiter][..], b"h2", end.as_bytes(), body].concat();
    let source = opened(&content, delimiter, quoting, block_bytes(*size));
    let mut reading = source.blocks();
    let (said, fault) = read::rows_until_fault(&source, &mut reading);
    let Some(text) = is_text(&content).then(|| String::from_utf8_lossy(&content)) else {
        assert!(fault.is_some(), "what is no text is told");
        return;
    };
    let naive = naive::read(&text, delimiter, quoting);
    compare(&said, &naive.rows(&text, delimiter));
    match (fault, naive.fault) {
        (None, None) => {
            if quoting == Quoting::PLAIN {
                assert_eq!(by_csv_crate(&content, delimiter), naive.records[1..]);
            }
            read::check_places(&source, &content, &said, &[b'\r', b'\n', delimiter]);
        }
        (Some(error), Some(fault)) => {
            check_fault(&error, &content, fault);
            // Nothing is certain behind such a quote: whatever is found is a fault too, and that ends.
            if let NaiveFault::Text { .. } = fault {
                assert!(reading.all(|further| further.is_err()));
            }
        }
        (fault, naive) => panic!("{fault:?} {naive:?}"),
    }
}

fn opened(content: &[u8], delimiter: u8, quoting: Quoting, block_bytes: usize) -> Source {
    let options = SourceOptions {
        format: Some(Format::Csv),
        delimiter: Some(delimiter),
        quoting,
        ..SourceOptions::default()
    };
    read::open(content, ".csv", &options, block_bytes).expect("its header is good")
}

/// Both quotes are named, or the one that is there.
fn check_fault(error: &InputError, content: &[u8], fault: NaiveFault) {
    let line = |at: usize| place(content, at as u64).0;
    let exactly = |at: usize| match place(content, at as u64) {
        (line, 1) => format!("line {line}"),
        (line, column) => format!("line {line}, column {column}"),
    };
    let words = match fault {
        NaiveFault::Text { open, close } => [
            format!(", {}: the quote opened here", exactly(open)),
            format!(" is closed on {},", exactly(close)),
        ],
        NaiveFault::Open(open) => [
            "never closed".to_owned(),
            format!("opened on line {} ", line(open)),
        ],
        NaiveFault::Escape => ["an escape stands", "does not end"].map(str::to_owned),
    };
    let are_said = words.iter().all(|words| error.message.contains(words));
    assert!(are_said, "{error} {words:?}");
}

/// The records behind the header.
fn by_csv_crate(content: &[u8], delimiter: u8) -> Vec<Vec<String>> {
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
            Ok(_) => {
                // Empty cells may stand behind the last column.
                let (cells, behind) = theirs.split_at(2);
                assert_eq!(ours.values().unwrap_or_default(), *cells);
                assert!(behind.iter().all(String::is_empty), "{theirs:?}");
            }
            Err(message) => {
                let is_good = theirs.len() >= 2 && theirs[2..].iter().all(String::is_empty);
                assert!(!is_good, "{message}");
                assert!(message.starts_with(&format!("has {} field", theirs.len())));
            }
        }
    }
}
