//! The laws: what is found is what a plain table of all ids finds, whatever the hash and the
//! memory.

use std::collections::HashMap;
use std::io;

use proptest::prelude::*;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::index::*;
use super::settle::Settler;
use super::*;
use crate::base::position::Position;

type Hash = fn(&[u8], u64) -> u64;

/// From good to useless. The shifts reach the bits that choose partitions, at each level.
const HASHES: [Hash; 6] = [
    xxh3_64_with_seed,
    |id, seed| xxh3_64_with_seed(id, seed) % 3,
    |id, seed| (xxh3_64_with_seed(id, seed) % 3) << 32,
    |id, seed| (xxh3_64_with_seed(id, seed) % 7) << 42,
    |id, _| (id.len() as u64).wrapping_mul(0x0100_0040_1001_0041),
    |_, _| 0,
];

fn position(record: u64) -> Position {
    Position {
        input: (record / 50) as usize,
        line: record % 50 * 3 + 2,
        record,
    }
}

/// Both looks, as the first pass of a push makes them.
fn find(ids: &[(u64, Vec<u8>)], memory_bytes: usize, hash: Hash) -> Duplicates {
    let scratch = Scratch {
        memory_bytes,
        folder: None,
    };
    let mut index = IdIndex::with_hash(scratch, IdHash::new(hash));
    for (record, id) in ids {
        index.add(*record, index.hasher().of(id)).unwrap();
    }
    let candidates = index.finish().unwrap();
    let mut settler = candidates.settler();
    let mut wanted = 0;
    for (record, id) in ids {
        if candidates.wants(*record) {
            wanted += 1;
            settler.add(position(*record), id).unwrap();
        }
    }
    assert_eq!(wanted, candidates.len());
    assert_eq!(wanted == 0, candidates.is_empty());
    settler.finish().unwrap()
}

/// The same with all ids in memory: pairs, losers if the first is kept, losers if the last is.
fn reference(ids: &[(u64, Vec<u8>)]) -> (Vec<Pair>, Vec<u64>, Vec<u64>) {
    let mut seen = HashMap::<&[u8], Vec<u64>>::new();
    let mut pairs = Vec::new();
    for (record, id) in ids {
        let records = seen.entry(id).or_default();
        records.push(*record);
        if records.len() > 1 {
            let id = String::from_utf8_lossy(id).into_owned();
            let (first, later) = (position(records[0]), position(*record));
            pairs.push(Pair { id, first, later });
        }
    }
    let mut not_first: Vec<u64> = seen.values().flat_map(|all| all[1..].to_vec()).collect();
    let mut not_last: Vec<u64> = seen
        .values()
        .flat_map(|all| all[..all.len() - 1].to_vec())
        .collect();
    not_first.sort_unstable();
    not_last.sort_unstable();
    (pairs, not_first, not_last)
}

fn assert_as_reference(ids: &[(u64, Vec<u8>)], memory_bytes: usize, hash: Hash) {
    let found = find(ids, memory_bytes, hash);
    let (mut pairs, not_first, not_last) = reference(ids);
    assert_eq!(found.count, pairs.len() as u64);
    pairs.truncate(SHOWN_DUPLICATES);
    assert_eq!(found.shown, pairs);
    assert!(found.clone().losers(Keep::First).iter().eq(not_first));
    assert!(found.losers(Keep::Last).iter().eq(not_last));
}

/// Ids with ascending record numbers, some of which are left out.
fn ids() -> impl Strategy<Value = Vec<(u64, Vec<u8>)>> {
    let id = prop_oneof![
        8 => "[a-d]{0,3}".prop_map(String::into_bytes),
        4 => (0..200_u32).prop_map(|id| format!("deal-{id:09}").into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..300),
    ];
    let gap = prop_oneof![9 => Just(1_u64), 1 => 1..100_000_u64];
    prop::collection::vec((gap, id), 0..250).prop_map(|entries| {
        let mut record = 0;
        let number = |(gap, id)| {
            record += gap;
            (record, id)
        };
        entries.into_iter().map(number).collect()
    })
}

proptest! {
    #[test]
    fn what_is_found_is_what_a_plain_table_finds(
        ids in ids(),
        memory_bytes in prop_oneof![Just(0), 0..3_000_usize, Just(4 << 20)],
        hash in prop::sample::select(&HASHES),
    ) {
        assert_as_reference(&ids, memory_bytes, hash);
    }
}

#[test]
fn many_records_spill_and_split() {
    // Half the ids twice, far apart, one id very often.
    let id = |record: u64| match record {
        _ if record.is_multiple_of(10) => b"often".to_vec(),
        _ => format!("deal-{}", record % 150_000).into_bytes(),
    };
    let ids: Vec<_> = (1..=200_000).map(|record| (record, id(record))).collect();
    assert_as_reference(&ids, 8 << 10, xxh3_64_with_seed);
    assert_as_reference(&ids, 4 << 20, xxh3_64_with_seed);
}

#[test]
fn distinct_ids_leave_nothing_to_settle() {
    let mut index = IdIndex::new(Scratch {
        memory_bytes: 64 << 10,
        folder: None,
    });
    let hash = index.hasher();
    for record in 1..=100_000 {
        index
            .add(record, hash.of(format!("deal-{record}").as_bytes()))
            .unwrap();
    }
    assert!(index.finish().unwrap().is_empty());
}

#[test]
fn the_seed_is_another_each_time() {
    let hashes = [(); 2].map(|()| IdHash::new(xxh3_64_with_seed).of(b"deal-1"));
    assert_ne!(hashes[0], hashes[1]);
}

#[test]
fn a_second_look_at_other_ids_is_an_error() {
    let mut index = IdIndex::new(Scratch::default());
    for (record, id) in [(1, "a"), (2, "b"), (3, "a"), (4, "b")] {
        index.add(record, index.hasher().of(id.as_bytes())).unwrap();
    }
    let candidates = index.finish().unwrap();
    let settle = |ids: &[(u64, &str)]| {
        let mut settler = candidates.settler();
        for (record, id) in ids {
            settler.add(position(*record), id.as_bytes()).unwrap();
        }
        settler.finish().map(|found| found.count)
    };
    assert_eq!(
        settle(&[(1, "a"), (2, "b"), (3, "a"), (4, "b")]).unwrap(),
        2
    );
    for other in [
        &[][..],
        &[(1, "a"), (2, "b"), (3, "a")],
        &[(1, "a"), (2, "b"), (3, "a"), (4, "\"b\"")],
        &[(1, "a"), (2, "b"), (3, "a"), (5, "b")],
        &[(1, "b"), (2, "a"), (3, "a"), (4, "b")],
        &[(1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "c")],
    ] {
        assert!(
            matches!(settle(other), Err(SettleError::Changed)),
            "{other:?}"
        );
    }
}

#[test]
fn a_folder_that_is_not_there_is_an_error_of_both_looks() {
    let folder = tempfile::tempdir().unwrap();
    let missing = || Scratch {
        memory_bytes: 0,
        folder: Some(folder.path().join("missing")),
    };
    let mut index = IdIndex::new(missing());
    let hash = index.hasher();
    index.add(1, hash.of(b"a")).unwrap();
    assert_eq!(
        index.add(2, hash.of(b"a")).unwrap_err().kind(),
        io::ErrorKind::NotFound
    );

    let mut settler = Settler::new(missing(), IdHash::new(xxh3_64_with_seed), 2, 0);
    settler.add(position(1), b"a").unwrap();
    assert_eq!(
        settler.add(position(2), b"a").unwrap_err().kind(),
        io::ErrorKind::NotFound
    );
}
