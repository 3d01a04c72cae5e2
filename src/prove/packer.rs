//! Records to chunks: where each of them begins and ends.

use std::ops::Range;

use xxhash_rust::xxh3::Xxh3Default;

use super::chunk::{ChunkOptions, ChunkPlan};
use super::frame;
use crate::base::model::RecordRange;
use crate::input::{Block, Extent};

/// What the packer needs to know of one record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Measured {
    /// The record's first byte in its block.
    pub start: usize,
    /// One past its last byte.
    pub end: usize,
    /// The line on which it begins.
    pub line: u64,
    /// The size of its JSON; none for a record that is left out.
    pub json: Option<u64>,
}

/// Decides where chunks begin and end.
pub(crate) struct Packer {
    options: ChunkOptions,
    /// Whether records between others may be missing, so that numbers have to be kept.
    has_holes: bool,
    done: Vec<ChunkPlan>,
    open: Option<Open>,
    /// The number of the last record.
    last: u64,
}

/// The chunk that is being filled.
struct Open {
    first: u64,
    records: u64,
    body_bytes: u64,
    extents: Vec<Extent>,
    firsts: Vec<u64>,
    digest: Xxh3Default,
}

/// Records of one block that stand side by side, or nearly so.
struct Span {
    bytes: Range<usize>,
    line: u64,
    /// The number of the first one.
    first: u64,
}

impl Packer {
    /// A packer before the first record of all.
    pub(crate) fn new(options: ChunkOptions) -> Self {
        Self {
            options,
            has_holes: false,
            done: Vec::new(),
            open: None,
            last: 0,
        }
    }

    /// A packer of some records.
    pub(super) fn with_holes(options: ChunkOptions) -> Self {
        Self {
            has_holes: true,
            ..Self::new(options)
        }
    }

    /// Takes a block's records, in the order of the input.
    pub(crate) fn pack(&mut self, block: &Block, records: &[Measured]) {
        let numbers = self.last + 1..;
        self.pack_some(block, numbers.zip(records), usize::MAX);
    }

    /// Takes records of a block with their numbers, in the order of the input. Those that stand at most
    /// `hole` bytes apart are read with what is between them.
    pub(super) fn pack_some<'m>(
        &mut self,
        block: &Block,
        records: impl Iterator<Item = (u64, &'m Measured)>,
        hole: usize,
    ) {
        let mut span: Option<Span> = None;
        for (number, record) in records {
            let is_full = |open: &Open| {
                let json = record.json;
                json.is_some_and(|json| !open.has_room(json, self.options))
            };
            if self.open.as_ref().is_some_and(is_full) {
                self.add_span(block, span.take());
                self.close();
            } else if span
                .as_ref()
                .is_some_and(|span| record.start.saturating_sub(span.bytes.end) > hole)
            {
                self.add_span(block, span.take());
            }
            self.last = number;
            let open = self.open.get_or_insert_with(|| Open::new(number));
            if let Some(json) = record.json {
                open.add(json);
            }
            let span = span.get_or_insert(Span {
                bytes: record.start..record.end,
                line: record.line,
                first: number,
            });
            span.bytes.end = record.end;
        }
        self.add_span(block, span);
    }

    /// Ends the last chunk and hands out all of them. One without records is left out.
    pub(crate) fn finish(mut self) -> Vec<ChunkPlan> {
        if self.open.as_ref().is_some_and(|open| open.records > 0) {
            self.close();
        }
        self.done
    }

    /// Adds neighbouring records of one block to the open chunk.
    fn add_span(&mut self, block: &Block, span: Option<Span>) {
        let (Some(span), Some(open)) = (span, &mut self.open) else {
            return;
        };
        open.digest.update(&block.bytes[span.bytes.clone()]);
        let extent = Extent {
            input: block.extent.input,
            start: block.extent.start + span.bytes.start as u64,
            end: block.extent.start + span.bytes.end as u64,
            first_line: span.line,
        };
        match open.extents.last_mut() {
            Some(last) if last.input == extent.input && last.end == extent.start => {
                last.end = extent.end;
            }
            _ => {
                open.extents.push(extent);
                if self.has_holes {
                    open.firsts.push(span.first);
                }
            }
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        self.done.push(ChunkPlan {
            number: self.done.len() as u64 + 1,
            range: RecordRange {
                first: open.first,
                last: self.last,
            },
            records: open.records,
            body_bytes: open.body_bytes,
            extents: open.extents,
            firsts: open.firsts,
            digest: open.digest.digest(),
        });
    }
}

impl Open {
    fn new(first: u64) -> Self {
        Self {
            first,
            records: 0,
            body_bytes: frame::BYTES,
            extents: Vec::new(),
            firsts: Vec::new(),
            digest: Xxh3Default::new(),
        }
    }

    fn has_room(&self, json: u64, options: ChunkOptions) -> bool {
        self.records == 0
            || (self.records < options.max_records
                && self.body_bytes + 1 + json <= options.max_body)
    }

    fn add(&mut self, json: u64) {
        self.body_bytes += json + u64::from(self.records > 0);
        self.records += 1;
    }
}
