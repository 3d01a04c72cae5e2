//! One partition of a file in memory: about 50 bytes a record besides what the file has of it.

use super::block::{DIGEST_BYTES, Last, day_of, read_number, take};
use super::error::BaseError;
use super::writer::FINE;

/// The records whose ids' hashes begin alike, in the order of the records.
#[derive(Debug)]
pub(super) struct Partition {
    has_days: bool,
    pub(super) entries: Vec<Entry>,
    /// All ids, one behind the other.
    ids: Vec<u8>,
    /// All fields' digests.
    digests: Vec<u8>,
}

/// One record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) record: u64,
    pub(super) digest: u64,
    pub(super) day: Option<i32>,
    id: (usize, usize),
    /// Where its digests are, and how many.
    fields: (usize, usize),
    /// In how many bytes each digest stands.
    pub(super) width: usize,
}

impl Partition {
    pub(super) fn new(has_days: bool) -> Self {
        Self {
            has_days,
            entries: Vec::new(),
            ids: Vec::new(),
            digests: Vec::new(),
        }
    }

    /// Takes a block's entries in, which have at most so many fields.
    pub(super) fn add(&mut self, mut block: &[u8], names: usize) -> Result<(), BaseError> {
        let from = &mut block;
        let width = usize::from(take(from, 1)?[0]);
        let fields = usize::try_from(read_number(from)?).unwrap_or(usize::MAX);
        if !matches!(width, 2 | FINE) || fields > names {
            return Err(BaseError::Damaged("a block has fields of another file"));
        }
        let mut last = Last::default();
        while !from.is_empty() {
            self.add_entry(from, &mut last, width, fields)?;
        }
        Ok(())
    }

    fn add_entry(
        &mut self,
        from: &mut &[u8],
        last: &mut Last,
        width: usize,
        fields: usize,
    ) -> Result<(), BaseError> {
        let length = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        last.record = last.record.wrapping_add(read_number(from)?);
        let shared = length(read_number(from)?);
        let rest = length(read_number(from)?);
        if shared > last.id.len() {
            return Err(BaseError::Damaged("a block's id shares what is not there"));
        }
        last.id.truncate(shared);
        last.id.extend_from_slice(take(from, rest)?);
        let mut digest = [0; 8];
        digest[..DIGEST_BYTES].copy_from_slice(take(from, DIGEST_BYTES)?);
        let mut day = None;
        if self.has_days {
            day = day_of(read_number(from)?, last.day)?;
            last.day = day.unwrap_or(last.day);
        }
        let (id, digests) = (self.ids.len(), self.digests.len());
        self.ids.extend_from_slice(&last.id);
        self.digests.extend_from_slice(take(from, width * fields)?);
        self.entries.push(Entry {
            record: last.record,
            digest: u64::from_le_bytes(digest),
            day,
            id: (id, self.ids.len()),
            fields: (digests, fields),
            width,
        });
        Ok(())
    }

    pub(super) fn id(&self, entry: &Entry) -> &[u8] {
        &self.ids[entry.id.0..entry.id.1]
    }

    /// A field's digest; zero for one that its block does not know.
    pub(super) fn field(&self, entry: &Entry, number: usize) -> u32 {
        let (start, count) = entry.fields;
        if number >= count {
            return 0;
        }
        let mut digest = [0; 4];
        let at = start + number * entry.width;
        digest[..entry.width].copy_from_slice(&self.digests[at..at + entry.width]);
        u32::from_le_bytes(digest)
    }

    /// Fills in all fields' digests, by other numbers: `to[n]` is the number of field `n`.
    pub(super) fn fields_into(&self, entry: &Entry, to: &[usize], fields: &mut Vec<u32>) {
        fields.clear();
        for (number, to) in to.iter().enumerate().take(entry.fields.1) {
            if fields.len() <= *to {
                fields.resize(to + 1, 0);
            }
            fields[*to] = self.field(entry, number);
        }
    }

    /// In how many bytes the least exact digest stands.
    pub(super) fn precision(&self) -> usize {
        let widths = self.entries.iter().map(|entry| entry.width);
        widths.min().unwrap_or(FINE)
    }
}
