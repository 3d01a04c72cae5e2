//! What is wrong with a cell that is not a number.

use super::style::{NumberStyle, sign_class};
use crate::base::display;
use crate::mapping::written::Reason;

/// Names what is wrong with a cell that [`split`] refused.
#[cold]
pub(crate) fn why_not(text: &str, style: NumberStyle) -> Reason {
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
        return "is in parentheses; if it is negative, set negative = \"parentheses\"".into();
    }
    if text.len() - unsigned.len() == 0 && text.strip_suffix('-').is_some_and(ends_in_digit) {
        return "ends with a minus sign; if it is negative, set negative = \"trailing\"".into();
    }
    if text.len() - unsigned.len() > 1 || text.ends_with('-') {
        return "is not a number: a minus sign stands once, before the digits".into();
    }
    if let Some(symbol) = symbol(text) {
        let symbol = display::shown(symbol);
        return format!(
            "is not a number; if `{symbol}` is a currency, list it in symbols = [\"{symbol}\"]"
        )
        .into();
    }
    why_not_signs(unsigned, style)
}

fn ends_in_digit(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_digit())
}

/// A currency's sign, or three capitals at either end.
fn symbol(text: &str) -> Option<&str> {
    let is_sign = |c: char| matches!(c, '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}');
    if let Some((at, sign)) = text.char_indices().find(|(_, c)| is_sign(*c)) {
        return text.get(at..at + sign.len_utf8());
    }
    let is_capital = |c: char| c.is_ascii_uppercase();
    let before = &text[..text.len() - text.trim_start_matches(is_capital).len()];
    let behind = &text[text.trim_end_matches(is_capital).len()..];
    [before, behind].into_iter().find(|word| word.len() == 3)
}

/// Names what is wrong where only signs between the digits can be to blame.
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
            let (c, decimal) = (sign_class(c), style.decimal);
            let thousands = match style.thousands {
                Some(sign) => format!("the thousands sign `{sign}`"),
                None => "no thousands sign is set".to_owned(),
            };
            let message = "is not a number: it has";
            return format!("{message} `{c}`, but the decimal sign is `{decimal}` and {thousands}")
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
