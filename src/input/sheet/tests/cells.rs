//! What each kind of cell becomes.

use super::Book;
use super::book::read;
use crate::input::mark::{self, Marked, Typed};

/// The text of each cell, in a column of its own sheet.
fn texts(cells: &[&str]) -> Vec<String> {
    let text = Book::of_cells(cells).text();
    text.lines().map(str::to_owned).collect()
}

/// Each number with this style, as text.
fn numbers(style: u8, book: impl Fn(Book) -> Book, values: &[&str]) -> Vec<String> {
    let cells: Vec<String> = (values.iter())
        .map(|value| format!("<c s=\"{style}\"><v>{value}</v></c>"))
        .collect();
    let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
    let text = book(Book::of_cells(&cells)).text();
    text.lines().map(str::to_owned).collect()
}

fn since_1900(style: u8, values: &[&str]) -> Vec<String> {
    numbers(style, |book| book, values)
}

#[test]
fn numbers_have_the_fewest_digits_and_no_exponent() {
    let values = [
        "1234.5",
        "0.1",
        "1.1000000000000001",
        "100",
        "-3",
        "1E2",
        "1.0",
        "0",
        "-0",
        "1E-3",
        "12345678901234567890",
        "9007199254740993",
        "1E+20",
        "1E+21",
        "1.5E-9",
        "0.29999999999999999",
    ];
    assert_eq!(
        since_1900(0, &values),
        [
            "1234.5",
            "0.1",
            "1.1",
            "100",
            "-3",
            "100",
            "1",
            "0",
            "0",
            "0.001",
            "12345678901234567000",
            "9007199254740992",
            "100000000000000000000",
            "1e21",
            "1.5e-9",
            "0.3",
        ]
    );
    // As stored, whatever the format shows of it: but for percentages, which are shown so.
    assert_eq!(since_1900(5, &["0.125"]), ["12.50%"]);
    assert_eq!(since_1900(7, &["45000"]), ["45000"]);
}

#[test]
fn numbers_that_a_sheet_cannot_hold_are_counted() {
    let rows = "<row><c><v>9007199254740992</v></c></row>\
                <row><c/><c><v>9007199254740994</v></c><c><v>12345678901234567890</v></c></row>";
    let (_, converted) = read(&Book::of(rows).bytes(), None).unwrap();
    assert_eq!(
        (converted.inexact, converted.first_inexact.as_deref()),
        (2, Some("B2"))
    );
}

#[test]
fn dates_since_1900() {
    assert_eq!(
        since_1900(
            1,
            &[
                "1", "59", "60", "61", "45000", "45000.5", "2958465", "2958466", "0", "-1"
            ]
        ),
        [
            "1900-01-01",
            "1900-02-28",
            "1900-02-29",
            "1900-03-01",
            "2023-03-15",
            "2023-03-15 12:00:00",
            "9999-12-31",
            "2958466",
            "1900-01-00",
            "-1",
        ]
    );
    assert_eq!(since_1900(6, &["45000"]), ["2023-03-15"]);
}

#[test]
fn dates_since_1904() {
    let values = ["0", "1", "60", "43538", "43538.25"];
    assert_eq!(
        numbers(1, Book::counted_since_1904, &values),
        [
            "1904-01-01",
            "1904-01-02",
            "1904-03-01",
            "2023-03-15",
            "2023-03-15 06:00:00"
        ]
    );
}

#[test]
fn times_are_rounded_to_milliseconds_that_show_only_where_there_are_any() {
    assert_eq!(
        since_1900(
            2,
            &[
                "45000",
                "45000.333333333336",
                "45000.999999999999",
                "45000.520833333336",
                "45000.000011574074",
                "45000.0000057870",
            ]
        ),
        [
            "2023-03-15",
            "2023-03-15 08:00:00",
            "2023-03-16",
            "2023-03-15 12:30:00",
            "2023-03-15 00:00:01",
            "2023-03-15 00:00:00.500",
        ]
    );
    assert_eq!(
        since_1900(3, &["0", "0.5", "0.999988425925926", "1.5"]),
        ["00:00:00", "12:00:00", "23:59:59", "1900-01-01 12:00:00"]
    );
    assert_eq!(
        since_1900(4, &["0.5", "1.5", "-0.0625", "1E9"]),
        ["12:00:00", "36:00:00", "-01:30:00", "1000000000"]
    );
}

#[test]
fn texts_of_every_kind() {
    assert_eq!(
        texts(&[
            "<c t=\"inlineStr\"><is><t xml:space=\"preserve\"> 007 </t></is></c>",
            "<c t=\"inlineStr\"><is><r><t>a</t></r><r><t>b</t></r><rPh><t>no</t></rPh></is></c>",
            "<c t=\"str\"><f>A1&amp;\"x\"</f><v>a&amp;b _x0041_</v></c>",
            "<c t=\"b\"><v>1</v></c>",
            "<c t=\"b\"><f>1=2</f><v>0</v></c>",
            "<c><f>1+1</f><v>2</v></c>",
            "<c t=\"d\"><v>2024-05-06</v></c>",
            "<c t=\"d\"><v>2024-05-06T00:00:00</v></c>",
            "<c t=\"d\"><v>2024-05-06T07:08:09</v></c>",
            "<c t=\"d\"><v>2024-05-06T07:08:09Z</v></c>",
        ]),
        [
            " 007 ",
            "ab",
            "a&b A",
            "true",
            "false",
            "2",
            "2024-05-06",
            "2024-05-06",
            "2024-05-06 07:08:09",
            "2024-05-06T07:08:09Z",
        ]
    );
}

#[test]
fn shared_texts_keep_their_numbers_past_an_empty_one() {
    let strings = "<sst uniqueCount=\"3\"><si><t>a</t></si><si/><si><r><t>b</t></r><r><t>c</t></r></si></sst>";
    let rows = "<row><c t=\"s\"><v>2</v></c><c t=\"s\"><v>1</v></c><c t=\"s\"><v>0</v></c></row>";
    let book = Book::of(rows).with("xl/sharedStrings.xml", strings);
    assert_eq!(book.text(), "bc,,a\n");
}

#[test]
fn formula_errors_are_marked() {
    let errors = [
        "#N/A", "#DIV/0!", "#REF!", "#NAME?", "#NULL!", "#NUM!", "#VALUE!",
    ];
    let cells = errors.map(|error| format!("<c t=\"e\"><f>x</f><v>{error}</v></c>"));
    let read = texts(&cells.each_ref().map(String::as_str));
    for (cell, error) in read.iter().zip(errors) {
        let why = format!("holds the formula error `{error}`");
        assert_eq!(mark::read(cell), Marked::None { shown: error, why });
    }
    for text in ["", "#N/A", "x\u{ffff}"] {
        assert_eq!(mark::read(text), Marked::Value(Typed::Text, text));
    }
}

#[test]
fn cells_and_rows_may_name_their_places() {
    let rows = "<row r=\"2\"><c r=\"C2\"><v>1</v></c><c r=\"B2\"><v>2</v></c></row>\
                <row r=\"4\"><c r=\"B4\"><v>3</v></c></row>";
    assert_eq!(Book::of(rows).text(), "\n2,1\n\n3,\n");
}
