//! Words of the service: bodies of errors, import ids, what it says of imports.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener};
use std::thread;

use serde_json::json;

use super::{NASTY, harmless, long};
use crate::stage::deals;
use crate::support::{Folder, KEY, Told};

/// Serves these answers, one to each request, the last one again and again.
fn answering(answers: Vec<(u16, String)>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for (n, stream) in listener.incoming().map_while(Result::ok).enumerate() {
            let (status, body) = &answers[n.min(answers.len() - 1)];
            let mut reader = BufReader::new(&stream);
            let (mut line, mut length) = (String::from("-"), 0);
            while !line.trim().is_empty() {
                line.clear();
                reader.read_line(&mut line).unwrap();
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
            }
            reader.take(length).read_to_end(&mut Vec::new()).unwrap();
            let head = format!(
                "HTTP/1.1 {status} X\r\nconnection: close\r\nlocation: https://x{}.invalid/\r\ncontent-length: {}\r\n\r\n",
                "\u{9b}2J\u{202e}",
                body.len()
            );
            // Whoever has hung up needs no answer.
            let _ = (&stream)
                .write_all(head.as_bytes())
                .and_then(|()| (&stream).write_all(body.as_bytes()));
        }
    });
    address
}

/// What a push says to a service with these answers.
fn answered(answers: Vec<(u16, String)>, line: &str) -> Told {
    let folder = Folder::new().with("data.csv", deals(3));
    let mut command = folder.push();
    command
        .env(
            "QOBRA_BASE_URL",
            format!("http://{}", answering(answers.clone())),
        )
        .env("QOBRA_API_KEY", KEY);
    let line = format!("data.csv -t deals --retry-for 0 -v {line}");
    harmless(
        command.args(line.split_whitespace()),
        &format!("{answers:?}"),
    )
}

#[test]
fn words_of_the_service() {
    let bodies = [
        NASTY.to_owned(),
        long(),
        json!({ "detail": NASTY }).to_string(),
        json!({ "message": long(), "errors": [{ NASTY: NASTY }] }).to_string(),
        format!("{{\"detail\": \"{NASTY}\"}}"),
        format!("<html><title>{NASTY}</title>"),
    ];
    for status in [200, 302, 400, 401, 403, 404, 413, 418, 422, 500, 503] {
        for body in &bodies {
            for more in ["", "--output json"] {
                answered(vec![(status, body.clone())], more);
            }
        }
    }
    let accepted = |id: &str| {
        (
            200,
            json!({ "import_id": id, "objects_imported": 3 }).to_string(),
        )
    };
    for id in [NASTY, &long()] {
        answered(vec![accepted(id)], "");
    }
    let row = json!({ "line_number": 1, "row": { "id": "1", NASTY: NASTY }, "details": NASTY });
    for error in [
        json!({ "title": NASTY, "description": NASTY }),
        json!({ "title": NASTY, "description": long(), "parsing_error_details": [row] }),
        json!({ "title": "a", "description": "b", "parsing_error_details": [{ "row": { "id": NASTY }, "details": format!("ValueError: {NASTY}") }] }),
        json!({ NASTY: NASTY }),
    ] {
        for key in ["deals", NASTY] {
            let entry = json!({ "type": "api", "status": "finished", "data_table_key": key, "number_of_records": null, "error": error });
            let import = json!({ "data_import": { "id": "x", "status": "finished", "progress": 100, "data_tables_details": [entry] } });
            for more in ["--wait", "--wait --output json"] {
                answered(vec![accepted("x"), (200, import.to_string())], more);
            }
        }
    }
    let odd = json!({ "data_import": { "id": NASTY, "status": NASTY, "data_tables_details": [{ "data_table_key": "deals", "status": NASTY }] } });
    for more in [
        "--wait --wait-timeout 1",
        "--wait --wait-timeout 1 --output json",
    ] {
        let told = answered(vec![accepted("x"), (200, odd.to_string())], more);
        assert!(told.stderr.contains("31m"), "{told}");
    }
    for code in [404, 500] {
        answered(
            vec![accepted("x"), (code, NASTY.to_owned())],
            "--wait --wait-timeout 1",
        );
    }
}
