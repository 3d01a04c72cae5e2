//! What a dry run, a push and a receipt claim that a push changes, against what the stand-in's table held
//! before it and holds after it.

/// What a run leaves besides its records, and what others know of it.
mod gaps;
/// Kills, damage, other machines: the right answer or none.
mod lost;

use std::collections::{BTreeMap, BTreeSet};

use qobra_push::TableSnapshot;
use regex::Regex;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::rig::{done, ends};
use crate::stage::{Stage, deals, deals_from};
use crate::support::receipt;

/// A replace of one request, which leaves nothing waiting.
const REPLACE: &str = "deals.csv -t deals --all";
const UPSERT: &str = "deals.csv -t deals --chunk-size 7";

/// What of one content differs in another: by id, and in how many records each field.
#[derive(Debug, PartialEq, Eq)]
struct Difference {
    new: BTreeSet<String>,
    changed: BTreeSet<String>,
    vanished: BTreeSet<String>,
    unchanged: u64,
    fields: BTreeMap<String, u64>,
}

type Fields = BTreeMap<String, Box<RawValue>>;

impl Difference {
    fn new(before: &TableSnapshot, after: &TableSnapshot) -> Self {
        let records = |table: &TableSnapshot| -> BTreeMap<String, Fields> {
            let records = table.records.iter();
            let records =
                records.map(|(id, json)| (id.clone(), serde_json::from_str(json).unwrap()));
            records.collect()
        };
        let (before, after) = (records(before), records(after));
        let only = |one: &BTreeMap<String, Fields>, other: &BTreeMap<String, Fields>| {
            let ids = one.keys().filter(|id| !other.contains_key(*id));
            ids.cloned().collect()
        };
        let (mut changed, mut unchanged, mut fields) = (BTreeSet::new(), 0, BTreeMap::new());
        for (id, now) in &after {
            let Some(then) = before.get(id) else { continue };
            let value = |of: &Fields, name: &String| of.get(name).map(|raw| raw.get().to_owned());
            let names: BTreeSet<_> = then.keys().chain(now.keys()).collect();
            let differing = names
                .iter()
                .filter(|name| value(then, name) != value(now, name));
            let differing: Vec<_> = differing.collect();
            for name in &differing {
                *fields.entry((**name).clone()).or_default() += 1;
            }
            match differing.is_empty() {
                true => unchanged += 1,
                false => drop(changed.insert(id.clone())),
            }
        }
        Self {
            new: only(&after, &before),
            changed,
            vanished: only(&before, &after),
            unchanged,
            fields,
        }
    }

    /// Holds a claim to it.
    fn is_claimed(&self, changes: &Value, of: &str) {
        let of = format!("{of}: {changes:#} {self:#?}");
        for (kind, ids) in [
            ("new", &self.new),
            ("changed", &self.changed),
            ("vanished", &self.vanished),
        ] {
            assert_eq!(changes[kind]["count"], ids.len(), "{kind}, {of}");
            let named: Vec<String> = serde_json::from_value(changes[kind]["ids"].clone()).unwrap();
            assert_eq!(named.len(), ids.len().min(5), "{kind}, {of}");
            assert!(named.iter().all(|id| ids.contains(id)), "{kind}, {of}");
            let distinct: BTreeSet<_> = named.iter().collect();
            assert_eq!(distinct.len(), named.len(), "{kind}, {of}");
        }
        let stay = changes["unchanged"].as_u64().unwrap() + changes["kept"].as_u64().unwrap();
        assert_eq!(stay, self.unchanged, "unchanged, {of}");
        let fields: BTreeMap<String, u64> =
            serde_json::from_value(changes["fields"].clone()).unwrap();
        assert_eq!(fields, self.fields, "fields, {of}");
    }
}

/// What a dry run claims; null where it is unknown, with a reason.
fn claimed(stage: &Stage, line: &str) -> Value {
    let told = done(stage, &format!("{line} --dry-run --output json"));
    let changes = receipt(&told, 0)["changes"].clone();
    let is_unknown = told.stderr.contains("  changes   unknown: ");
    assert_eq!(is_unknown, changes.is_null(), "{told}");
    let counts = ["new", "changed", "vanished", "unchanged"].map(|kind| format!(" {kind}"));
    let is_counted = |line: &str| counts.iter().any(|kind| line.ends_with(kind));
    assert!(
        !is_unknown || !told.stderr.lines().any(is_counted),
        "{told}"
    );
    changes
}

