//! The pass over all blocks in their order, from records to chunks.

use std::collections::VecDeque;
use std::sync::Arc;

use super::bad::{BadRecords, SHOWN_LINES};
use super::budget::MaxErrors;
use super::check::{Checked, Checker, Demands};
use super::digests::{Digests, InputProof};
use super::error::{ProveError, Unproved};
use super::fingerprint::{Collect, Collector, Spare};
use super::last_record;
use super::packer::Packer;
use super::parallel::{self, Ends};
use super::read_over;
use super::repeated::{self, Bodies, OnDuplicates};
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::base::position::Position;
use crate::input::{Block, Blocks, Extent, InputError, ReadOver, Source};
use crate::mapping::{Binding, FieldNames, MixedSigns, Tally};
use crate::prove::chunk::{ChunkOptions, ChunkPlan};
use crate::prove::duplicates::{IdIndex, RecordSet, Scratch};
use crate::prove::rejects::{Reject, RejectsFile};
use crate::prove::totals::{FieldTotal, Totals};

/// How many records are told of that may hold others.
pub(super) const SHOWN_SUSPECTS: usize = 3;

/// What is demanded of an input.
#[derive(Clone, Debug)]
pub(crate) struct ProveOptions {
    /// What limits a chunk.
    pub chunks: ChunkOptions,
    /// What to do about an id that occurs twice.
    pub duplicates: OnDuplicates,
    /// How many bad records may be left out.
    pub max_errors: MaxErrors,
}

/// An input that may be sent.
#[derive(Debug)]
pub(crate) struct Proof {
    /// The inputs, in order.
    pub inputs: Vec<InputProof>,
    /// Records read, headers and blank lines not counted.
    pub read: u64,
    /// Bad records, left out.
    pub rejected: u64,
    /// Records left out because another one with the same id is sent.
    pub duplicates_dropped: u64,
    /// The API keys that good records carry, as far as one list holds them.
    pub keys: Vec<String>,
    /// The names of the fields by which fingerprints number them.
    pub fields: Vec<String>,
    /// Whether all fingerprints were collected.
    pub is_collected: bool,
    /// What the records that will be sent add up to, field by field.
    pub totals: Vec<FieldTotal>,
    /// What will be sent, in order.
    pub chunks: Vec<ChunkPlan>,
    /// Records that a chunk spans but does not carry although they can be mapped.
    pub left_out: RecordSet,
}

impl Proof {
    /// Records that will be sent.
    pub(crate) fn records(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.records).sum()
    }

    /// In how many of them each field has a value.
    pub(crate) fn filled(&self) -> Vec<(String, u64)> {
        let filled = |total: &FieldTotal| (total.field.clone(), total.filled);
        self.totals.iter().map(filled).collect()
    }
}

/// Reads, maps and checks the whole input.
pub(crate) fn prove<'a>(
    source: &'a Source,
    binding: &Binding,
    options: &ProveOptions,
    scratch: Scratch,
    rejects: &'a mut RejectsFile,
    collect: Collect<'a>,
    events: &'a Events,
) -> Result<Proof, Unproved> {
    let unproved = |error, read, rejected| Unproved {
        error,
        read,
        rejected,
    };
    let ids = IdIndex::new(scratch);
    let spare = Arc::new(Spare::default());
    let demands = Demands {
        max_record: options.chunks.max_record(),
        ids: ids.hasher(),
        key: collect.key,
        day_field: collect.day_field,
        spare: Arc::clone(&spare),
    };
    let names = binding.field_names();
    let checkers = (0..parallel::worker_count())
        .map(|_| Checker::new(source, binding, &names, demands.clone()))
        .collect();
    let mut pass = Pass {
        source,
        rejects,
        events,
        blocks: source.blocks(),
        packer: Packer::new(options.chunks),
        digests: Digests::new(source).map_err(|error| unproved(error.into(), 0, 0))?,
        ids,
        collector: collect.to,
        spare,
        too_large: RecordSet::default(),
        read: 0,
        bad: BadRecords::default(),
        suspects: 0,
        read_over: vec![ReadOver::default(); source.input_count()],
        ends: vec![VecDeque::new(); source.input_count()],
    };
    events.emit(Event::Proving {
        bytes: source.total_bytes(),
    });
    let checkers = parallel::run(&mut pass, checkers, |checker, block| {
        let checked = checker.check(&block)?;
        Ok((block, checked))
    });
    for line in pass.bad.lines(pass.read) {
        events.emit(Event::BadRecord(line));
    }
    let checkers = checkers.map_err(|error| unproved(error, pass.read, pass.bad.count))?;
    let mut tally = Tally::default();
    let mut totals = Totals::default();
    for checker in checkers {
        tally.merge(checker.tally);
        totals.merge(&checker.totals);
    }
    let (read, bad) = (pass.read, pass.bad.count);
    pass.conclude(binding, &tally, totals, &names, options)
        .map_err(|error| unproved(error, read, bad))
}

