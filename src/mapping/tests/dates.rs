//! Dates: strict where jiff is lenient, and the fast way agrees with jiff.

use jiff::civil::Date;
use proptest::prelude::*;

use super::{cell, ok, value};
use crate::mapping::value::date::{Dates, Layout};

fn read(layouts: &[&str], cell: &str) -> Result<String, String> {
    let layouts: Vec<Layout> = layouts.iter().map(|l| Layout::new(l).unwrap()).collect();
    let mut out = Vec::new();
    match Dates::new(layouts, None).write(cell, &mut out) {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(reason) => Err(reason.into_owned()),
    }
}

/// The quick way.
fn find(layouts: &[&str], cell: &str) -> Option<String> {
    let layouts: Vec<Layout> = layouts.iter().map(|l| Layout::new(l).unwrap()).collect();
    let mut out = Vec::new();
    let is_put = Dates::new(layouts, None).put(cell, &mut out);
    is_put.then(|| String::from_utf8(out).unwrap())
}

#[test]
fn dates_as_people_write_them_are_found_quickly() {
    let both = ["%d/%m/%Y", "%Y-%m-%d"];
    let found = ["31/12/2024", "2024-12-31", "31/11/2024"].map(|cell| find(&both, cell));
    let day = Some("\"2024-12-31\"".to_owned());
    assert_eq!(found, [day.clone(), day, None]);
    let behind_another = ["%d %b %Y", "%d/%m/%Y"];
    assert_eq!(find(&behind_another, "31/12/2024"), None);
    let leap = find(&both, "29/02/2024");
    assert_eq!(leap.as_deref(), Some("\"2024-02-29\""));
}

