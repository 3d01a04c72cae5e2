//! Every character arrives as it was written: judged by the table's raw JSON.

use qobra_push::SandboxOptions;

use crate::stage::{Stage, options, table};
use crate::support::run;

/// What a push of one file leaves in the table, the records that were there before left out.
fn pushed(file: &str, content: &str, mapping: Option<&str>) -> Vec<String> {
    pushed_with(file, content, mapping, "")
}

fn pushed_with(file: &str, content: &str, mapping: Option<&str>, line: &str) -> Vec<String> {
    let stage = Stage::new().file(file, content);
    let mut command = stage.push(&format!("{file} --table deals {line}"));
    if let Some(mapping) = mapping {
        stage.folder().write("map.toml", mapping);
        command.args(["--mapping", "map.toml"]);
    }
    let told = run(&mut command);
    assert_eq!(told.code(), Some(0), "{told}");
    let records = stage.settled().records;
    records[2..].iter().map(|(_, json)| json.clone()).collect()
}

#[test]
fn csv_cells_without_a_mapping_are_texts() {
    let csv = concat!(
        "id,cell\n",
        "007,100.10\n",
        "9007199254740993001,123456789012345678901234567890\n",
        "a,\"multi\nline\r\ncell \"\"quoted\"\", with a comma\"\n",
        "b,Zoë – 日本 🦀 \u{202e}\n",
        "c, spaces around \n",
        "d,\\back\\slash\t\u{1}\u{7f}\n",
        "e,\n",
        "f,\"\"\n",
        "g,null\n",
        "h,1e5\n",
        "i,=1+1\n",
        "j,-0\n",
    );
    let expected = [
        r#"{"cell":"100.10","id":"007"}"#,
        r#"{"cell":"123456789012345678901234567890","id":"9007199254740993001"}"#,
        r#"{"cell":"multi\nline\r\ncell \"quoted\", with a comma","id":"a"}"#,
        "{\"cell\":\"Zoë – 日本 🦀 \u{202e}\",\"id\":\"b\"}",
        r#"{"cell":" spaces around ","id":"c"}"#,
        "{\"cell\":\"\\\\back\\\\slash\\t\\u0001\u{7f}\",\"id\":\"d\"}",
        r#"{"cell":null,"id":"e"}"#,
        r#"{"cell":null,"id":"f"}"#,
        r#"{"cell":"null","id":"g"}"#,
        r#"{"cell":"1e5","id":"h"}"#,
        r#"{"cell":"=1+1","id":"i"}"#,
        r#"{"cell":"-0","id":"j"}"#,
    ];
    assert_eq!(pushed("data.csv", csv, None), expected);
}

