//! What a mapping is once it is bound to an input: its fields, each with the place of its cells.

use std::sync::Arc;

use super::object::{self, Candidate, Wanted};
use super::prefix::Prefix;
use super::spec::{Content, Empty, Field, Unmapped};
use super::tally::FieldTally;
use crate::base::display;
use crate::input::Cells;
use crate::mapping::value::kind::{FieldType, Quick, ValueType};
use crate::mapping::value::text::{self, Value};

/// A mapping that knows where each field's cells are. Shared by all workers.
#[derive(Debug)]
pub(crate) struct Binding {
    pub(super) fields: Vec<Bound>,
    /// Which of them are percentages from the input.
    pub(super) percents: Vec<usize>,
    pub(super) shape: Shape,
    pub(super) unmapped: Unmapped,
    pub(super) unmapped_line: Option<usize>,
    pub(super) notes: Vec<String>,
}

/// What records look like, and where the id is.
#[derive(Debug)]
pub(super) enum Shape {
    /// Cells by their place in the header.
    Columns,
    /// Keys found in each record.
    Keys(Wanted),
    /// Whole NDJSON records as they are; the id has this key.
    Whole { id: String },
}

/// One field with the place of its cells.
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) prefix: Prefix,
    pub(super) place: CellPlace,
    pub(super) field: Field,
    pub(super) is_id: bool,
    pub(super) empty: Empty,
    pub(super) trims: bool,
    /// Cells that count as empty.
    pub(super) null: Arc<[String]>,
    pub(super) quick: Quick,
}

/// Where a field's cells are.
#[derive(Debug)]
pub(super) enum CellPlace {
    Column(usize),
    Keys(Vec<Candidate>),
    /// Several columns, each with its place.
    Joined(Vec<CellPlace>),
    Constant,
}

impl CellPlace {
    /// The places of all columns: several where they make one text.
    pub(super) fn columns(&self) -> impl Iterator<Item = &Self> {
        match self {
            Self::Joined(places) => places.iter(),
            place => std::slice::from_ref(place).iter(),
        }
    }

    /// The place in the header, of what has one.
    pub(super) fn column(&self) -> Option<usize> {
        match self {
            Self::Column(at) => Some(*at),
            Self::Keys(_) | Self::Joined(_) | Self::Constant => None,
        }
    }
}

/// One field of a binding, to be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FieldView<'a> {
    /// The field's API key.
    pub key: &'a str,
    /// Where its values come from.
    pub origin: Origin<'a>,
    /// Its type; none where a value goes as it is (an NDJSON value without a type).
    pub kind: Option<FieldType>,
}

/// Where a field's values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin<'a> {
    /// A column of the input, or a path in its records; of several the names in one text.
    Column(&'a str),
    /// The same JSON in every record.
    Constant(&'a str),
}

impl FieldView<'_> {
    /// The type's word.
    #[cfg(test)]
    pub(crate) fn word(&self) -> &'static str {
        self.kind.map_or("as it is", FieldType::word)
    }
}

impl Binding {
    /// The column of the id, where records have columns.
    pub(crate) fn id_column(&self) -> Option<usize> {
        let id = self.fields.iter().find(|bound| bound.is_id)?;
        match id.place {
            CellPlace::Column(at) => Some(at),
            _ => None,
        }
    }

    /// The fields in the order in which they are written; none where whole records go as they are.
    pub(crate) fn fields(&self) -> impl Iterator<Item = FieldView<'_>> {
        let is_csv = matches!(self.shape, Shape::Columns);
        self.fields.iter().map(move |bound| FieldView {
            key: &bound.field.key,
            origin: match &bound.field.from {
                Content::Column(column) => Origin::Column(column),
                Content::Columns(joined) => Origin::Column(&joined.label),
                Content::Constant(json) => Origin::Constant(json),
            },
            kind: bound.field.kind.field_type().or_else(|| {
                let is_constant = matches!(bound.field.from, Content::Constant(_));
                let is_joined = matches!(bound.field.from, Content::Columns(_));
                (is_joined || is_csv && !is_constant).then_some(FieldType::Text)
            }),
        })
    }
}

impl Bound {
    /// Whether a value counts as an empty cell.
    pub(super) fn is_empty(&self, value: Value<'_>) -> bool {
        value.is_blank() || (!matches!(value, Value::Tree(_)) && self.is_null(value.text()))
    }

    /// What is said once of a column whose offsets change nothing.
    pub(super) fn note_of_offsets(&self) -> Option<String> {
        let ValueType::Date(dates) = &self.field.kind else {
            return None;
        };
        let written = dates.dropped_offset()?;
        (!matches!(self.place, CellPlace::Constant)).then(|| {
            format!(
                "column {}: offsets from UTC ({}) are left out, days are those that are written; timezone = \"...\" moves them",
                display::shown(self.column()),
                display::quoted(written)
            )
        })
    }

    fn is_null(&self, cell: &str) -> bool {
        !self.null.is_empty() && self.null.iter().any(|word| word == text::trimmed(cell))
    }

    /// Looks at the field's value in a record, if it has one; `found` tells where the keys of an
    /// NDJSON record stand that was just located.
    pub(super) fn look(
        &self,
        cells: &Cells<'_>,
        found: &[Option<usize>],
        look: impl FnOnce(Value<'_>),
    ) {
        match (cells, &self.place) {
            (Cells::Text(cells), CellPlace::Column(at)) => look(Value::Text(cells.get(*at))),
            (Cells::Object(pairs), CellPlace::Keys(candidates)) => {
                // Of a path that leads nowhere proving says why.
                if let Ok(Some(raw)) = object::value(candidates, pairs, found) {
                    text::look(raw, look);
                }
            }
            (_, CellPlace::Joined(_)) => {
                if let Ok(text) = self.joined(cells, found, &mut FieldTally::default()) {
                    look(Value::Text(&text));
                }
            }
            _ => {}
        }
    }

    /// The column's name, for messages.
    pub(super) fn column(&self) -> &str {
        match &self.field.from {
            Content::Column(column) => column,
            Content::Columns(joined) => &joined.label,
            Content::Constant(_) => "",
        }
    }
}
