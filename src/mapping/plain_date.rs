//! Dates of four, two and two digits between single signs (`31/12/2024`), which nearly all are: read
//! without jiff. What is written otherwise is left to `date`.

use jiff::civil::Date;
use memchr::memchr;

/// A date as JSON writes it, without the quotes: `YYYY-MM-DD`.
pub(super) type Day = [u8; 10];

/// A layout of year, month and day between single signs, such as `%d/%m/%Y`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlainLayout {
    year: Year,
    month: Month,
    signs: [u8; 2],
}

/// Where the year stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Year {
    First,
    Last,
}

/// Where the month stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Month {
    BeforeDay,
    BehindDay,
}

/// The digits of a date.
struct Digits {
    year: [u8; 4],
    month: [u8; 2],
    day: [u8; 2],
}

impl PlainLayout {
    /// None for other layouts.
    pub fn new(layout: &str) -> Option<Self> {
        let layout = match layout {
            "%F" => "%Y-%m-%d",
            layout => layout,
        };
        let &[b'%', a, s, b'%', b, t, b'%', c] = layout.as_bytes() else {
            return None;
        };
        let (year, month) = match [a, b, c] {
            [b'Y', b'm', b'd'] => (Year::First, Month::BeforeDay),
            [b'Y', b'd', b'm'] => (Year::First, Month::BehindDay),
            [b'm', b'd', b'Y'] => (Year::Last, Month::BeforeDay),
            [b'd', b'm', b'Y'] => (Year::Last, Month::BehindDay),
            _ => return None,
        };
        let signs = [s, t];
        let are_signs = signs.iter().all(|&s| s.is_ascii_punctuation() && s != b'%');
        are_signs.then_some(Self { year, month, signs })
    }

    /// Whether the signs between the numbers stand in a cell at all, which jiff takes long to find.
    pub fn may_fit(self, cell: &str) -> bool {
        let bytes = cell.as_bytes();
        self.signs.iter().all(|&sign| memchr(sign, bytes).is_some())
    }

    /// The date of a cell in which every number has all its digits; the rest is left to jiff.
    pub fn read(self, cell: &str) -> Option<Date> {
        let digits = self.digits(cell)?;
        let [a, b, c, d] = digits.year.map(|digit| i16::from(digit - b'0'));
        let year = ((a * 10 + b) * 10 + c) * 10 + d;
        let two = |[a, b]: [u8; 2]| ((a - b'0') * 10 + (b - b'0')).cast_signed();
        let date = Date::new(year, two(digits.month), two(digits.day)).ok()?;
        (year > 0).then_some(date)
    }

    /// The same as JSON writes it.
    pub fn day(self, cell: &str) -> Option<Day> {
        let Digits { year, month, day } = self.digits(cell)?;
        // Nearly all days are in every month.
        let is_surely_one = matches!(month, [b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2'])
            && matches!(day, [b'0', b'1'..=b'9'] | [b'1', _] | [b'2', b'0'..=b'8'])
            && year != *b"0000";
        if !is_surely_one {
            self.read(cell)?;
        }
        let [a, b, c, d] = year;
        Some([a, b, c, d, b'-', month[0], month[1], b'-', day[0], day[1]])
    }

    fn digits(self, cell: &str) -> Option<Digits> {
        let bytes: &[u8; 10] = cell.as_bytes().try_into().ok()?;
        let signs = match self.year {
            Year::First => [bytes[4], bytes[7]],
            Year::Last => [bytes[2], bytes[5]],
        };
        if signs != self.signs {
            return None;
        }
        let (year, [first, second]) = match self.year {
            Year::First => {
                let [a, b, c, d, _, e, f, _, g, h] = *bytes;
                ([a, b, c, d], [[e, f], [g, h]])
            }
            Year::Last => {
                let [e, f, _, g, h, _, a, b, c, d] = *bytes;
                ([a, b, c, d], [[e, f], [g, h]])
            }
        };
        let (month, day) = match self.month {
            Month::BeforeDay => (first, second),
            Month::BehindDay => (second, first),
        };
        are_digits(year, month, day).then_some(Digits { year, month, day })
    }
}

/// Whether all bytes are digits, looked at as one number: the high half of each is 3, and stays so
/// when 6 is added to the low half.
fn are_digits([a, b, c, d]: [u8; 4], [e, f]: [u8; 2], [g, h]: [u8; 2]) -> bool {
    const HIGH: u64 = 0xf0f0_f0f0_f0f0_f0f0;
    const DIGITS: u64 = 0x3030_3030_3030_3030;
    let bytes = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
    bytes & HIGH == DIGITS && (bytes + 0x0606_0606_0606_0606) & HIGH == DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_digits_are_digits() {
        for at in 0..8 {
            for byte in 0..=u8::MAX {
                let mut bytes = *b"20241231";
                bytes[at] = byte;
                let [a, b, c, d, e, f, g, h] = bytes;
                let are = are_digits([a, b, c, d], [e, f], [g, h]);
                assert_eq!(are, byte.is_ascii_digit(), "{bytes:?}");
            }
        }
    }
}
