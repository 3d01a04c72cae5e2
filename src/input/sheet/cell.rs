//! What a cell means, as text behind a mark that tells its type.
//!
//! A sheet knows no dates: they are numbers of days with a number format that shows a date, and
//! are written here as the sheet shows them. So are percentages and integers with leading zeros
//! (`format`). Every other number is written as it is stored, whatever its format, with the fewest
//! digits that make the same number again.

use std::fmt::Write as _;

use calamine::{CellErrorType, DataRef};
use jiff::ToSpan as _;
use jiff::civil::{Date, Time, date};

use super::format::{self, EXACT, number};
use crate::input::mark::{self, MARK, Typed};

const DAY_MS: i64 = 86_400_000;

/// Whether there is nothing in a cell.
pub(super) fn is_empty(value: &DataRef<'_>) -> bool {
    matches!(value, DataRef::Empty) || text(value).is_some_and(str::is_empty)
}

/// Whether a text would be taken for an error.
pub(super) fn has_false_mark(value: &DataRef<'_>) -> bool {
    text(value).is_some_and(|text| text.starts_with(MARK))
}

/// Whether a whole number may have been another one before it became a sheet's number.
pub(super) fn is_inexact(value: &DataRef<'_>) -> bool {
    matches!(value, DataRef::Float(number) if number.abs() > EXACT && number.is_finite())
}

fn text<'v>(value: &'v DataRef<'_>) -> Option<&'v str> {
    match value {
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Some(text)
        }
        DataRef::SharedString(text) => Some(text),
        _ => None,
    }
}

/// Cells of one workbook to text.
#[derive(Clone, Copy, Debug)]
pub(super) struct CellWriter {
    /// Whether days are counted from 1904.
    is_1904: bool,
}

impl CellWriter {
    pub(crate) fn new(is_1904: bool) -> Self {
        Self { is_1904 }
    }

    /// Appends a cell whose number format is given, its mark first.
    pub(crate) fn write(self, value: &DataRef<'_>, format: &str, out: &mut String) {
        if let DataRef::Error(error) = value {
            return mark::put_error(error_name(error), out);
        }
        let mut text = String::new();
        let typed = self.text(value, format, &mut text);
        mark::put_type(typed, out);
        out.push_str(&text);
    }

    fn text(self, value: &DataRef<'_>, format: &str, out: &mut String) -> Typed {
        match value {
            DataRef::Empty | DataRef::Error(_) => {}
            DataRef::String(text) | DataRef::DurationIso(text) => out.push_str(text),
            DataRef::SharedString(text) => out.push_str(text),
            DataRef::DateTimeIso(text) => return iso(text, out),
            DataRef::Bool(is_true) => {
                out.push_str(if *is_true { "true" } else { "false" });
                return Typed::Boolean;
            }
            DataRef::Int(whole) => {
                let _ = write!(out, "{whole}");
                return Typed::Number;
            }
            DataRef::Float(value) => return format::write(*value, format, out),
            DataRef::DateTime(value) if value.is_duration() => {
                return duration(value.as_f64(), out);
            }
            DataRef::DateTime(value) => return self.date_time(value.as_f64(), format, out),
        }
        Typed::Text
    }

    /// A number of days; as a number where a sheet would show no date for it. A time of day alone, and
    /// a day that no calendar has, are texts.
    fn date_time(self, serial: f64, format: &str, out: &mut String) -> Typed {
        let shown = milliseconds(serial).filter(|ms| *ms >= 0).and_then(|ms| {
            let (days, ms) = (ms / DAY_MS, ms % DAY_MS);
            // A time of day has no date. What is a day or more has one, even if it is not shown.
            if days == 0 && !shows_date(format) {
                return Some((None, ms));
            }
            Some((Some(self.day(days)?), ms))
        });
        let Some((day, ms)) = shown else {
            number(serial, out);
            return Typed::Number;
        };
        let Some(day) = day else {
            time(ms, out);
            return Typed::Text;
        };
        out.push_str(&day);
        if ms != 0 {
            out.push(' ');
            time(ms, out);
        }
        match day.parse::<Date>() {
            Ok(_) => Typed::Date,
            Err(_) => Typed::Text,
        }
    }

    /// The date of a day. A sheet that counts from 1900 has a February 29 in that year, and a day
    /// before January 1: both are shown as the sheet does, and are no dates for who reads them.
    fn day(self, days: i64) -> Option<String> {
        let first = match (self.is_1904, days) {
            (true, _) => date(1904, 1, 1),
            (false, 0) => return Some("1900-01-00".to_owned()),
            (false, 60) => return Some("1900-02-29".to_owned()),
            (false, ..60) => date(1899, 12, 31),
            (false, _) => date(1899, 12, 30),
        };
        let day = first.checked_add(days.days()).ok()?;
        Some(day.to_string())
    }
}

fn milliseconds(serial: f64) -> Option<i64> {
    // The last day of the year 9999 has a smaller number.
    (serial.abs() < 3e6).then(|| (serial * DAY_MS as f64).round() as i64)
}

/// Hours, minutes and seconds; milliseconds where there are any.
fn time(ms: i64, out: &mut String) {
    let seconds = ms / 1_000;
    let (hours, minutes, rest) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    let _ = write!(out, "{hours:02}:{minutes:02}:{rest:02}");
    if ms % 1_000 != 0 {
        let _ = write!(out, ".{:03}", ms % 1_000);
    }
}

fn duration(serial: f64, out: &mut String) -> Typed {
    let Some(ms) = milliseconds(serial) else {
        number(serial, out);
        return Typed::Number;
    };
    if ms < 0 {
        out.push('-');
    }
    time(ms.abs(), out);
    Typed::Text
}

/// Whether a number format shows days or years: `d` and `y` outside of quotes and brackets.
fn shows_date(format: &str) -> bool {
    let mut chars = format.chars();
    let (mut is_quoted, mut is_bracketed) = (false, false);
    while let Some(c) = chars.next() {
        match c {
            '"' => is_quoted = !is_quoted,
            _ if is_quoted => {}
            '\\' | '_' | '*' => {
                chars.next();
            }
            '[' => is_bracketed = true,
            ']' => is_bracketed = false,
            _ if is_bracketed => {}
            'd' | 'D' | 'y' | 'Y' => return true,
            _ => {}
        }
    }
    false
}

/// A date in ISO 8601 as the others are written; anything else as it is.
fn iso(text: &str, out: &mut String) -> Typed {
    let (day, time) = text.split_once('T').unwrap_or((text, ""));
    if day.len() != 10 || day.parse::<Date>().is_err() {
        out.push_str(text);
        return Typed::Text;
    }
    let of_day = match time {
        "" => Ok(Time::midnight()),
        time => time.parse::<Time>(),
    };
    let Ok(of_day) = of_day else {
        // It may have a time zone, which would move it.
        out.push_str(text);
        return Typed::Text;
    };
    out.push_str(day);
    if of_day != Time::midnight() {
        out.push(' ');
        out.push_str(time);
    }
    Typed::Date
}

fn error_name(error: &CellErrorType) -> &'static str {
    match error {
        CellErrorType::Div0 => "#DIV/0!",
        CellErrorType::NA => "#N/A",
        CellErrorType::Name => "#NAME?",
        CellErrorType::Null => "#NULL!",
        CellErrorType::Num => "#NUM!",
        CellErrorType::Ref => "#REF!",
        CellErrorType::Value => "#VALUE!",
        CellErrorType::GettingData => "#GETTING_DATA",
    }
}
