//! How an input is written: recognised from its name and content, or refused in one clear line.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::stage::{Stage, deals, ids, numbers, sorted_ids};
use crate::support::run;

/// What each line says, against a service that no line may call.
fn said(stage: &Stage, lines: &[&str]) -> String {
    let mut all = String::new();
    for line in lines {
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&run(&mut stage.push(line))));
    }
    all
}

/// The same for files that are all refused alike.
fn refused(stage: &Stage, files: &[&str]) -> String {
    let lines: Vec<_> = files
        .iter()
        .map(|file| format!("{file} -t deals"))
        .collect();
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    said(stage, &lines)
}

#[test]
fn delimiters_are_recognised_and_said() {
    let stage = Stage::unused()
        .file("comma.csv", "id,name\n1,\"x;y\"\n")
        .file("semi.csv", "id;amount\na;1,5\nb;2,5\n")
        .file("pipe.txt", "\u{feff}id|name\r\n1|x\r\n")
        .file("tabs.csv", "id\tname\n1\tx\n")
        .file("tabs.tab", "id\tna;me\n1\tx;y\n")
        .file("header.csv", "id;amount\n")
        .file("ragged.csv", "id;amount\n1;1,5\n2;2;5\n3\n");
    assert_snapshot!(said(
        &stage,
        &[
            "comma.csv -t deals --dry-run",
            "semi.csv -t deals --dry-run",
            "pipe.txt -t deals --dry-run",
            "tabs.csv -t deals --dry-run",
            "tabs.tab -t deals --dry-run",
            "tabs.csv pipe.txt -t deals --dry-run",
            "semi.csv -t deals --dry-run -q",
            "semi.csv -t deals --dry-run --delimiter ,",
            "header.csv -t deals --dry-run",
            "header.csv -t deals",
            "header.csv -t deals --all",
            "ragged.csv -t deals",
        ]
    ));
}

#[test]
fn delimiters_that_are_not_certain_are_asked_for() {
    let stage = Stage::unused()
        .file("tie.csv", "id;a,b;c\n1;2,3;4\n")
        .file("header.csv", "id;name, first\n")
        .file("neither.csv", "id;a,b\n1\n2\n")
        .file("lines.csv", "\"id;name\"\n\"1;x\"\n")
        .file("comma.tsv", "id,name\n1,x\n")
        .file("tie", "id;a,b;c\n1;2,3;4\n")
        .file(
            "map.toml",
            "table = \"deals\"\n[input]\ndelimiter = \";\"\n[fields]\nid = \"id\"\nname = \"c\"\n",
        );
    assert_snapshot!(said(
        &stage,
        &[
            "tie.csv -t deals",
            "tie.csv -t deals --delimiter ; --dry-run",
            "tie.csv -m map.toml --dry-run",
            "tie.csv -m map.toml --dry-run --delimiter ,",
            "header.csv -t deals",
            "neither.csv -t deals",
            "lines.csv -t deals",
            "comma.tsv -t deals",
            "tie -t deals",
            "tie -t deals --delimiter ; --dry-run",
        ]
    ));
}

#[test]
fn formats_are_recognised_by_content() {
    let stage = Stage::unused()
        .file("data", "id;name\n1;x\n")
        .file("data.dat", "\n {\"id\": 1}\n{\"id\": 2}\n")
        .file("array.dat", "[{\"id\": 1}]\n")
        .file("column", "id\n1\n")
        .file("empty", "")
        .file("lines.csv", "{\"id\": 1}\n{\"id\": 2}\n")
        .file("array.csv", "[{\"id\": 1},\n{\"id\": 2}]\n")
        .file("table.ndjson", "id;name\n1;x\n")
        .file("array.jsonl", "[1, 2]\n")
        .file("words.jsonl", "\nhello\n");
    let mut all = said(
        &stage,
        &[
            "data -t deals --dry-run",
            "data.dat -t deals --dry-run",
            "array.dat -t deals --dry-run",
            "lines.csv -t deals --format ndjson --dry-run",
            "table.ndjson -t deals --format csv --dry-run",
        ],
    );
    all += &refused(
        &stage,
        &[
            "data data.dat",
            "column",
            "empty",
            "lines.csv",
            "array.csv",
            "table.ndjson",
            "array.jsonl",
            "words.jsonl",
        ],
    );
    for content in [
        "id|name\n1|x\n",
        "{\"id\": 1}\n",
        "[{\"id\": 1}]",
        "id\n1\n",
        "",
    ] {
        let mut command = stage.push("- -t deals --dry-run");
        let told = run(command.write_stdin(content));
        let _ = writeln!(all, "$ - <<< {content:?}\n{}", stage.tidy(&told));
    }
    assert_snapshot!(all);
}

