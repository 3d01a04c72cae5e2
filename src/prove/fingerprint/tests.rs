//! Which records are told apart.

use super::*;
use crate::input::{Block, InputPath, Source, SourceOptions};
use crate::mapping::{Mapping, Tally};

/// The fingerprints of a file's records.
fn of(key: u8, mapping: Option<&str>, name: &str, text: &str) -> (Vec<String>, Fingerprints) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    let source = Source::open(&[InputPath::File(path)], &SourceOptions::default()).unwrap();
    let mapping = mapping.map_or_else(Mapping::identity, |text| Mapping::parse(text).unwrap());
    let binding = mapping.bind(source.columns()).unwrap();
    let names = binding.field_names();
    let mut sent = Sent::new(names.clone());
    let mut maker = Fingerprinter::new(
        FingerprintKey::new([key; 32]),
        names.clone(),
        Some("closed"),
    );
    let mut made = Fingerprints::default();
    let (mut parser, mut tally) = (source.parser(), Tally::default());
    let mut blocks = source.blocks();
    let block: Block = blocks.next().unwrap().unwrap();
    let mut rows = parser.rows(&source, &block).unwrap();
    while let Some(row) = rows.next() {
        let cells = row.cells.unwrap();
        let measured = binding.measure(&cells, &mut sent, &mut tally).unwrap();
        let id = crate::prove::id_text(measured.id).into_owned();
        let at = made.records.len();
        maker.add((at, &id), &sent, &mut made, |_, _, _| {});
    }
    made.sort();
    (names.list(), made)
}

fn all(made: &Fingerprints) -> Vec<Fingerprint<'_>> {
    let first_bytes = made.iter(1).map(|one| (one.id_hash >> 56, one.record));
    assert!(first_bytes.is_sorted());
    let mut all: Vec<_> = made.iter(1).collect();
    all.sort_by_key(|one| one.record);
    all
}

const CSV: &str = "id,name,closed\nA,x,2026-01-31\nB,x,\nC,,1969-12-31\n";
const MAPPING: &str = "[fields]\nid = \"id\"\nname = { column = \"name\", empty = \"text\" }\nclosed = { column = \"closed\", type = \"date\" }\n";

#[test]
fn a_field_is_told_from_another_and_from_nothing() {
    let (names, made) = of(1, Some(MAPPING), "a.csv", CSV);
    assert_eq!(names, ["id", "name", "closed"]);
    let [a, b, c] = &all(&made)[..] else { panic!() };
    assert_eq!(
        (a.record, a.id, a.day),
        (1, &b"A"[..], Some(20_484)),
        "2026-01-31 is day 20,484"
    );
    assert_eq!(
        (b.id, b.day, b.fields[2]),
        (&b"B"[..], None, Fingerprint::NULL)
    );
    assert_eq!(
        (c.id, c.day, c.fields[1]),
        (&b"C"[..], Some(-1), Fingerprint::EMPTY)
    );
    // Equal values of two records do not show.
    assert_ne!(a.fields[1], b.fields[1]);
}

#[test]
fn the_same_record_is_the_same_in_every_run_with_one_key() {
    let (_, first) = of(1, Some(MAPPING), "a.csv", CSV);
    let (_, again) = of(1, Some(MAPPING), "b.csv", CSV);
    assert_eq!(all(&first), all(&again));
    let (_, other) = of(2, Some(MAPPING), "a.csv", CSV);
    for (one, other) in all(&first).iter().zip(all(&other)) {
        assert_ne!(one.id_hash, other.id_hash);
        assert_ne!(one.digest, other.digest);
    }
}

#[test]
fn one_cell_changes_one_field_and_the_record() {
    let (_, before) = of(1, Some(MAPPING), "a.csv", CSV);
    let changed = CSV.replace("B,x,", "B,y,");
    let (_, after) = of(1, Some(MAPPING), "a.csv", &changed);
    let (before, after) = (all(&before), all(&after));
    assert_eq!(before[0], after[0]);
    assert_ne!(before[1].digest, after[1].digest);
    assert_ne!(before[1].fields[1], after[1].fields[1]);
    assert_eq!(before[1].fields[0], after[1].fields[0]);
    assert_eq!(before[1].fields[2], after[1].fields[2]);
}

#[test]
fn whole_records_are_the_same_in_whatever_order_their_keys_are() {
    let lines = "{\"id\":\"A\",\"x\":1,\"y\":null}\n{\"y\":2,\"id\":\"B\"}\n";
    let (names, made) = of(1, None, "a.ndjson", lines);
    assert_eq!(names, ["id", "x", "y"]);
    let turned = "{\"y\":null,\"x\":1,\"id\":\"A\"}\n{\"id\":\"B\",\"y\":2}\n";
    let (other_names, other) = of(1, None, "a.ndjson", turned);
    assert_eq!(other_names, ["y", "x", "id"]);
    let (one, two) = (all(&made), all(&other));
    for (one, two) in one.iter().zip(&two) {
        assert_eq!(
            (one.id, one.id_hash, one.digest),
            (two.id, two.id_hash, two.digest)
        );
    }
    assert_eq!(one[0].fields[2], Fingerprint::NULL);
    assert_eq!(one[1].fields[1], Fingerprint::ABSENT);
    assert_eq!(one[0].fields[1], two[0].fields[1]);
}

#[test]
fn no_value_looks_like_nothing_in_any_width() {
    for hash in 0..200_000_u64 {
        let kept = kept_of(hash << 20, 7);
        assert!(kept & 0xFFFF >= 4, "{hash}");
    }
}

#[test]
fn values_that_change_places_show_behind_the_keys_that_are_told_apart() {
    let keys = |from: u16| (from..600).map(|n| format!(",\"k{n}\":{n}"));
    let line = |rest: String| format!("{{\"id\":\"A\"{rest}}}\n");
    let all: String = keys(0).collect();
    let swapped = all
        .replace("\"k550\"", "\"k\"")
        .replace("\"k551\"", "\"k550\"");
    let swapped = swapped.replace("\"k\"", "\"k551\"");
    let turned: String = keys(300).chain(keys(0).take(300)).collect();
    let [all, swapped, turned] =
        [all, swapped, turned].map(|rest| of(1, None, "a.ndjson", &line(rest)).1.records[0]);
    assert_ne!(all.digest, swapped.digest);
    assert_eq!(all.digest, turned.digest);
}
