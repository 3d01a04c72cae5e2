//! Which decimal and thousands signs a column's numbers have, by what all its cells together prove.
//!
//! `1.234` alone is 1.234 or 1234. A column is of numbers only where every two ways to read it that
//! fit all cells also agree on all of them.

/// How numbers are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Style {
    pub(super) decimal: char,
    pub(super) thousands: Option<char>,
}

const fn style(decimal: char, thousands: Option<char>) -> Style {
    Style { decimal, thousands }
}

/// All styles, the simplest first; what fits is a set of them, a bit for each.
pub(super) const STYLES: [Style; 8] = [
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
#[derive(Clone, Debug)]
pub(super) struct Numbers {
    /// The styles that fit all cells so far.
    fits: u8,
    /// The styles by which some cell has a fraction.
    fractions: u8,
    /// For each style those that read some cell otherwise.
    differs: [u8; STYLES.len()],
    /// The first such cell.
    ambiguous: Option<String>,
}

/// What a column's numbers are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// Not numbers.
    None,
    /// Numbers: all of these styles fit, and read every cell alike.
    Styles { fits: u8, has_fractions: bool },
    /// A cell that two styles read differently, while nothing in the column tells which is right.
    Ambiguous { cell: String, readings: [String; 2] },
}

impl Default for Numbers {
    fn default() -> Self {
        Self {
            fits: u8::MAX,
            fractions: 0,
            differs: [0; STYLES.len()],
            ambiguous: None,
        }
    }
}

impl Numbers {
    /// Looks at one more cell, trimmed and without its percent sign.
    pub(super) fn add(&mut self, cell: &str) {
        if self.fits == 0 {
            return;
        }
        let readings = STYLES.map(|style| read(cell, style));
        let mut differ = false;
        for (i, mine) in readings.iter().enumerate() {
            let Some(mine) = mine else {
                self.fits &= !(1 << i);
                continue;
            };
            if !mine.1.is_empty() {
                self.fractions |= 1 << i;
            }
            for (j, other) in readings.iter().enumerate() {
                if other.as_ref().is_some_and(|other| other != mine) {
                    self.differs[i] |= 1 << j;
                    differ = true;
                }
            }
        }
        if differ && self.ambiguous.is_none() {
            self.ambiguous = Some(cell.to_owned());
        }
    }

    /// Looks at one more cell that is a number already, whose decimal sign is a point: it tells nothing
    /// of the signs that others have.
    pub(super) fn add_typed(&mut self, cell: &str) {
        match read(cell, STYLES[0]) {
            Some((_, "")) => {}
            Some(_) => self.fractions = u8::MAX,
            None => self.fits = 0,
        }
    }

    /// What the cells prove.
    pub(super) fn found(&self) -> Found {
        if self.fits == 0 {
            return Found::None;
        }
        let is_fit = |n: &usize| self.fits & (1 << n) != 0;
        let pair = (0..STYLES.len()).filter(is_fit).find_map(|i| {
            let others = self.differs[i] & self.fits;
            (others != 0).then(|| [i, others.trailing_zeros() as usize])
        });
        let (Some(pair), Some(cell)) = (pair, &self.ambiguous) else {
            return Found::Styles {
                fits: self.fits,
                has_fractions: self.fractions & self.fits != 0,
            };
        };
        Found::Ambiguous {
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
pub(super) fn simplest(fits: u8) -> Option<Style> {
    STYLES.get(fits.trailing_zeros() as usize).copied()
}

/// The digits before and after the decimal sign. Stricter than a mapping, which is told what the
/// column is: no exponent (`1E5` is a code), no leading zero (`00123` too), no group after a zero
/// (`0.125` is no thousands), and no more digits than a double keeps.
fn read(cell: &str, style: Style) -> Option<(String, &str)> {
    let (sign, unsigned) = match cell.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", cell),
    };
    let (whole, fraction) = match unsigned.split_once(style.decimal) {
        Some((whole, fraction)) if is_digits(fraction) => (whole, fraction),
        Some(_) => return None,
        None => (unsigned, ""),
    };
    let digits: String = match style.thousands {
        Some(sign) if !is_digits(whole) => ungrouped(whole, sign)?,
        _ => whole.to_owned(),
    };
    let bare_fraction = digits.is_empty() && !fraction.is_empty();
    if !bare_fraction && !is_digits(&digits) {
        return None;
    }
    let is_code = digits.len() > 1 && digits.starts_with('0');
    let is_long = fraction.is_empty() && digits.len() > MOST_DIGITS;
    (!is_code && !is_long).then(|| (format!("{sign}{digits}"), fraction))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// The digits of groups of three after a first one of one to three.
fn ungrouped(whole: &str, sign: char) -> Option<String> {
    let is_sign = |c: char| match c {
        '\u{a0}' | '\u{202f}' | '\u{2009}' => sign == ' ',
        '\u{2019}' => sign == '\'',
        c => c == sign,
    };
    let mut groups = whole.split(is_sign);
    let first = groups.next().unwrap_or_default();
    let is_good = is_digits(first) && first.len() <= 3;
    let rest = groups.all(|group| group.len() == 3 && is_digits(group));
    (is_good && rest).then(|| whole.chars().filter(char::is_ascii_digit).collect())
}
