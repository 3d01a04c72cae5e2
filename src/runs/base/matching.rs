//! Which records of two files have the same id.

use std::collections::HashMap;

use super::partition::Partition;

/// For each record of the one the place of the other's with its id.
#[derive(Debug)]
pub(super) struct Matching {
    /// For each new record, the old one.
    pub(super) old_of: Vec<Option<u32>>,
    /// For each old record, the new one.
    pub(super) new_of: Vec<Option<u32>>,
}

impl Matching {
    /// Compares ids as bytes. Both files usually have the same order: a table of ids is made where
    /// that does not help.
    pub(super) fn new(old: &Partition, new: &Partition) -> Self {
        let mut matching = Self {
            old_of: Vec::with_capacity(new.entries.len()),
            new_of: vec![None; old.entries.len()],
        };
        let id = |at: usize| old.entries.get(at).map(|entry| old.id(entry));
        let (mut cursor, mut table) = (0, None);
        for (number, entry) in new.entries.iter().enumerate() {
            let wanted = new.id(entry);
            let found = match id(cursor) == Some(wanted) {
                true => Some(cursor),
                false => table
                    .get_or_insert_with(|| places(old))
                    .get(wanted)
                    .copied(),
            };
            if let Some(found) = found {
                matching.new_of[found] = Some(number as u32);
                cursor = found + 1;
            }
            matching.old_of.push(found.map(|found| found as u32));
        }
        matching
    }
}

fn places(of: &Partition) -> HashMap<&[u8], usize> {
    let entries = of.entries.iter().enumerate();
    entries.map(|(at, entry)| (of.id(entry), at)).collect()
}
