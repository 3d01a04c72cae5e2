//! The first pass: the whole input is read, mapped and checked before anything is sent.
//!
//! What comes out is a [`Proof`]: how many records there are, where each chunk begins and ends, and
//! which records are left out. The second pass (`chunk::build`, driven by `send`) goes the same way
//! for one chunk at a time. What the numbers mean for the table is left to `guard`.

mod budget;
mod digests;
mod repeated;

use std::io;

use crate::chunk::{ChunkOptions, ChunkPlan, Measured, Packer};
use crate::display;
use crate::duplicates::{IdIndex, RecordSet, Scratch};
use crate::event::{Event, Events};
use crate::mapping::{Binding, CellFault, Mistake, Tally, Written};
use crate::position::Position;
use crate::rejects::{Reject, RejectsFile};
use crate::source::{Block, InputError, Row, RowFault, RowParser, Source};

pub use budget::MaxErrors;
pub use digests::{Digests, InputProof};
pub use repeated::{OnDuplicates, Repeated, id_text};

/// How many bad records are shown one by one.
pub const SHOWN_BAD_RECORDS: u64 = 20;

/// What is demanded of an input.
#[derive(Clone, Debug)]
pub struct ProveOptions {
    /// What limits a chunk.
    pub chunks: ChunkOptions,
    /// What to do about an id that occurs twice.
    pub duplicates: OnDuplicates,
    /// How many bad records may be left out.
    pub max_errors: MaxErrors,
    /// How many records' JSON is wanted for show.
    pub samples: usize,
}

/// An input that may be sent.
#[derive(Debug)]
pub struct Proof {
    /// The inputs, in order.
    pub inputs: Vec<InputProof>,
    /// Records read, headers and blank lines not counted.
    pub read: u64,
    /// Bad records, left out.
    pub rejected: u64,
    /// Records left out because another one with the same id is sent.
    pub duplicates_dropped: u64,
    /// What will be sent, in order.
    pub chunks: Vec<ChunkPlan>,
    /// Records that a chunk spans but does not carry although they can be mapped.
    pub left_out: RecordSet,
    /// The first records' JSON, as many as were asked for.
    pub samples: Vec<String>,
}

impl Proof {
    /// Records that will be sent.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.records).sum()
    }
}

/// Why an input must not be sent.
#[derive(Debug, thiserror::Error)]
pub enum ProveError {
    /// It cannot be read to its end.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The mapping does not fit what was read.
    #[error("the mapping does not fit the input")]
    Mapping(Vec<Mistake>),
    /// More records than allowed cannot be sent; the first ones were told as events.
    #[error("{} of {} cannot be sent", display::counted(*bad, "record"), display::count(*read))]
    BadRecords {
        /// How many.
        bad: u64,
        /// Out of how many.
        read: u64,
        /// How many would have been left out.
        allowed: MaxErrors,
    },
    /// Ids occur twice.
    #[error("{}", .0.message())]
    Duplicates(Repeated),
    /// What must be kept on disk meanwhile cannot be.
    #[error("cannot keep {what}: {error}")]
    Disk {
        /// What.
        what: &'static str,
        /// Why not.
        error: io::Error,
    },
}

/// Reads, maps and checks the whole input.
///
/// # Errors
/// When it cannot be read to its end, or more of it is bad than the options allow.
pub fn prove(
    source: &Source,
    binding: &Binding,
    options: &ProveOptions,
    scratch: Scratch,
    rejects: &mut RejectsFile,
    events: &Events,
) -> Result<Proof, ProveError> {
    let mut pass = Pass::new(source, binding, options, scratch.clone(), rejects, events);
    let mut packer = Packer::new(options.chunks);
    let mut digests = Digests::new(source)?;
    events.emit(Event::Proving {
        bytes: source.total_bytes(),
    });
    let mut blocks = source.blocks();
    while let Some(block) = blocks.next() {
        let block = block?;
        let measured = pass.block(&block)?;
        packer.pack(&block, &measured);
        let (bytes, records) = (block.bytes.len() as u64, measured.len() as u64);
        digests.update(&block, records);
        events.emit(Event::Proved { bytes, records });
        blocks.recycle(block.bytes);
    }
    let (read, rejected) = (pass.read, pass.bad);
    if !options.max_errors.allows(rejected, read) {
        let allowed = options.max_errors;
        return Err(ProveError::BadRecords {
            bad: rejected,
            read,
            allowed,
        });
    }
    // A mapped key that no record has is no mistake of an input that has no records.
    if read > 0 {
        for note in binding.conclude(&pass.tally).map_err(ProveError::Mapping)? {
            events.note(note);
        }
    }
    let (samples, mut left_out) = (pass.samples, pass.too_large);
    let repeated = repeated::find(source, binding, pass.ids, options.duplicates)?;
    let mut chunks = packer.finish();
    for record in repeated.iter() {
        left_out.insert(record);
    }
    let duplicates_dropped = repeated.len();
    repeated::drop_from(&mut chunks, &repeated);
    Ok(Proof {
        inputs: digests.finish(),
        read,
        rejected,
        duplicates_dropped,
        chunks,
        left_out,
        samples,
    })
}

