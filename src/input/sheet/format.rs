//! What a number format shows of a number, where that is the number itself: a percentage, or an
//! integer with leading zeros. Every other format (grouped, rounded, with a unit) leaves the bare
//! number, and nothing is ever rounded here.

use std::fmt::Write as _;

use crate::input::mark::Typed;

/// The largest whole number up to which a sheet holds all of them.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// Numbers up to this size are written without an exponent, as [`number`] does.
const PLAIN: std::ops::Range<f64> = 1e-7..1e21;

/// One character of a number format, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token {
    /// `0`
    Zero,
    /// `#` or `?`
    Optional,
    Point,
    Comma,
    /// A `%` that multiplies the number by 100.
    Percent,
    /// A character that stands for itself.
    Literal(char),
    /// A part of something else: a date, an exponent, a fraction, a condition.
    Other,
}

/// Appends the number as this format shows it, and says what the cell is then.
pub(super) fn write(value: f64, format: &str, out: &mut String) -> Typed {
    // Most formats have neither, so that nothing has to be taken apart.
    if value.is_finite() && (format.contains('%') || format.contains('0')) {
        let sections = sections(format);
        if let Some(percent) = sections.iter().take(3).find_map(|one| percent(one)) {
            write_percent(value, percent, out);
            return Typed::Number;
        }
        if let Some(typed) = write_padded(value, &sections, out) {
            return typed;
        }
    }
    number(value, out);
    Typed::Number
}

/// The fewest digits that make this number, without an exponent unless it is very large or small.
pub(super) fn number(value: f64, out: &mut String) {
    let size = value.abs();
    let _ = if value == 0.0 {
        write!(out, "0")
    } else if (1e-7..1e21).contains(&size) || !size.is_finite() {
        write!(out, "{value}")
    } else {
        write!(out, "{value:e}")
    };
}

/// The sections of a format, between its semicolons: for positive numbers, negative ones, zero, text.
fn sections(format: &str) -> Vec<Vec<Token>> {
    let mut sections = vec![Vec::new()];
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        let token = match c {
            ';' => {
                sections.push(Vec::new());
                continue;
            }
            '"' => {
                let quoted = chars.by_ref().take_while(|c| *c != '"').map(Token::Literal);
                if let Some(section) = sections.last_mut() {
                    section.extend(quoted);
                }
                continue;
            }
            '[' => {
                let inner: String = chars.by_ref().take_while(|c| *c != ']').collect();
                match inner.starts_with(['<', '>', '=']) {
                    true => Token::Other,
                    false => continue,
                }
            }
            // The width of a character, or one that fills the cell.
            '_' | '*' => {
                chars.next();
                continue;
            }
            '\\' => chars.next().map_or(Token::Other, Token::Literal),
            '0' => Token::Zero,
            '#' | '?' => Token::Optional,
            '.' => Token::Point,
            ',' => Token::Comma,
            '%' => Token::Percent,
            '-' | '+' | '(' | ')' | ' ' | ':' | '$' => Token::Literal(c),
            _ => Token::Other,
        };
        if let Some(section) = sections.last_mut() {
            section.push(token);
        }
    }
    sections
}

/// How a percentage is shown.
#[derive(Clone, Copy)]
struct Percent {
    /// How many decimals at least.
    decimals: usize,
    /// By how many places the point is moved.
    places: usize,
}

/// What a section shows, if that is a percentage: a `%` that multiplies, or one that only stands
/// behind the number.
fn percent(section: &[Token]) -> Option<Percent> {
    let is_digit = |token: &Token| matches!(token, Token::Zero | Token::Optional);
    let signs = section.iter().filter(|token| **token == Token::Percent);
    let places = match signs.count() {
        0 if stands_behind(section, is_digit) => 0,
        1 => 2,
        _ => return None,
    };
    let last = section.iter().rposition(is_digit);
    // A comma behind the digits divides by 1,000.
    if last.is_some_and(|last| section.get(last + 1) == Some(&Token::Comma)) {
        return None;
    }
    let point = section.iter().position(|token| *token == Token::Point);
    let fraction = point.map_or(&[][..], |point| &section[point..]);
    let decimals = fraction.iter().filter(|token| **token == Token::Zero);
    Some(Percent {
        decimals: decimals.count(),
        places,
    })
}

