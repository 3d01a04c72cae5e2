//! Packages whose parts lie elsewhere than usual, and sheets that are odd.

use super::Book;
use super::book::{read, refused};
use crate::input::sheet::package;

/// A row with a text, a date and a percentage, in the formats of [`Book`].
const ROW: &str =
    "<row><c t=\"s\"><v>0</v></c><c s=\"1\"><v>45000</v></c><c s=\"5\"><v>0.125</v></c></row>";
const READ: &str = "a,2023-03-15,12.50%\n";

fn usual() -> Book {
    Book::of(ROW).with("xl/sharedStrings.xml", "<sst><si><t>a</t></si></sst>")
}

/// The book with each part under another name, and those names in all of its relations.
fn moved(of: impl Fn(&str) -> String) -> Book {
    let mut book = usual();
    for (path, _) in &mut book.parts {
        *path = of(path).leak();
    }
    book
}

#[test]
fn parts_are_found_where_they_are_said_to_lie() {
    assert_eq!(usual().text(), READ);
    // In the root of the package.
    let mut root = moved(|path| path.replace("xl/", ""));
    root.parts[0].1 = root.parts[0].1.replace("xl/workbook.xml", "workbook.xml");
    assert_eq!(root.text(), READ);
    // With back-slashes, and in capital letters.
    assert_eq!(moved(|path| path.replace('/', "\\")).text(), READ);
    assert_eq!(moved(str::to_ascii_uppercase).text(), READ);
    // In any folder, by absolute names.
    let mut book = moved(|path| path.replace("xl/", "book/"));
    book.parts[0].1 = book.parts[0]
        .1
        .replace("xl/workbook.xml", "/book/workbook.xml");
    book.parts[2].1 = book.parts[2].1.replace("worksheets/", "/book/worksheets/");
    assert_eq!(book.text(), READ);
}

#[test]
fn parts_with_other_names_than_usual_are_read_by_their_relations() {
    let relation = |kind: &str, target: &str| {
        format!(
            "<Relationship Id=\"{kind}\" Type=\"http://x/relationships/{kind}\" Target=\"{target}\"/>"
        )
    };
    let more =
        relation("styles", "../formats/styles1.xml") + &relation("sharedStrings", "texts.xml");
    let mut book = moved(|path| match path {
        "xl/styles.xml" => "formats/styles1.xml".to_owned(),
        "xl/sharedStrings.xml" => "xl/texts.xml".to_owned(),
        other => other.to_owned(),
    });
    book.parts[2].1 = book.parts[2]
        .1
        .replace("</Relationships>", &(more + "</Relationships>"));
    assert_eq!(book.text(), READ);
    // Without its formats a percentage would be a share of one.
    for styles in ["../formats/styles1.xml", "styles.xml"] {
        let relations = format!("{}</Relationships>", relation("styles", styles));
        let mut book = usual().without("xl/styles.xml");
        book.parts[2].1 = book.parts[2].1.replace("</Relationships>", &relations);
        let said = refused(&book.bytes(), None).message;
        assert!(said.contains("File not found '"), "{said}");
    }
    // A sheet's own name may be written with back-slashes too.
    let mut book = usual();
    book.parts[2].1 = book.parts[2].1.replace("worksheets/", "worksheets\\");
    assert_eq!(book.text(), READ);
}

#[test]
fn an_archive_is_a_workbook_wherever_its_parts_lie() {
    let is_workbook = |book: &Book| {
        use std::io::Write as _;
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&book.bytes()).unwrap();
        package::is_workbook(&file).unwrap().unwrap()
    };
    assert!(is_workbook(&usual()));
    assert!(is_workbook(&moved(|path| path.replace("xl/", ""))));
    assert!(is_workbook(&moved(|path| path.replace('/', "\\"))));
    let document = |path: &str| path.replace("xl/workbook.xml", "word/document.xml");
    assert!(!is_workbook(&moved(document)));
    // In the usual place it is a damaged one.
    assert!(is_workbook(&usual().without("_rels/.rels")));
    let root = moved(|path| path.replace("xl/", ""));
    assert!(!is_workbook(&root.without("_rels/.rels")));
}

/// A workbook with a second sheet, listed first, whose tag and relation are given.
fn with_other(tag: &str, relation: &str) -> Book {
    let mut book = usual();
    book.parts[1].1 = book.parts[1]
        .1
        .replace("<sheets>", &format!("<sheets>{tag}"));
    book.parts[2].1 =
        (book.parts[2].1).replace("</Relationships>", &format!("{relation}</Relationships>"));
    book
}

#[test]
fn an_odd_sheet_refuses_itself_only() {
    let relation = |kind: &str| {
        format!(
            "<Relationship Id=\"o\" Type=\"http://x/{kind}\" Target=\"worksheets/sheet2.xml\"/>"
        )
    };
    let tag =
        |state: &str| format!("<sheet name=\"Odd\" sheetId=\"2\" state=\"{state}\" r:id=\"o\"/>");
    // Charts, sheets of old macros and what nobody knows have no cells that are read.
    for kind in ["chartsheet", "xlMacrosheet", "dialogsheet", "hologram"] {
        let book =
            with_other(&tag("visible"), &relation(kind)).with("xl/worksheets/sheet2.xml", "<x/>");
        assert_eq!(book.text(), READ, "{kind}");
        let error = refused(&book.bytes(), Some("Odd"));
        assert_eq!(error.message, "deals.xlsx has no sheet `Odd`", "{kind}");
    }
    // A hidden sheet without its part, without its relation, or with a state that nobody knows.
    let hidden = with_other(&tag("hidden"), &relation("worksheet"));
    assert_eq!(hidden.text(), READ);
    assert!(
        refused(&hidden.bytes(), Some("Odd"))
            .message
            .ends_with("Worksheet 'Odd' not found")
    );
    assert_eq!(with_other(&tag("hidden"), "").text(), READ);
    let unknown = with_other(&tag("veryVeryHidden"), &relation("worksheet"));
    assert_eq!(
        unknown.with("xl/worksheets/sheet2.xml", "<x/>").text(),
        READ
    );
}

#[test]
fn a_damaged_sheet_refuses_itself_only() {
    let relation =
        "<Relationship Id=\"o\" Type=\"http://x/worksheet\" Target=\"worksheets/sheet2.xml\"/>";
    let tag = "<sheet name=\"Odd\" sheetId=\"2\" state=\"hidden\" r:id=\"o\"/>";
    let noise: String = (0..2_000)
        .map(|n| format!("<row><c><v>{}</v></c></row>", n * 7919 % 1009))
        .collect();
    let book = with_other(tag, relation).with("xl/worksheets/sheet2.xml", &noise);
    let mut bytes = book.bytes();
    let at = memchr::memmem::rfind(&bytes, b"sheet2.xml").unwrap();
    let list = memchr::memmem::find(&bytes, b"PK\x01\x02").unwrap();
    assert!(at > list);
    // A byte of the last part's content.
    bytes[list - 200] ^= 0xff;
    assert_eq!(read(&bytes, None).unwrap().1.sheet, "Data");
    let error = refused(&bytes, Some("Odd"));
    assert!(
        error.message.contains("xl/worksheets/sheet2.xml` in it"),
        "{error}"
    );
    // What is read for every sheet is another matter.
    let bad = usual().without("xl/sharedStrings.xml");
    assert!(
        refused(&bad.bytes(), None)
            .message
            .contains("shared strings")
    );
}
