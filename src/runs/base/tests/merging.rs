//! Bases made of others.

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;
use crate::runs::base::merge::{merge, without};
use crate::runs::base::meta::LineageRun;

const NAMES: [&str; 3] = ["a", "b", "c"];

fn deals(numbers: impl IntoIterator<Item = u64>, value: &str, field: &str) -> Vec<Record> {
    let deals = numbers
        .into_iter()
        .map(|n| record(&format!("D-{n}"), &[(field, value)]));
    deals.collect()
}

fn known(number: u64, missing: u64) -> LineageRun {
    let (run, errors) = (run(number), 0);
    LineageRun {
        run,
        missing,
        errors,
    }
}

/// The base with an upsert of all records over it.
fn merged(
    base: &mut BaseFile,
    upsert: &mut BaseFile,
    rejected: &Ids,
    last: LineageRun,
    path: &Path,
) -> Result<PathBuf, BaseError> {
    let mut lineage = base.meta().lineage.clone();
    lineage.push(last);
    merge(base, upsert, rejected, (lineage, true), path)
}

fn ids<'a>(of: impl IntoIterator<Item = &'a str>) -> Ids {
    of.into_iter().map(|id| id.as_bytes().to_vec()).collect()
}

/// Ids and fields' digests by name, in the order of the records.
fn shown(file: &mut BaseFile) -> Vec<(String, Vec<(String, u32)>)> {
    let names: Vec<_> = file
        .meta()
        .fields
        .iter()
        .map(|(name, _)| name.clone())
        .collect();
    let records = contents(file).into_values();
    let records = records.map(|(id, _, fields, _)| {
        let fields = names.iter().cloned().zip(fields);
        (id, fields.filter(|(_, digest)| *digest > 0).collect())
    });
    records.collect()
}

fn fields(of: &Record) -> (String, Vec<(String, u32)>) {
    let fields = of
        .fields
        .iter()
        .map(|(name, value)| (name.clone(), digest(value)));
    (of.id.clone(), fields.collect())
}

