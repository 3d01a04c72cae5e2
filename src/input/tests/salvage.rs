//! Rejects files read again, and what bad records hold.

use super::*;
use crate::input::record::Columns;
use crate::input::salvage::Salvaged;

const FOUR: &str = "reject_file,reject_line,reject_column,reject_reason";

fn opened(files: &[(&str, &str)]) -> Source {
    let folder = Folder::new();
    let paths: Vec<_> = files.iter().map(|(n, c)| folder.file(n, c)).collect();
    Source::open(&paths, &SourceOptions::default()).unwrap()
}

fn said(source: &Source) -> Vec<Result<Vec<String>, String>> {
    all(source).into_iter().map(|row| row.2).collect()
}

fn names(source: &Source) -> Vec<&str> {
    match source.columns() {
        Columns::Named(names) => names.iter().map(String::as_str).collect(),
        Columns::PerRecord => panic!("no header"),
    }
}

/// Each row that is bad, taken apart.
fn salvaged(source: &Source) -> Vec<String> {
    let salvager = source.salvager();
    let mut parser = source.parser();
    let mut found = Vec::new();
    for block in blocks(source) {
        let mut rows = parser.rows(source, &block).unwrap();
        while let Some(row) = rows.next() {
            if row.cells.is_err() {
                found.push(match salvager.salvage(&block, &row) {
                    Salvaged::Fields(fields) => format!(
                        "{}|{}|{}",
                        fields.cells.join("·"),
                        fields.surplus.join("·"),
                        fields.missing
                    ),
                    Salvaged::Object(entries) => entries
                        .iter()
                        .map(|(key, value)| format!("{key}={value}"))
                        .collect::<Vec<_>>()
                        .join("·"),
                    Salvaged::Line(line) => line.into_owned(),
                });
            }
        }
    }
    found
}

#[test]
fn the_columns_of_a_rejects_file_are_dropped_wherever_they_stand() {
    let content = "\u{feff}reject_reason,id,reject_line,reject_file,name,reject_column\n\
                   why,1,2,f,one,name\nwhy,2,3,f,two\n";
    let source = opened(&[("x.csv", content)]);
    assert_eq!(names(&source), ["id", "name"]);
    assert_eq!(
        said(&source),
        [
            Ok(vec!["1".to_owned(), "one".to_owned()]),
            Err("has 5 fields where the header has 6".to_owned())
        ]
    );
}

#[test]
fn fewer_than_four_are_columns_like_others() {
    let source = opened(&[(
        "x.csv",
        "id,reject_file,reject_line,reject_reason\n1,2,3,4\n",
    )]);
    assert_eq!(names(&source).len(), 4);
    let line = r#"{"id":1,"reject_file":2,"reject_line":3,"reject_reason":4}"#;
    let source = opened(&[("x.ndjson", line)]);
    assert_eq!(said(&source)[0].as_ref().unwrap().len(), 4);
}

#[test]
fn own_columns_of_their_names_have_them_back() {
    let content = format!("id,input_reject_line,input_input_reject_file,{FOUR}\n1,2,3,f,7,,why\n");
    let source = opened(&[("x.csv", &content)]);
    assert_eq!(names(&source), ["id", "reject_line", "input_reject_file"]);
    assert_eq!(
        said(&source),
        [Ok(["1", "2", "3"].map(str::to_owned).to_vec())]
    );
    let plain = opened(&[("x.csv", "id,input_reject_line\n1,2\n")]);
    assert_eq!(names(&plain), ["id", "input_reject_line"]);

    let four = r#""reject_file":"f","reject_line":1,"reject_column":"","reject_reason":"why""#;
    let own = |id| format!("{{\"id\":{id},\"input_reject_line\":2,{four}}}");
    let content = [
        own(1),
        own(2),
        // The same keys as the one before has now, of which one stands twice.
        format!("{{\"id\":3,\"reject_line\":2,{four}}}"),
        own(4),
        r#"{"id":5,"input_reject_line":2}"#.to_owned(),
    ];
    let source = opened(&[("x.ndjson", &content.join("\n"))]);
    let cells = said(&source).into_iter();
    let cells: Vec<_> = cells
        .map(|row| row.map_or_else(|fault| fault, |cells| cells.join("·")))
        .collect();
    assert_eq!(
        cells,
        [
            "id=1·reject_line=2",
            "id=2·reject_line=2",
            "reject_line: the key stands twice",
            "id=4·reject_line=2",
            "id=5·input_reject_line=2",
        ]
    );
}

