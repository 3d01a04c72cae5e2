//! What the service does not take: keys, paths and bodies. Nothing of it reaches a table.

use qobra_push::{KeySeen, SandboxOptions};
use reqwest::Method;

use super::{KEY, Stage, options, parsed, run};

#[test]
fn a_missing_or_wrong_key_is_401_everywhere() {
    run(async {
        let stage = Stage::new(options());
        let bulk = "/v1/tables/deals/records/bulk";
        for (method, path) in [
            (Method::POST, bulk),
            (Method::GET, "/v1/imports/1"),
            (Method::GET, "/v2/data-structures"),
        ] {
            let request = stage.client.request(method.clone(), stage.url(path));
            let wrong = request.try_clone().unwrap().header("X-API-Key", "another");
            assert_eq!(wrong.send().await.unwrap().status(), 401);
            let twice = request
                .try_clone()
                .unwrap()
                .header("X-API-Key", KEY)
                .header("X-API-Key", KEY);
            assert_eq!(twice.send().await.unwrap().status(), 401);
            let missing = request.send().await.unwrap();
            assert_eq!(missing.status(), 401);
            assert_eq!(
                parsed(missing).await["detail"],
                "The header X-API-Key is missing."
            );
        }
        let structures = stage
            .call(Method::GET, "/v2/data-structures", String::new())
            .await
            .unwrap();
        assert_eq!(structures.status(), 200);
        assert_eq!(parsed(structures).await, serde_json::json!({ "data": [] }));
        let seen = stage.running.sandbox.requests();
        assert_eq!(seen[0].key, KeySeen::Wrong);
        assert_eq!(seen[2].key, KeySeen::Missing);
        assert_eq!(stage.ids(), ["old"]);
    });
}

#[test]
fn what_is_not_there_is_404() {
    run(async {
        let stage = Stage::new(options());
        let body = r#"{"items": []}"#.to_owned();
        for (method, path) in [
            (Method::POST, "/v1/tables/nope/records/bulk"),
            (Method::GET, "/v1/imports/nope"),
            (Method::GET, "/v3"),
            (Method::GET, "/sandbox/tables/nope"),
        ] {
            assert_eq!(
                stage
                    .call(method, path, body.clone())
                    .await
                    .unwrap()
                    .status(),
                404,
                "{path}"
            );
        }
        let free = Stage::new(SandboxOptions {
            any_table: true,
            ..options()
        });
        let path = "/v1/tables/a%2Fb%20c/records/bulk";
        assert_eq!(
            free.call(Method::POST, path, body).await.unwrap().status(),
            200
        );
        assert!(free.running.sandbox.table("a/b c").is_some());
    });
}

#[test]
fn what_makes_no_sense_is_400_and_applies_nothing() {
    run(async {
        let stage = Stage::new(options());
        let bulk = "/v1/tables/deals/records/bulk";
        let good = r#"{"items": [{"id": "1"}]}"#;
        for (query, body, says) in [
            ("", "", "JSON object"),
            ("", "[[]]", "JSON object"),
            ("", r#"{"items": [{"id": "1"}"#, "EOF"),
            ("", r#"{"records": []}"#, "missing field `items`"),
            ("", r#"{"items": [1]}"#, "invalid type"),
            (
                "",
                r#"{"items": [{"id": "1"}, {"name": "x"}]}"#,
                "items[1] has no usable id: `id`",
            ),
            ("", r#"{"items": [{"id": null}]}"#, "items[0]"),
            ("", r#"{"items": [{"id": ""}]}"#, "items[0]"),
            ("", r#"{"items": [{"id": true}]}"#, "items[0]"),
            ("?debounce=-1", good, "`debounce`"),
            ("?debounce=1.5", good, "`debounce`"),
            ("?debounce=", good, "`debounce`"),
            ("?all=maybe", good, "`all`"),
        ] {
            let answer = stage
                .call(Method::POST, &format!("{bulk}{query}"), body.to_owned())
                .await
                .unwrap();
            assert_eq!(answer.status(), 400, "{query} {body}");
            let detail = parsed(answer).await["detail"].take();
            assert!(detail.as_str().unwrap().contains(says), "{detail}");
        }
        assert_eq!(stage.ids(), ["old"]);
    });
}

#[test]
fn a_body_over_the_limit_is_413() {
    run(async {
        let stage = Stage::new(SandboxOptions {
            max_body: Some(1 << 20),
            ..options()
        });
        let name = "x".repeat(4 << 20);
        let answer = stage
            .try_push("", &format!(r#"[{{"id": "1", "name": "{name}"}}]"#))
            .await;
        assert_eq!(answer.unwrap().status(), 413);
        assert_eq!(stage.ids(), ["old"]);
        let free = Stage::new(options());
        free.try_push("", &format!(r#"[{{"id": "1", "name": "{name}"}}]"#))
            .await
            .unwrap();
        assert_eq!(free.ids(), ["old", "1"]);
    });
}
