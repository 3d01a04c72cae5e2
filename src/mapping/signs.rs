//! Percent columns have the sign in all of their cells or in none: `12.5%` and `0.125` in one column
//! may be the same share, and one of them would be sent as a hundredth of it.

use crate::base::position::Position;
use crate::input::Cells;

use super::binding::{Binding, Bound, CellPlace};
use super::tally::{Signs, Tally};
use crate::mapping::value::kind::FieldType;
use crate::mapping::value::text::{self, Value};

/// A percent column with both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MixedSigns {
    /// The column's name, as it is in the input: escape it before it is shown.
    pub column: String,
    /// The first record with the sign.
    pub with: Position,
    /// The first record without.
    pub without: Position,
}

/// Which fields are percentages from the input.
pub(super) fn percents(fields: &[Bound]) -> Vec<usize> {
    let is_percent = |bound: &Bound| {
        bound.field.kind.field_type() == Some(FieldType::Percent)
            && !matches!(bound.place, CellPlace::Constant)
    };
    let percents = (0..).zip(fields).filter(|(_, bound)| is_percent(bound));
    percents.map(|(at, _)| at).collect()
}

impl Binding {
    /// Notes for each percent column whether its cell in a good record has the sign.
    #[cold]
    pub(super) fn note_signs(&self, cells: &Cells<'_>, tally: &mut Tally) {
        if tally.signs.len() < self.percents.len() {
            tally.signs.resize_with(self.percents.len(), Signs::default);
        }
        for (&at, signs) in self.percents.iter().zip(&mut tally.signs) {
            let Some(bound) = self.fields.get(at) else {
                continue;
            };
            bound.look(cells, &tally.scratch.found, |value| {
                if let Value::Text(cell) | Value::Number(cell) = value
                    && let Some(has_sign) = sign(bound, cell)
                {
                    signs.note(has_sign, tally.at);
                }
            });
        }
    }

    /// The percent columns with both.
    pub(crate) fn mixed_signs(&self, tally: &Tally) -> Vec<MixedSigns> {
        let columns = self.percents.iter().zip(&tally.signs);
        let mixed = columns.filter_map(|(&at, signs)| {
            Some(MixedSigns {
                column: self.fields.get(at)?.column().to_owned(),
                with: signs.with?,
                without: signs.without?,
            })
        });
        mixed.collect()
    }
}

/// Whether a cell has the sign; none where that does not matter: an empty cell, a bare zero, and one
/// for which the mapping has another value.
fn sign(bound: &Bound, cell: &str) -> Option<bool> {
    let cell = text::trimmed(cell);
    let is_listed =
        (bound.field.values.as_ref()).is_some_and(|values| values.list.contains_key(cell));
    let is_zero = !cell.contains(|c: char| ('1'..='9').contains(&c));
    match cell.contains('%') {
        _ if bound.is_empty(Value::Text(cell)) || is_listed => None,
        true => Some(true),
        false => (!is_zero).then_some(false),
    }
}
