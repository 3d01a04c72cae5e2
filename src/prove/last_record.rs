//! The last record of a file, which may be a row of totals: it is told, and never left out by itself.

use crate::base::display;
use crate::base::position::Position;
use crate::input::{Cells, Extent, InputError, Source, TextCells, is_total};
use crate::mapping::Binding;

/// How many other records tell what a record usually holds.
const FEWEST: usize = 2;

/// In how many columns from the left a word for a total is looked for, besides that of the id.
const FIRST_COLUMNS: usize = 2;

/// Says that the last record at `extent`, which has others before it, looks like a total, if it does.
pub(super) fn told(
    source: &Source,
    binding: &Binding,
    extent: &Extent,
) -> Result<Option<String>, InputError> {
    let (mut parser, mut filled) = (source.parser(), Vec::new());
    let mut last = None;
    for block in source.again(extent) {
        let block = block?;
        let mut rows = parser.rows(source, &block)?;
        while let Some(row) = rows.next() {
            last = None;
            if let Ok(Cells::Text(cells)) = row.cells {
                filled.push(
                    (0..cells.len())
                        .filter(|n| !cells.get(*n).trim().is_empty())
                        .count(),
                );
                last = Some((row.line, word(&cells, binding)));
            }
        }
    }
    let (Some((line, word)), Some(own)) = (last, filled.pop()) else {
        return Ok(None);
    };
    filled.sort_unstable();
    let usual = filled.get(filled.len() / 2).copied().unwrap_or_default();
    let is_nearly_empty = filled.len() >= FEWEST && usual > 2 && 2 * own <= usual;
    let what = match word {
        Some(word) => format!("it says {}", display::quoted(&word)),
        None if is_nearly_empty => format!("{own} of its cells are filled, and {usual} of others"),
        None => return Ok(None),
    };
    let place = source.names().place(Position {
        input: extent.input,
        line,
        record: 0,
    });
    Ok(Some(format!(
        "{place}: the last record looks like a total: {what}"
    )))
}

/// The word for a total where an id or a name should stand.
fn word(cells: &TextCells<'_>, binding: &Binding) -> Option<String> {
    let columns = (0..FIRST_COLUMNS.min(cells.len())).chain(binding.id_column());
    let mut words = columns
        .map(|at| cells.get(at))
        .filter(|cell| is_total(cell));
    words.next().map(|word| word.trim().to_owned())
}
