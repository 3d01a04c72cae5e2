//! Every answer to what Qobra does not document is played as it was set.

mod limits;

use std::time::Duration;

use qobra_push::{SandboxOptions, TableSpec, ValueKind};
use reqwest::Method;
use serde_json::{Value, json};

use super::{KEY, Stage, options, parsed, run};

const BULK: &str = "/v1/tables/deals/records/bulk";

/// What most tests start from, with `amount` as a number, and these answers.
fn knowing(facts: &Value) -> SandboxOptions {
    SandboxOptions {
        tables: vec![TableSpec {
            key: "deals".to_owned(),
            id_field: "id".to_owned(),
            fields: [
                ("name".to_owned(), ValueKind::Text),
                ("amount".to_owned(), ValueKind::Number),
            ]
            .into(),
        }],
        facts: serde_json::from_value(facts.clone()).unwrap(),
        ..options()
    }
}

impl Stage {
    /// Pushes records and answers with what the finished import says of the table.
    async fn imported(&self, query: &str, items: &str) -> Value {
        let answer = parsed(self.try_push(query, items).await.unwrap()).await;
        self.running.sandbox.settle();
        let id = answer["import_id"].as_str().unwrap();
        self.import(id).await["data_tables_details"][0].take()
    }

    /// The fields of the record 1.
    fn first(&self) -> String {
        let records = self.table().records;
        let first = records.into_iter().find(|(id, _)| id == "1");
        first.map(|(_, json)| json).unwrap_or_default()
    }

    /// Status and body of the answer to a request with this key.
    async fn told(&self, method: Method, path: &str, key: &str, body: &str) -> (u16, String) {
        let request = self.client.request(method, self.url(path));
        let request = request.header("X-API-Key", key).body(body.to_owned());
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }
}

#[test]
fn answers_for_window_and_imports_go_before_the_fields_of_that_name() {
    run(async {
        let facts = json!({"window": "last", "import_ids": "separate"});
        let stage = Stage::new(knowing(&facts));
        let first = stage.push("?all=true&debounce=60", &["1"]).await;
        stage.advance(40);
        let second = stage.push("?all=true&debounce=60", &["2"]).await;
        stage.advance(40);
        assert_ne!(first, second);
        assert_eq!(stage.ids(), ["old"]);
        stage.advance(20);
        assert_eq!(stage.ids(), ["1", "2"]);
    });
}

#[test]
fn requests_without_a_debounce_share_an_import_that_is_not_finished() {
    for (word, is_shared) in [("shared", true), ("separate", false)] {
        run(async {
            let facts = json!({"import_ids_without_debounce": word});
            let stage = Stage::new(SandboxOptions {
                queue: Duration::from_secs(5),
                ..knowing(&facts)
            });
            let first = stage.push("", &["1", "2"]).await;
            let windowed = stage.push("?debounce=60", &["5"]).await;
            stage.advance(2);
            let second = stage.push("", &["3"]).await;
            // Launched after 5 seconds, finished after 6.
            stage.advance(3);
            let third = stage.push("", &["4"]).await;
            assert_eq!([first == second, first == third], [is_shared; 2]);
            stage.advance(1);
            let later = stage.push("", &["1"]).await;
            assert!(later != first && windowed != first && later != windowed);
            stage.running.sandbox.settle();
            assert_eq!(stage.ids(), ["old", "1", "2", "3", "4", "5"]);
            let count = &stage.import(&first).await["data_tables_details"][0]["number_of_records"];
            assert_eq!(count, if is_shared { 4 } else { 2 });
        });
    }
}

#[test]
fn records_that_come_again_count_once_or_twice() {
    for (word, count) in [("once", 2), ("twice", 4)] {
        run(async {
            let stage = Stage::new(knowing(&json!({"repeated": word})));
            stage.push("?debounce=60", &["1", "2"]).await;
            let items = r#"[{"id": "1"}, {"id": "2"}]"#;
            let detail = stage.imported("?debounce=60", items).await;
            assert_eq!(detail["number_of_records"], count, "{word}");
            assert_eq!(stage.ids(), ["old", "1", "2"]);
        });
    }
}

