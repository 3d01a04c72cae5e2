//! Mappings as people save them, and what they make of the cells of the cases.

use insta::assert_snapshot;

use crate::input::quotes::case;
use crate::rig::{ends, said};
use crate::stage::Stage;

/// What a push of a case with a mapping leaves in the table.
fn held(name: &str, mapping: &str) -> Vec<String> {
    let stage = Stage::new().file(name, case(name)).file("m.toml", mapping);
    ends(&stage, &format!("{name} -t deals -m m.toml"), 0);
    stage.new_json()
}

#[test]
fn one_column_feeds_two_fields() {
    let mapping = "[fields]\nid = \"ID\"\nname = \"ID\"\nowner = \"Owner\"\n";
    assert_eq!(
        held("one-column-two-fields.csv", mapping),
        [
            r#"{"id":"1","name":"1","owner":"a@example.com"}"#,
            r#"{"id":"2","name":"2","owner":"b@example.com"}"#,
        ]
    );
}

#[test]
fn words_for_empty_cells_count_in_every_format() {
    let input = "table = \"deals\"\n[input]\nnull = [\"NULL\", \"-999\"]\n";
    let fields = "[fields]\nid = \"id\"\n\
        rate = { column = \"rate\", type = \"percent\" }\nnote = \"note\"\n";
    let mapping = format!("{input}{fields}");
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in (0..).zip(["id", "rate", "note"]) {
        sheet.write_string(0, at, name).unwrap();
        sheet
            .write_string(1, at, ["1", "", "NULL"][usize::from(at)])
            .unwrap();
    }
    sheet.write_number(1, 1, -999).unwrap();
    let json = "[{\"id\":\"1\",\"rate\":-999,\"note\":\"NULL\"}]";
    for (name, content) in [
        ("a.csv", b"id,rate,note\n1,-999,NULL\n".to_vec()),
        (
            "mixed.csv",
            b"id,rate,note\n1,NULL, NULL \n2,5%,x\n3,-999,y\n".to_vec(),
        ),
        ("a.xlsx", book.save_to_buffer().unwrap()),
        ("a.json", json.into()),
    ] {
        let stage = Stage::new().file(name, content).file("m.toml", &mapping);
        ends(&stage, &format!("{name} -m m.toml"), 0);
        let first = r#"{"id":"1","note":null,"rate":null}"#;
        assert_eq!(stage.new_json()[0], first, "{name}");
    }
    let stage = Stage::new()
        .file("a.csv", "id,rate\n1,NULL\n")
        .file("m.toml", input);
    ends(&stage, "a.csv -m m.toml", 0);
    assert_eq!(stage.new_json(), [r#"{"id":"1","rate":null}"#]);
}

fn amounts(name: &str, options: &str) -> Vec<String> {
    let mapping = format!(
        "[fields]\nid = \"id\"\nname = \"name\"\n\
         amount = {{ column = \"amount\", type = \"number\", {options} }}\n"
    );
    let records = held(name, &mapping).into_iter();
    let amount = |json: String| {
        let rest = json.strip_prefix("{\"amount\":").map(str::to_owned);
        rest.and_then(|rest| Some(rest.split_once(',')?.0.to_owned()))
    };
    records.map(|json| amount(json).unwrap()).collect()
}

#[test]
fn amounts_have_symbols_and_other_minus_signs() {
    let us = "thousands = \",\", symbols = [\"$\", \"EUR\"], negative = \"parentheses\"";
    assert_eq!(
        amounts("amounts-us.csv", us),
        ["1234.50", "-500.25", "2000.00", "5.00"]
    );
    let eu = "decimal = \",\", thousands = \".\", symbols = [\"€\"], negative = \"trailing\"";
    assert_eq!(amounts("amounts-eu.csv", eu), ["-1234.50", "12.00"]);
}

fn closed(name: &str, options: &str) -> (Vec<String>, usize) {
    let mapping = format!(
        "[fields]\nid = \"id\"\nname = \"name\"\n\
         closed = {{ column = \"closed\", type = \"date\", {options} }}\n"
    );
    let stage = Stage::new().file(name, case(name)).file("m.toml", mapping);
    let told = ends(&stage, &format!("{name} -t deals -m m.toml"), 0);
    let days = stage
        .new_json()
        .into_iter()
        .map(|json| json[11..21].to_owned());
    (
        days.collect(),
        told.stderr.matches("offsets from UTC").count(),
    )
}

#[test]
fn days_are_taken_in_the_zone_that_is_said() {
    let layouts = "format = [\"%Y-%m-%d %H:%M:%S%z\", \"%Y-%m-%dT%H:%M:%S%z\", \
        \"%Y-%m-%d %H:%M:%S %z\", \"%Y-%m-%d\"]";
    let zoned = format!("{layouts}, timezone = \"Europe/Paris\"");
    let days = |days: [&str; 4]| days.map(str::to_owned).to_vec();
    let moved = days(["2026-02-01", "2026-01-01", "2026-02-01", "2026-02-01"]);
    assert_eq!(closed("zones.csv", &zoned), (moved, 0));
    let written = days(["2026-01-31", "2025-12-31", "2026-02-01", "2026-02-01"]);
    assert_eq!(closed("zones.csv", layouts), (written, 1));
}

#[test]
fn a_zone_moves_what_ends_with_a_written_z() {
    let input = "id,closed\n1,2026-01-31T23:30:00Z\n2,2026-01-31T22:30:00Z\n";
    let layout = "format = \"%Y-%m-%dT%H:%M:%SZ\"";
    for (options, days, note) in [
        (
            format!("{layout}, timezone = \"Europe/Paris\""),
            ["2026-02-01", "2026-01-31"],
            "",
        ),
        (
            layout.to_owned(),
            ["2026-01-31", "2026-01-31"],
            "column closed: offsets from UTC (`Z`) are left out",
        ),
    ] {
        let mapping = format!(
            "[fields]\nid = \"id\"\nclosed = {{ column = \"closed\", type = \"date\", {options} }}\n"
        );
        let stage = Stage::new().file("a.csv", input).file("m.toml", mapping);
        let told = ends(&stage, "a.csv -t deals -m m.toml", 0);
        let held = days.map(|day| format!("{{\"closed\":\"{day}\""));
        let records = stage.new_json();
        for (json, day) in records.iter().zip(&held) {
            assert!(json.starts_with(day), "{json}");
        }
        assert!(told.stderr.contains(note), "{}", told.stderr);
        let notes = usize::from(!note.is_empty());
        assert_eq!(told.stderr.matches("offsets from UTC").count(), notes);
    }
}

#[test]
fn arrays_that_values_does_not_list_are_cells_like_others() {
    let input = "{\"id\":1,\"s\":\"Won\"}\n{\"id\":2,\"s\":[\"Won\"]}\n";
    let mapping = |more: &str| {
        let values = "values = { Won = \"w\" }";
        format!("[fields]\nid = \"id\"\ns = {{ column = \"s\", {values}{more} }}\n")
    };
    let strict = mapping(", values_else = \"error\"");
    let stage = Stage::new()
        .file("a.ndjson", input)
        .file("strict.toml", strict)
        .file("m.toml", mapping(""));
    let told = ends(&stage, "a.ndjson -t deals -m strict.toml", 3);
    let refused = "`[\"Won\"]` is not listed in `values`";
    assert!(told.stderr.contains(refused), "{}", told.stderr);
    ends(&stage, "a.ndjson -t deals -m strict.toml --max-errors 1", 7);
    assert_eq!(stage.new_json(), [r#"{"id":1,"s":"w"}"#]);
    let told = ends(&stage, "a.ndjson -t deals -m m.toml", 0);
    let named = "column s: 1 cell is not listed in `values` of field `s` and sent unchanged";
    assert!(told.stderr.contains(named), "{}", told.stderr);
    let held = [r#"{"id":1,"s":"w"}"#, r#"{"id":2,"s":["Won"]}"#];
    assert_eq!(stage.new_json(), held);
}

#[test]
fn years_of_two_digits_are_of_this_century() {
    let (days, _) = closed("short-years.csv", "format = \"%d/%m/%y\"");
    assert_eq!(days, ["2025-12-31", "2026-02-01"]);
}

/// Of CSV, of a sheet, of JSON; rejects are pushed with the same mapping.
#[test]
fn several_columns_make_one_text() {
    let mapping = "[fields]\nid = { columns = [\"Region\", \"No\"], join = \"-\" }\n\
        name = { columns = [\"First\", \"Last\"] }\n";
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in (0..).zip(["Region", "No", "First", "Last"]) {
        sheet.write_string(0, at, name).unwrap();
        sheet
            .write_string(1, at, ["EU", "", "Ann", "Lee"][usize::from(at)])
            .unwrap();
    }
    sheet.write_number(1, 1, 7).unwrap();
    let csv = "Region,No,First,Last\nEU,7,Ann,Lee\n";
    let json = "{\"Region\":\"EU\",\"No\":7,\"First\":\"Ann\",\"Last\":\"Lee\"}\n";
    for (name, content) in [
        ("a.csv", csv.as_bytes().to_vec()),
        ("a.xlsx", book.save_to_buffer().unwrap()),
        ("a.ndjson", json.into()),
    ] {
        let stage = Stage::new().file(name, content).file("m.toml", mapping);
        ends(&stage, &format!("{name} -t deals -m m.toml"), 0);
        assert_eq!(
            stage.new_json(),
            [r#"{"id":"EU-7","name":"Ann Lee"}"#],
            "{name}"
        );
    }
    let stage = Stage::new()
        .file("a.csv", format!("{csv}EU,,Bo,\n"))
        .file("m.toml", mapping);
    let line = "a.csv -t deals -m m.toml --max-errors 1 --rejects bad.csv";
    ends(&stage, line, 7);
    let path = stage.folder().path().join("bad.csv");
    let rejects = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, rejects.replace("EU,,Bo", "EU,8,Bo")).unwrap();
    ends(&stage, "bad.csv -t deals -m m.toml", 0);
    assert_eq!(stage.new_json()[1], r#"{"id":"EU-8","name":"Bo"}"#);
}

/// Typed cells are what they are: signs, layouts and zones are for texts only.
#[test]
fn one_mapping_serves_a_sheet_and_its_csv_twin() {
    let mapping = "[input]\ndecimal = \",\"\nthousands = \".\"\n[fields]\nid = \"id\"\n\
        amount = { column = \"amount\", type = \"number\", symbols = \"€\", negative = \"trailing\" }\n\
        day = { column = \"day\", type = \"date\", format = \"%d/%m/%y\" }\n\
        closed = { column = \"closed\", type = \"date\", format = \"%d/%m/%Y %H:%M%z\", timezone = \"Asia/Tokyo\" }\n\
        made = { column = \"made\", type = \"date\", format = \"epoch\", timezone = \"Asia/Tokyo\" }\n";
    let csv = "id;amount;day;closed;made\n1;1.234,50- €;31/01/26;31/01/2026 23:30+09;1769870400\n";
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in (0..).zip(["id", "amount", "day", "closed", "made"]) {
        sheet.write_string(0, at, name).unwrap();
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let date = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 1, 31).unwrap();
    let late = date.clone().and_hms(23, 30, 0).unwrap();
    sheet.write_string(1, 0, "1").unwrap();
    sheet.write_number(1, 1, -1234.5).unwrap();
    sheet.write_datetime_with_format(1, 2, &date, &day).unwrap();
    sheet.write_datetime_with_format(1, 3, &late, &day).unwrap();
    sheet.write_datetime_with_format(1, 4, &late, &day).unwrap();
    for (name, content, amount) in [
        ("a.csv", csv.as_bytes().to_vec(), "-1234.50"),
        ("a.xlsx", book.save_to_buffer().unwrap(), "-1234.5"),
    ] {
        let stage = Stage::new().file(name, content).file("m.toml", mapping);
        ends(&stage, &format!("{name} -t deals -m m.toml"), 0);
        let expected = format!(
            r#"{{"amount":{amount},"closed":"2026-01-31","day":"2026-01-31","id":"1","made":"2026-01-31"}}"#
        );
        assert_eq!(stage.new_json(), [expected], "{name}");
    }
}

/// What a sheet's bad record is written as is read by the same mapping again.
#[test]
fn rejects_of_a_sheet_are_pushed_with_the_same_mapping() {
    let mapping = "[fields]\nid = \"id\"\n\
        closed = { column = \"closed\", type = \"date\", format = \"%d/%m/%Y %H:%M%z\", timezone = \"Asia/Tokyo\" }\n\
        made = { column = \"made\", type = \"date\", format = \"epoch\", timezone = \"Asia/Tokyo\" }\n\
        n = { column = \"n\", type = \"integer\" }\n";
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (at, name) in (0..).zip(["id", "closed", "made", "n"]) {
        sheet.write_string(0, at, name).unwrap();
    }
    let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd hh:mm");
    let late = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 1, 31).unwrap();
    let late = late.and_hms(23, 30, 0).unwrap();
    for row in [1, 2] {
        sheet.write_string(row, 0, row.to_string()).unwrap();
        sheet
            .write_datetime_with_format(row, 1, &late, &day)
            .unwrap();
        sheet
            .write_datetime_with_format(row, 2, &late, &day)
            .unwrap();
        sheet
            .write_string(row, 3, ["1", "x"][row as usize - 1])
            .unwrap();
    }
    let stage = Stage::new()
        .file("a.xlsx", book.save_to_buffer().unwrap())
        .file("m.toml", mapping);
    let line = "a.xlsx -t deals -m m.toml --max-errors 1 --rejects bad.csv";
    ends(&stage, line, 7);
    let path = stage.folder().path().join("bad.csv");
    let rejects = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, rejects.replace(",x,", ",2,")).unwrap();
    ends(&stage, "bad.csv -t deals -m m.toml", 0);
    let records = stage.new_json();
    let days = r#"{"closed":"2026-01-31","id":"2","made":"2026-01-31","n":2}"#;
    assert_eq!(records[1], days, "{rejects}");
}

/// PowerShell writes UTF-16, other editors of Windows a mark before UTF-8.
#[test]
fn a_mapping_is_read_by_its_mark() {
    let text = "table = \"deals\"\r\n[fields]\r\nid = \"id\"\r\nname = { value = \"é\" }\r\n";
    let mut wide = vec![0xff, 0xfe];
    wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    for mapping in [wide, format!("\u{feff}{text}").into_bytes()] {
        let stage = Stage::new()
            .file("a.csv", "id\n1\n")
            .file("m.toml", mapping);
        ends(&stage, "a.csv -m m.toml", 0);
        assert_eq!(stage.new_json(), [r#"{"id":"1","name":"é"}"#]);
    }
}

#[test]
fn without_fields_columns_go_under_their_own_names() {
    let mapping = "table = \"deals\"\n[input]\ndelimiter = \"^\"\ntrim = true\n";
    let stage = Stage::new()
        .file("a.csv", "id^name\n1^ A \n")
        .file("m.toml", mapping);
    ends(&stage, "a.csv -m m.toml", 0);
    assert_eq!(stage.new_json(), [r#"{"id":"1","name":"A"}"#]);
}

#[test]
fn mappings_that_are_refused() {
    let stage = Stage::unused()
        .file("a.csv", "id,closed,amount\n1,31/12/2025,5\n")
        .file("a.ndjson", "{\"id\":1,\"closed\":\" x \"}\n")
        .file("trim.toml", "table = \"deals\"\n[input]\ntrim = true\n")
        .file(
            "words.toml",
            "table = \"${TABLE}\"\n[fields]\nid = \"id\"\n\
             closed = { column = \"closed\", type = \"date\", format = \"DD/MM/YYYY\" }\n\
             amount = { column = \"amount\", type = \"currency\" }\n\
             quarter = { value = \"${QUARTER}\" }\n",
        )
        .file("odd.toml", b"\xff\xfea");
    let mut all = String::new();
    for line in [
        "a.csv -m words.toml",
        "a.csv -m odd.toml -t deals",
        "a.ndjson -m trim.toml",
    ] {
        all.push_str(&said(&stage, line, 2));
    }
    assert_snapshot!(all);
}
