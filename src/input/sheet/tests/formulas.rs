//! Formulas that were never calculated.

use super::Book;
use super::book::read;

/// The converted text, where a mark shows as `!`.
fn marked(book: &Book) -> String {
    read(&book.bytes(), None)
        .unwrap()
        .0
        .replace('\u{ffff}', "!")
}

#[test]
fn formulas_without_a_result_are_marked_with_their_place() {
    let rows = "<row r=\"2\"><c r=\"B2\"><v>1</v></c><c r=\"C2\"><f>B2*2</f><v/></c></row>\
                <row r=\"3\"><c r=\"B3\" t=\"str\"><f>\"a\"</f></c><c r=\"C3\"><f>B2</f></c></row>\
                <row r=\"4\"><c r=\"B4\" t=\"b\"><f>1=2</f><v></v></c></row>\
                <row r=\"5\"><c r=\"B5\" t=\"s\"><f>A1</f><v></v></c></row>\
                <row r=\"6\"><c r=\"B6\"><f t=\"shared\" ref=\"B6:B7\" si=\"0\">A1</f></c></row>\
                <row r=\"7\"><c r=\"B7\"><f t=\"shared\" si=\"0\"/></c></row>\
                <row r=\"8\"><c r=\"B8\"><f t=\"array\" ref=\"B8\">A1</f></c></row>";
    assert_eq!(
        marked(&Book::of(rows)),
        "\n!n1,!=C2\n!=B3,\n!=B4,\n!=B5,\n!=B6,\n!=B7,\n!=B8,\n"
    );
}

#[test]
fn formulas_with_a_result_are_their_results() {
    let rows = "<row><c><f>1+1</f><v>2</v></c></row>\
                <row><c><f>1-1</f><v>0</v></c></row>\
                <row><c t=\"str\"><f>\"\"</f><v></v></c><c><v>1</v></c></row>\
                <row><c t=\"s\"><f>A9</f><v>0</v></c></row>\
                <row><c t=\"b\"><f>1=2</f><v>0</v></c></row>\
                <row><c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c></row>\
                <row><c s=\"5\"><f>1/8</f><v>0.125</v></c></row>\
                <row><c><f></f></c><c><v>1</v></c></row>";
    let book = Book::of(rows).with("xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>");
    assert_eq!(
        marked(&book),
        "!n2,\n!n0,\n,!n1\na,\n!bfalse,\n!#DIV/0!,\n!n12.50%,\n,!n1\n"
    );
}

/// What a program writes that stores formulas and cannot calculate: 0, and a word to those who can.
#[test]
fn a_zero_of_a_workbook_that_is_still_to_be_calculated_is_no_result() {
    let rows = "<row><c><f>1+1</f><v>0</v></c><c><v>0</v></c></row>\
                <row><c s=\"1\"><f>TODAY()</f><v>0</v></c></row>\
                <row><c><f>1+1</f><v>2</v></c></row>\
                <row><c t=\"str\"><f>A1</f><v>x</v></c></row>";
    let mut book = Book::of(rows);
    book.parts[1].1 = book.parts[1].1.replace(
        "</workbook>",
        "<calcPr calcId=\"124519\" fullCalcOnLoad=\"1\"/></workbook>",
    );
    assert_eq!(marked(&book), "!0A1,!n0\n!0A2,\n!n2,\nx,\n");
    for said in ["fullCalcOnLoad=\"0\"", "fullCalcOnLoad=\"false\"", ""] {
        let mut book = Book::of(rows);
        let calculated = format!("<calcPr {said}/></workbook>");
        book.parts[1].1 = book.parts[1].1.replace("</workbook>", &calculated);
        assert!(marked(&book).starts_with("!n0,!n0\n"), "{said}");
    }
}

#[test]
fn a_column_of_nothing_but_formulas_without_results_is_a_column() {
    let rows = "<row><c r=\"A1\"><v>1</v></c></row><row><c r=\"D2\"><f>A1</f></c></row>";
    assert_eq!(marked(&Book::of(rows)), "!n1,,,\n,,,!=D2\n");
}
