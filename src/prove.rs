//! The first pass: the whole input is read, mapped and checked before anything is sent.
//!
//! What comes out is a [`Proof`]: how many records there are and where each chunk begins and ends.
//! The second pass (`chunk::build`, driven by `send`) goes the same way for one chunk at a time.

use crate::chunk::{ChunkOptions, ChunkPlan, Measured, Packer};
use crate::display;
use crate::event::{Event, Events};
use crate::mapping::{Binding, Mistake, Tally};
use crate::position::Position;
use crate::source::{Block, InputError, RowFault, RowParser, Source};

/// How many bad records are shown one by one.
pub const SHOWN_BAD_RECORDS: u64 = 20;

/// An input that may be sent.
#[derive(Debug)]
pub struct Proof {
    /// Records read, headers and blank lines not counted.
    pub records: u64,
    /// What will be sent, in order.
    pub chunks: Vec<ChunkPlan>,
    /// The first records' JSON, as many as were asked for.
    pub samples: Vec<String>,
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
    /// Some records cannot be sent; the first ones were told as events.
    #[error("{} of {} cannot be sent", display::counted(*bad, "record"), display::count(*read))]
    BadRecords {
        /// How many.
        bad: u64,
        /// Out of how many.
        read: u64,
    },
}

/// Reads, maps and checks the whole input.
///
/// # Errors
/// When one record is bad or the input cannot be read to its end.
pub fn prove(
    source: &Source,
    binding: &Binding,
    options: ChunkOptions,
    samples: usize,
    events: &Events,
) -> Result<Proof, ProveError> {
    let mut pass = Pass::new(source, binding, options, samples, events);
    let mut packer = Packer::new(options);
    events.emit(Event::Proving {
        bytes: source.total_bytes(),
    });
    for block in source.blocks() {
        let block = block?;
        let measured = pass.block(&block);
        packer.pack(&block, &measured);
        let (bytes, records) = (block.bytes.len() as u64, measured.len() as u64);
        events.emit(Event::Proved { bytes, records });
    }
    if pass.bad > 0 {
        return Err(ProveError::BadRecords {
            bad: pass.bad,
            read: pass.read,
        });
    }
    // A mapped key that no record has is no mistake of an input that has no records.
    if pass.read > 0 {
        for note in binding.conclude(&pass.tally).map_err(ProveError::Mapping)? {
            events.note(note);
        }
    }
    Ok(Proof {
        records: pass.read,
        chunks: packer.finish(),
        samples: pass.samples,
    })
}

/// What is carried from block to block.
struct Pass<'a> {
    source: &'a Source,
    binding: &'a Binding,
    events: &'a Events,
    parser: RowParser,
    max_record: u64,
    json: Vec<u8>,
    tally: Tally,
    samples: Vec<String>,
    wanted_samples: usize,
    read: u64,
    bad: u64,
}

impl<'a> Pass<'a> {
    fn new(
        source: &'a Source,
        binding: &'a Binding,
        options: ChunkOptions,
        wanted_samples: usize,
        events: &'a Events,
    ) -> Self {
        Self {
            source,
            binding,
            events,
            parser: source.parser(),
            max_record: options.max_record(),
            json: Vec::new(),
            tally: Tally::default(),
            samples: Vec::new(),
            wanted_samples,
            read: 0,
            bad: 0,
        }
    }

    /// Maps a block's records and tells of the bad ones.
    fn block(&mut self, block: &Block) -> Vec<Measured> {
        let mut measured = Vec::new();
        let mut rows = self.parser.rows(self.source, block);
        while let Some(row) = rows.next() {
            self.read += 1;
            self.json.clear();
            let fault = match &row.cells {
                Err(fault) => Some(unreadable(fault)),
                Ok(cells) => match self.binding.write(cells, &mut self.json, &mut self.tally) {
                    Ok(_) => too_large(self.json.len() as u64, self.max_record),
                    Err(faults) => {
                        let faults: Vec<_> = faults.iter().map(|fault| fault.message()).collect();
                        Some(faults.join("; "))
                    }
                },
            };
            if let Some(fault) = &fault {
                self.bad += 1;
                if self.bad <= SHOWN_BAD_RECORDS {
                    let input = block.extent.input;
                    let position = Position {
                        input,
                        line: row.line,
                        record: self.read,
                    };
                    let place = self.source.names().place(position);
                    self.events
                        .emit(Event::BadRecord(format!("{place}: {fault}")));
                }
            } else if self.samples.len() < self.wanted_samples {
                self.samples
                    .push(String::from_utf8_lossy(&self.json).into_owned());
            }
            let json = fault.is_none().then_some(self.json.len() as u64);
            measured.push(Measured {
                start: row.start,
                end: row.end,
                line: row.line,
                json,
            });
        }
        measured
    }
}

/// What is wrong with a record that could not be read, with the column where one is to blame.
fn unreadable(fault: &RowFault) -> String {
    match &fault.column {
        Some(column) => format!("column {}: {fault}", display::shown(column)),
        None => fault.to_string(),
    }
}

/// What is wrong with a record that no request can hold.
fn too_large(json: u64, most: u64) -> Option<String> {
    (json > most).then(|| {
        format!(
            "the record makes {} bytes of JSON, more than one request may hold (--max-body)",
            display::count(json)
        )
    })
}
