//! NDJSON: what comes through, and what serde_json lets pass. The law of NDJSON holds it against serde_json.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

fn said(content: &str) -> Vec<(u64, Result<Vec<String>, String>)> {
    let source = source_of("x.ndjson", content.as_bytes(), limits(7)).unwrap();
    check_extents(&source, content.as_bytes());
    all(&source).into_iter().map(|row| (row.1, row.2)).collect()
}

fn fault_of(line: &str) -> String {
    said(line).remove(0).1.unwrap_err()
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn values_come_through(rows in proptest::collection::vec(
        proptest::collection::btree_map(".{0,5}", "\\PC{0,9}", 0..20), 1..5,
    )) {
        let lines: Vec<String> = rows.iter().map(|r| serde_json::to_string(r).unwrap()).collect();
        let read: Vec<_> = said(&lines.join("\n")).into_iter().map(|row| row.1.unwrap()).collect();
        let sent: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                let entries = row.iter();
                entries.map(|(k, v)| format!("{k}={}", Value::from(v.as_str()))).collect()
            })
            .collect();
        prop_assert_eq!(read, sent);
    }
}

#[test]
fn numbers_keep_their_digits_and_lines_are_counted() {
    let content = concat!(
        "\u{feff}{\"a\": 100.10}\r\n",
        " \t\r\n",
        "{\"a\":123456789012345678901234567890, \"\\u0062\":1e400}\r",
        "\n",
        "\r{\"n\":{\"x\":-0.00}}",
    );
    let read: Vec<_> = said(content)
        .into_iter()
        .map(|(n, r)| (n, r.unwrap()))
        .collect();
    assert_eq!(read[0], (1, vec!["a=100.10".to_owned()]));
    let long = "a=123456789012345678901234567890".to_owned();
    assert_eq!(read[1], (3, vec![long, "b=1e400".to_owned()]));
    assert_eq!(read[2], (5, vec!["n={\"x\":-0.00}".to_owned()]));
}

#[test]
fn what_is_no_object_is_a_fault() {
    assert_eq!(fault_of("[1]"), "is an array, not a JSON object");
    assert_eq!(fault_of(" \"x\""), "is a string, not a JSON object");
    assert_eq!(fault_of("1.5"), "is a number, not a JSON object");
    assert_eq!(fault_of("null"), "is null, not a JSON object");
    assert_eq!(fault_of("true"), "is a boolean, not a JSON object");
    assert_eq!(
        fault_of("id,name"),
        "is not JSON, at character 1: expected value"
    );
    assert_eq!(
        fault_of("{\"é\" 1}"),
        "is not JSON, at character 6: expected `:`"
    );
    assert_eq!(
        fault_of("{\"a\":01}"),
        "is not JSON, at character 7: invalid number"
    );
    assert_eq!(
        fault_of("{\"a\":1} {}"),
        "is not JSON, at character 9: trailing characters"
    );
    assert_eq!(
        fault_of("{\"a\":1,\n\"b\":2}"),
        "the JSON ends too early, at character 7: each line must hold one whole object"
    );
}

#[test]
fn doubled_keys_are_faults_at_any_depth() {
    let twice = "a: the key stands twice";
    assert_eq!(fault_of(r#"{"a":1,"b":2,"\u0061":3}"#), twice);
    let many: Vec<String> = (0..100).map(|n| format!("\"k{n}\":{n}")).collect();
    assert_eq!(
        said(&format!("{{{}}}", many.join(",")))[0]
            .1
            .as_ref()
            .unwrap()
            .len(),
        100
    );
    assert_eq!(
        fault_of(&format!("{{{},\"k7\":0}}", many.join(","))),
        "k7: the key stands twice"
    );
    assert_eq!(
        fault_of(r#"{"o":[1,{"x":{"y":1,"y":2}}]}"#),
        "o: holds an object in which the key `y` stands twice"
    );
    // The mapping relies on it, and does not look again.
    for (line, column, key) in [
        (r#"{"C":{"a":1,"a":2}}"#, "C", "a"),
        (r#"{"id":1,"t":{"a":1,"a":1}}"#, "t", "a"),
        (
            r#"{"id":1,"title":"t","owner":{"email":1,"email":2}}"#,
            "owner",
            "email",
        ),
    ] {
        let told = format!("{column}: holds an object in which the key `{key}` stands twice");
        assert_eq!(fault_of(line), told);
    }
    // The same key in different objects is fine, and so are equal rows.
    let good = "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}}\n";
    assert!(said(&good.repeat(3)).iter().all(|row| row.1.is_ok()));
    // A bad row does not become the pattern for the ones after it.
    let bad = "{\"a\":1,\"a\":2}\n".repeat(3);
    assert!(said(&bad).iter().all(|row| row.1.is_err()));
}

#[test]
fn of_several_faults_in_a_value_the_outermost_is_told() {
    let twice = |key: &str| format!("o: holds an object in which the key `{key}` stands twice");
    assert_eq!(
        fault_of(r#"{"o":{"a":{"x":1,"x":2},"b":"\ud800","b":2}}"#),
        twice("b")
    );
    assert_eq!(
        fault_of(r#"{"o":[{"x":1,"x":2},"\ud800",{"b":1,"b":2}]}"#),
        twice("x")
    );
    let deep = format!("{}{}", "[".repeat(125), "]".repeat(125));
    assert_eq!(
        fault_of(&format!("{{\"o\":{{\"a\":1,\"a\":[{deep}]}}}}")),
        "o: is nested deeper than 127 levels"
    );
}

#[test]
fn what_cannot_be_sent_later_is_a_fault_now() {
    let keys: Vec<String> = (0..4_097).map(|n| format!("\"{n}\":0")).collect();
    assert_eq!(
        fault_of(&format!("{{{}}}", keys.join(","))),
        "has 4,097 keys; at most 4,096 are read"
    );
    assert_eq!(
        fault_of(r#"{"a":"\ud800"}"#),
        "a: holds a \\u escape that is no character"
    );
    assert_eq!(
        fault_of(r#"{"a":[{"b":"x\ud83d"}]}"#),
        "a: holds a \\u escape that is no character"
    );
    assert!(said(r#"{"a":"\ud83d\ude00 \u00e9 \\u"}"#)[0].1.is_ok());
    let deep = |n: usize| format!("{{\"a\":{}{}}}", "[".repeat(n), "]".repeat(n));
    assert!(said(&deep(126))[0].1.is_ok());
    assert_eq!(fault_of(&deep(127)), "a: is nested deeper than 127 levels");
    assert_eq!(
        fault_of(&deep(200_000)),
        "a: is nested deeper than 127 levels"
    );
    let value: Value = serde_json::from_str(&deep(126)).unwrap();
    assert!(value.is_object());
}
