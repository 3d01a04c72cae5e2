//! The list of records of a frozen period.

use super::*;

const NAMES: [&str; 2] = ["day", "amount"];

fn deal(id: &str, day: &str, amount: &str) -> Record {
    record(id, &[("day", day), ("amount", amount)])
}

/// Compares in a mode, with all before day 100 frozen: how many, and the file's lines.
fn frozen(old: &[Record], new: &[Record], mode: Mode, field: Option<&str>) -> (u64, Vec<String>) {
    let folder = folder();
    let mut base = collect(&folder.path().join("a"), old, about(1, &NAMES, field));
    let mut input = collect(&folder.path().join("b"), new, about(2, &NAMES, Some("day")));
    let path = folder.path().join("frozen.csv");
    let mut file = FrozenFile::new(&path, jiff::civil::date(1970, 4, 11));
    let found = compare(&mut base, &mut input, mode, Some(&mut file), None).unwrap();
    let Some(path) = file.finish().unwrap() else {
        assert!(!path.exists());
        return (found.frozen.count, Vec::new());
    };
    let text = std::fs::read_to_string(path).unwrap();
    let mut lines: Vec<_> = text.lines().map(ToOwned::to_owned).collect();
    assert_eq!(lines.remove(0), "id,what,old_day,new_day,fields");
    lines.sort();
    (found.frozen.count, lines)
}

#[test]
fn each_record_that_a_push_touches_is_listed_and_no_other() {
    let old = [
        deal("same", "1", "1"),
        deal("amount", "1", "1"),
        deal("out", "99", "1"),
        deal("in", "100", "1"),
        deal("open", "100", "1"),
        deal("gone", "99", "1"),
        deal("gone open", "100", "1"),
        deal("no day", "null", "1"),
    ];
    let new = [
        deal("same", "1", "1"),
        deal("amount", "1", "2"),
        deal("out", "100", "1"),
        deal("in", "-1", "3"),
        deal("open", "101", "2"),
        deal("no day", "null", "2"),
        deal("new", "5", "1"),
        deal("new, \"open\"", "500", "1"),
    ];
    let mut expected = vec![
        "amount,changed,1970-01-02,1970-01-02,amount",
        "gone,vanished,1970-04-10,,",
        "in,changed,1970-04-11,1969-12-31,day amount",
        "new,new,,1970-01-06,",
        "out,changed,1970-04-10,1970-04-11,day",
    ];
    let found = frozen(&old, &new, REPLACE, Some("day"));
    assert_eq!(
        found,
        (5, expected.iter().map(ToString::to_string).collect())
    );
    // An upsert leaves alone what its input lacks.
    expected.remove(1);
    let found = frozen(&old, &new, Mode::Upsert, Some("day"));
    assert_eq!(
        found,
        (4, expected.iter().map(ToString::to_string).collect())
    );
    // Days that the base does not know leave those of the input.
    let (count, lines) = frozen(&old, &new, REPLACE, None);
    assert_eq!(count, 3, "{lines:?}");
    assert_eq!(lines[0], "amount,changed,,1970-01-02,amount");
}

#[test]
fn nothing_frozen_leaves_no_file() {
    let old = [deal("a", "1", "1"), deal("b", "200", "1")];
    let new = [deal("a", "1", "1"), deal("b", "200", "2")];
    assert_eq!(frozen(&old, &new, REPLACE, Some("day")), (0, Vec::new()));
}