#[test]
fn an_import_can_be_seen_after_its_time() {
    run(async {
        let stage = Stage::new(knowing(&json!({"import_seen_after": 3})));
        let path = format!("/v1/imports/{}", stage.push("", &["1"]).await);
        stage.advance(2);
        let unseen = stage.told(Method::GET, &path, KEY, "").await;
        assert_eq!(
            unseen,
            (404, r#"{"detail":"There is no such import."}"#.to_owned())
        );
        stage.advance(1);
        assert_eq!(stage.told(Method::GET, &path, KEY, "").await.0, 200);
    });
}

#[test]
fn a_clean_import_gives_its_count_or_does_not() {
    for (facts, count) in [
        (json!({"count": "given"}), json!(2)),
        (json!({"count": "missing"}), Value::Null),
        (
            json!({"count": "missing", "repeated": "twice"}),
            Value::Null,
        ),
    ] {
        run(async {
            let stage = Stage::new(knowing(&facts));
            let items = r#"[{"id": "1"}, {"id": "2"}]"#;
            let detail = stage.imported("", items).await;
            assert_eq!(detail["number_of_records"], count, "{facts}");
            assert_eq!(detail["error"], Value::Null);
        });
    }
}

/// The second of three is bad, and comes twice.
const BAD: &str = r#"[{"id": "1", "amount": 1}, {"id": 2, "amount": "x", "rate": 0.10000000000000000001},
    {"id": "3"}, {"id": 2, "amount": "x", "rate": 0.10000000000000000001}]"#;

#[test]
fn a_bad_row_is_told_as_it_is_known() {
    let texts = json!({"id": "2", "amount": "x", "rate": "0.10000000000000000001"});
    let usual = json!({"line_number": 2, "row": texts.clone()});
    for (facts, title, count, row) in [
        (json!({}), "ParsingError", Value::Null, usual.clone()),
        (
            json!({"bad_row": {"first_line": 1, "row": "texts", "count": "missing"}}),
            "ParsingError",
            Value::Null,
            usual,
        ),
        (
            json!({"bad_row": {"title": "RowError", "first_line": 0, "count": "good"}}),
            "RowError",
            json!(2),
            json!({"line_number": 1, "row": texts.clone()}),
        ),
        (
            json!({"bad_row": {"first_line": 2, "row": "missing", "count": "all"}}),
            "ParsingError",
            json!(3),
            json!({"line_number": 3}),
        ),
        (
            json!({"bad_row": {"count": "all"}, "repeated": "twice"}),
            "ParsingError",
            json!(4),
            json!({"row": texts.clone()}),
        ),
        (
            json!({"bad_row": {"count": "good"}, "good_rows": "left_out"}),
            "ParsingError",
            json!(0),
            json!({"row": texts.clone()}),
        ),
        (
            json!({"bad_row": {"count": "all"}, "good_rows": "left_out"}),
            "ParsingError",
            json!(3),
            json!({"row": texts}),
        ),
    ] {
        run(async {
            let stage = Stage::new(knowing(&facts));
            let mut detail = stage.imported("", BAD).await;
            assert_eq!(detail["number_of_records"], count, "{facts}");
            assert_eq!(detail["error"]["title"], title, "{facts}");
            let mut told = detail["error"]["parsing_error_details"][0].take();
            let details = told.as_object_mut().unwrap().remove("details");
            assert_eq!(
                details.unwrap(),
                "ValueError: could not convert string to float: 'x'"
            );
            assert_eq!(told, row, "{facts}");
            let held: &[&str] = match facts["good_rows"].is_null() {
                true => &["old", "1", "3"],
                false => &["old"],
            };
            assert_eq!(stage.ids(), held, "{facts}");
        });
    }
}

