//! What tells one record from another, and from itself as it was, without its values.
//!
//! Digests are XXH3 of a value as it is sent, with a seed that the state folder's key gives each field: a
//! keyed hash for short inputs that costs 3 ns a value, where SipHash-1-3 costs 9 and keyed BLAKE3 78,
//! and a million records of ten fields have ten million values. What is kept of them is mixed with a
//! keyed hash of the record's id, so that two records with equal pay have other digests: without the key
//! neither a guess nor a frequency tells a value.

use std::fmt;
use std::io;
use std::sync::{Mutex, PoisonError};

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::mapping::{FieldNames, Sent};

/// What tells one record from another, without its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint<'a> {
    /// From 1 over all inputs.
    pub record: u64,
    /// The id as it is compared: the text of a JSON string, the digits of a number.
    pub id: &'a [u8],
    /// A keyed hash of the id: the same in every run of a state folder.
    pub id_hash: u64,
    /// A keyed digest of all that is sent, of which 48 bits are kept.
    pub digest: u64,
    /// A keyed digest of each field by its number: [`Self::ABSENT`], [`Self::NULL`], [`Self::EMPTY`], else at least 4 in
    /// its low 16 bits and so in all widths. Those behind the last one are absent.
    pub fields: &'a [u32],
    /// Days since 1970-01-01 of the frozen periods' field; none where it has none or none is wanted.
    pub day: Option<i32>,
}

impl Fingerprint<'_> {
    /// A field that the record does not have.
    pub(crate) const ABSENT: u32 = 0;
    /// A field that is `null`.
    pub(crate) const NULL: u32 = 1;
    /// A field that is the empty text.
    pub(crate) const EMPTY: u32 = 2;
}

/// Takes the fingerprints of good records.
pub(crate) trait Collector {
    /// Takes the next one. Of those whose ids' hashes have the same first byte, numbers ascend.
    fn add(&mut self, fingerprint: &Fingerprint<'_>) -> io::Result<()>;
}

/// The state folder's key: equal keys make equal fingerprints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct FingerprintKey([u8; 32]);

impl fmt::Debug for FingerprintKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("FingerprintKey(..)")
    }
}

impl FingerprintKey {
    pub(crate) fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The seed of what has this name.
    fn seed(&self, name: &str) -> u64 {
        let digest = blake3::keyed_hash(&self.0, name.as_bytes());
        let (first, _) = digest
            .as_bytes()
            .split_first_chunk()
            .unwrap_or((&[0; 8], &[]));
        u64::from_le_bytes(*first)
    }
}

/// Where fingerprints go.
pub(crate) struct Collect<'a> {
    pub key: FingerprintKey,
    /// The field whose days are wanted.
    pub day_field: Option<&'a str>,
    /// None where they are of no use.
    pub to: Option<&'a mut dyn Collector>,
}

impl Collect<'_> {
    /// Fingerprints that nobody compares with any others.
    pub(crate) fn nowhere() -> Self {
        Self {
            key: FingerprintKey::new([0; 32]),
            day_field: None,
            to: None,
        }
    }
}

/// Room for fingerprints that is used again.
#[derive(Default)]
pub(super) struct Spare(Mutex<Vec<Fingerprints>>);

impl Spare {
    pub(super) fn take(&self) -> Fingerprints {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.pop().unwrap_or_default()
    }

    /// Takes back what is not needed any more.
    pub(super) fn put(&self, mut fingerprints: Fingerprints) {
        fingerprints.clear();
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        spare.push(fingerprints);
    }
}

/// Makes fingerprints; each worker has its own.
#[derive(Debug)]
pub(super) struct Fingerprinter {
    key: FingerprintKey,
    names: FieldNames,
    /// The seed of the ids.
    id: u64,
    /// The seed of each field, by its number.
    seeds: Vec<u64>,
    /// The number that all keys behind the first 500 share, or [`NONE`].
    others: usize,
    /// What is kept of the fields of the record at hand.
    kept: Vec<u32>,
    /// The field whose days are wanted, and its number, or [`NONE`].
    day_field: Option<String>,
    day: usize,
}

/// No field has this number.
const NONE: usize = usize::MAX;

/// No date is this day.
const NO_DAY: i32 = i32::MIN;

/// The fingerprints of one block's good records.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    ids: Vec<u8>,
    fields: Vec<u32>,
    records: Vec<Entry>,
    /// The places of the records by the first byte of their ids' hashes.
    order: Vec<u32>,
}

/// What is kept of a record: 32 bytes, as those of all blocks under way share the processor's second cache
/// with the base's partitions. A block has far less than 4 GiB.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The record's place among all of the block.
    at: u32,
    id_end: u32,
    fields_end: u32,
    /// [`NO_DAY`] for none.
    day: i32,
    id_hash: u64,
    digest: u64,
}

impl Fingerprinter {
    pub(super) fn new(key: FingerprintKey, names: FieldNames, day_field: Option<&str>) -> Self {
        Self {
            // No field has this name: a key is not empty but for that of all others.
            id: key.seed("\0id"),
            key,
            names,
            seeds: Vec::new(),
            others: NONE,
            kept: Vec::new(),
            day_field: day_field.map(str::to_owned),
            day: NONE,
        }
    }

