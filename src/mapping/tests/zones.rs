//! Dates of moments: offsets, zones, seconds since 1970; and years of two digits.

use jiff::Timestamp;
use proptest::prelude::*;

use super::{cell, ok, value};

fn date(options: &str, text: &str) -> Result<String, String> {
    let written = cell(&format!("type = 'date', {options}"), text)?;
    Ok(written.trim_matches('"').to_owned())
}

const MOMENTS: &str =
    "format = ['%Y-%m-%d %H:%M:%S%z', '%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%d %H:%M:%S %z', '%Y-%m-%d']";

#[test]
fn values_with_an_offset_move_into_the_zone() {
    let paris = format!("{MOMENTS}, timezone = 'Europe/Paris'");
    for (text, moved, written) in [
        ("2026-01-31 23:30:00+00", "2026-02-01", "2026-01-31"),
        ("2025-12-31T23:30:00Z", "2026-01-01", "2025-12-31"),
        ("2026-02-01 00:10:00 UTC", "2026-02-01", "2026-02-01"),
        ("2026-02-01", "2026-02-01", "2026-02-01"),
        // Summer time begins at one in UTC, in winter an hour is between them.
        ("2026-06-30T22:00:00Z", "2026-07-01", "2026-06-30"),
        ("2026-01-31T22:59:59Z", "2026-01-31", "2026-01-31"),
        ("2026-02-01 01:00:00+05:30", "2026-01-31", "2026-02-01"),
        ("2026-02-01 01:00:00+0530", "2026-01-31", "2026-02-01"),
        ("2026-01-31 20:00:00 -0500", "2026-02-01", "2026-01-31"),
        ("2026-01-31 23:30:00UTC", "2026-02-01", "2026-01-31"),
    ] {
        assert_eq!(date(&paris, text), ok(moved), "{text}");
        assert_eq!(date(MOMENTS, text), ok(written), "{text}");
    }
    let offset = "format = '%Y-%m-%dT%H:%M:%S%.f%:z', timezone = 'America/New_York'";
    assert_eq!(
        date(offset, "2026-02-01T04:59:59.999+00:00"),
        ok("2026-01-31")
    );
    assert_eq!(date(offset, "2026-02-01T05:00:00Z"), ok("2026-02-01"));
    // In the middle it is jiff's own, of four digits.
    let middle = "format = '%a %b %d %H:%M:%S %z %Y', timezone = 'Asia/Tokyo'";
    assert_eq!(
        date(middle, "Sat Jan 31 20:00:00 +0000 2026"),
        ok("2026-02-01")
    );
    // A day with an offset is a day.
    let day = "format = '%Y-%m-%d%z', timezone = 'Asia/Tokyo'";
    assert_eq!(date(day, "2026-01-31-10:00"), ok("2026-01-31"));
    let twelve = "format = '%m/%d/%Y %I:%M %p %z', timezone = 'UTC'";
    assert_eq!(date(twelve, "01/31/2026 11:30 PM -0500"), ok("2026-02-01"));
    assert_eq!(
        value(
            &format!("type = 'date', {paris}"),
            "\"2025-12-31T23:30:00Z\""
        ),
        ok("\"2026-01-01\"")
    );
}