/// What is carried from block to block.
struct Pass<'a> {
    source: &'a Source,
    binding: &'a Binding,
    rejects: &'a mut RejectsFile,
    events: &'a Events,
    parser: RowParser,
    max_record: u64,
    json: Vec<u8>,
    tally: Tally,
    ids: IdIndex,
    too_large: RecordSet,
    samples: Vec<String>,
    wanted_samples: usize,
    read: u64,
    bad: u64,
}

/// What is wrong with a record: the columns to blame, for the rejects, and a sentence.
struct Fault {
    columns: String,
    reason: String,
    shown: String,
}

impl<'a> Pass<'a> {
    fn new(
        source: &'a Source,
        binding: &'a Binding,
        options: &ProveOptions,
        scratch: Scratch,
        rejects: &'a mut RejectsFile,
        events: &'a Events,
    ) -> Self {
        Self {
            source,
            binding,
            rejects,
            events,
            parser: source.parser(),
            max_record: options.chunks.max_record(),
            json: Vec::new(),
            tally: Tally::default(),
            ids: IdIndex::new(scratch),
            too_large: RecordSet::default(),
            samples: Vec::new(),
            wanted_samples: options.samples,
            read: 0,
            bad: 0,
        }
    }

    /// Maps a block's records, tells of the bad ones and keeps them.
    fn block(&mut self, block: &Block) -> Result<Vec<Measured>, ProveError> {
        let mut measured = Vec::new();
        let mut parser = std::mem::take(&mut self.parser);
        let mut rows = parser.rows(self.source, block);
        while let Some(row) = rows.next() {
            self.read += 1;
            self.json.clear();
            let json = match self.map(&row) {
                Ok(written) => {
                    self.keep_id(&written)?;
                    Some(self.json.len() as u64)
                }
                Err(fault) => {
                    self.reject(block, &row, &fault)?;
                    None
                }
            };
            measured.push(Measured {
                start: row.start,
                end: row.end,
                line: row.line,
                json,
            });
        }
        self.parser = parser;
        Ok(measured)
    }

    fn map(&mut self, row: &Row<'_>) -> Result<Written, Fault> {
        let cells = row.cells.as_ref().map_err(Fault::of_row)?;
        let written = self
            .binding
            .write(cells, &mut self.json, &mut self.tally)
            .map_err(|faults| Fault::of_cells(&faults))?;
        let json = self.json.len() as u64;
        if json > self.max_record {
            self.too_large.insert(self.read);
            return Err(Fault::too_large(json));
        }
        if self.samples.len() < self.wanted_samples {
            self.samples
                .push(String::from_utf8_lossy(&self.json).into_owned());
        }
        Ok(written)
    }

    fn keep_id(&mut self, written: &Written) -> Result<(), ProveError> {
        let id = repeated::id_text(&self.json[written.id.clone()]);
        let what = "the ids to find duplicates";
        self.ids
            .add(self.read, &id)
            .map_err(|error| ProveError::Disk { what, error })
    }

    fn reject(&mut self, block: &Block, row: &Row<'_>, fault: &Fault) -> Result<(), ProveError> {
        self.bad += 1;
        let names = self.source.names();
        let (input, line) = (block.extent.input, row.line);
        if self.bad <= SHOWN_BAD_RECORDS {
            let place = names.place(Position {
                input,
                line,
                record: self.read,
            });
            self.events
                .emit(Event::BadRecord(format!("{place}: {}", fault.shown)));
        }
        let file = names.name(input);
        let (column, reason) = (&fault.columns, &fault.reason);
        let reject = Reject {
            file: &file,
            line,
            column,
            reason,
        };
        let what = "the rejected records";
        self.rejects
            .add(block, row, &reject)
            .map_err(|error| ProveError::Disk { what, error })
    }
}

impl Fault {
    fn of_row(fault: &RowFault) -> Self {
        let shown = match &fault.column {
            Some(column) => format!("column {}: {fault}", display::shown(column)),
            None => fault.to_string(),
        };
        let (columns, reason) = (fault.column.clone().unwrap_or_default(), fault.to_string());
        Self {
            columns,
            reason,
            shown,
        }
    }

    fn of_cells(faults: &[CellFault]) -> Self {
        let columns: Vec<_> = faults.iter().map(|fault| fault.column.as_str()).collect();
        let shown: Vec<_> = faults.iter().map(CellFault::message).collect();
        let shown = shown.join("; ");
        Self {
            columns: columns.join(", "),
            reason: shown.clone(),
            shown,
        }
    }

    /// A record that no request can hold.
    fn too_large(json: u64) -> Self {
        let json = display::count(json);
        let shown = format!(
            "the record makes {json} bytes of JSON, more than one request may hold (--max-body)"
        );
        Self {
            columns: String::new(),
            reason: shown.clone(),
            shown,
        }
    }
}