#[test]
fn a_bad_row_as_sent_keeps_every_digit() {
    run(async {
        let facts = json!({"bad_row": {"row": "as_sent"}});
        let stage = Stage::new(knowing(&facts));
        let answer = parsed(stage.try_push("", BAD).await.unwrap()).await;
        stage.running.sandbox.settle();
        let path = format!("/v1/imports/{}", answer["import_id"].as_str().unwrap());
        let (_, document) = stage.told(Method::GET, &path, KEY, "").await;
        let row = r#""row":{"amount":"x","id":2,"rate":0.10000000000000000001}"#;
        assert!(document.contains(row), "{document}");
    });
}

#[test]
fn values_that_are_none_empty_a_field_or_keep_it_or_are_refused() {
    let held = r#"{"amount":1.50,"id":"1","name":"a"}"#;
    for (name, came, emptied) in [
        (
            "null",
            r#"{"id": "1", "amount": null}"#,
            r#"{"amount":null,"id":"1","name":"a"}"#,
        ),
        (
            "empty_text",
            r#"{"id": "1", "amount": ""}"#,
            r#"{"amount":null,"id":"1","name":"a"}"#,
        ),
        (
            "missing",
            r#"{"id": "1", "name": "a"}"#,
            r#"{"id":"1","name":"a"}"#,
        ),
    ] {
        for (word, after, is_error) in [
            ("emptied", emptied, false),
            ("kept", held, false),
            ("rejected", held, true),
        ] {
            run(async {
                let stage = Stage::new(knowing(&json!({ name: word })));
                let detail = stage.imported("", &format!("[{held}]")).await;
                assert_eq!(detail["error"], Value::Null, "{name} {word}");
                let detail = stage.imported("", &format!("[{came}]")).await;
                assert_eq!(detail["error"].is_object(), is_error, "{name} {word}");
                assert_eq!(stage.first(), after, "{name} {word}");
            });
        }
    }
}

#[test]
fn a_field_that_the_table_does_not_have_is_taken_or_dropped_or_refused() {
    for (word, held, dropped) in [
        ("taken", r#"{"id":"1","x":1}"#, json!([])),
        ("dropped", r#"{"id":"1"}"#, json!(["x"])),
        ("rejected", "", json!([])),
    ] {
        run(async {
            let stage = Stage::new(knowing(&json!({"unknown_field": word})));
            let detail = stage.imported("", r#"[{"id": "1", "x": 1}]"#).await;
            assert_eq!(detail["error"].is_object(), held.is_empty(), "{word}");
            assert_eq!(stage.first(), held, "{word}");
            assert_eq!(json!(stage.table().dropped), dropped, "{word}");
        });
    }
}

#[test]
fn a_queue_hours_of_another_zone_and_another_status() {
    run(async {
        let stage = Stage::new(SandboxOptions {
            queue: Duration::from_secs(30),
            hours: -2,
            push_status: 202,
            ..options()
        });
        let items = r#"[{"id": "1"}]"#;
        let answer = stage
            .try_push("?all=true&debounce=60", items)
            .await
            .unwrap();
        assert_eq!(answer.status(), 202);
        let answer = parsed(answer).await;
        assert_eq!(answer["objects_imported"], 1);
        stage.advance(60);
        assert_eq!(stage.ids(), ["old"]);
        // The window has closed, although what it holds still waits: this is another one.
        let late = parsed(stage.try_push("?all=true&debounce=60", "[]").await.unwrap()).await;
        assert_ne!(late["import_id"], answer["import_id"]);
        stage.advance(30);
        assert_eq!(stage.ids(), ["1"]);
        let import = stage.import(answer["import_id"].as_str().unwrap()).await;
        let at = |name: &str| {
            import[name]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        assert!(import["created_at"].as_str().unwrap().ends_with('Z'));
        assert_eq!(
            at("launched_at").duration_since(at("created_at")).as_secs(),
            90
        );
        let off = jiff::Timestamp::now().duration_since(at("created_at"));
        assert_eq!(off.as_hours(), 2);
    });
}