#[test]
fn dates_are_written_as_the_service_reads_them() {
    let cases = [
        ("%Y-%m-%d", "2024-02-29"),
        ("%F", "2024-02-29"),
        ("%Y-%m-%d", "2024-2-29"),
        ("%d/%m/%Y", "29/02/2024"),
        ("%d/%m/%Y", "29/2/2024"),
        ("%m/%d/%Y", "02/29/2024"),
        ("%d.%m.%Y", "29.02.2024"),
        ("%d-%m-%Y", "29-02-2024"),
        ("%Y%m%d", "20240229"),
        ("%d %b %Y", "29 Feb 2024"),
        ("%d %B %Y", "29 FEBRUARY 2024"),
        ("%B %e, %Y", "February 29, 2024"),
        ("%A %d %B %Y", "Thursday 29 February 2024"),
        ("%Y-%j", "2024-060"),
        ("%G-W%V-%u", "2024-W09-4"),
        ("%Y-%m-%d %H:%M:%S", "2024-02-29 23:59:59"),
        ("%Y-%m-%dT%H:%M:%S%:z", "2024-02-29T23:59:59-11:00"),
        ("%Y-%m-%dT%H:%M:%S%.fZ", "2024-02-29T23:59:59.999Z"),
        ("%d/%m/%Y %I:%M %p", "29/02/2024 11:30 PM"),
    ];
    for (layout, text) in cases {
        assert_eq!(
            read(&[layout], text),
            ok("\"2024-02-29\""),
            "{layout} {text}"
        );
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_refused() {
    let cases = [
        ("%Y-%m-%d", "24-02-29"),
        ("%Y-%m-%d", "-2024-02-29"),
        ("%Y-%m-%d", "+2024-02-29"),
        ("%Y-%m-%d", "0024-13-01"),
        ("%Y-%m-%d", "0000-01-01"),
        ("%Y-%m-%d", "12024-02-29"),
        ("%Y-%m-%d", "2024-02-29 "),
        ("%Y-%m-%d", "2024-02-29T00:00:00"),
        ("%Y-%m-%d", "2024- 2-29"),
        ("%Y-%m-%d", "2024/02/29"),
        ("%d/%m/%Y", "31/02/2024"),
        ("%d/%m/%Y", "02/29/2024"),
        ("%d/%m/%Y", "29/02/24"),
        ("%d/%m/%Y", "29/02/+2024"),
        ("%d/%m/%Y", "29/02/-2024"),
        ("%d/%m/%Y", "29/02/ 2024"),
        ("%Y%m%d", "2024111"),
        ("%Y%m%d%H%M%S", "2024111123456"),
        ("%d %m %Y", "111 2024"),
        ("%A %d %B %Y", "Friday 29 February 2024"),
        ("%Y-%m-%d", "\u{662}\u{660}\u{662}\u{664}-01-01"),
        ("%Y-%m-%d", "today"),
    ];
    for (layout, text) in cases {
        assert!(read(&[layout], text).is_err(), "{layout} {text}");
    }
}

#[test]
fn the_reason_names_the_layouts() {
    let both = ["%d/%m/%Y", "%Y-%m-%d"];
    assert_eq!(read(&both, "2024-01-02"), ok("\"2024-01-02\""));
    let reasons = ["soon", "31/02/2024", "1/2/24"].map(|text| read(&both, text).unwrap_err());
    assert_eq!(
        reasons,
        [
            "is not a date written as `%d/%m/%Y` or `%Y-%m-%d`",
            "is not a day of the calendar (layout `%d/%m/%Y` or `%Y-%m-%d`)",
            "has no year of four digits (layout `%d/%m/%Y` or `%Y-%m-%d`)",
        ]
    );
}

#[test]
fn bad_layouts_are_told_apart() {
    let problem = |layout: &str| Layout::new(layout).unwrap_err();
    assert_eq!(
        problem("%D"),
        "has `%D`: write `%Y`, or `%y` for two digits of 20yy"
    );
    assert!(problem("%d/%m/%-y").contains("write `%Y`"));
    assert!(problem("%d/%m/%y %Y").contains("more than once"));
    assert!(problem("%Y-%m-%dT%H:%M %Q").contains("zones have no names"));
    assert!(problem("%d/%m").contains("does not tell the year"));
    assert!(problem("dd/mm/yyyy").contains("does not tell the year"));
    assert!(problem("%Y %Y-%m-%d").contains("more than once"));
    assert!(problem("%6Y-%m-%d").contains("width"));
    assert_eq!(
        problem("%m/%Y"),
        "does not tell the year, the month and the day"
    );
    assert_eq!(
        problem("%Y-%m"),
        "does not tell the year, the month and the day"
    );
    for strange in [
        "%Y-%m-%d %J",
        "%Y-%m-%d %",
        "%Y-%m-%d %Z",
        "%Y-%m-%d %c",
        "%Y%n%m%d",
    ] {
        assert!(Layout::new(strange).is_err(), "{strange}");
    }
}

#[test]
fn both_formats_have_dates() {
    let french = "type = 'date', format = '%d/%m/%Y'";
    assert_eq!(cell(french, " 31/01/2024 "), ok("\"2024-01-31\""));
    assert_eq!(value(french, "\"31/01/2024\""), ok("\"2024-01-31\""));
    assert_eq!(
        value("type = 'date', format = ['%Y-%m-%d', '%Y%m%d']", "20240131"),
        ok("\"2024-01-31\"")
    );
    assert_eq!(
        value(french, "true"),
        Err("column C: `true` is a JSON boolean, not a date".to_owned())
    );
    assert!(value(french, "{}").is_err());
}

proptest! {
    #[test]
    fn every_day_survives_every_layout(year in 1_i16..=9999, month in 1_i8..=12, day in 1_i8..=31) {
        for layout in ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d %b %Y"] {
            if let Ok(date) = Date::new(year, month, day) {
                let text = date.strftime(layout).to_string();
                prop_assert_eq!(read(&[layout], &text), Ok(format!("\"{date}\"")));
            }
        }
    }

    #[test]
    fn what_is_found_quickly_is_what_would_have_been_written(
        year in "[0-9]{4}|0000|000[01]|202[0-9]",
        (month, day) in prop_oneof![("[01][0-9]", "[0-3][0-9]"), ("0[0-4]|1[0-3]", "00|01|2[89]|3[0-2]")],
        order in 0..4_usize,
        [first_sign, second_sign] in proptest::array::uniform2(prop_oneof![4 => Just('/'), 4 => Just('-'), 1 => Just('.'), 1 => Just('+')]),
        broken in prop_oneof![4 => Just(None), 1 => (0..10_usize, "[-/.+: 0-9a]").prop_map(Some)],
    ) {
        let [a, b, c] = [[&year, &month, &day], [&year, &day, &month], [&month, &day, &year], [&day, &month, &year]][order];
        let mut text = format!("{a}{first_sign}{b}{second_sign}{c}");
        if let Some((at, sign)) = &broken {
            text.replace_range(*at..=*at, sign);
        }
        let all = [
            "%Y-%m-%d", "%Y/%d/%m", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d/%Y", "%Y+%m-%d", "%d.%m.%Y", "%F", "%d/%b/%Y",
        ];
        for one in all {
            for other in all {
                let layouts = [one, other, "%d+%m+%Y"];
                if let Some(json) = find(&layouts, &text) {
                    prop_assert_eq!(read(&layouts, &text), Ok(json), "{:?}", layouts);
                }
                let is_plain = !layouts.contains(&"%d/%b/%Y");
                if is_plain && broken.is_none() && let Ok(json) = read(&[one], &text) {
                    prop_assert_eq!(find(&layouts, &text), Some(json), "{:?} finds what is plain", layouts);
                }
            }
        }
    }

    #[test]
    fn what_is_accepted_is_what_jiff_reads(text in "[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,5}") {
        for layout in ["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d %m %Y"] {
            if let Ok(json) = read(&[layout], &text) {
                let date = Date::strptime(layout, &text).unwrap();
                prop_assert_eq!(json, format!("\"{date}\""));
            }
        }
    }
}
