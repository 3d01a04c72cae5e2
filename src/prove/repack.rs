//! The chunks of some records of a proved input: only they are sent.
//!
//! The proved chunks that have a wanted record are read once more, on all threads, and held to their
//! digests: what is cut anew is what was proved. Chunks of wanted records are places of the input, as
//! all are, so that they are built, sent and resumed as others.

use std::iter::Peekable;
use std::slice;

use xxhash_rust::xxh3::Xxh3Default;

use super::chunk::{BuildError, ChunkOptions, ChunkPlan};
use super::packer::{Measured, Packer};
use super::parallel::{self, Ends};
use crate::input::{Block, InputError, RowParser, Source};
use crate::mapping::{Binding, Tally};
use crate::prove::duplicates::RecordSet;

/// Wanted records that stand so near are read with what is between them: a page of a disk or two.
const NEAR: u64 = 8 << 10;

/// About how many places of an input there are at most, as far as distance goes: the journal lists them.
const MOST_PLACES: u64 = 16_384;

/// The most bytes of chunks that are under way at a time, or one chunk.
const UNDER_WAY: u64 = 64 << 20;

/// Chunks of the wanted records, all of which are good ones. `proved`: the chunks of all.
pub(crate) fn repack(
    source: &Source,
    binding: &Binding,
    options: ChunkOptions,
    proved: &[ChunkPlan],
    wanted: &RecordSet,
) -> Result<Vec<ChunkPlan>, BuildError> {
    let bytes = |chunk: &ChunkPlan| -> u64 {
        let extents = chunk.extents.iter();
        extents.map(|extent| extent.end - extent.start).sum()
    };
    let total: u64 = proved.iter().map(bytes).sum();
    let largest = proved.iter().map(bytes).max().unwrap_or_default();
    let most = usize::try_from(UNDER_WAY / largest.max(1)).unwrap_or(usize::MAX);
    let workers = parallel::worker_count().min(most / 2).max(1);
    let hole = NEAR.max(total / MOST_PLACES);
    let mut repacker = Repacker {
        proved: proved.iter(),
        wanted,
        packer: Packer::with_holes(options),
        hole: usize::try_from(hole).unwrap_or(usize::MAX),
    };
    let workers = (0..workers).map(|_| Finder::new(source, binding, wanted));
    parallel::run(&mut repacker, workers.collect(), Finder::find)?;
    Ok(repacker.packer.finish())
}

/// Wanted records of a block with their numbers.
type Found = (Block, Vec<(u64, Measured)>);

struct Repacker<'a> {
    proved: slice::Iter<'a, ChunkPlan>,
    wanted: &'a RecordSet,
    packer: Packer,
    hole: usize,
}

impl<'a> Ends for Repacker<'a> {
    type Job = &'a ChunkPlan;
    type Done = Result<Vec<Found>, BuildError>;
    type Error = BuildError;

    fn next(&mut self) -> Result<Option<Self::Job>, BuildError> {
        let has_some = |chunk: &&ChunkPlan| {
            let (first, last) = (chunk.range.first, chunk.range.last);
            self.wanted.range_cardinality(first..=last) > 0
        };
        Ok(self.proved.find(has_some))
    }

    fn take(&mut self, found: Self::Done) -> Result<(), BuildError> {
        for (block, records) in found? {
            let records = records.iter().map(|(number, record)| (*number, record));
            self.packer.pack_some(&block, records, self.hole);
        }
        Ok(())
    }
}

/// Finds the wanted records of chunks, one after another; each thread has its own.
struct Finder<'a> {
    source: &'a Source,
    binding: &'a Binding,
    wanted: &'a RecordSet,
    parser: RowParser,
    tally: Tally,
    /// A record's JSON.
    json: Vec<u8>,
}

impl<'a> Finder<'a> {
    fn new(source: &'a Source, binding: &'a Binding, wanted: &'a RecordSet) -> Self {
        Self {
            source,
            binding,
            wanted,
            parser: source.parser(),
            tally: Tally::default(),
            json: Vec::new(),
        }
    }

    /// The wanted records of a chunk, if it is what was proved.
    fn find(&mut self, chunk: &ChunkPlan) -> Result<Vec<Found>, BuildError> {
        let (mut digest, mut number) = (Xxh3Default::new(), chunk.range.first);
        let mut found = Vec::new();
        // A look into the set for each record took a tenth of this pass.
        let mut wanted = self.wanted.iter();
        wanted.advance_to(number);
        let mut wanted = wanted.peekable();
        for extent in &chunk.extents {
            let mut blocks = self.source.again(extent);
            while let Some(block) = blocks.next() {
                let block = block?;
                digest.update(&block.bytes);
                let records = self.records(&block, &mut number, &mut wanted)?;
                match records.is_empty() {
                    true => blocks.recycle(block.bytes),
                    false => found.push((block, records)),
                }
            }
        }
        let (first, last) = (chunk.range.first, chunk.range.last);
        let count: usize = found.iter().map(|(_, records)| records.len()).sum();
        let is_all = self.wanted.range_cardinality(first..=last) == count as u64;
        match digest.digest() == chunk.digest && is_all {
            true => Ok(found),
            false => Err(BuildError::Changed(chunk.range)),
        }
    }

    /// The wanted records of a block whose first one has this number.
    fn records(
        &mut self,
        block: &Block,
        number: &mut u64,
        wanted: &mut Peekable<impl Iterator<Item = u64>>,
    ) -> Result<Vec<(u64, Measured)>, InputError> {
        let mut records = Vec::new();
        let mut rows = self.parser.rows(self.source, block)?;
        while let Some(row) = &rows.next() {
            let own = *number;
            *number += 1;
            if wanted.next_if_eq(&own).is_none() {
                continue;
            }
            let Ok(cells) = &row.cells else { continue };
            self.json.clear();
            if (self.binding.write(cells, &mut self.json, &mut self.tally)).is_err() {
                continue;
            }
            let measured = Measured {
                start: row.start,
                end: row.end,
                line: row.line,
                json: Some(self.json.len() as u64),
            };
            records.push((own, measured));
        }
        Ok(records)
    }
}
