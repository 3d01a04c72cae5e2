//! A JSON number as an integer of a fixed scale.

use crate::mapping::swar;

/// How many decimal places are kept.
pub(super) const PLACES: usize = 18;

/// The powers of ten that 64 bits hold.
const POWERS: [u64; PLACES + 1] = {
    let mut powers = [1; PLACES + 1];
    let mut at = 1;
    while at <= PLACES {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// A number without any loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    /// The number times 10 to the power of [`PLACES`].
    pub(super) units: i128,
    /// How many decimal places it is written with; with an exponent, how many it takes.
    pub(super) places: usize,
}

impl Decimal {
    /// Reads a JSON number. None where it has more decimal places than are kept, or some 20 digits before
    /// them.
    #[inline]
    pub(super) fn of(json: &[u8]) -> Option<Self> {
        let (is_negative, digits) = match json {
            [b'-', digits @ ..] => (true, digits),
            digits => (false, digits),
        };
        let Some((mantissa, places)) = short(digits) else {
            return long(is_negative, digits);
        };
        // Below 10^19 times 10^18, which is below 2^127.
        let units = i128::from(mantissa) * i128::from(POWERS[PLACES - places]);
        Some(Self {
            units: signed(units, is_negative),
            places,
        })
    }
}

#[inline]
fn signed(units: i128, is_negative: bool) -> i128 {
    if is_negative { -units } else { units }
}

/// The digits of a number without an exponent, and how many of them stand behind the point; none where
/// it is not read so. Up to 16 characters, which nearly all numbers have, are read eight at once (SWAR): a
/// loop over them takes half as long again, since no processor foresees the length of the next one.
#[inline]
fn short(digits: &[u8]) -> Option<(u64, usize)> {
    let len = digits.len();
    if let Some(word) = swar::load(digits) {
        let part = Part::of(word, len)?;
        return Some((part.number, part.places.unwrap_or(0)));
    }
    let (Some(first), Some(last), 9..=16) = (digits.first_chunk(), digits.last_chunk(), len) else {
        return longer(digits);
    };
    // The first characters, and the last eight.
    let rest = len - 8;
    let first = Part::of(u64::from_le_bytes(*first) & ones(rest), rest)?;
    let last = Part::of(u64::from_le_bytes(*last), 8)?;
    let places = match (first.places, last.places) {
        (None, places) => places.unwrap_or(0),
        (Some(places), None) => places + 8,
        (Some(_), Some(_)) => return None,
    };
    let scale = POWERS[8 - usize::from(last.places.is_some())];
    Some((first.number * scale + last.number, places))
}

/// Up to eight characters of a number.
struct Part {
    /// The number that its digits are.
    number: u64,
    /// How many of them stand behind the point, if it is here.
    places: Option<usize>,
}

impl Part {
    /// Reads characters, the first one lowest and zeros behind them; none where they are others than
    /// digits and one point.
    #[inline]
    fn of(word: u64, len: usize) -> Option<Self> {
        let signs = swar::non_digits(word) & ones(len);
        if signs == 0 {
            let number = number(word, len)?;
            return Some(Self {
                number,
                places: None,
            });
        }
        let point = signs.trailing_zeros() & !7;
        if signs & (signs - 1) != 0 || (word >> point) as u8 != b'.' {
            return None;
        }
        // What stands behind the point takes its place.
        let behind = word >> point >> 8 << point;
        let before = word & ((1 << point) - 1);
        Some(Self {
            number: number(before | behind, len - 1)?,
            places: Some(len - 1 - point as usize / 8),
        })
    }
}

/// All bits of the first characters, of eight.
#[inline]
fn ones(len: usize) -> u64 {
    u64::MAX.checked_shr(8 * (8 - len as u32)).unwrap_or(0)
}

/// The number of at most eight digits: of pairs, then of fours, then of all.
#[inline]
fn number(word: u64, len: usize) -> Option<u64> {
    // The last digit comes to the top, and zeros come before the first one.
    let word = word.checked_shl(8 * (8 - len as u32))? & 0x0f0f_0f0f_0f0f_0f0f;
    let word = (word * 10 + (word >> 8)) & 0x00ff_00ff_00ff_00ff;
    let word = (word * 100 + (word >> 16)) & 0x0000_ffff_0000_ffff;
    Some((word * 10_000 + (word >> 32)) & 0xffff_ffff)
}

/// The same for 17 to 19 characters, such as a fraction that a program printed with all its digits.
fn longer(digits: &[u8]) -> Option<(u64, usize)> {
    if digits.len() > PLACES + 1 {
        return None;
    }
    let (mut mantissa, mut point) = (0, digits.len());
    for (at, byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
            b'.' => point = at + 1,
            _ => return None,
        }
    }
    Some((mantissa, digits.len() - point))
}

