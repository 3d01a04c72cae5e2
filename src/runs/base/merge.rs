//! New bases of old ones: without some records, or with those of an upsert in them.

use std::collections::HashSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::block::{PARTITIONS, UNKNOWN_DAY};
use super::error::BaseError;
use super::matching::Matching;
use super::meta::About;
use super::meta::{LineageRun, Meta};
use super::partition::{Entry, Partition};
use super::reader::BaseFile;
use super::writer::BaseWriter;
use crate::base::{crash, disk};
use crate::prove::duplicates::RecordSet;
use crate::prove::{Fingerprint, FingerprintKey};

/// Ids as they are compared.
pub(crate) type Ids = HashSet<Vec<u8>>;

/// Ends a file of collected fingerprints. Records in `left_out`, which are not sent, are not in it.
pub(crate) fn finish(
    collected: BaseWriter,
    about: About,
    key: &FingerprintKey,
    left_out: &RecordSet,
) -> Result<BaseFile, BaseError> {
    let path = collected.seal(Meta::new(about, key))?;
    let mut file = BaseFile::open(&path, key)?;
    if left_out.is_empty() {
        return Ok(file);
    }
    let meta = file.meta().clone();
    let part = copy(&mut file, &beside(&path), meta, |_, entry| {
        !left_out.contains(entry.record)
    })?;
    // Not every file system of Windows gives away the name of a file that is open.
    drop(file);
    crash::fail_point("base-rename")?;
    disk::rename(&part, &path)?;
    BaseFile::open(&path, key)
}

/// Where a file is written that takes another one's name when it is whole.
pub(super) fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push("-part");
    name.into()
}

/// Writes a base without the records of some ids, all of which must be in it. `known`: what is known
/// by now of the run that left it. Gives where it was written.
pub(super) fn without(
    base: &mut BaseFile,
    ids: &Ids,
    known: LineageRun,
    path: &Path,
) -> Result<PathBuf, BaseError> {
    let mut meta = base.meta().clone();
    let mut lineage = meta.lineage.iter_mut();
    if let Some(own) = lineage.find(|one| one.run == known.run) {
        *own = known;
    }
    let mut left = ids.len();
    let path = copy(base, path, meta, |partition, entry| {
        let is_kept = !ids.contains(partition.id(entry));
        left = left.saturating_sub(usize::from(!is_kept));
        is_kept
    })?;
    match left {
        0 => Ok(path),
        _ => Err(UNKNOWN),
    }
}

const UNKNOWN: BaseError = BaseError::Damaged("it lacks records that the service rejected");

/// Copies the records that are wanted.
fn copy(
    from: &mut BaseFile,
    path: &Path,
    meta: Meta,
    mut is_kept: impl FnMut(&Partition, &Entry) -> bool,
) -> Result<PathBuf, BaseError> {
    let mut writer = BaseWriter::create(path, meta.freeze_field.is_some())?;
    let same: Vec<_> = (0..meta.fields.len()).collect();
    let mut fields = Vec::new();
    for at in 0..PARTITIONS {
        let partition = from.partition(at)?;
        for entry in &partition.entries {
            if is_kept(&partition, entry) {
                partition.fields_into(entry, &same, &mut fields);
                let record = fingerprint(at, &partition, entry, &fields);
                writer.append(&record, entry.width)?;
            }
        }
    }
    Ok(writer.seal(meta)?)
}

fn fingerprint<'a>(
    at: usize,
    partition: &'a Partition,
    entry: &Entry,
    fields: &'a [u32],
) -> Fingerprint<'a> {
    Fingerprint {
        record: entry.record,
        id: partition.id(entry),
        // Only the partition is read from it.
        id_hash: (at as u64) << 56,
        digest: entry.digest,
        fields,
        day: entry.day,
    }
}

/// Writes an upsert's records over those of the base. `rejected`: ids that the service did not take,
/// all of which must be among the upsert's: what the table had of them stays. `lineage`: the runs whose
/// records are in it then. `sends_all`: the upsert sent all of its records. Gives where it was written.
pub(super) fn merge(
    old: &mut BaseFile,
    new: &mut BaseFile,
    rejected: &Ids,
    (lineage, sends_all): (Vec<LineageRun>, bool),
    path: &Path,
) -> Result<PathBuf, BaseError> {
    let numbers = Numbers::new(old.meta(), new.meta());
    let mut meta = numbers.meta(new.meta(), lineage);
    let mut merger = Merger {
        writer: BaseWriter::create(path, meta.freeze_field.is_some())?,
        rejected,
        left: rejected.len(),
        behind: old.meta().last_record,
        has_old_days: old.meta().freeze_field == meta.freeze_field,
        day_field: numbers.place(meta.freeze_field.as_deref()),
        others: numbers.place(Some("")),
        numbers,
        fields: Vec::new(),
        carried: false,
        partial: false,
    };
    for at in 0..PARTITIONS {
        let (old, new) = (old.partition(at)?, new.partition(at)?);
        merger.merge(at, &old, &new)?;
    }
    if merger.left > 0 {
        return Err(UNKNOWN);
    }
    meta.partial = merger.partial || (merger.carried && old.meta().partial);
    if merger.carried || !sends_all {
        meta.whole_at = old.meta().whole_at;
    }
    Ok(merger.writer.seal(meta)?)
}