#[test]
fn what_was_recognised_arrives() {
    let lines = deals(12).replace(',', ";");
    for (name, content) in [("deals.csv", &lines), ("deals", &lines)] {
        let stage = Stage::new().file(name, content);
        let told = run(&mut stage.push(&format!("{name} -t deals --all --chunk-size 100")));
        assert_eq!(told.code(), Some(0), "{told}");
        let note = format!("{name}: delimiter `;`\n");
        assert!(told.stderr.starts_with(&note), "{told}");
        let held = stage.settled();
        assert_eq!(sorted_ids(&held), numbers(1..=12));
        let first = r#"{"amount":"1.50","id":"1","name":"Deal 1"}"#;
        assert_eq!(held.records[0].1, first);
    }
    let stage = Stage::unused().file("deals.csv", &lines);
    let mut command = stage.push("deals.csv -t deals --sandbox");
    assert_snapshot!(stage.tidy(&run(command.env_remove("QOBRA_BASE_URL"))));
}

#[test]
fn an_upsert_without_records_changes_nothing() {
    let stage = Stage::unused().file("header.csv", "id;name\n\r\n");
    let told = run(&mut stage.push("header.csv -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(ids(&stage.settled()), crate::stage::OLD);
}

#[test]
fn foreign_files_are_refused_with_the_line_that_converts_them() {
    let mut document = b"PK\x03\x04".to_vec();
    document.resize(30, 0);
    document.extend(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
    let files: [(&str, &[u8]); 20] = [
        ("deals.parquet", b"PAR1\x15\x04\x15\x10"),
        ("deals.avro", b"Obj\x01\x04\x16avro.schema"),
        ("deals.orc", b"ORC\x0a\x03\0\0"),
        ("deals.feather", b"ARROW1\0\0\xff\xff\xff\xff"),
        ("deals.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0"),
        ("deals.ods", &document),
        ("deals.zip", b"PK\x03\x04\x14\0\0\0\x08\0"),
        ("deals.csv.xz", b"\xfd7zXZ\0\0\x04"),
        ("deals.csv.bz2", b"BZh91AY&SY\xae"),
        ("deals.csv.lz4", b"\x04\x22\x4d\x18\x64"),
        ("deals.7z", b"7z\xbc\xaf\x27\x1c\0\x04"),
        ("deals.rar", b"Rar!\x1a\x07\x01\0"),
        ("deals.pdf", b"%PDF-1.7\n"),
        ("page.csv", b"\xef\xbb\xbf\r\n <!DOCTYPE html>\n<html>"),
        ("deals.xml", b"<?xml version=\"1.0\"?><rows>"),
        ("deals.rtf", b"{\\rtf1\\ansi"),
        ("deals.db", b"SQLite format 3\0\x10\0"),
        ("chart.csv", b"\x89PNG\r\n\x1a\n\0"),
        ("program", b"\x7fELF\x02\x01"),
        ("o'hara.parquet", b"PAR1\x15\x04\x15\x10"),
    ];
    let mut stage = Stage::unused();
    for (name, content) in files {
        stage = stage.file(name, content);
    }
    let names = files.map(|(name, _)| name);
    let mut all = refused(&stage, &names);
    let mut command = stage.push("- -t deals --format csv");
    let told = run(command.write_stdin(&b"PAR1\x15\x04\x15\x10"[..]));
    let _ = writeln!(all, "$ - < deals.parquet\n{}", stage.tidy(&told));
    assert_snapshot!(all);
}

#[test]
fn headers_that_are_none() {
    let mapping = "table = \"deals\"\n[fields]\nid = \"Deal ID\"\nname = \"Name\"\n";
    let stage = Stage::unused()
        .file("records.csv", "1,Deal 1,2026-01-31\n2,Deal 2,2026-02-28\n")
        .file("alike.csv", "7;7;x\n8;9;y\n")
        .file("words.csv", "one,two\n3,4\n")
        .file("years.csv", "Deal ID,2024,2025\n1,2,3\n")
        .file("empty.csv", "")
        .file("mark.csv", "\u{feff}")
        .file("blank.csv", "\n\r\n\n")
        .file("spaces.csv", "\n  \t\n")
        .file("long.csv", "x,".repeat(600_000))
        .file("null.csv", b"id,na\0me\n1,x\n")
        .file("map.toml", mapping);
    let mut all = said(
        &stage,
        &[
            "records.csv -m map.toml",
            "words.csv -m map.toml",
            "years.csv -m map.toml",
        ],
    );
    all += &refused(
        &stage,
        &[
            "records.csv",
            "alike.csv",
            "empty.csv",
            "mark.csv",
            "blank.csv",
            "spaces.csv",
            "long.csv",
            "null.csv",
        ],
    );
    assert_snapshot!(all);
}
