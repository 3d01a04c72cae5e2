//! `qobra-push sandbox`: its address alone on standard output, pushed to by another process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::rig::Watched;
use crate::stage::{Stage, deals};
use crate::support::run;

/// What stops it: a signal, where another process can be sent one.
const STOP: &str = if cfg!(unix) { "TERM" } else { "KILL" };

/// A stand-in of its own process, and its address: not the usual one, which others may use.
pub(super) fn served(stage: &Stage, line: &str) -> (Watched, String) {
    let mut process = stage.process(&format!("{line} --port 0"));
    process.env_remove("QOBRA_BASE_URL").stdin(Stdio::null());
    let mut sandbox = Watched::start(process);
    let mut url = String::new();
    let stdout = sandbox.child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut url).unwrap();
    (sandbox, url.trim().to_owned())
}

/// The answer to a request that is written out.
pub(super) fn asked(url: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    std::io::read_to_string(stream).unwrap()
}

/// What a table of the stand-in shows.
fn shown(url: &str, table: &str) -> Value {
    let head = "host: localhost\r\nconnection: close\r\n\r\n";
    let answer = asked(
        url,
        &format!("GET /sandbox/tables/{table} HTTP/1.1\r\n{head}"),
    );
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}

#[test]
fn it_serves_until_it_is_stopped() {
    let stage = Stage::behind().file("deals.csv", deals(3));
    let (mut sandbox, url) = served(&stage, "sandbox --table deals");
    sandbox.says("Push to `deals` with --base-url http://127.0.0.1:");
    let port = url.rsplit(':').next().unwrap();

    let pushed = run(&mut stage.push(&format!("deals.csv -t deals --base-url {url}")));
    assert_eq!(pushed.code(), Some(0), "{pushed}");
    let other = run(&mut stage.push(&format!("deals.csv -t other --base-url {url}")));
    assert_eq!(other.code(), Some(4), "{other}");
    let second = run(stage
        .push(&format!("sandbox --port {port}"))
        .env_remove("QOBRA_BASE_URL"));
    assert_eq!(second.code(), Some(2), "{second}");
    assert!(
        second
            .stderr
            .ends_with("\nhint: take another --port; 0 takes a free one\n"),
        "{second}"
    );
    sandbox.signal(STOP);
    assert_eq!(sandbox.end().stdout, "");
}

/// `-v` tells of each request when it has ended, of one without an answer too, and shows no control character.
#[test]
fn each_request_can_be_told() {
    let stage = Stage::behind().file("deals.csv", deals(3));
    let (mut sandbox, url) = served(
        &stage,
        "sandbox -v --stack no --fault 503@1-2,reset-after@3",
    );
    let pushed = run(&mut stage.push(&format!("deals.csv -t deals --base-url {url}")));
    assert_eq!(pushed.code(), Some(0), "{pushed}");
    let odd = "GET /%1b[2J HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    assert!(asked(&url, odd).starts_with("HTTP/1.1 404 "));
    sandbox.says("GET /%1b[2J: 404");
    sandbox.signal(STOP);
    let told = sandbox.end().stderr;
    let bulk = "POST /v1/tables/deals/records/bulk?all=false&debounce=0";
    for line in [
        format!("\n{bulk}: 503; 140 B; fault 503@1-2\n{bulk}: 503; 140 B; fault 503@1-2\n"),
        format!("\n{bulk}: 200; 3 records, 140 B; import "),
        format!("\n{bulk}: no answer; 3 records, 140 B; import "),
        "; fault reset-after@3\n".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}{told}");
    }
}