#[test]
fn an_offset_of_zero_may_be_written_out_in_the_layout() {
    for (layout, text) in [
        ("%Y-%m-%dT%H:%M:%SZ", "2026-01-31T23:30:00Z"),
        ("%Y-%m-%dT%H:%M:%S%.fZ", "2026-01-31T23:30:00.123Z"),
        ("%Y-%m-%dT%H:%M:%S.000Z", "2026-01-31T23:30:00.000Z"),
        ("%Y-%m-%dT%H:%MZ", "2026-01-31T23:30Z"),
        ("%FT%TZ", "2026-01-31T23:30:00Z"),
        ("%Y-%m-%d %H:%M:00 UTC", "2026-01-31 23:30:00 UTC"),
        ("%d/%m/%y %H:%M:%S GMT", "31/01/26 23:30:00 GMT"),
        ("%Y-%m-%d %H:%M:%S+00", "2026-01-31 23:30:00+00"),
        ("%Y-%m-%d %H:%M:%S +0000", "2026-01-31 23:30:00 +0000"),
        ("%Y-%m-%d %H:%M:%S+00:00", "2026-01-31 23:30:00+00:00"),
        ("%d %b %Y %I:%M %p utc", "31 Jan 2026 11:30 PM utc"),
        ("%H:%M:%S %d.%m.%Y UTC", "23:30:00 31.01.2026 UTC"),
    ] {
        let alone = format!("format = '{layout}'");
        let first = format!("format = ['{layout}', '%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%d']");
        for layouts in [alone, first] {
            let paris = format!("{layouts}, timezone = 'Europe/Paris'");
            assert_eq!(date(&paris, text), ok("2026-02-01"), "{paris}");
            assert_eq!(date(&layouts, text), ok("2026-01-31"), "{layouts}");
        }
    }
    // It stays the text that it is: no other offset fits.
    let literal = "format = '%Y-%m-%dT%H:%M:%SZ', timezone = 'Europe/Paris'";
    for text in ["2026-01-31T23:30:00", "2026-01-31T23:30:00+00:00"] {
        assert!(date(literal, text).is_err(), "{text}");
    }
    let half = "format = '%Y-%m-%d %I:%MZ', timezone = 'UTC'";
    let field = super::parse::field(&format!("{{ column = 'C', type = 'date', {half} }}"));
    assert!(field.contains("needs `%p`"), "{field}");
}

#[test]
fn other_text_around_a_time_moves_nothing() {
    for (layout, text) in [
        ("%Y-%m-%dZ%H:%M", "2026-01-31Z23:30"),
        ("%H:%MZ %Y-%m-%d", "23:30Z 2026-01-31"),
        ("%Y-%m-%d %H:%M hrZ", "2026-01-31 23:30 hrZ"),
        ("%Y-%m-%d %H:%M-01", "2026-01-31 23:30-01"),
        ("%Y-%m-%dZ", "2026-01-31Z"),
    ] {
        let paris = format!("format = '{layout}', timezone = 'Europe/Paris'");
        assert_eq!(date(&paris, text), ok("2026-01-31"), "{layout}");
    }
}

#[test]
fn what_is_no_offset_is_refused() {
    for text in [
        "2026-01-31 23:30:00",
        "2026-01-31 23:30:00+0",
        "2026-01-31 23:30:00+2:00",
        "2026-01-31 23:30:00+24",
        "2026-01-31 23:30:00+02:60",
        "2026-01-31 23:30:00+020000",
        "2026-01-31 23:30:00 CET",
        "2026-01-31 23:30:00z",
        "2026-01-31T23:30:00 Z",
        "2026-01-31Z",
    ] {
        assert!(date(MOMENTS, text).is_err(), "{text}");
    }
    let zoned = "format = '%Y-%m-%dT%H:%M:%S%z', timezone = 'Asia/Tokyo'";
    assert!(date(zoned, "9999-12-31T23:30:00Z").is_err());
}

#[test]
fn years_of_two_digits_are_of_this_century() {
    let short = "format = '%d/%m/%y'";
    assert_eq!(date(short, "31/12/25"), ok("2025-12-31"));
    assert_eq!(date(short, "01/02/26"), ok("2026-02-01"));
    assert_eq!(date(short, "29/02/00"), ok("2000-02-29"));
    assert_eq!(date(short, "1/2/99"), ok("2099-02-01"));
    assert_eq!(date("format = '%y%m%d'", "690720"), ok("2069-07-20"));
    assert_eq!(
        date("format = '%a %d %b %y'", "Sat 31 Jan 26"),
        ok("2026-01-31")
    );
    // The last day of 1999 was a Friday, that of 2099 is none.
    assert!(date("format = '%a %d %b %y'", "Fri 31 Dec 99").is_err());
    for text in [
        "31/12/2025",
        "31/12/5",
        "31/12/",
        "31/12/125",
        "29/02/25",
        "31/12/-5",
        "31/12/2 5",
    ] {
        assert!(date(short, text).is_err(), "{text}");
    }
    assert_eq!(
        date(short, "1/2/3"),
        Err("column C: `1/2/3` has no year as its layout writes it (layout `%d/%m/%y`)".to_owned())
    );
}

