//! Shares as they are typed and told: `0.5%`, in millionths of the whole.

/// The whole.
pub(crate) const WHOLE: u64 = 1_000_000;

/// A percentage from 0 to 100 with at most four decimals, in millionths of the whole.
pub(crate) fn millionths(text: &str) -> Option<u64> {
    let percent = text.strip_suffix('%')?.trim_end();
    let (whole, fraction) = percent.split_once('.').unwrap_or((percent, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) || fraction.len() > 4 {
        return None;
    }
    let fraction: u64 = format!("{fraction:0<4}").parse().ok()?;
    let millionths = whole.parse::<u64>().ok()?.checked_mul(10_000)? + fraction;
    (millionths <= WHOLE).then_some(millionths)
}

/// As it would be typed, with all of its decimals.
pub(crate) fn text(millionths: u64) -> String {
    let (whole, fraction) = (millionths / 10_000, millionths % 10_000);
    match fraction {
        0 => format!("{whole}%"),
        _ => format!(
            "{whole}.{}%",
            format!("{fraction:04}").trim_end_matches('0')
        ),
    }
}

/// How much of something a part of it is, to one decimal; nothing is all of nothing.
pub(crate) fn share(part: u64, whole: u64) -> String {
    let share = if whole == 0 {
        1.0
    } else {
        part as f64 / whole as f64
    };
    format!("{:.1}%", share * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_what_was_typed() {
        for (typed, told, value) in [
            ("0%", "0%", 0),
            ("50%", "50%", 500_000),
            ("0.5%", "0.5%", 5_000),
            ("12.3456%", "12.3456%", 123_456),
            ("0.0100 %", "0.01%", 100),
            ("100.0%", "100%", WHOLE),
        ] {
            assert_eq!(millionths(typed), Some(value), "{typed}");
            assert_eq!(text(value), told);
        }
        for wrong in ["", "%", "50", "101%", "100.0001%", "1.23456%", "-1%", ".5%"] {
            assert_eq!(millionths(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn shares_have_one_decimal() {
        assert_eq!(share(1, 3), "33.3%");
        assert_eq!(share(0, 5), "0.0%");
        assert_eq!(share(0, 0), "100.0%");
    }
}
