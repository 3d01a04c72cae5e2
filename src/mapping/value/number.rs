//! Numbers: from the digits of a cell to the digits of a JSON number, never through floating point.

use super::marks::Marks;
use super::misread::why_not;
use super::style::{NumberKind, NumberStyle, PLAIN, sign_class};
use super::swar;
use crate::mapping::output::Output;
use crate::mapping::written::Reason;

/// The type of a field of numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) style: NumberStyle,
    pub(crate) kind: NumberKind,
    plain: Option<Plain>,
    marks: Option<Marks>,
}

impl Number {
    pub(crate) fn new(style: NumberStyle, kind: NumberKind) -> Self {
        let plain = Plain::new(style, kind);
        Self {
            style,
            kind,
            plain,
            marks: None,
        }
    }

    /// The same, with what may stand around the digits.
    pub(crate) fn with_marks(self, marks: Option<Marks>) -> Self {
        Self { marks, ..self }
    }

    /// The type of a constant, which is written as JSON writes it and never moved by two digits.
    pub(crate) fn as_constant(&self) -> Self {
        let kind = match self.kind {
            NumberKind::Fraction => NumberKind::Percent,
            kind => kind,
        };
        Self::new(PLAIN, kind)
    }

    /// Appends a cell as a JSON number if that is certain at once; else nothing.
    #[inline]
    pub(crate) fn put(&self, cell: &[u8], out: &mut impl Output) -> bool {
        self.plain.is_some_and(|plain| plain.put(cell, out))
    }

    /// Appends the cell as a JSON number.
    pub(crate) fn write(&self, cell: &str, out: &mut impl Output) -> Result<(), Reason> {
        let (style, kind) = (self.style, self.kind);
        let may_be_percent = matches!(kind, NumberKind::Percent | NumberKind::Fraction);
        let (is_negative, text) = match &self.marks {
            Some(marks) => marks.strip(cell, may_be_percent)?,
            None => match cell.strip_suffix('%').filter(|_| may_be_percent) {
                Some(before) => (false, before.trim_end_matches(|c| sign_class(c) == ' ')),
                None => (false, cell),
            },
        };
        if text.ends_with('%') && !may_be_percent {
            return Err("has a % sign; set type = \"percent\"".into());
        }
        let mut parts = split(text, style).ok_or_else(|| why_not(text, style))?;
        if is_negative && parts.negative {
            return Err(why_not("--", style));
        }
        parts.negative |= is_negative;
        if kind == NumberKind::Integer {
            if !parts.exponent.is_empty() {
                return Err("has an exponent, which an integer cannot have".into());
            }
            if !parts.fraction.is_empty() {
                return Err("has a fraction, which an integer cannot have".into());
            }
        }
        let mut number = Vec::with_capacity(cell.len() + 2);
        write_parts(&parts, kind == NumberKind::Fraction, &mut number);
        // Only these can be beyond a double; the digits are looked at, never rewritten.
        let long = !parts.exponent.is_empty() || number.len() > MOST_PLAIN;
        if long && !is_finite(&number) {
            return Err("is too large: the service would read it as infinite".into());
        }
        out.put(&number);
        Ok(())
    }
}

/// The most characters of a number that the fast check looks at.
const MOST: usize = 16;

/// Places from the first digit on, one bit each: every fourth.
const EVERY_FOURTH: u32 = 0x1111_1111;

/// The fast check of numbers of up to 16 characters, which nearly all are: told from where their signs
/// stand, eight bytes at once (SWAR), without a branch on any of the digits. Without it proving CSV takes
/// 37 % longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Plain {
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