#[test]
fn moments_may_be_counted() {
    let seconds = "format = 'epoch', timezone = 'Europe/Paris'";
    assert_eq!(date(seconds, "1769900400"), ok("2026-02-01"));
    assert_eq!(date(seconds, "1769900399"), ok("2026-01-31"));
    assert_eq!(date(seconds, "1769900399.999"), ok("2026-01-31"));
    assert_eq!(
        date("format = 'epoch', timezone = 'UTC'", "-864000000"),
        ok("1942-08-16")
    );
    assert_eq!(
        date("format = 'epoch', timezone = 'UTC'", "-864000000.5"),
        ok("1942-08-15")
    );
    let milliseconds = "format = 'epoch-ms', timezone = 'UTC'";
    assert_eq!(date(milliseconds, "1769903999999"), ok("2026-01-31"));
    assert_eq!(date(milliseconds, "1769904000000"), ok("2026-02-01"));
    assert_eq!(
        value(&format!("type = 'date', {milliseconds}"), "1769904000000"),
        ok("\"2026-02-01\"")
    );
    for (options, text, reason) in [
        (seconds, "45689", "counts another unit"),
        (milliseconds, "1769904000", "counts another unit"),
        (seconds, "1769904000000", "counts another unit"),
        (seconds, "99999999999999999999", "counts another unit"),
        (seconds, "173568960000", "counts another unit"),
        (seconds, "20260131", "counts another unit"),
        (seconds, "1.7e9", "is not a date written as"),
        (seconds, "2026-01-31", "is not a date written as"),
        (seconds, "1769904000.", "is not a date written as"),
    ] {
        let fault = date(options, text).unwrap_err();
        assert!(fault.contains(reason), "{text}: {fault}");
    }
}

#[test]
fn zones_are_checked() {
    let field = |options: &str| super::parse::field(&format!("{{ column = 'C', {options} }}"));
    assert_eq!(
        field("type = 'date', timezone = 'Paris'"),
        "line 3: field `f`: there is no time zone `Paris`\n  hint: did you mean `Europe/Paris`?\n"
    );
    assert!(
        field("type = 'date', timezone = 'Europe/Pariss'").contains("did you mean `Europe/Paris`?")
    );
    assert!(field("type = 'date', timezone = '+02:00'").contains("there is no time zone"));
    assert!(field("type = 'date', format = 'epoch'").contains("`epoch` needs `timezone`"));
    assert!(field("type = 'number', timezone = 'UTC'").contains("does not go with type `number`"));
    let half = "type = 'date', format = '%Y-%m-%d %I:%M %z'";
    assert_eq!(field(half), "");
    assert!(field(&format!("{half}, timezone = 'UTC'")).contains("needs `%p`"));
}

proptest! {
    #[test]
    fn a_moment_is_one_day_however_it_is_written(
        seconds in 100_000_000_i64..4_000_000_000,
        hours in -12..=14_i32,
        zone in proptest::sample::select(vec!["UTC", "Europe/Paris", "America/New_York", "Asia/Kolkata"]),
    ) {
        let moment = Timestamp::from_second(seconds).unwrap();
        let expected = moment.in_tz(zone).unwrap().date().to_string();
        let there = jiff::tz::Offset::from_hours(hours as i8).unwrap().to_datetime(moment);
        let options = format!("{MOMENTS}, timezone = '{zone}'");
        for offset in [format!("{hours:+03}"), format!("{hours:+03}00"), format!("{hours:+03}:00")] {
            let text = format!("{}{offset}", there.strftime("%Y-%m-%d %H:%M:%S"));
            prop_assert_eq!(date(&options, &text), Ok(expected.clone()), "{}", text);
        }
        let epoch = format!("format = 'epoch', timezone = '{zone}'");
        prop_assert_eq!(date(&epoch, &seconds.to_string()), Ok(expected));
    }
}
