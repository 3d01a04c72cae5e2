//! One block to its rows. Knows nothing of other blocks, so that blocks can be parsed side by side.

use super::csv::{Buffers, CsvRows, Layout};
use super::input::Input;
use super::json_rows::JsonRows;
use super::ndjson::NdjsonRows;
use super::{Block, Columns, Encoding, InputError, Row, RowFault, Source, text};
use crate::position::LineColumn;

/// Parses blocks, one after another; keeps its buffers between them.
#[derive(Debug, Default)]
pub struct RowParser {
    csv: Buffers,
}

/// The rows of one block.
#[derive(Debug)]
pub struct Rows<'b> {
    kind: Kind<'b>,
    /// The block's text and its encoding, where some record holds a byte that no text has.
    controls: Option<(&'b [u8], Encoding)>,
}

#[derive(Debug)]
enum Kind<'b> {
    Csv(CsvRows<'b>),
    Ndjson(NdjsonRows<'b>),
    Json(JsonRows<'b>),
}

impl Source {
    /// A parser of this source's blocks; each thread has its own.
    #[must_use]
    pub fn parser(&self) -> RowParser {
        RowParser::default()
    }
}

impl RowParser {
    /// Lines on which records of the last block begin in which other records seem to stand: a CSV
    /// cell runs over several lines that look like records. They may be meant.
    #[must_use]
    pub fn suspects(&self) -> &[u64] {
        &self.csv.suspects
    }

    /// The rows of a block that came from `source`.
    ///
    /// # Errors
    ///
    /// If the block is no text.
    pub fn rows<'b>(
        &'b mut self,
        source: &'b Source,
        block: &'b Block,
    ) -> Result<Rows<'b>, InputError> {
        let line = block.extent.first_line;
        let place = LineColumn {
            line,
            column: block.extent.first_column,
        };
        let name = || source.names.name(block.extent.input);
        let text = text::check(name, &block.bytes, place)?;
        let input = source.inputs.get(block.extent.input);
        let is_watched = input.is_some_and(Input::refuses_controls);
        let controls = match is_watched && text::control(&block.bytes).is_some() {
            true => input.map(|input| (block.bytes.as_slice(), input.encoding)),
            false => None,
        };
        let rows = |kind| Rows { kind, controls };
        if let Some(json) = input.and_then(|input| input.json.as_ref()) {
            return Ok(rows(Kind::Json(JsonRows::new(text, json.shape, place))));
        }
        let Some((input, dialect)) = input.and_then(|i| Some((i, i.dialect?))) else {
            return Ok(rows(Kind::Ndjson(NdjsonRows::new(text, line))));
        };
        let layout = Layout {
            dialect,
            order: &input.order,
            width: input.width,
            names: match &source.columns {
                Columns::Named(names) => names,
                Columns::PerRecord => &[],
            },
            is_sheet: input.sheet.is_some(),
        };
        let csv = CsvRows::new(&mut self.csv, text, line, layout);
        Ok(rows(Kind::Csv(csv)))
    }
}

impl Rows<'_> {
    /// The next row. It borrows the parser's buffers, so that only one is there at a time.
    #[expect(
        clippy::should_implement_trait,
        reason = "an Iterator cannot lend what it yields"
    )]
    pub fn next(&mut self) -> Option<Row<'_>> {
        if let Some((bytes, encoding)) = self.controls {
            let row = self.kind.next()?;
            return Some(refuse_controls(row, bytes, encoding));
        }
        self.kind.next()
    }
}

impl Kind<'_> {
    #[inline]
    fn next(&mut self) -> Option<Row<'_>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Ndjson(rows) => rows.next(),
            Self::Json(rows) => rows.next(),
        }
    }
}

/// A row that is bad where it holds a control character that its encoding made of a byte.
#[cold]
fn refuse_controls<'r>(row: Row<'r>, block: &[u8], encoding: Encoding) -> Row<'r> {
    let bytes = block.get(row.start..row.end).unwrap_or_default();
    let Some(at) = text::control(bytes) else {
        return row;
    };
    let LineColumn { line, column } = text::after(
        LineColumn {
            line: row.line,
            column: row.column,
        },
        &bytes[..at],
    );
    let place = match line == row.line {
        true => format!("character {column}"),
        false => format!("line {line}, character {column}"),
    };
    // Behind 0xc2 stands the character's own number.
    let control = bytes.get(at + 1).copied().unwrap_or_default();
    Row {
        cells: Err(RowFault {
            column: None,
            message: format!(
                "{place} is the control character U+{control:04X}, which no text has: is this file in \
                 {encoding}?"
            ),
        }),
        ..row
    }
}
