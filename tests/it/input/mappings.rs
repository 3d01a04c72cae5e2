//! Mappings as people save them, and what they make of the cells of the cases.

use insta::assert_snapshot;

use crate::input::quotes::case;
use crate::rig::{ends, said};
use crate::stage::{OLD, Stage};

/// What a push of a case with a mapping leaves in the table.
fn held(name: &str, mapping: &str) -> Vec<String> {
    let stage = Stage::new().file(name, case(name)).file("m.toml", mapping);
    ends(&stage, &format!("{name} -t deals -m m.toml"), 0);
    records(&stage)
}

fn records(stage: &Stage) -> Vec<String> {
    let mut records = stage.settled().records;
    records.retain(|(id, _)| !OLD.contains(&id.as_str()));
    records.into_iter().map(|(_, json)| json).collect()
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
        assert_eq!(records(&stage), [r#"{"id":"1","name":"é"}"#]);
    }
}

#[test]
fn without_fields_columns_go_under_their_own_names() {
    let mapping = "table = \"deals\"\n[input]\ndelimiter = \"^\"\ntrim = true\n";
    let stage = Stage::new()
        .file("a.csv", "id^name\n1^ A \n")
        .file("m.toml", mapping);
    ends(&stage, "a.csv -m m.toml", 0);
    assert_eq!(records(&stage), [r#"{"id":"1","name":"A"}"#]);
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
