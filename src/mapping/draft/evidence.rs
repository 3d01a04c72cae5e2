//! What the sampled cells of one column have in common.

use std::collections::HashSet;

use xxhash_rust::xxh3::xxh3_64;

use super::amounts::Amounts;
use super::dates::Dates;
use super::numbers::Numbers;
use super::words::Words;
use crate::input::Typed;
use crate::mapping::value::text;

/// The most characters of a cell that are kept as an example.
const EXAMPLE_CHARS: usize = 60;

/// One column's cells, in little memory however many there are.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// Cells that are not empty.
    pub(super) filled: u64,
    /// Those of them that are texts.
    pub(super) texts: u64,
    /// Those that no id can be: JSON booleans, arrays and objects.
    pub(super) unfit_for_id: u64,
    /// Texts with a percent sign at their end.
    pub(super) percents: u64,
    /// Cells of a sheet that are true or false.
    pub(super) booleans: u64,
    /// Texts that are a bare zero, which is one with a percent sign and without.
    pub(super) zeros: u64,
    /// Whether a text has white space around it.
    pub(super) is_padded: bool,
    /// The first cell that is not empty, without white space around it, cut.
    pub(super) example: Option<String>,
    /// Whether all cells that are not empty are the same.
    pub(super) is_constant: bool,
    pub(super) distinct: Distinct,
    pub(super) numbers: Numbers,
    /// What stands around the numbers.
    pub(super) amounts: Amounts,
    pub(super) dates: Dates,
    pub(super) words: Words,
    first: Option<u64>,
}

/// Where a cell stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// What [`Positions`](crate::base::position::Positions) count.
    pub(super) line: u64,
    /// How many different cells of the column can be kept.
    pub(super) room: usize,
}

/// Whether every cell is another one, as far as they were compared.
#[derive(Debug)]
pub(super) enum Distinct {
    /// All so far, by their hashes.
    All(HashSet<u64>),
    /// All of those that were compared; the others were too many to be kept.
    Enough,
    /// Not so: this one stands twice.
    Not(String),
}

impl Default for Distinct {
    fn default() -> Self {
        Self::All(HashSet::new())
    }
}

impl Distinct {
    fn add(&mut self, cell: &str, hash: u64, room: usize) {
        let Self::All(seen) = self else { return };
        if !seen.insert(hash) {
            *self = Self::Not(cut(cell));
        } else if seen.len() > room {
            *self = Self::Enough;
        }
    }
}

impl Evidence {
    /// Looks at one more cell of CSV or of a sheet, or text of JSON.
    pub(super) fn add_cell(&mut self, text: &str, typed: Typed, at: Place) {
        let cell = text.trim();
        if cell.is_empty() {
            return;
        }
        self.texts += 1;
        self.is_padded |= cell.len() != text.len();
        self.add(cell, at.room);
        let number = match cell.strip_suffix('%') {
            Some(number) => {
                self.percents += 1;
                number.trim_end()
            }
            None => {
                self.zeros += u64::from(is_zero(cell));
                cell
            }
        };
        match typed {
            Typed::Number => self.numbers.add_typed(number, at.line),
            _ if self.numbers.is_none() => {}
            Typed::Text | Typed::Boolean | Typed::Date => match self.amounts.strip(cell) {
                Some(amount) => {
                    let had_sign = cell.ends_with('%');
                    self.percents += u64::from(amount.is_percent && !had_sign);
                    self.numbers.add(&amount.number, at.line);
                }
                None => self.numbers.add(number, at.line),
            },
        }
        self.booleans += u64::from(typed == Typed::Boolean);
        self.dates.add(cell, at.line);
        self.words.add(cell, at.line);
    }

    /// Looks at one more value of JSON.
    pub(super) fn add_json(&mut self, token: &str, at: Place) {
        match token.as_bytes().first() {
            Some(b'n') | None => {}
            Some(b'"') => {
                let text = text::decode(token).unwrap_or(token.into());
                self.add_cell(&text, Typed::Text, at);
            }
            Some(b'-' | b'0'..=b'9') => self.add(token, at.room),
            Some(_) => {
                self.unfit_for_id += 1;
                self.add(token, at.room);
            }
        }
    }

    fn add(&mut self, cell: &str, room: usize) {
        let hash = xxh3_64(cell.as_bytes());
        self.filled += 1;
        if self.first.is_none() {
            self.first = Some(hash);
            self.example = Some(cut(cell));
            self.is_constant = true;
        }
        self.is_constant &= self.first == Some(hash);
        self.distinct.add(cell, hash, room);
    }
}

/// Whether a number is zero, whatever its decimal sign.
fn is_zero(cell: &str) -> bool {
    cell.contains('0') && cell.chars().all(|c| matches!(c, '0' | '.' | ',' | '-'))
}

/// A cell's beginning.
fn cut(cell: &str) -> String {
    cell.chars().take(EXAMPLE_CHARS).collect()
}
