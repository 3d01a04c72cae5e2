//! Which field of a rejected record is to blame, and why, without the value itself.
//!
//! The service's parser is written in Python, and so are its messages: the class of the exception
//! in front, the value quoted as Python does it.

use std::ops::Range;

use crate::base::display;
use crate::service::{ImportError, RejectedRow};

/// A record that the service left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rejected {
    /// The record as the service showed it.
    pub row: RejectedRow,
    /// The API key of the field to blame, where it can be told. Foreign text.
    pub field: Option<String>,
    /// Why, without the value, so that equal reasons are equal texts; harmless to print.
    pub reason: String,
    /// Why, in the service's words; harmless to print and cut.
    pub words: String,
}

/// What stands before a field's API key in an error's description.
const BEFORE_FIELD: &str = "for user attribute ";

/// A rejected row with its reason. `error` is the one that lists it.
pub(super) fn rejected(row: RejectedRow, error: &ImportError) -> Rejected {
    let named = error.description.as_deref().and_then(named_field);
    let is_only = error.rows.count() == 1;
    let found = quoted_value(&row);
    let candidates = found.as_ref().map_or(&[][..], |(_, keys)| keys);
    let field = match candidates {
        [only] => Some((*only).to_owned()),
        // Several fields have the value. The description tells of one row only, mostly the first.
        [_, ..] => named
            .filter(|named| candidates.contains(named))
            .map(str::to_owned),
        [] => named.filter(|_| is_only).map(str::to_owned),
    };
    let words = match row.details.trim() {
        "" => error.words(),
        details => display::shown(details),
    };
    let reason = match (row.details.trim(), found) {
        ("", _) => words.clone(),
        (_, Some((at, _))) => without(&row.details, at),
        (details, None) => without_last_quoted(details),
    };
    Rejected {
        row,
        field,
        reason,
        words,
    }
}

/// `amount` of "Can't parse 'AAAAA' as float for user attribute amount".
fn named_field(description: &str) -> Option<&str> {
    let (_, rest) = description.split_once(BEFORE_FIELD)?;
    let name = rest.trim().trim_matches(|c| matches!(c, '\'' | '"' | '`'));
    (!name.is_empty()).then_some(name)
}

/// Where a value of the row stands in its message, and the fields that have this value. Of several
/// values the longest.
fn quoted_value(row: &RejectedRow) -> Option<(Range<usize>, Vec<&str>)> {
    let mut best: Option<(Range<usize>, Vec<&str>)> = None;
    for (key, value) in &row.row {
        let Some(at) = find_quoted(&row.details, value) else {
            continue;
        };
        match &mut best {
            Some((range, keys)) if *range == at => keys.push(key),
            Some((range, _)) if range.len() >= at.len() => {}
            _ => best = Some((at, vec![key])),
        }
    }
    best
}

/// Where a value stands in a text, its quotes included.
fn find_quoted(text: &str, value: &str) -> Option<Range<usize>> {
    let plain = |quote: char| format!("{quote}{value}{quote}");
    [repr(value), plain('\''), plain('"')]
        .into_iter()
        .find_map(|quoted| text.find(&quoted).map(|at| at..at + quoted.len()))
}

