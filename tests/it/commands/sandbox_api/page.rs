//! The sandbox's page: what it shows, of what, and to whom.

use std::collections::BTreeMap;

use qobra_push::{SandboxOptions, TableSpec, ValueKind};
use reqwest::Method;
use serde_json::{Value, json};

use super::{Stage, options, parsed, run, with_faults};

/// Markup, quotes, and characters that turn text around.
const HOSTILE: &str = "</td><script>alert(1)</script>\"'&amp;\u{202e}\u{7}";

impl Stage {
    async fn text(&self, path: &str) -> String {
        let answer = self.call(Method::GET, path, String::new()).await.unwrap();
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.unwrap()
    }

    async fn part(&self, query: &str, id: &str) -> String {
        let parts = self.get(&format!("/_sandbox/parts{query}")).await;
        parts["parts"][id].as_str().unwrap_or_default().to_owned()
    }
}

fn rows(html: &str) -> usize {
    let (_, body) = html.split_once("<tbody>").unwrap();
    body.matches("<tr>").count()
}

/// A sandbox to which somebody has sent the worst in every place where text can be.
async fn attacked() -> Stage {
    let spec = TableSpec {
        key: String::new(),
        id_field: "id".to_owned(),
        fields: BTreeMap::from([
            ("n".to_owned(), ValueKind::Number),
            ("t".to_owned(), ValueKind::Text),
        ]),
    };
    let stage = Stage::new(SandboxOptions {
        any_table: true,
        new_table: spec,
        ..with_faults("503@2,hang@9")
    });
    let table = percent_encoding::utf8_percent_encode(HOSTILE, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("/v1/tables/{table}/records/bulk?all=true&debounce=900");
    let long = "x".repeat(300);
    let items = json!([{"id": HOSTILE, "t": HOSTILE, HOSTILE: 1}, {"id": 2, "n": HOSTILE}, {"id": "3", "n": 1.50, "t": ""},
        {"id": "4", "n": null, "t": long}]);
    let body = json!({ "items": items }).to_string();
    for _ in 0..2 {
        stage.call(Method::POST, &path, body.clone()).await.unwrap();
    }
    stage.advance(900);
    stage
        .call(Method::POST, &path.replace("900", "75"), body)
        .await
        .unwrap();
    stage
}

#[test]
fn everything_is_shown_and_nothing_foreign_is_markup() {
    run(async {
        let stage = attacked().await;
        let table =
            percent_encoding::utf8_percent_encode(HOSTILE, percent_encoding::NON_ALPHANUMERIC);
        let query = format!("?table={table}&search=");
        let parts = stage.get(&format!("/_sandbox/parts{query}")).await;
        let mut shown = String::new();
        for (id, html) in parts["parts"].as_object().unwrap() {
            shown.push_str(&format!("== {id}\n{}\n", html.as_str().unwrap()));
        }
        let ids = regex::Regex::new("[0-9a-f]{24}").unwrap();
        let times = regex::Regex::new(r"\d\d:\d\d:\d\d").unwrap();
        let shown = times.replace_all(&shown, "[time]");
        insta::assert_snapshot!("the_parts", ids.replace_all(&shown, "[import]"));
        // The page has the same parts, and puts what was asked for nowhere else than into its form.
        let hostile = format!("/{query}{table}");
        let page = stage.text(&hostile).await;
        for id in ["tables", "windows", "imports", "requests", "faults"] {
            assert!(page.contains(parts["parts"][id].as_str().unwrap()), "{id}");
        }
        assert!(!page.contains("<script>alert"), "{page}");
        // The table's key stands as it is where nobody reads it: in what is sent back.
        let hidden = page
            .lines()
            .filter(|line| line.contains(['\u{202e}', '\u{7}']));
        let hidden: Vec<_> = hidden.map(|line| line.split_at(30).0).collect();
        assert_eq!(
            hidden,
            [
                r#"<input type="hidden" name="tab"#,
                r#"<div class="wide" id="records""#
            ]
        );
        let typed = "value=\"&#60;/td&#62;&#60;script&#62;alert(1)&#60;/script&#62;&#34;&#39;&#38;amp;\\u{202e}\\u{7}\"";
        assert!(page.contains(typed), "{page}");
    });
}

#[test]
fn the_page_allows_itself_nothing_but_its_own_script() {
    run(async {
        let stage = Stage::new(options());
        let mut policies = Vec::new();
        for _ in 0..2 {
            let answer = stage.call(Method::GET, "/", String::new()).await.unwrap();
            let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), "text/html; charset=utf-8");
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("referrer-policy"), "same-origin");
            let policy = header("content-security-policy");
            let page = answer.text().await.unwrap();
            let (_, nonce) = policy.split_once("script-src 'nonce-").unwrap();
            let nonce = &nonce[..32];
            assert_eq!(
                page.matches(&format!("<script nonce=\"{nonce}\">")).count(),
                1
            );
            assert_eq!(page.matches("<script").count(), 1);
            assert_eq!(page.matches(" style=").count(), 0);
            assert!(
                !page.contains("http://") && !page.contains("https://") && !page.contains("src="),
                "{page}"
            );
            policies.push(policy.replace(nonce, "N"));
            policies.push(nonce.to_owned());
        }
        let policy = "default-src 'none'; style-src 'nonce-N'; script-src 'nonce-N'; connect-src 'self'; \
             img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        assert_eq!(
            (policies[0].as_str(), policies[2].as_str()),
            (policy, policy)
        );
        assert_ne!(policies[1], policies[3]);
        // Looking is not a request to the service, nor is what browsers ask for by themselves.
        stage
            .call(Method::GET, "/favicon.ico", String::new())
            .await
            .unwrap();
        stage.get("/_sandbox/parts").await;
        assert_eq!(stage.running.sandbox.requests(), []);
    });
}

