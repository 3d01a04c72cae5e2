//! Numbers of up to 16 characters, which nearly all are: told from where their signs stand, without a
//! branch on any of the digits. What is written otherwise is left to `number`.

use super::number::{self, NumberKind, NumberStyle};
use crate::mapping::output::Output;
use crate::mapping::value::swar;

/// The longest that is looked at here.
const MOST: usize = 16;

/// Places from the first digit on, one bit each: every fourth.
const EVERY_FOURTH: u32 = 0x1111_1111;

/// How a field's numbers are written where nothing is unusual about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlainNumber {
    decimal: u8,
    /// A digit where there is no such sign, since digits are never taken for signs.
    thousands: u8,
    kind: NumberKind,
}

/// A number whose signs stand where they should.
struct Signs {
    /// Of the thousands, one bit for each.
    thousands: u32,
    /// Where the whole ends: at the decimal sign, or behind the last digit.
    end: usize,
}

impl PlainNumber {
    /// None where every number has to be looked into.
    pub(crate) fn new(style: NumberStyle, kind: NumberKind) -> Option<Self> {
        if kind == NumberKind::Fraction {
            return None;
        }
        let ascii = |sign: char| u8::try_from(sign).ok().filter(u8::is_ascii);
        Some(Self {
            decimal: ascii(style.decimal)?,
            thousands: style.thousands.and_then(ascii).unwrap_or(b'0'),
            kind,
        })
    }

    /// Appends a cell as a JSON number, if that is certain; else nothing.
    #[inline]
    pub(crate) fn put(self, cell: &[u8], out: &mut impl Output) -> bool {
        if cell.len() > MOST {
            return self.put_long(cell, out);
        }
        let Some(Signs { thousands, end }) = self.signs(cell) else {
            return false;
        };
        // Signs stand before every group of three digits but the first.
        let dropped = match thousands {
            0 => 0,
            _ => (end - 1) / 4,
        };
        out.put_with(cell.len() - dropped, |json| {
            let (mut from, mut left) = (0, thousands);
            while left != 0 {
                let at = left.trailing_zeros() as usize;
                json.extend_from_slice(&cell[from..at]);
                from = at + 1;
                left &= left - 1;
            }
            json.extend_from_slice(&cell[from..]);
            let point = json.len().wrapping_sub(cell.len() - end);
            if let Some(sign) = json.get_mut(point) {
                *sign = b'.';
            }
        });
        true
    }

    /// The same for a longer one, such as a fraction that a program printed with all its digits.
    #[inline(never)]
    fn put_long(self, cell: &[u8], out: &mut impl Output) -> bool {
        let is_plain = self.decimal == b'.' && number::is_plain(cell, self.kind);
        if is_plain {
            out.put(cell);
        }
        is_plain
    }

    /// Where the signs of a number stand; none where that is no number, or an unusual one.
    #[inline]
    fn signs(self, cell: &[u8]) -> Option<Signs> {
        let last = cell.len().checked_sub(1)?;
        let (signs, thousands) = self.find_signs(cell)?;
        if signs == 0 {
            // Some columns have nothing else; they need not pay for the others.
            let is_good = (cell[0] != b'0') | (last == 0);
            let end = cell.len();
            return is_good.then_some(Signs { thousands, end });
        }
        let minus = usize::from(cell[0] == b'-');
        let signs = signs & !(minus as u32);
        let rest = signs & !thousands;
        let end = (rest | 1 << cell.len()).trailing_zeros() as usize;

        let has_fraction = (rest == 1 << end)
            & (cell[end.min(last)] == self.decimal)
            & (end < last)
            & (self.kind != NumberKind::Integer);
        // Before every third digit from the end. A first group of three or fewer begins with a digit
        // where these have none; one of four would have one of them at its beginning.
        let groups = (EVERY_FOURTH << (end % 4)) & ((1 << end) - 1) & (!0 << minus);
        let is_grouped = (thousands == 0) | (thousands == groups);
        let is_led_by_digit = (end > minus) & ((signs >> minus) & 1 == 0);
        let is_led_by_zero = (cell[minus.min(last)] == b'0') & (end != minus + 1);
        let is_good = ((rest == 0) | has_fraction) & is_grouped & is_led_by_digit & !is_led_by_zero;
        is_good.then_some(Signs { thousands, end })
    }

