//! Workbooks that are not read, and why.

use std::io::Cursor;

use super::Book;
use super::book::{read_at_most, refused};
use crate::input::error::{Blame, InputError};

const DAMAGED: &str = "deals.xlsx is damaged, or not a workbook that can be read: ";

/// The message about a workbook's content.
fn message(error: InputError) -> String {
    assert_eq!(error.blame, Blame::Content);
    assert!(error.hint.is_some(), "{error}");
    error.message
}

fn of(book: &Book) -> String {
    message(refused(&book.bytes(), None))
}

#[test]
fn archives_that_are_cut_or_changed() {
    let rows = "<row><c><v>1</v></c></row>".repeat(2_000);
    let bytes = Book::of(&rows).bytes();
    let cut = message(refused(&bytes[..bytes.len() / 2], None));
    assert!(cut.starts_with(DAMAGED), "{cut}");
    // A byte of the sheet, which is the last part.
    let mut changed = bytes.clone();
    let place = bytes.len() - 600;
    changed[place] ^= 0xff;
    let changed = message(refused(&changed, None));
    assert!(changed.starts_with(DAMAGED), "{changed}");
}

#[test]
fn parts_that_are_missing_or_not_as_they_should_be() {
    let row = "<row><c><v>1</v></c></row>";
    let without = |path| of(&Book::of(row).without(path));
    assert_eq!(
        without("xl/worksheets/sheet1.xml"),
        format!("{DAMAGED}Worksheet 'Data' not found")
    );
    assert_eq!(
        without("xl/_rels/workbook.xml.rels"),
        format!("{DAMAGED}File not found 'xl/_rels/workbook.xml.rels'")
    );
    assert_eq!(
        without("xl/workbook.xml"),
        format!("{DAMAGED}File not found 'xl/workbook.xml'")
    );
    assert_eq!(
        of(&Book::of("<row><c t=\"s\"><v>7</v></c></row>")),
        format!("{DAMAGED}Cell string index not found in shared strings table")
    );
}

#[test]
fn places_that_a_sheet_does_not_have() {
    for (rows, why) in [
        (
            "<row r=\"5\"><c r=\"A5\"><v>1</v></c></row><row r=\"3\"><c r=\"A3\"><v>1</v></c></row>",
            "the rows of its sheet are not in order",
        ),
        (
            "<row><c r=\"A1048577\"><v>1</v></c></row>",
            "a cell lies outside of the sheet",
        ),
        (
            "<row><c r=\"XFE1\"><v>1</v></c></row>",
            "a cell lies outside of the sheet",
        ),
        (
            "<row><c r=\"B1\"><v>1</v></c><c r=\"B1\"><v>2</v></c></row>",
            "cell B1 stands in it twice",
        ),
    ] {
        assert_eq!(of(&Book::of(rows)), format!("{DAMAGED}{why}"));
    }
}

#[test]
fn cells_that_cannot_be_told() {
    let rows = "<row/><row><c t=\"str\"><v>_xFFFF_#N/A</v></c></row>";
    assert_eq!(
        of(&Book::of(rows)),
        "deals.xlsx: the text in cell A2 begins with U+FFFF, which no text has"
    );
    let rows = "<row r=\"7\"><c><v>1</v></c></row><row><c t=\"e\"><v>#ERROR!</v></c></row>";
    assert_eq!(
        of(&Book::of(rows)),
        "deals.xlsx: a cell on row 7 or below it holds the formula error `#ERROR!`"
    );
}

#[test]
fn more_than_is_read() {
    let large = |book: &Book, most| message(read_at_most(&book.bytes(), None, most).unwrap_err());
    let sheet = Book::of(&" ".repeat(100_000));
    assert_eq!(
        large(&sheet, 50_000),
        "deals.xlsx inflates to more than 48.8 KiB"
    );
    // Few bytes in the archive become many in the text.
    let strings = format!("<sst><si><t>{}</t></si></sst>", "x".repeat(1_000));
    let rows = "<row><c t=\"s\"><v>0</v></c></row>".repeat(1_000);
    let texts = Book::of(&rows).with("xl/sharedStrings.xml", &strings);
    assert_eq!(
        large(&texts, 100_000),
        "deals.xlsx inflates to more than 97.7 KiB"
    );
    let announced = "<sst uniqueCount=\"99999999999999\"><si><t>x</t></si></sst>";
    let announced = Book::of("").with("xl/sharedStrings.xml", announced);
    assert_eq!(
        of(&announced),
        format!("{DAMAGED}it announces more texts than it has")
    );
    let run = Book::of(&" ".repeat((16 << 20) + 1));
    assert_eq!(
        large(&run, 1 << 30),
        format!("{DAMAGED}a cell of it has too much text")
    );
}

#[test]
fn passwords() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("xl/workbook.xml", zip::write::SimpleFileOptions::default())
        .unwrap();
    let mut bytes = zip.finish().unwrap().into_inner();
    // The flag of an encrypted part, in its own header and in the archive's list.
    let list = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    bytes[6] |= 1;
    bytes[list + 8] |= 1;
    assert_eq!(
        message(refused(&bytes, None)),
        "deals.xlsx is a workbook that is protected with a password"
    );
}