/// Pushes, and holds what is claimed before and of it to what it does. Whether anything was claimed.
fn told_truly(stage: &Stage, line: &str, code: i32) -> bool {
    let dry = claimed(stage, line);
    let before = stage.settled();
    let told = done(stage, &format!("{line} --output json"));
    let document = receipt(&told, code);
    let after = stage.settled();
    assert_eq!(document["changes"], dry, "{line}: {told}");
    let said = told
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("changes: "));
    if dry.is_null() {
        assert_eq!(said, None, "{told}");
        assert!(
            told.stderr
                .contains("there is nothing to compare this push with: "),
            "{told}"
        );
        return false;
    }
    let difference = Difference::new(&before, &after);
    difference.is_claimed(&dry, line);
    let mut fields: Vec<_> = difference.fields.iter().collect();
    fields.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), (*name).clone()));
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    let fields = match fields.is_empty() {
        true => String::new(),
        false => format!(" ({})", fields.join(", ")),
    };
    let mut expected = format!(
        "{} new, {} changed{fields}, {} vanished, {} unchanged",
        difference.new.len(),
        difference.changed.len(),
        difference.vanished.len(),
        dry["unchanged"]
    );
    if dry["kept"] != 0 {
        expected = expected.replace(" 0 vanished,", "");
        expected.push_str(&format!(", {} not in it stay", dry["kept"]));
    }
    let ungrouped = Regex::new(r",(\d)").unwrap();
    let said = said.map(|said| ungrouped.replace_all(said, "$1"));
    assert_eq!(said.as_deref(), Some(&*expected), "{told}");
    true
}

/// Leaves a base by a replace with what stands in the folder.
fn based(stage: &Stage, line: &str) {
    ends(stage, line, 0);
    stage.settled();
}

/// An export with some of its lines changed.
fn edited(csv: &str, edits: &[(&str, &str)]) -> String {
    let mut text = csv.to_owned();
    for (from, to) in edits {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replacen(from, to, 1);
    }
    text
}

/// What is changed in turn: amounts and names, in one record both; three deals go, two come.
fn next(csv: &str) -> String {
    let edits = [
        ("3,Deal 3,3.50\n", ""),
        ("8,Deal 8,8.50\n", ""),
        ("14,Deal 14,14.50\n", "60,Deal 60,60.50\n"),
        ("5,Deal 5,5.50\n", "5,Deal five,5.75\n"),
        ("11,Deal 11,", "11,Deal eleven,"),
        ("12,Deal 12,12.50", "12,Deal 12,"),
        ("20,Deal 20,20.50", "20,Deal 20,20.5\n61,Deal 61,0"),
    ];
    edited(csv, &edits)
}

#[test]
fn replaces_and_upserts() {
    let stage = Stage::new().file("deals.csv", deals(30));
    assert!(!told_truly(&stage, REPLACE, 0), "nothing is known yet");
    assert!(told_truly(&stage, REPLACE, 0), "the same again");
    stage.folder().write("deals.csv", next(&deals(30)));
    assert!(told_truly(
        &stage,
        &format!("{REPLACE} --debounce 900 --chunk-size 7"),
        0
    ));
    // An upsert of a part: new ones, the same, others; the rest stays.
    stage.folder().write("deals.csv", next(&deals_from(3, 40)));
    assert!(told_truly(&stage, UPSERT, 0));
    assert!(told_truly(&stage, UPSERT, 0), "the same again");
    stage.folder().write("deals.csv", deals_from(25, 45));
    assert!(told_truly(&stage, UPSERT, 0));
    // In another order, and all of them.
    let csv = deals(50);
    let lines: Vec<_> = csv.lines().skip(1).collect();
    let turned: Vec<_> = lines.into_iter().rev().collect();
    stage.folder().write(
        "deals.csv",
        format!("id,name,amount\n{}\n", turned.join("\n")),
    );
    assert!(told_truly(&stage, REPLACE, 0));
    stage.folder().write("deals.csv", deals(50));
    let again = claimed(&stage, REPLACE);
    assert_eq!(again["unchanged"], 50, "{again}");
}

#[test]
fn more_records_than_the_names_have_room() {
    let stage = Stage::new().file("deals.csv", deals(3_000));
    based(&stage, REPLACE);
    stage.folder().write(
        "deals.csv",
        deals_from(1_001, 4_000).replace("7,Deal", "7,A deal"),
    );
    assert!(told_truly(&stage, REPLACE, 0));
    stage.folder().write("deals.csv", deals_from(3_501, 4_500));
    assert!(told_truly(&stage, "deals.csv -t deals", 0));
}

