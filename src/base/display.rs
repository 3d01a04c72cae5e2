//! Text for people's eyes: foreign text made harmless, numbers and times made readable.
//!
//! Everything that comes from data, file names or the service passes [`shown`] or [`quoted`] before
//! it reaches a terminal or a log.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::time::Duration;

use console::measure_text_width;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::base::model::RecordRange;

/// The most characters of a foreign text that are shown.
pub(crate) const SHOWN_CHARS: usize = 200;

/// Foreign text with control and bidirectional-control characters escaped, cut at
/// [`SHOWN_CHARS`] characters.
pub(crate) fn shown(text: &str) -> String {
    escaped(text, SHOWN_CHARS)
}

fn escaped(text: &str, most: usize) -> String {
    let mut out = String::with_capacity(text.len().min(most.saturating_mul(4)));
    for (n, c) in text.chars().enumerate() {
        if n == most {
            out.push('…');
            break;
        }
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}

/// [`shown`] between backquotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}

/// Foreign text as it is typed into a shell as one argument; whole, since a part of it is another
/// argument.
pub(crate) fn typed(text: &str) -> String {
    let text = escaped(text, usize::MAX);
    match cfg!(windows) {
        true => typed_on_windows(text),
        false => typed_on_unix(text),
    }
}

fn typed_on_unix(text: String) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    match !text.is_empty() && text.chars().all(is_plain) {
        true => text,
        false => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// Double quotes, which `cmd` and PowerShell both know; single ones, of PowerShell only, around what
/// it would look into. It takes the quotes of printed text for quotes too. No path there has a straight
/// double quote in it.
fn typed_on_windows(text: String) -> String {
    const SINGLE: [char; 5] = ['\'', '‘', '’', '‚', '‛'];
    const ENDS_OR_EXPANDS: [char; 6] = ['"', '“', '”', '„', '$', '`'];
    let is_plain = |c: char| c.is_alphanumeric() || r"\/._-+:%".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    if text.contains(ENDS_OR_EXPANDS) {
        let twice = |c: char| [Some(c), SINGLE.contains(&c).then_some(c)];
        let inner: String = text.chars().flat_map(twice).flatten().collect();
        return format!("'{inner}'");
    }
    // A backslash before the closing quote would make it a part of the argument.
    let ending = text.len() - text.trim_end_matches('\\').len();
    format!("\"{text}{}\"", "\\".repeat(ending))
}

/// A path as it is typed into a shell.
pub(crate) fn typed_path(path: &std::path::Path) -> String {
    typed(&path.to_string_lossy())
}

/// A line of a result, with the same characters escaped as in JSON: a document keeps its meaning, and
/// nothing is cut.
pub(crate) fn result(line: &str) -> Cow<'_, str> {
    if !line.chars().any(is_hidden_in_line) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 16);
    for c in line.chars() {
        if is_hidden_in_line(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    Cow::Owned(out)
}

fn is_hidden_in_line(c: char) -> bool {
    is_hidden(c) && c != '\n'
}

/// Characters that move the cursor, change the direction of text or do not show at all.
pub(crate) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A count with commas between the thousands: `12,345`.
pub(crate) fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// A decimal number with commas between the thousands: `-12,345.60`.
pub(crate) fn number(text: &str) -> String {
    let (sign, digits) = text.split_at(usize::from(text.starts_with('-')));
    let (whole, fraction) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    format!("{sign}{}{fraction}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A text that takes at most so much of a line, with an ellipsis where it is cut.
pub(crate) fn fit(text: &str, width: usize) -> String {
    if measure_text_width(text) <= width {
        return text.to_owned();
    }
    let (mut cut, mut taken) = (String::new(), 1);
    for c in text.chars() {
        taken += measure_text_width(c.encode_utf8(&mut [0; 4]));
        if taken > width {
            break;
        }
        cut.push(c);
    }
    cut.push('…');
    cut
}

/// A count with its noun, which takes an `s` unless there is exactly one: `1 chunk`, `3 chunks`.
pub(crate) fn counted(n: u64, noun: &str) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{} {noun}{s}", count(n))
}

/// The first of several names, and how many there are more.
pub(crate) fn listed(names: &[String]) -> String {
    const SHOWN: usize = 10;
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {} more", count(more as u64)),
    };
    format!("{}{more}", names[..names.len().min(SHOWN)].join(", "))
}

/// A range of records: `record 7`, `records 5,001 to 10,000`.
pub(crate) fn records(range: RecordRange) -> String {
    if range.first == range.last {
        format!("record {}", count(range.first))
    } else {
        format!("records {} to {}", count(range.first), count(range.last))
    }
}

/// A number of bytes in binary units: `16 MiB`.
pub(crate) fn size(bytes: u64) -> String {
    bytesize::ByteSize(bytes).display().iec().to_string()
}

/// A time for people: `40 ms`, `0.3 s`, `42 s`, `15 min`, `1 h 5 min`.
pub(crate) fn time(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if duration < Duration::from_millis(100) && !duration.is_zero() {
        return format!("{:.0} ms", (seconds * 1e3).ceil());
    }
    if seconds < 9.95 {
        return format!("{seconds:.1} s");
    }
    let seconds = seconds.round() as u64;
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes, rest) {
        (0, 0, s) => format!("{s} s"),
        (0, m, 0) => format!("{m} min"),
        (0, m, s) => format!("{m} min {s} s"),
        (h, 0, _) => format!("{h} h"),
        (h, m, _) => format!("{h} h {m} min"),
    }
}

/// `14:05:12`, in the zone of this machine; with its day where that may be another one than now's.
pub(crate) fn clock_time(time: Timestamp, now: Timestamp) -> String {
    let is_far = time.duration_since(now).unsigned_abs() > Duration::from_secs(20 * 3_600);
    let layout = if is_far { "%F %H:%M:%S" } else { "%H:%M:%S" };
    let time = time.to_zoned_datetime(TimeZone::system());
    time.strftime(layout).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_and_bidi_characters_are_escaped() {
        assert_eq!(
            shown("a\u{1b}[31mb\u{202e}c\u{9b}\u{7f}\n"),
            "a\\u{1b}[31mb\\u{202e}c\\u{9b}\\u{7f}\\n"
        );
        assert_eq!(shown("Élodie – 日本"), "Élodie – 日本");
    }

    #[test]
    fn a_result_keeps_its_meaning() {
        let nasty = "a\u{1b}[31m\u{7f}\u{9b}\u{202e}\u{e0041}é\n\"";
        let json = serde_json::to_string(nasty).unwrap();
        let shown = result(&json);
        assert!(!shown.chars().any(is_hidden), "{shown}");
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), nasty);
        assert!(matches!(result("{\n\"a\": \"é\"}"), Cow::Borrowed(_)));
    }

    #[test]
    fn long_text_is_cut_by_characters() {
        let cut = shown(&"é".repeat(500));
        assert_eq!(cut.chars().count(), SHOWN_CHARS + 1);
        assert!(cut.ends_with('…'));
        assert_eq!(shown(&"é".repeat(SHOWN_CHARS)), "é".repeat(SHOWN_CHARS));
    }

    #[test]
    fn arguments_are_typed_whole() {
        let on_unix = |text: &str| typed_on_unix(text.to_owned());
        let plain = "/data/é/deals-1.csv";
        assert_eq!(on_unix(plain), plain);
        assert_eq!(on_unix("it's $HOME"), r"'it'\''s $HOME'");
        assert_eq!(on_unix(""), "''");
        assert_eq!(typed(&"x".repeat(500)), "x".repeat(500));
        assert!(typed("a\u{202e}b").contains("a\\u{202e}b"));
    }

    #[test]
    fn arguments_are_typed_as_both_shells_of_windows_read_them() {
        let on_windows = |text: &str| typed_on_windows(text.to_owned());
        let plain = r"C:\data\é\deals-1.csv";
        assert_eq!(on_windows(plain), plain);
        for (text, expected) in [
            ("", r#""""#),
            (r"C:\My Files\a.csv", r#""C:\My Files\a.csv""#),
            (r"C:\My Files\", r#""C:\My Files\\""#),
            ("it's", r#""it's""#),
            ("a&b,c;d", r#""a&b,c;d""#),
            ("@splat", r#""@splat""#),
            ("$env it's", "'$env it''s'"),
            (r#"say "a""#, r#"'say "a"'"#),
            ("it’s new", "\"it’s new\""),
            ("it’s “new”", "'it’’s “new”'"),
        ] {
            assert_eq!(on_windows(text), expected);
        }
    }

    #[test]
    fn numbers_are_readable() {
        let counts = [0, 999, 1_000, 12_345, 1_234_567].map(count);
        assert_eq!(counts, ["0", "999", "1,000", "12,345", "1,234,567"]);
        let numbers = ["-0.5", "999", "-1234.50", "1234567"].map(number);
        assert_eq!(numbers, ["-0.5", "999", "-1,234.50", "1,234,567"]);
        assert_eq!(counted(1, "chunk"), "1 chunk");
        assert_eq!(counted(5_000, "record"), "5,000 records");
        assert_eq!(size(16 << 20), "16.0 MiB");
        assert_eq!(
            records(RecordRange {
                first: 1,
                last: 5_000
            }),
            "records 1 to 5,000"
        );
    }

    #[test]
    fn times_are_readable() {
        let times = [
            0.0, 0.04, 0.26, 9.99, 42.0, 60.0, 90.0, 900.0, 3_600.0, 3_900.0,
        ]
        .map(|s| time(Duration::from_secs_f64(s)));
        assert_eq!(
            times,
            [
                "0.0 s",
                "40 ms",
                "0.3 s",
                "10 s",
                "42 s",
                "1 min",
                "1 min 30 s",
                "15 min",
                "1 h",
                "1 h 5 min"
            ]
        );
    }
}
