//! What is known of refusals: limits, statuses and words.

use qobra_push::parse_faults;
use reqwest::Method;
use serde_json::json;

use super::super::{KEY, Stage, run};
use super::{BULK, knowing};

#[test]
fn what_is_too_large_is_refused_as_it_is_known() {
    let three = r#"[{"id":"1"},{"id":"2"},{"id":"3"}]"#;
    let body = format!("{{\"items\": {three}}}");
    let size = body.len();
    for (facts, told) in [
        (
            json!({"records": {"taken": 3}, "bytes": {"refused": size + 1}}),
            None,
        ),
        (json!({"records": {"refused": 4}}), None),
        (
            json!({"records": {"refused": 3}}),
            Some((
                413,
                r#"{"detail":"The body has 3 records; at most 2 are accepted."}"#.to_owned(),
            )),
        ),
        (
            json!({"bytes": {"refused": size}}),
            Some((
                413,
                format!(
                    r#"{{"detail":"The body has {size} bytes; at most {} are accepted."}}"#,
                    size - 1
                ),
            )),
        ),
        (
            json!({"records": {"refused": 3}, "too_large": {"status": 400, "words": "too many"}}),
            Some((400, "too many".to_owned())),
        ),
        (
            json!({"bytes": {"refused": 9}, "too_large": {"status": 422}}),
            Some((422, String::new())),
        ),
    ] {
        run(async {
            let stage = Stage::new(knowing(&facts));
            let (status, words) = stage.told(Method::POST, BULK, KEY, &body).await;
            match told {
                None => assert_eq!((status, stage.ids().len()), (200, 4), "{facts}"),
                Some(told) => {
                    assert_eq!((status, words), told, "{facts}");
                    assert_eq!(stage.ids(), ["old"], "{facts}");
                }
            }
        });
    }
}

/// Each answer takes seconds, so that the third and the fourth request meet two that are in flight.
#[test]
fn more_requests_at_once_than_are_taken_are_answered_429() {
    run(async {
        let mut options = knowing(&json!({"at_once": 2}));
        options.faults = parse_faults("slow:2@*").unwrap();
        let stage = Stage::new(options);
        let bodies: Vec<_> = (1..=4)
            .map(|id| format!(r#"{{"items": [{{"id": "{id}"}}]}}"#))
            .collect();
        let pushes = bodies
            .iter()
            .map(|body| stage.told(Method::POST, BULK, KEY, body));
        let told = futures_util::future::join_all(pushes).await;
        let refused: Vec<_> = told.iter().filter(|(status, _)| *status == 429).collect();
        assert_eq!(refused.len(), 2, "{told:?}");
        let words = r#"{"detail":"More than 2 requests at once."}"#;
        assert!(refused.iter().all(|(_, told)| told == words), "{told:?}");
        assert_eq!(stage.ids().len(), 3);
        // None is in flight any more.
        stage.push("", &["5"]).await;
    });
}

#[test]
fn refusals_have_their_status_and_their_words() {
    let facts = json!({
        "wrong_key": {"status": 403, "words": "<html>no</html>"},
        "wrong_table": {"status": 422, "words": r#"{"message": "unknown table"}"#},
        "unknown_import": {"status": 400},
        "structures": 403,
    });
    run(async {
        let stage = Stage::new(knowing(&facts));
        let body = r#"{"items": []}"#;
        for path in [BULK, "/v1/imports/1", "/v2/data-structures"] {
            let method = if path == BULK {
                Method::POST
            } else {
                Method::GET
            };
            let told = stage.told(method, path, "another", body).await;
            assert_eq!(told, (403, "<html>no</html>".to_owned()), "{path}");
        }
        let path = "/v1/tables/nope/records/bulk";
        let told = stage.told(Method::POST, path, KEY, body).await;
        assert_eq!(told, (422, r#"{"message": "unknown table"}"#.to_owned()));
        let told = stage.told(Method::GET, "/v1/imports/1", KEY, "").await;
        assert_eq!(told, (400, String::new()));
        let told = stage
            .told(Method::GET, "/v2/data-structures", KEY, "")
            .await;
        let words = r#"{"detail":"The key may not list data structures."}"#;
        assert_eq!(told, (403, words.to_owned()));
        assert_eq!(stage.push("", &["1"]).await.len(), 24);
    });
}