#[test]
fn an_upserts_records_stand_over_those_before_and_behind_them() {
    let folder = folder();
    let old = deals(0..6, "1", "a");
    let new = deals([9, 4, 2, 8], "2", "b");
    let mut base = collect(&folder.path().join("a"), &old, about(1, &["a"], None));
    let mut upsert = collect(&folder.path().join("b"), &new, about(2, &["b", "c"], None));
    let rejected = ids(["D-4", "D-8"]);
    let path = folder.path().join("c");
    let path = merged(&mut base, &mut upsert, &rejected, known(2, 3), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    let mut expected = old.clone();
    // What it lacks stays as it was.
    expected[2].fields.extend(new[2].fields.clone());
    expected.push(new[0].clone());
    let expected: Vec<_> = expected.iter().map(fields).collect();
    assert_eq!(shown(&mut made), expected);
    let meta = made.meta();
    let filled = [("a", 6), ("b", 2), ("c", 0)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!((meta.records, &meta.fields[..]), (7, &filled[..]));
    assert_eq!(meta.run, Some(run(2)));
    let lineage: Vec<_> = meta
        .lineage
        .iter()
        .map(|one| (&one.run, one.missing))
        .collect();
    assert_eq!(lineage, [(&run(1), 0), (&run(2), 3)]);
}

#[test]
fn rejected_records_that_were_not_sent_make_no_base() {
    let folder = folder();
    let records = deals(0..3, "1", "a");
    let mut base = collect(&folder.path().join("a"), &records, about(1, &["a"], None));
    let mut upsert = collect(&folder.path().join("b"), &records, about(2, &["a"], None));
    let path = folder.path().join("c");
    let stray = ids(["D-1", "D-7"]);
    merged(&mut base, &mut upsert, &stray, known(2, 2), &path).unwrap_err();
    without(&mut base, &stray, known(1, 2), &path).unwrap_err();
    without(&mut base, &ids(["D-1"]), known(1, 1), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    assert_eq!(shown(&mut made), [fields(&records[0]), fields(&records[2])]);
    assert_eq!(made.meta().lineage[0].missing, 1);
    assert_eq!(made.meta().fields, [("a".to_owned(), 2)]);
}

#[test]
fn what_was_merged_compares_as_what_it_was_made_of() {
    let folder = folder();
    // Digests of fields are exact in four bytes in the one, in two in the end of the other.
    let mut old = deals(0..70_000, "1", "a");
    let new = deals((0..70_000).step_by(7).chain(80_000..80_100), "2", "a");
    let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, None));
    let mut upsert = collect(&folder.path().join("b"), &new, about(2, &NAMES, None));
    let path = folder.path().join("c");
    merged(&mut base, &mut upsert, &Ids::new(), known(2, 0), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    for record in &new {
        let number: usize = record.id[2..].parse().unwrap();
        match number < 70_000 {
            true => old[number] = record.clone(),
            false => old.push(record.clone()),
        }
    }
    let mut whole = collect(&folder.path().join("d"), &old, about(3, &NAMES, None));
    let same = compare(&mut made, &mut whole, REPLACE, None, None)
        .unwrap()
        .changes;
    assert_eq!((same.unchanged, same.changed.count), (70_100, 0));
    old[5].fields.insert("b".to_owned(), "3".to_owned());
    drop(whole);
    let mut whole = collect(&folder.path().join("d"), &old, about(3, &NAMES, None));
    let other = compare(&mut made, &mut whole, REPLACE, None, None)
        .unwrap()
        .changes;
    assert_eq!(other.changed.ids, ["D-5"]);
    assert_eq!(other.fields, [("b".to_owned(), 1)].into());
}

#[test]
fn what_an_upsert_lacks_is_seen_when_a_replace_takes_it_away() {
    let folder = folder();
    let old = [
        record("A", &[("a", "1"), ("b", "1")]),
        record("B", &[("a", "1")]),
    ];
    let new = [record("A", &[("a", "2")])];
    let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, None));
    let mut upsert = collect(&folder.path().join("b"), &new, about(2, &NAMES, None));
    let path = folder.path().join("c");
    merged(&mut base, &mut upsert, &Ids::new(), known(2, 0), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    let again = [new[0].clone(), old[1].clone()];
    let mut again = collect(&folder.path().join("d"), &again, about(3, &NAMES, None));
    // The same upsert once more changes nothing.
    let found = compare(&mut made, &mut again, Mode::Upsert, None, None).unwrap();
    assert_eq!(found.changes.unchanged, 2);
    let found = compare(&mut made, &mut again, REPLACE, None, None).unwrap();
    assert_eq!(found.changes.changed.ids, ["A"]);
    assert_eq!(found.changes.fields, [("b".to_owned(), 1)].into());
    assert_eq!(found.changes.unchanged, 1);
}

/// What a replace takes away is lost to an upsert.
#[test]
fn what_an_upsert_left_is_lost_by_what_lacks_it() {
    let folder = folder();
    let old = [record("A", &[("a", "1"), ("b", "1")])];
    let new = [record("A", &[("a", "2")])];
    let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, None));
    let mut upsert = collect(&folder.path().join("b"), &new, about(2, &NAMES, None));
    let path = folder.path().join("c");
    merged(&mut base, &mut upsert, &Ids::new(), known(2, 0), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    assert!(made.meta().partial);
    let mut again = collect(&folder.path().join("d"), &new, about(3, &NAMES, None));
    let mut differing = Differing::default();
    compare(&mut made, &mut again, REPLACE, None, Some(&mut differing)).unwrap();
    assert_eq!((differing.records.len(), differing.losing), (1, 1));
}

#[test]
fn a_base_is_partial_while_there_is_a_record_with_older_fields() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let both = |id| record(id, &[("a", "1"), ("b", "1")]);
    let one = |id| record(id, &[("a", "2")]);
    let merge_of = |old: &mut BaseFile, new: &[Record], number, path: &str| {
        let mut upsert = collect(&at("new"), new, about(number, &NAMES, None));
        let known = known(number, 0);
        merged(old, &mut upsert, &Ids::new(), known, &at(path)).unwrap();
        BaseFile::open(&at(path), &key()).unwrap()
    };
    let mut base = collect(&at("a"), &[both("A"), both("B")], about(1, &NAMES, None));
    assert!(!base.meta().partial);
    let mut whole = merge_of(&mut base, &[both("A"), both("C")], 2, "b");
    assert!(!whole.meta().partial);
    let mut partial = merge_of(&mut whole, &[one("A")], 3, "c");
    assert!(partial.meta().partial);
    let mut still = merge_of(&mut partial, &[both("B")], 4, "d");
    assert!(still.meta().partial);
    let all = [both("A"), both("B"), both("C")];
    assert!(!merge_of(&mut still, &all, 5, "e").meta().partial);
}

/// Everything went when all of the base was written over, and not when some of it was.
#[test]
fn everything_went_when_nothing_was_left_as_it_was() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    for (numbers, sends_all, since) in [
        (0..3, true, 2),
        (0..4, true, 2),
        (0..4, false, 1),
        (0..2, true, 1),
    ] {
        let mut base = collect(&at("a"), &deals(0..3, "1", "a"), about(1, &NAMES, None));
        let new = deals(numbers, "2", "a");
        let mut upsert = collect(&at("b"), &new, about(2, &NAMES, None));
        let made = (vec![known(2, 0)], sends_all);
        merge(&mut base, &mut upsert, &Ids::new(), made, &at("c")).unwrap();
        let meta = BaseFile::open(&at("c"), &key()).unwrap().meta().clone();
        assert_eq!(meta.whole_at.as_second(), since);
        assert_eq!(meta.lineage, [known(2, 0)]);
    }
}

