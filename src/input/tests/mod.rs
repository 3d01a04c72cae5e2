//! Inputs in a temporary folder, and short forms of what is read from them.

mod blocks;
mod corpus;
mod csv;
mod inflate;
mod decode;
mod growing;
mod json;
mod json_words;
mod lines;
mod ndjson;
mod open;
mod pattern;
mod quotes;
mod recognise;
mod repeats;
mod salvage;
mod zipped;

use std::path::PathBuf;

use tempfile::TempDir;

use super::error::InputError;
use super::limits::Limits;
use super::options::{Format, InputPath, SourceOptions};
use super::record::{Block, Cells, Extent};
use super::source::Source;

/// Enough random inputs to meet the rare borders; `PROPTEST_CASES` asks for more.
fn cases() -> proptest::test_runner::Config {
    let asked = proptest::test_runner::Config::default();
    proptest::test_runner::Config {
        cases: asked.cases.max(500),
        ..asked
    }
}

/// Files that go with the value.
struct Folder(TempDir);

/// What a row says: its extent, line, and cells (or `column: message`).
type Said = (Extent, u64, Result<Vec<String>, String>);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, content: impl AsRef<[u8]>) -> InputPath {
        let path = self.0.path().join(name);
        std::fs::write(&path, content).unwrap();
        InputPath::File(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The text without this folder's name.
    fn bare(&self, text: &str) -> String {
        let folder = self.0.path().display().to_string() + std::path::MAIN_SEPARATOR_STR;
        text.replace(&folder, "")
    }
}

fn limits(block_bytes: usize) -> Limits {
    Limits {
        block_bytes,
        ..Limits::default()
    }
}

fn source_of(name: &str, content: &[u8], limits: Limits) -> Result<Source, InputError> {
    let folder = Folder::new();
    let path = folder.file(name, content);
    // What is no NDJSON is refused unless it is told that it is some.
    let options = SourceOptions {
        format: name.ends_with(".ndjson").then_some(Format::Ndjson),
        ..SourceOptions::default()
    };
    // The file stays readable when its name is gone.
    Source::open_limited(&[path], &options, limits).map_err(|mut e| {
        e.message = folder.bare(&e.message);
        e
    })
}

/// A CSV file that is read as the options say, in blocks of this size.
fn source_with(content: &str, options: &SourceOptions, block_bytes: usize) -> Source {
    let folder = Folder::new();
    let path = folder.file("deals.csv", content);
    Source::open_limited(&[path], options, limits(block_bytes)).unwrap()
}

fn blocks(source: &Source) -> Vec<Block> {
    source.blocks().collect::<Result<_, _>>().unwrap()
}

/// The message up to the input's bare name, and the hint.
fn fault(source: &Source) -> (String, Option<String>) {
    let error: InputError = texts(source).find_map(Result::err).unwrap();
    let message = match error.message.find("deals.") {
        Some(at) => error.message[at..].to_owned(),
        None => error.message,
    };
    (message, error.hint)
}

/// The blocks, each checked to be text.
fn texts(source: &Source) -> impl Iterator<Item = Result<Block, InputError>> {
    let mut parser = source.parser();
    let mut is_text = move |block: &Block| parser.rows(source, block).map(drop);
    source
        .blocks()
        .map(move |block| block.and_then(|block| is_text(&block).map(|()| block)))
}

fn rows(source: &Source, blocks: &[Block]) -> Vec<Said> {
    let mut parser = source.parser();
    let mut said = Vec::new();
    for block in blocks {
        let mut rows = parser.rows(source, block).unwrap();
        while let Some(row) = rows.next() {
            let extent = Extent {
                input: block.extent.input,
                start: block.extent.start + row.start as u64,
                end: block.extent.start + row.end as u64,
                first_line: row.line,
            };
            let cells = match row.cells {
                Ok(Cells::Text(cells)) => Ok((0..cells.len())
                    .map(|n| {
                        let crate::input::csv::cells::Cell { text, is_plain } = cells.cell(n);
                        let escaped = text.contains(|c| c < ' ' || matches!(c, '"' | '\\'));
                        assert!(!(is_plain && escaped), "{text:?}");
                        text.to_owned()
                    })
                    .collect()),
                Ok(Cells::Object(entries)) => Ok(entries
                    .iter()
                    .map(|(key, value)| format!("{key}={value}"))
                    .collect()),
                Err(fault) => Err(match fault.column {
                    Some(column) => format!("{column}: {}", fault.message),
                    None => fault.message,
                }),
            };
            said.push((extent, row.line, cells));
        }
    }
    said
}

fn all(source: &Source) -> Vec<Said> {
    rows(source, &blocks(source))
}

/// Blocks tile each input, and rows are the same when their places are read again.
fn check_extents(source: &Source, content: &[u8]) {
    let blocks = blocks(source);
    let mut at = source.inputs[0].start;
    for block in &blocks {
        assert_eq!(block.extent.start, at);
        at = block.extent.end;
        let place = block.extent.start as usize..at as usize;
        assert_eq!(block.bytes, content[place]);
    }
    assert_eq!(at, content.len() as u64);

    let said = rows(source, &blocks);
    let mut end = source.inputs[0].start as usize;
    for (n, (extent, ..)) in said.iter().enumerate() {
        let gap = &content[end..extent.start as usize];
        assert!(gap.iter().all(|b| b"\r\n \t".contains(b)), "{gap:?}");
        end = extent.end as usize;
        let again: Vec<Block> = source.again(extent).map(Result::unwrap).collect();
        assert_eq!(rows(source, &again), said[n..=n]);
    }
    if let (Some(first), Some(last)) = (said.first(), said.last()) {
        let extent = Extent {
            end: last.0.end,
            ..first.0
        };
        let again: Vec<Block> = source.again(&extent).map(Result::unwrap).collect();
        assert_eq!(rows(source, &again), said);
        let in_pieces = source.again(&extent).of_bytes(1);
        let in_pieces: Vec<Block> = in_pieces.map(Result::unwrap).collect();
        assert_eq!(rows(source, &in_pieces), said);
    }
}
