//! Numbers: every digit stays, and what is not a number is told apart.

use proptest::prelude::*;

use super::{cell, ok, value};
use crate::mapping::value::number::Number;
use crate::mapping::value::style::{NumberKind, NumberStyle, PLAIN};

fn plain(text: &str) -> Result<String, String> {
    write(text, PLAIN, NumberKind::Number)
}

fn write(text: &str, style: NumberStyle, kind: NumberKind) -> Result<String, String> {
    let mut out = Vec::new();
    match Number::new(style, kind).write(text, &mut out) {
        Ok(()) => Ok(String::from_utf8(out).unwrap()),
        Err(reason) => Err(reason.into_owned()),
    }
}

fn style(decimal: char, thousands: char) -> NumberStyle {
    NumberStyle {
        decimal,
        thousands: Some(thousands),
    }
}

#[test]
fn digits_are_copied() {
    let cases = [
        ("0", "0"),
        ("-0", "-0"),
        ("100.10", "100.10"),
        ("007", "7"),
        ("-007", "-7"),
        ("000", "0"),
        ("00.50", "0.50"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("1e5", "1e5"),
        ("1.5E-07", "1.5E-07"),
        ("1e+05", "1e+05"),
        ("9007199254740993", "9007199254740993"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        (
            "0.123456789012345678901234567890",
            "0.123456789012345678901234567890",
        ),
    ];
    for (text, json) in cases {
        assert_eq!(plain(text), ok(json), "{text}");
    }
}

#[test]
fn what_is_not_a_number_is_refused_with_its_reason() {
    let cases = [
        ("12,5O", "is not a number"),
        (
            "12,5",
            "is not a number: it has `,`, but the decimal sign is `.` and no thousands sign is set",
        ),
        ("12 months", "is not a number"),
        ("12.5O", "is not a number"),
        ("abc", "is not a number"),
        ("", "is not a number"),
        ("-", "is not a number"),
        (".", "is not a number"),
        ("e5", "is not a number"),
        ("1e", "is not a number"),
        ("1e5.5", "is not a number"),
        ("1e5e5", "is not a number"),
        ("5.", "has no digits after its decimal sign"),
        (
            "1.2.3",
            "is not a number: it has more than one decimal sign",
        ),
        ("+1", "has a plus sign; write the number without it"),
        ("1_000", "has an underscore between its digits"),
        ("0x1f", "is not a decimal number"),
        ("NaN", "is not a finite number"),
        ("inf", "is not a finite number"),
        ("-Infinity", "is not a finite number"),
        (
            "--1",
            "is not a number: a minus sign stands once, before the digits",
        ),
        (
            "1-",
            "ends with a minus sign; if it is negative, set negative = \"trailing\"",
        ),
        (
            "-1-",
            "is not a number: a minus sign stands once, before the digits",
        ),
        (
            "€ 12",
            "is not a number; if `€` is a currency, list it in symbols = [\"€\"]",
        ),
        (
            "-12 EUR",
            "is not a number; if `EUR` is a currency, list it in symbols = [\"EUR\"]",
        ),
        ("1-2", "is not a number"),
        (
            "(12)",
            "is in parentheses; if it is negative, set negative = \"parentheses\"",
        ),
        (
            "\u{2212}1",
            "is not a number: its digits or its minus sign are not plain ASCII",
        ),
        (
            "\u{663}",
            "is not a number: its digits or its minus sign are not plain ASCII",
        ),
        (
            "1e999",
            "is too large: the service would read it as infinite",
        ),
        (
            "-1e400",
            "is too large: the service would read it as infinite",
        ),
        ("12%", "has a % sign; set type = \"percent\""),
        (
            "1 000",
            "is not a number: it has ` `, but the decimal sign is `.` and no thousands sign is set",
        ),
    ];
    for (text, reason) in cases {
        assert_eq!(plain(text), Err(reason.to_owned()), "{text}");
    }
    let huge = "9".repeat(400);
    assert!(plain(&huge).unwrap_err().contains("too large"));
    let long = format!("0.{}", "1".repeat(400));
    assert_eq!(plain(&long), Ok(long.clone()));
}

#[test]
fn thousands_stand_in_groups_of_three_only() {
    let french = style(',', ' ');
    for space in [' ', '\u{a0}', '\u{202f}', '\u{2009}'] {
        let text = format!("-12{space}345,60");
        assert_eq!(write(&text, french, NumberKind::Number), ok("-12345.60"));
    }
    let english = style('.', ',');
    let kind = NumberKind::Number;
    assert_eq!(write("1,234,567.89", english, kind), ok("1234567.89"));
    assert_eq!(write("1234567.89", english, kind), ok("1234567.89"));
    assert_eq!(write("000,123", english, kind), ok("123"));
    for bad in [
        "12,5",
        "1234,567",
        ",123",
        "123,",
        "1,,234",
        "1,23",
        "1.234,567",
        "1,2345",
    ] {
        let reason = write(bad, english, kind).unwrap_err();
        assert!(reason.contains("groups of three"), "{bad}: {reason}");
    }
    let swiss = style('.', '\'');
    assert_eq!(write("1\u{2019}234'567.5", swiss, kind), ok("1234567.5"));
    let german = style(',', '.');
    assert_eq!(write("1.234,50", german, kind), ok("1234.50"));
    assert!(write("1.5", german, kind).is_err());
    assert!(write("1.234.5", german, kind).is_err());
}

#[test]
fn integers_have_no_fraction() {
    let kind = NumberKind::Integer;
    assert_eq!(write("0012", PLAIN, kind), ok("12"));
    assert_eq!(write("1 234", style(',', ' '), kind), ok("1234"));
    let fraction = write("12.0", PLAIN, kind).unwrap_err();
    assert_eq!(fraction, "has a fraction, which an integer cannot have");
    let exponent = write("1e3", PLAIN, kind).unwrap_err();
    assert_eq!(exponent, "has an exponent, which an integer cannot have");
}

#[test]
fn percents_may_carry_their_sign() {
    let french = style(',', ' ');
    for text in ["12,5", "12,5%", "12,5 %", "12,5\u{a0}%", "12,5\u{202f}%"] {
        assert_eq!(write(text, french, NumberKind::Percent), ok("12.5"));
    }
    for bad in ["%", "%12", "12 %%", "12 % %"] {
        assert!(write(bad, french, NumberKind::Percent).is_err(), "{bad}");
    }
}

#[test]
fn fractions_move_the_point_by_digits() {
    let cases = [
        ("12.5", "0.125"),
        ("12.5%", "0.125"),
        ("12.5 %", "0.125"),
        ("100", "1.00"),
        ("0", "0.00"),
        ("5", "0.05"),
        ("-50.0", "-0.500"),
        (".5", "0.005"),
        ("1234.56", "12.3456"),
        ("0012", "0.12"),
        ("125e-1", "1.25e-1"),
        ("12.345678901234567890123", "0.12345678901234567890123"),
    ];
    for (text, json) in cases {
        assert_eq!(write(text, PLAIN, NumberKind::Fraction), ok(json), "{text}");
    }
    assert_eq!(
        write("1 250,5 %", style(',', ' '), NumberKind::Fraction),
        ok("12.505")
    );
}

#[test]
fn both_formats_keep_the_digits() {
    let digits = "123456789012345678901234567890.100";
    assert_eq!(cell("type = 'number'", digits), ok(digits));
    assert_eq!(value("type = 'number'", digits), ok(digits));
    assert_eq!(value("trim = false", digits), ok(digits));
    assert_eq!(
        value("type = 'number', decimal = ','", "1.50"),
        ok("1.50"),
        "a JSON number has its own grammar"
    );
    assert_eq!(
        value("type = 'number', decimal = ','", "\"1,50\""),
        ok("1.50")
    );
    assert_eq!(
        value("type = 'number', decimal = ','", "\"1.50\""),
        Err("column C: `1.50` is not a number: it has `.`, but the decimal sign is `,` and no thousands sign is set".to_owned())
    );
    assert_eq!(
        value("type = 'percent', fraction = true", "12.5"),
        ok("0.125")
    );
    assert!(value("type = 'integer'", "1.0").is_err());
    assert!(value("type = 'number'", "true").is_err());
    assert!(value("type = 'number'", "[1]").is_err());
}

#[test]
fn numbers_are_trimmed() {
    assert_eq!(cell("type = 'number'", " \u{a0}12.5\t"), ok("12.5"));
}

proptest! {
    #[test]
    fn a_number_is_its_own_digits(
        negative: bool,
        whole in "(0|[1-9][0-9]{0,40})",
        fraction in "([0-9]{1,40})?",
    ) {
        let point = if fraction.is_empty() { "" } else { "." };
        let sign = if negative { "-" } else { "" };
        let text = format!("{sign}{whole}{point}{fraction}");
        prop_assert_eq!(plain(&text), Ok(text.clone()));

        // The same with every sign of another country.
        let mut grouped = String::new();
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i) % 3 == 0 {
                grouped.push('\u{202f}');
            }
            grouped.push(digit);
        }
        let comma = if fraction.is_empty() { "" } else { "," };
        let french = format!("{sign}{grouped}{comma}{fraction}");
        prop_assert_eq!(write(&french, style(',', ' '), NumberKind::Number), Ok(text));
    }

    #[test]
    fn a_fraction_is_a_hundredth_of_it(
        whole in "[0-9]{1,12}",
        fraction in "([0-9]{1,12})?",
    ) {
        let point = if fraction.is_empty() { "" } else { "." };
        let shifted = write(&format!("{whole}{point}{fraction}"), PLAIN, NumberKind::Fraction).unwrap();
        // Both as whole numbers of 10^-14.
        let scaled = |text: &str, places: usize| -> u128 {
            let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
            format!("{whole}{fraction:0<places$}").parse().unwrap()
        };
        let text = format!("{whole}{point}{fraction}");
        prop_assert_eq!(scaled(&shifted, 14) * 100, scaled(&text, 14));
    }

    #[test]
    fn what_is_accepted_is_a_json_number(text in "[-+0-9.,eE' %_]{0,12}") {
        for style in [PLAIN, style(',', ' '), style('.', ',')] {
            for kind in [NumberKind::Number, NumberKind::Integer, NumberKind::Percent, NumberKind::Fraction] {
                if let Ok(json) = write(&text, style, kind) {
                    prop_assert!(serde_json::from_str::<serde_json::Number>(&json).is_ok(), "{}", json);
                    let digits = |t: &str| -> String {
                        let digits: String = t.chars().filter(char::is_ascii_digit).collect();
                        digits.trim_matches('0').to_owned()
                    };
                    if kind != NumberKind::Fraction {
                        prop_assert_eq!(digits(&json), digits(&text));
                    }
                }
            }
        }
    }

    #[test]
    fn json_numbers_pass_whole(text in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][-+]?[0-9]{1,2})?") {
        prop_assert_eq!(plain(&text), Ok(text));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn what_is_put_quickly_is_what_would_have_been_written(
        cell in prop_oneof![
            "-?[0-9]{0,4}(\\.[0-9]{0,3})?",
            "-?[0-9]{0,18}([.,][0-9]{0,3})?",
            "[0-9]{298,303}",
            "-?[0-9]{1,4}([, ][0-9]{3}){0,4}([.,][0-9]{0,2})?",
            "-?[1-9][0-9]{0,2}(,[0-9]{3}){0,3}(\\.[0-9]{1,4})?",
            "[-0-9., \0]{1,17}",
            "[-+0-9.e,% ]{0,6}",
        ],
        moved in proptest::option::weighted(0.3, (any::<proptest::sample::Index>(), "[-.,0 a\0]")),
        (decimal, thousands) in prop_oneof![
            Just(('.', None)), Just(('.', Some(','))), Just((',', Some(' '))), Just((',', Some('.'))),
            Just(('.', Some('·'))), Just(('·', None)),
        ],
    ) {
        let mut cell = cell;
        if let (Some((at, sign)), false) = (moved, cell.is_empty()) {
            let at = at.index(cell.len());
            cell.replace_range(at..=at, &sign);
        }
        for kind in [NumberKind::Number, NumberKind::Integer, NumberKind::Percent, NumberKind::Fraction] {
            let style = NumberStyle { decimal, thousands };
            let (mut quick, mut out) = (b"before".to_vec(), b"before".to_vec());
            let number = Number::new(style, kind);
            let is_put = number.put(cell.as_bytes(), &mut quick);
            if is_put {
                prop_assert_eq!(number.write(&cell, &mut out), Ok(()));
            } else if decimal == '.' {
                prop_assert!(!kind.is_plain(cell.as_bytes()), "{} is plain", cell);
            }
            prop_assert_eq!(quick, out);
        }
    }
}

#[test]
fn numbers_as_people_write_them_are_put_quickly() {
    let style = NumberStyle {
        decimal: ',',
        thousands: Some(' '),
    };
    let plain = Number::new(style, NumberKind::Number);
    for (cell, number) in [
        ("12 345,60", "12345.60"),
        ("-1 234 567 890,5", "-1234567890.5"),
        ("-7", "-7"),
        ("0,5", "0.5"),
        ("123 456", "123456"),
    ] {
        let mut out = Vec::new();
        assert!(plain.put(cell.as_bytes(), &mut out), "{cell}");
        assert_eq!(out, number.as_bytes());
    }
}

#[test]
fn no_group_before_thousands_begins_with_a_zero() {
    let english = "type = 'number', thousands = ','";
    for text in ["0,123", "-0,123", "00,123", "0,000,123", "0,123.4"] {
        assert!(cell(english, text).is_err(), "{text}");
    }
    let german = "type = 'number', decimal = ',', thousands = '.'";
    assert!(cell(german, "0.123").is_err() && cell(german, "01.234").is_err());
    assert_eq!(cell(english, "10,123"), ok("10123"));
}
