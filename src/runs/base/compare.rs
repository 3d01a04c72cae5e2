//! What a push changes: the collected records against those of the base.

use std::collections::BTreeMap;
use std::io;
use std::sync::mpsc::sync_channel;
use std::thread;

use super::block::PARTITIONS;
use super::comparison::Comparison;
use super::error::BaseError;
use super::frozen::{FrozenFile, FrozenRecord, Touch};
use super::lister::Lister;
use super::matching::Matching;
use super::meta::Meta;
use super::partition::{Entry, Partition};
use super::reader::BaseFile;
use crate::base::model::Mode;
use crate::base::threads;
use crate::prove::Fingerprint;
use crate::prove::duplicates::RecordSet;
use crate::runs::changes::Changes;
use crate::runs::state::RunId;

/// Why two files could not be compared.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CompareError {
    /// The base: it is as if there were none.
    #[error("the base: {0}")]
    Base(BaseError),
    /// What was collected.
    #[error("what was collected of the input: {0}")]
    Collected(BaseError),
    /// The list of frozen records cannot be written.
    #[error("the list of frozen records cannot be written: {0}")]
    Frozen(#[from] io::Error),
}

/// Where the thread that reads it ended.
const UNREAD: &str = "it was not read to its end";

/// What of an input would make the table equal to it, if that were sent alone.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Differing {
    /// The numbers of the new and the changed records.
    pub records: RecordSet,
    /// How many of the changed ones lack a field that the base has of them: an upsert may not take it
    /// away.
    pub losing: u64,
    /// The id field's API key.
    pub id_field: String,
    /// How many of the changed ones have another id than before that reads the same, such as a number that
    /// was a text: an upsert may add a second record.
    pub renumbered: u64,
}

/// Compares what was collected of an input with the base. Records of a frozen period that a push in
/// this mode touches are listed in `frozen`: an upsert leaves those alone that its input lacks. Which
/// records differ is told where that is asked for.
pub(crate) fn compare(
    base: &mut BaseFile,
    collected: &mut BaseFile,
    mode: Mode,
    mut frozen: Option<&mut FrozenFile>,
    which: Option<&mut Differing>,
) -> Result<Comparison, CompareError> {
    let meta = base.meta().clone();
    let Some(run) = meta.run.clone() else {
        let why = BaseError::Damaged("it is of no run");
        return Err(CompareError::Base(why));
    };
    let other = collected.meta().clone();
    let pairs = pairs(&meta, &other);
    let mut comparing = Comparing {
        differing: vec![0; pairs.len()],
        filled: vec![0; pairs.len()],
        pairs,
        mode,
        // Days of another field say nothing of this one.
        has_old_days: meta.freeze_field == other.freeze_field,
        is_partial: meta.partial,
        frozen: frozen.as_deref_mut(),
        which,
        new: Lister::default(),
        changed: Lister::default(),
        vanished: Lister::default(),
        unchanged: 0,
    };
    let compared = thread::scope(|scope| {
        // Half of the work is to read, and the base is read meanwhile: one partition ahead, which at 10
        // million records takes 4 MB.
        let (ready, old) = sync_channel(1);
        let ahead = threads::spawn_scoped(scope, (base, ready), |(base, ready)| {
            let mut partitions = (0..PARTITIONS).map(|at| base.partition(at));
            // Nobody waits for more after an error.
            partitions.try_for_each(|partition| ready.send(partition).ok())
        });
        let mut base = ahead.err().flatten().map(|(base, _)| base);
        (0..PARTITIONS).try_for_each(|at| {
            let old = match &mut base {
                Some(base) => base.partition(at),
                None => old.recv().unwrap_or(Err(BaseError::Damaged(UNREAD))),
            };
            let old = old.map_err(CompareError::Base)?;
            let new = collected.partition(at).map_err(CompareError::Collected)?;
            Ok(comparing.partition(&old, &new)?)
        })
    });
    let (records_after, filled_after) = comparing.after(&meta);
    let changes = comparing.changes(run.clone());
    if let Err(error) = compared {
        if let Some(frozen) = frozen {
            frozen.discard();
        }
        return Err(error);
    }
    Ok(Comparison {
        changes,
        base: meta.facts(run),
        records_after,
        filled_after,
        frozen: frozen.map(|frozen| frozen.listed()).unwrap_or_default(),
    })
}

