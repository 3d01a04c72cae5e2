//! The fast check of dates, and how they are written.

use jiff::civil::Date;
use memchr::memchr;

use super::swar;
use crate::mapping::output::Output;

/// A date as JSON writes it, without the quotes: `YYYY-MM-DD`.
pub(crate) type Day = [u8; 10];

/// The fast check of dates of four, two and two digits between single signs, such as `%d/%m/%Y`, which
/// nearly all are: read without jiff, the signs and the digits by SWAR. Without it proving CSV takes 44 %
/// longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlainLayout {
    /// Where the numbers begin.
    year: usize,
    month: usize,
    day: usize,
    signs: [u8; 2],
    /// The signs at their places among the first eight bytes of a date, which hold both.
    placed: u64,
    /// All bits of those places.
    places: u64,
}

/// The digits of a date.
#[derive(Clone, Copy)]
struct Digits {
    year: [u8; 4],
    month: [u8; 2],
    day: [u8; 2],
}

/// The last day that a month, counted from 1, has in every year; none for what is no month.
const LAST_DAYS: [u8; 16] = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0];

/// Dates as JSON has them.
const AS_SENT: PlainLayout = PlainLayout {
    year: 0,
    month: 5,
    day: 8,
    signs: [b'-'; 2],
    placed: u64::from_le_bytes([0, 0, 0, 0, b'-', 0, 0, b'-']),
    places: u64::from_le_bytes([0, 0, 0, 0, 0xff, 0, 0, 0xff]),
};

/// The day that a JSON value is, as [`put_day`] writes it.
#[inline]
pub(crate) fn day_of(json: &[u8]) -> Option<Day> {
    let &[b'"', ref text @ .., b'"'] = json else {
        return None;
    };
    let text: &[u8; 10] = text.try_into().ok()?;
    let digits = AS_SENT.pieces(text);
    let is_day = match AS_SENT.fits(text) && digits.are_surely_a_day() {
        true => true,
        false => AS_SENT.read_bytes(text).is_some(),
    };
    is_day.then_some(*text)
}

/// The date of a cell that is written in full in the first layout whose signs it has; none where
/// that is no date, or where no layout has its signs.
///
/// No other layout can fit such a cell, however leniently it is read: a number takes no more digits
/// than its own, so that each sign has to stand where it does. Which layout it is and whether it is
/// a day are told without a branch on the cell's bytes, since dates of two layouts may well stand in
/// one column at random: that took two thirds of the time.
#[inline]
pub(crate) fn find(cell: &str, layouts: &[PlainLayout]) -> Option<Day> {
    let bytes: &[u8; 10] = cell.as_bytes().try_into().ok()?;
    let [head @ .., _, _] = *bytes;
    let head = u64::from_le_bytes(head);
    let mut fitting = None;
    for layout in layouts.iter().rev() {
        fitting = match head & layout.places == layout.placed {
            true => Some(layout),
            false => fitting,
        };
    }
    let fitting = fitting?;
    let digits = fitting.pieces(bytes);
    if !digits.are_surely_a_day() {
        fitting.read(cell)?;
    }
    Some(digits.day())
}

impl PlainLayout {
    /// None for other layouts.
    pub(crate) fn new(layout: &str) -> Option<Self> {
        let layout = match layout {
            "%F" => "%Y-%m-%d",
            layout => layout,
        };
        let &[b'%', a, s, b'%', b, t, b'%', c] = layout.as_bytes() else {
            return None;
        };
        let ([year, month, day], places) = match [a, b, c] {
            [b'Y', b'm', b'd'] => ([0, 5, 8], [4, 7]),
            [b'Y', b'd', b'm'] => ([0, 8, 5], [4, 7]),
            [b'm', b'd', b'Y'] => ([6, 0, 3], [2, 5]),
            [b'd', b'm', b'Y'] => ([6, 3, 0], [2, 5]),
            _ => return None,
        };
        let signs = [s, t];
        let are_signs = signs.iter().all(|&s| s.is_ascii_punctuation() && s != b'%');
        let place = |[s, t]: [u8; 2]| {
            let mut placed = [0; 8];
            (placed[places[0]], placed[places[1]]) = (s, t);
            u64::from_le_bytes(placed)
        };
        are_signs.then(|| Self {
            year,
            month,
            day,
            signs,
            placed: place(signs),
            places: place([0xff; 2]),
        })
    }

