//! Words of the service: bodies of errors, import ids, what it says of imports.

use serde_json::json;

use super::{NASTY, harmless, long};
use crate::service::wire::{answer, answering};
use crate::stage::deals;
use crate::support::{Folder, KEY, Told};

/// What a push says to a service with these answers.
fn answered(answers: Vec<(u16, String)>, line: &str) -> Told {
    let folder = Folder::new().with("data.csv", deals(3));
    let headers = "connection: close\r\nlocation: https://x\u{9b}2J\u{202e}.invalid/\r\n";
    let bytes = answers
        .iter()
        .map(|(status, body)| answer(*status, headers, body));
    let (address, _) = answering(bytes.collect());
    let mut command = folder.push();
    command
        .env("QOBRA_BASE_URL", format!("http://{address}"))
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
    // One that says to be another import is none.
    let other = json!({ "data_import": { "id": NASTY, "status": "finished" } });
    answered(
        vec![accepted("x"), (200, other.to_string())],
        "--wait --wait-timeout 1",
    );
    let odd = json!({ "data_import": { "id": "x", "status": NASTY, "data_tables_details": [{ "data_table_key": "deals", "status": NASTY }] } });
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
