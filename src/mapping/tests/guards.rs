//! `[guard]`, `[freeze]` and `[history]`.

use super::mapping;
use super::parse::mistakes;
use crate::mapping::{Freeze, GuardSettings};

const FIELDS: &str = "[fields]\nid = 'ID'\nclosed = { column = 'C', type = 'date' }\nopen = 'O'\n";

#[test]
fn what_they_say() {
    let all = "[guard]\nmin_records = 1_000\nmax_shrink = '10%'\nmax_hollow = '0.5 %'\n\
               min_overlap = '100%'\nmax_changed = '0%'\n";
    let mapped = mapping(&format!("{all}{FIELDS}"));
    let guard = GuardSettings {
        min_records: Some(1_000),
        max_shrink: Some(100_000),
        max_hollow: Some(5_000),
        min_overlap: Some(1_000_000),
        max_changed: Some(0),
    };
    assert_eq!(mapped.guard(), guard);
    assert_eq!(mapped.freeze(), None);
    // They say nothing of the fields: every column goes under its own name.
    let alone = mapping("[guard]\nmin_records = 1\n");
    assert!(alone.is_identity());
    assert_eq!(mapping(FIELDS).guard(), GuardSettings::default());
}

#[test]
fn how_a_table_is_pushed() {
    let mapped = mapping(&format!(
        "all = true\ndebounce = '15m'\nwait = true\n{FIELDS}"
    ));
    let window = Some(std::time::Duration::from_secs(900));
    assert_eq!((mapped.all(), mapped.wait()), (true, true));
    assert_eq!(mapped.debounce(), window);
    assert_eq!(mapping("debounce = 900\n").debounce(), window);
    let mapped = mapping(FIELDS);
    assert_eq!((mapped.all(), mapped.wait()), (false, false));
    assert_eq!(mapped.debounce(), None);
    for (wrong, why) in [
        (
            "all = 1",
            "line 1: `all` must be true or false, not an integer",
        ),
        (
            "wait = 'yes'",
            "line 1: `wait` must be true or false, not a string",
        ),
        (
            "debounce = true",
            "line 1: `debounce` must be seconds or a time, not a boolean",
        ),
        (
            "debounce = '8d'",
            "line 1: `debounce`: at most 7 days: 604800, 168h or 7d; a number alone is seconds, others have s, m, h or d",
        ),
    ] {
        assert_eq!(mistakes(wrong).trim(), why, "{wrong}");
    }
}

#[test]
fn a_day_is_a_date_of_toml_or_a_text() {
    for day in ["2026-01-01", "\"2026-01-01\""] {
        let mapped = mapping(&format!(
            "[freeze]\nfield = 'closed'\nbefore = {day}\n{FIELDS}"
        ));
        let freeze = Freeze {
            field: "closed".to_owned(),
            before: jiff::civil::date(2026, 1, 1),
        };
        assert_eq!(mapped.freeze(), Some(&freeze), "{day}");
    }
}

#[test]
fn mistakes_have_their_lines() {
    let text = format!(
        "[guard]\nmin_records = -1\nmax_shrink = 50\nmax_hollow = '50'\nmin_overlap = '101%'\n\
         max_change = '5%'\n[freeze]\nfield = 'close'\nbefor = 2026-01-01\n{FIELDS}"
    );
    assert_eq!(
        mistakes(&text),
        r#"line 2: `min_records` must be 0 or more
line 3: `max_shrink` must be a string, not an integer
line 4: `max_hollow` must be a percentage, not `50`
  hint: from "0%" to "100%", such as "30%"
line 5: `min_overlap` must be a percentage, not `101%`
  hint: from "0%" to "100%", such as "30%"
line 6: [guard]: unknown key `max_change`
  hint: did you mean `max_changed`?
line 7: [freeze]: `before` is missing
  hint: it needs both: field = "close_date", before = 2026-01-01
line 9: [freeze]: unknown key `befor`
  hint: did you mean `before`?
"#
    );
}

#[test]
fn a_frozen_day_is_that_of_a_date_field() {
    let freeze = |field: &str, before: &str| {
        mistakes(&format!(
            "[freeze]\nfield = '{field}'\nbefore = {before}\n{FIELDS}"
        ))
    };
    assert_eq!(
        freeze("close", "2026-01-01"),
        "line 2: [freeze]: there is no field `close`\n  hint: did you mean `closed`?\n"
    );
    assert_eq!(
        freeze("zzz", "2026-01-01"),
        "line 2: [freeze]: there is no field `zzz`\n  \
         hint: it is the API key of a field of type `date`\n"
    );
    assert_eq!(
        freeze("open", "2026-01-01"),
        "line 2: [freeze]: the field `open` is not of type `date`\n  \
         hint: open = { column = \"…\", type = \"date\" }\n"
    );
    for (before, told) in [
        ("'1/1/2026'", "`before` must be a day, not `1/1/2026`"),
        (
            "2026-01-01T00:00:00Z",
            "`before` must be a day, not `2026-01-01T00:00:00Z`",
        ),
        ("'2026-02-30'", "`before`: there is no day `2026-02-30`"),
    ] {
        let told = format!("line 3: {told}\n  hint: write it as 2026-01-01\n");
        assert_eq!(freeze("closed", before), told);
    }
    assert_eq!(
        freeze("closed", "2026"),
        "line 3: `before` must be a date, not an integer\n"
    );
    // Without fields nothing tells which column has days.
    assert_eq!(
        mistakes("[freeze]\nfield = 'closed'\nbefore = 2026-01-01\n"),
        "line 2: [freeze]: there is no field `closed`\n  \
         hint: it is the API key of a field of type `date`\n"
    );
    // What is wrong with the field itself is one mistake.
    assert_eq!(
        mistakes("[freeze]\nfield = 'd'\nbefore = 2026-01-01\n[fields]\nid = 'ID'\nd = 1\n"),
        "line 6: field `d` must be a column's name or a table such as { column = \"Amount\", type = \
         \"number\" }, not an integer\n"
    );
}

#[test]
fn how_many_replaces_are_kept() {
    assert_eq!(mapping(FIELDS).keep(), None);
    assert_eq!(
        mapping(&format!("[history]\nkeep = 3\n{FIELDS}")).keep(),
        Some(3)
    );
    assert_eq!(mapping("[history]\n").keep(), None);
    let told = mistakes(&format!(
        "[history]\nkeep = -1\nkep = 2\nruns = 2\n{FIELDS}"
    ));
    assert_eq!(
        told,
        r#"line 2: `keep` must be 0 or more
line 3: [history]: unknown key `kep`
  hint: did you mean `keep`?
line 4: [history]: unknown key `runs`
  hint: [history] knows keep
"#
    );
}
