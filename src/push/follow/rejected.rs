//! The records that the service left out, in the rejects file: as they stand in the input, where
//! they are found there.
//!
//! The service's line numbers count something else than lines of the input, so a record is found by
//! its id, compared as text. What is not found is kept as the service showed it.

use std::io;

use xxhash_rust::xxh3::xxh3_64;

use crate::base::complaint::Complaint;
use crate::base::position::Position;
use crate::input::{Block, InputError, Row};
use crate::mapping::{Binding, Origin, Sent, Tally};
use crate::prove::chunk::MappedInput;
use crate::prove::id_text;
use crate::prove::rejects::{Reject, RejectsFile, Stray};
use crate::push::verdict::{Reasons, Rejected, RejectionPlace, Rejections, RejectionsReader};

/// What stands before the reason of a record that is not in the input.
const NOT_FOUND: &str = "(not found in the input)";

#[derive(Clone, Copy, Debug)]
pub(crate) struct Pushed<'a> {
    /// The inputs, mapped. Records that were not sent are duplicates, whose ids are those of others.
    pub input: MappedInput<'a>,
    pub id_field: &'a str,
}

/// How many rejected records are looked for in one pass over the input: 16 bytes each, and one.
const AT_A_TIME: usize = 2 << 20;

/// What became of the records that the service left out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Collected {
    /// Records of the input that were added to the rejects.
    pub matched: u64,
    /// Records that are not in the input and were added as the service showed them.
    pub unmatched: u64,
    /// Why they were left out, with the first place of each reason.
    pub reasons: Reasons,
}

/// The input cannot be read again.
fn unreadable(error: InputError) -> Complaint {
    Complaint::new(error.message, error.hint)
}

/// The rejects file cannot be written.
fn unwritable(error: io::Error) -> Complaint {
    Complaint::new(format!("cannot keep the rejected records: {error}"), None)
}

/// Adds rejected records to the rejects file; the input is read once, up to the last of them, or once
/// for each two million of them. A record that the service names several times is added once in a
/// pass, with all reasons.
pub(crate) fn collect(
    pushed: Pushed<'_>,
    rejected: &Rejections,
    rejects: &mut RejectsFile,
) -> Result<Collected, Complaint> {
    collect_by(AT_A_TIME, pushed, rejected, rejects)
}

/// [`collect`], so many at a time.
pub(super) fn collect_by(
    at_a_time: usize,
    pushed: Pushed<'_>,
    rejected: &Rejections,
    rejects: &mut RejectsFile,
) -> Result<Collected, Complaint> {
    let mut search = Search {
        pushed,
        rejected: rejected.reader(),
        wanted: Vec::new(),
        is_found: Vec::new(),
        left: 0,
        tally: Tally::default(),
        sent: Sent::default(),
        record: 0,
        found: Collected::default(),
    };
    let mut rows = rejected.reader();
    let mut lost = None;
    loop {
        let first = rows.place();
        match search.look_for(&mut rows, at_a_time) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) => lost = Some(error),
        }
        search.read(rejects)?;
        search
            .add_strays(rejected.reader_from(first), rows.place(), rejects)
            .map_err(unwritable)?;
    }
    match lost {
        None => Ok(search.found),
        Some(error) => Err(unwritable(error)),
    }
}

/// One pass over the input.
struct Search<'a> {
    pushed: Pushed<'a>,
    rejected: RejectionsReader<'a>,
    /// The hash of each id that is looked for, with the place of its record; sorted.
    wanted: Vec<(u64, RejectionPlace)>,
    /// Which of the wanted records were found.
    is_found: Vec<bool>,
    /// How many of the wanted records were not found yet.
    left: usize,
    tally: Tally,
    sent: Sent,
    record: u64,
    found: Collected,
}

