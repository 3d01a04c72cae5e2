//! The sandbox keeps what it promises: asked over HTTP, on a clock that moves only when it is told to.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod answers;
mod faults;
mod page;
mod refusals;

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use qobra_push::{
    ABOUT, ImportIds, Running, Sandbox, SandboxClock, SandboxOptions, TableSnapshot, TableSpec,
    ValueKind, WindowReading, parse_faults,
};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};

const KEY: &str = "a key";

/// A served sandbox with the table `deals`, and a client for it.
struct Stage {
    running: Running,
    client: Client,
}

/// What most tests start from: `deals` holds one old record, and only `KEY` is accepted.
fn options() -> SandboxOptions {
    SandboxOptions {
        tables: vec![TableSpec {
            key: "deals".to_owned(),
            id_field: "id".to_owned(),
            fields: BTreeMap::new(),
        }],
        any_table: false,
        key: Some(KEY.to_owned()),
        clock: SandboxClock::manual(),
        ..SandboxOptions::default()
    }
}

fn with_faults(faults: &str) -> SandboxOptions {
    SandboxOptions {
        faults: parse_faults(faults).unwrap(),
        ..options()
    }
}

impl Stage {
    fn new(options: SandboxOptions) -> Self {
        let running = Sandbox::new(options).spawn().unwrap();
        running.sandbox.seed("deals", &[json!({"id": "old"})]);
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .tls_certs_only([])
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent("the tests")
            .build()
            .unwrap();
        Self { running, client }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.running.addr)
    }

    async fn call(&self, method: Method, path: &str, body: String) -> reqwest::Result<Response> {
        let request = self
            .client
            .request(method, self.url(path))
            .header("X-API-Key", KEY);
        request.body(body).send().await
    }

    async fn try_push(&self, query: &str, items: &str) -> reqwest::Result<Response> {
        let path = format!("/v1/tables/deals/records/bulk{query}");
        self.call(Method::POST, &path, format!("{{\"items\": {items}}}"))
            .await
    }

    /// Pushes records of these ids and answers with the import's id.
    async fn push(&self, query: &str, ids: &[&str]) -> String {
        let items: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        let answer = self
            .try_push(query, &json!(items).to_string())
            .await
            .unwrap();
        assert_eq!(answer.status(), 200);
        let answer = parsed(answer).await;
        assert_eq!(answer["objects_imported"], ids.len());
        answer["import_id"].as_str().unwrap().to_owned()
    }

    async fn get(&self, path: &str) -> Value {
        parsed(self.call(Method::GET, path, String::new()).await.unwrap()).await
    }

    async fn import(&self, id: &str) -> Value {
        self.get(&format!("/v1/imports/{id}")).await["data_import"].take()
    }

    fn advance(&self, seconds: u64) {
        self.running.sandbox.advance(Duration::from_secs(seconds));
    }

    fn table(&self) -> TableSnapshot {
        self.running.sandbox.table("deals").unwrap()
    }

    fn ids(&self) -> Vec<String> {
        self.table().records.into_iter().map(|(id, _)| id).collect()
    }

    fn last_status(&self) -> Option<u16> {
        self.running.sandbox.requests().last().unwrap().status
    }
}

async fn parsed(answer: Response) -> Value {
    serde_json::from_str(&answer.text().await.unwrap()).unwrap()
}

fn run(test: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(test);
}

