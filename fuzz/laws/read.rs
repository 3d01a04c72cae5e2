//! Bytes to rows by way of a file, as a push reads them, and what holds of every input.

use std::io::Write as _;

use super::check_message;
use crate::input::{Block, Cells, Extent, InputError, InputPath, Source, SourceOptions};

/// A row: where it stands, and its keys and values (no keys in CSV) or what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub extent: Extent,
    pub cells: Result<Vec<(String, String)>, String>,
}

impl Said {
    /// The values of a good row.
    pub(super) fn values(&self) -> Option<Vec<&str>> {
        let cells = self.cells.as_ref().ok()?;
        Some(cells.iter().map(|(_, value)| value.as_str()).collect())
    }
}

/// Opens these bytes as a file with such a name's end. What is said of it can be printed.
pub(super) fn open(
    content: &[u8],
    suffix: &str,
    options: &SourceOptions,
    block_bytes: usize,
) -> Result<Source, InputError> {
    let mut builder = tempfile::Builder::new();
    let mut file = builder.suffix(suffix).tempfile().expect("room for a file");
    file.write_all(content).expect("room for a few bytes");
    // An opened file stays readable when its name is gone.
    let paths = [InputPath::File(file.path().to_owned())];
    let opened = Source::open_in_blocks(&paths, options, block_bytes);
    if let Err(error) = &opened {
        check_message(&error.message, error.hint.as_deref());
    }
    opened
}

/// All rows, in order; what is said where there is no reading on can be printed.
pub(super) fn rows(source: &Source) -> Result<Vec<Said>, InputError> {
    match rows_until_fault(source, &mut source.blocks()) {
        (said, None) => Ok(said),
        (_, Some(error)) => Err(error),
    }
}

/// The rows of the blocks before the first one that cannot be read, and what is said of that one.
pub(super) fn rows_until_fault(
    source: &Source,
    blocks: &mut impl Iterator<Item = Result<Block, InputError>>,
) -> (Vec<Said>, Option<InputError>) {
    let mut said = Vec::new();
    for block in blocks {
        match block.and_then(|block| rows_of(source, &block)) {
            Ok(rows) => said.extend(rows),
            Err(error) => {
                check_message(&error.message, error.hint.as_deref());
                return (said, Some(error));
            }
        }
    }
    (said, None)
}

fn rows_of(source: &Source, block: &Block) -> Result<Vec<Said>, InputError> {
    let mut parser = source.parser();
    let mut rows = parser.rows(source, block)?;
    let mut said = Vec::new();
    while let Some(row) = rows.next() {
        let extent = Extent {
            input: block.extent.input,
            start: block.extent.start + row.start as u64,
            end: block.extent.start + row.end as u64,
            first_line: row.line,
        };
        let cells = row.cells.map_err(|fault| {
            check_message(&fault.message, None);
            fault.message
        });
        let cells = cells.map(|cells| match cells {
            Cells::Text(cells) => (0..cells.len())
                .map(|n| (String::new(), cells.get(n).to_owned()))
                .collect(),
            Cells::Object(entries) => (entries.iter())
                .map(|(key, value)| (key.clone().into_owned(), (*value).to_owned()))
                .collect(),
        });
        said.push(Said { extent, cells });
    }
    Ok(said)
}

/// Blocks tile the input, rows stand in order with only `between` between them, and are the same
/// when their places are read again: each by itself, and all of them in the smallest pieces.
/// `content` reads without an error.
pub(super) fn check_places(source: &Source, content: &[u8], said: &[Said], between: &[u8]) {
    let start = source.head(0).expect("it was read before").len() as u64;
    let mut at = start;
    for block in source
        .blocks()
        .map(|block| block.expect("it was read before"))
    {
        assert_eq!(block.extent.start, at);
        at = block.extent.end;
        assert_eq!(
            block.bytes,
            content[block.extent.start as usize..at as usize]
        );
    }
    assert_eq!(at, content.len() as u64);
    let mut end = start;
    for one in said {
        let gap = &content[end as usize..one.extent.start as usize];
        assert!(gap.iter().all(|byte| between.contains(byte)), "{gap:?}");
        end = one.extent.end;
        assert_eq!(place(content, one.extent.start), (one.extent.first_line, 1));
    }
    let again = |extent: &Extent, piece: Option<usize>| -> Vec<Said> {
        let blocks = source.again(extent);
        let blocks = match piece {
            Some(bytes) => blocks.of_bytes(bytes),
            None => blocks,
        };
        let rows = blocks.flat_map(|block| {
            let block = block.expect("it was read before");
            rows_of(source, &block).expect("it was read before")
        });
        rows.collect()
    };
    // Each by itself takes the square of the time where rows are many.
    for one in said.iter().take(20) {
        assert_eq!(again(&one.extent, None), std::slice::from_ref(one));
    }
    if let (Some(first), Some(last)) = (said.first(), said.last()) {
        let extent = Extent {
            end: last.extent.end,
            ..first.extent
        };
        assert_eq!(again(&extent, None), said);
        assert_eq!(again(&extent, Some(1)), said);
    }
}

/// Line and column of a byte, character by character, as an editor counts them.
pub(super) fn place(content: &[u8], at: u64) -> (u64, u64) {
    let before = std::str::from_utf8(&content[..at as usize]).expect("rows begin at characters");
    let before = before.strip_prefix('\u{feff}').unwrap_or(before);
    let plain = before.replace("\r\n", "\n").replace('\r', "\n");
    let line = 1 + plain.matches('\n').count() as u64;
    let last = plain.rsplit('\n').next().unwrap_or_default();
    (line, 1 + last.chars().count() as u64)
}

/// Whether the bytes are what is read as text.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok() && !bytes.contains(&0)
}

/// The size of blocks that a byte asks for.
pub(super) fn block_bytes(byte: u8) -> usize {
    match byte {
        0 => 1 << 18,
        few => few.into(),
    }
}
