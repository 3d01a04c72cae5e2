use std::collections::{BTreeMap, BTreeSet};

use fastrand::Rng;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::prove::duplicates::RecordSet;
use crate::prove::{Collector as _, Fingerprint, FingerprintKey};
use crate::runs::base::{BaseWriter, Comparison, Differing};
use crate::runs::changes::{Changes, Listed};

/// The fields' names. A value is 0 for none, 1 for null, 2 for the empty text, or another one.
pub(super) const NAMES: [&str; 3] = ["amount", "owner", "stage"];

pub(super) type Values = [u8; NAMES.len()];

/// What a table holds.
pub(super) type Content = BTreeMap<String, Values>;

/// A field that the table has is there: whether an upsert that lacks it leaves it cannot be known, and what
/// is claimed then is no plain comparison's.
fn least(had: u8) -> u8 {
    had.min(1)
}

/// A record over one that the table has: fields that it lacks stay.
pub(super) fn merged(had: Values, values: Values) -> Values {
    std::array::from_fn(|at| match values[at] {
        0 => had[at],
        value => value,
    })
}

/// What is pushed: records in their order, by their numbers.
#[derive(Clone, Debug, Default)]
pub(super) struct Input {
    pub(super) records: Vec<(u64, String, Values)>,
    /// Numbers of records that are duplicates and not sent.
    pub(super) dropped: BTreeSet<u64>,
    /// Bad ones, which were left out.
    pub(super) bad: u64,
    /// The numbers of the fields in a file.
    order: Vec<usize>,
}

impl Input {
    /// Much like what a table holds, with some records changed, gone and new.
    pub(super) fn like(content: &Content, random: &mut Rng) -> Self {
        let mut records: Vec<_> = content.clone().into_iter().collect();
        if random.u8(0..8) == 0 {
            records.clear();
        }
        records.retain(|_| random.u8(0..10) > 0);
        for (_, values) in &mut records {
            if random.u8(0..6) == 0 {
                let value = &mut values[random.usize(0..NAMES.len())];
                *value = random.u8(least(*value)..5);
            }
        }
        for _ in 0..random.usize(0..6) {
            let id = format!("D-{}", random.u8(0..40));
            if records.iter().all(|(known, _)| *known != id) {
                let at = random.usize(0..=records.len());
                let had = content.get(&id).copied().unwrap_or_default();
                records.insert(at, (id, had.map(|value| random.u8(least(value)..5))));
            }
        }
        if random.u8(0..4) == 0 {
            random.shuffle(&mut records);
        }
        let mut input = Self::default();
        let mut number = 0;
        for (id, values) in records {
            number += 1;
            if random.u8(0..20) == 0 {
                input.bad += 1;
                number += 1;
            }
            if random.u8(0..15) == 0 {
                input.dropped.insert(number);
                let other = std::array::from_fn(|_| random.u8(0..5));
                input.records.push((number, id.clone(), other));
                number += 1;
            }
            input.records.push((number, id, values));
        }
        input.order = (0..NAMES.len()).collect();
        random.shuffle(&mut input.order);
        input
    }

    pub(super) fn last(&self) -> u64 {
        self.records.last().map_or(0, |(number, ..)| *number)
    }

    /// What is sent.
    pub(super) fn content(&self) -> Content {
        let sent = self.records.iter();
        let sent = sent.filter(|(number, ..)| !self.dropped.contains(number));
        sent.map(|(_, id, values)| (id.clone(), *values)).collect()
    }

    /// What is sent, where it is not all.
    pub(super) fn part(&self, numbers: &RecordSet) -> Content {
        let sent = self.records.iter();
        let sent = sent.filter(|(number, ..)| numbers.contains(*number));
        sent.map(|(_, id, values)| (id.clone(), *values)).collect()
    }

    /// The fields' names in the order of the file.
    pub(super) fn names(&self) -> Vec<String> {
        let names = self.order.iter().map(|number| NAMES[*number].to_owned());
        names.collect()
    }

