//! Workbooks as inputs: which sheet is read, what the table gets, which row is to blame.

use insta::assert_snapshot;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use serde_json::json;

use crate::stage::{OLD, Stage};
use crate::support::run;

const MAPPING: &str = "
table = \"deals\"
[fields]
id = \"Deal ID\"
name = \"Name\"
amount = { column = \"Amount\", type = \"number\" }
closed = { column = \"Closed\", type = \"date\" }
";

/// A hidden sheet, the deals from B3 on, and one more sheet. The third deal's amount is an error.
fn workbook(is_good: bool) -> Vec<u8> {
    let mut book = Workbook::new();
    let lists = book.add_worksheet().set_name("Lists").unwrap();
    lists.set_hidden(true);
    let deals = book.add_worksheet().set_name("Deals").unwrap();
    deals.set_active(true);
    for (n, name) in ["Deal ID", "Name", "Amount", "Closed"].iter().enumerate() {
        deals.write_string(2, n as u16 + 1, *name).unwrap();
    }
    let date = Format::new().set_num_format("dd/mm/yyyy");
    let day = ExcelDateTime::from_ymd(2024, 2, 29).unwrap();
    for (row, id, name) in [
        (3, "007", "Acme\nLyon"),
        (5, "008", "\"B\", Sons"),
        (6, "009", "C"),
    ] {
        deals.write_string(row, 1, id).unwrap();
        deals.write_string(row, 2, name).unwrap();
        deals.write_number(row, 3, 1234.5).unwrap();
        deals
            .write_datetime_with_format(row, 4, &day, &date)
            .unwrap();
    }
    if !is_good {
        let formula = Formula::new("=1/0").set_result("#DIV/0!");
        deals.write_formula(6, 3, formula).unwrap();
    }
    let more = book.add_worksheet().set_name("Old").unwrap();
    more.write_string(0, 0, "id").unwrap();
    more.write_string(1, 0, "1").unwrap();
    book.save_to_buffer().unwrap()
}

/// A deal as the table holds it.
fn deal(id: &str, name: &str) -> (String, String) {
    let deal = json!({"amount": 1234.5, "closed": "2024-02-29", "id": id, "name": name});
    (id.to_owned(), deal.to_string())
}

#[test]
fn the_table_gets_what_the_cells_mean() {
    let stage = Stage::new()
        .file("deals.xlsx", workbook(true))
        .file("deals.toml", MAPPING);
    let told = run(&mut stage.push("deals.xlsx -m deals.toml --all --debounce 900"));
    assert_snapshot!(stage.tidy(&told));
    assert_eq!(
        stage.settled().records,
        [
            deal("007", "Acme\nLyon"),
            deal("008", "\"B\", Sons"),
            deal("009", "C")
        ]
    );
}

#[test]
fn a_resumed_push_reads_the_kept_text_and_leaves_out_the_same_record() {
    // As a text the bad cell would pass: only that it stood in a sheet makes its record a bad one.
    let (mapping, amount) = (
        MAPPING.replace("type = \"number\"", "type = \"text\""),
        "1234.5",
    );
    let stage = Stage::with_faults("500@2")
        .file("deals.xlsx", workbook(false))
        .file("deals.toml", mapping);
    let line = "deals.xlsx -m deals.toml --chunk-size 1 --retry-for 0 --max-errors 1";
    assert_eq!(run(&mut stage.push(line)).code(), Some(6));
    // What is read then is the copy.
    stage.folder().write("deals.xlsx", "no workbook any more");
    let told = run(&mut stage.push("resume"));
    assert_eq!(told.code(), Some(7), "{told}");
    let mut records = stage.settled().records;
    records.retain(|(id, _)| !OLD.contains(&id.as_str()));
    let as_text = |(id, deal): (String, String)| (id, deal.replace(amount, &format!("{amount:?}")));
    assert_eq!(
        records,
        [deal("007", "Acme\nLyon"), deal("008", "\"B\", Sons")].map(as_text)
    );
}

#[test]
fn a_formula_error_is_a_bad_record_on_the_row_of_the_sheet() {
    let stage = Stage::unused()
        .file("deals.xlsx", workbook(false))
        .file("deals.toml", MAPPING);
    assert_snapshot!(stage.tidy(&run(&mut stage.push("deals.xlsx -m deals.toml"))));
}

#[test]
fn sheets_that_are_not_there() {
    let stage = Stage::unused()
        .file("deals.xlsx", workbook(true))
        .file("deals.csv", "id\n1\n")
        .file("cut.xlsx", &workbook(true)[..2_000]);
    let mut all = String::new();
    for line in [
        "deals.xlsx -t deals --sheet Deal",
        "deals.csv -t deals --sheet Deals",
        "deals.xlsx deals.csv -t deals --sheet Old",
        "deals.xlsx -t deals --format ndjson",
        "cut.xlsx -t deals",
        "deals.xlsx -t deals --sheet Old --dry-run",
    ] {
        let told = stage.tidy(&run(&mut stage.push(line)));
        all.push_str(&format!("$ {line}\n{told}\n"));
    }
    assert_snapshot!(all);
}
