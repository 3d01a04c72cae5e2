//! `[input]` `escape` and `quote`: how files are read that do not quote as RFC 4180 says.

use std::fs;

use insta::assert_snapshot;

use crate::input::quotes::case;
use crate::rig::{done, killed_at, posts};
use crate::stage::{Stage, ids};
use crate::support::{Told, run, workbook};

/// A mapping of `id` and `name` with these lines below `[input]`.
fn mapping(input: &str) -> String {
    format!("[input]\n{input}\n[fields]\nid = 'id'\nname = 'name'\n")
}

/// A service, a file, and a mapping with these lines below `[input]`.
fn stage(content: impl AsRef<[u8]>, input: &str) -> Stage {
    Stage::new()
        .file("deals.csv", content)
        .file("deals.toml", mapping(input))
}

fn push(stage: &Stage, line: &str) -> Told {
    run(&mut stage.push(&format!("{line} -t deals -m deals.toml --all")))
}

/// The names that the table holds after a replace that went well.
fn names(stage: &Stage) -> Vec<String> {
    let told = push(stage, "deals.csv");
    assert_eq!(told.code(), Some(0), "{told}");
    held(stage)
}

fn held(stage: &Stage) -> Vec<String> {
    let records = stage.settled().records;
    let name = |json: &str| {
        let record: serde_json::Value = serde_json::from_str(json).unwrap();
        record["name"].as_str().unwrap_or_default().to_owned()
    };
    records.iter().map(|(_, json)| name(json)).collect()
}

#[test]
fn a_backslash_escapes_what_follows_it() {
    let escape = "escape = '\\'";
    let stage_of = |content: &[u8]| names(&stage(content, escape));
    assert_eq!(stage_of(&case("backslash.csv")), ["Screen 42\"", "Beta"]);
    assert_eq!(stage_of(&case("backslash-inner.csv")), ["The \"Big\" One"]);
    // In cells without quotes too, before a line end, before itself, and beside doubled quotes.
    let content =
        "id,name\n1,a\\,b\n2,\"c\\\\\"\n3,d\\\ne\n4,\"say \"\"x\"\" or \\\"y\\\"\"\n5,\\\"f\n";
    let names = ["a,b", "c\\", "d\ne", "say \"x\" or \"y\"", "\"f"];
    assert_eq!(stage_of(content.as_bytes()), names);
    let crlf = content.replace('\n', "\r\n");
    let names = names.map(|name| name.replace('\n', "\r\n"));
    assert_eq!(stage_of(crlf.as_bytes()), names);
}

#[test]
fn quotes_that_are_text_are_sent_as_text() {
    let none = "quote = 'none'";
    let names_of = |content: &[u8], input: &str| names(&stage(content, input));
    assert_eq!(
        names_of(&case("stray-quote.csv"), none),
        [
            "Shop 1",
            "\"Atelier & fils ",
            "Shop 3",
            "Shop 4",
            "Shop 5",
            "Bar \"Le Port\" sarl",
            "Shop 7"
        ]
    );
    assert_eq!(
        names_of(&case("backslash.csv"), none),
        ["\"Screen 42\\\"\"", "\"Beta\""]
    );
    let both = "quote = 'none'\nescape = '\\'";
    assert_eq!(
        names_of(b"id,name\n1,\"a\\,b\n2,c\\\nd\"\n", both),
        ["\"a,b", "c\nd\""]
    );
    // The usual quotes can be said too.
    let usual = "quote = '\"'";
    assert_eq!(names_of(b"id,name\n1,\"a,b\"\n", usual), ["a,b"]);
}

#[test]
fn a_dry_run_shows_them() {
    let stage = Stage::unused()
        .file("deals.csv", "id;name\n1;\"a\\;b\n")
        .file("deals.toml", mapping("escape = '\\'\nquote = 'none'"));
    let told = run(&mut stage.push("deals.csv -t deals -m deals.toml --dry-run"));
    assert_snapshot!(stage.tidy(&told));
    let line = "deals.csv -t deals -m deals.toml --dry-run --output json";
    let told = run(&mut stage.push(line));
    let receipt: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
    assert_eq!(receipt["dry_run"]["escape"], "\\");
    assert_eq!(receipt["dry_run"]["quote"], "none");
}

