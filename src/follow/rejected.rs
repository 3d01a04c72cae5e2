//! The records that the service left out, in the rejects file: as they stand in the input, where
//! they are found there.
//!
//! The service's line numbers count something else than lines of the input, so a record is found by
//! its id, compared as text. What is not found is kept as the service showed it.

use std::collections::HashMap;
use std::io;

use crate::duplicates::RecordSet;
use crate::mapping::{Binding, Origin, Tally};
use crate::position::Position;
use crate::prove::id_text;
use crate::rejects::{Reject, RejectsFile, Stray};
use crate::source::{Block, InputError, Row, Source};
use crate::verdict::Rejected;

/// What stands before the reason of a record that is not in the input.
const NOT_FOUND: &str = "(not found in the input)";

/// What was pushed.
#[derive(Clone, Copy, Debug)]
pub struct Pushed<'a> {
    /// The opened inputs.
    pub source: &'a Source,
    /// The mapping, bound to them.
    pub binding: &'a Binding,
    /// Records that were not sent: duplicates, whose ids are those of others.
    pub left_out: &'a RecordSet,
    /// The id field's API key.
    pub id_field: &'a str,
}

/// What became of the records that the service left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Collected {
    /// Records of the input that were added to the rejects.
    pub matched: u64,
    /// Records that are not in the input and were added as the service showed them.
    pub unmatched: u64,
    /// For each rejected record its place in the input.
    pub places: Vec<Option<Position>>,
}

/// Why rejected records could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The input cannot be read again.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The rejects file cannot be written.
    #[error("cannot keep the rejected records: {0}")]
    Rejects(#[from] io::Error),
}

/// Adds rejected records to the rejects file; the input is read once, up to the last of them.
/// A record that the service names several times is added once, with all reasons.
///
/// # Errors
/// When the input cannot be read or the file cannot be written.
pub fn collect(
    pushed: Pushed<'_>,
    rejected: &[Rejected],
    rejects: &mut RejectsFile,
) -> Result<Collected, CollectError> {
    let mut search = Search {
        pushed,
        rejected,
        wanted: HashMap::new(),
        tally: Tally::default(),
        record: 0,
        found: Collected {
            places: vec![None; rejected.len()],
            ..Collected::default()
        },
    };
    for (n, rejected) in rejected.iter().enumerate() {
        if let Some(id) = rejected.row.get(pushed.id_field) {
            search.wanted.entry(id.as_bytes()).or_default().push(n);
        }
    }
    search.read(rejects)?;
    search.add_strays(rejects)?;
    Ok(search.found)
}

/// One pass over the input.
struct Search<'a> {
    pushed: Pushed<'a>,
    rejected: &'a [Rejected],
    /// Ids not found yet, with their places in `rejected`.
    wanted: HashMap<&'a [u8], Vec<usize>>,
    tally: Tally,
    record: u64,
    found: Collected,
}

impl Search<'_> {
    fn read(&mut self, rejects: &mut RejectsFile) -> Result<(), CollectError> {
        let source = self.pushed.source;
        let mut parser = source.parser();
        let mut blocks = source.blocks();
        while !self.wanted.is_empty() {
            let Some(block) = blocks.next() else { break };
            let block = block?;
            let mut rows = parser.rows(source, &block)?;
            while let Some(row) = rows.next() {
                self.record += 1;
                if let Some(these) = self.take_wanted(&row) {
                    self.add(&block, &row, &these, rejects)?;
                }
            }
            blocks.recycle(block.bytes);
        }
        Ok(())
    }

    /// The rejected records that are this row, if it was sent.
    fn take_wanted(&mut self, row: &Row<'_>) -> Option<Vec<usize>> {
        let cells = row.cells.as_ref().ok()?;
        if self.pushed.left_out.contains(self.record) {
            return None;
        }
        let binding = self.pushed.binding;
        let measured = binding.measure(cells, &mut self.tally).ok()?;
        self.wanted.remove(&*id_text(measured.id))
    }

    fn add(
        &mut self,
        block: &Block,
        row: &Row<'_>,
        these: &[usize],
        rejects: &mut RejectsFile,
    ) -> io::Result<()> {
        let (rejected, binding) = (self.rejected, self.pushed.binding);
        let (mut columns, mut reasons) = (Vec::new(), Vec::new());
        let position = Position {
            input: block.extent.input,
            line: row.line,
            column: row.column,
            record: self.record,
        };
        for &n in these {
            let rejected = &rejected[n];
            self.found.places[n] = Some(position);
            let column =
                (rejected.field.as_deref()).map(|key| column_of(binding, key).unwrap_or(key));
            columns.extend(column.filter(|column| !columns.contains(column)));
            let words = &*rejected.words;
            reasons.extend(Some(words).filter(|words| !reasons.contains(words)));
        }
        let (file, column) = (
            self.pushed.source.names().name(position.input),
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

    /// Adds what was not found.
    fn add_strays(&mut self, rejects: &mut RejectsFile) -> io::Result<()> {
        let binding = self.pushed.binding;
        for (rejected, place) in self.rejected.iter().zip(&self.found.places) {
            if place.is_some() {
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
