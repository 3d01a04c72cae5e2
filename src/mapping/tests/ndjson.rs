//! NDJSON records: paths, keys in any order, missing keys.

use super::{Members, lines, mapping, write, write_ndjson};
use crate::input::{self, Cells, Columns, KeyList};
use crate::mapping::spec::Mapping;
use crate::mapping::tally::Tally;

const OWNERS: &str = "[fields]\nid = 'id'\nname = 'title'\nowner = 'owner.email'";

fn owners(line: &str) -> Result<String, String> {
    let binding = mapping(OWNERS).bind(&Columns::PerRecord).unwrap();
    write_ndjson(&binding, line, &mut Tally::default())
        .map(|(json, _)| json)
        .map_err(|faults| faults.join("\n"))
}

#[test]
fn paths_lead_through_objects() {
    let found = |owner: &str| format!(r#"{{"id":1,"name":"t","owner":{owner}}}"#);
    let cases = [
        (
            r#"{"id":1,"title":"t","owner":{"x":{},"email":"a@b"}}"#,
            "\"a@b\"",
        ),
        (r#"{"owner":{"email":12.50},"title":"t","id":1}"#, "12.50"),
        (
            r#"{"id":1,"title":"t","owner":{"email":"no"},"owner.email":"yes"}"#,
            "\"yes\"",
        ),
        (r#"{"id":1,"title":"t","owner":{"x":1}}"#, "null"),
        (r#"{"id":1,"title":"t","owner":null}"#, "null"),
        (r#"{"id":1,"title":"t"}"#, "null"),
        (
            r#"{"id":1,"title":"t","owner":{"\u0065mail":"a"}}"#,
            "\"a\"",
        ),
    ];
    for (line, owner) in cases {
        assert_eq!(owners(line), Ok(found(owner)), "{line}");
    }
    assert_eq!(
        owners(r#"{"id":1,"title":"t","owner":"bob"}"#),
        Err(
            "column owner.email cannot be found: `owner` is not an object, so it has no `email`"
                .to_owned()
        )
    );
}

#[test]
fn deep_paths_prefer_keys_with_dots() {
    let binding = mapping("[fields]\nid = 'a.b.c'")
        .bind(&Columns::PerRecord)
        .unwrap();
    let mut tally = Tally::default();
    let cases = [
        (r#"{"a":{"b":{"c":1}}}"#, "1"),
        (r#"{"a":{"b":{"c":1},"b.c":2}}"#, "2"),
        (r#"{"a":{"b.c":2},"a.b":{"c":3}}"#, "3"),
        (r#"{"a":{"b.c":2},"a.b":{"x":3}}"#, "2"),
        (r#"{"a":{"b.c":2},"a.b":{"c":3},"a.b.c":4}"#, "4"),
    ];
    for (line, id) in cases {
        assert_eq!(
            write_ndjson(&binding, line, &mut tally).unwrap().1,
            id,
            "{line}"
        );
    }
}

#[test]
fn the_order_of_keys_does_not_matter() {
    let text = "[fields]\nid = 'i'\na = 'a'\nb = 'b'\nc = 'c'";
    let binding = mapping(text).bind(&Columns::PerRecord).unwrap();
    let mut tally = Tally::default();
    let lines = [
        r#"{"i":1,"a":2,"b":3,"c":4}"#,
        r#"{"c":4,"b":3,"a":2,"i":1}"#,
        r#"{"x":0,"i":1,"y":0,"a":2,"b":3,"c":4}"#,
        r#"{"i":1,"a":2,"b":3,"c":4,"x":5}"#,
    ];
    for line in lines.iter().cycle().take(12) {
        let json = write_ndjson(&binding, line, &mut tally).unwrap().0;
        assert_eq!(json, r#"{"id":1,"a":2,"b":3,"c":4}"#);
    }
    // Of records with the keys of the one before none is looked at.
    let lists = [0, 1].map(|_| KeyList::new());
    for (line, keys) in [(0, 0), (0, 0), (1, 1), (1, 1), (0, 0)] {
        let members: Members<'_> = serde_json::from_str(lines[line]).unwrap();
        let members = input::Members::new(&members.0, lists[keys]);
        let json = write(&binding, &Cells::Object(members), &mut tally);
        assert_eq!(json.unwrap().0, r#"{"id":1,"a":2,"b":3,"c":4}"#);
    }
    let long = format!(r#"{{"{}":1,"i":1,"a":2}}"#, "k".repeat(1000));
    let json = write_ndjson(&binding, &long, &mut tally).unwrap().0;
    assert_eq!(json, r#"{"id":1,"a":2,"b":null,"c":null}"#);
}

#[test]
fn ids_are_texts_or_numbers() {
    let bind = |text: &str| mapping(text).bind(&Columns::PerRecord).unwrap();
    let plain = bind("[fields]\nid = 'i'");
    let id = |line: &str| write_ndjson(&plain, line, &mut Tally::default());
    assert_eq!(
        id(r#"{"i":9007199254740993123}"#).unwrap().1,
        "9007199254740993123"
    );
    assert_eq!(id(r#"{"i":"a"}"#).unwrap().1, "\"a\"");
    for bad in [
        r#"{"i":""}"#,
        r#"{"i":" "}"#,
        r#"{"i":" a"}"#,
        r#"{"i":"a\n"}"#,
        r#"{"i":true}"#,
        r#"{"i":[1]}"#,
        r#"{"i":{}}"#,
        r#"{"i":null}"#,
        "{}",
    ] {
        assert!(id(bad).is_err(), "{bad}");
    }
    let typed = bind("[fields]\nid = { column = 'i', type = 'text' }");
    let written = write_ndjson(&typed, r#"{"i":12}"#, &mut Tally::default());
    assert_eq!(written.unwrap().1, "\"12\"");
}

#[test]
fn without_a_mapping_records_pass_as_they_are() {
    let binding = Mapping::identity().bind(&Columns::PerRecord).unwrap();
    let mut tally = Tally::default();
    let line = r#"{"b":100.10,"é\n":"","id":1234567890123456789012,"t":{"x":[1e5]},"n":null}"#;
    let (json, id) = write_ndjson(&binding, line, &mut tally).unwrap();
    assert_eq!(
        (json.as_str(), id.as_str()),
        (line, "1234567890123456789012")
    );
    assert_eq!(binding.fields().count(), 0);
    let fault = |line: &str| {
        write_ndjson(&binding, line, &mut Tally::default())
            .unwrap_err()
            .join("\n")
    };
    assert_eq!(fault(r#"{"a":1}"#), "column id is missing or null");
    assert_eq!(fault(r#"{"id":""}"#), "column id is empty");
    assert_eq!(
        fault(r#"{"id":false}"#),
        "column id: `false` is a JSON boolean; an id is a text or a number"
    );
    assert_eq!(
        fault(r#"{"id":1,"t":{"a":1e999}}"#),
        "column t: `{\"a\":1e999}` is not valid JSON: number out of range at line 1 column 10"
    );
    assert!(binding.conclude(&tally).unwrap().is_empty());
}

#[test]
fn keys_that_no_record_has_are_mistakes() {
    let text =
        "name = 'title'\n[fields]\nid = 'id'\ntitle = 'titel'\nowner = 'owner.mail'\nmore = 'zzz'";
    let binding = mapping(text).bind(&Columns::PerRecord).unwrap();
    let mut tally = Tally::default();
    assert!(
        binding.conclude(&tally).unwrap().is_empty(),
        "nothing was read"
    );
    let line = r#"{"id":1,"title":"t","owner":{"email":1,"phone":2}}"#;
    write_ndjson(&binding, line, &mut tally).unwrap();
    let mut all = Tally::default();
    all.merge(tally);
    assert_eq!(
        lines(&binding.conclude(&all).unwrap_err()),
        "line 4: no record has the key `titel` (field `title`)\n  hint: did you mean `title`?\n\
         line 5: no record has the key `owner.mail` (field `owner`)\n  hint: did you mean `owner.email`?\n\
         line 6: no record has the key `zzz` (field `more`)\n"
    );
}

#[test]
fn a_null_is_not_a_missing_key() {
    let binding = mapping("[fields]\nid = 'id'\nname = 'n'")
        .bind(&Columns::PerRecord)
        .unwrap();
    let mut tally = Tally::default();
    write_ndjson(&binding, r#"{"id":1,"n":null}"#, &mut tally).unwrap();
    assert!(binding.conclude(&tally).unwrap().is_empty());
}
