//! The CSV texts that Python's csv module has read with `strict=True`; see `tests/data/csv/corpus.py`.

use super::*;
use crate::fuzzing::naive::{self, NaiveFault};
use crate::input::options::Quoting;
use crate::input::salvage::Salvaged;

const CORPUS: &str = include_str!("../../../tests/data/csv/corpus.jsonl");

/// Those of the script, in its order.
const DIALECTS: [Quoting; 4] = {
    let escape = Some(b'\\');
    let (plain, has_quotes) = (Quoting::PLAIN, false);
    [
        plain,
        Quoting { escape, ..plain },
        Quoting {
            has_quotes,
            ..plain
        },
        Quoting { escape, has_quotes },
    ]
};

/// A text, and what Python makes of it.
type Line = (usize, String, Vec<Vec<String>>, Option<String>);

/// Every record up to the first fault, cell by cell whether or not it is as wide as the header; and
/// in a word what the fault is.
fn read(text: &str, quoting: Quoting, block_bytes: usize) -> (Vec<Vec<String>>, Option<String>) {
    let content = format!("h1,h2\n{text}");
    let options = SourceOptions {
        quoting,
        delimiter: Some(b','),
        ..SourceOptions::default()
    };
    let source = source_with(&content, &options, block_bytes);
    let (salvager, mut parser, mut records) = (source.salvager(), source.parser(), Vec::new());
    for block in source.blocks() {
        let block = match block {
            Ok(block) => block,
            Err(error) if error.message.contains("text follows it") => {
                return (records, Some("text".to_owned()));
            }
            Err(_) => return (records, Some("end".to_owned())),
        };
        let mut rows = parser.rows(&source, &block).unwrap();
        while let Some(row) = rows.next() {
            let Salvaged::Fields(mut fields) = salvager.salvage(&block, &row) else {
                panic!("{text:?} is CSV");
            };
            fields.cells.truncate(2 - fields.missing);
            if let Ok(Cells::Text(cells)) = row.cells {
                assert_eq!([cells.get(0), cells.get(1)], fields.cells[..]);
            }
            fields.cells.append(&mut fields.surplus);
            records.push(fields.cells);
        }
    }
    (records, None)
}

#[test]
fn python_reads_the_same() {
    for line in CORPUS.lines() {
        let (dialect, text, rows, error): Line = serde_json::from_str(line).unwrap();
        // The second difference: lines of nothing but delimiters are no records here.
        let headed = format!("h\n{text}");
        let expected = naive::read(&headed, b',', DIALECTS[dialect]).rows(&headed, b',');
        for block_bytes in [1, 5, 1 << 18] {
            let said = read(&text, DIALECTS[dialect], block_bytes);
            assert_eq!(said, (expected.clone(), error.clone()), "{line}");
        }
        let naive = naive::read(&text, b',', DIALECTS[dialect]);
        let fault = naive.fault.map(|fault| match fault {
            NaiveFault::Text { .. } => "text",
            NaiveFault::Open(_) | NaiveFault::Escape => "end",
        });
        assert_eq!((naive.records, fault), (rows, error.as_deref()), "{line}");
    }
}

/// The first difference: a line end is escaped as a whole.
#[test]
fn an_escaped_crlf_is_one_line_end() {
    let [_, escape, _, bare] = DIALECTS;
    for quoting in [escape, bare] {
        let (records, fault) = read("a\\\r\nb,c\r\nd,e\n", quoting, 1 << 18);
        assert_eq!(records, [["a\r\nb", "c"], ["d", "e"]]);
        assert_eq!(fault, None);
    }
}
