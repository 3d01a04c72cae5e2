//! The tests of drafts: what names give, what cells prove, and the law over all of them.

mod gaps;
mod keys;
mod kinds;
mod laws;
mod names;
mod proof;

use std::io::Write as _;

use crate::input::{Format, InputPath, Source, SourceOptions};

use super::drafting::{Draft, draft};
use super::error::DraftError;
use super::options::DraftOptions;

/// An input with this content, whose file is gone already.
fn source(name: &str, content: &[u8]) -> Source {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    let mut file = std::fs::File::create(&path).unwrap();
    file.write_all(content).unwrap();
    // A line that is alone is a record here, whatever is in it.
    let options = SourceOptions {
        format: name.ends_with(".ndjson").then_some(Format::Ndjson),
        ..SourceOptions::default()
    };
    Source::open(&[InputPath::File(path)], &options).unwrap()
}

fn options() -> DraftOptions {
    DraftOptions {
        records_at: None,
        margins: crate::input::Margins::default(),
        proposed_skip_last: 0,
        remark: None,
        records: Some(100),
        table: None,
        stem: "deals".to_owned(),
        words: "deals.csv".to_owned(),
        encoding: None,
        guessed_encoding: None,
    }
}

/// The draft of a file.
fn draft_of(name: &str, content: &str) -> Result<Draft, DraftError> {
    draft(&source(name, content.as_bytes()), &options())
}

/// What a draft says from its `# table` on, without the rest of its head.
fn body(text: &str) -> &str {
    let at = text.find("\n\n").unwrap();
    text[at..].trim_start()
}