#[test]
fn upserts_merge_by_field_and_keep_every_digit() {
    run(async {
        let stage = Stage::new(options());
        let first = r#"[{"id": 7, "amount": 123456789012345678901234567890.10, "rate": 100.10, "name": "Zoë"}]"#;
        stage.try_push("", first).await.unwrap();
        stage
            .try_push("", r#"[{"id": "7", "rate": null}, {"id": "8"}]"#)
            .await
            .unwrap();
        let records = stage.table().records;
        let merged =
            r#"{"amount":123456789012345678901234567890.10,"id":"7","name":"Zoë","rate":null}"#;
        assert_eq!(records[1], ("7".to_owned(), merged.to_owned()));
        assert_eq!(stage.ids(), ["old", "7", "8"]);
        assert_eq!(stage.table().deletes, 0);
    });
}

#[test]
fn a_window_deletes_once_and_imports_every_chunk() {
    for import_ids in [ImportIds::Stacked, ImportIds::Separate] {
        run(async {
            let stage = Stage::new(SandboxOptions {
                import_ids,
                ..options()
            });
            let first = stage.push("?all=true&debounce=60", &["1", "2"]).await;
            stage.advance(59);
            let second = stage.push("?all=true&debounce=60", &["3"]).await;
            assert_eq!(first == second, import_ids == ImportIds::Stacked);
            assert_eq!(stage.ids(), ["old"]);
            assert_eq!(stage.import(&first).await["status"], "scheduled");
            stage.advance(1);
            assert_eq!(stage.ids(), ["1", "2", "3"]);
            assert_eq!(stage.table().deletes, 1);
            assert_eq!(
                stage.table().imports.len(),
                if first == second { 1 } else { 2 }
            );
            assert_eq!(stage.import(&second).await["status"], "started");
        });
    }
}

#[test]
fn the_window_counts_from_the_first_or_the_last_request() {
    for (window, held) in [
        (WindowReading::First, ["2"].as_slice()),
        (WindowReading::Last, &["1", "2"]),
    ] {
        run(async {
            let stage = Stage::new(SandboxOptions {
                window,
                ..options()
            });
            stage.push("?all=true&debounce=60", &["1"]).await;
            stage.advance(40);
            stage.push("?all=true&debounce=60", &[]).await;
            stage.advance(40);
            // After the first reading's window, within the second's: late, or one more chunk.
            stage.push("?all=true&debounce=60", &["2"]).await;
            stage.running.sandbox.settle();
            assert_eq!(stage.ids(), held);
        });
    }
}

#[test]
fn a_replace_without_debounce_deletes_at_every_request() {
    run(async {
        let stage = Stage::new(options());
        stage.push("?all=true", &["1"]).await;
        stage.push("?all=true&debounce=0", &["2"]).await;
        assert_eq!(stage.ids(), ["2"]);
        assert_eq!(stage.table().deletes, 2);
    });
}

#[test]
fn an_upsert_inside_an_open_window_is_wiped() {
    run(async {
        let stage = Stage::new(options());
        stage.push("?all=true&debounce=60", &["1"]).await;
        stage.push("", &["2"]).await;
        assert_eq!(stage.ids(), ["old", "2"]);
        stage.advance(60);
        assert_eq!(stage.ids(), ["1"]);
    });
}

#[test]
fn an_upsert_with_a_debounce_waits() {
    run(async {
        let stage = Stage::new(options());
        stage.push("?debounce=60", &["1"]).await;
        assert_eq!(stage.ids(), ["old"]);
        stage.advance(60);
        assert_eq!(stage.ids(), ["old", "1"]);
        assert_eq!(stage.table().deletes, 0);
    });
}

#[test]
fn an_import_lives_as_documented() {
    run(async {
        let stage = Stage::new(options());
        let id = stage.push("?all=true&debounce=60", &["1", "2", "2"]).await;
        let scheduled = stage.import(&id).await;
        assert_eq!(scheduled["launched_at"], Value::Null);
        stage.advance(3600);
        let finished = stage.import(&id).await;
        let at = |name: &str| {
            finished[name]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
        };
        assert_eq!(
            at("launched_at").duration_since(at("created_at")).as_secs(),
            60
        );
        assert_eq!(
            at("finished_at")
                .duration_since(at("launched_at"))
                .as_secs(),
            1
        );
        assert_eq!(finished["id"], id);
        assert_eq!(finished["progress"], 100);
        let detail = json!([{"type": "api", "status": "finished", "data_table_key": "deals", "progress": 100,
            "number_of_records": 2, "error": null}]);
        assert_eq!(finished["data_tables_details"], detail);
    });
}

#[test]
fn declared_types_reject_records_and_drop_unknown_fields() {
    run(async {
        let mut options = options();
        options.tables[0].fields = BTreeMap::from([
            ("amount".to_owned(), ValueKind::Number),
            ("closed".to_owned(), ValueKind::Date),
        ]);
        let stage = Stage::new(options);
        let items = r#"[{"id": "1", "amount": "12.50", "stray": 1}, {"id": 2, "amount": "12,50", "closed": null},
            {"id": "3", "closed": "01/02/2024"}]"#;
        let answer = parsed(stage.try_push("", items).await.unwrap()).await;
        assert_eq!(answer["objects_imported"], 3);
        stage.running.sandbox.settle();
        let record = r#"{"amount":"12.50","id":"1"}"#;
        assert_eq!(
            stage.table().records[1..],
            [("1".to_owned(), record.to_owned())]
        );
        let detail =
            stage.import(answer["import_id"].as_str().unwrap()).await["data_tables_details"][0]
                .take();
        assert_eq!(detail["number_of_records"], Value::Null);
        let error = json!({"title": "ParsingError",
            "description": "Can't parse '12,50' as float for user attribute amount",
            "parsing_error_details": [
                {"line_number": 2, "row": {"id": "2", "amount": "12,50", "closed": null},
                 "details": "ValueError: could not convert string to float: '12,50'"},
                {"line_number": 3, "row": {"id": "3", "closed": "01/02/2024"},
                 "details": "ValueError: time data '01/02/2024' does not match format '%Y-%m-%d'"}]});
        assert_eq!(detail["error"], error);
    });
}

