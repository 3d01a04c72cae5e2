//! `qobra-push sandbox`: its address alone on standard output, pushed to by another process.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use serde_json::{Value, json};

use crate::rig::Watched;
use crate::stage::{Stage, deals};
use crate::support::run;

/// A stand-in of its own process, and its address: not the usual one, which others may use.
fn served(stage: &Stage, line: &str) -> (Watched, String) {
    let mut process = stage.process(&format!("{line} --port 0"));
    process.env_remove("QOBRA_BASE_URL").stdin(Stdio::null());
    let mut sandbox = Watched::start(process);
    let mut url = String::new();
    let stdout = sandbox.child.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut url).unwrap();
    (sandbox, url.trim().to_owned())
}

/// What a table of the stand-in shows.
fn shown(url: &str, table: &str) -> Value {
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    let head = "host: sandbox\r\nconnection: close\r\n\r\n";
    write!(stream, "GET /sandbox/tables/{table} HTTP/1.1\r\n{head}").unwrap();
    let answer = std::io::read_to_string(stream).unwrap();
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
    sandbox.signal("TERM");
    assert_eq!(sandbox.end().stdout, "");
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
        sandbox.signal("TERM");
        sandbox.end();
    }
}
