//! One block to its rows. Knows nothing of other blocks, so that blocks can be parsed side by side.

use super::csv::read::{Buffers, CsvRows, Layout};
use super::csv::read_over::ReadOver;
use super::encoding::Encoding;
use super::error::InputError;
use super::json::ndjson::NdjsonRows;
use super::record::{Block, Columns, Row, RowFault};
use super::source::Source;
use super::text;
use crate::base::position::LineColumn;

/// Parses blocks, one after another; keeps its buffers between them.
#[derive(Debug, Default)]
pub(crate) struct RowParser {
    csv: Buffers,
}

/// The rows of one block.
#[derive(Debug)]
pub(crate) struct Rows<'b>(RowsOf<'b>);

#[derive(Debug)]
enum RowsOf<'b> {
    Csv(CsvRows<'b>),
    Ndjson(NdjsonRows<'b>),
    Watched(Box<Watched<'b>>),
}

/// Rows of which some hold a byte that no text has.
#[derive(Debug)]
struct Watched<'b> {
    rows: Rows<'b>,
    block: &'b [u8],
    encoding: Encoding,
    /// Whether the block is a copy of a JSON document's records.
    is_document: bool,
}

impl Source {
    /// A parser of this source's blocks; each thread has its own.
    pub(crate) fn parser(&self) -> RowParser {
        RowParser::default()
    }
}

impl RowParser {
    /// Lines on which records of the last block begin in which other records seem to stand: a CSV
    /// cell runs over several lines that look like records. They may be meant.
    pub(crate) fn suspects(&self) -> &[u64] {
        &self.csv.suspects
    }

    /// What was read over in the last block.
    pub(crate) fn read_over(&self) -> ReadOver {
        self.csv.read_over
    }

    /// The rows of a block that came from `source`.
    pub(crate) fn rows<'b>(
        &'b mut self,
        source: &'b Source,
        block: &'b Block,
    ) -> Result<Rows<'b>, InputError> {
        let line = block.extent.first_line;
        let name = || source.names.name(block.extent.input);
        let text = text::check(name, &block.bytes, LineColumn::line(line))?;
        let input = source.inputs.get(block.extent.input);
        let watched = input.filter(|input| input.refuses_controls());
        let watched = watched.filter(|_| text::control(&block.bytes).is_some());
        let rows = |kind| match watched {
            None => Rows(kind),
            Some(input) => Rows(RowsOf::Watched(Box::new(Watched {
                rows: Rows(kind),
                block: &block.bytes,
                encoding: input.encoding,
                is_document: input.positions.is_some(),
            }))),
        };
        let Some((input, dialect)) = input.and_then(|i| Some((i, i.dialect?))) else {
            let is_document = input.is_some_and(|input| input.positions.is_some());
            let ndjson = NdjsonRows::new(text, line, is_document);
            return Ok(rows(RowsOf::Ndjson(ndjson)));
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
        Ok(rows(RowsOf::Csv(csv)))
    }
}

impl Rows<'_> {
    /// The next row. It borrows the parser's buffers, so that only one is there at a time.
    pub(crate) fn next(&mut self) -> Option<Row<'_>> {
        match &mut self.0 {
            RowsOf::Csv(rows) => rows.next(),
            RowsOf::Ndjson(rows) => rows.next(),
            RowsOf::Watched(rows) => rows.next(),
        }
    }
}

impl Watched<'_> {
    #[cold]
    fn next(&mut self) -> Option<Row<'_>> {
        let row = self.rows.next()?;
        Some(refuse_controls(
            row,
            self.block,
            self.encoding,
            self.is_document,
        ))
    }
}

/// A row that is bad where it holds a control character that its encoding made of a byte.
fn refuse_controls<'r>(
    row: Row<'r>,
    block: &[u8],
    encoding: Encoding,
    is_document: bool,
) -> Row<'r> {
    let bytes = block.get(row.start..row.end).unwrap_or_default();
    let Some(at) = text::control(bytes) else {
        return row;
    };
    let LineColumn { line, column } = text::after(LineColumn::line(row.line), &bytes[..at]);
    let place = match line == row.line {
        true if is_document => format!("character {column} of the record"),
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
