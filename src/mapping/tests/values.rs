//! Text, booleans, JSON cells and `values`.

use proptest::prelude::*;

use super::{cell, header, ok, value, write_csv, write_ndjson};
use crate::input::Columns;
use crate::mapping::tally::Tally;
use crate::mapping::value::text::{decode, write_string};

#[test]
fn text_is_sent_as_it_is() {
    for text in [
        " a ",
        "007",
        "1234567890123456789",
        "a\"b\\c\n\u{1}",
        "nan",
        "é – 日本",
    ] {
        let json = serde_json::to_string(text).unwrap();
        assert_eq!(cell("trim = false", text), Ok(json.clone()));
        assert_eq!(value("trim = false", &json), Ok(json));
    }
    assert_eq!(cell("trim = true", " a "), ok("\"a\""));
    assert_eq!(value("trim = true", "\" a\\n\""), ok("\"a\""));
    assert_eq!(
        value("trim = false", "\"\\u0041\""),
        ok("\"\\u0041\""),
        "as it is"
    );
}

#[test]
fn json_text_takes_single_values_only() {
    assert_eq!(value("type = 'text'", "100.10"), ok("\"100.10\""));
    assert_eq!(value("type = 'text'", "true"), ok("\"true\""));
    assert_eq!(
        value("type = 'text'", "{\"a\":1}"),
        Err("column C: `{\"a\":1}` is a JSON object, not text".to_owned())
    );
    assert!(value("type = 'text'", "[]").is_err());
    let half = value("type = 'text'", "\"\\ud800\"").unwrap_err();
    assert!(half.contains("half of a surrogate pair"), "{half}");
}

#[test]
fn untyped_json_passes() {
    for json in ["1e5", "true", "{\"a\":[1.10,null]}", "[]", "\"x\""] {
        assert_eq!(value("trim = false", json), ok(json));
    }
    assert!(
        value("trim = false", "{\"a\":[1e999]}")
            .unwrap_err()
            .contains("number out of range")
    );
}

#[test]
fn empty_cells() {
    for blank in ["", " ", "\t\u{a0}\n"] {
        assert_eq!(cell("trim = false", blank), ok("null"));
        assert_eq!(cell("type = 'number'", blank), ok("null"));
        assert_eq!(cell("empty = 'text'", blank), ok("\"\""));
        assert_eq!(cell("empty = 'omit'", blank), ok("{\"id\":\"1\"}"));
        assert!(cell("required = true", blank).is_err());
        let json = serde_json::to_string(blank).unwrap();
        assert_eq!(value("trim = false", &json), ok("null"));
    }
    assert_eq!(
        cell("required = true", ""),
        Err("column C is empty".to_owned())
    );
    assert_eq!(
        cell("empty = 'error'", " "),
        Err("column C: ` ` is empty: it is made of white space only".to_owned())
    );
    assert_eq!(
        value("empty = 'error'", "null"),
        Err("column C is missing or null".to_owned())
    );
}

#[test]
fn booleans_know_words_without_case() {
    let french = "type = 'boolean', true = ['Oui', 'É'], false = 'non'";
    assert_eq!(cell(french, " OUI "), ok("true"));
    assert_eq!(cell(french, "é"), ok("true"));
    assert_eq!(cell(french, "NON"), ok("false"));
    assert_eq!(
        cell(french, "true"),
        Err(
            "column C: `true` is none of the words for true (`oui`, `é`) and false (`non`)"
                .to_owned()
        )
    );
    assert_eq!(cell("type = 'boolean'", "True"), ok("true"));
    assert!(cell("type = 'boolean'", "1").is_err());
    assert_eq!(value(french, "true"), ok("true"));
    assert_eq!(value(french, "\"non\""), ok("false"));
    assert_eq!(
        value("type = 'boolean', true = '1', false = '0'", "1"),
        ok("true")
    );
    assert!(value(french, "[]").is_err());
}

#[test]
fn json_cells_pass_digit_for_digit() {
    let json = "type = 'json'";
    for text in [
        "1.10",
        "[1.10, 2]",
        "{\n\"a\": 100000000000000000000000000000.5}",
        "\"x\"",
    ] {
        assert_eq!(cell(json, &format!(" {text} ")), ok(text));
        assert_eq!(value(json, text), ok(text));
    }
    assert_eq!(value(json, "\" not json \""), ok("\" not json \""));
    for bad in ["{", "x", "[1,]", "{\"a\":{\"b\":1,\"b\":2}}", "1 2", "01"] {
        let fault = cell(json, bad).unwrap_err();
        assert!(fault.contains("is not valid JSON"), "{fault}");
    }
}

#[test]
fn values_translate_cells() {
    let stage = "values = { 'Closed Won' = 'won', 'A' = 1, 'B' = 1.50, 'C' = true, '' = 'none' }";
    assert_eq!(cell(stage, "Closed Won"), ok("\"won\""));
    assert_eq!(cell(stage, "A"), ok("1"));
    assert_eq!(cell(stage, "B"), ok("1.50"));
    assert_eq!(cell(stage, "C"), ok("true"));
    assert_eq!(cell(stage, ""), ok("\"none\""));
    assert_eq!(cell(stage, "closed won"), ok("\"closed won\""), "unlisted");
    assert_eq!(value(stage, "\"Closed Won\""), ok("\"won\""));
    let strict = "values = { 'Closed Won' = 'won' }, values_else = 'error'";
    assert_eq!(cell(strict, ""), ok("null"));
    assert_eq!(
        cell(strict, "closed won"),
        Err(
            "column C: `closed won` is not listed in `values` (the nearest is `Closed Won`)"
                .to_owned()
        )
    );
    let typed = "type = 'number', decimal = ',', values = { 'n/a' = '', 'x' = 1.5, 'y' = '2,5' }";
    assert_eq!(cell(typed, " n/a "), ok("null"));
    assert_eq!(cell(typed, "x"), ok("1.5"));
    assert_eq!(cell(typed, "y"), ok("2.5"));
    assert_eq!(cell(typed, "3,5"), ok("3.5"));
    let text = "type = 'text', values = { '1' = 7, 'true' = 'yes' }";
    assert_eq!(value(text, "1"), ok("\"7\""));
    assert_eq!(value(text, "true"), ok("\"yes\""));
}