/// What is carried from block to block, in their order.
pub(super) struct Pass<'a> {
    source: &'a Source,
    rejects: &'a mut RejectsFile,
    events: &'a Events,
    blocks: Blocks<'a>,
    packer: Packer,
    digests: Digests,
    ids: IdIndex,
    /// None once it failed, too.
    collector: Option<&'a mut dyn Collector>,
    spare: Arc<Spare>,
    too_large: RecordSet,
    read: u64,
    bad: BadRecords,
    /// How many records were told of that may hold others.
    suspects: usize,
    /// What was read over in each input.
    read_over: Vec<ReadOver>,
    /// The last two blocks with records of each input.
    ends: Vec<VecDeque<Extent>>,
}

impl Ends for Pass<'_> {
    type Job = Block;
    type Done = Result<(Block, Checked), InputError>;
    type Error = ProveError;

    fn next(&mut self) -> Result<Option<Block>, ProveError> {
        let first = match self.blocks.next().transpose() {
            Ok(block) => return Ok(block),
            Err(first) => first,
        };
        // Behind a quote that is not closed as it should be only further ones follow, to be told.
        let further = self.blocks.by_ref().filter_map(Result::err);
        let errors = std::iter::once(first).chain(further);
        let errors = errors.take(SHOWN_LINES).collect();
        Err(ProveError::Unreadable(errors))
    }

    fn take(&mut self, done: Self::Done) -> Result<(), ProveError> {
        let (block, checked) = done?;
        let (bytes, records) = (block.bytes.len() as u64, checked.records.len() as u64);
        self.warn(&block, &checked);
        if let Some(all) = self.read_over.get_mut(block.extent.input) {
            all.merge(checked.read_over);
        }
        if let Some(end) = self
            .ends
            .get_mut(block.extent.input)
            .filter(|_| records > 0)
        {
            end.push_back(block.extent);
            if end.len() > 2 {
                end.pop_front();
            }
        }
        let kept = self.keep(&block, &checked);
        self.read += records;
        kept?;
        self.packer.pack(&block, &checked.records);
        self.spare.put(checked.fingerprints);
        self.events.emit(Event::Proved { bytes });
        if let Some(buffer) = self.digests.update(block, records) {
            self.blocks.recycle(buffer);
        }
        Ok(())
    }
}

