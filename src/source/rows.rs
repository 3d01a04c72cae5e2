//! One block to its rows. Knows nothing of other blocks, so that blocks can be parsed side by side.

use super::csv::{Buffers, CsvRows, Layout};
use super::json_rows::JsonRows;
use super::ndjson::NdjsonRows;
use super::{Block, Columns, InputError, Row, Source, text};
use crate::position::LineColumn;

/// Parses blocks, one after another; keeps its buffers between them.
#[derive(Debug, Default)]
pub struct RowParser {
    csv: Buffers,
}

/// The rows of one block.
#[derive(Debug)]
pub struct Rows<'b>(Kind<'b>);

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
        if let Some(json) = input.and_then(|input| input.json) {
            return Ok(Rows(Kind::Json(JsonRows::new(text, json.shape, place))));
        }
        let Some((input, dialect)) = input.and_then(|i| Some((i, i.dialect?))) else {
            return Ok(Rows(Kind::Ndjson(NdjsonRows::new(text, line))));
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
        let rows = CsvRows::new(&mut self.csv, text, line, layout);
        Ok(Rows(Kind::Csv(rows)))
    }
}

impl Rows<'_> {
    /// The next row. It borrows the parser's buffers, so that only one is there at a time.
    #[expect(
        clippy::should_implement_trait,
        reason = "an Iterator cannot lend what it yields"
    )]
    pub fn next(&mut self) -> Option<Row<'_>> {
        match &mut self.0 {
            Kind::Csv(rows) => rows.next(),
            Kind::Ndjson(rows) => rows.next(),
            Kind::Json(rows) => rows.next(),
        }
    }
}
