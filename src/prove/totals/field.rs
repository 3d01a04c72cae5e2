//! The sums of one field.

use super::decimal::Decimal;
use super::distinct::Distinct;
use super::sum::Sum;
use super::total::FieldTotal;
use crate::mapping::day_of;

/// What one worker saw of one field.
#[derive(Clone, Debug)]
pub(super) struct FieldSums {
    filled: u64,
    values: Values,
    distinct: Distinct,
}

/// What all filled values have in common.
#[derive(Clone, Copy, Debug)]
enum Values {
    /// There are none.
    None,
    Numbers(Numbers),
    /// The ten characters of each as one number, which is in order where they are.
    Days {
        first: u128,
        last: u128,
    },
    /// Nothing that adds up, or not all of it.
    Others,
}

#[derive(Clone, Copy, Debug)]
struct Numbers {
    sum: Sum,
    least: i128,
    greatest: i128,
    places: usize,
    /// Whether there was one that has too many digits.
    is_beyond: bool,
}

impl FieldSums {
    /// Nothing yet; distinct values cost memory and are not counted for every field.
    pub(super) fn new(counts_distinct: bool) -> Self {
        Self {
            filled: 0,
            values: Values::None,
            distinct: match counts_distinct {
                true => Distinct::new(),
                false => Distinct::uncounted(),
            },
        }
    }

    /// Adds a value as it is sent, neither null nor the empty text.
    #[inline(always)]
    pub(super) fn note(&mut self, json: &[u8], hash: u64) {
        self.filled += 1;
        self.distinct.add(hash);
        if !matches!(self.values, Values::Others) {
            self.look(json);
        }
    }

    fn look(&mut self, json: &[u8]) {
        match &mut self.values {
            Values::Numbers(numbers) if is_number(json) => numbers.add(json),
            Values::Days { first, last } => match day(json) {
                Some(day) => {
                    *first = (*first).min(day);
                    *last = (*last).max(day);
                }
                None => self.values.take(json),
            },
            values => values.take(json),
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.filled += other.filled;
        self.distinct.merge(&other.distinct);
        self.values = self.values.with(other.values);
    }

    pub(super) fn filled(&self) -> u64 {
        self.filled
    }

    pub(super) fn finish(&self, field: &str) -> FieldTotal {
        let mut total = FieldTotal {
            filled: self.filled,
            distinct: self.distinct.count(),
            ..FieldTotal::unfilled(field)
        };
        match self.values {
            Values::Numbers(numbers) if numbers.is_beyond => total.overflow = true,
            Values::Numbers(numbers) => {
                let digits = |sum: Sum| Some(sum.digits(numbers.places));
                total.sum = digits(numbers.sum);
                total.min = digits(numbers.least.into());
                total.max = digits(numbers.greatest.into());
            }
            Values::Days { first, last } => {
                let text = |day: u128| {
                    let [_, _, _, _, _, _, text @ ..] = day.to_be_bytes();
                    Some(String::from_utf8_lossy(&text).into_owned())
                };
                (total.min, total.max) = (text(first), text(last));
            }
            Values::None | Values::Others => {}
        }
        total
    }
}

#[inline]
fn is_number(json: &[u8]) -> bool {
    matches!(json.first(), Some(b'-' | b'0'..=b'9'))
}

#[inline]
fn day(json: &[u8]) -> Option<u128> {
    let day = day_of(json)?;
    let mut bytes = [0; 16];
    bytes[6..].copy_from_slice(&day);
    Some(u128::from_be_bytes(bytes))
}

impl Values {
    /// Adds a value that is the first one, or not of the same kind as all before it.
    #[cold]
    fn take(&mut self, json: &[u8]) {
        *self = self.with(Self::of(json));
    }

    /// One value.
    fn of(json: &[u8]) -> Self {
        if is_number(json) {
            return Self::Numbers(Numbers::of(json));
        }
        match day(json) {
            Some(day) => Self::Days {
                first: day,
                last: day,
            },
            None => Self::Others,
        }
    }

    /// These and those.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, values) | (values, Self::None) => values,
            (Self::Numbers(a), Self::Numbers(b)) => Self::Numbers(a.with(b)),
            (Self::Days { first, last }, Self::Days { first: f, last: l }) => Self::Days {
                first: first.min(f),
                last: last.max(l),
            },
            _ => Self::Others,
        }
    }
}

impl Numbers {
    fn of(json: &[u8]) -> Self {
        let mut numbers = Self {
            sum: Sum::default(),
            least: i128::MAX,
            greatest: i128::MIN,
            places: 0,
            is_beyond: false,
        };
        numbers.add(json);
        numbers
    }

    #[inline]
    fn add(&mut self, json: &[u8]) {
        let Some(Decimal { units, places }) = Decimal::of(json) else {
            self.is_beyond = true;
            return;
        };
        self.sum.add(units);
        if units < self.least {
            self.least = units;
        }
        if units > self.greatest {
            self.greatest = units;
        }
        if places > self.places {
            self.places = places;
        }
    }

    fn with(mut self, other: Self) -> Self {
        self.sum.merge(other.sum);
        Self {
            sum: self.sum,
            least: self.least.min(other.least),
            greatest: self.greatest.max(other.greatest),
            places: self.places.max(other.places),
            is_beyond: self.is_beyond || other.is_beyond,
        }
    }
}