/// A field with its numbers in both files.
struct Pair {
    name: String,
    old: Option<usize>,
    new: Option<usize>,
}

fn pairs(old: &Meta, new: &Meta) -> Vec<Pair> {
    let place = |meta: &Meta, name: &str| meta.fields.iter().position(|(n, _)| n == name);
    let of_old = old
        .fields
        .iter()
        .enumerate()
        .map(|(number, (name, _))| Pair {
            name: name.clone(),
            old: Some(number),
            new: place(new, name),
        });
    let of_new = new
        .fields
        .iter()
        .enumerate()
        .map(|(number, (name, _))| Pair {
            name: name.clone(),
            old: None,
            new: Some(number),
        });
    let of_new = of_new.filter(|pair| place(old, &pair.name).is_none());
    of_old.chain(of_new).collect()
}

/// A field's digests in both files, as exactly as both know them.
fn digests(
    pair: &Pair,
    (old, before): (&Partition, &Entry),
    (new, after): (&Partition, &Entry),
) -> (u32, u32) {
    let bits = 8 * before.width.min(after.width) as u32;
    let mask = u32::MAX >> (u32::BITS - bits);
    let digest = |of: &Partition, entry: &Entry, number: Option<usize>| {
        let digest = number.map(|number| of.field(entry, number));
        digest.unwrap_or(Fingerprint::ABSENT) & mask
    };
    (digest(old, before, pair.old), digest(new, after, pair.new))
}

struct Comparing<'a> {
    pairs: Vec<Pair>,
    mode: Mode,
    has_old_days: bool,
    /// Whether the table may have more of a record than its last upsert.
    is_partial: bool,
    frozen: Option<&'a mut FrozenFile>,
    which: Option<&'a mut Differing>,
    new: Lister,
    changed: Lister,
    vanished: Lister,
    unchanged: u64,
    /// In how many changed records each pair differs.
    differing: Vec<u64>,
    /// How many records of the input have each pair filled, less those of the base that they take the
    /// place of.
    filled: Vec<i64>,
}

