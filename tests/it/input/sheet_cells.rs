//! Cells of a sheet are what they show, and one mapping serves a sheet and its CSV twin.

use insta::assert_snapshot;
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};

use crate::stage::{Stage, ids};
use crate::support::{Folder, run, told};

const FORMULA: &[u8] = include_bytes!("../../data/cases/formula.xlsx");
const PERCENT: &[u8] = include_bytes!("../../data/cases/percent.xlsx");
const PERCENT_TWIN: &[u8] = include_bytes!("../../data/cases/percent-twin.csv");
const PADDED: &[u8] = include_bytes!("../../data/cases/padded-ids.xlsx");
const TYPED: &[u8] = include_bytes!("../../data/cases/typed-second-sheet.xlsx");
const TYPED_TWIN: &[u8] = include_bytes!("../../data/cases/typed-twin.csv");

/// What the table holds after a push that must go well, without what it held before.
fn pushed(files: &[(&str, &[u8])], line: &str) -> Vec<String> {
    let stage = files.iter().fold(Stage::new(), |stage, (name, content)| {
        stage.file(name, content)
    });
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(0), "{told}");
    stage.new_json()
}

#[test]
fn percentages_are_the_same_from_a_sheet_and_its_twin() {
    let fields =
        "[fields]\nid = \"id\"\nname = \"name\"\nrate = { column = \"rate\", type = \"percent\"";
    let (whole, share) = (
        format!("{fields} }}\n"),
        format!("{fields}, fraction = true }}\n"),
    );
    let both = |mapping: &str| {
        let sheet = [("data.xlsx", PERCENT), ("m.toml", mapping.as_bytes())];
        let twin = [("data.csv", PERCENT_TWIN), ("m.toml", mapping.as_bytes())];
        let of_sheet = pushed(&sheet, "data.xlsx -t deals -m m.toml");
        let of_twin = pushed(&twin, "data.csv -t deals -m m.toml");
        assert_eq!(of_sheet, of_twin);
        of_sheet
    };
    assert_eq!(
        both(&whole),
        [
            r#"{"id":"1","name":"R1","rate":12.50}"#,
            r#"{"id":"2","name":"R2","rate":50.00}"#,
            r#"{"id":"3","name":"R3","rate":7.25}"#,
        ]
    );
    assert_eq!(
        both(&share),
        [
            r#"{"id":"1","name":"R1","rate":0.1250}"#,
            r#"{"id":"2","name":"R2","rate":0.5000}"#,
            r#"{"id":"3","name":"R3","rate":0.0725}"#,
        ]
    );
    // The signs of the twin are not those of the sheet.
    let comma = "[input]\ndecimal = \",\"\nthousands = \".\"\n".to_owned() + &whole;
    let sheet = [("data.xlsx", PERCENT), ("m.toml", comma.as_bytes())];
    let rates = pushed(&sheet, "data.xlsx -t deals -m m.toml");
    assert_eq!(rates[0], r#"{"id":"1","name":"R1","rate":12.50}"#);
}

#[test]
fn without_a_mapping_a_sheet_sends_what_its_twin_sends() {
    let sheet = pushed(&[("data.xlsx", PERCENT)], "data.xlsx -t deals");
    assert_eq!(
        sheet,
        pushed(&[("data.csv", PERCENT_TWIN)], "data.csv -t deals")
    );
    assert_eq!(sheet[0], r#"{"id":"1","name":"R1","rate":"12.50%"}"#);
    assert_eq!(
        pushed(&[("ids.xlsx", PADDED)], "ids.xlsx -t deals"),
        [
            r#"{"id":"00007","name":"N7"}"#,
            r#"{"id":"00123","name":"N123"}"#,
            r#"{"id":"45678","name":"N45678"}"#,
        ]
    );
}

#[test]
fn a_draft_for_a_sheet_has_the_types_of_its_twin() {
    let folder = Folder::new()
        .with("data.xlsx", PERCENT)
        .with("data.csv", PERCENT_TWIN)
        .with("zero.csv", "id,name,rate\n1,A,12.5%\n2,B,0\n3,C,7%\n");
    for name in ["data.xlsx", "data.csv", "zero.csv"] {
        let draft = run(folder.push().args(["init", name]));
        let line = draft.stdout.lines().find(|line| line.starts_with("rate"));
        let rate = line.unwrap_or_default();
        assert!(
            rate.contains("{ column = \"rate\", type = \"percent\" }"),
            "{draft}"
        );
    }
}

/// `1.234` alone is two numbers in CSV, and one in a sheet.
#[test]
fn what_is_typed_is_in_no_doubt_for_a_draft() {
    let folder = Folder::new().with("data.xlsx", treacherous());
    let draft = run(folder.push().args(["init", "data.xlsx"]));
    for line in [
        "amount = { column = \"amount\", type = \"number\" }",
        "closed = { column = \"closed\", type = \"date\", format = \"%Y-%m-%d %H:%M:%S\" }",
        "won    = { column = \"won\", type = \"boolean\" }",
        "rate   = { column = \"rate\", type = \"percent\" }",
    ] {
        assert!(draft.stdout.contains(line), "{draft}");
    }
}

#[test]
fn a_formula_that_was_never_calculated_is_a_bad_record() {
    let stage = Stage::unused().file("formula.xlsx", FORMULA);
    let mut all = String::new();
    for line in [
        "formula.xlsx -t deals",
        "formula.xlsx -t deals --all --debounce 900 --dry-run",
        "init formula.xlsx",
    ] {
        let told = stage.tidy(&run(&mut stage.push(line)));
        all.push_str(&format!("$ {line}\n{told}\n"));
    }
    assert_snapshot!(all);
}

#[test]
fn the_rejects_of_formulas_are_refused_until_they_have_a_value() {
    let stage = Stage::new().file("formula.xlsx", FORMULA);
    let told = run(&mut stage.push("formula.xlsx -t deals --max-errors 1 --rejects rejects.csv"));
    assert_eq!(told.code(), Some(7), "{told}");
    let path = stage.folder().path().join("rejects.csv");
    let rejects = std::fs::read_to_string(path).unwrap();
    assert_eq!(
        rejects,
        "\u{feff}id,name,commission,reject_file,reject_line,reject_column,reject_reason\n\
         2,B,,formula.xlsx,3,commission,C3 holds a formula that was never calculated; open the \
         workbook in a spreadsheet program and save it,\
         \"(a cell has no value: write it, then delete this field)\"\n"
    );
    let told = run(&mut stage.push("rejects.csv -t deals"));
    assert_eq!(told.code(), Some(3), "{told}");
    let corrected = rejects.replace("2,B,,", "2,B,20,").replace(
        ",\"(a cell has no value: write it, then delete this field)\"",
        "",
    );
    let stage = stage.file("corrected.csv", corrected);
    let told = run(&mut stage.push("corrected.csv -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
    let held = stage.settled();
    assert_eq!(
        held.records[3].1,
        r#"{"commission":"20","id":"2","name":"B"}"#
    );
}

/// The twin's own signs, layouts and words; a sheet needs none of them.
const MAPPING: &str = "
table = \"deals\"
[input]
decimal = \",\"
thousands = \" \"
[fields]
id = \"id\"
name = \"name\"
amount = { column = \"amount\", type = \"number\" }
closed = { column = \"closed\", type = \"date\", format = \"%d/%m/%Y\" }
won = { column = \"won\", type = \"boolean\", true = \"VRAI\", false = \"FAUX\" }
";

#[test]
fn one_mapping_serves_a_typed_sheet_and_its_twin() {
    let mapping = ("m.toml", MAPPING.as_bytes());
    let sheet = pushed(
        &[("data.xlsx", TYPED), mapping],
        "data.xlsx --sheet Data -m m.toml",
    );
    let twin = pushed(&[("data.csv", TYPED_TWIN), mapping], "data.csv -m m.toml");
    assert_eq!(sheet, twin);
    assert_eq!(
        sheet,
        [
            r#"{"amount":1234.5,"closed":"2026-01-31","id":"1","name":"A","won":true}"#,
            r#"{"amount":99,"closed":"2026-02-01","id":"2","name":"B","won":false}"#,
        ]
    );
}

#[test]
fn init_names_the_sheets() {
    let folder = Folder::new().with("data.xlsx", TYPED);
    let mut all = String::new();
    for line in ["init data.xlsx", "init data.xlsx --sheet Data"] {
        let told = told(folder.push().args(line.split(' ')));
        all.push_str(&format!("$ {line}\n{told}\n"));
    }
    assert_snapshot!(all);
}

/// A sheet whose cells the mapping of its twin would misread, if they were texts: `1.234` is a
/// thousand there. The second deal has no name.
fn treacherous() -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (n, name) in ["id", "name", "amount", "closed", "won", "rate"]
        .iter()
        .enumerate()
    {
        sheet.write_string(0, n as u16, *name).unwrap();
    }
    let date = Format::new().set_num_format("dd.mm.yyyy hh:mm");
    let percent = Format::new().set_num_format("0.000%");
    let day = ExcelDateTime::from_ymd(2026, 4, 3)
        .unwrap()
        .and_hms(15, 30, 0)
        .unwrap();
    for (row, id, name) in [(1, "1", "A"), (2, "2", " "), (3, "3", "C")] {
        sheet.write_string(row, 0, id).unwrap();
        sheet.write_string(row, 1, name).unwrap();
        sheet.write_number(row, 2, 1.234).unwrap();
        sheet
            .write_datetime_with_format(row, 3, &day, &date)
            .unwrap();
        sheet.write_boolean(row, 4, true).unwrap();
        sheet
            .write_number_with_format(row, 5, 0.12125, &percent)
            .unwrap();
    }
    book.save_to_buffer().unwrap()
}

const GERMAN: &str = "
table = \"deals\"
[input]
decimal = \",\"
thousands = \".\"
[fields]
id = \"id\"
name = { column = \"name\", required = true }
amount = { column = \"amount\", type = \"number\" }
closed = { column = \"closed\", type = \"date\", format = [\"%d.%m.%Y\", \"%m/%d/%Y\"] }
won = { column = \"won\", type = \"boolean\", true = [\"ja\", \"wahr\"], false = \"nein\" }
rate = { column = \"rate\", type = \"percent\" }
";

#[test]
fn typed_cells_are_never_misread_and_their_rejects_read_back_as_they_were() {
    let stage = Stage::new()
        .file("data.xlsx", treacherous())
        .file("m.toml", GERMAN);
    let line = "data.xlsx -m m.toml --max-errors 1 --rejects rejects.csv";
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(7), "{told}");
    let path = stage.folder().path().join("rejects.csv");
    let rejects = std::fs::read_to_string(path).unwrap();
    assert!(
        rejects.contains("\n2, ,\"1,234\",03.04.2026,ja,\"12,125%\","),
        "{rejects}"
    );
    let stage = stage.file("corrected.csv", rejects.replace("\n2, ,", "\n2,B,"));
    let told = run(&mut stage.push("corrected.csv -m m.toml"));
    assert_eq!(told.code(), Some(0), "{told}");
    let held = stage.settled();
    assert_eq!(ids(&held), ["old-1", "old-2", "1", "3", "2"]);
    for ((_, json), (id, name)) in
        held.records[2..]
            .iter()
            .zip([("1", "A"), ("3", "C"), ("2", "B")])
    {
        let wanted = format!(
            "{{\"amount\":1.234,\"closed\":\"2026-04-03\",\"id\":\"{id}\",\"name\":\"{name}\",\
             \"rate\":12.125,\"won\":true}}"
        );
        assert_eq!(*json, wanted);
    }
}

#[test]
fn a_resumed_push_of_a_typed_sheet_sends_the_same() {
    let mapping = MAPPING.replace("\" \"", "\".\"");
    let stage = Stage::with_faults("500@2")
        .file("data.xlsx", TYPED)
        .file("m.toml", &mapping);
    let line = "data.xlsx --sheet Data -m m.toml --chunk-size 1 --retry-for 0";
    assert_eq!(run(&mut stage.push(line)).code(), Some(6));
    let told = run(&mut stage.push("resume"));
    assert_eq!(told.code(), Some(0), "{told}");
    let held = stage.settled();
    assert_eq!(
        held.records[3].1,
        r#"{"amount":99,"closed":"2026-02-01","id":"2","name":"B","won":false}"#
    );
}
