//! One block's records: parsed, mapped, measured. Knows nothing of other blocks, so that blocks can
//! be checked side by side.

use std::sync::Arc;

use super::fault::Fault;
use super::fingerprint::{FingerprintKey, Fingerprinter, Fingerprints, Spare};
use super::packer::Measured;
use super::repeated::id_text;
use crate::base::position::Position;
use crate::input::{Block, InputError, ReadOver, Row, RowParser, Source};
use crate::mapping::{Binding, FieldNames, Sent, Tally};
use crate::prove::duplicates::IdHash;
use crate::prove::totals::Totals;

/// Checks blocks, one after another; each thread has its own.
pub(super) struct Checker<'a> {
    source: &'a Source,
    binding: &'a Binding,
    demands: Demands<'a>,
    parser: RowParser,
    /// How many records the last block had: about as many as the next one will have.
    usual: usize,
    /// The record at hand.
    sent: Sent,
    fingerprinter: Fingerprinter,
    /// What was seen in all blocks.
    pub tally: Tally,
    /// What the values of all good records add up to.
    pub totals: Totals,
}

/// What is wanted of each record.
#[derive(Clone)]
pub(super) struct Demands<'a> {
    /// The most bytes of JSON.
    pub max_record: u64,
    /// How ids are told apart.
    pub ids: IdHash,
    /// How records are, from run to run.
    pub key: FingerprintKey,
    /// The field whose days are wanted.
    pub day_field: Option<&'a str>,
    pub spare: Arc<Spare>,
}

/// What is in a block.
pub(super) struct Checked {
    /// All records, in order.
    pub records: Vec<Measured>,
    /// The hashes of the ids of the good ones, in order.
    pub ids: Vec<u64>,
    /// What tells the good ones apart.
    pub fingerprints: Fingerprints,
    /// What is wrong with the bad ones, in order.
    pub faults: Vec<Fault>,
    /// See [`RowParser::suspects`].
    pub suspects: Vec<u64>,
    /// See [`RowParser::read_over`].
    pub read_over: ReadOver,
}

impl Checked {
    fn with_room(records: usize, fingerprints: Fingerprints) -> Self {
        Self {
            records: Vec::with_capacity(records),
            ids: Vec::with_capacity(records),
            fingerprints,
            faults: Vec::new(),
            suspects: Vec::new(),
            read_over: ReadOver::default(),
        }
    }
}

impl<'a> Checker<'a> {
    pub(crate) fn new(
        source: &'a Source,
        binding: &'a Binding,
        names: &FieldNames,
        demands: Demands<'a>,
    ) -> Self {
        Self {
            source,
            binding,
            parser: source.parser(),
            usual: 0,
            sent: Sent::new(names.clone()),
            fingerprinter: Fingerprinter::new(demands.key, names.clone(), demands.day_field),
            demands,
            tally: Tally::default(),
            totals: Totals::default(),
        }
    }

    /// Parses and maps a block's records.
    pub(crate) fn check(&mut self, block: &Block) -> Result<Checked, InputError> {
        let mut checked = Checked::with_room(self.usual, self.demands.spare.take());
        let mut parser = std::mem::take(&mut self.parser);
        let mut rows = parser.rows(self.source, block)?;
        // Borrowed where it lies: moving it means to wait until all of it is in memory.
        while let Some(row) = &rows.next() {
            self.tally.go_to(Position {
                input: block.extent.input,
                line: row.line,
                record: 0,
            });
            let json = match self.map(row, &mut checked) {
                Ok(json) => Some(json),
                Err(fault) => {
                    checked.faults.push(fault);
                    None
                }
            };
            checked.records.push(Measured {
                start: row.start,
                end: row.end,
                line: row.line,
                json,
            });
        }
        checked.fingerprints.sort();
        checked.suspects.extend_from_slice(parser.suspects());
        checked.read_over = parser.read_over();
        self.parser = parser;
        // Blocks differ a little.
        self.usual = checked.records.len() + checked.records.len() / 16;
        Ok(checked)
    }

    /// The size of a record's JSON.
    fn map(&mut self, row: &Row<'_>, checked: &mut Checked) -> Result<u64, Fault> {
        let cells = row.cells.as_ref().map_err(Fault::of_row)?;
        let measured = self
            .binding
            .measure(cells, &mut self.sent, &mut self.tally)
            .map_err(|faults| Fault::of_cells(&faults))?;
        if measured.bytes > self.demands.max_record {
            return Err(Fault::too_large(measured.bytes));
        }
        let id = id_text(measured.id);
        checked.ids.push(self.demands.ids.of(&id));
        let to = &mut checked.fingerprints;
        let at = (checked.records.len(), &*id);
        self.fingerprinter
            .add(at, &self.sent, to, |field, json, hash| {
                self.totals.note(field, json, hash);
            });
        Ok(measured.bytes)
    }
}
