//! JSON that is not NDJSON, through the real program.

use insta::assert_snapshot;

use crate::stage::Stage;
use crate::support::{Folder, below, run, tidy};

const ITEMS: &str = r#"{
  "next": null,
  "items": [
    {
      "id": "007",
      "name": "Zoë",
      "amount": 100.10
    },
    {
      "id": "008",
      "name": "B",
      "lines": [
        1
      ]
    }
  ],
  "count": 2
}
"#;

const ARRAY: &str = r#"[{"id":1,"name":"é"},{"id":2,"name":"B"},{"id":3,"name" "C"}]"#;

#[test]
fn every_shape_is_pushed() {
    let one_line = ARRAY.replace("\"name\" ", "\"name\":");
    let folder = Folder::new()
        .with("items.json", ITEMS)
        .with("array.json", &one_line)
        .with(
            "stream.json",
            "{\"id\": 1}\n{\n  \"id\": 2\n} {\"id\": 3}\n",
        )
        .with("empty.json", "[]");
    let mut said = String::new();
    for line in [
        "items.json -t deals --sandbox",
        "array.json -t deals --sandbox --all --debounce 900 --chunk-size 1",
        "stream.json -t deals --sandbox",
        "empty.json -t deals --sandbox",
        "items.json -t deals --dry-run",
    ] {
        let told = run(folder.push().args(line.split(' ')));
        said.push_str(&format!("$ {line}\n{}\n", told.tidy()));
    }
    assert_snapshot!(said);
}

#[test]
fn faults_are_told_with_line_and_column() {
    let folder = Folder::new()
        .with("record.json", ARRAY)
        .with("pretty.json", ITEMS.replace("\"B\"", "B"))
        .with("cut.json", &ITEMS[..150])
        .with("comma.json", "[\n  {\"id\": 1},\n]\n")
        .with("twice.json", "[{\"id\": 1}, {\"id\": 1}]")
        .with("more.json", "[{\"id\": 1}]\n{\"id\": 2}\n")
        .with("empty.json", "");
    let mut said = String::new();
    for name in ["record", "pretty", "cut", "comma", "twice", "more", "empty"] {
        let line = format!("{name}.json -t deals --sandbox");
        let told = run(folder.push().args(line.split(' ')));
        assert_eq!(told.code(), Some(3), "{told}");
        let told = below(folder.path(), &told.to_string());
        said.push_str(&format!("$ {line}\n{}\n", tidy(&told)));
    }
    assert_snapshot!(said);
}

#[test]
fn records_that_share_a_line_are_told_by_their_number() {
    let stage = Stage::new()
        .file("lines.json", "[{\"id\": 1},\n\n {\"id\": null},\n5]\n")
        .file("shared.json", "[{\"id\": 2},\n\n {\"id\": null}, 5]\n");
    let line = "lines.json shared.json -t deals --max-errors 4 --rejects rejects.ndjson";
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(7), "{told}");
    for place in [
        "lines.json, line 3",
        "lines.json, line 4",
        "shared.json, record 2",
        "shared.json, record 3",
    ] {
        assert!(told.stderr.contains(&format!("{place}: ")), "{told}");
    }
    let rejects = std::fs::read_to_string(stage.folder().path().join("rejects.ndjson")).unwrap();
    let lines: Vec<u64> = (rejects.lines())
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|reject| reject["reject_line"].as_u64().unwrap())
        .collect();
    assert_eq!(lines, [3, 4, 2, 3], "{rejects}");
}

#[test]
fn rejects_can_be_pushed_when_they_are_corrected() {
    let stage = Stage::new().file(
        "deals.json",
        ITEMS.replace("\"id\": \"008\"", "\"id\": null"),
    );
    let line = "deals.json -t deals --max-errors 1 --rejects rejects.ndjson";
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(7), "{told}");
    let rejects = std::fs::read_to_string(stage.folder().path().join("rejects.ndjson")).unwrap();
    assert_eq!(
        rejects,
        "{\"id\":null,\"name\":\"B\",\"lines\":[         1       ],\"reject_file\":\"deals.json\",\
         \"reject_line\":9,\"reject_column\":\"id\",\"reject_reason\":\"column id is missing or null\"}\n"
    );
    let stage = stage.file(
        "corrected.ndjson",
        rejects.replace("\"id\":null", "\"id\":\"008\""),
    );
    let told = run(&mut stage.push("corrected.ndjson -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
}
