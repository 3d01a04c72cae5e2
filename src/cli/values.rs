//! Texts of the command line to values: times, sizes, a delimiter.
//!
//! Errors say what to write instead; clap puts the option and the text before them.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytesize::ByteSize;
use clap::builder::{PathBufValueParser, TypedValueParser};
use jiff::{Span, SpanRelativeTo};

use super::words::{ErrorsArg, FrozenArg};
use crate::base::percent;

/// The longest time that an option takes.
pub(crate) const MAX_TIME: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// How long an address that never answered is tried where nothing is said.
pub(crate) const CONNECT_FOR: Duration = Duration::from_secs(30);

/// The longest time between two pushes of everything, in seconds.
const MOST_PERIOD: u64 = 366 * 24 * 60 * 60;

/// Sizes of a body that make sense.
const BODY_BYTES: std::ops::RangeInclusive<u64> = (1 << 10)..=(1 << 30);

/// Where the page of a push goes: standard output has its import ids.
pub(super) fn page() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match path.as_path() == Path::new("-") {
        true => Err(
            "name a file: a push prints its import ids there; `qobra-push report` prints a page",
        ),
        false => Ok(path),
    })
}

/// A time in whole seconds, `0` included.
pub(crate) fn patience(text: &str) -> Result<Duration, String> {
    let time = time(text).ok_or("write seconds, such as 900, or a time such as 15m or 1h30m")?;
    if time.subsec_nanos() != 0 {
        return Err("write whole seconds".to_owned());
    }
    if time > MAX_TIME {
        return Err(
            "at most 7 days: 604800, 168h or 7d; a number alone is seconds, others have s, m, h or d"
                .to_owned(),
        );
    }
    Ok(time)
}

/// A time from one push to another, in whole seconds.
pub(super) fn period(text: &str) -> Result<Duration, String> {
    let time = time(text).ok_or("write a time such as 7d or 12h")?;
    match time.as_secs() {
        0 => Err("at least one second".to_owned()),
        _ if time.subsec_nanos() != 0 => Err("write whole seconds".to_owned()),
        1..=MOST_PERIOD => Ok(time),
        _ => {
            Err("at most 366 days: a number alone is seconds, others have s, m, h or d".to_owned())
        }
    }
}

/// A time that may have a fraction: `5`, `0.1`, `500ms`.
pub(super) fn moment(text: &str) -> Result<Duration, String> {
    let seconds = || {
        let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        is_plain.then(|| text.parse::<f64>().ok()).flatten()
    };
    let time = match seconds() {
        Some(seconds) => Duration::try_from_secs_f64(seconds).ok(),
        None => time(text),
    };
    match time {
        Some(time) if !time.is_zero() && time <= MAX_TIME => Ok(time),
        _ => Err("write seconds, such as 5 or 0.1, or a time such as 500ms".to_owned()),
    }
}

fn time(text: &str) -> Option<Duration> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        // Digits that overflow are too long a time, not an unreadable one.
        return Some(Duration::from_secs(text.parse().unwrap_or(u64::MAX)));
    }
    let span: Span = text.parse().ok()?;
    let time = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    Duration::try_from(time).ok()
}

/// A number of records, or a percentage of them.
pub(super) fn errors(text: &str) -> Result<ErrorsArg, String> {
    let bad = "write a number of records, such as 10, or a share of them, such as 0.5%";
    match text.ends_with('%') {
        true => share(text)
            .map(ErrorsArg::Share)
            .map_err(|_| bad.to_owned()),
        false => text
            .parse()
            .map(ErrorsArg::Count)
            .map_err(|_| bad.to_owned()),
    }
}

/// A percentage from 0 to 100 with at most four decimals, in millionths of the whole.
pub(super) fn share(text: &str) -> Result<u64, String> {
    percent::millionths(text)
        .ok_or_else(|| "write a percentage from 0% to 100%, such as 50%".to_owned())
}

/// A number of records.
pub(super) fn records(text: &str) -> Result<u64, String> {
    let is_number = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let number = is_number.then(|| text.parse().ok()).flatten();
    number.ok_or_else(|| "write a number of records, such as 1000".to_owned())
}

/// A number of records of a frozen period, or all of them.
pub(super) fn frozen(text: &str) -> Result<FrozenArg, String> {
    match text {
        "all" => Ok(FrozenArg::All),
        _ => records(text)
            .map(FrozenArg::Count)
            .map_err(|_| "write a number of records, such as 5, or `all`".to_owned()),
    }
}

/// A number of records: as a range, because its error then says which numbers are right.
pub(super) fn chunk_size() -> impl TypedValueParser<Value = NonZeroU32> {
    clap::value_parser!(u32)
        .range(1..)
        .try_map(NonZeroU32::try_from)
}

/// A number of bytes, with a unit or without.
pub(super) fn body_size(text: &str) -> Result<u64, String> {
    let size = size(text)?;
    if !BODY_BYTES.contains(&size) {
        return Err("from 1KiB to 1GiB".to_owned());
    }
    Ok(size)
}

/// The most bytes of an input.
pub(super) fn input_size(text: &str) -> Result<u64, String> {
    match size(text)? {
        0 => Err("at least one byte".to_owned()),
        size => Ok(size),
    }
}