/// A string as Python shows it.
fn repr(value: &str) -> String {
    let quote = match value.contains('\'') && !value.contains('"') {
        true => '"',
        false => '\'',
    };
    let mut out = String::from(quote);
    for c in value.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{a0}' => out.push_str("\\xa0"),
            '\u{202f}' => out.push_str("\\u202f"),
            c if c == quote || c == '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}

/// The message without the value in it.
fn without(text: &str, at: Range<usize>) -> String {
    let (before, after) = (&text[..at.start], text[at.end..].trim_end());
    if after.is_empty() {
        return tidied(before.trim_end().trim_end_matches(':'), text);
    }
    tidied(&format!("{before}…{after}"), text)
}

/// The message without a quoted text at its end that is no value of the row: the service may have
/// trimmed or cut it.
fn without_last_quoted(text: &str) -> String {
    let quoted = ['\'', '"'].into_iter().find_map(|quote| {
        let body = text.strip_suffix(quote)?;
        let start = body.find(&format!(": {quote}"))?;
        Some(&body[..start])
    });
    tidied(quoted.unwrap_or(text), text)
}

/// The message without the exception's class, harmless to print; the whole where nothing is left.
fn tidied(message: &str, whole: &str) -> String {
    let message = match message.split_once(": ") {
        Some((class, rest)) if is_class(class) => rest,
        _ => message,
    };
    match message.trim() {
        "" => display::shown(whole.trim()),
        message => display::shown(message),
    }
}

fn is_class(word: &str) -> bool {
    let is_name = word
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    is_name && (word.ends_with("Error") || word.ends_with("Exception"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn judged(details: &str, row: &[(&str, &str)], description: Option<&str>) -> (String, String) {
        let row = RejectedRow {
            line_number: None,
            row: (row.iter())
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            details: details.to_owned(),
        };
        let mut json = json!({ "parsing_error_details": [0] });
        if let Some(description) = description {
            json["description"] = description.into();
        }
        let rejected = rejected(row, &super::super::tests::error(&json.to_string()));
        (rejected.reason, rejected.field.unwrap_or_default())
    }

    #[test]
    fn the_value_goes_and_its_field_is_found() {
        let float = "could not convert string to float";
        for (details, row, reason, field) in [
            (
                "ValueError: could not convert string to float: 'AAAAA'",
                "AAAAA",
                float,
                "amount",
            ),
            (
                "could not convert string to float: '1: 2'",
                "1: 2",
                float,
                "amount",
            ),
            (
                r#"ValueError: could not convert string to float: "it's""#,
                "it's",
                float,
                "amount",
            ),
            (
                r"ValueError: could not convert string to float: '1\xa0000'",
                "1\u{a0}000",
                float,
                "amount",
            ),
            (
                "ValueError: could not convert string to float: ''",
                "",
                float,
                "amount",
            ),
            (
                "ValueError: time data '31/12/24' does not match format '%Y-%m-%d'",
                "31/12/24",
                "time data … does not match format '%Y-%m-%d'",
                "amount",
            ),
            // The value is not in the row: cut by the service, or the row is not shown.
            (
                "ValueError: could not convert string to float: 'AAA'",
                "AAAAA",
                float,
                "",
            ),
            ("a.b.QuotaException: too much", "1", "too much", ""),
            ("Note: ValueError: x", "1", "Note: ValueError: x", ""),
            ("ValueError: ", "1", "ValueError:", ""),
            ("'AAAAA'", "AAAAA", "'AAAAA'", "amount"),
            ("bad \u{1b}[31m", "1", "bad \\u{1b}[31m", ""),
        ] {
            let row = [("id", "7"), ("amount", row)];
            let wanted = (reason.to_owned(), field.to_owned());
            assert_eq!(judged(details, &row, None), wanted, "{details}");
        }
    }

    #[test]
    fn the_description_helps_where_it_can_be_meant() {
        let text = "Can't parse 'A' as float for user attribute amount";
        let description = Some(text);
        let details = "could not convert string to float: 'A'";
        let field = |row: &[(&str, &str)]| judged(details, row, description).1;
        assert_eq!(field(&[("name", "A"), ("amount", "A")]), "amount");
        assert_eq!(field(&[("name", "A"), ("total", "A")]), "");
        assert_eq!(field(&[("total", "A"), ("amount", "B")]), "total");
        assert_eq!(field(&[]), "amount");
        assert_eq!(judged("", &[("id", "1")], description).0, text);
        let bare = "`{\"parsing_error_details\":[…]}`";
        assert_eq!(judged("", &[("id", "1")], None).0, bare);
    }

    /// A row with these values, and a message about it.
    fn row_of(values: &[(&str, &str)], details: &str) -> RejectedRow {
        RejectedRow {
            line_number: None,
            row: (values.iter())
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect(),
            details: details.to_owned(),
        }
    }

    #[test]
    fn of_several_values_in_a_message_the_longest_is_meant() {
        let (short, long) = (("short", "a"), ("long", "'a' and b"));
        let message = "not a float: \"'a' and b\"";
        for values in [[short, long], [long, short]] {
            let row = row_of(&values, message);
            let (at, keys) = quoted_value(&row).unwrap();
            assert_eq!((&row.details[at], keys), ("\"'a' and b\"", vec!["long"]));
        }
    }

    #[test]
    fn values_are_found_as_python_shows_them() {
        for (value, shown) in [
            ("1\u{202f}234,5", r"'1\u202f234,5'"),
            ("1\u{a0}234", r"'1\xa0234'"),
            ("a\tb\r\n", r"'a\tb\r\n'"),
            ("it's", "\"it's\""),
            ("\"it's\"", r#"'"it\'s"'"#),
            (r"a\b", r"'a\\b'"),
        ] {
            let row = row_of(&[("amount", value)], &format!("not a float: {shown}"));
            let (at, keys) = quoted_value(&row).unwrap();
            assert_eq!((&row.details[at], keys), (shown, vec!["amount"]));
        }
    }
}