    /// Whether the signs between the numbers stand in a cell at all, which jiff takes long to find.
    pub(crate) fn may_fit(&self, cell: &str) -> bool {
        let bytes = cell.as_bytes();
        self.signs.iter().all(|&sign| memchr(sign, bytes).is_some())
    }

    /// The date of a cell in which every number has all its digits; the rest is left to jiff.
    pub(crate) fn read(&self, cell: &str) -> Option<Date> {
        self.read_bytes(cell.as_bytes().try_into().ok()?)
    }

    fn read_bytes(&self, bytes: &[u8; 10]) -> Option<Date> {
        let digits = self.pieces(bytes);
        if !self.fits(bytes) || !digits.are_digits() {
            return None;
        }
        let [a, b, c, d] = digits.year.map(|digit| i16::from(digit - b'0'));
        let year = ((a * 10 + b) * 10 + c) * 10 + d;
        let [month, day] = [digits.month, digits.day].map(|two| number(two).cast_signed());
        let date = Date::new(year, month, day).ok()?;
        (year > 0).then_some(date)
    }

    /// Whether the signs stand where they should.
    #[inline]
    fn fits(&self, bytes: &[u8; 10]) -> bool {
        let [head @ .., _, _] = *bytes;
        u64::from_le_bytes(head) & self.places == self.placed
    }

    /// What stands where this layout has its digits.
    #[inline]
    fn pieces(&self, bytes: &[u8; 10]) -> Digits {
        Digits {
            year: piece(bytes, self.year),
            month: piece(bytes, self.month),
            day: piece(bytes, self.day),
        }
    }
}

/// The bytes at a place, which is far enough from the end; to say so once more spares a branch.
#[inline]
fn piece<const LEN: usize>(bytes: &[u8; 10], at: usize) -> [u8; LEN] {
    let at = at.min(bytes.len() - LEN);
    *bytes[at..].first_chunk().unwrap_or(&[0; LEN])
}

/// The number of two digits; something small for what are none.
#[inline]
fn number([tens, ones]: [u8; 2]) -> u8 {
    (tens & 15) * 10 + (ones & 15)
}

impl Digits {
    /// Whether they are digits indeed.
    #[inline]
    fn are_digits(self) -> bool {
        let ([a, b, c, d], [e, f], [g, h]) = (self.year, self.month, self.day);
        swar::non_digits(u64::from_le_bytes([a, b, c, d, e, f, g, h])) == 0
    }

    /// Whether they are the digits of a day that is in every year, as nearly all are.
    #[inline]
    fn are_surely_a_day(self) -> bool {
        let last = LAST_DAYS[usize::from(number(self.month)).min(LAST_DAYS.len() - 1)];
        let is_in_month = number(self.day).wrapping_sub(1) < last;
        self.are_digits() & is_in_month & (self.year != *b"0000")
    }

    /// The date as JSON writes it.
    #[inline]
    fn day(self) -> Day {
        let ([a, b, c, d], [e, f], [g, h]) = (self.year, self.month, self.day);
        [a, b, c, d, b'-', e, f, b'-', g, h]
    }
}

/// Appends a day in quotes.
#[inline]
pub(crate) fn put_day([a, b, c, d, e, f, g, h, i, j]: Day, out: &mut impl Output) {
    out.put(&[b'"', a, b, c, d, e, f, g, h, i, j, b'"']);
}

pub(crate) fn day(date: Date) -> Day {
    let digit = |value: i16, unit: i16| b'0' + (value / unit % 10).unsigned_abs() as u8;
    let (year, month, day) = (date.year(), i16::from(date.month()), i16::from(date.day()));
    [
        digit(year, 1000),
        digit(year, 100),
        digit(year, 10),
        digit(year, 1),
        b'-',
        digit(month, 10),
        digit(month, 1),
        b'-',
        digit(day, 10),
        digit(day, 1),
    ]
}
