//! Planned faults look to a client as their names say, and apply what they say.

use std::time::{Duration, Instant};

use qobra_push::parse_faults;
use serde_json::json;

use super::{KEY, Stage, parsed, run, with_faults};

#[test]
fn statuses_apply_nothing_and_carry_their_headers() {
    run(async {
        let stage = Stage::new(with_faults("503@1x2,429:2@3,307@4"));
        for (code, header) in [
            (503, None),
            (503, None),
            (429, Some(("retry-after", "2"))),
            (307, Some(("location", "https://elsewhere.invalid/"))),
        ] {
            let answer = stage.try_push("", r#"[{"id": "1"}]"#).await.unwrap();
            assert_eq!(answer.status(), code);
            if let Some((name, value)) = header {
                assert_eq!(answer.headers()[name], value);
            }
        }
        assert_eq!(stage.ids(), ["old"]);
        stage.push("", &["1"]).await;
        assert_eq!(stage.ids(), ["old", "1"]);
    });
}

#[test]
fn a_reset_applies_nothing_and_reset_after_applies() {
    run(async {
        let stage = Stage::new(with_faults("reset@1,reset@2,reset-after@3"));
        let big = format!(r#"[{{"id": "1", "name": "{}"}}]"#, "x".repeat(4 << 20));
        for items in [r#"[{"id": "1"}]"#, big.as_str()] {
            let error = stage.try_push("", items).await.unwrap_err();
            assert!(!error.is_connect() && !error.is_timeout(), "{error:?}");
            assert_eq!(stage.ids(), ["old"]);
            assert_eq!(stage.last_status(), None);
        }
        assert!(stage.try_push("", r#"[{"id": "1"}]"#).await.is_err());
        assert_eq!(stage.ids(), ["old", "1"]);
        assert_eq!(stage.last_status(), None);
    });
}

/// What comes back on the socket itself, where an HTTP library would only say "error".
fn raw_push(stage: &Stage) -> std::io::Result<String> {
    use std::io::{Read, Write};
    let mut socket = std::net::TcpStream::connect(stage.running.addr)?;
    let body = r#"{"items": [{"id": "1"}]}"#;
    let head = format!(
        "POST /v1/tables/deals/records/bulk HTTP/1.1\r\nhost: localhost\r\nx-api-key: {KEY}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    socket.write_all(format!("{head}{body}").as_bytes())?;
    let mut answer = Vec::new();
    socket.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[test]
fn broken_connections_break_on_the_wire() {
    let stage = Stage::new(with_faults("reset@1,garbage@2,cut@3,reset-after@4"));
    let reset = raw_push(&stage).unwrap_err();
    assert_eq!(reset.kind(), std::io::ErrorKind::ConnectionReset);
    let garbage = raw_push(&stage).unwrap();
    assert!(
        garbage.contains("this is not HTTP") && !garbage.contains("HTTP/1.1"),
        "{garbage}"
    );
    assert_eq!(stage.ids(), ["old"]);
    let cut = raw_push(&stage).unwrap();
    assert!(
        cut.starts_with("HTTP/1.1 200 OK\r\n") && cut.contains(r#"{"import_id""#),
        "{cut}"
    );
    assert!(!cut.ends_with('}'), "{cut}");
    assert_eq!(stage.ids(), ["old", "1"]);
    assert_eq!(raw_push(&stage).unwrap(), "");
    assert_eq!(stage.running.sandbox.unused_faults(), []);
}

#[test]
fn answers_that_are_none() {
    run(async {
        let stage = Stage::new(with_faults("garbage@1,html@2,cut@3,empty@4,count:-1@5"));
        assert!(stage.try_push("", r#"[{"id": "1"}]"#).await.is_err());
        let html = stage.try_push("", r#"[{"id": "2"}]"#).await.unwrap();
        assert_eq!(html.status(), 200);
        assert!(html.text().await.unwrap().starts_with("<!DOCTYPE html>"));
        assert_eq!(stage.ids(), ["old"]);
        let cut = stage.try_push("", r#"[{"id": "3"}]"#).await.unwrap();
        assert_eq!(cut.status(), 200);
        assert!(cut.text().await.is_err());
        let empty = stage.try_push("", r#"[{"id": "4"}]"#).await.unwrap();
        assert_eq!(
            (
                empty.status().as_u16(),
                empty.text().await.unwrap().as_str()
            ),
            (200, "")
        );
        let off = parsed(stage.try_push("", r#"[{"id": "5"}]"#).await.unwrap()).await;
        assert_eq!(off["objects_imported"], 0);
        assert_eq!(stage.ids(), ["old", "3", "4", "5"]);
    });
}

#[test]
fn slow_applies_at_once_and_hang_never() {
    run(async {
        let stage = Stage::new(with_faults("slow:0.3@1,hang@2"));
        let start = Instant::now();
        stage.push("", &["1"]).await;
        assert!(start.elapsed() >= Duration::from_millis(300));
        let hung = stage.try_push("", r#"[{"id": "2"}]"#);
        assert!(
            tokio::time::timeout(Duration::from_millis(200), hung)
                .await
                .is_err()
        );
        assert_eq!(stage.ids(), ["old", "1"]);
        assert_eq!(stage.last_status(), None);
        assert_eq!(stage.running.sandbox.unused_faults(), []);
    });
}

#[test]
fn faults_that_never_fired_are_reported() {
    run(async {
        let stage = Stage::new(with_faults("503@1,reset@2,hang@3"));
        stage.try_push("", "[]").await.unwrap();
        assert_eq!(
            stage.running.sandbox.unused_faults(),
            parse_faults("reset@2,hang@3").unwrap()
        );
        let requests = stage.get("/sandbox/requests").await;
        assert_eq!(requests["unused_faults"], json!(["reset@2", "hang@3"]));
        let seen = json!([{"method": "POST", "path": "/v1/tables/deals/records/bulk", "user_agent": "the tests",
            "key": "accepted", "bytes": 13, "records": null, "status": 503, "fault": "503@1", "at": 0.0}]);
        assert_eq!(requests["requests"], seen);
    });
}
