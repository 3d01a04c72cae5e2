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

/// A workbook of sheets with these names, each with an id that a number cannot hold.
fn long_ids(sheets: &[String]) -> Vec<u8> {
    let mut book = Workbook::new();
    for name in sheets {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        sheet.write_string(0, 0, "id").unwrap();
        sheet
            .write_number(1, 0, 12_345_678_901_234_567_890.0)
            .unwrap();
        sheet.write_number(2, 0, 3.0).unwrap();
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn what_is_odd_about_a_workbook_is_said() {
    let many: Vec<_> = (1..=30).map(|n| format!("Month {n}")).collect();
    let stage = Stage::unused()
        .file("ids.xlsx", long_ids(&many[..1]))
        .file("many.xlsx", long_ids(&many))
        .file("empty.xlsx", {
            let mut book = Workbook::new();
            book.add_worksheet().set_name("Data").unwrap();
            book.save_to_buffer().unwrap()
        })
        .file("locked.xlsx", locked());
    let mut all = String::new();
    for line in [
        "ids.xlsx -t deals --dry-run",
        "many.xlsx -t deals --sheet Months",
        "empty.xlsx -t deals --sheet Chart",
        "ids.xlsx -t deals --format json",
        "locked.xlsx -t deals",
    ] {
        let told = stage.tidy(&run(&mut stage.push(line)));
        all.push_str(&format!("$ {line}\n{told}\n"));
    }
    assert_snapshot!(all);
}

/// What a spreadsheet program writes where a password is wanted: a compound file with the entry
/// `EncryptedPackage` in its folder.
fn locked() -> Vec<u8> {
    const FREE: u32 = u32::MAX;
    const END: u32 = u32::MAX - 1;
    let mut file = vec![0; 512];
    file[..8].copy_from_slice(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    let mut put = |at: usize, bytes: &[u8]| file[at..at + bytes.len()].copy_from_slice(bytes);
    // Versions, the order of bytes, and the sizes of sectors.
    put(24, b"\x3e\x00\x03\x00\xfe\xff\x09\x00\x06\x00");
    put(44, &1_u32.to_le_bytes()); // one sector of the table of sectors
    put(48, &1_u32.to_le_bytes()); // the folder is sector 1
    put(56, &4_096_u32.to_le_bytes());
    put(60, &END.to_le_bytes());
    put(68, &END.to_le_bytes());
    for n in 0..109 {
        let sector = if n == 0 { 0 } else { FREE };
        put(76 + 4 * n, &sector.to_le_bytes());
    }
    let mut table = vec![0xff; 512];
    table[..4].copy_from_slice(&(u32::MAX - 2).to_le_bytes());
    table[4..8].copy_from_slice(&END.to_le_bytes());
    let mut folder = vec![0; 512];
    for (n, (name, kind)) in [("Root Entry", 5), ("EncryptedPackage", 2)]
        .iter()
        .enumerate()
    {
        let entry = &mut folder[128 * n..128 * (n + 1)];
        for (at, unit) in name.encode_utf16().enumerate() {
            entry[2 * at..2 * at + 2].copy_from_slice(&unit.to_le_bytes());
        }
        entry[64] = 2 * (name.len() as u8 + 1);
        entry[66] = *kind;
        for link in [68, 72, 76] {
            entry[link..link + 4].copy_from_slice(&FREE.to_le_bytes());
        }
        entry[116..120].copy_from_slice(&END.to_le_bytes());
    }
    [file, table, folder].concat()
}