/// Whether nothing but a literal `%` stands behind the digits.
fn stands_behind(section: &[Token], is_digit: impl Fn(&Token) -> bool) -> bool {
    let Some(last) = section.iter().rposition(is_digit) else {
        return false;
    };
    let behind = section[last + 1..].iter();
    let is_space = |token: &&Token| matches!(token, Token::Literal(c) if c.is_whitespace());
    let mut signs = behind.filter(|token| !is_space(token));
    signs.next() == Some(&Token::Literal('%')) && signs.next().is_none()
}

/// Appends a percentage: the point is moved in the number's own digits, and all of them stay.
fn write_percent(value: f64, Percent { decimals, places }: Percent, out: &mut String) {
    let size = value.abs();
    if value < 0.0 {
        out.push('-');
    }
    if value != 0.0 && !PLAIN.contains(&size) {
        let digits = format!("{size:e}");
        let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
        let exponent: i64 = exponent.parse().unwrap_or_default();
        let _ = write!(out, "{mantissa}e{}%", exponent + places as i64);
        return;
    }
    let digits = format!("{size}");
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let moved = fraction.len().min(places);
    let whole = format!("{whole}{:0<places$}", &fraction[..moved]);
    let fraction = &fraction[moved..];
    let whole = whole.trim_start_matches('0');
    out.push_str(if whole.is_empty() { "0" } else { whole });
    if decimals > 0 || !fraction.is_empty() {
        let _ = write!(out, ".{fraction:0<decimals$}");
    }
    out.push('%');
}

/// Appends an integer whose format has a zero for each of its digits, such as `00000`, `000-00-0000`
/// or `"C"00000`. None where that is not so, or the number is none that it shows exactly.
fn write_padded(value: f64, sections: &[Vec<Token>], out: &mut String) -> Option<Typed> {
    let is_whole = value.fract() == 0.0 && value.abs() <= EXACT;
    let (section, sign) = match sections {
        _ if !is_whole => return None,
        [only] => (only, if value < 0.0 { "-" } else { "" }),
        [positive, ..] if value > 0.0 => (positive, ""),
        [positive, _] if value == 0.0 => (positive, ""),
        [_, _, zero, ..] if value == 0.0 => (zero, ""),
        _ => return None,
    };
    let is_zero = |token: &Token| *token == Token::Zero;
    let zeros = section.iter().filter(|token| is_zero(token)).count();
    let first = section.iter().position(is_zero)?;
    let is_code = section.iter().enumerate().all(|(at, token)| match token {
        Token::Zero => true,
        Token::Literal(c) => at > first || is_in_codes(*c),
        _ => false,
    });
    // What stands behind the digits is a unit, and one zero is the format of every integer.
    if zeros < 2 || !is_code || !section.last().is_some_and(is_zero) {
        return None;
    }
    let digits = format!("{:0>zeros$}", value.abs());
    let (surplus, digits) = digits.split_at(digits.len() - zeros);
    let mut digits = digits.chars();
    out.push_str(sign);
    for (at, token) in section.iter().enumerate() {
        match token {
            Token::Literal(c) => out.push(*c),
            _ => {
                if at == first {
                    out.push_str(surplus);
                }
                out.extend(digits.next());
            }
        }
    }
    Some(match zeros == section.len() {
        true => Typed::Number,
        false => Typed::Text,
    })
}

/// Whether a character before the digits is a part of a code; a currency's sign is none.
fn is_in_codes(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '(' | '#' | ' ' | '+')
}