    /// Adds the record at hand, which has this place in its block. `each` is shown every value that is
    /// there with its field's number and a hash that is the same for equal values of the field, whoever
    /// makes it.
    pub(super) fn add(
        &mut self,
        (at, id): (usize, &[u8]),
        sent: &Sent,
        to: &mut Fingerprints,
        mut each: impl FnMut(usize, &[u8], u64),
    ) {
        if sent.width() > self.seeds.len() {
            self.learn();
        }
        let id_hash = xxh3_64_with_seed(id, self.id);
        let (mut digest, mut day) = (0_u64, None);
        let (others, day_field) = (self.others, self.day);
        let (seeds, kept) = (self.seeds.as_slice(), self.kept.as_mut_slice());
        kept.fill(Fingerprint::ABSENT);
        sent.each(|field, value, key| {
            let field = field as usize;
            let (Some(seed), Some(kept)) = (seeds.get(field), kept.get_mut(field)) else {
                return;
            };
            let hash = match field == others {
                true => xxh3_64_with_seed(value, self.key.seed(&name_of(sent.key(key)))),
                false => xxh3_64_with_seed(value, *seed),
            };
            // A sum, so that the order of the fields means nothing.
            digest = digest.wrapping_add(hash);
            let nothing = nothing(value);
            if nothing == Fingerprint::ABSENT {
                each(field, value, hash);
            }
            // Of the keys behind the first 500 several have one number.
            *kept = kept.wrapping_add(match nothing {
                Fingerprint::ABSENT => kept_of(hash, id_hash),
                nothing => nothing,
            });
            if field == day_field {
                day = day_of(value);
            }
        });
        to.fields.extend_from_slice(&self.kept);
        to.ids.extend_from_slice(id);
        to.records.push(Entry {
            at: at as u32,
            id_end: to.ids.len() as u32,
            fields_end: to.fields.len() as u32,
            day: day.unwrap_or(NO_DAY),
            id_hash,
            digest: mixed(digest, id_hash),
        });
    }

    /// Makes the seeds of further names.
    #[cold]
    fn learn(&mut self) {
        let names = self.names.list();
        for (number, name) in names.iter().enumerate().skip(self.seeds.len()) {
            if self.day_field.as_ref() == Some(name) {
                self.day = number;
            }
            if name.is_empty() {
                self.others = number;
            }
            self.seeds.push(self.key.seed(name));
        }
        self.kept.resize(self.seeds.len(), Fingerprint::ABSENT);
    }
}

/// The name of a key that shares its number with others, as it is written in a record. Its seed is
/// that which it would have with a number of its own, or values that change places would not show.
#[cold]
fn name_of(written: &[u8]) -> String {
    let written = written.get(1..written.len().saturating_sub(1));
    let name = written.and_then(|name| serde_json::from_slice(name).ok());
    name.unwrap_or_default()
}

/// What is kept of a value that is none; [`Fingerprint::ABSENT`] of all others.
#[inline(always)]
pub(super) fn nothing(value: &[u8]) -> u32 {
    match value {
        b"null" => Fingerprint::NULL,
        b"\"\"" => Fingerprint::EMPTY,
        _ => Fingerprint::ABSENT,
    }
}

/// What is kept of a value that is there.
#[inline(always)]
fn kept_of(hash: u64, id_hash: u64) -> u32 {
    // Out of the way of the words for nothing, in the low 16 bits too.
    mixed(hash, id_hash) as u32 | 4
}

/// Mixes a digest with the hash of the record's id: a multiplication, so that no difference of two
/// digests stays what it was, and the high bits, which depend on all others.
#[inline]
fn mixed(digest: u64, id_hash: u64) -> u64 {
    let product = u128::from(digest ^ id_hash) * u128::from(id_hash | 1);
    (product >> 64) as u64 ^ product as u64
}

/// The day of a date as it is sent.
fn day_of(value: &[u8]) -> Option<i32> {
    let text = std::str::from_utf8(value).ok()?.trim_matches('"');
    let day: jiff::civil::Date = text.parse().ok()?;
    let since = day.since(jiff::civil::date(1970, 1, 1)).ok()?;
    Some(since.get_days())
}

impl Fingerprints {
    /// Makes room for those of another block: memory that is given back after each block is got anew
    /// from the system, page by page.
    pub(super) fn clear(&mut self) {
        self.ids.clear();
        self.fields.clear();
        self.records.clear();
        self.order.clear();
    }

    /// Orders them by the first byte of their ids' hashes (counting sort), for a collector that keeps
    /// records with the same one together: so it writes some ten of them to one place, and does not wait
    /// for other memory with each.
    pub(super) fn sort(&mut self) {
        let place = |entry: &Entry| usize::from((entry.id_hash >> 56) as u8);
        let mut ends = [0_u32; 256];
        for entry in &self.records {
            ends[place(entry)] += 1;
        }
        let mut end = 0;
        for count in &mut ends {
            end += *count;
            *count = end;
        }
        self.order.resize(self.records.len(), 0);
        for (number, entry) in self.records.iter().enumerate().rev() {
            let next = &mut ends[place(entry)];
            *next -= 1;
            self.order[*next as usize] = number as u32;
        }
    }

    /// All of them, in their order; the block's first record has this number.
    pub(super) fn iter(&self, first: u64) -> impl Iterator<Item = Fingerprint<'_>> {
        self.order.iter().map(move |number| {
            let number = *number as usize;
            let entry = &self.records[number];
            let before = number.checked_sub(1).map(|number| &self.records[number]);
            let (id, fields) = before.map_or((0, 0), |before| {
                (before.id_end as usize, before.fields_end as usize)
            });
            Fingerprint {
                record: first + u64::from(entry.at),
                id: &self.ids[id..entry.id_end as usize],
                id_hash: entry.id_hash,
                digest: entry.digest,
                fields: &self.fields[fields..entry.fields_end as usize],
                day: (entry.day != NO_DAY).then_some(entry.day),
            }
        })
    }
}

#[cfg(test)]
mod tests;
