//! Made-up tables, and their files.

mod changes;
mod file;
mod frozen;
mod keys;
mod merging;

use std::collections::BTreeMap;
use std::path::Path;

use tempfile::TempDir;
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::compare::CompareError;
use super::error::BaseError;
use super::*;
use crate::base::model::{Mode, TableKey};
use crate::prove::duplicates::RecordSet;
use crate::prove::{Collector as _, Fingerprint, FingerprintKey};
use crate::runs::state::RunId;

const REPLACE: Mode = Mode::Replace {
    debounce: std::time::Duration::ZERO,
};

fn key() -> FingerprintKey {
    FingerprintKey::new([7; 32])
}

fn run(number: u64) -> RunId {
    format!(
        "20260101T{:02}{:02}{:02}Z-0000",
        number / 3600,
        number / 60 % 60,
        number % 60
    )
    .parse()
    .unwrap()
}

/// One record: an id, and a value for some of the fields; days stand in the field `day`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Record {
    id: String,
    fields: BTreeMap<String, String>,
}

fn record(id: &str, fields: &[(&str, &str)]) -> Record {
    let fields = fields
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_string()));
    Record {
        id: id.to_owned(),
        fields: fields.collect(),
    }
}

fn digest(value: &str) -> u32 {
    match value {
        "null" => Fingerprint::NULL,
        "" => Fingerprint::EMPTY,
        value => {
            let digest = xxh3_64_with_seed(value.as_bytes(), 1) as u32;
            // At least 3 in the low 16 bits.
            if digest & 0xFFFF < 3 {
                digest | 4
            } else {
                digest
            }
        }
    }
}

fn about(number: u64, names: &[&str], freeze: Option<&str>) -> About {
    About {
        run: Some(run(number)),
        table: TableKey::new("deals").unwrap(),
        base_url: "https://api.qobra.co/".to_owned(),
        names: names.iter().map(|name| name.to_string()).collect(),
        freeze_field: freeze.map(ToOwned::to_owned),
        missing: 0,
        at: jiff::Timestamp::UNIX_EPOCH + std::time::Duration::from_secs(number),
    }
}

/// Collects records; every n-th number is that of a bad one.
fn collect(path: &Path, records: &[Record], about: About) -> BaseFile {
    let numbered = (1..).zip(records);
    collect_all(path, numbered, about, &RecordSet::default())
}

fn collect_all<'a>(
    path: &Path,
    records: impl Iterator<Item = (u64, &'a Record)>,
    about: About,
    left_out: &RecordSet,
) -> BaseFile {
    let mut writer = BaseWriter::create(path, about.freeze_field.is_some()).unwrap();
    for (number, record) in records {
        let fields: Vec<_> = (about.names.iter())
            .map(|name| record.fields.get(name).map_or(0, |value| digest(value)))
            .collect();
        let all = format!("{:?}", record.fields);
        let day = about
            .freeze_field
            .as_ref()
            .and_then(|field| record.fields.get(field));
        let fingerprint = Fingerprint {
            record: number,
            id: record.id.as_bytes(),
            id_hash: xxh3_64_with_seed(record.id.as_bytes(), 3),
            digest: xxh3_64_with_seed(all.as_bytes(), 2),
            fields: &fields,
            day: day.and_then(|day| day.parse().ok()),
        };
        writer.add(&fingerprint).unwrap();
    }
    finish(writer, about, &key(), left_out).unwrap()
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// What a file holds: records by their numbers, as ids with their digests.
fn contents(file: &mut BaseFile) -> BTreeMap<u64, (String, u64, Vec<u32>, Option<i32>)> {
    let mut found = BTreeMap::new();
    let count = file.meta().fields.len();
    for at in 0..super::block::PARTITIONS {
        let partition = file.partition(at).unwrap();
        for entry in &partition.entries {
            let id = String::from_utf8(partition.id(entry).to_owned()).unwrap();
            let fields = (0..count).map(|n| partition.field(entry, n)).collect();
            let had = found.insert(entry.record, (id, entry.digest, fields, entry.day));
            assert!(had.is_none());
        }
    }
    found
}
