//! The records that the service named as left out, read one by one: there may be a million of them.

use std::io;

use super::blame::{self, Rejected};
use crate::base::model::ImportId;
use crate::runs::base::Ids;
use crate::service::{ImportError, RowBlock};

/// The most rejected records whose ids are held at once: some 10 MB.
const MOST_IDS: u64 = 100_000;

/// The records that the service left out, in the order of the imports and of each one's list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rejections(Vec<(ImportId, ImportError)>);

/// Where one of them stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RejectionPlace {
    list: u32,
    at: u64,
}

/// Reads them, in their order or at any place.
#[derive(Debug)]
pub(crate) struct RejectionsReader<'r> {
    of: &'r Rejections,
    /// The list that the block is a part of.
    list: u32,
    block: RowBlock,
    next: RejectionPlace,
}

impl Rejections {
    /// Adds an import's error with its rows.
    pub(super) fn add(&mut self, import: &ImportId, error: &ImportError) {
        self.0.push((import.clone(), error.clone()));
    }

    /// Whether the service named none.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub(crate) fn len(&self) -> u64 {
        let counts = self.0.iter().map(|(_, error)| error.rows.count());
        counts.sum()
    }

    /// The ids of all; none where one has no id, one cannot be read, or there are more than are held
    /// in memory.
    pub(crate) fn ids(&self, id_field: &str) -> Option<Ids> {
        if self.len() > MOST_IDS {
            return None;
        }
        let (mut reader, mut ids) = (self.reader(), Ids::new());
        while let Some((_, rejected)) = reader.read().ok()? {
            ids.insert(rejected.row.get(id_field)?.as_bytes().to_vec());
        }
        Some(ids)
    }

    /// The rejections of some imports.
    pub(crate) fn of(&self, is_wanted: impl Fn(&ImportId) -> bool) -> Self {
        let wanted = self.0.iter().filter(|(import, _)| is_wanted(import));
        Self(wanted.cloned().collect())
    }

    /// Adds those of another judgement.
    pub(crate) fn extend(&mut self, others: &Self) {
        self.0.extend(others.0.iter().cloned());
    }

    /// Reads from the first on.
    pub(crate) fn reader(&self) -> RejectionsReader<'_> {
        self.reader_from(RejectionPlace::default())
    }

    /// Reads from a place on.
    pub(crate) fn reader_from(&self, next: RejectionPlace) -> RejectionsReader<'_> {
        RejectionsReader {
            of: self,
            list: next.list,
            block: RowBlock::default(),
            next,
        }
    }
}

impl RejectionsReader<'_> {
    /// Where the next one stands.
    pub(crate) fn place(&self) -> RejectionPlace {
        self.next
    }

    /// The next one and its place; none behind the last.
    pub(crate) fn read(&mut self) -> io::Result<Option<(RejectionPlace, Rejected)>> {
        loop {
            let place = self.next;
            if place.list as usize >= self.of.0.len() {
                return Ok(None);
            }
            let behind = RejectionPlace {
                list: place.list + 1,
                at: 0,
            };
            match self.at(place) {
                Ok(Some((rejected, at))) => {
                    self.next = RejectionPlace { at, ..place };
                    return Ok(Some((place, rejected)));
                }
                Ok(None) => self.next = behind,
                Err(error) => {
                    self.next = behind;
                    return Err(error);
                }
            }
        }
    }

    /// The one at a place that was read before.
    pub(crate) fn read_at(&mut self, place: RejectionPlace) -> io::Result<Rejected> {
        match self.at(place)? {
            Some((rejected, _)) => Ok(rejected),
            None => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }

    fn at(&mut self, place: RejectionPlace) -> io::Result<Option<(Rejected, u64)>> {
        let Some((_, error)) = self.of.0.get(place.list as usize) else {
            return Ok(None);
        };
        if self.list != place.list {
            self.list = place.list;
            self.block = RowBlock::default();
        }
        let row = error.rows.at(place.at, &mut self.block)?;
        Ok(row.map(|(row, next)| (blame::rejected(row, error), next)))
    }
}