impl Comparing<'_> {
    fn partition(&mut self, old: &Partition, new: &Partition) -> io::Result<()> {
        let matching = Matching::new(old, new);
        for (entry, by) in new.entries.iter().zip(&matching.old_of) {
            let Some(before) = by.map(|by| &old.entries[by as usize]) else {
                self.new.add(entry.record, new.id(entry));
                if let Some(which) = &mut self.which {
                    which.records.insert(entry.record);
                }
                self.count_filled(None, Some((new, entry)));
                self.touch(Touch::New, new.id(entry), None, Some(entry), &[])?;
                continue;
            };
            if before.digest == entry.digest && !self.holds_more(old, before, new, entry) {
                self.unchanged += 1;
                continue;
            }
            self.changed.add(entry.record, new.id(entry));
            self.note_changed((old, before), (new, entry));
            self.count_filled(Some((old, before)), Some((new, entry)));
            let differing = self.differing(old, before, new, entry);
            for pair in &differing {
                self.differing[*pair] += 1;
            }
            let (before, after) = (Some(before), Some(entry));
            self.touch(Touch::Changed, new.id(entry), before, after, &differing)?;
        }
        for (entry, _) in (old.entries.iter().zip(&matching.new_of)).filter(|(_, by)| by.is_none())
        {
            self.vanished.add(entry.record, old.id(entry));
            if self.mode.is_replace() {
                self.count_filled(Some((old, entry)), None);
                self.touch(Touch::Vanished, old.id(entry), Some(entry), None, &[])?;
            }
        }
        Ok(())
    }

    /// Whether the table may have more of a record than the last upsert of it, which a replace takes away.
    fn holds_more(&self, old: &Partition, before: &Entry, new: &Partition, entry: &Entry) -> bool {
        let is_partial = self.mode.is_replace() && self.is_partial;
        is_partial && !self.differing(old, before, new, entry).is_empty()
    }

    /// Notes a record that differs, where that is asked for.
    fn note_changed(&mut self, before: (&Partition, &Entry), after: (&Partition, &Entry)) {
        if self.which.is_none() {
            return;
        }
        let loses = |pair: &Pair| {
            let (had, now) = digests(pair, before, after);
            // Of keys that are not told apart one may be gone and another one there.
            had != Fingerprint::ABSENT
                && had != now
                && (now == Fingerprint::ABSENT || pair.name.is_empty())
        };
        let is_losing = self.pairs.iter().any(loses);
        if let Some(which) = &mut self.which {
            let mut id = self.pairs.iter().filter(|pair| pair.name == which.id_field);
            let is_renumbered = id.any(|pair| {
                let (had, now) = digests(pair, before, after);
                had != now
            });
            which.records.insert(after.1.record);
            which.losing += u64::from(is_losing);
            which.renumbered += u64::from(is_renumbered);
        }
    }

    /// The pairs in which a record differs, as exactly as both files know it.
    fn differing(
        &self,
        old: &Partition,
        before: &Entry,
        new: &Partition,
        entry: &Entry,
    ) -> Vec<usize> {
        // An upsert leaves alone what its record lacks.
        let leaves = |now| !self.mode.is_replace() && now == Fingerprint::ABSENT;
        let pairs = self.pairs.iter().enumerate();
        let differing = pairs.filter(|(_, pair)| {
            let (had, now) = digests(pair, (old, before), (new, entry));
            had != now && !leaves(now)
        });
        differing.map(|(number, _)| number).collect()
    }

    /// Counts the fields that one record has filled, less those of the one whose place it takes.
    fn count_filled(
        &mut self,
        before: Option<(&Partition, &Entry)>,
        after: Option<(&Partition, &Entry)>,
    ) {
        let is_filled = |of: Option<(&Partition, &Entry)>, number: Option<usize>| {
            let digest = of.zip(number).map(|((of, entry), at)| of.field(entry, at));
            i64::from(digest.is_some_and(|digest| digest > Fingerprint::EMPTY))
        };
        for (filled, pair) in self.filled.iter_mut().zip(&self.pairs) {
            *filled += is_filled(after, pair.new) - is_filled(before, pair.old);
        }
    }

    /// How many records the table will have, and how many of them with each field of the base.
    fn after(&self, base: &Meta) -> (u64, Vec<(String, u64)>) {
        let deleted = if self.mode.is_replace() {
            self.vanished.count
        } else {
            0
        };
        let records = (base.records + self.new.count).saturating_sub(deleted);
        // The fields of the base are the first pairs.
        let fields = base.fields.iter().zip(&self.filled);
        let filled = fields
            .map(|((name, before), more)| (name.clone(), before.saturating_add_signed(*more)));
        (records, filled.collect())
    }

    /// Lists a record if it is one of a frozen period.
    fn touch(
        &mut self,
        what: Touch,
        id: &[u8],
        old: Option<&Entry>,
        new: Option<&Entry>,
        differing: &[usize],
    ) -> io::Result<()> {
        let Some(frozen) = &mut self.frozen else {
            return Ok(());
        };
        let old_day = old.and_then(|old| old.day).filter(|_| self.has_old_days);
        let new_day = new.and_then(|new| new.day);
        let mut days = [old_day, new_day].into_iter().flatten();
        if !days.any(|day| day < frozen.before) {
            return Ok(());
        }
        let names = differing.iter().map(|pair| &*self.pairs[*pair].name);
        frozen.add(&FrozenRecord {
            record: new.or(old).map_or(0, |entry| entry.record),
            id,
            what,
            old_day,
            new_day,
            fields: names.collect(),
        })
    }

    fn changes(self, base_run: RunId) -> Changes {
        let fields = self.pairs.into_iter().zip(self.differing);
        let fields = fields.filter(|(_, count)| *count > 0);
        let fields: BTreeMap<_, _> = fields.map(|(pair, count)| (pair.name, count)).collect();
        Changes {
            base_run,
            // Journals tell it, and not the files.
            base_followed: false,
            new: self.new.listed(),
            changed: self.changed.listed(),
            vanished: self.vanished.listed(),
            unchanged: self.unchanged,
            kept: 0,
            fields,
        }
    }
}
