//! Workbooks made here, and the whole text that they become.

mod book;
mod cells;
mod formats;
mod formulas;
mod places;
mod refused;

use proptest::prelude::*;
use rust_xlsxwriter::{Format, Workbook};

use super::convert::Converted;
use super::lines::address;
use crate::input::error::Blame;

use self::book::{Book, read, refused, text};

/// The first sheet's text.
fn of(book: &mut Workbook) -> String {
    text(&book.save_to_buffer().unwrap())
}

#[test]
fn texts_come_as_they_are() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (n, cell) in [
        "0042",
        " two ",
        "a,b",
        "say \"so\"",
        "one\ntwo",
        "=1+1",
        "1e5",
        "\u{feff}x",
        "É 日本 🎈",
        "_x0041_",
        "<&>",
        "true",
    ]
    .iter()
    .enumerate()
    {
        sheet.write_string(0, n as u16, *cell).unwrap();
    }
    assert_eq!(
        of(&mut book),
        "0042, two ,\"a,b\",\"say \"\"so\"\"\",\"one\ntwo\",=1+1,1e5,\"\u{feff}x\",É 日本 🎈,\
         _x0041_,<&>,true\n"
    );
}

#[test]
fn rich_text_is_joined() {
    let mut book = Workbook::new();
    let (bold, plain) = (Format::new().set_bold(), Format::new());
    let sheet = book.add_worksheet();
    let parts = [(&bold, "Acme "), (&plain, "and "), (&bold, " Sons")];
    sheet.write_rich_string(0, 0, &parts).unwrap();
    assert_eq!(of(&mut book), "Acme and  Sons\n");
}

#[test]
fn rows_keep_their_numbers_and_empty_columns_around_the_data_go() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (row, column, cell) in [
        (2, 1, "id"),
        (2, 2, "name"),
        (2, 4, "town"),
        (4, 1, "1"),
        (4, 4, "Lyon"),
        (5, 2, "only a name"),
        (7, 1, "2"),
    ] {
        sheet.write_string(row, column, cell).unwrap();
    }
    // A format alone, and an empty text, make no column and no row.
    let bold = Format::new().set_bold();
    sheet.write_blank(20, 0, &bold).unwrap();
    sheet.write_string_with_format(3, 9, "", &bold).unwrap();
    assert_eq!(
        of(&mut book),
        "\n\nid,name,,town\n\n1,,,Lyon\n,only a name,,\n\n2,,,\n"
    );
    let mut empty = Workbook::new();
    empty.add_worksheet();
    assert_eq!(of(&mut empty), "");
}

/// Half a day without a date is a time, unless the format shows a day: letters in quotes, in brackets
/// or after a backslash are no such thing.
#[test]
fn formats_say_whether_a_time_has_a_date() {
    let shown = [
        "hh:mm",
        "hh:mm\" day\"",
        "[$-40C]hh:mm",
        "[Red]hh:mm",
        "hh\\d:mm",
        "hh:mm_d",
        "d hh:mm",
        "\"on \"d hh:mm",
        "[Red]yy hh:mm",
    ]
    .map(|code| {
        let mut book = Workbook::new();
        let format = Format::new().set_num_format(code);
        let sheet = book.add_worksheet();
        sheet.write_number_with_format(0, 0, 0.5, &format).unwrap();
        of(&mut book)
    });
    let (time, date) = ("12:00:00\n", "1900-01-00 12:00:00\n");
    assert_eq!(
        shown,
        [time, time, time, time, time, time, date, date, date]
    );
}

#[test]
fn merged_cells_have_one_value_and_hidden_rows_are_read() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.write_string(0, 0, "a").unwrap();
    sheet.write_string(0, 1, "b").unwrap();
    let plain = Format::new();
    sheet.merge_range(1, 0, 2, 1, "both", &plain).unwrap();
    sheet.set_row_hidden(3).unwrap();
    sheet.write_string(3, 0, "hidden").unwrap();
    assert_eq!(of(&mut book), "a,b\nboth,\n\nhidden,\n");
}

#[test]
fn the_sheet_that_is_named_is_read_else_the_first_visible_one() {
    let mut book = Workbook::new();
    for (name, is_hidden) in [("Notes", true), ("Deals", false), ("Old deals", false)] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.set_hidden(is_hidden);
        // The writer shows the sheet that is active.
        sheet.set_active(name == "Deals");
        sheet.write_string(0, 0, name).unwrap();
    }
    let bytes = book.save_to_buffer().unwrap();
    let named = |sheet: &str, others: &[&str]| Converted {
        sheet: sheet.to_owned(),
        others: others.iter().map(|name| (*name).to_owned()).collect(),
        inexact: 0,
        first_inexact: None,
    };
    assert_eq!(
        read(&bytes, None).unwrap(),
        ("Deals\n".to_owned(), named("Deals", &["Old deals"]))
    );
    for name in ["Notes", "Old deals"] {
        let found = read(&bytes, Some(name)).unwrap();
        assert_eq!(found, (format!("{name}\n"), named(name, &[])));
    }
    let error = refused(&bytes, Some("old deal"));
    assert_eq!(error.blame, Blame::CommandLine);
    assert_eq!(error.message, "deals.xlsx has no sheet `old deal`");
    assert_eq!(
        error.hint.unwrap(),
        "the nearest is `Old deals`; its sheets are `Notes`, `Deals`, `Old deals`"
    );
}

#[test]
fn cells_have_the_names_that_a_spreadsheet_shows() {
    let names = [
        (0, 0),
        (6, 1),
        (0, 25),
        (9, 26),
        (0, 701),
        (1_048_575, 16_383),
    ];
    let names = names.map(|(row, column)| address(row, column));
    assert_eq!(names, ["A1", "B7", "Z1", "AA10", "ZZ1", "XFD1048576"]);
}

/// Texts that CSV or XML might change.
fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~é日🎈\n\t\"',]{0,12}",
        "0[0-9]{1,18}",
        " {0,2}[a-z]{0,3} {0,2}",
        "_x[0-9A-F]{4}_",
        "\r?\n?[\"]{0,3}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any table comes back through a workbook and the CSV that it becomes.
    #[test]
    fn any_table_comes_back(
        rows in (1..5_usize).prop_flat_map(|width| {
            prop::collection::vec(prop::collection::vec(any_text(), width), 1..8)
        }),
    ) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                sheet.write_string(row as u32, column as u16, cell).unwrap();
            }
        }
        let csv = of(&mut book);
        let is_used = |column: &usize| rows.iter().any(|row| !row[*column].is_empty());
        let first = (0..rows[0].len()).find(is_used).unwrap_or_default();
        let end = (0..rows[0].len()).rfind(is_used).map_or(0, |last| last + 1);
        let cut = |row: &Vec<String>| row[first.min(end)..end].to_vec();
        let wanted: Vec<_> = rows.iter().map(cut).filter(|row| row.iter().any(|c| !c.is_empty())).collect();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
        let read: Vec<Vec<String>> = reader
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(read, wanted);
    }
}
