//! `sandbox --facts` and `--answer`: what is known of a service is played, and what nobody knows refused.

use std::fmt::Write as _;

use insta::assert_snapshot;
use qobra_push::Facts;
use serde_json::json;

use super::sandbox_command::{asked, served};
use crate::stage::{Stage, deals};
use crate::support::{run, tidy};

/// The status line's number and the body of an answer to a `GET`.
fn got(url: &str, path: &str) -> (String, String) {
    let head = "host: localhost\r\nx-api-key: k\r\nconnection: close\r\n\r\n";
    let answer = asked(url, &format!("GET {path} HTTP/1.1\r\n{head}"));
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().to_owned(), body.to_owned())
}

#[test]
fn a_file_is_played_and_the_line_goes_over_it() {
    let facts =
        json!({"wrong_table": {"status": 422, "words": "no such thing"}, "structures": 403});
    // With a byte order mark, as an editor may put there.
    let whole = format!(
        "\u{feff}{}",
        json!({"service": "x", "facts": facts.clone()})
    );
    let stage = Stage::behind()
        .file("deals.csv", deals(3))
        .file("bare.json", facts.to_string())
        .file("whole.json", whole);
    for file in ["bare.json", "whole.json"] {
        let line = "--answer structures=404 --answer wrong_table.words=404 --answer unknown_import.status=400";
        let (_sandbox, url) = served(&stage, &format!("sandbox -t deals --facts {file} {line}"));
        assert_eq!(got(&url, "/v2/data-structures").0, "404");
        assert_eq!(
            got(&url, "/v1/imports/1"),
            ("400".to_owned(), String::new())
        );
        let pushed = run(&mut stage.push(&format!("deals.csv -t nope --base-url {url}")));
        assert_snapshot!(
            "a_push_to_a_table_that_there_is_not",
            tidy(&pushed.to_string())
        );
        let pushed = run(&mut stage.push(&format!("deals.csv -t deals --base-url {url}")));
        assert_eq!(pushed.code(), Some(0), "{pushed}");
    }
}

#[test]
fn answers_are_played_to_a_push() {
    let stage = Stage::behind().file("deals.csv", deals(3));
    let line = "--window last --stack no --answer count=missing --answer records.refused=3";
    let (_sandbox, url) = served(&stage, &format!("sandbox -t deals {line}"));
    let pushed = run(&mut stage.push(&format!("deals.csv -t deals --base-url {url}")));
    assert_snapshot!(tidy(&pushed.to_string()));
}

#[test]
fn what_nobody_knows_is_refused() {
    let stage = Stage::behind()
        .file("names.json", r#"{"facts": {"windows": "last"}}"#)
        .file(
            "words.json",
            r#"{"bad_row": {"title": "x", "count": "none"}}"#,
        )
        .file("numbers.json", r#"{"at_once": "four"}"#)
        .file("statuses.json", r#"{"structures": 100}"#)
        .file("parts.json", r#"{"facts": {"wrong_key": {"words": "no"}}}"#)
        .file("list.json", "[1]")
        .file("inner.json", r#"{"facts": "last"}"#)
        .file("torn.json", r#"{"window": "#)
        .file("right.json", json!(Facts::default()).to_string());
    let lines = [
        "--answer repeated",
        "--answer repeat=twice",
        "--answer x=twice",
        "--answer repeated=thrice",
        "--answer at_once=many",
        "--answer wrong_key=403",
        "--answer wrong_key.status=no",
        "--answer wrong_key.status=70000",
        "--answer wrong_key.status=42",
        "--answer wrong_key.words=403",
        "--answer wrong_key.statu=403",
        "--answer bad_row.title=x --answer bad_row.count=god",
        "--window first --answer window=last",
        "--answer count=missing --answer count=given",
        "--facts right.json --answer count=none",
        "--facts none.json",
        "--facts names.json",
        "--facts words.json",
        "--facts numbers.json",
        "--facts statuses.json",
        "--facts parts.json",
        "--facts list.json",
        "--facts inner.json",
        "--facts torn.json",
    ];
    let mut said = String::new();
    for line in lines {
        let refused = run(stage
            .push(&format!("sandbox --port 0 {line}"))
            .env_remove("QOBRA_BASE_URL"));
        assert_eq!(refused.code(), Some(2), "{line}: {refused}");
        writeln!(said, "$ {line}\n{refused}").unwrap();
    }
    assert_snapshot!(said);
}