/// The fields of two files by the numbers of one list.
struct Numbers {
    names: Vec<String>,
    new: Vec<usize>,
}

impl Numbers {
    fn new(old: &Meta, new: &Meta) -> Self {
        let mut names: Vec<_> = old.fields.iter().map(|(name, _)| name.clone()).collect();
        let new = new.fields.iter().map(|(name, _)| {
            names
                .iter()
                .position(|known| known == name)
                .unwrap_or_else(|| {
                    names.push(name.clone());
                    names.len() - 1
                })
        });
        Self {
            new: new.collect(),
            names,
        }
    }

    fn place(&self, name: Option<&str>) -> Option<usize> {
        self.names.iter().position(|known| Some(&**known) == name)
    }

    fn meta(&self, new: &Meta, lineage: Vec<LineageRun>) -> Meta {
        Meta {
            fields: self.names.iter().map(|name| (name.clone(), 0)).collect(),
            lineage,
            ..new.clone()
        }
    }
}

struct Merger<'a> {
    writer: BaseWriter,
    rejected: &'a Ids,
    /// How many of the rejected were not met yet.
    left: usize,
    numbers: Numbers,
    /// The last record of the base: new ones come behind it.
    behind: u64,
    has_old_days: bool,
    /// The field that tells the day.
    day_field: Option<usize>,
    /// All keys that are not told apart.
    others: Option<usize>,
    fields: Vec<u32>,
    /// Whether a record stayed as it was.
    carried: bool,
    /// Whether a record of the upsert has fields besides its own.
    partial: bool,
}

impl Merger<'_> {
    fn merge(&mut self, at: usize, old: &Partition, new: &Partition) -> Result<(), BaseError> {
        let matching = Matching::new(old, new);
        let same: Vec<_> = (0..self.numbers.names.len()).collect();
        let mut is_taken = Vec::with_capacity(new.entries.len());
        for entry in &new.entries {
            let is_rejected = self.rejected.contains(new.id(entry));
            self.left = self.left.saturating_sub(usize::from(is_rejected));
            is_taken.push(!is_rejected);
        }
        // One for all, or each change of it would end a block.
        let precision = old.precision().min(new.precision());
        for (entry, by) in old.entries.iter().zip(&matching.new_of) {
            let by = by.map(|by| by as usize).filter(|by| is_taken[*by]);
            if let Some(by) = by {
                let old = Some((old, entry));
                self.add(at, new, &new.entries[by], old, precision)?;
                continue;
            }
            self.carried = true;
            old.fields_into(entry, &same, &mut self.fields);
            let mut record = fingerprint(at, old, entry, &self.fields);
            record.day = self.old_day(entry);
            self.writer.append(&record, precision)?;
        }
        let pairs = new.entries.iter().zip(&matching.old_of).zip(&is_taken);
        for ((entry, old), is_taken) in pairs {
            if old.is_none() && *is_taken {
                self.add(at, new, entry, None, precision)?;
            }
        }
        Ok(())
    }

    /// The day that a record had, as far as this base can tell.
    fn old_day(&self, entry: &Entry) -> Option<i32> {
        match self.has_old_days {
            true => entry.day,
            false => Some(UNKNOWN_DAY),
        }
    }

    /// Adds a record of the upsert: in the place of an old one, or behind all of them.
    fn add(
        &mut self,
        at: usize,
        new: &Partition,
        entry: &Entry,
        old: Option<(&Partition, &Entry)>,
        precision: usize,
    ) -> Result<(), BaseError> {
        new.fields_into(entry, &self.numbers.new, &mut self.fields);
        let number = self.behind.saturating_add(entry.record);
        let (mut number, mut day) = (number, entry.day);
        if let Some((old, before)) = old {
            number = before.record;
            let has_day = self.day_field.and_then(|field| self.fields.get(field));
            if has_day.is_none_or(|digest| *digest == Fingerprint::ABSENT) {
                day = self.old_day(before);
            }
            self.keep(old, before);
        }
        let mut record = fingerprint(at, new, entry, &self.fields);
        (record.record, record.day) = (number, day);
        Ok(self.writer.append(&record, precision)?)
    }

    /// Fields that the upsert lacks are what they were: the table may have them still. The digest of the
    /// whole stays the upsert's.
    fn keep(&mut self, old: &Partition, before: &Entry) {
        self.fields
            .resize(self.numbers.names.len(), Fingerprint::ABSENT);
        for (number, digest) in self.fields.iter_mut().enumerate() {
            let had = old.field(before, number);
            if *digest == Fingerprint::ABSENT {
                self.partial |= had != Fingerprint::ABSENT;
                *digest = had;
            } else if Some(number) == self.others && had != *digest {
                self.partial = true;
                *digest = digest.wrapping_add(had);
            }
        }
    }
}