#[test]
fn a_rejects_file_goes_with_one_that_is_none() {
    let rejects = format!("id,name,{FOUR}\n3,three,f,1,,why\n");
    let plain = "name,id\ntwo,2\n";
    for files in [
        [("a.csv", plain), ("b.csv", &rejects)],
        [("b.csv", &rejects), ("a.csv", plain)],
    ] {
        let source = opened(&files);
        let mut cells = said(&source)
            .into_iter()
            .flat_map(Result::unwrap)
            .collect::<Vec<_>>();
        cells.sort();
        assert_eq!(cells, ["2", "3", "three", "two"]);
    }
}

#[test]
fn the_widest_input_has_room_for_them() {
    let wide: Vec<_> = (0..4_096).map(|n| format!("c{n}")).collect();
    let source = opened(&[("x.csv", &format!("{},{FOUR}\n", wide.join(",")))]);
    assert_eq!(names(&source).len(), 4_096);
    let entries: Vec<_> = wide.iter().map(|key| format!("\"{key}\":1")).collect();
    let four: Vec<_> = FOUR.split(',').map(|key| format!("\"{key}\":1")).collect();
    let line = |extra: &str| format!("{{{},{}{extra}}}", entries.join(","), four.join(","));
    let source = opened(&[("x.ndjson", &line(""))]);
    assert_eq!(said(&source)[0].as_ref().unwrap().len(), 4_096);
    let source = opened(&[("x.ndjson", &line(",\"d\":1"))]);
    let told = "has 4,097 keys; at most 4,096 are read".to_owned();
    assert_eq!(said(&source), [Err(told)]);
}

#[test]
fn the_keys_of_a_rejects_file_are_dropped_record_by_record() {
    let four = r#""reject_file":"f","reject_line":1,"reject_column":"","reject_reason":"why""#;
    let content = [
        format!("\n {{\"id\":1,{four}}}"),
        format!("{{\"id\":2,{four}}}"),
        format!("{{{four},\"id\":3}}"),
        format!("{{{four},\"id\":4}}"),
        "[]".to_owned(),
        "{}".to_owned(),
        r#"{"id":5,"reject_file":"mine"}"#.to_owned(),
        format!("{{\"id\":6,{four},\"id\":7}}"),
        format!("{{{four}}}"),
        r#"{"id":8}"#.to_owned(),
    ];
    let source = opened(&[
        ("a.ndjson", "{\"id\":0}\n"),
        ("b.ndjson", &content.join("\n")),
    ]);
    let cells: Vec<String> = said(&source)
        .into_iter()
        .map(|row| row.map_or_else(|fault| fault, |cells| cells.join("·")))
        .collect();
    assert_eq!(
        cells,
        [
            "id=0",
            "id=1",
            "id=2",
            "id=3",
            "id=4",
            "is an array, not a JSON object",
            "",
            "id=5·reject_file=\"mine\"",
            "id: the key stands twice",
            "",
            "id=8"
        ]
    );
}

#[test]
fn ragged_records_lose_nothing() {
    let content = "a,b\n1\n\n1,\"2\n\"\"\",3,\"\",5\r\n \nx,y\n\"\u{feff}z\"";
    let source = opened(&[("x.csv", content)]);
    assert_eq!(
        salvaged(&source),
        ["1·||1", "1·2\n\"|3··5|0", " ·||1", "\u{feff}z·||1"]
    );
    // The columns are those of the first input; the field that is last is its own.
    let source = opened(&[
        ("a.csv", "a,b,c\n"),
        ("b.tsv", "c\ta\tb\n1\t2\n1\t2\t3\t4\n"),
    ]);
    assert_eq!(salvaged(&source), ["2··1||1", "2·3·1|4|0"]);
    // In a rejects file what follows its own columns is surplus, and they are not.
    let content = format!("a,b,{FOUR}\n1,2,f\n1,2,f,7,,why,x\n1\n");
    let source = opened(&[("x.csv", &content)]);
    assert_eq!(salvaged(&source), ["1·2|f|3", "1·2|x|0", "1·||5"]);
    // Only a record that is ragged is taken apart so.
    assert_eq!(said(&source).len(), 3);
}

#[test]
fn bad_lines_are_kept_as_objects_where_they_are_some() {
    let content = "{\"a\":1.0,\"a\":{\"x\":01}}\n{\"a\":1.0, \"\\u0061\": [1, 2]}\r\n\
                   \t[1]\n{\"a\":\"\\ud800\"}\n{\"a\":1";
    let source = opened(&[("x.ndjson", content)]);
    assert_eq!(
        salvaged(&source),
        [
            "{\"a\":1.0,\"a\":{\"x\":01}}",
            "a=1.0·a=[1, 2]",
            "\t[1]",
            "a=\"\\ud800\"",
            "{\"a\":1"
        ]
    );
}
