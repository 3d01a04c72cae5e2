//! Which layouts a column's dates have, by what all its cells together prove.
//!
//! `03/04/2024` alone is in March or in April. A column is of dates only where one order of day and
//! month fits all cells and the other does not.

use std::sync::LazyLock;

use super::misfits::Misfits;
use crate::mapping::value::date::Layout;

/// The order of a layout's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    YearFirst,
    DayFirst,
    MonthFirst,
    /// The month is a word.
    Named,
}

/// One layout that a draft can propose.
#[derive(Debug)]
struct Known {
    text: String,
    order: Order,
    signs: [bool; 3],
    layout: Layout,
}

/// Days with all times that machines write.
const ISO: [&str; 1] = ["%Y-%m-%d"];
/// Days with the times that people's tables show.
const USUAL: [(&str, Order); 7] = [
    ("%d/%m/%Y", Order::DayFirst),
    ("%m/%d/%Y", Order::MonthFirst),
    ("%d.%m.%Y", Order::DayFirst),
    ("%d-%m-%Y", Order::DayFirst),
    ("%m-%d-%Y", Order::MonthFirst),
    ("%Y/%m/%d", Order::YearFirst),
    ("%Y.%m.%d", Order::YearFirst),
];
/// Days without a time.
const BARE: [(&str, Order); 6] = [
    (COMPACT, Order::YearFirst),
    ("%d %b %Y", Order::Named),
    ("%d %B %Y", Order::Named),
    ("%b %d, %Y", Order::Named),
    ("%B %d, %Y", Order::Named),
    ("%d-%b-%Y", Order::Named),
];
/// Eight digits: a day only where the column's name says so.
const COMPACT: &str = "%Y%m%d";

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(known);

/// The most layouts of one column, and the most kinds of cells.
const MOST: usize = 3;
const MOST_MASKS: usize = 16;
/// No date is longer.
const MOST_BYTES: usize = 40;

/// A set of [`KNOWN`] layouts, a bit for each.
type Mask = u64;

/// What was seen of one column.
#[derive(Clone, Debug, Default)]
pub(super) struct Dates {
    is_none: bool,
    /// The cells that no layout fits.
    misfits: Misfits,
    /// The different sets of layouts that fit a cell, each with the first such cell.
    masks: Vec<(Mask, String)>,
}

/// What a column's dates are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Not dates.
    None,
    /// Dates in these layouts.
    Layouts(Vec<String>),
    /// Both orders fit all cells.
    Ambiguous { layouts: [String; 2] },
    /// No order fits all cells: here is one cell for each.
    Conflict { cells: [String; 2] },
}

fn known() -> Vec<Known> {
    let mut texts = Vec::new();
    for day in ISO {
        texts.push((day.to_owned(), Order::YearFirst));
        for part in ["T", " "] {
            for time in ["%H:%M:%S", "%H:%M:%S%.f", "%H:%M"] {
                for zone in ["", "Z", "%:z", "%z"] {
                    texts.push((format!("{day}{part}{time}{zone}"), Order::YearFirst));
                }
            }
        }
    }
    for (day, order) in USUAL {
        texts.push((day.to_owned(), order));
        for time in [" %H:%M:%S", " %H:%M"] {
            texts.push((format!("{day}{time}"), order));
        }
        if day.ends_with("/%Y") {
            for time in [" %I:%M:%S %p", " %I:%M %p"] {
                texts.push((format!("{day}{time}"), order));
            }
        }
    }
    texts.extend(BARE.map(|(day, order)| (day.to_owned(), order)));
    let known = texts.into_iter().filter_map(|(text, order)| {
        let layout = Layout::new(&text).ok()?;
        Some(Known {
            signs: signs(&text),
            text,
            order,
            layout,
        })
    });
    known.take(Mask::BITS as usize).collect()
}

impl Dates {
    /// Looks at one more cell, trimmed.
    pub(super) fn add(&mut self, cell: &str, line: u64) {
        if self.is_none {
            return;
        }
        let mask = mask(cell);
        if mask == 0 {
            self.misfits.add(cell, line, 1);
            self.is_none = self.misfits.are_many();
        } else if self.masks.iter().all(|(seen, _)| *seen != mask) {
            self.is_none = self.masks.len() == MOST_MASKS;
            self.masks.push((mask, cell.to_owned()));
        }
    }

