//! One value of a record: does it parse as its field's type, and how does it read as text.
//!
//! Values stay JSON text throughout: a number's digits are what was sent, never a float's.

use jiff::civil::Date;
use serde_json::value::RawValue;

use super::options::ValueKind;

/// What is wrong with a value, in the words of the service's example.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misfit {
    /// The name of the type that was tried.
    pub(super) wanted: &'static str,
    /// The error as Python tells it.
    pub(super) details: String,
}

/// The value as text: a string without its quotes, everything else as its JSON stands, null as nothing.
pub(super) fn as_text(value: &RawValue) -> Option<String> {
    let json = value.get();
    if json == "null" {
        return None;
    }
    // What is no string keeps its JSON; a string with a lone surrogate cannot be held, and stays escaped.
    Some(serde_json::from_str(json).unwrap_or_else(|_| json.to_owned()))
}

/// Checks a value against its field's type. Null fits every type: it empties the field.
pub(super) fn check(value: &RawValue, kind: ValueKind) -> Result<(), Misfit> {
    let Some(text) = as_text(value) else {
        return Ok(());
    };
    let json = value.get();
    let scalar = !json.starts_with(['[', '{']);
    let quoted = json.starts_with('"');
    match kind {
        ValueKind::Text | ValueKind::Json => Ok(()),
        // JSON's `true` is no number, although Python would take it for 1.
        ValueKind::Number
            if scalar && !(matches!(json, "true" | "false")) && is_python_float(&text) =>
        {
            Ok(())
        }
        ValueKind::Number => Err(Misfit {
            wanted: "float",
            details: format!("ValueError: could not convert string to float: '{text}'"),
        }),
        ValueKind::Date if quoted && is_date(&text) => Ok(()),
        ValueKind::Date => Err(Misfit {
            wanted: "date",
            details: format!("ValueError: time data '{text}' does not match format '%Y-%m-%d'"),
        }),
        ValueKind::Boolean
            if scalar && matches!(text.to_ascii_lowercase().as_str(), "true" | "false") =>
        {
            Ok(())
        }
        ValueKind::Boolean => Err(Misfit {
            wanted: "bool",
            details: format!("ValueError: could not convert string to bool: '{text}'"),
        }),
    }
}

/// Whether Python's `float()` reads the text: `nan`, `1_000` and white space around pass, `12,5` does not.
fn is_python_float(text: &str) -> bool {
    let text = text.trim();
    let unsigned = text
        .strip_prefix(['+', '-'])
        .unwrap_or(text)
        .to_ascii_lowercase();
    if matches!(unsigned.as_str(), "nan" | "inf" | "infinity") {
        return true;
    }
    let (mantissa, exponent) = match unsigned.split_once('e') {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned.as_str(), None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits =
        exponent.is_none_or(|digits| is_digits(digits.strip_prefix(['+', '-']).unwrap_or(digits)));
    let has_digits = !(whole.is_empty() && fraction.is_empty());
    has_digits
        && (whole.is_empty() || is_digits(whole))
        && (fraction.is_empty() || is_digits(fraction))
        && exponent_fits
}

/// Digits, single underscores between them allowed.
fn is_digits(text: &str) -> bool {
    text.split('_')
        .all(|run| !run.is_empty() && run.bytes().all(|b| b.is_ascii_digit()))
}

fn is_date(text: &str) -> bool {
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| match i {
            4 | 7 => b == b'-',
            _ => b.is_ascii_digit(),
        });
    shaped && text.parse::<Date>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(json: &str, kind: ValueKind) -> bool {
        check(serde_json::from_str(json).unwrap(), kind).is_ok()
    }

    #[test]
    fn numbers_are_what_python_reads() {
        for json in [
            "12.50",
            "1e3",
            r#""12.5""#,
            r#"" 1_000 ""#,
            r#""nan""#,
            r#""-.5""#,
            r#""1.""#,
            "null",
        ] {
            assert!(fits(json, ValueKind::Number), "{json}");
        }
        for json in [
            r#""12,5""#,
            r#""1 000""#,
            r#""""#,
            r#"".""#,
            r#""1__0""#,
            r#""1e""#,
            "true",
            "[1]",
        ] {
            assert!(!fits(json, ValueKind::Number), "{json}");
        }
    }

    #[test]
    fn dates_and_booleans() {
        assert!(fits(r#""2024-02-29""#, ValueKind::Date));
        for json in [
            r#""2023-02-29""#,
            r#""29/02/2024""#,
            r#""2024-02-29T00:00""#,
            "20240229",
            r#""""#,
        ] {
            assert!(!fits(json, ValueKind::Date), "{json}");
        }
        assert!(fits("true", ValueKind::Boolean) && fits(r#""False""#, ValueKind::Boolean));
        assert!(!fits(r#""yes""#, ValueKind::Boolean) && !fits("1", ValueKind::Boolean));
    }
}
