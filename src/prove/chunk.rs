//! Records to request bodies: where each chunk begins and ends, and its bytes.
//!
//! The borders are fixed once, while the input is proved, by a `Packer` that sees how long each
//! record's JSON is. A [`ChunkPlan`] says where the chunk's records stand in the input, and a
//! [`BodyBuilder`] reads them again, compares their digest with the proved one and writes the body. So
//! nothing is kept in memory between the two passes but the plans, and what is sent is what was
//! proved.

use xxhash_rust::xxh3::Xxh3Default;

use crate::base::display;
use crate::base::model::RecordRange;
use crate::base::position::Position;
use crate::input::{Block, Extent, InputError, RowParser, Source};
use crate::mapping::{Binding, Tally};
use crate::prove::duplicates::RecordSet;
use crate::prove::frame::{self, Frame};

/// Buffers for bodies grow in such steps. Bodies differ a little in size, and a buffer that is used
/// again for a larger one would otherwise be moved to one twice as large.
const STEP: usize = 64 << 10;

/// What is written behind a body's last record and taken back has this much room.
const SPARE: usize = 1 << 10;

/// What limits a chunk; it ends at whichever comes first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ChunkOptions {
    /// The most records.
    pub max_records: u64,
    /// The most bytes of a body with more than one record.
    pub max_body: u64,
    /// The most bytes of any body, as was asked for. What is known of the service may make chunks smaller,
    /// and a record that is larger then goes alone: it is no bad one.
    pub max_alone: u64,
}

impl ChunkOptions {
    pub(crate) fn new(max_records: u64, max_body: u64) -> Self {
        Self {
            max_records,
            max_body,
            max_alone: max_body,
        }
    }

    /// The most bytes of one record's JSON: what a body holds besides its frame.
    pub(crate) fn max_record(self) -> u64 {
        self.max_alone.saturating_sub(frame::BYTES)
    }
}

/// One chunk, as proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChunkPlan {
    /// From 1.
    pub number: u64,
    /// The records read for it, those left out included.
    pub range: RecordRange,
    /// How many records it carries.
    pub records: u64,
    /// Its body's size.
    pub body_bytes: u64,
    /// Where its records stand in the inputs, in order.
    pub extents: Vec<Extent>,
    /// The number of the first record of each extent; none where each goes on where the one before
    /// ended.
    pub firsts: Vec<u64>,
    /// The xxh3 of the extents' bytes.
    pub digest: u64,
}

impl ChunkPlan {
    /// The one request of a replace that leaves its table empty.
    pub(crate) fn empty(range: RecordRange) -> Self {
        Self {
            number: 1,
            range,
            records: 0,
            body_bytes: frame::BYTES,
            extents: Vec::new(),
            firsts: Vec::new(),
            digest: Xxh3Default::new().digest(),
        }
    }
}

/// Why a chunk is not what was proved.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BuildError {
    /// The input cannot be read any more.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The input's bytes are not those that were proved.
    #[error("the input has changed since it was proved ({})", display::records(*.0))]
    Changed(RecordRange),
}

/// The opened inputs with their mapping: what bodies are made from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct MappedInput<'a> {
    /// The opened inputs.
    pub source: &'a Source,
    /// The mapping, bound to them.
    pub binding: &'a Binding,
    /// Records that are not sent although they can be mapped.
    pub left_out: &'a RecordSet,
}

/// A body, ready to be sent.
#[derive(Debug)]
pub(crate) struct Built {
    /// `{"items":[…]}`.
    pub body: Vec<u8>,
    /// How many records it carries.
    pub records: u64,
    /// Where its first record stands.
    pub first: Option<Position>,
    /// The number of the last record in its first half, where it would be cut in two.
    pub middle: u64,
}

/// How large a buffer a body of that size is written into.
fn room_for(body_bytes: u64) -> usize {
    let bytes = usize::try_from(body_bytes).unwrap_or(0);
    (bytes + SPARE).next_multiple_of(STEP)
}