/// With an escape quotes are as strict as without one, and a last escape has to have something behind.
#[test]
fn what_is_wrong_is_told_all_the_same() {
    let stage = Stage::unused()
        .file("behind.csv", "id,name\n1,\"a\\\"b\"c\n")
        .file("end.csv", "id,name\n1,a\n2,b\\")
        .file("open.csv", "id,name\n1,\"a\\\"\n2,b\n")
        .file("deals.toml", mapping("escape = '\\'"))
        .file("caret.toml", mapping("escape = '^'\ndelimiter = '^'"))
        .file("plain.toml", mapping("escape = '^'"));
    let mut all = String::new();
    for (line, code) in [
        ("behind.csv -m deals.toml", 3),
        ("end.csv -m deals.toml", 3),
        ("open.csv -m deals.toml", 3),
        ("end.csv -m caret.toml", 2),
        ("end.csv -m plain.toml --delimiter ^", 2),
    ] {
        let told = run(&mut stage.push(&format!("{line} -t deals")));
        assert_eq!(told.code(), Some(code), "{told}");
        all += &format!("$ {line}\n{}\n", stage.tidy(&told));
    }
    assert_snapshot!(all);
}

/// The rejects are written so that the same mapping reads them.
#[test]
fn rejects_are_pushed_with_the_same_mapping() {
    for (content, input, name) in [
        (
            "id,name\n1,a\n2,\"b\\\"\\\\,c\"\n,\"x\\\"\\\\,y\"\n",
            "escape = '\\'",
            "x\"\\,y",
        ),
        ("id;name\n1;a\n2;b\n;\"x, y\n", "quote = 'none'", "\"x, y"),
        (
            "id;name\n1;a\n2;b\n;\"x\\;\\\\\n",
            "quote = 'none'\nescape = '\\'",
            "\"x;\\",
        ),
    ] {
        let stage = stage(content, input);
        let told = push(&stage, "deals.csv --max-errors 1 --rejects rejects.csv");
        assert_eq!(told.code(), Some(7), "{told}");
        let path = stage.folder().path().join("rejects.csv");
        let rejects = fs::read_to_string(&path).unwrap();
        // Someone puts in the id that was missing.
        let (header, record) = rejects.split_once('\n').unwrap();
        fs::write(&path, format!("{header}\n3{record}")).unwrap();
        let told = run(&mut stage.push("rejects.csv -t deals -m deals.toml"));
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(held(&stage)[2], name, "{rejects}");
    }
}

#[test]
fn a_resumption_reads_with_the_same_ones() {
    for input in ["escape = '\\'", "escape = '\\'\nquote = 'none'"] {
        let records: String = (1..=9).map(|n| format!("{n},a\\,{n}\n")).collect();
        let stage = stage(format!("id,name\n{records}"), input);
        let line = "deals.csv -t deals -m deals.toml --chunk-size 2 --jobs 1";
        assert!(killed_at(&stage, line, "journal-answer-after:2"));
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(posts(&stage).len(), 5, "{told}");
        let names = held(&stage);
        assert_eq!(names.len(), 11);
        assert!(
            names[2..]
                .iter()
                .zip(1..)
                .all(|(name, n)| *name == format!("a,{n}"))
        );
    }
}

/// A sheet's text is made here, whatever is said of CSV.
#[test]
fn sheets_have_neither() {
    let book = workbook(&[["id", "name"], ["1", "a\\,\"b\""], ["2", "c\nd"]]);
    let stage = stage("", "escape = '\\'\nquote = 'none'").file("deals.xlsx", &book);
    let told = push(&stage, "deals.xlsx --chunk-size 1 --debounce 900");
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(held(&stage), ["a\\,\"b\"", "c\nd"]);

    let stage = self::stage("", "escape = '\\'\nquote = 'none'").file("deals.xlsx", &book);
    let line = "deals.xlsx -t deals -m deals.toml --chunk-size 1 --jobs 1";
    assert!(killed_at(&stage, line, "journal-answer-after:1"));
    assert_eq!(done(&stage, "resume").code(), Some(0));
    assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "2"]);
    assert_eq!(held(&stage)[2..], ["a\\,\"b\"", "c\nd"]);
}
