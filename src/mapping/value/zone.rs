//! Moments: offsets as people write them, seconds since 1970, and the day that they are in a zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{Offset, TimeZone};

/// An offset at the end of a cell, and what stands before it.
pub(crate) struct Split<'c> {
    pub(crate) before: &'c str,
    pub(crate) offset: Offset,
    /// Whether it is `UTC`, before which a space may stand in any layout.
    pub(crate) is_word: bool,
}

/// Cuts off `+02`, `+0200`, `+02:00`, `Z` or `UTC`.
pub(crate) fn split_offset(cell: &str) -> Option<Split<'_>> {
    let of = |before, offset, is_word| {
        Some(Split {
            before,
            offset,
            is_word,
        })
    };
    if let Some(before) = cell.strip_suffix("UTC") {
        return of(before, Offset::UTC, true);
    }
    if let Some(before) = cell.strip_suffix('Z') {
        return of(before, Offset::UTC, false);
    }
    let (before, text) = cell.split_at(cell.rfind(['+', '-'])?);
    let number = |tens: u8, ones: u8| {
        let are_digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        are_digits.then(|| i32::from(tens - b'0') * 10 + i32::from(ones - b'0'))
    };
    let (hours, minutes) = match *text.as_bytes() {
        [_, a, b] => (number(a, b)?, 0),
        [_, a, b, c, d] | [_, a, b, b':', c, d] => (number(a, b)?, number(c, d)?),
        _ => return None,
    };
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = (hours * 60 + minutes) * 60;
    let sign = if text.starts_with('-') { -1 } else { 1 };
    of(before, Offset::from_seconds(sign * seconds).ok()?, false)
}

/// The day in a zone of a time that an offset goes with.
pub(crate) fn day(time: DateTime, offset: Offset, zone: &TimeZone) -> Option<Date> {
    let moment = offset.to_timestamp(time).ok()?;
    Some(zone.to_datetime(moment).date())
}

/// What counts moments from 1970 on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Epoch {
    Seconds,
    Milliseconds,
}

/// Why a number is no moment.
pub(crate) enum NoMoment {
    NotDigits,
    /// It would be near 1970 or far from now: it is in another unit, or counts something else.
    OtherUnit,
}

/// Fewer seconds are before March 1973: Excel's days, 20260131, and seconds taken for milliseconds.
const LEAST_SECONDS: u64 = 100_000_000;

/// More seconds are behind 2199: milliseconds taken for seconds.
const MOST_SECONDS: u64 = 7_258_118_400;

impl Epoch {
    /// What a mapping calls them.
    pub(crate) const WORDS: [(&str, Self); 2] =
        [("epoch", Self::Seconds), ("epoch-ms", Self::Milliseconds)];

    fn per_second(self) -> i64 {
        match self {
            Self::Seconds => 1,
            Self::Milliseconds => 1000,
        }
    }

    /// The day of a moment in a zone; a fraction is part of its second.
    pub(crate) fn day(self, cell: &str, zone: &TimeZone) -> Result<Date, NoMoment> {
        let (is_negative, digits) = match cell.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, cell),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !are_digits(whole) || !are_digits(fraction) {
            return Err(NoMoment::NotDigits);
        }
        let count: i64 = whole.parse().map_err(|_| NoMoment::OtherUnit)?;
        // Before 1970 a fraction is a part of the unit that ends behind it.
        let is_whole = fraction.bytes().all(|digit| digit == b'0');
        let count = match is_negative {
            true => -count - i64::from(!is_whole),
            false => count,
        };
        let seconds = count.div_euclid(self.per_second());
        if !(LEAST_SECONDS..MOST_SECONDS).contains(&seconds.unsigned_abs()) {
            return Err(NoMoment::OtherUnit);
        }
        let moment = Timestamp::from_second(seconds).map_err(|_| NoMoment::OtherUnit)?;
        Ok(zone.to_datetime(moment).date())
    }

    /// A moment as it is counted.
    pub(crate) fn count(self, moment: Timestamp) -> String {
        (moment.as_second() * self.per_second()).to_string()
    }
}