/// A million records: each answer has a page of them, whichever are asked for, and a search finds the last.
#[test]
fn a_million_records_are_shown_by_the_page() {
    run(async {
        let stage = Stage::new(options());
        for block in 0..10 {
            let ids = block * 100_000 + 1..=(block + 1) * 100_000;
            let items: Vec<_> = ids.map(|id| format!(r#"{{"id":"k{id}"}}"#)).collect();
            stage
                .try_push("", &format!("[{}]", items.join(",")))
                .await
                .unwrap();
        }
        let first = stage.part("", "records").await;
        assert_eq!(rows(&first), 50);
        assert!(first.contains("records 1 to 50 of 1,000,001"), "{first}");
        let back_and_on = r##"<a id="next" href="/?table=deals&#38;search=&#38;from=50#records">next</a> <a id="last" href="/?table=deals&#38;search=&#38;from=1000000#records">last</a> </p>"##;
        assert!(first.contains(back_and_on), "{first}");
        let middle = stage.part("?from=500000", "records").await;
        assert_eq!(rows(&middle), 50);
        assert!(
            middle.contains(r#"<td class="number hint">500001</td><td class="text">k500000</td>"#),
            "{middle}"
        );
        assert!(
            middle.contains("from=499950#records\">previous</a>"),
            "{middle}"
        );
        let last = stage.part("?from=1000000", "records").await;
        assert!(
            last.contains("records 1,000,001 to 1,000,001 of 1,000,001"),
            "{last}"
        );
        assert_eq!(rows(&last), 1);
        let beyond = stage.part("?from=99999999999999999999", "records").await;
        assert!(beyond.contains("records 1 to 50 of"), "{beyond}");
        let beyond = stage.part("?from=2000000", "records").await;
        assert!(beyond.contains("none of 1,000,001 records"), "{beyond}");

        let found = stage.part("?search=K99999", "records").await;
        assert_eq!(rows(&found), 11);
        assert!(
            found.contains("11 records with the text, among records 1 to 1,000,001 of 1,000,001"),
            "{found}"
        );
        let many = stage.part("?search=k", "records").await;
        assert_eq!(rows(&many), 50);
        assert!(
            many.contains("search=k&#38;from=51#records\">next</a>"),
            "{many}"
        );
        let page = stage.text("/?search=k&from=51").await;
        assert!(page.len() < 50_000, "{}", page.len());
    });
}

/// Records are looked through again only where the table has changed since the browser was told.
#[test]
fn records_come_again_only_when_they_have_changed() {
    run(async {
        let stage = Stage::new(options());
        let first = stage.get("/_sandbox/parts?table=deals").await;
        assert!(first["parts"]["records"].as_str().unwrap().contains("old"));
        let again = |first: &Value| {
            format!(
                "/_sandbox/parts?table=deals&have={}",
                first["revision"].as_str().unwrap()
            )
        };
        let same = stage.get(&again(&first)).await;
        assert_eq!(
            (&same["revision"], &same["parts"]["records"]),
            (&first["revision"], &Value::Null)
        );
        assert_eq!(same["parts"]["tables"], first["parts"]["tables"]);
        stage.push("?all=true&debounce=60", &["new"]).await;
        assert_eq!(
            stage.get(&again(&first)).await["parts"]["records"],
            Value::Null
        );
        let window = stage.part("", "windows").await;
        assert!(
            window.contains(r#"<td class="number open">1:00</td>"#),
            "{window}"
        );
        stage.advance(59);
        assert!(stage.part("", "windows").await.contains(">0:01<"));
        stage.advance(1);
        let changed = stage.get(&again(&first)).await;
        let records = changed["parts"]["records"].as_str().unwrap();
        assert!(
            records.contains("new") && !records.contains("old"),
            "{records}"
        );
        assert!(stage.part("", "windows").await.contains("None is open."));
        let none = stage.part("?table=none", "records").await;
        assert_eq!(none, "<p>There is no such table.</p>\n");
        assert!(
            stage
                .text("/?table=a&table=b&from=-1")
                .await
                .contains("old")
        );
        // The page itself comes whole, whatever it is told of what is there.
        assert!(
            stage
                .text(&again(&first).replace("_sandbox/parts", ""))
                .await
                .contains("new")
        );
    });
}

#[test]
fn it_is_shown_to_no_foreign_page() {
    run(async {
        let stage = Stage::new(options());
        for path in ["/", "/_sandbox/parts", "/favicon.ico"] {
            let ask = |name: &'static str, value: &str| {
                let request = stage.client.get(stage.url(path)).header(name, value);
                async { request.send().await.unwrap() }
            };
            assert_eq!(ask("host", "evil.example").await.status(), 421, "{path}");
            let refused = ask("origin", "http://evil.example").await;
            assert_eq!(refused.status(), 403, "{path}");
            let says = json!({"detail": "The sandbox takes nothing from pages of other origins."});
            assert_eq!(parsed(refused).await, says);
            let own = ask("origin", &stage.url("")).await;
            assert!(own.status().is_success(), "{path}");
        }
    });
}

/// Faults come and go while the sandbox runs: by the page's forms, and by a program that asks for JSON.
#[test]
fn faults_are_armed_and_disarmed() {
    run(async {
        let stage = Stage::new(with_faults("503@1"));
        let send = async |path: &str, accept: &str, body: &str| {
            let request = stage.client.post(stage.url(path)).header("accept", accept);
            let request = request.header("content-type", "application/x-www-form-urlencoded");
            request.body(body.to_owned()).send().await.unwrap()
        };
        let arm = "/_sandbox/faults";
        let html = "text/html,application/xhtml+xml,*/*;q=0.8";
        stage.try_push("", "[]").await.unwrap();
        assert!(stage.part("", "faults").await.contains("<td>is over</td>"));

        let armed = send(arm, html, "next=429%3A2").await;
        assert_eq!(
            (armed.status().as_u16(), &armed.headers()["location"]),
            (303, &"/#about-faults".parse().unwrap())
        );
        assert_eq!(
            send(arm, "*/*", "fault=reset-after%403-4%2Ccount%3A-1%40*")
                .await
                .status(),
            200
        );
        let faults = stage.part("", "faults").await;
        let line = r#"<td><code>429:2@2</code></td><td>not met yet</td><td><form method="post" action="/_sandbox/faults/disarm"><input type="hidden" name="fault" value="429:2@2">"#;
        assert!(faults.contains(line), "{faults}");
        assert!(
            faults.contains("<code>reset-after@3-4</code>")
                && faults.contains("<code>count:-1@*</code>")
        );
        assert_eq!(stage.try_push("", "[]").await.unwrap().status(), 429);
        assert_eq!(
            send(&format!("{arm}/disarm"), html, "fault=reset-after%403-4")
                .await
                .status(),
            303
        );
        let answer = parsed(stage.try_push("", r#"[{"id": "1"}]"#).await.unwrap()).await;
        assert_eq!(answer["objects_imported"], 0);
        assert!(
            stage
                .part("", "faults")
                .await
                .contains("<td>was met, and goes on</td>")
        );

        for (path, body, why) in [
            (
                arm,
                "fault=503%401",
                "fault `503@1`: request 1 has come already, the next one is 4",
            ),
            (
                arm,
                "fault=hang%40*",
                "fault `hang@*`: `count:-1@*` hits the same request already",
            ),
            (arm, "", "say which fault, as in `503@2`"),
            (
                "/_sandbox/faults/disarm",
                "fault=%3Cb%3E",
                "fault `<b>`: it is not armed",
            ),
        ] {
            let refused = send(path, "application/json", body).await;
            assert_eq!(refused.status(), 400, "{body}");
            assert_eq!(parsed(refused).await, json!({ "detail": why }));
            let page = send(path, html, body).await;
            assert_eq!(page.status(), 400, "{body}");
            let told = format!(
                r#"<p id="mistake" class="bad" role="alert">{}</p>"#,
                why.replace('<', "&#60;").replace('>', "&#62;")
            );
            let page = page.text().await.unwrap();
            assert!(page.contains(&told), "{page}");
        }
        // A page of somebody else's cannot: not by a form, and not by a request that asks no leave first.
        let foreign = stage
            .client
            .post(stage.url(arm))
            .header("origin", "http://evil.example");
        let form = foreign.header("content-type", "application/x-www-form-urlencoded");
        assert_eq!(form.body("next=503").send().await.unwrap().status(), 403);
        let plain = stage
            .client
            .post(stage.url(arm))
            .header("content-type", "text/plain");
        assert_eq!(plain.body("next=503").send().await.unwrap().status(), 415);
        let answer = parsed(stage.try_push("", "[]").await.unwrap()).await;
        assert_eq!(answer["objects_imported"], -1);
        assert_eq!(stage.running.sandbox.unused_faults(), []);
    });
}
