//! What is told once after the whole input.

use super::{Members, header, lines, mapping, object, write_csv, write_ndjson};
use crate::input::Columns;
use crate::mapping::Sent;
use crate::mapping::binding::Binding;
use crate::mapping::spec::Mapping;
use crate::mapping::tally::Tally;

/// What a worker saw of records that it measured.
fn measured(binding: &Binding, lines: &[&str]) -> Tally {
    let (mut tally, mut sent) = (Tally::default(), Sent::new(binding.field_names()));
    for line in lines {
        let members: Members<'_> = serde_json::from_str(line).unwrap();
        let _ = binding.measure(&object(&members), &mut sent, &mut tally);
    }
    tally
}

#[test]
fn the_keys_are_those_that_good_records_carry() {
    let whole = Mapping::identity().bind(&Columns::PerRecord).unwrap();
    let mut all = measured(&whole, &[r#"{"id":1,"b":2}"#, r#"{"id":1,"b":2,"z":3}"#]);
    all.merge(measured(
        &whole,
        &[
            r#"{"a":0,"id":1}"#,
            r#"{"a":0,"id":1}"#,
            r#"{"id":1,"a":0}"#,
            r#"{"id":1}"#,
            r#"{"no id":1}"#,
            r#"{"id":true,"bad":1}"#,
        ],
    ));
    assert_eq!(whole.keys(&all), ["a", "b", "id", "z"]);
    assert_eq!(whole.keys(&Tally::default()), [""; 0]);

    // Of mapped fields all are carried, were it as null.
    let text = "[fields]\nid = 'x'\nb = { column = 'y', empty = 'omit' }\na = { value = 1 }";
    for columns in [Columns::PerRecord, header(&["x", "y"])] {
        let binding = mapping(text).bind(&columns).unwrap();
        let tally = measured(&binding, &[r#"{"x":1,"more":2}"#]);
        assert_eq!(binding.keys(&tally), ["a", "b", "id"]);
    }
    let plain = Mapping::identity().bind(&header(&["id", "n"])).unwrap();
    let mut tally = Tally::default();
    write_csv(&plain, &["1", ""], &mut tally).unwrap();
    assert_eq!(plain.keys(&tally), ["id", "n"]);
}

#[test]
fn unlisted_cells_are_counted_over_all_workers() {
    let text =
        "[fields]\nid = 'id'\nname = 'n'\nstage = { column = \"S\\u001b\", values = { a = 'b' } }";
    let binding = mapping(text)
        .bind(&header(&["id", "n", "S\u{1b}"]))
        .unwrap();
    let mut all = Tally::default();
    for worker in 0..3 {
        let mut tally = Tally::default();
        for n in 0..8 {
            let cell = format!("v{:02}", n + worker * 4);
            write_csv(&binding, &["1", "n", &cell], &mut tally).unwrap();
        }
        write_csv(&binding, &["1", "n", "a"], &mut tally).unwrap();
        write_csv(&binding, &["1", "n", ""], &mut tally).unwrap();
        all.merge(tally);
    }
    assert_eq!(
        binding.conclude(&all).unwrap(),
        [
            "column S\\u{1b}: 24 cells are not listed in `values` of field `stage` and sent unchanged: \
          `v00`, `v01`, `v02`, `v03`, `v04`, `v05`, `v06`, `v07`, `v08`, `v09` and 6 others"
        ]
    );
}

#[test]
fn lists_stay_small() {
    let text = "[fields]\nid = 'id'\nname = { column = 'n', values = { a = 'b' } }";
    let binding = mapping(text).bind(&header(&["id", "n"])).unwrap();
    let mut tally = Tally::default();
    for n in (0..2_000).rev() {
        write_csv(
            &binding,
            &["1", &format!("{n:05}{}", "x".repeat(1_000))],
            &mut tally,
        )
        .unwrap();
    }
    let notes = binding.conclude(&tally).unwrap();
    assert!(notes[0].contains("`00000xx"), "{}", notes[0]);
    assert!(
        notes[0].ends_with("…` and more than 490 others"),
        "{}",
        notes[0]
    );
}

#[test]
fn unmapped_keys_are_noted_or_refused() {
    let line = r#"{"id":1,"n":"x","owner":{"a":1},"extra":2}"#;
    let fields = "[fields]\nid = 'id'\nname = 'n'\nowner = 'owner.a'";
    let mut tally = Tally::default();
    let binding = mapping(fields).bind(&Columns::PerRecord).unwrap();
    write_ndjson(&binding, line, &mut tally).unwrap();
    write_ndjson(&binding, line, &mut tally).unwrap();
    assert_eq!(binding.conclude(&tally).unwrap(), ["not mapped: `extra`"]);
    let strict = mapping(&format!("unmapped = 'error'\n{fields}"));
    let strict = strict.bind(&Columns::PerRecord).unwrap();
    let mut tally = Tally::default();
    write_ndjson(&strict, line, &mut tally).unwrap();
    assert_eq!(
        lines(&strict.conclude(&tally).unwrap_err()),
        "line 1: keys that no field uses: `extra`\n  hint: map them, or set unmapped = \"ignore\"\n"
    );
}