    /// The places of whatever is no digit, and those of the thousands signs among them.
    #[inline]
    fn find_signs(self, cell: &[u8]) -> Option<(u32, u32)> {
        let find = |word: u64| {
            let signs = swar::non_digits(word);
            let thousands = signs & swar::equal_to(word, self.thousands);
            (swar::places(signs), swar::places(thousands))
        };
        if let Some(word) = swar::load(cell) {
            // Behind a short cell stand zeros, which are no part of it.
            let (signs, thousands) = find(word);
            return Some((signs & ((1 << cell.len()) - 1), thousands));
        }
        let (first, last) = (cell.first_chunk()?, cell.last_chunk()?);
        let (first, last) = (
            find(u64::from_le_bytes(*first)),
            find(u64::from_le_bytes(*last)),
        );
        let by = cell.len() - 8;
        Some((first.0 | last.0 << by, first.1 | last.1 << by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn what_is_put_quickly_is_what_would_have_been_written(
            cell in prop_oneof![
                "-?[0-9]{0,4}(\\.[0-9]{0,3})?",
                "-?[0-9]{0,18}([.,][0-9]{0,3})?",
                "[0-9]{298,303}",
                "-?[0-9]{1,4}([, ][0-9]{3}){0,4}([.,][0-9]{0,2})?",
                "-?[1-9][0-9]{0,2}(,[0-9]{3}){0,3}(\\.[0-9]{1,4})?",
                "[-0-9., \0]{1,17}",
                "[-+0-9.e,% ]{0,6}",
            ],
            moved in proptest::option::weighted(0.3, (any::<proptest::sample::Index>(), "[-.,0 a\0]")),
            (decimal, thousands) in prop_oneof![
                Just(('.', None)), Just(('.', Some(','))), Just((',', Some(' '))), Just((',', Some('.'))),
                Just(('.', Some('·'))), Just(('·', None)),
            ],
        ) {
            use NumberKind::*;
            let mut cell = cell;
            if let (Some((at, sign)), false) = (moved, cell.is_empty()) {
                let at = at.index(cell.len());
                cell.replace_range(at..=at, &sign);
            }
            for kind in [Number, Integer, Percent, Fraction] {
                let style = NumberStyle { decimal, thousands };
                let (mut quick, mut out) = (b"before".to_vec(), b"before".to_vec());
                let plain = PlainNumber::new(style, kind);
                let is_put = plain.is_some_and(|plain| plain.put(cell.as_bytes(), &mut quick));
                if is_put {
                    prop_assert_eq!(number::write(&cell, style, kind, &mut out), Ok(()));
                } else if decimal == '.' {
                    prop_assert!(!number::is_plain(cell.as_bytes(), kind), "{} is plain", cell);
                }
                prop_assert_eq!(quick, out);
            }
        }
    }

    #[test]
    fn numbers_as_people_write_them_are_put_quickly() {
        let style = NumberStyle {
            decimal: ',',
            thousands: Some(' '),
        };
        let plain = PlainNumber::new(style, NumberKind::Number).unwrap();
        for (cell, number) in [
            ("12 345,60", "12345.60"),
            ("-1 234 567 890,5", "-1234567890.5"),
            ("-7", "-7"),
            ("0,5", "0.5"),
            ("123 456", "123456"),
        ] {
            let mut out = Vec::new();
            assert!(plain.put(cell.as_bytes(), &mut out), "{cell}");
            assert_eq!(out, number.as_bytes());
        }
    }
}
