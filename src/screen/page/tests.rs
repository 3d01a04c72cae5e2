use std::time::Duration;

use serde_json::{Value as Json, json};

use super::requests::{Drawn, End, Limits};
use crate::prove::rejects::RejectedFor;

use super::{Page, Requests, Samples, Value};

/// Markup, a character that turns text around, one that a terminal obeys.
const HOSTILE: &str = "</td><script>alert(1)</script>\u{202e}\u{1b}[31m\"'&<";

fn receipt() -> Json {
    json!({
        "schema": 1, "run": "20250324T070003Z-91c4", "version": "0.1.0", "table": "deals",
        "mode": "replace", "table_state": "replaced", "exit_code": 0,
        "started_at": "2025-03-24T07:00:03Z", "finished_at": "2025-03-24T07:15:33Z",
        "inputs": [{"path": "deals.csv", "bytes": 123_456, "records": 40, "digest": "blake3:00"}],
        "mapping": {"path": "deals.toml", "digest": "blake3:11"},
        "counts": {"read": 40, "to_send": 40, "accepted": 40},
        "totals": [{"field": "amount", "filled": 40, "sum": "1234567.89", "min": "-5", "max": "90000", "distinct": 39}],
        "changes": {"base_run": "20250323T070003Z-0001", "base_followed": true,
            "new": {"count": 1, "ids": ["D-1"]}, "changed": {"count": 7, "ids": ["D-2", "D-3", "D-4", "D-5", "D-6"]},
            "vanished": {"count": 0, "ids": []}, "unchanged": 32, "fields": {"amount": 7}},
        "chunks": [], "imports": [{"id": "imp-1", "status": "finished", "records": 40, "error": null}],
        "window": {"debounce": 900, "opened_at": null, "closes_at": null}, "rejects": null, "errors": []
    })
}

fn attempt(from: u64, until: Option<u64>, end: End) -> Drawn {
    Drawn {
        first: 1,
        last: 5_000,
        number: 1,
        from: Duration::from_secs(from),
        until: until.map(Duration::from_secs),
        end,
    }
}

fn page(receipt: &Json, requests: &Requests, samples: Samples) -> String {
    let page = Page::read(&receipt.to_string(), requests, samples);
    page.unwrap().html().unwrap()
}

#[test]
fn a_page_leads_with_what_the_table_holds_and_shows_every_figure() {
    let page = page(&receipt(), &Requests::default(), Samples::default());
    let text = page.replace('\n', " ");
    for part in [
        "<h1 class=\"good\">Table “deals” held exactly the 40 records of this push when its import ended.</h1>",
        "2025-03-24 07:00:03 UTC",
        "<td class=\"number\">1,234,567.89</td>",
        "<td>D-2, D-3, D-4, D-5, D-6, …</td>",
        "<th scope=\"row\">amount</th><td class=\"number\">7</td>",
        "<code>imp-1</code>",
    ] {
        assert!(text.contains(part), "{part} is not in {text}");
    }
}

#[test]
fn nothing_of_the_data_is_markup_and_nothing_hidden_stays_hidden() {
    let mut receipt = receipt();
    for place in [
        "/table",
        "/run",
        "/inputs/0/path",
        "/totals/0/field",
        "/changes/changed/ids/0",
        "/imports/0/error",
    ] {
        *receipt.pointer_mut(place).unwrap() = json!(HOSTILE);
    }
    receipt["errors"] = json!([{"message": HOSTILE, "hint": HOSTILE}]);
    receipt["rejects"] = json!(HOSTILE);
    let samples = Samples {
        rejects: vec![RejectedFor {
            reason: HOSTILE.to_owned(),
            count: 3,
            places: vec![HOSTILE.to_owned()],
        }],
        remarks: vec![HOSTILE.to_owned()],
        values: vec![Value {
            id: HOSTILE.to_owned(),
            field: HOSTILE.to_owned(),
            old: HOSTILE.to_owned(),
            new: HOSTILE.to_owned(),
        }],
        next: vec![("to go on".to_owned(), HOSTILE.to_owned())],
        open: None,
    };
    let page = page(&receipt, &Requests::default(), samples);
    assert!(!page.contains("<script"), "{page}");
    assert!(!page.contains(['\u{202e}', '\u{1b}']), "{page}");
    assert!(page.contains("script&#62;alert(1)"), "{page}");
}

#[test]
fn nothing_is_asked_for_outside_of_the_file() {
    let page = page(&receipt(), &Requests::default(), Samples::default());
    for outside in ["http:", "https:", "src=", "href=", "url(", "@import"] {
        assert!(!page.contains(outside), "{outside}");
    }
    let nonces: Vec<_> = page.match_indices("nonce").collect();
    assert_eq!(nonces.len(), 2, "in the policy, and of the one style sheet");
}

#[test]
fn requests_in_flight_together_stand_below_each_other() {
    let requests = Requests {
        attempts: vec![
            attempt(0, Some(2), End::Accepted),
            attempt(2, Some(5), End::Failed),
            attempt(2, Some(4), End::Accepted),
            attempt(5, None, End::Unknown),
        ],
        count: 6,
        window: Some(Limits {
            deadline: Duration::from_secs(870),
            closes: Duration::from_secs(900),
        }),
        launched: Some(Duration::from_secs(901)),
    };
    let page = page(&receipt(), &requests, Samples::default());
    let picture = page.split_once("Requests over time").unwrap().1;
    insta::assert_snapshot!(picture.split_once("<h2>Imports").unwrap().0);
}