/// Pages of other names and other origins get nothing, on any path, and reach nothing.
#[test]
fn foreign_pages_get_nothing() {
    let stage = Stage::behind();
    let (_sandbox, url) = served(&stage, "sandbox --table deals");
    let host = url.trim_start_matches("http://");
    let body = r#"{"items": [{"id": "1"}]}"#;
    let ask = |line: &str, headers: &str| {
        let head = format!("{line} HTTP/1.1\r\n{headers}\r\nx-api-key: k\r\nconnection: close\r\n");
        let answer = asked(
            &url,
            &format!("{head}content-length: {}\r\n\r\n{body}", body.len()),
        );
        assert!(
            answer.contains("\r\nx-content-type-options: nosniff\r\n"),
            "{answer}"
        );
        assert!(
            answer.contains("\r\ncross-origin-resource-policy: same-origin\r\n"),
            "{answer}"
        );
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let bulk = "POST /v1/tables/deals/records/bulk";
    let paths = [
        bulk,
        "GET /v2/data-structures",
        "GET /sandbox/tables/deals",
        "POST /sandbox/advance?seconds=1",
    ];
    for path in paths {
        assert_eq!(ask(path, "host: evil.example"), "421", "{path}");
        let foreign = format!("host: {host}\r\norigin: http://evil.example");
        assert_eq!(ask(path, &foreign), "403", "{path}");
        assert_eq!(
            ask(path, &format!("host: {host}\r\norigin: null")),
            "403",
            "{path}"
        );
    }
    assert_eq!(shown(&url, "deals")["records"], json!([]));
    for path in paths {
        let own = format!("host: {host}\r\norigin: {url}");
        assert_eq!(ask(path, &own), "200", "{path}");
    }
    assert_eq!(shown(&url, "deals")["records"], json!([{"id": "1"}]));
}

/// Of several mappings each is for its own table, and none is for another.
#[test]
fn several_mappings_are_for_a_table_each() {
    let fields = "[fields]\nid = \"id\"\nname = \"name\"\n";
    let stage = Stage::behind()
        .file("deals.csv", deals(1))
        .file("a.toml", format!("table = \"a\"\n{fields}"))
        .file(
            "b.toml",
            format!("table = \"b\"\n{fields}total = \"amount\"\n"),
        )
        .file("any.toml", fields);
    let (_sandbox, url) = served(&stage, "sandbox -m a.toml -m b.toml -t a -t c");
    let push =
        |table: &str| run(&mut stage.push(&format!("deals.csv -t {table} --base-url {url}")));
    for (table, dropped) in [
        ("a", json!(["amount"])),
        ("b", json!(["amount"])),
        ("c", json!([])),
    ] {
        assert_eq!(push(table).code(), Some(0), "{table}");
        assert_eq!(shown(&url, table)["dropped"], dropped, "{table}");
    }
    assert_eq!(push("d").code(), Some(4));
    for (line, says) in [
        (
            "-m a.toml -m any.toml",
            "error: the mapping any.toml names no table\nhint: of several mappings, each says which table it is for: `table = \"KEY\"`\n",
        ),
        (
            "-m a.toml -m a.toml",
            "error: a.toml and a.toml are both for the table `a`\nhint: give one mapping a table; a second sandbox takes another --port\n",
        ),
    ] {
        let refused = run(stage
            .push(&format!("sandbox --port 0 {line}"))
            .env_remove("QOBRA_BASE_URL"));
        assert_eq!((refused.code(), refused.stderr.as_str()), (Some(2), says));
    }
}

/// A mapping says which fields a table has, whatever the table is called; others are dropped, and
/// named where the table is looked at.
#[test]
fn fields_that_the_mapping_does_not_know_are_dropped_and_named() {
    let fields = "[fields]\nid = \"id\"\nname = \"name\"\n";
    let stage = Stage::behind()
        .file("deals.csv", deals(3))
        .file("two.toml", fields)
        .file("tabled.toml", format!("table = \"deals\"\n{fields}"))
        .file(
            "three.toml",
            format!("{fields}total = \"amount\"\nx = {{ value = 1 }}\n"),
        );
    for line in [
        "sandbox -m two.toml",
        "sandbox -m tabled.toml",
        "sandbox -m two.toml --table deals",
    ] {
        let (mut sandbox, url) = served(&stage, line);
        let push = |line: &str| run(&mut stage.push(&format!("{line} -t deals --base-url {url}")));
        assert_eq!(push("deals.csv -m two.toml").code(), Some(0), "{line}");
        assert_eq!(shown(&url, "deals")["dropped"], json!([]), "{line}");
        assert_eq!(push("deals.csv -m three.toml").code(), Some(0), "{line}");
        assert_eq!(push("deals.csv").code(), Some(0), "{line}");
        let table = shown(&url, "deals");
        assert_eq!(table["dropped"], json!(["amount", "total", "x"]), "{line}");
        assert_eq!(
            table["records"][2],
            json!({"id": "3", "name": "Deal 3"}),
            "{line}"
        );
        sandbox.signal(STOP);
        sandbox.end();
    }
}
