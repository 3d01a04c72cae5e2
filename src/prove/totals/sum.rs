//! A sum that no number of numbers overflows.

use super::decimal::PLACES;

/// 10 to the power of [`PLACES`].
const ONE: u128 = 10_u128.pow(PLACES as u32);

/// A sum of integers of 128 bits, in 192: it holds as many as can be counted, so that no order of them
/// and no part by itself can go beyond it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Sum {
    low: i128,
    /// How often 2 to the power of 128 comes to `low`.
    high: i64,
}

impl Sum {
    #[inline]
    pub(super) fn add(&mut self, units: i128) {
        let (low, has_overflown) = self.low.overflowing_add(units);
        self.low = low;
        if has_overflown {
            self.high += if units < 0 { -1 } else { 1 };
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.add(other.low);
        self.high += other.high;
    }

    /// The sum in digits, with so many decimal places of the [`PLACES`] that it has.
    pub(super) fn digits(self, places: usize) -> String {
        // Two halves of 256 bits, in two's complement.
        let high = i128::from(self.high) - i128::from(self.low < 0);
        let (high, low) = (high.cast_unsigned(), self.low.cast_unsigned());
        let is_negative = high.cast_signed() < 0;
        let (high, low) = match is_negative {
            true => (
                (!high).wrapping_add(u128::from(low == 0)),
                low.wrapping_neg(),
            ),
            false => (high, low),
        };
        let half = |n: u128| [(n >> 64) as u64, n as u64];
        let [[a, b], [c, d]] = [high, low].map(half);
        let mut limbs = [a, b, c, d];
        let fraction = divide(&mut limbs);
        let mut groups = vec![divide(&mut limbs)];
        while limbs != [0; 4] {
            groups.push(divide(&mut limbs));
        }
        let mut whole = groups.pop().unwrap_or_default().to_string();
        let further = groups.iter().rev().map(|group| format!("{group:018}"));
        whole.extend(further);
        let sign = if is_negative { "-" } else { "" };
        let fraction = format!("{fraction:018}");
        match places.min(PLACES) {
            0 => format!("{sign}{whole}"),
            places => format!("{sign}{whole}.{}", &fraction[..places]),
        }
    }
}

impl From<i128> for Sum {
    fn from(low: i128) -> Self {
        Self { low, high: 0 }
    }
}

/// Divides a number, its highest limb first, by [`ONE`]; answers with what is left.
fn divide(limbs: &mut [u64; 4]) -> u128 {
    let mut rest = 0;
    for limb in limbs {
        // The rest is below 2^60, the quotient of each limb below 2^64.
        let of = rest << 64 | u128::from(*limb);
        (*limb, rest) = ((of / ONE) as u64, of % ONE);
    }
    rest
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sums_are_written_with_the_places_wanted() {
        let one = ONE.cast_signed();
        let digits = |units, places| Sum::from(units).digits(places);
        assert_eq!(digits(0, 0), "0");
        assert_eq!(digits(0, 2), "0.00");
        assert_eq!(digits(-one / 2, 1), "-0.5");
        assert_eq!(digits(1_234 * one + one / 2, 2), "1234.50");
        assert_eq!(digits(one * one * 5, 0), "5000000000000000000");
        assert_eq!(
            digits(one * one * 5 + one * 7 + 3, 18),
            "5000000000000000007.000000000000000003"
        );
    }

    proptest! {
        #[test]
        fn no_sum_overflows(
            units in prop::collection::vec(
                prop_oneof![any::<i128>(), Just(i128::MAX), Just(i128::MIN + 1), Just(0), -9_i128..9],
                0..300,
            ),
            at in any::<prop::sample::Index>(),
        ) {
            let mut halves = [Sum::default(), Sum::default()];
            let (first, second) = units.split_at(at.index(units.len() + 1));
            first.iter().for_each(|units| halves[0].add(*units));
            second.iter().for_each(|units| halves[1].add(*units));
            let [mut sum, other] = halves;
            sum.merge(other);
            let expected: BigInt = units.iter().map(|units| BigInt::from(*units)).sum();
            let digits = sum.digits(PLACES).replacen('.', "", 1);
            prop_assert_eq!(digits.parse::<BigInt>().unwrap(), expected);
        }
    }
}