#[test]
fn tables_can_be_looked_at_and_time_moved_over_http() {
    run(async {
        let stage = Stage::new(options());
        let items =
            r#"[{"id": "1", "b": 100.10, "a": "x,y"}, {"id": "2", "b": null, "c": [1, 2]}]"#;
        stage
            .try_push("?all=true&debounce=900", items)
            .await
            .unwrap();
        let moved = stage
            .call(Method::POST, "/sandbox/advance?seconds=900", String::new())
            .await
            .unwrap();
        assert_eq!(parsed(moved).await["now"], 900.0);
        let text = |path: &'static str| async {
            stage
                .call(Method::GET, path, String::new())
                .await
                .unwrap()
                .text()
                .await
                .unwrap()
        };
        let csv = "id,a,b,c\n1,\"x,y\",100.10,\n2,,,\"[1, 2]\"\n";
        assert_eq!(text("/sandbox/tables/deals?format=csv").await, csv);
        let json = text("/sandbox/tables/deals").await;
        assert!(json.contains("100.10"), "{json}");
        let held: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(
            (&held["table"], &held["deletes"]),
            (&json!("deals"), &json!(1))
        );
        assert_eq!(held["records"][0]["a"], "x,y");
        assert_eq!(text("/sandbox/tables/deals?format=json").await, json);
        assert_eq!(text("/sandbox").await, ABOUT);
        for (method, path, detail) in [
            (
                Method::GET,
                "/sandbox/tables/deals?format=xml",
                "The format is csv or json.",
            ),
            (
                Method::POST,
                "/sandbox/advance",
                "Say how far, as in ?seconds=900.",
            ),
            (
                Method::POST,
                "/sandbox/advance?seconds=-1",
                "Say how far, as in ?seconds=900.",
            ),
        ] {
            let answer = stage.call(method, path, String::new()).await.unwrap();
            assert_eq!(answer.status(), 400, "{path}");
            assert_eq!(parsed(answer).await, json!({ "detail": detail }), "{path}");
        }
        // Looking is not a request to the service.
        assert_eq!(stage.running.sandbox.requests().len(), 1);
    });
}

#[test]
fn a_real_clock_moves_by_itself_and_when_told() {
    let clock = SandboxClock::real();
    let before = clock.now();
    clock.clone().advance(Duration::from_secs(900));
    std::thread::sleep(Duration::from_millis(5));
    let passed = clock.now() - before;
    assert!(
        passed > Duration::from_secs(900) && passed < Duration::from_secs(910),
        "{passed:?}"
    );
}