impl Search<'_> {
    /// Begins a pass that looks for the next records, at most so many. Gives how many there are.
    fn look_for(&mut self, rows: &mut RejectionsReader<'_>, most: usize) -> io::Result<usize> {
        self.wanted.clear();
        let mut count = 0;
        let read = loop {
            if count == most {
                break Ok(count);
            }
            let (place, rejected) = match rows.read() {
                Ok(Some(found)) => found,
                Ok(None) => break Ok(count),
                Err(error) => break Err(error),
            };
            count += 1;
            self.found.reasons.add(&rejected);
            if let Some(id) = rejected.row.get(self.pushed.id_field) {
                self.wanted.push((xxh3_64(id.as_bytes()), place));
            }
        };
        self.wanted.sort_unstable();
        self.left = self.wanted.len();
        self.is_found.clear();
        self.is_found.resize(self.left, false);
        self.tally = Tally::default();
        self.record = 0;
        read
    }

    fn read(&mut self, rejects: &mut RejectsFile) -> Result<(), Complaint> {
        let source = self.pushed.input.source;
        let mut parser = source.parser();
        let mut blocks = source.blocks();
        while self.left > 0 {
            let Some(block) = blocks.next() else { break };
            let block = block.map_err(unreadable)?;
            let mut rows = parser.rows(source, &block).map_err(unreadable)?;
            while let Some(row) = rows.next() {
                self.record += 1;
                let these = self.take_wanted(&row).map_err(unwritable)?;
                if !these.is_empty() {
                    self.add(&block, &row, &these, rejects)
                        .map_err(unwritable)?;
                }
            }
            blocks.recycle(block.bytes);
        }
        Ok(())
    }

    /// The rejected records that are this row, if it was sent.
    fn take_wanted(&mut self, row: &Row<'_>) -> io::Result<Vec<Rejected>> {
        let mut these = Vec::new();
        let Ok(cells) = &row.cells else {
            return Ok(these);
        };
        if self.pushed.input.left_out.contains(self.record) {
            return Ok(these);
        }
        let binding = self.pushed.input.binding;
        let Ok(measured) = binding.measure(cells, &mut self.sent, &mut self.tally) else {
            return Ok(these);
        };
        let id = id_text(measured.id);
        let hash = xxh3_64(&id);
        let first = self.wanted.partition_point(|(other, _)| *other < hash);
        let alike = self.wanted[first..]
            .iter()
            .take_while(|(other, _)| *other == hash);
        for (n, (_, place)) in (first..).zip(alike) {
            if self.is_found[n] {
                continue;
            }
            let rejected = self.rejected.read_at(*place)?;
            let is_it = rejected.row.get(self.pushed.id_field).map(str::as_bytes) == Some(&*id);
            if is_it {
                self.is_found[n] = true;
                self.left -= 1;
                these.push(rejected);
            }
        }
        Ok(these)
    }

    fn add(
        &mut self,
        block: &Block,
        row: &Row<'_>,
        these: &[Rejected],
        rejects: &mut RejectsFile,
    ) -> io::Result<()> {
        let binding = self.pushed.input.binding;
        let (mut columns, mut reasons) = (Vec::new(), Vec::new());
        let position = Position {
            input: block.extent.input,
            line: row.line,
            record: self.record,
        };
        for rejected in these {
            let positions = self.pushed.input.source.names().positions(position.input);
            self.found.reasons.place(rejected, position, positions);
            let column =
                (rejected.field.as_deref()).map(|key| column_of(binding, key).unwrap_or(key));
            columns.extend(column.filter(|column| !columns.contains(column)));
            let words = &*rejected.words;
            reasons.extend(Some(words).filter(|words| !reasons.contains(words)));
        }
        let (file, column) = (
            self.pushed.input.source.names().name(position.input),
            columns.join(", "),
        );
        let reject = Reject {
            file: &file,
            line: row.line,
            column: &column,
            reason: &reasons.join("; "),
        };
        rejects.add(block, row, &reject)?;
        self.found.matched += 1;
        Ok(())
    }

    /// Adds what was not found of the records up to a place.
    fn add_strays(
        &mut self,
        mut rows: RejectionsReader<'_>,
        end: RejectionPlace,
        rejects: &mut RejectsFile,
    ) -> io::Result<()> {
        let binding = self.pushed.input.binding;
        // What cannot be read has been told.
        while rows.place() < end {
            let Ok(Some((place, rejected))) = rows.read() else {
                continue;
            };
            let id = rejected.row.get(self.pushed.id_field);
            let at = id.map(|id| self.wanted.binary_search(&(xxh3_64(id.as_bytes()), place)));
            if let Some(Ok(at)) = at
                && self.is_found[at]
            {
                continue;
            }
            let fields = &rejected.row.row;
            let columns: Vec<_> = fields
                .iter()
                .map(|(key, _)| column_of(binding, key))
                .collect();
            let key = rejected.field.as_deref().unwrap_or_default();
            rejects.add_stray(&Stray {
                fields,
                columns: &columns,
                column: column_of(binding, key).unwrap_or(key),
                reason: &format!("{NOT_FOUND} {}", rejected.words),
            })?;
            self.found.unmatched += 1;
        }
        Ok(())
    }
}

/// The input's column of a field.
fn column_of<'a>(binding: &'a Binding, key: &str) -> Option<&'a str> {
    let mut fields = binding.fields();
    match fields.find(|field| field.key == key)?.origin {
        Origin::Column(column) => Some(column),
        Origin::Constant(_) => None,
    }
}
