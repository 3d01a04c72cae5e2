//! What number formats show of numbers, and that nothing is rounded.

use crate::input::mark::Typed;
use crate::input::sheet::format;

fn shown(value: f64, format: &str) -> (Typed, String) {
    let mut text = String::new();
    let typed = format::write(value, format, &mut text);
    (typed, text)
}

/// Each number as its format shows it: still a number.
fn numbers(cases: &[(f64, &str, &str)]) {
    for (value, format, text) in cases {
        assert_eq!(
            shown(*value, format),
            (Typed::Number, (*text).to_owned()),
            "{value} in {format}"
        );
    }
}

#[test]
fn percentages_have_the_decimals_of_their_format_and_all_of_their_own() {
    numbers(&[
        (0.125, "0.00%", "12.50%"),
        (0.5, "0.00%", "50.00%"),
        (0.0725, "0.00%", "7.25%"),
        (0.125, "0.0%", "12.5%"),
        (0.125, "0%", "12.5%"),
        (0.125, "0.0#%", "12.5%"),
        (-0.125, "0.00%", "-12.50%"),
        (-0.005, "0%", "-0.5%"),
        (0.0, "0.00%", "0.00%"),
        (-0.0, "0%", "0%"),
        (1.0, "0%", "100%"),
        (12.5, "#,##0.00%", "1250.00%"),
        (0.07, "0%", "7%"),
        (0.1, "0%", "10%"),
        (0.29, "0%", "29%"),
        (1.1, "0%", "110%"),
        // The nearest double of 0.1 + 0.2 is another one than that of 0.3.
        (0.1 + 0.2, "0%", "30.000000000000004%"),
        (1e-7, "0.00%", "0.00001%"),
        (1e-9, "0.00%", "1e-7%"),
        (2.5e22, "0%", "2.5e24%"),
    ]);
}

#[test]
fn a_percent_sign_is_found_wherever_it_multiplies() {
    numbers(&[
        (0.125, "0.00\\ %", "12.50%"),
        (0.125, "0.00\" \"%", "12.50%"),
        (0.125, "%0", "12.5%"),
        (0.125, "[Red]0.0%", "12.5%"),
        (0.125, "0.0%_)", "12.5%"),
        (-0.125, "0.0%;[Red]-0.0%", "-12.5%"),
        (-0.125, "0.0%;(0.0%)", "-12.5%"),
        (0.0, "0.0%;-0.0%;\"-\"", "0.0%"),
        (0.125, "General%", "12.5%"),
        (5.0, "[<1]0%;0", "500%"),
        // It stands for itself there, and the number is one of percent already.
        (12.5, "0.0\"%\"", "12.5%"),
        (12.5, "0.00\\%", "12.50%"),
        (12.5, "0\" % \"", "12.5%"),
    ]);
}

#[test]
fn other_formats_leave_the_bare_number() {
    numbers(&[
        (1234.5, "General", "1234.5"),
        (1234.5, "", "1234.5"),
        (1234.567, "0.00", "1234.567"),
        (1234.5, "#,##0.00\" €\"", "1234.5"),
        (1234.5, "[$€-407]#,##0.00", "1234.5"),
        (0.125, "# ?/?", "0.125"),
        (0.125, "0.00E+00", "0.125"),
        (5.0, "0\" days\"", "5"),
        (5.0, "00\" h\"", "5"),
        (42.0, "\"C\"0", "42"),
        (42.0, "\"$\"00", "42"),
        (42.0, "#0", "42"),
        (42.0, "00/00", "42"),
        (0.125, "0\" % of all\"", "0.125"),
        (0.125, "0.0,%", "0.125"),
        (0.125, "0%%", "0.125"),
        (0.125, "@", "0.125"),
        (0.125, "0;0;0;0%", "0.125"),
        (f64::INFINITY, "0%", "inf"),
    ]);
}

#[test]
fn integers_have_the_leading_zeros_of_their_format() {
    numbers(&[
        (7.0, "00000", "00007"),
        (123.0, "00000", "00123"),
        (45678.0, "00000", "45678"),
        (1234567.0, "00000", "1234567"),
        (0.0, "00000", "00000"),
        (-123.0, "00000", "-00123"),
        (123.0, "[Red]00000_)", "00123"),
        (123.0, "00000;\\-00000", "00123"),
        // What such a format would round, or write with another sign, stays as it is.
        (123.5, "00000", "123.5"),
        (-123.0, "00000;(00000)", "-123"),
        (123.0, "[<1000]00000;0", "123"),
        (9_007_199_254_740_994.0, "00000", "9007199254740994"),
    ]);
}

#[test]
fn digits_between_signs_are_codes() {
    for (value, format, text) in [
        (123456789.0, "000-00-0000", "123-45-6789"),
        (1234567.0, "000-00-0000", "001-23-4567"),
        (12345678901.0, "000\\-00\\-0000", "12345-67-8901"),
        (42.0, "\"C\"00000", "C00042"),
        (42.0, "\\D\\-00000", "D-00042"),
        (
            612345678.0,
            "00\" \"00\" \"00\" \"00\" \"00",
            "06 12 34 56 78",
        ),
    ] {
        assert_eq!(
            shown(value, format),
            (Typed::Text, text.to_owned()),
            "{value} in {format}"
        );
    }
}

#[test]
fn moving_the_point_is_exact() {
    // As integers of thousandths, which cannot round.
    for thousandths in 0_u32..20_000 {
        let value = f64::from(thousandths) / 1_000.0;
        let (whole, tenth) = (thousandths / 10, thousandths % 10);
        let text = match tenth {
            0 => format!("{whole}%"),
            _ => format!("{whole}.{tenth}%"),
        };
        assert_eq!(shown(value, "0%").1, text);
        assert_eq!(shown(-value, "0%").1.trim_start_matches('-'), text);
    }
}
