//! What may stand around the digits of a number: currency symbols, and other signs of a negative one.

use super::style::sign_class;
use crate::base::display::quoted;
use crate::mapping::written::Reason;

/// How negative numbers are written, besides with a minus sign before them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Negative {
    /// `(3)`
    Parentheses,
    /// `3-`
    Trailing,
}

impl Negative {
    /// Their words in the mapping file.
    pub(crate) const WORDS: [(&str, Self); 2] = [
        ("parentheses", Self::Parentheses),
        ("trailing", Self::Trailing),
    ];
}

/// The marks that a field's numbers may have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marks {
    /// The longest first, since one may begin another.
    symbols: Vec<String>,
    negative: Option<Negative>,
}

/// Which marks a cell has.
#[derive(Default)]
struct Seen {
    minus: bool,
    opening: bool,
    closing: bool,
    symbol: bool,
    percent: bool,
}

impl Marks {
    /// None where there are none.
    pub(crate) fn new(mut symbols: Vec<String>, negative: Option<Negative>) -> Option<Self> {
        symbols.sort_by_key(|symbol| std::cmp::Reverse(symbol.len()));
        (!symbols.is_empty() || negative.is_some()).then_some(Self { symbols, negative })
    }

    /// Whether a symbol could not be taken for another part of a number.
    pub(crate) fn is_symbol(text: &str) -> bool {
        let is_part = |c: char| {
            c.is_ascii_digit()
                || c.is_control()
                || matches!(c, '+' | '-' | '(' | ')' | '%' | '\u{2212}')
        };
        let is_sign = |c: char| matches!(c, '.' | ',' | '\'' | '\u{2019}');
        !text.is_empty()
            && text.trim() == text
            && !text.contains(is_part)
            && !text.starts_with(is_sign)
    }

    /// Whether the number is negative, and what is left of it: each mark may stand there once, with
    /// spaces around it, symbols on either side of the sign.
    pub(crate) fn strip<'c>(
        &self,
        cell: &'c str,
        may_be_percent: bool,
    ) -> Result<(bool, &'c str), Reason> {
        let mut seen = Seen::default();
        let rest = self.strip_before(cell, &mut seen)?;
        let rest = self.strip_behind(rest, may_be_percent, &mut seen);
        let is_odd = seen.opening != seen.closing
            || (seen.opening && seen.minus)
            || (seen.percent && rest.ends_with('%'));
        if is_odd {
            return Err("is not a number: its signs do not go together".into());
        }
        Ok((seen.minus || seen.opening, rest))
    }

    fn strip_before<'c>(&self, cell: &'c str, seen: &mut Seen) -> Result<&'c str, Reason> {
        let mut rest = cell;
        loop {
            rest = rest.trim_start_matches(is_space);
            if let (false, Some(behind)) = (seen.minus, rest.strip_prefix('-')) {
                (seen.minus, rest) = (true, behind);
            } else if let (false, Some(behind)) = (seen.opening, rest.strip_prefix('('))
                && self.negative == Some(Negative::Parentheses)
            {
                (seen.opening, rest) = (true, behind);
            } else if let (false, Some(symbol)) = (seen.symbol, self.find(|s| rest.starts_with(s)))
            {
                (seen.symbol, rest) = (true, &rest[symbol.len()..]);
                // `Rs.500` is five hundred, which `Rs` alone would make a half.
                if symbol.ends_with(char::is_alphabetic) && rest.starts_with(['.', ',']) {
                    let longer = quoted(&format!("{symbol}{}", &rest[..1]));
                    return Err(format!("is not a number, unless {longer} is a symbol").into());
                }
            } else {
                return Ok(rest);
            }
        }
    }

    fn strip_behind<'c>(&self, cell: &'c str, may_be_percent: bool, seen: &mut Seen) -> &'c str {
        let mut rest = cell;
        loop {
            rest = rest.trim_end_matches(is_space);
            if let (false, Some(before)) = (seen.minus, rest.strip_suffix('-'))
                && self.negative == Some(Negative::Trailing)
            {
                (seen.minus, rest) = (true, before);
            } else if let (true, false, Some(before)) =
                (seen.opening, seen.closing, rest.strip_suffix(')'))
            {
                (seen.closing, rest) = (true, before);
            } else if let (true, false, Some(before)) =
                (may_be_percent, seen.percent, rest.strip_suffix('%'))
            {
                (seen.percent, rest) = (true, before);
            } else if let (false, Some(symbol)) = (seen.symbol, self.find(|s| rest.ends_with(s))) {
                (seen.symbol, rest) = (true, &rest[..rest.len() - symbol.len()]);
            } else {
                return rest;
            }
        }
    }

    fn find(&self, is_it: impl Fn(&str) -> bool) -> Option<&str> {
        self.symbols
            .iter()
            .map(String::as_str)
            .find(|symbol| is_it(symbol))
    }
}

fn is_space(c: char) -> bool {
    sign_class(c) == ' '
}
