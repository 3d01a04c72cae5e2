//! What a bad record holds all the same, so that it can be kept for whoever corrects it.
//!
//! Writing the rejects file is left to `rejects`.

use std::borrow::Cow;
use std::collections::HashMap;

use super::csv::scan::Dialect;
use super::json::ndjson;
use super::mark::{self, Marked, Typed};
use super::record::{Block, Row};
use super::source::Source;
use super::text;

/// Takes records apart that have no usable cells. It knows how the inputs are laid out and needs
/// the source no more.
#[derive(Debug)]
pub(crate) struct Salvager(Vec<Layout>);

/// How the records of one input are laid out.
#[derive(Debug)]
struct Layout {
    dialect: Option<Dialect>,
    order: Vec<usize>,
    width: usize,
    is_sheet: bool,
    refuses_controls: bool,
}

/// What a record holds, whether it is good or bad.
#[derive(Debug)]
pub(crate) enum Salvaged<'b> {
    /// A CSV record's fields.
    Fields(Fields),
    /// A JSON object's keys and values as written, all of them: a key may stand twice.
    Object(Vec<(Cow<'b, str>, &'b str)>),
    /// A line that is no JSON object.
    Line(Cow<'b, str>),
}

/// The fields of a CSV record, whose number may be wrong.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fields {
    /// One text for each of [`Columns::Named`](super::Columns::Named); missing fields are empty.
    pub cells: Vec<String>,
    /// Fields that have no column, in their order.
    pub surplus: Vec<String>,
    /// How many fields are missing.
    pub missing: usize,
    /// For each of the cells its type, where the record stood in a sheet.
    pub types: Vec<Typed>,
    /// How many cells of a sheet have no value, such as formulas that failed.
    pub valueless: usize,
    /// Whether there are control characters in them that were bytes which no text has.
    pub has_controls: bool,
}

impl Source {
    /// For taking apart the rows of this source that are bad.
    pub(crate) fn salvager(&self) -> Salvager {
        let layouts = self.inputs.iter().map(|input| Layout {
            dialect: input.dialect,
            order: input.order.clone(),
            width: input.width,
            is_sheet: input.sheet.is_some(),
            refuses_controls: input.refuses_controls(),
        });
        Salvager(layouts.collect())
    }
}

impl Salvager {
    /// What a row of `block` holds.
    pub(crate) fn salvage<'b>(&self, block: &'b Block, row: &Row<'_>) -> Salvaged<'b> {
        let layout = self.0.get(block.extent.input);
        if let Some((dialect, layout)) = layout.and_then(|layout| Some((layout.dialect?, layout))) {
            // With its line end: an escape may stand before what else would seem to be one.
            let bytes = block.bytes.get(row.start..row.end).unwrap_or_default();
            return Salvaged::Fields(Fields {
                has_controls: layout.refuses_controls && text::control(bytes).is_some(),
                ..fields(bytes, dialect, layout)
            });
        }
        let bytes = record(block, row);
        let has_controls = (layout.as_ref()).is_some_and(|layout| layout.refuses_controls)
            && text::control(bytes).is_some();
        match ndjson::entries(bytes) {
            Some(entries) if !has_controls => Salvaged::Object(entries),
            _ => Salvaged::Line(String::from_utf8_lossy(bytes)),
        }
    }
}

/// The bytes of a row, without the line end.
fn record<'b>(block: &'b Block, row: &Row<'_>) -> &'b [u8] {
    let bytes = block.bytes.get(row.start..row.end).unwrap_or_default();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    bytes.strip_suffix(b"\r").unwrap_or(bytes)
}

/// The fields of one CSV record, each in its column.
///
/// In a rejects file a record with too many fields is one that was ragged before: its own and the
/// file's columns are in their places, and what follows is surplus. With too few, which of them are
/// the file's own cannot be told, so that these count as surplus.
fn fields(bytes: &[u8], dialect: Dialect, layout: &Layout) -> Fields {
    let texts = dialect.texts(&String::from_utf8_lossy(bytes), 0);
    let columns: HashMap<usize, usize> = layout.order.iter().copied().zip(0..).collect();
    let is_whole = texts.len() >= layout.width;
    let mut fields = Fields {
        cells: vec![String::new(); layout.order.len()],
        surplus: Vec::new(),
        missing: layout.width.saturating_sub(texts.len()),
        types: vec![Typed::Text; layout.order.len()],
        valueless: 0,
        has_controls: false,
    };
    for (at, text) in texts.into_iter().enumerate() {
        match columns.get(&at) {
            Some(&column) if layout.is_sheet => match mark::read(&text) {
                Marked::Value(typed, text) => {
                    fields.types[column] = typed;
                    text.clone_into(&mut fields.cells[column]);
                }
                Marked::None { shown, .. } => {
                    fields.valueless += 1;
                    shown.clone_into(&mut fields.cells[column]);
                }
            },
            Some(&column) => fields.cells[column] = text,
            None if is_whole && at < layout.width => {}
            None => fields.surplus.push(text),
        }
    }
    fields
}
