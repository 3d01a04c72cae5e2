//! Cells that keep a column from a type that nearly all others have: a person has to look at them.

use crate::base::display;
use crate::base::position::Positions;

/// The most of them that are still told; with more, the column is probably meant to be text.
pub(super) const MOST: u64 = 3;

/// Fewer cells tell nothing of a column.
const FEWEST_CELLS: u64 = 10;

/// The least part of the cells that fit, in percent.
const LEAST_FITTING: u64 = 90;

/// The most characters of the first one that are shown.
const SHOWN_CHARS: usize = 20;

/// Cells of one column that do not fit.
#[derive(Clone, Debug, Default)]
pub(super) struct Misfits {
    pub(super) count: u64,
    /// The first one, and where it stands.
    first: Option<(String, u64)>,
}

impl Misfits {
    /// Notes so many cells that are alike, the first of them at `line`.
    pub(super) fn add(&mut self, cell: &str, line: u64, count: u64) {
        self.count += count;
        if self.first.is_none() {
            let beginning = cell.chars().take(SHOWN_CHARS).collect();
            self.first = Some((beginning, line));
        }
    }

    /// Whether there are too many to be told.
    pub(super) fn are_many(&self) -> bool {
        self.count > MOST
    }

    /// What to say of them, where nearly all of the cells are `what`.
    pub(super) fn remark(&self, cells: u64, what: &str, positions: Positions) -> Option<String> {
        let fitting = cells.checked_sub(self.count)?;
        let are_few = !self.are_many() && 100 * fitting >= LEAST_FITTING * cells;
        let (cell, line) = self.first.as_ref()?;
        (are_few && cells >= FEWEST_CELLS).then(|| {
            format!(
                "{} of {} are {what}, {} is \"{}\": left as text.",
                display::count(fitting),
                display::count(cells),
                positions.place(*line),
                display::shown(cell),
            )
        })
    }
}