    /// What the cells prove. `takes_compact` tells that eight digits may be a day.
    pub(super) fn found(&self, takes_compact: bool) -> Reading {
        match self.misfits.count {
            0 => self.reading(takes_compact),
            _ => Reading::None,
        }
    }

    /// The cells that are no dates, and the layouts of the others.
    pub(super) fn misfits(&self, takes_compact: bool) -> Option<(&Misfits, Vec<String>)> {
        match self.reading(takes_compact) {
            Reading::Layouts(layouts) => Some((&self.misfits, layouts)),
            Reading::None | Reading::Ambiguous { .. } | Reading::Conflict { .. } => None,
        }
    }

    /// What the cells prove that some layout fits.
    fn reading(&self, takes_compact: bool) -> Reading {
        if self.is_none || self.masks.is_empty() {
            return Reading::None;
        }
        let allowed = match takes_compact {
            true => Mask::MAX,
            false => !of(|known| known.text == COMPACT),
        };
        let common = self.masks.iter().fold(allowed, |all, (mask, _)| all & mask);
        let (day, month) = (common & of(is_day_first), common & of(is_month_first));
        if let (Some(day), Some(month)) = (first(day), first(month)) {
            return Reading::Ambiguous {
                layouts: [day, month].map(|known| known.text.clone()),
            };
        }
        match first(common) {
            Some(known) => Reading::Layouts(vec![known.text.clone()]),
            None => self.mixed(allowed),
        }
    }

    /// Several layouts, where each cell fits one order only, and no two of them can be confused.
    fn mixed(&self, allowed: Mask) -> Reading {
        let (day, month) = (of(is_day_first), of(is_month_first));
        let mut chosen: Mask = 0;
        let mut unsure = None;
        let mut cells: [Option<&String>; 2] = [None, None];
        for (mask, cell) in &self.masks {
            let mask = mask & allowed;
            match (mask & day != 0, mask & month != 0) {
                _ if mask == 0 => return Reading::None,
                (true, true) => unsure = unsure.or(first(mask & day).zip(first(mask & month))),
                (true, false) => cells[0] = cells[0].or(Some(cell)),
                (false, true) => cells[1] = cells[1].or(Some(cell)),
                (false, false) => {}
            }
            if mask & chosen == 0 {
                chosen |= 1 << mask.trailing_zeros();
            }
        }
        if let [Some(day), Some(month)] = cells {
            return Reading::Conflict {
                cells: [day.clone(), month.clone()],
            };
        }
        if let Some((day, month)) = unsure {
            return Reading::Ambiguous {
                layouts: [day, month].map(|known| known.text.clone()),
            };
        }
        if chosen.count_ones() as usize > MOST {
            return Reading::None;
        }
        let chosen = KNOWN
            .iter()
            .zip(0..)
            .filter(|(_, n)| chosen & (1 << n) != 0);
        Reading::Layouts(chosen.map(|(known, _)| known.text.clone()).collect())
    }
}

fn is_day_first(known: &Known) -> bool {
    known.order == Order::DayFirst
}

fn is_month_first(known: &Known) -> bool {
    known.order == Order::MonthFirst
}

/// The layouts of which something holds.
fn of(is: impl Fn(&Known) -> bool) -> Mask {
    let bits = KNOWN
        .iter()
        .zip(0..)
        .map(|(known, n)| Mask::from(is(known)) << n);
    bits.fold(0, |all, bit| all | bit)
}

fn first(mask: Mask) -> Option<&'static Known> {
    KNOWN.get(mask.trailing_zeros() as usize)
}

/// Signs by which most layouts are out at a glance.
fn signs(text: &str) -> [bool; 3] {
    ['/', ':', ','].map(|sign| text.contains(sign))
}

/// The layouts in which a cell is a date.
fn mask(cell: &str) -> Mask {
    if cell.len() > MOST_BYTES || cell.len() < 8 || !cell.contains(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    let signs = signs(cell);
    let fits = |known: &Known| {
        known.signs == signs
            && known.layout.day(cell).is_some()
            && (known.text != COMPACT || cell.starts_with("19") || cell.starts_with("20"))
    };
    of(fits)
}
