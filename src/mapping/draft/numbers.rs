//! Which decimal and thousands signs a column's numbers have, by what all its cells together prove.
//!
//! `1.234` alone is 1.234 or 1234. A column is of numbers only where every two ways to read it that
//! fit all cells also agree on all of them.

use super::misfits::Misfits;
use crate::mapping::value::number::split;
use crate::mapping::value::style::NumberStyle;

const fn style(decimal: char, thousands: Option<char>) -> NumberStyle {
    NumberStyle { decimal, thousands }
}

/// All styles, the simplest first; what fits is a set of them, a bit for each.
pub(super) const STYLES: [NumberStyle; 8] = [
    style('.', None),
    style(',', None),
    style('.', Some(',')),
    style(',', Some('.')),
    style('.', Some(' ')),
    style(',', Some(' ')),
    style('.', Some('\'')),
    style(',', Some('\'')),
];

/// The most digits of a whole number: the service reads doubles, which keep no more.
const MOST_DIGITS: usize = 15;

/// What was seen of one column.
#[derive(Clone, Debug, Default)]
pub(super) struct Numbers {
    /// For each style the cells that do not fit it.
    misfits: [Misfits; STYLES.len()],
    /// The styles by which some cell has a fraction.
    fractions: u8,
    /// The first cell with a point or a comma. What one style takes for its decimal sign there another
    /// takes for thousands; without such a sign all styles that fit come to the same.
    signed: Option<String>,
}

/// What a column's numbers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Not numbers.
    None,
    /// Numbers: all of these styles fit, and read every cell alike.
    Styles { fits: u8, has_fractions: bool },
    /// A cell that two styles read differently, while nothing in the column tells which is right.
    Ambiguous { cell: String, readings: [String; 2] },
}

impl Numbers {
    /// Looks at one more cell, trimmed and without its percent sign.
    pub(super) fn add(&mut self, cell: &str, line: u64) {
        if self.is_none() {
            return;
        }
        for (n, style) in STYLES.into_iter().enumerate() {
            match read(cell, style) {
                Some((_, "")) => {}
                Some(_) => self.fractions |= 1 << n,
                None => self.misfits[n].add(cell, line, 1),
            }
        }
        if self.signed.is_none() && cell.contains(['.', ',']) {
            self.signed = Some(cell.to_owned());
        }
    }

    /// Looks at one more cell that is a number already, whose decimal sign is a point: it tells nothing
    /// of the signs that others have.
    pub(super) fn add_typed(&mut self, cell: &str, line: u64) {
        match read(cell, STYLES[0]) {
            Some((_, "")) => {}
            Some(_) => self.fractions = u8::MAX,
            None => (self.misfits.iter_mut()).for_each(|misfits| misfits.add(cell, line, 1)),
        }
    }

    /// Whether no further cell can make these numbers, nor nearly numbers.
    pub(super) fn is_none(&self) -> bool {
        self.misfits.iter().all(Misfits::are_many)
    }

    /// The styles that fit all cells.
    fn fits(&self) -> u8 {
        let all = (0..).zip(&self.misfits);
        let fitting = all.filter(|(_, misfits)| misfits.count == 0);
        fitting.fold(0, |fits, (n, _)| fits | 1 << n)
    }

    /// The cells that do not fit the style that most others have.
    pub(super) fn misfits(&self) -> Option<&Misfits> {
        self.misfits.iter().min_by_key(|misfits| misfits.count)
    }

    /// What the cells prove.
    pub(super) fn found(&self) -> Reading {
        let fits = self.fits();
        if fits == 0 {
            return Reading::None;
        }
        let first = |sign: char| {
            let mut styles = STYLES.into_iter().enumerate();
            styles.position(|(n, style)| style.decimal == sign && fits & (1 << n) != 0)
        };
        let (Some(point), Some(comma), Some(cell)) = (first('.'), first(','), &self.signed) else {
            return Reading::Styles {
                fits,
                has_fractions: self.fractions & fits != 0,
            };
        };
        let pair = [point.min(comma), point.max(comma)];
        Reading::Ambiguous {
            readings: pair.map(|n| match read(cell, STYLES[n]) {
                Some((whole, fraction)) if !fraction.is_empty() => format!("{whole}.{fraction}"),
                Some((whole, _)) => whole,
                None => cell.clone(),
            }),
            cell: cell.clone(),
        }
    }
}

/// The simplest style of a set.
pub(super) fn simplest(fits: u8) -> Option<NumberStyle> {
    STYLES.get(fits.trailing_zeros() as usize).copied()
}

/// The digits before and after the decimal sign. Stricter than a mapping, which is told what the
/// column is: no exponent (`1E5` is a code), no leading zero (`00123` too), no group after a zero
/// (`0.125` is no thousands), no fraction alone (`.5`) beside thousands, and no more digits than a double
/// keeps.
fn read(cell: &str, style: NumberStyle) -> Option<(String, &str)> {
    let parts = split(cell, style).filter(|parts| parts.exponent.is_empty())?;
    if parts.whole.is_empty() && style.thousands.is_some() {
        return None;
    }
    let digits: String = parts.whole.chars().filter(char::is_ascii_digit).collect();
    let is_code = digits.len() > 1 && digits.starts_with('0');
    let is_long = parts.fraction.is_empty() && digits.len() > MOST_DIGITS;
    let sign = if parts.negative { "-" } else { "" };
    (!is_code && !is_long).then(|| (format!("{sign}{digits}"), parts.fraction))
}