impl Pass<'_> {
    /// Keeps a block's bad records and the ids of the good ones.
    fn keep(&mut self, block: &Block, checked: &Checked) -> Result<(), ProveError> {
        if !checked.faults.is_empty() {
            self.reject(block, checked)?;
        }
        self.keep_ids(checked)?;
        self.collect(checked);
        Ok(())
    }

    /// Hands on the fingerprints of a block's good records. What they are for is worth no push.
    fn collect(&mut self, checked: &Checked) {
        let Some(collector) = &mut self.collector else {
            return;
        };
        let mut all = checked.fingerprints.iter(self.read + 1);
        if let Err(error) = all.try_for_each(|one| collector.add(&one)) {
            self.collector = None;
            self.events.warn(
                format!("what this push changes cannot be told: {error}"),
                None,
            );
        }
    }

    fn keep_ids(&mut self, checked: &Checked) -> Result<(), ProveError> {
        let records = (self.read + 1..).zip(&checked.records);
        let good = records.filter(|(_, record)| record.json.is_some());
        for ((record, _), hash) in good.zip(&checked.ids) {
            self.ids.add(record, *hash).map_err(ProveError::Ids)?;
        }
        Ok(())
    }

    /// Tells of a block's bad records and keeps them. It is parsed once more for them: few blocks
    /// have any.
    fn reject(&mut self, block: &Block, checked: &Checked) -> Result<(), ProveError> {
        let file = self.source.names().name(block.extent.input);
        let mut parser = self.source.parser();
        let mut rows = parser.rows(self.source, block)?;
        let mut faults = checked.faults.iter();
        for (number, record) in (self.read + 1..).zip(&checked.records) {
            let row = rows.next();
            if record.json.is_some() {
                continue;
            }
            let (Some(row), Some(fault)) = (row, faults.next()) else {
                break;
            };
            if fault.is_too_large {
                self.too_large.insert(number);
            }
            let position = Position {
                input: block.extent.input,
                line: row.line,
                record: number,
            };
            let place = || self.source.names().place(position);
            self.bad.add(place, &fault.wrong, &fault.shown);
            let reject = Reject {
                file: &file,
                line: row.line,
                column: &fault.columns,
                reason: &fault.reason,
            };
            self.rejects
                .add(block, &row, &reject)
                .map_err(ProveError::Rejects)?;
        }
        Ok(())
    }

    /// Tells of the first records in which others seem to stand, and once what to look for.
    fn warn(&mut self, block: &Block, checked: &Checked) {
        let left = SHOWN_SUSPECTS.saturating_sub(self.suspects);
        for line in checked.suspects.iter().take(left) {
            let file = self.source.names().name(block.extent.input);
            let message = format!(
                "{file}, line {line}: a cell of this record runs over several lines that look like \
                 records themselves"
            );
            let hint = "if they are, a quote there was not meant: it made the lines up to the next \
                        quote one cell";
            let is_first = self.suspects == 0;
            self.events.warn(message, is_first.then(|| hint.to_owned()));
            self.suspects += 1;
        }
    }

    /// Warns of inputs that end with a row of totals.
    fn warn_of_totals(&self, binding: &Binding) -> Result<(), InputError> {
        for end in &self.ends {
            let (Some(first), Some(last)) = (end.front(), end.back()) else {
                continue;
            };
            let extent = Extent {
                end: last.end,
                ..*first
            };
            if let Some(told) = last_record::told(self.source, binding, &extent)? {
                let hint = "if it is one, --skip-last 1 leaves it out, or skip_last = 1 below [input] in the \
                            mapping";
                self.events.warn(told, Some(hint.to_owned()));
            }
        }
        Ok(())
    }

    /// Refuses percent columns with the sign in some of their cells.
    fn check_signs(&self, mixed: &[MixedSigns]) -> Result<(), ProveError> {
        let sentence = |mixed: &MixedSigns| {
            let [with, without] =
                [mixed.with, mixed.without].map(|at| self.source.names().place(at));
            let column = display::shown(&mixed.column);
            format!("column {column} has a % sign at {with}, and none at {without}")
        };
        match mixed {
            [] => Ok(()),
            mixed => Err(ProveError::MixedSigns(mixed.iter().map(sentence).collect())),
        }
    }

    /// What only the whole input can tell.
    fn conclude(
        self,
        binding: &Binding,
        tally: &Tally,
        totals: Totals,
        names: &FieldNames,
        options: &ProveOptions,
    ) -> Result<Proof, ProveError> {
        self.warn_of_totals(binding)?;
        let (read, rejected) = (self.read, self.bad.count);
        let allowed = options.max_errors;
        if !allowed.allows(rejected, read) {
            let bad = rejected;
            return Err(ProveError::BadRecords { bad, read, allowed });
        }
        // A mapped key that no record has is no mistake of an input that has no records.
        if read > 0 {
            for note in binding.conclude(tally).map_err(ProveError::Mapping)? {
                self.events.note(note);
            }
        }
        read_over::note(self.source, &self.read_over, self.events);
        self.check_signs(&binding.mixed_signs(tally))?;
        let repeated = repeated::find(self.source, binding, self.ids, options.duplicates)?;
        let mut left_out = self.too_large;
        for record in repeated.iter() {
            left_out.insert(record);
        }
        let mut chunks = self.packer.finish();
        repeated::drop_from(&mut chunks, &repeated);
        // What was added up includes the records that are dropped.
        let totals = match repeated.is_empty() {
            true => totals,
            false => {
                let mut bodies = Bodies::new(&mut chunks);
                let note = |record, bytes| bodies.add(record, bytes);
                Totals::without(&left_out, self.source, binding, names, note)?
            }
        };
        Ok(Proof {
            inputs: self.digests.finish(),
            read,
            rejected,
            duplicates_dropped: repeated.len(),
            keys: binding.keys(tally),
            fields: names.list(),
            is_collected: self.collector.is_some(),
            totals: totals.of_fields(binding, names),
            chunks,
            left_out,
        })
    }
}