impl Plain {
    /// None where the fast check can tell nothing.
    fn new(style: NumberStyle, kind: NumberKind) -> Option<Self> {
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
    fn put(self, cell: &[u8], out: &mut impl Output) -> bool {
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

    /// [`put`](Self::put) for more than 16 characters, such as a fraction that a program printed with all
    /// its digits.
    #[inline(never)]
    fn put_long(self, cell: &[u8], out: &mut impl Output) -> bool {
        let is_plain = self.decimal == b'.' && self.kind.is_plain(cell);
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

/// The most digits of a number that is surely finite, whatever they are.
const MOST_PLAIN: usize = 300;

impl NumberKind {
    /// Whether a text is a number that JSON writes just so, if that is told at once.
    pub(crate) fn is_plain(self, text: &[u8]) -> bool {
        let digits = text.strip_prefix(b"-").unwrap_or(text);
        let is_digit = |byte: &u8| byte.is_ascii_digit();
        let whole = digits.iter().take_while(|byte| is_digit(byte)).count();
        let has_one_form = matches!(digits, [b'1'..=b'9', ..] | [b'0'] | [b'0', b'.', ..]);
        let is_whole = whole == digits.len();
        has_one_form
            && digits.len() <= MOST_PLAIN
            && match self {
                NumberKind::Integer => is_whole,
                NumberKind::Number | NumberKind::Percent => {
                    is_whole
                        || matches!(&digits[whole..], [b'.', fraction @ ..]
                        if !fraction.is_empty() && fraction.iter().all(is_digit))
                }
                NumberKind::Fraction => false,
            }
    }
}

/// The pieces of a number as they stand in the cell.
pub(crate) struct Parts<'a> {
    pub(crate) negative: bool,
    /// Digits, with thousands signs where `grouped`.
    pub(crate) whole: &'a str,
    grouped: bool,
    pub(crate) fraction: &'a str,
    /// From its `e` on, or empty.
    pub(crate) exponent: &'a str,
}

/// Whether the service, which reads numbers as doubles, would see a finite one.
fn is_finite(number: &[u8]) -> bool {
    std::str::from_utf8(number)
        .ok()
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(f64::is_finite)
}

pub(crate) fn split(text: &str, style: NumberStyle) -> Option<Parts<'_>> {
    let (negative, rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    if !exponent.is_empty() {
        let digits = &exponent[1..];
        if !all_digits(digits.strip_prefix(['+', '-']).unwrap_or(digits)) {
            return None;
        }
    }
    let (whole, fraction) = match mantissa.split_once(style.decimal) {
        Some((whole, fraction)) if all_digits(fraction) => (whole, fraction),
        Some(_) => return None,
        None => (mantissa, ""),
    };
    let bare_fraction = whole.is_empty() && !fraction.is_empty();
    let grouped = !all_digits(whole) && !bare_fraction;
    if grouped && !style.thousands.is_some_and(|sign| is_grouped(whole, sign)) {
        return None;
    }
    Some(Parts {
        negative,
        whole,
        grouped,
        fraction,
        exponent,
    })
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Groups of exactly three digits after a first one of one to three: `12,5` is never 125.
fn is_grouped(whole: &str, sign: char) -> bool {
    let mut groups = whole.split(|c| sign_class(c) == sign);
    let first = groups.next().unwrap_or("");
    // `0,123` has a fraction; `000,123` was padded to a width.
    let is_padded = first.len() == 3;
    let is_first = all_digits(first) && first.len() <= 3 && (is_padded || !first.starts_with('0'));
    is_first && groups.all(|g| g.len() == 3 && all_digits(g))
}

fn write_parts(parts: &Parts<'_>, shift: bool, out: &mut Vec<u8>) {
    if parts.negative {
        out.push(b'-');
    }
    let start = out.len();
    if parts.grouped {
        out.extend(parts.whole.bytes().filter(u8::is_ascii_digit));
    } else {
        out.extend_from_slice(parts.whole.as_bytes());
    }
    // The last two digits of the whole, which go behind the point.
    let mut moved = [b'0'; 2];
    if shift {
        for place in moved.iter_mut().rev() {
            if out.len() > start {
                *place = out.pop().unwrap_or(b'0');
            }
        }
    }
    let zeros = out[start..].iter().take_while(|&&d| d == b'0').count();
    if zeros > 0 {
        out.drain(start..start + zeros);
    }
    if out.len() == start {
        out.push(b'0');
    }
    if shift || !parts.fraction.is_empty() {
        out.push(b'.');
    }
    if shift {
        out.extend_from_slice(&moved);
    }
    out.extend_from_slice(parts.fraction.as_bytes());
    out.extend_from_slice(parts.exponent.as_bytes());
}