fn size(text: &str) -> Result<u64, String> {
    let size: Result<ByteSize, _> = text.parse();
    size.map(|size| size.as_u64())
        .map_err(|_| "write a size such as 16MiB or 10MB, or a number of bytes".to_owned())
}

/// One byte that cannot be part of a value, a quote or a line end.
pub(super) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" | b"\t" => Ok(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' || *byte == b' ' => Ok(*byte),
        _ => Err("write `tab`, or one character such as `;`: \
                  no letter, no digit, no quote, nothing beyond ASCII"
            .to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_or_friendly() {
        for (text, seconds) in [
            ("0", 0),
            ("900", 900),
            ("0900", 900),
            ("15m", 900),
            ("90s", 90),
            ("1h30m", 5_400),
            ("1h 30min", 5_400),
            ("0s", 0),
            ("168h", 604_800),
            ("604800", 604_800),
            ("7d", 604_800),
            ("1d 12h", 129_600),
        ] {
            assert_eq!(patience(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn other_times_are_refused() {
        for text in [
            "", " ", "-5", "-5m", "+5", "5x", "1.5", "nan", "1e3", "٣", "1mo",
        ] {
            let error = patience(text).unwrap_err();
            assert!(error.starts_with("write seconds"), "{text}: {error}");
        }
        assert_eq!(patience("1500ms").unwrap_err(), "write whole seconds");
        for text in [
            "604801",
            "169h",
            "30d",
            "2 weeks",
            "99999999999999999999999",
        ] {
            let error = patience(text).unwrap_err();
            assert!(error.starts_with("at most 7 days: 604800"), "{error}");
        }
        assert_eq!(patience("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn periods_are_up_to_a_year() {
        for (text, seconds) in [
            ("7d", 604_800),
            ("12h", 43_200),
            ("1", 1),
            ("366d", 31_622_400),
        ] {
            assert_eq!(period(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "0", "0d", "367d", "1500ms", "-7d", "1mo", "weekly"] {
            assert!(period(text).is_err(), "{text}");
        }
    }

    #[test]
    fn expected_times_have_fractions() {
        assert_eq!(moment("0.1"), Ok(Duration::from_millis(100)));
        assert_eq!(moment("5"), Ok(Duration::from_secs(5)));
        assert_eq!(moment("500ms"), Ok(Duration::from_millis(500)));
        for text in ["", "0", ".", "-1", "1e3", "nan", "inf", "999999999"] {
            assert!(moment(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_are_counted_or_a_share() {
        assert_eq!(errors("10"), Ok(ErrorsArg::Count(10)));
        assert_eq!(errors("0.5%"), Ok(ErrorsArg::Share(5_000)));
        assert_eq!(errors("100 %"), Ok(ErrorsArg::Share(1_000_000)));
        assert_eq!(share("12.3456%"), Ok(123_456));
        for text in [
            "", "%", "-1", "1.5", "101%", "1.23456%", "a%", "1%%", ".5%", "5.%", "+1%",
        ] {
            assert!(errors(text).is_err(), "{text}");
        }
        assert!(share("50").is_err());
    }

    #[test]
    fn records_are_counted() {
        assert_eq!(records("0"), Ok(0));
        assert_eq!(records("1000"), Ok(1_000));
        assert_eq!(frozen("12"), Ok(FrozenArg::Count(12)));
        assert_eq!(frozen("all"), Ok(FrozenArg::All));
        for text in [
            "",
            "-1",
            "+1",
            "1.5",
            "1,000",
            "5%",
            "ALL",
            "99999999999999999999",
        ] {
            let error = records(text).unwrap_err();
            assert_eq!(error, "write a number of records, such as 1000", "{text}");
            let error = frozen(text).unwrap_err();
            assert_eq!(error, "write a number of records, such as 5, or `all`");
        }
    }

    #[test]
    fn sizes_have_units_or_none() {
        for (text, bytes) in [
            ("16MiB", 16 << 20),
            ("16 mib", 16 << 20),
            ("10MB", 10_000_000),
            ("1024", 1_024),
            ("1GiB", 1 << 30),
        ] {
            assert_eq!(body_size(text), Ok(bytes), "{text}");
        }
        for text in ["0", "1023", "2GiB", "99999999EiB"] {
            assert_eq!(body_size(text).unwrap_err(), "from 1KiB to 1GiB", "{text}");
        }
        for text in ["", "-1", "MiB", "1XB"] {
            assert!(body_size(text).unwrap_err().starts_with("write a size"));
        }
    }

    #[test]
    fn an_input_may_have_any_size() {
        assert_eq!(input_size("20GiB"), Ok(20 << 30));
        assert_eq!(input_size("1"), Ok(1));
        assert_eq!(input_size("0").unwrap_err(), "at least one byte");
        assert!(input_size("much").unwrap_err().starts_with("write a size"));
    }

    #[test]
    fn a_delimiter_is_one_byte_between_values() {
        for (text, byte) in [
            (";", b';'),
            (",", b','),
            ("|", b'|'),
            (" ", b' '),
            ("tab", b'\t'),
            ("\\t", b'\t'),
            ("\t", b'\t'),
        ] {
            assert_eq!(delimiter(text), Ok(byte), "{text:?}");
        }
        for text in [
            "", "\"", "\r", "\n", "a", "0", ";;", "é", "\0", "\u{1b}", "TAB",
        ] {
            assert!(delimiter(text).is_err(), "{text:?}");
        }
    }
}
