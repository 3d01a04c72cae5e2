//! NDJSON against serde_json, line by line.

use super::MOST_BYTES;
use super::read::{self, block_bytes, is_text};
use super::tree::{self, Tree};
use crate::input::{Format, SourceOptions};

/// The first byte is the size of blocks, the others are the file.
pub fn ndjson(data: &[u8]) {
    let [size, content @ ..] = data else { return };
    if content.len() > MOST_BYTES {
        return;
    }
    let options = SourceOptions {
        format: Some(Format::Ndjson),
        ..SourceOptions::default()
    };
    // What is told at once is a compressed file, a program, an image.
    let Ok(source) = read::open(content, ".ndjson", &options, block_bytes(*size)) else {
        return;
    };
    let said = read::rows(&source);
    let Some(text) = plain(content) else { return };
    if !is_text(content) {
        assert!(said.is_err(), "what is no text is told");
        return;
    }
    let said = said.expect("lines of text are read to their end");
    read::check_places(&source, content, &said, b"\r\n \t");
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines = (1..).zip(lines.split('\n'));
    let lines: Vec<(u64, &str)> = lines
        .filter(|(_, line)| !line.trim_matches([' ', '\t']).is_empty())
        .collect();
    assert_eq!(said.len(), lines.len());
    for (row, (number, line)) in said.iter().zip(lines) {
        assert_eq!(row.extent.first_line, number);
        if let Ok(cells) = &row.cells {
            assert_eq!(tree::pairs(line).as_ref(), Some(cells));
        }
        match serde_json::from_str::<Tree>(line) {
            Ok(tree) => assert_eq!(row.cells.is_ok(), tree.is_record(), "{line} {row:?}"),
            Err(error) if tree::is_large_number(&error) => {}
            Err(error) => assert!(row.cells.is_err(), "{line}: {error}"),
        }
    }
}

/// The text behind a byte order mark; none where the mark or the bytes mean another encoding or a
/// compressed file.
pub(super) fn plain(content: &[u8]) -> Option<&str> {
    let is_other = [
        &b"\xff\xfe"[..],
        b"\xfe\xff",
        b"\x1f\x8b",
        b"\x28\xb5\x2f\xfd",
    ]
    .iter()
    .any(|start| content.starts_with(start));
    let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
    // Bytes that are no text are only asked whether they are told.
    (!is_other).then(|| std::str::from_utf8(content).unwrap_or_default())
}