#[test]
fn a_cell_of_white_space_is_empty_and_white_space_around_a_text_is_its_own() {
    let csv = "id,cell\n1,  \n2,\" \t\n\"\n3, x \n4,\u{a0}\n";
    let expected = [
        r#"{"cell":null,"id":"1"}"#,
        r#"{"cell":null,"id":"2"}"#,
        r#"{"cell":" x ","id":"3"}"#,
        r#"{"cell":null,"id":"4"}"#,
    ];
    assert_eq!(pushed("data.csv", csv, None), expected);
    let mapping = "[input]\ntrim = false\n[fields]\nid = \"id\"\ncell = \"cell\"\n";
    assert_eq!(pushed("data.csv", csv, Some(mapping)), expected);
    let as_text = mapping.replace("\"cell\"\n", "{ column = \"cell\", empty = \"text\" }\n");
    let texts = pushed("data.csv", csv, Some(&as_text));
    assert_eq!(texts[0], r#"{"cell":"","id":"1"}"#);
}

#[test]
fn every_line_end_and_the_byte_order_mark_give_the_same() {
    let csv = "id,cell\n1,\"a\nb\"\n\n2,x\n";
    let expected = [r#"{"cell":"a\nb","id":"1"}"#, r#"{"cell":"x","id":"2"}"#];
    assert_eq!(pushed("data.csv", csv, None), expected);
    assert_eq!(pushed("data.csv", csv.trim_end(), None), expected);
    assert_eq!(
        pushed("data.csv", &format!("\u{feff}{csv}"), None),
        expected
    );
    // Line ends inside of a cell are the cell's own.
    let crlf = pushed("data.csv", &csv.replace('\n', "\r\n"), None);
    assert_eq!(crlf[0], r#"{"cell":"a\r\nb","id":"1"}"#);
    assert_eq!(crlf[1], expected[1]);
    let cr = pushed("data.csv", &csv.replace('\n', "\r"), None);
    assert_eq!(cr, [r#"{"cell":"a\rb","id":"1"}"#, expected[1]]);
}

#[test]
fn other_delimiters() {
    let expected = [r#"{"cell":"a,b","id":"1"}"#];
    assert_eq!(pushed("data.tsv", "id\tcell\n1\ta,b\n", None), expected);
    let told = pushed_with("data.csv", "id;cell\n1;a,b\n", None, "--delimiter ;");
    assert_eq!(told, expected);
    let mapping = "[input]\ndelimiter = \"|\"\n[fields]\nid = \"id\"\ncell = \"cell\"\n";
    let mapped = pushed("data.txt", "id|cell\n1|a,b\n", Some(mapping));
    assert_eq!(mapped, expected);
}

#[test]
fn ndjson_values_without_a_mapping_stay_as_they_are() {
    let lines = concat!(
        r#"{"id": "007", "cell": 100.10}"#,
        "\n",
        r#"{"id": 9007199254740993001, "cell": 123456789012345678901234567890}"#,
        "\r\n\n",
        r#"{"id": "a", "cell": "multi\nline \"quoted\" \u00e9 é 🦀"}"#,
        "\n",
        r#"{"id": "b", "cell": [1.0, {"deep": 1e300, "more": null}], "Key with \"quotes\"": true}"#,
        "\n",
        r#"  {"id": "c", "cell": -0.0, "d": 1E+2}  "#,
        "\n",
        r#"{"id": "d", "cell": null}"#,
    );
    let expected = [
        r#"{"cell":100.10,"id":"007"}"#,
        r#"{"cell":123456789012345678901234567890,"id":9007199254740993001}"#,
        r#"{"cell":"multi\nline \"quoted\" \u00e9 é 🦀","id":"a"}"#,
        r#"{"Key with \"quotes\"":true,"cell":[1.0, {"deep": 1e300, "more": null}],"id":"b"}"#,
        r#"{"cell":-0.0,"d":1E+2,"id":"c"}"#,
        r#"{"cell":null,"id":"d"}"#,
    ];
    assert_eq!(pushed("data.ndjson", lines, None), expected);
}

/// Fields of every type, for both formats.
const MAPPING: &str = r#"
[input]
decimal = ","
thousands = " "
[fields]
id = "ID"
text = { column = "Text", type = "text" }
number = { column = "Number", type = "number" }
whole = { column = "Whole", type = "integer" }
share = { column = "Share", type = "percent" }
fraction = { column = "Fraction", type = "percent", fraction = true }
won = { column = "Won", type = "boolean", true = ["oui"], false = ["non"] }
day = { column = "Day", type = "date", format = ["%d/%m/%Y", "%Y-%m-%d %H:%M"] }
raw = { column = "Raw", type = "json" }
stage = { column = "Stage", values = { "Closed Won" = "won", "Lost" = 0 } }
gone = { column = "Gone", empty = "omit" }
blank = { column = "Blank", empty = "text" }
fixed = { value = 12.50 }
"#;

#[test]
fn csv_cells_with_a_mapping() {
    let csv = "ID,Text,Number,Whole,Share,Fraction,Won,Day,Raw,Stage,Gone,Blank\n\
        007,100.10,\"123456789012345678901234567890,10\",9007199254740993001,\"12,5 %\",\"0,125\",Oui,31/12/2024,\"{\"\"a\"\": 1.0}\",Closed Won,,\n\
        9007199254740993001,\" \"\"x\"\"\ny\",\"-12 345 678,900\",007,100%,\"1,00\",non,2024-02-29 23:59,100.10,Other,x,x\n";
    let first = concat!(
        r#"{"blank":"","day":"2024-12-31","fixed":12.50,"fraction":0.00125,"id":"007","#,
        r#""number":123456789012345678901234567890.10,"raw":{"a": 1.0},"share":12.5,"stage":"won","#,
        r#""text":"100.10","whole":9007199254740993001,"won":true}"#
    );
    let second = concat!(
        r#"{"blank":"x","day":"2024-02-29","fixed":12.50,"fraction":0.0100,"gone":"x","#,
        r#""id":"9007199254740993001","number":-12345678.900,"raw":100.10,"share":100,"#,
        r#""stage":"Other","text":" \"x\"\ny","whole":7,"won":false}"#
    );
    assert_eq!(pushed("data.csv", csv, Some(MAPPING)), [first, second]);
}

#[test]
fn ndjson_values_with_a_mapping() {
    // Numbers written in JSON have JSON's own signs, whatever `[input]` says of texts.
    let lines = concat!(
        r#"{"ID": "007", "Text": 100.10, "Number": 123456789012345678901234567890.10, "Whole": 9007199254740993001, "#,
        r#""Share": 12.5, "Fraction": 0.125, "Won": true, "Day": "31/12/2024", "Raw": {"a": 1.0}, "Stage": "Lost", "Gone": null, "Blank": ""}"#,
        "\n",
        r#"{"ID": 9007199254740993001, "Text": "007", "Number": "100,10", "Whole": "12 345", "Share": "5,0", "Fraction": "1", "#,
        r#""Won": "NON", "Day": "2024-02-29 00:00", "Raw": "100.10", "Stage": 100.10, "Gone": 0}"#,
        "\n",
    );
    let first = concat!(
        r#"{"blank":"","day":"2024-12-31","fixed":12.50,"fraction":0.00125,"id":"007","#,
        r#""number":123456789012345678901234567890.10,"raw":{"a": 1.0},"share":12.5,"stage":0,"#,
        r#""text":"100.10","whole":9007199254740993001,"won":true}"#
    );
    let second = concat!(
        r#"{"blank":"","day":"2024-02-29","fixed":12.50,"fraction":0.01,"gone":0,"#,
        r#""id":9007199254740993001,"number":100.10,"raw":"100.10","share":5.0,"#,
        r#""stage":100.10,"text":"007","whole":12345,"won":false}"#
    );
    assert_eq!(pushed("data.ndjson", lines, Some(MAPPING)), [first, second]);
}

#[test]
fn the_examples_are_twins() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");
    let content = |file: &str| {
        let stage = Stage::of(SandboxOptions {
            tables: vec![table("deals", "deal_id")],
            ..options()
        });
        let line = format!("{folder}/{file} --mapping {folder}/deals.toml --all --debounce 900");
        let told = run(&mut stage.push(&line));
        assert_eq!(told.code(), Some(0), "{told}");
        stage.settled().records
    };
    let csv = content("deals.csv");
    assert_eq!(csv.len(), 40);
    let first = concat!(
        r#"{"amount":12345.60,"close_date":"2025-01-14","crm_id":"7043192856170000123","currency":"EUR","#,
        r#""deal_id":"0071","deal_name":"Société Générale – licences 2025","discount":12.5,"#,
        r#""notes":"Renewal, three years","owner":"elodie.lefevre@acme.example","stage":"won","won":true}"#
    );
    assert_eq!(csv[0], ("0071".to_owned(), first.to_owned()));
    assert_eq!(csv, content("deals.ndjson"));
}
