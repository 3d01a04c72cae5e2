//! JSON documents that are wrapped around their records: never sent as one record.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::stage::{Stage, ids};
use crate::support::{receipt, run};

const ENVELOPE: &[u8] = include_bytes!("../../data/cases/envelope.json");
const WITH_ID: &[u8] = include_bytes!("../../data/cases/envelope-with-id.json");

/// A page as services answer it, pretty-printed, with a list beside the records.
const PAGE: &str = r#"{
  "meta": { "count": 2, "warnings": [] },
  "data": {
    "deals": {
      "nodes": [
        { "id": "1", "name": "A", "lines": [ { "sku": 1 } ] },
        { "id": "2", "name": "B", "lines": [] }
      ]
    },
    "users": [ { "id": "u1" } ]
  }
}
"#;

/// What services answer by GraphQL: connections, with their edges or without.
const NODES: &str = r#"{"data":{"deals":{"nodes":[{"id":"1","name":"A"},{"id":"2","name":"B"}],
  "pageInfo":{"hasNextPage":false}}}}"#;
const EDGES: &str = r#"{"data":{"viewer":{"deals":{"edges":[
  {"cursor":"a","node":{"id":"1","name":"A","lines":{"nodes":[{"id":"9"}]}}},
  {"cursor":"b","node":{"id":"2","name":"B","lines":{"nodes":[]}}}
]}}}}"#;
const BOTH: &str = r#"{"data":{"deals":{"edges":[{"node":{"id":"1"}},{"node":{"id":"2"}}],
  "nodes":[{"id":"1"},{"id":"2"}]}}}"#;

fn told(stage: &Stage, lines: &[&str]) -> String {
    let mut all = String::new();
    for line in lines {
        let told = stage.tidy(&run(&mut stage.push(line)));
        writeln!(all, "$ {line}\n{told}").unwrap();
    }
    all
}

#[test]
fn an_envelope_is_refused_and_its_array_named() {
    let mut large = String::from("{\"id\":\"page-1\",\"deals\":[");
    for id in 0..40_000 {
        let comma = if id == 0 { "" } else { "," };
        write!(large, "{comma}{{\"id\":{id},\"name\":\"Deal {id}\"}}").unwrap();
    }
    large.push_str("]}");
    let stage = Stage::unused()
        .file("envelope.json", ENVELOPE)
        .file("envelope-with-id.json", WITH_ID)
        .file("page.json", PAGE)
        .file("large.json", large)
        .file(
            "order.json",
            r#"{"id":"7","name":"Order","items":[{"sku":1},{"sku":2}]}"#,
        )
        .file(
            "late-id.json",
            r#"{"items":[{"id":1},{"id":2}],"id":"7","name":"Order"}"#,
        )
        .file("quoted.json", r#"{"id":1,"Deal's list":[{"a":1}]}"#);
    assert_snapshot!(told(
        &stage,
        &[
            "envelope.json -t deals",
            "envelope-with-id.json -t deals",
            "envelope-with-id.json -t deals --all",
            "page.json -t deals --all --debounce 900 --dry-run",
            "large.json -t deals --all --debounce 900",
            "order.json -t deals --all",
            "late-id.json -t deals",
            "quoted.json -t deals",
            "envelope.json envelope-with-id.json -t deals",
            "init envelope.json",
        ]
    ));
}

#[test]
fn a_line_that_is_alone_may_be_an_envelope_too() {
    let stage = Stage::unused()
        .file("deals.ndjson", WITH_ID)
        .file("deals.jsonl", [b"\n", WITH_ID, b"\n\n  "].concat())
        .file("deals", ENVELOPE);
    assert_snapshot!(told(
        &stage,
        &[
            "deals.ndjson -t deals --all",
            "deals.jsonl -t deals",
            "deals -t deals",
        ]
    ));
}

/// What the table holds after a push that must go well, without what it held before.
fn pushed(files: &[(&str, &str)], line: &str) -> Vec<String> {
    let stage = (files.iter()).fold(Stage::new(), |stage, (name, text)| stage.file(name, text));
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(0), "{told}");
    stage.new_json()
}

