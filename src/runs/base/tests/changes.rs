//! What two files differ in, against a plain comparison of what they were made of.

use proptest::prelude::*;

use super::*;
use crate::runs::changes::{Changes, Listed};

/// What a plain comparison finds.
fn plainly(old: &[Record], new: &[Record]) -> Changes {
    let find = |of: &[Record], id: &str| of.iter().find(|record| record.id == id).cloned();
    let listed = |ids: Vec<&Record>| Listed {
        count: ids.len() as u64,
        ids: ids.iter().take(5).map(|record| record.id.clone()).collect(),
    };
    let mut fields = BTreeMap::new();
    let mut changed = Vec::new();
    for record in new {
        if let Some(before) = find(old, &record.id).filter(|before| before != record) {
            changed.push(record);
            for name in NAMES {
                if before.fields.get(name) != record.fields.get(name) {
                    *fields.entry(name.to_owned()).or_insert(0) += 1;
                }
            }
        }
    }
    let is_in = |of: &[Record], record: &&Record| find(of, &record.id).is_some();
    let same = new
        .iter()
        .filter(|record| find(old, &record.id).as_ref() == Some(record));
    Changes {
        base_run: run(1),
        base_followed: false,
        unchanged: same.count() as u64,
        kept: 0,
        new: listed(new.iter().filter(|r| !is_in(old, r)).collect()),
        changed: listed(changed),
        vanished: listed(old.iter().filter(|r| !is_in(new, r)).collect()),
        fields,
    }
}

/// Which records are new or changed, and how many lack a field that they had.
fn which_differ(old: &[Record], new: &[Record]) -> Differing {
    let mut differing = Differing::default();
    for (number, record) in (1..).zip(new) {
        let before = old.iter().find(|before| before.id == record.id);
        if before != Some(record) {
            differing.records.insert(number);
        }
        let lacks = |name: &String| !record.fields.contains_key(name);
        let loses = before.is_some_and(|before| before.fields.keys().any(lacks));
        differing.losing += u64::from(loses);
    }
    differing
}

const NAMES: [&str; 3] = ["amount", "owner", "stage"];

/// Tables of few ids with few values, so that much is alike.
fn table() -> impl Strategy<Value = Vec<Record>> {
    let value = prop::sample::select(vec!["1", "2", "", "null"]);
    let fields = prop::collection::btree_map(prop::sample::select(NAMES.to_vec()), value, 0..=3);
    let record = (0..40_u8, fields).prop_map(|(id, fields)| {
        let fields: Vec<_> = fields.into_iter().collect();
        record(&format!("id{id}"), &fields)
    });
    prop::collection::vec(record, 0..40).prop_map(|mut records| {
        let mut seen = std::collections::HashSet::new();
        records.retain(|record| seen.insert(record.id.clone()));
        records
    })
}

proptest! {
    #[test]
    fn differences_are_those_of_a_plain_comparison(
        old in table(),
        new in table(),
        order in Just(NAMES.to_vec()).prop_shuffle(),
    ) {
        let folder = folder();
        let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, None));
        let mut input = collect(&folder.path().join("b"), &new, about(2, &order, None));
        let mut differing = Differing::default();
        let which = Some(&mut differing);
        let found = compare(&mut base, &mut input, REPLACE, None, which).unwrap();
        prop_assert_eq!(found.changes, plainly(&old, &new));
        prop_assert_eq!(differing, which_differ(&old, &new));
        prop_assert_eq!(found.base.records, old.len() as u64);
        prop_assert_eq!((found.records_after, found.filled_after), filled(&new));

        // What an upsert lacks of a record counts as emptied.
        let found = compare(&mut base, &mut input, Mode::Upsert, None, None).unwrap();
        let is_left = |record: &&Record| new.iter().all(|other| other.id != record.id);
        let left = old.iter().filter(is_left).chain(&new).cloned().collect::<Vec<_>>();
        prop_assert_eq!((found.records_after, found.filled_after), filled(&left));
    }
}

/// How many records a table has, and how many of them fill each field.
fn filled(table: &[Record]) -> (u64, Vec<(String, u64)>) {
    let of = |name: &str| {
        let values = table.iter().filter_map(|record| record.fields.get(name));
        let filled = values.filter(|value| !matches!(value.as_str(), "" | "null"));
        (name.to_owned(), filled.count() as u64)
    };
    (table.len() as u64, NAMES.map(of).into())
}

#[test]
fn large_files_of_any_order_are_compared() {
    let folder = folder();
    let old: Vec<_> = (0..70_000)
        .map(|n| record(&format!("D-{n}"), &[("amount", "1")]))
        .collect();
    let mut new = old.clone();
    // Past the first 65,536 fields' digests are shorter.
    for n in (0..70_000).step_by(1_000) {
        new[n]
            .fields
            .insert("owner".to_owned(), format!("owner {n}"));
    }
    new.retain(|record| !record.id.ends_with("777"));
    new.insert(40_000, record("extra", &[]));
    let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, None));
    for is_reversed in [false, true] {
        if is_reversed {
            new.reverse();
        }
        let mut input = collect(&folder.path().join("b"), &new, about(2, &NAMES, None));
        let found = compare(&mut base, &mut input, REPLACE, None, None)
            .unwrap()
            .changes;
        assert_eq!(found.new.ids, ["extra"]);
        assert_eq!((found.changed.count, found.vanished.count), (70, 70));
        assert_eq!(
            found.vanished.ids,
            ["D-777", "D-1777", "D-2777", "D-3777", "D-4777"]
        );
        assert_eq!(found.unchanged, 70_000 - 140);
        assert_eq!(found.fields, [("owner".to_owned(), 70)].into());
        let first = if is_reversed { "D-69000" } else { "D-0" };
        assert_eq!(found.changed.ids[0], first);
    }
}

#[test]
fn a_base_that_is_damaged_behind_its_end_is_none() {
    let folder = folder();
    let records: Vec<_> = (0..300).map(|n| record(&format!("D-{n}"), &[])).collect();
    let path = folder.path().join("a");
    let mut base = collect(&path, &records, about(1, &NAMES, None));
    let mut input = collect(&folder.path().join("b"), &records, about(2, &NAMES, None));
    compare(&mut base, &mut input, REPLACE, None, None).unwrap();
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[4_000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let error = compare(&mut base, &mut input, REPLACE, None, None).unwrap_err();
    assert!(
        matches!(error, CompareError::Base(BaseError::Damaged(_))),
        "{error}"
    );
    let error = compare(&mut input, &mut base, REPLACE, None, None).unwrap_err();
    assert!(matches!(error, CompareError::Collected(_)), "{error}");
}