/// Builds bodies, one after another, on the thread that has it; keeps its buffers between them.
#[derive(Debug, Default)]
pub(crate) struct BodyBuilder {
    parser: RowParser,
    tally: Tally,
    /// The input's bytes.
    input: Vec<u8>,
    /// The numbers of the records in the body.
    numbers: Vec<u64>,
}

impl BodyBuilder {
    /// Reads a chunk's records again and, if they are what was proved, writes the body of those in
    /// `range` into the `body` handed over. Records in `left_out` are not sent.
    pub(crate) fn build(
        &mut self,
        mapped: MappedInput<'_>,
        plan: &ChunkPlan,
        range: RecordRange,
        body: Vec<u8>,
    ) -> Result<Built, BuildError> {
        self.write(mapped, plan, range, body, frame::BODY)
    }

    /// The same of all records of a chunk, a line each.
    pub(crate) fn lines(
        &mut self,
        mapped: MappedInput<'_>,
        plan: &ChunkPlan,
        lines: Vec<u8>,
    ) -> Result<Built, BuildError> {
        self.write(mapped, plan, plan.range, lines, frame::LINES)
    }

    fn write(
        &mut self,
        mapped: MappedInput<'_>,
        plan: &ChunkPlan,
        range: RecordRange,
        mut body: Vec<u8>,
        frame: Frame,
    ) -> Result<Built, BuildError> {
        let mut digest = Xxh3Default::new();
        let (mut number, mut first) = (plan.range.first, None);
        self.numbers.clear();
        body.clear();
        body.reserve_exact(room_for(plan.body_bytes));
        body.extend_from_slice(frame.head);
        for (at, extent) in plan.extents.iter().enumerate() {
            number = plan.firsts.get(at).copied().unwrap_or(number);
            let mut blocks = mapped.source.again(extent);
            blocks.recycle(std::mem::take(&mut self.input));
            while let Some(block) = blocks.next() {
                let block = block?;
                digest.update(&block.bytes);
                let at = self.add(mapped, &block, (range, &mut number), &mut body, frame)?;
                first = first.or(at);
                blocks.recycle(block.bytes);
            }
            self.input = blocks.into_buffer();
        }
        body.extend_from_slice(frame.tail);
        let records = self.numbers.len();
        let is_complete = range != plan.range || records as u64 == plan.records;
        if digest.digest() != plan.digest || !is_complete {
            return Err(BuildError::Changed(plan.range));
        }
        let middle = self.numbers.get(records.div_ceil(2).saturating_sub(1));
        Ok(Built {
            records: records as u64,
            first,
            middle: middle.copied().unwrap_or(range.last),
            body,
        })
    }

    /// Adds a block's records to the body, and says where the first of them stands. `number` is that
    /// of the block's first record, and afterwards that of the next block's.
    fn add(
        &mut self,
        mapped: MappedInput<'_>,
        block: &Block,
        (range, number): (RecordRange, &mut u64),
        body: &mut Vec<u8>,
        frame: Frame,
    ) -> Result<Option<Position>, InputError> {
        let mut first = None;
        let mut rows = self.parser.rows(mapped.source, block)?;
        // Borrowed where it lies: moving it means to wait until all of it is in memory.
        while let Some(row) = &rows.next() {
            let record = *number;
            *number += 1;
            if !range.contains(record) || mapped.left_out.contains(record) {
                continue;
            }
            let Ok(cells) = &row.cells else { continue };
            let before = body.len();
            if !self.numbers.is_empty() {
                body.extend_from_slice(frame.between);
            }
            if mapped.binding.write(cells, body, &mut self.tally).is_err() {
                // A record that was rejected when the input was proved.
                body.truncate(before);
                continue;
            }
            frame.end(body, before);
            self.numbers.push(record);
            first.get_or_insert(Position {
                input: block.extent.input,
                line: row.line,
                record,
            });
        }
        Ok(first)
    }
}