/// What an empty input leaves, where it is meant.
#[test]
fn nothing_at_all() {
    let stage = Stage::new().file("deals.csv", deals(7));
    based(&stage, REPLACE);
    stage.folder().write("deals.csv", "id,name,amount\n");
    let upsert = claimed(&stage, "deals.csv -t deals");
    assert_eq!(
        (&upsert["kept"], &upsert["unchanged"]),
        (&7.into(), &0.into()),
        "{upsert}"
    );
    assert!(told_truly(&stage, &format!("{REPLACE} --allow-empty"), 0));
    assert!(told_truly(&stage, &format!("{REPLACE} --allow-empty"), 0));
    stage.folder().write("deals.csv", deals(2));
    assert!(told_truly(&stage, "deals.csv -t deals", 0));
    assert!(told_truly(&stage, REPLACE, 0));
}

/// Records as they are: keys in any order and not in all records, numbers by their digits, ids by their
/// text.
#[test]
fn ndjson_without_a_mapping() {
    let stage = Stage::new();
    let records = |lines: &[&str]| {
        stage
            .folder()
            .write("deals.ndjson", lines.join("\n") + "\n")
    };
    let replace = "deals.ndjson -t deals --all";
    records(&[
        r#"{"id":1,"name":"a","amount":1.0,"more":{"x":[1,2]}}"#,
        r#"{"id":2,"name":"b","amount":null}"#,
        r#"{"id":"3","name":"","stage":"open"}"#,
        r#"{"id":4,"name":"d","zone":true}"#,
        r#"{"id":5,"name":"é"}"#,
    ]);
    based(&stage, replace);
    records(&[
        r#"{"name":"a","more":{"x":[1,2]},"id":1,"amount":1.0}"#,
        r#"{"id":2,"name":"b"}"#,
        r#"{"id":3,"name":"","stage":"open"}"#,
        r#"{"id":4,"name":"d","zone":false,"owner":"x"}"#,
        r#"{"id":5,"name":"\u00e9"}"#,
        r#"{"id":6,"name":"f","amount":6}"#,
    ]);
    assert!(told_truly(&stage, replace, 0));
    records(&[
        r#"{"id":1,"name":"a","more":{"x":[1,3]},"amount":1.00}"#,
        r#"{"id":"6","name":null,"amount":"6"}"#,
        r#"{"id":"7","name":"g"}"#,
    ]);
    assert!(told_truly(
        &stage,
        &format!("{replace} --max-hollow 100% --max-shrink 100%"),
        0
    ));
}

#[test]
fn a_mapping_that_changed() {
    let mapping = |fields: &str| format!("[fields]\nid = 'id'\nname = 'name'\n{fields}\n");
    let stage = Stage::new()
        .file("deals.csv", deals(9))
        .file("deals.toml", mapping("amount = 'amount'"));
    let replace = format!("{REPLACE} -m deals.toml");
    based(&stage, &replace);
    for fields in [
        "amount = { column = 'amount', type = 'number' }",
        "amount = { column = 'amount', type = 'number' }\ncurrency = { value = 'EUR' }",
        "amount = { column = 'amount', type = 'number' }\ncurrency = { value = 'USD' }\nnote = 'name'",
    ] {
        stage.folder().write("deals.toml", mapping(fields));
        assert!(told_truly(&stage, &replace, 0), "{fields}");
    }
    stage
        .folder()
        .write("deals.toml", mapping("worth = 'amount'"));
    assert!(told_truly(
        &stage,
        &format!("{replace} --max-hollow 100%"),
        0
    ));
    stage.folder().write(
        "deals.toml",
        mapping("worth = { column = 'amount', type = 'number' }\nnote = 'name'"),
    );
    assert!(told_truly(&stage, &format!("{UPSERT} -m deals.toml"), 0));
}

#[test]
fn ids_that_stand_twice() {
    let stage = Stage::new().file("deals.csv", deals(9));
    based(&stage, REPLACE);
    let twice = deals(9) + "3,Deal three,3.50\n4,Deal 4,4.50\n9,x,\n10,a,1\n10,b,2\n";
    stage.folder().write("deals.csv", twice);
    for line in [REPLACE, UPSERT, REPLACE] {
        for which in ["first", "last", "last", "first"] {
            assert!(
                told_truly(&stage, &format!("{line} --duplicates {which}"), 0),
                "{which}"
            );
        }
    }
}