#[test]
fn values_know_arrays_and_objects() {
    let strict = "values = { Won = 'w', '[1]' = 'one' }, values_else = 'error'";
    assert_eq!(value(strict, "\"Won\""), ok("\"w\""));
    assert_eq!(value(strict, "[1]"), ok("\"one\""));
    for json in ["[\"Won\"]", "{\"s\":\"Won\"}", "[]", "{}"] {
        let refused = format!("column C: `{json}` is not listed in `values`");
        let told = value(strict, json).unwrap_err();
        assert!(told.starts_with(&refused), "{told}");
        assert_eq!(value("values = { Won = 'w' }", json), ok(json));
    }
}

proptest! {
    #[test]
    fn strings_come_back(text: String) {
        let mut json = Vec::new();
        write_string(&text, &mut json);
        prop_assert_eq!(&serde_json::from_slice::<String>(&json).unwrap(), &text);
        let json = String::from_utf8(json).unwrap();
        prop_assert_eq!(decode(&json).unwrap(), text.as_str());
    }

    #[test]
    fn any_text_cell_comes_back(text in "[\\x00-\\x7f\u{a0}-\u{ff}\u{2028}😀]{0,30}") {
        let json = cell("trim = false", &text).unwrap();
        let back: Option<String> = serde_json::from_str(&json).unwrap();
        if text.trim().is_empty() {
            prop_assert_eq!(back, None);
        } else {
            prop_assert_eq!(back, Some(text));
        }
    }
}

#[test]
fn words_for_empty_cells() {
    let with = |options: &str| {
        let text = format!(
            "[input]\nnull = ['NULL', '\\N', ' n/a ', '-999']\n[fields]\nid = 'ID'\nf = {{ column = 'C', {options} }}"
        );
        crate::mapping::tests::mapping(&text)
    };
    let csv = |options: &str, cell: &str| {
        let binding = with(options).bind(&header(&["ID", "C"])).unwrap();
        let written = write_csv(&binding, &["1", cell], &mut Tally::default());
        let (json, _) = written.map_err(|faults| faults.join("\n"))?;
        let value = json
            .strip_prefix("{\"id\":\"1\"")
            .unwrap()
            .strip_suffix('}')
            .unwrap();
        Ok::<_, String>(value.replace(",\"f\":", ""))
    };
    for cell in ["NULL", "\\N", "n/a", " NULL ", "-999", ""] {
        for options in [
            "",
            "type = 'number'",
            "type = 'date'",
            "type = 'json'",
            "type = 'boolean'",
        ] {
            assert_eq!(csv(options, cell), ok("null"), "{options} {cell}");
        }
    }
    // Exactly these words; all else goes as ever.
    assert_eq!(csv("", "null"), ok("\"null\""));
    assert_eq!(csv("", "NULL."), ok("\"NULL.\""));
    assert_eq!(csv("", " x "), ok("\" x \""));
    assert_eq!(csv("type = 'number'", "-998"), ok("-998"));
    assert_eq!(csv("type = 'text'", "\"q\""), ok("\"\\\"q\\\"\""));
    assert_eq!(csv("empty = 'text'", "NULL"), ok("\"\""));
    assert_eq!(csv("empty = 'omit'", "NULL"), ok(""));
    assert_eq!(
        csv("required = true", "NULL"),
        Err("column C: `NULL` counts as empty, as `null` of the mapping says".to_owned())
    );
    // A translation comes first, and what it gives is a value.
    assert_eq!(csv("values = { NULL = 'none' }", "NULL"), ok("\"none\""));
    assert_eq!(csv("values = { x = 'n/a' }", "x"), ok("\"n/a\""));
    assert_eq!(
        csv("values = { x = 'y' }, values_else = 'error'", "NULL"),
        ok("null")
    );
    let binding = with("type = 'number'").bind(&header(&["ID", "C"])).unwrap();
    let no_id = write_csv(&binding, &["NULL", "1"], &mut Tally::default());
    assert!(no_id.unwrap_err()[0].contains("counts as empty"));

    let json = |options: &str, json: &str| {
        let binding = with(options).bind(&Columns::PerRecord).unwrap();
        let line = format!("{{\"ID\":\"1\",\"C\":{json}}}");
        let written = write_ndjson(&binding, &line, &mut Tally::default());
        written.map(|(json, _)| json).unwrap()
    };
    assert_eq!(json("", "\"NULL\""), r#"{"id":"1","f":null}"#);
    assert_eq!(json("type = 'number'", "-999"), r#"{"id":"1","f":null}"#);
    assert_eq!(json("", "[\"NULL\"]"), r#"{"id":"1","f":["NULL"]}"#);
}
