//! What tells one record from another, and from itself as it was, without its values.
//!
//! Digests are XXH3 of a value as it is sent, with a seed that the state folder's key gives each field: a
//! keyed hash for short inputs that costs 3 ns a value, where SipHash-1-3 costs 9 and keyed BLAKE3 78,
//! and a million records of ten fields have ten million values. What is kept of them is mixed with a
//! keyed hash of the record's id, so that two records with equal pay have other digests: without the key
//! neither a guess nor a frequency tells a value.

use std::fmt;
use std::io;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::mapping::{FieldNames, Sent};

/// Room for an id: Salesforce's have 18 bytes.
const ID_BYTES: usize = 18;

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
    /// A keyed digest of each field by its number: [`Self::ABSENT`], [`Self::NULL`], [`Self::EMPTY`], else at least 3 in
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
    /// Takes the next one; numbers ascend, and may skip bad ones.
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

/// Makes fingerprints; each worker has its own.
#[derive(Debug)]
pub(super) struct Fingerprinter {
    key: FingerprintKey,
    names: FieldNames,
    /// The seed of the ids.
    id: u64,
    /// The seed of each field, by its number.
    seeds: Vec<u64>,
    /// What is kept of the fields of the record at hand.
    kept: Vec<u32>,
    /// The field whose days are wanted, and its number once that is known.
    day_field: Option<String>,
    day: Option<usize>,
}

/// The fingerprints of one block's good records, in order.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    ids: Vec<u8>,
    fields: Vec<u32>,
    records: Vec<Entry>,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    id_end: usize,
    fields_end: usize,
    id_hash: u64,
    digest: u64,
    day: Option<i32>,
}

impl Fingerprinter {
    pub(super) fn new(key: FingerprintKey, names: FieldNames, day_field: Option<&str>) -> Self {
        Self {
            // No field has this name: a key is not empty but for that of all others.
            id: key.seed("\0id"),
            key,
            names,
            seeds: Vec::new(),
            kept: Vec::new(),
            day_field: day_field.map(str::to_owned),
            day: None,
        }
    }

    /// Adds the record at hand. `each` is shown every value with its field's number and a hash that is
    /// the same for equal values of the field, whoever makes it.
    pub(super) fn add(
        &mut self,
        sent: &Sent,
        id: &[u8],
        to: &mut Fingerprints,
        mut each: impl FnMut(usize, &[u8], u64),
    ) {
        let id_hash = xxh3_64_with_seed(id, self.id);
        let (mut digest, mut day) = (0_u64, None);
        self.kept.fill(Fingerprint::ABSENT);
        sent.each(|field, value| {
            let field = field as usize;
            if field >= self.seeds.len() {
                self.learn();
            }
            let seed = self.seeds.get(field).copied().unwrap_or_default();
            let hash = xxh3_64_with_seed(value, seed);
            each(field, value, hash);
            // A sum, so that the order of the fields means nothing.
            digest = digest.wrapping_add(hash);
            if let Some(kept) = self.kept.get_mut(field) {
                // Of the keys behind the first 500 several have one number.
                *kept = kept.wrapping_add(kept_of(value, hash, id_hash));
            }
            if self.day == Some(field) {
                day = day_of(value);
            }
        });
        to.fields.extend_from_slice(&self.kept);
        to.ids.extend_from_slice(id);
        to.records.push(Entry {
            id_end: to.ids.len(),
            fields_end: to.fields.len(),
            id_hash,
            digest: mixed(digest, id_hash),
            day,
        });
    }

    /// Makes the seeds of further names.
    #[cold]
    fn learn(&mut self) {
        let names = self.names.list();
        for (number, name) in names.iter().enumerate().skip(self.seeds.len()) {
            if self.day_field.as_ref() == Some(name) {
                self.day = Some(number);
            }
            self.seeds.push(self.key.seed(name));
        }
        self.kept.resize(self.seeds.len(), Fingerprint::ABSENT);
    }

    /// Room for so many records.
    pub(super) fn room(&self, records: usize) -> Fingerprints {
        Fingerprints {
            ids: Vec::with_capacity(records * ID_BYTES),
            fields: Vec::with_capacity(records * self.kept.len()),
            records: Vec::with_capacity(records),
        }
    }
}

/// What is kept of a field's value.
#[inline]
fn kept_of(value: &[u8], hash: u64, id_hash: u64) -> u32 {
    match value {
        b"null" => Fingerprint::NULL,
        b"\"\"" => Fingerprint::EMPTY,
        _ => {
            let digest = (mixed(hash, id_hash) & 0xFFFF_FFFF) as u32;
            // Out of the way of the words for nothing, in the low 16 bits too.
            digest + 3 * u32::from(digest & 0xFFFF < 3)
        }
    }
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
    /// All of them, given the number of each record.
    pub(super) fn iter(
        &self,
        numbers: impl Iterator<Item = u64>,
    ) -> impl Iterator<Item = Fingerprint<'_>> {
        let mut starts = (0, 0);
        numbers.zip(&self.records).map(move |(record, entry)| {
            let (id, fields) = starts;
            starts = (entry.id_end, entry.fields_end);
            Fingerprint {
                record,
                id: &self.ids[id..entry.id_end],
                id_hash: entry.id_hash,
                digest: entry.digest,
                fields: &self.fields[fields..entry.fields_end],
                day: entry.day,
            }
        })
    }
}

#[cfg(test)]
mod tests {
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
            maker.add(&sent, &id, &mut made, |_, _, _| {});
        }
        (names.list(), made)
    }

    fn all(made: &Fingerprints) -> Vec<Fingerprint<'_>> {
        made.iter(1..).collect()
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
            let kept = kept_of(b"1", hash << 20, 7);
            assert!(kept & 0xFFFF >= 3, "{hash}");
        }
    }
}
