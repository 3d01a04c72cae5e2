//! Numbers with currency symbols, in parentheses, or with a minus sign behind them.

use proptest::prelude::*;
use proptest::sample::select;

use super::{cell, ok, value};
use crate::mapping::value::marks::{Marks, Negative};
use crate::mapping::value::number::Number;
use crate::mapping::value::style::{NumberKind, NumberStyle};

const PARENTHESES: &str = "type = 'number', thousands = ',', symbols = ['$', '£', 'EUR', 'GBP'], negative = 'parentheses'";
const TRAILING: &str =
    "type = 'number', decimal = ',', thousands = '.', symbols = '€', negative = 'trailing'";

#[test]
fn marks_stand_on_either_side_of_the_sign() {
    for (text, json) in [
        ("1,234.50", "1234.50"),
        ("(500.25)", "-500.25"),
        ("$2,000.00", "2000.00"),
        ("EUR 5.00", "5.00"),
        ("-£5", "-5"),
        ("£-5", "-5"),
        ("£ - 5", "-5"),
        ("(£3)", "-3"),
        ("£(3)", "-3"),
        ("( 3 GBP )", "-3"),
        ("(3) GBP", "-3"),
        ("4 GBP", "4"),
        ("4\u{a0}GBP", "4"),
        ("4GBP", "4"),
        (" $.50 ", "0.50"),
        ("(0)", "-0"),
        ("-7", "-7"),
        ("$1e5", "1e5"),
    ] {
        assert_eq!(cell(PARENTHESES, text), ok(json), "{text}");
    }
    for (text, json) in [
        ("1.234,50-", "-1234.50"),
        ("12,00 €", "12.00"),
        ("€12,00-", "-12.00"),
        ("12,00-€", "-12.00"),
        ("12,00 € -", "-12.00"),
        ("-3", "-3"),
    ] {
        assert_eq!(cell(TRAILING, text), ok(json), "{text}");
    }
}

#[test]
fn what_is_not_set_is_not_read() {
    for (options, text) in [
        (PARENTHESES, "3-"),
        (PARENTHESES, "(3"),
        (PARENTHESES, "3)"),
        (PARENTHESES, "-(3)"),
        (PARENTHESES, "(-3)"),
        (PARENTHESES, "((3))"),
        (PARENTHESES, "--3"),
        (PARENTHESES, "$"),
        (PARENTHESES, "()"),
        (PARENTHESES, "$3$"),
        (PARENTHESES, "$3 EUR"),
        (PARENTHESES, "€3"),
        (PARENTHESES, "eur 3"),
        (PARENTHESES, "3 EUROS"),
        (PARENTHESES, "3%"),
        (PARENTHESES, "$1,23"),
        (TRAILING, "(3)"),
        (TRAILING, "-3-"),
        (TRAILING, "3--"),
        ("type = 'integer', symbols = '$'", "$3.5"),
        ("type = 'number', symbols = '$'", "(3)"),
        ("type = 'number', symbols = '$'", "3-"),
    ] {
        let written = cell(options, text);
        assert!(written.is_err(), "{options}: {text}: {written:?}");
    }
    // It is five hundred, not a half.
    assert_eq!(
        cell("type = 'number', symbols = 'Rs'", "Rs.500"),
        Err("column C: `Rs.500` is not a number, unless `Rs.` is a symbol".to_owned())
    );
    let rupees = "type = 'number', symbols = ['Rs', 'Rs.', 'kr.']";
    assert_eq!(cell(rupees, "Rs.500"), ok("500"));
    assert_eq!(cell(rupees, "500 kr."), ok("500"));
}

#[test]
fn they_go_with_whole_numbers_and_percentages() {
    let whole = "type = 'integer', thousands = ' ', symbols = 'pcs', negative = 'parentheses'";
    assert_eq!(cell(whole, "(1 200 pcs)"), ok("-1200"));
    let percent = "type = 'percent', negative = 'parentheses'";
    assert_eq!(cell(percent, "(12.5%)"), ok("-12.5"));
    assert_eq!(cell(percent, "(12.5) %"), ok("-12.5"));
    assert!(cell(percent, "(12.5%)%").is_err());
    let share = "type = 'percent', fraction = true, negative = 'trailing'";
    assert!(cell(share, "12,5%-").is_err());
    assert_eq!(cell(share, "12.5 %-"), ok("-0.125"));
    // A number of JSON has its own signs.
    assert_eq!(value(PARENTHESES, "-1234.5"), ok("-1234.5"));
    assert_eq!(value(PARENTHESES, "\"($3)\""), ok("-3"));
}

#[test]
fn symbols_are_checked() {
    for bad in [
        "", " $", "$ ", "1", "-", "(", ")", "%", "+", "a-b", ".", ",x", "'", "\u{2212}", "\n",
    ] {
        assert!(!Marks::is_symbol(bad), "{bad:?}");
    }
    for good in ["$", "€", "EUR", "kr.", "US $", "R$"] {
        assert!(Marks::is_symbol(good), "{good}");
    }
}

proptest! {
    /// Whatever marks stand around a number, its digits are those of the number without them.
    #[test]
    fn marks_change_no_digit(
        digits in "[1-9][0-9]{0,2}(,[0-9]{3}){0,2}(\\.[0-9]{1,4})?",
        symbol in select(vec!["", "$", "EUR", "kr."]),
        is_before: bool,
        is_inside: bool,
        space in select(vec!["", " ", "\u{202f}"]),
        negative in select(vec![None, Some(Negative::Parentheses), Some(Negative::Trailing)]),
        is_negative: bool,
    ) {
        let style = NumberStyle { decimal: '.', thousands: Some(',') };
        let plain = Number::new(style, NumberKind::Number);
        let symbols = ["$", "EUR", "kr."].map(str::to_owned).to_vec();
        let marked = plain.clone().with_marks(Marks::new(symbols, negative));
        let with_symbol = |text: String| match is_before {
            true => format!("{symbol}{space}{text}"),
            false => format!("{text}{space}{symbol}"),
        };
        let with_sign = |text: String| match (is_negative, negative) {
            (false, _) => text,
            (true, None) => format!("-{text}"),
            (true, Some(Negative::Parentheses)) => format!("({text})"),
            (true, Some(Negative::Trailing)) => format!("{text}-"),
        };
        let text = match is_inside {
            true => with_sign(with_symbol(digits.clone())),
            false => with_symbol(with_sign(digits.clone())),
        };
        let write = |number: &Number, text: &str| {
            let mut out = Vec::new();
            number.write(text, &mut out).map(|()| String::from_utf8(out).unwrap())
        };
        let minus = if is_negative { "-" } else { "" };
        let expected = write(&plain, &format!("{minus}{digits}"));
        prop_assert!(expected.is_ok());
        prop_assert_eq!(write(&marked, text.trim()), expected, "{}", text);
    }
}
