//! Numbers: from the digits of a cell to the digits of a JSON number, never through floating point.

use std::borrow::Cow;

use crate::mapping::output::Output;

/// Why a cell cannot be written; completes "`12,5O` ...".
pub(crate) type Reason = Cow<'static, str>;

/// How numbers are written in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NumberStyle {
    /// Between the whole and the fraction.
    pub(crate) decimal: char,
    /// Between groups of three digits, as [`sign_class`] gives it.
    pub(crate) thousands: Option<char>,
}

/// What JSON itself writes.
pub(crate) const PLAIN: NumberStyle = NumberStyle {
    decimal: '.',
    thousands: None,
};

/// Which numbers a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberKind {
    /// Any.
    Number,
    /// Without a fraction or an exponent.
    Integer,
    /// May carry a `%` sign.
    Percent,
    /// Likewise, and sent as a share of one: `12.5 %` is `0.125`.
    Fraction,
}

/// One sign for all that look the same: spaces of all widths, both apostrophes.
pub(crate) fn sign_class(sign: char) -> char {
    match sign {
        '\u{a0}' | '\u{202f}' | '\u{2009}' => ' ',
        '\u{2019}' => '\'',
        sign => sign,
    }
}

/// The most digits of a number that is surely finite, whatever they are.
const MOST_PLAIN: usize = 300;

/// The pieces of a number as they stand in the cell.
struct Parts<'a> {
    negative: bool,
    /// Digits, with thousands signs where `grouped`.
    whole: &'a str,
    grouped: bool,
    fraction: &'a str,
    /// From its `e` on, or empty.
    exponent: &'a str,
}

/// Appends the cell as a JSON number.
pub(crate) fn write(
    cell: &str,
    style: NumberStyle,
    kind: NumberKind,
    out: &mut impl Output,
) -> Result<(), Reason> {
    let mut text = cell;
    if let Some(before) = cell.strip_suffix('%') {
        match kind {
            NumberKind::Percent | NumberKind::Fraction => {
                text = before.trim_end_matches(|c| sign_class(c) == ' ');
            }
            NumberKind::Number | NumberKind::Integer => {
                return Err("has a % sign; set type = \"percent\"".into());
            }
        }
    }
    let parts = split(text, style).ok_or_else(|| why_not(text, style))?;
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

/// Whether a cell is a number that JSON writes just so. Most are, and need no second look; what is
/// not known at once is no matter, since the way round gives the same.
pub(crate) fn is_plain(cell: &[u8], kind: NumberKind) -> bool {
    let digits = cell.strip_prefix(b"-").unwrap_or(cell);
    let is_digit = |byte: &u8| byte.is_ascii_digit();
    let whole = digits.iter().take_while(|byte| is_digit(byte)).count();
    let has_one_form = matches!(digits, [b'1'..=b'9', ..] | [b'0'] | [b'0', b'.', ..]);
    let is_whole = whole == digits.len();
    has_one_form
        && digits.len() <= MOST_PLAIN
        && match kind {
            NumberKind::Integer => is_whole,
            NumberKind::Number | NumberKind::Percent => {
                is_whole
                    || matches!(&digits[whole..], [b'.', fraction @ ..]
                        if !fraction.is_empty() && fraction.iter().all(is_digit))
            }
            NumberKind::Fraction => false,
        }
}

/// Whether the service, which reads numbers as doubles, would see a finite one.
fn is_finite(number: &[u8]) -> bool {
    std::str::from_utf8(number)
        .ok()
        .and_then(|number| number.parse::<f64>().ok())
        .is_some_and(f64::is_finite)
}

fn split(text: &str, style: NumberStyle) -> Option<Parts<'_>> {
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
    all_digits(first) && first.len() <= 3 && groups.all(|g| g.len() == 3 && all_digits(g))
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

/// Names what is wrong with a cell that [`split`] refused.
#[cold]
fn why_not(text: &str, style: NumberStyle) -> Reason {
    let unsigned = text.trim_start_matches(['-', '+']);
    let lower = unsigned.to_ascii_lowercase();
    let has_digit = text.bytes().any(|byte| byte.is_ascii_digit());
    let odd = |c: char| !c.is_ascii() && (c.is_numeric() || ('\u{2010}'..='\u{2015}').contains(&c));
    if matches!(lower.as_str(), "nan" | "inf" | "infinity") {
        return "is not a finite number".into();
    }
    if text.contains(odd) || text.contains(['\u{2212}', '\u{fe63}', '\u{ff0d}']) {
        return "is not a number: its digits or its minus sign are not plain ASCII".into();
    }
    if !has_digit {
        return "is not a number".into();
    }
    if text.starts_with('+') {
        return "has a plus sign; write the number without it".into();
    }
    if lower.starts_with("0x") || lower.starts_with("0b") || lower.starts_with("0o") {
        return "is not a decimal number".into();
    }
    if text.starts_with('(') && text.ends_with(')') {
        return "is in parentheses; write a negative number with a minus sign before it".into();
    }
    if text.len() - unsigned.len() > 1 || text.ends_with('-') {
        return "is not a number: a minus sign stands once, before the digits".into();
    }
    why_not_signs(unsigned, style)
}

/// The same, where only signs between the digits can be to blame.
fn why_not_signs(unsigned: &str, style: NumberStyle) -> Reason {
    let is_sign = |c: char| c == style.decimal || Some(sign_class(c)) == style.thousands;
    let is_known = |c: char| c.is_ascii_digit() || matches!(c, 'e' | 'E' | '-' | '+' | '_');
    let may_part = |c: char| matches!(sign_class(c), '.' | ',' | ' ' | '\'');
    if unsigned.contains(|c| !is_known(c) && !may_part(c) && !is_sign(c)) {
        return "is not a number".into();
    }
    let stranger = unsigned
        .chars()
        .find(|&c| c == '_' || (may_part(c) && !is_sign(c)));
    match stranger {
        Some('_') => return "has an underscore between its digits".into(),
        Some(c) => {
            let c = sign_class(c);
            let decimal = style.decimal;
            return match style.thousands {
                Some(t) => format!(
                    "is not a number: it has `{c}`, but the decimal sign is `{decimal}` and the thousands sign `{t}`"
                ),
                None => format!(
                    "is not a number: it has `{c}`, but the decimal sign is `{decimal}` and no thousands sign is set"
                ),
            }
            .into();
        }
        None => {}
    }
    if unsigned.ends_with(style.decimal) {
        return "has no digits after its decimal sign".into();
    }
    if unsigned.matches(style.decimal).count() > 1 {
        return "is not a number: it has more than one decimal sign".into();
    }
    if unsigned.contains(|c| Some(sign_class(c)) == style.thousands) {
        return "is not a number: its thousands signs do not stand between groups of three digits"
            .into();
    }
    "is not a number".into()
}
