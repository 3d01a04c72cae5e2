//! Records counted, and the first of them by name.

use crate::runs::changes::Listed;

/// How many ids of a kind are shown.
const SHOWN: usize = 5;

/// Counts records and keeps the first ones' ids: partitions come in no order of the records.
#[derive(Debug, Default)]
pub(super) struct Lister {
    pub(super) count: u64,
    first: Vec<(u64, Vec<u8>)>,
}

impl Lister {
    pub(super) fn add(&mut self, record: u64, id: &[u8]) {
        self.count += 1;
        // Numbers of the input and of the base may be equal; partitions come in the order of a random key.
        let place = self
            .first
            .partition_point(|(first, of)| (*first, of.as_slice()) < (record, id));
        if place < SHOWN {
            self.first.truncate(SHOWN - 1);
            self.first.insert(place, (record, id.to_owned()));
        }
    }

    pub(super) fn listed(&self) -> Listed {
        let ids = self.first.iter();
        let ids = ids.map(|(_, id)| String::from_utf8_lossy(id).into_owned());
        Listed {
            count: self.count,
            ids: ids.collect(),
        }
    }
}