#[test]
fn answers_of_graphql_are_named() {
    let one_line = EDGES.replace('\n', "");
    let stage = Stage::unused()
        .file("nodes.json", NODES)
        .file("edges.json", EDGES)
        .file("both.json", BOTH)
        .file("edges.ndjson", one_line);
    assert_snapshot!(told(
        &stage,
        &[
            "nodes.json -t deals --all",
            "edges.json -t deals --all",
            "both.json -t deals",
            "both.json -t deals --records data.deals",
            "edges.ndjson -t deals",
        ]
    ));
    let mapping = "table = \"deals\"\n[input]\nrecords = \"data.viewer.deals.edges\"\n\
                   [fields]\nid = \"node.id\"\nname = \"node.name\"\n";
    let two = [r#"{"id":"1","name":"A"}"#, r#"{"id":"2","name":"B"}"#];
    let files = [("edges.json", EDGES), ("m.toml", mapping)];
    assert_eq!(pushed(&files, "edges.json -m m.toml"), two);
    let line = "nodes.json -t deals --records data.deals.nodes";
    assert_eq!(pushed(&[("nodes.json", NODES)], line), two);
}

#[test]
fn records_are_read_where_they_are_said_to_stand() {
    let two = [r#"{"id":"1","name":"A"}"#, r#"{"id":"2","name":"B"}"#];
    let envelope = std::str::from_utf8(ENVELOPE).unwrap();
    let with_id = std::str::from_utf8(WITH_ID).unwrap();
    let mapping = "table = \"deals\"\n[input]\nrecords = \"result.records\"\n[fields]\n\
                   id = \"id\"\nname = \"name\"\n";
    for (content, line) in [
        (envelope, "x.json -t deals --records result.records"),
        (envelope, "x -t deals --records result.records"),
        (envelope, "x.json -m m.toml"),
        // Content that was taken for NDJSON, had nobody said where the records stand.
        (envelope, "x -m m.toml"),
        (
            envelope,
            "x.ndjson -t deals --format json --records result.records",
        ),
        (with_id, "x.json -t deals --records data --all"),
        (with_id, "x.json -m m.toml --records data"),
    ] {
        let name = line.split(' ').next().unwrap();
        let files = [(name, content), ("m.toml", mapping)];
        assert_eq!(pushed(&files, line), two, "{line}");
    }
    // Records that are spread over lines, with lists of their own and something behind them.
    let page = pushed(
        &[("page.json", PAGE)],
        "page.json -t deals --records data.deals.nodes",
    );
    assert_eq!(page[0], r#"{"id":"1","lines":[ { "sku": 1 } ],"name":"A"}"#);
    assert_eq!(page.len(), 2);
    // A key that has the dot in its own name.
    let dotted = r#"{"result.records":[{"id":"1","name":"A"},{"id":"2","name":"B"}],"id":"x"}"#;
    let line = "d.json -t deals --records result.records";
    assert_eq!(pushed(&[("d.json", dotted)], line), two);
    // It wins over a path, wherever both stand.
    let both = format!(
        "{{\"result\":{{\"records\":[{{\"id\":\"9\"}}]}},{}",
        &dotted[1..]
    );
    assert_eq!(pushed(&[("d.json", &both)], line), two);
    let items = r#"{"id":"page","items":[{"id":"1","name":"A"},{"id":"2","name":"B"}]}"#;
    assert_eq!(
        pushed(&[("i.json", items)], "i.json -t deals --records items"),
        two
    );
}

#[test]
fn one_record_with_a_list_is_sent_where_somebody_said_so() {
    let order = r#"{"id":"7","lines":[{"sku":1},{"sku":2}]}"#;
    let array = format!("[{order}]");
    let lines = format!("{order}\n{}\n", order.replace('7', "8"));
    for (name, content, line) in [
        ("x.json", array.as_str(), "x.json -t deals"),
        ("x.ndjson", order, "x.ndjson -t deals --format ndjson"),
        ("x.json", order, "x.json -t deals --format ndjson"),
    ] {
        let wanted = r#"{"id":"7","lines":[{"sku":1},{"sku":2}]}"#;
        assert_eq!(pushed(&[(name, content)], line), [wanted], "{line}");
    }
    // Of several nothing is in doubt.
    for line in ["x.ndjson -t deals", "x.json -t deals"] {
        let name = line.split(' ').next().unwrap();
        assert_eq!(pushed(&[(name, lines.as_str())], line).len(), 2, "{line}");
    }
    // A list of something else is no records.
    let tags = r#"{"id":"7","tags":["a"],"none":[],"mixed":[{},1],"deep":[[{"a":1}]]}"#;
    assert_eq!(pushed(&[("x.json", tags)], "x.json -t deals").len(), 1);
}

#[test]
fn places_that_are_not_there_or_not_alone() {
    let large = format!(
        "{{\"notes\":\"{}\",\"data\":[{{\"id\":1}}]}}",
        "x".repeat(1 << 20)
    );
    let stage = Stage::unused()
        .file("page.json", PAGE)
        .file("plain.json", r#"{"id":1,"tags":["a"]}"#)
        .file("array.json", r#"[{"id":1}]"#)
        .file("large.json", large)
        .file(
            "twice.json",
            r#"{"a":{"b":[{"id":1}]},"a":{"b":[{"id":2}]}}"#,
        )
        .file("two-ways.json", r#"{"a":{"b":[{"id":1}]},"a.b":5}"#)
        .file("broken.json", r#"{"a":{"b":[{"id":1}],"c":x}}"#)
        .file("open.json", r#"{"a":{"b":[{"id":1}]}"#)
        .file(
            "more.json",
            r#"{"a":{"b":[{"id":1}]}}{"a":{"b":[{"id":2}]}}"#,
        )
        .file("numbers.json", r#"{"a":{"b":[1,2]}}"#)
        .file("data.csv", "id,name\n1,A\n")
        .file("data.ndjson", "{\"id\":1}\n{\"id\":2}\n")
        .file("data.xlsx", include_bytes!("../../data/cases/percent.xlsx"));
    assert_snapshot!(told(
        &stage,
        &[
            "page.json -t deals --records data.nodes",
            "page.json -t deals --records meta.count",
            "plain.json -t deals --records data",
            "array.json -t deals --records data",
            "large.json -t deals --records data",
            "twice.json -t deals --records a.b",
            "two-ways.json -t deals --records a.b",
            "broken.json -t deals --records a.b",
            "open.json -t deals --records a.b",
            "more.json -t deals --records a.b",
            "numbers.json -t deals --records a.b",
            "data.csv -t deals --records a.b",
            "data.ndjson -t deals --records a.b",
            "data.xlsx -t deals --records a.b",
            "page.json -t deals --records a.b --format csv",
        ]
    ));
}

#[test]
fn a_resumed_push_finds_the_records_again() {
    let mapping = "table = \"deals\"\n[input]\nrecords = \"data.deals.nodes\"\n[fields]\n\
                   id = \"id\"\nname = \"name\"\n";
    for (options, content) in [
        ("-t deals --records data.deals.nodes", PAGE),
        ("-m m.toml", PAGE),
        (
            "-t deals --records items",
            r#"{"id":"p","items":[{"id":"1"},{"id":"2"}]}"#,
        ),
    ] {
        let stage = Stage::with_faults("500@2")
            .file("x.json", content)
            .file("m.toml", mapping);
        let line = format!("x.json {options} --chunk-size 1 --retry-for 0");
        assert_eq!(run(&mut stage.push(&line)).code(), Some(6), "{line}");
        let told = run(&mut stage.push("resume"));
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "2"]);
    }
}

#[test]
fn rejects_are_pushed_with_the_mapping_that_names_the_place() {
    let mapping = "table = \"deals\"\n[input]\nrecords = \"rows\"\n[fields]\nid = \"id\"\n\
                   sum = { column = \"sum\", type = \"number\" }\n";
    let stage = Stage::new()
        .file(
            "x.json",
            r#"{"rows":[{"id":"1","sum":1},{"id":"2","sum":"x","lines":[{"a":1}]}]}"#,
        )
        .file("m.toml", mapping);
    let told = run(&mut stage.push("x.json -m m.toml --max-errors 1 --rejects rejects.ndjson"));
    assert_eq!(told.code(), Some(7), "{told}");
    let path = stage.folder().path().join("rejects.ndjson");
    let rejects = std::fs::read_to_string(path).unwrap();
    let stage = stage.file("rejects2.ndjson", rejects.replace("\"x\"", "2"));
    let told = run(&mut stage.push("rejects2.ndjson -m m.toml"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "2"]);
}

#[test]
fn a_dry_run_says_where_the_records_stand() {
    let stage = Stage::unused().file("envelope.json", ENVELOPE);
    let line = "envelope.json -t deals --records result.records --dry-run";
    let told = run(&mut stage.push(line));
    let input = "records under `result.records`";
    assert!(
        told.code() == Some(0) && told.stderr.contains(input),
        "{told}"
    );
    let told = run(&mut stage.push(&format!("{line} --output json")));
    let document = receipt(&told, 0);
    assert_eq!(document["dry_run"]["records_at"], "result.records");
}

#[test]
fn a_draft_says_where_the_records_stand() {
    let stage = Stage::new().file("envelope.json", ENVELOPE);
    let draft = run(&mut stage.push("init envelope.json --records result.records --table deals"));
    assert_eq!(draft.code(), Some(0), "{draft}");
    assert!(
        draft
            .stdout
            .contains("\n[input]\nrecords = \"result.records\"\n"),
        "{draft}"
    );
    let stage = stage.file("m.toml", &draft.stdout);
    let told = run(&mut stage.push("envelope.json -m m.toml"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "2"]);
}