/// Any other number. Of what is none it may say anything.
#[cold]
fn long(is_negative: bool, json: &[u8]) -> Option<Decimal> {
    let is_e = |byte: &u8| matches!(byte, b'e' | b'E');
    let end = json.iter().position(is_e).unwrap_or(json.len());
    let (mantissa, exponent) = json.split_at(end);
    let has_exponent = !exponent.is_empty();
    let exponent = exponent_of(exponent.get(1..).unwrap_or_default())?;
    let point = mantissa.iter().position(|byte| *byte == b'.');
    let behind = point.map_or(0, |point| mantissa.len() - point - 1);
    let is_digit = |byte: &&u8| byte.is_ascii_digit();
    let is_zero = |byte: &&u8| **byte == b'0';
    let digits = || mantissa.iter().filter(is_digit);
    let all = digits().count();
    let trailing = digits().rev().take_while(is_zero).count();
    // What is left without zeros at both ends, and the power of ten that it is times.
    let leading = digits().take(all - trailing).take_while(is_zero).count();
    let significant = all - trailing - leading;
    let power = exponent + trailing as i64 - behind as i64;
    let places = match (has_exponent, significant) {
        (true, 0) => 0,
        (true, _) => usize::try_from(-power).unwrap_or(0),
        (false, _) => behind.min(PLACES),
    };
    if significant == 0 {
        return Some(Decimal { units: 0, places });
    }
    let shift = usize::try_from(power + PLACES as i64).ok()?;
    // No number of 40 digits fits; the digits of one that is longer are not worth reading.
    if significant.checked_add(shift)? > 39 {
        return None;
    }
    let mut units = 0_i128;
    for byte in digits().skip(leading).take(significant) {
        units = units.checked_mul(10)?.checked_add((byte - b'0').into())?;
    }
    let units = units.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?)?;
    Some(Decimal {
        units: signed(units, is_negative),
        places,
    })
}

/// An exponent without its `e`; one of more than 12 digits stays far beyond all others.
fn exponent_of(json: &[u8]) -> Option<i64> {
    let (is_negative, digits) = match json {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    let mut exponent = 0_i64;
    for byte in digits {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        exponent = (exponent * 10 + i64::from(digit)).min(1_000_000_000_000);
    }
    Some(if is_negative { -exponent } else { exponent })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: i128 = 1_000_000_000_000_000_000;

    fn of(json: &str) -> Option<(i128, usize)> {
        Decimal::of(json.as_bytes()).map(|decimal| (decimal.units, decimal.places))
    }

    #[test]
    fn numbers_are_what_they_say() {
        for (json, units, places) in [
            ("0", 0, 0),
            ("-0", 0, 0),
            ("-0.00", 0, 2),
            ("7", 7 * ONE, 0),
            ("-12.50", -12 * ONE - ONE / 2, 2),
            ("0.000000000000000001", 1, 18),
            ("9999999999999999999", 9_999_999_999_999_999_999 * ONE, 0),
            (
                "170141183460469231731.6",
                1_701_411_834_604_692_317_316 * (ONE / 10),
                1,
            ),
            // Zeros behind the last place that is kept lose nothing.
            ("1.5000000000000000000000000", ONE + ONE / 2, 18),
            ("1e2", 100 * ONE, 0),
            ("1.50E+1", 15 * ONE, 0),
            ("-125e-2", -ONE - ONE / 4, 2),
            ("0.0000e999999999999999999999", 0, 0),
            ("0e-30", 0, 0),
            ("1000e-20", 10, 17),
            ("0.000000000000000000001e3", 1, 18),
        ] {
            assert_eq!(of(json), Some((units, places)), "{json}");
        }
    }

    #[test]
    fn what_does_not_fit_is_not_rounded() {
        for json in [
            "0.0000000000000000001",
            "1.0000000000000000001",
            "170141183460469231732",
            "-999999999999999999999",
            "1e21",
            "1e-19",
            "1e99999999999999999999999",
            "1e-99999999999999999999999",
            "123456789012345678901234567890123456789012345678901234567890",
        ] {
            assert_eq!(of(json), None, "{json}");
        }
    }
}
