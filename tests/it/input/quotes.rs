//! Quotes in CSV: read strictly, so that none swallows records without a word.

use std::fmt::Write as _;
use std::path::Path;

use insta::assert_snapshot;

use crate::rig::{done, killed_at};
use crate::stage::{OLD, Stage, deals, ids};
use crate::support::run;

/// A file of `tests/data/cases`.
pub fn case(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/cases");
    std::fs::read(folder.join(name)).unwrap()
}

/// What each line says, against a service that no line may call.
fn refused(stage: &Stage, lines: &[&str]) -> String {
    let mut all = String::new();
    for line in lines {
        let told = run(&mut stage.push(line));
        assert_eq!(told.code(), Some(3), "{line}: {told}");
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&told));
    }
    assert_eq!(ids(&stage.settled()), OLD);
    all
}

#[test]
fn text_behind_a_closing_quote_is_refused_whatever_the_budget() {
    let mut stage = Stage::unused();
    for name in [
        "stray-quote.csv",
        "stray-quote.tsv",
        "backslash.csv",
        "backslash-inner.csv",
    ] {
        stage = stage.file(name, case(name));
    }
    assert_snapshot!(refused(
        &stage,
        &[
            "stray-quote.csv -t deals --all --debounce 900",
            "stray-quote.csv -t deals --max-errors 100%",
            "stray-quote.csv -t deals --dry-run",
            "stray-quote.tsv -t deals",
            "backslash.csv -t deals --max-errors 7",
            "backslash-inner.csv -t deals",
        ]
    ));
}

#[test]
fn the_receipt_of_a_refused_file_names_both_places() {
    let stage = Stage::unused().file("deals.csv", case("stray-quote.csv"));
    let told = run(&mut stage.push("deals.csv -t deals --all --output json"));
    assert_eq!(told.code(), Some(3), "{told}");
    let receipt: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(receipt["table_state"], "untouched");
    assert_eq!(receipt["counts"]["accepted"], 0);
    let message = receipt["errors"][0]["message"].as_str().unwrap();
    assert!(message.contains("line 3, column 3: the quote opened here is closed on line 7"));
}

#[test]
fn quotes_that_are_right_arrive_as_they_are() {
    let stage = Stage::new().file("deals.csv", case("quotes-that-are-right.csv"));
    let told = run(&mut stage.push("deals.csv -t deals --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    let records = stage.settled().records;
    let held: Vec<_> = records.iter().map(|(_, json)| json.as_str()).collect();
    assert_eq!(
        held,
        [
            r#"{"id":"D1","name":"Pipe 5\" wide","size":"10"}"#,
            r#"{"id":"D2","name":"Said \"yes\", left","size":"20"}"#,
            r#"{"id":"D3","name":"two\nlines","size":"30"}"#,
        ]
    );
}

/// Wherever such a quote stands, nothing is sent, and both places are named.
#[test]
fn its_siblings() {
    let many: String = (1..=30).map(|n| format!("{n},\"a\" {n}\n")).collect();
    let stage = Stage::unused()
        .file("last-record.csv", "id,name\n1,a\n2,\"b\"x")
        .file("last-column.csv", "id,name\r\n1,a\r\n2,\"b\" \r\n3,c\r\n")
        .file("header.csv", "id,\"na\"me\n1,a\n")
        .file("spaces.csv", "id,name\n\"1\" ,a\n")
        .file("quotes.csv", "id,name\n1,\"\"a\"\"\n")
        .file("returns.csv", "id,name\r1,a\r2,\"b\"\"\r3\" c\r")
        .file("never.csv", "id,name\n1,\"5\\\" pipe, 2\\\"\"\n2,b\n")
        .file("bad-before.csv", "id,name\n1,a\n2\n3,\"b\"x\n")
        .file("many.csv", format!("id,name\n{many}"))
        .file("good.csv", "id,name\n7,g\n")
        .file("zipped.csv", gzip(b"id,name\n1,\"a\"x\n"));
    let mut all = refused(
        &stage,
        &[
            "last-record.csv -t deals",
            "last-column.csv -t deals",
            "header.csv -t deals",
            "spaces.csv -t deals",
            "quotes.csv -t deals",
            "returns.csv -t deals",
            "never.csv -t deals",
            "bad-before.csv -t deals --max-errors 5",
            "many.csv -t deals",
            "good.csv spaces.csv last-record.csv -t deals",
            "zipped.csv -t deals",
        ],
    );
    let mut command = stage.push("- -t deals --format csv");
    let told = run(command.write_stdin("id,name\n1,\"a\"x\n"));
    let _ = writeln!(all, "$ -\n{}", stage.tidy(&told));
    assert_snapshot!(all);
}

/// Such as a run that an earlier version sent, which glued the text on.
#[test]
fn a_resumption_names_them_too() {
    let stage = Stage::new().file("deals.csv", deals(9));
    let line = "deals.csv -t deals --chunk-size 2 --jobs 1";
    assert!(killed_at(&stage, line, "journal-answer-after:2"));
    let posts = stage.posts().len();
    stage
        .folder()
        .write("deals.csv", deals(9).replace("Deal 5,", "\"Deal\" 5,"));
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(3), "{told}");
    let words = "line 6, column 3: the quote opened here is closed on line 6, column 8";
    assert!(told.stderr.contains(words), "{told}");
    assert!(told.stderr.contains("; nothing was sent"), "{told}");
    assert_eq!(stage.posts().len(), posts);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