    pub(super) fn collect(&self, to: &mut BaseWriter, key: &FingerprintKey) {
        let seed = u64::from(key.bytes()[0]);
        for (number, id, values) in &self.records {
            let mut fields: Vec<_> = self.order.iter().map(|n| u32::from(values[*n])).collect();
            while fields.last() == Some(&Fingerprint::ABSENT) {
                fields.pop();
            }
            let fingerprint = Fingerprint {
                record: *number,
                id: id.as_bytes(),
                id_hash: xxh3_64_with_seed(id.as_bytes(), seed),
                digest: xxh3_64_with_seed(values, seed),
                fields: &fields,
                day: None,
            };
            to.add(&fingerprint).unwrap();
        }
    }
}

/// Compares a claim with a plain comparison of contents.
pub(super) fn check(claim: &Comparison, held: &Content, input: &Input) {
    let new = input.content();
    let changes = &claim.changes;
    let of = |is: &dyn Fn(&String) -> bool, all: &Content| -> BTreeSet<String> {
        all.keys().filter(|id| is(id)).cloned().collect()
    };
    let is_changed = |id: &String| held.get(id).is_some_and(|before| *before != new[id]);
    listed(&changes.new, &of(&|id| !held.contains_key(id), &new));
    listed(&changes.changed, &of(&is_changed, &new));
    listed(&changes.vanished, &of(&|id| !new.contains_key(id), held));
    let unchanged = of(&|id| held.get(id) == new.get(id), &new);
    assert_eq!(changes.unchanged, unchanged.len() as u64, "unchanged");
    assert_eq!(changes.fields, fields(held, &new));
    assert_eq!(claim.base.records, held.len() as u64, "the base's records");
    for (name, count) in &claim.base.filled {
        let at = NAMES.iter().position(|known| known == name).unwrap();
        let filled = held.values().filter(|values| values[at] > 2);
        assert_eq!(*count, filled.count() as u64, "{name}");
    }
    in_order(changes, input);
}

/// Compares which records differ with a plain comparison.
pub(super) fn check_differing(claim: &Differing, held: &Content, input: &Input) {
    let sent = input.records.iter();
    let sent = sent.filter(|(number, ..)| !input.dropped.contains(number));
    let differing = sent.filter(|(_, id, values)| held.get(id) != Some(values));
    let numbers: RecordSet = differing.clone().map(|(number, ..)| *number).collect();
    assert_eq!(claim.records, numbers);
    let loses = |id: &String, values: &Values| {
        let had = held.get(id).copied().unwrap_or_default();
        had.iter()
            .zip(values)
            .any(|(had, now)| *had > 0 && *now == 0)
    };
    let losing = differing.filter(|(_, id, values)| loses(id, values));
    assert_eq!(claim.losing, losing.count() as u64);
}

fn listed(claim: &Listed, expected: &BTreeSet<String>) {
    assert_eq!(
        claim.count,
        expected.len() as u64,
        "{claim:?}, not {expected:?}"
    );
    assert_eq!(claim.ids.len(), expected.len().min(5));
    assert!(
        claim.ids.iter().all(|id| expected.contains(id)),
        "{claim:?}"
    );
}

/// In how many changed records each field differs.
fn fields(held: &Content, new: &Content) -> BTreeMap<String, u64> {
    let mut fields = BTreeMap::new();
    for (id, values) in new {
        let Some(before) = held.get(id) else { continue };
        for (at, name) in NAMES.iter().enumerate() {
            if before[at] != values[at] {
                *fields.entry((*name).to_owned()).or_insert(0) += 1;
            }
        }
    }
    fields
}

/// What is listed of the input comes in its order.
fn in_order(changes: &Changes, input: &Input) {
    for claim in [&changes.new, &changes.changed] {
        let sent = input.records.iter();
        let sent = sent.filter(|(number, ..)| !input.dropped.contains(number));
        let mut sent = sent.map(|(_, id, _)| id);
        assert!(claim.ids.iter().all(|id| sent.any(|other| other == id)));
    }
}
