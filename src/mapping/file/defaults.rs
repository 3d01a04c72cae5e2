//! What `[input]` says for all fields, and the signs of numbers, which a field may say for itself.

use crate::base::display::quoted;

use super::reader::{Item, Reader};
use crate::mapping::value::style::{NumberStyle, sign_class};

/// What two equal signs are told.
pub(crate) const CLASH: &str = "the decimal sign and the thousands sign are the same";
/// And what to do about it.
pub(crate) const CLASH_HINT: &str =
    "set both: decimal = \",\", thousands = \".\"; none is thousands = \"\"";

/// What `[input]` says for all fields.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Defaults {
    pub(crate) style: NumberStyle,
    pub(crate) trim: bool,
}

/// A decimal sign.
pub(crate) fn read_decimal(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<char> {
    let text = reader.string(item, "`decimal`")?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(sign), None) if is_sign(sign) && !sign.is_whitespace() => Some(sign),
        _ => {
            let message = format!("`decimal` must be one sign, not {}", quoted(&text));
            reader.refuse(item, message, "it is \".\" or \",\"".to_owned())
        }
    }
}

/// A thousands sign; the inner none where the mapping says that there is none.
pub(crate) fn read_thousands(reader: &mut Reader<'_>, item: &Item<'_>) -> Option<Option<char>> {
    let text = reader.string(item, "`thousands`")?;
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (None, _) => Some(None),
        (Some(sign), None) if is_sign(sign) => Some(Some(sign_class(sign))),
        _ => {
            let message = format!("`thousands` must be one sign, not {}", quoted(&text));
            let hint = "it is \" \", \",\", \".\" or \"'\"; \"\" for none";
            reader.refuse(item, message, hint.to_owned())
        }
    }
}

/// Whether a character could not be taken for another part of a number.
fn is_sign(sign: char) -> bool {
    !sign.is_alphanumeric() && !sign.is_control() && !matches!(sign, '+' | '-' | '%' | '\u{2212}')
}