#[test]
fn another_description_leaves_the_records_alone() {
    let folder = folder();
    let path = folder.path().join("a");
    let mut base = collect(&path, &deals(0..3_000, "1", "a"), about(1, &NAMES, None));
    let (before, mut meta) = (contents(&mut base), base.meta().clone());
    for lineage in [vec![known(7, 1); 40], vec![known(8, 0)]] {
        meta.lineage = lineage;
        BaseFile::open(&path, &key())
            .unwrap()
            .relabel(&meta)
            .unwrap();
        let mut now = BaseFile::open(&path, &key()).unwrap();
        assert_eq!(now.meta(), &meta);
        assert_eq!(contents(&mut now), before);
    }
}

#[test]
fn a_day_that_is_not_known_is_frozen() {
    let folder = folder();
    let before = jiff::civil::date(2026, 1, 1);
    let old = [("A", "1"), ("B", "2"), ("C", "3"), ("D", "4")];
    let old = old.map(|(id, a)| record(id, &[("a", a), ("c", "20000")]));
    let new = [
        record("B", &[("a", "5"), ("c", "21000")]),
        record("C", &[("a", "6")]),
        record("D", &[("a", "4"), ("c", "null")]),
    ];
    let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, None));
    let mut upsert = collect(&folder.path().join("b"), &new, about(2, &NAMES, Some("c")));
    let path = folder.path().join("c");
    merged(&mut base, &mut upsert, &Ids::new(), known(2, 0), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    let moved = ["A", "B", "C", "D"].map(|id| record(id, &[("a", "7"), ("c", "22000")]));
    let mut moved = collect(
        &folder.path().join("d"),
        &moved,
        about(3, &NAMES, Some("c")),
    );
    let list = folder.path().join("frozen.csv");
    let mut frozen = FrozenFile::new(&list, before);
    let found = compare(&mut made, &mut moved, Mode::Upsert, Some(&mut frozen), None).unwrap();
    assert_eq!(found.frozen.ids, ["A", "C"]);
    frozen.finish().unwrap();
    let list = std::fs::read_to_string(list).unwrap();
    assert!(
        list.contains("A,changed,unknown,2030-03-27,a c\n"),
        "{list}"
    );
}

#[test]
fn a_day_that_an_upsert_lacks_is_what_it_was() {
    let folder = folder();
    let old = [record("A", &[("a", "1"), ("c", "20000")])];
    let new = [record("A", &[("a", "2")])];
    let freeze = Some("c");
    let mut base = collect(&folder.path().join("a"), &old, about(1, &NAMES, freeze));
    let mut upsert = collect(&folder.path().join("b"), &new, about(2, &NAMES, freeze));
    let path = folder.path().join("c");
    merged(&mut base, &mut upsert, &Ids::new(), known(2, 0), &path).unwrap();
    let mut made = BaseFile::open(&path, &key()).unwrap();
    let days: Vec<_> = contents(&mut made)
        .into_values()
        .map(|(_, _, _, day)| day)
        .collect();
    assert_eq!(days, [Some(20_000)]);
}

proptest! {
    #[test]
    fn filled_counts_and_contents_are_those_of_the_merged_table(
        old in prop::collection::btree_set(0..60_u64, 0..40),
        new in prop::collection::btree_set(0..60_u64, 0..40),
    ) {
        let folder = folder();
        let (before, after) = (deals(old.clone(), "1", "a"), deals(new.clone(), "2", "b"));
        let mut base = collect(&folder.path().join("a"), &before, about(1, &["a"], None));
        let mut upsert = collect(&folder.path().join("b"), &after, about(2, &["b"], None));
        let path = folder.path().join("c");
        merged(&mut base, &mut upsert, &Ids::new(), known(2, 0), &path).unwrap();
        let mut made = BaseFile::open(&path, &key()).unwrap();
        let mut expected = before;
        for record in after {
            match expected.iter_mut().find(|known| known.id == record.id) {
                Some(known) => known.fields.extend(record.fields),
                None => expected.push(record),
            }
        }
        let mut expected: Vec<_> = expected.iter().map(fields).collect();
        expected.sort();
        let mut found = shown(&mut made);
        found.sort();
        prop_assert_eq!(found, expected);
        let counts: Vec<_> = made.meta().fields.iter().map(|(_, count)| *count as usize).collect();
        prop_assert_eq!(counts, [old.len(), new.len()]);
    }
}
