//! Reading the sample: every column with what its cells have in common.
//!
//! Nothing of the records is kept. Where they are looked at again, they are read again.

use std::collections::HashMap;

use crate::input::{
    Cells, Columns, InputError, MAX_COLUMNS, RowFault, Source, each_pair, unusable,
};

use super::evidence::{Evidence, Place};
use super::gaps::{Fullness, Gaps};
use crate::base::position::Positions;

/// How many different cells are kept at most, of all columns together.
const ROOM: usize = 16 << 20;

/// Objects that have more members than this in one place are maps, not records.
const MOST_MEMBERS: usize = 50;

/// The most objects inside each other that are taken apart.
const MOST_DEPTH: usize = 4;

/// The sample's columns.
#[derive(Debug, Default)]
pub(super) struct Sample {
    pub(super) columns: Vec<Column>,
    /// Records that can be read.
    pub(super) records: u64,
    /// Records that cannot.
    pub(super) unreadable: u64,
    /// What is wrong with the first of those.
    pub(super) first_fault: Option<String>,
    /// What tells where they stand.
    pub(super) positions: Positions,
    /// Whether that is all that the input has.
    pub(super) is_whole: bool,
    /// How full they are, of CSV and sheets.
    pub(super) fullness: Fullness,
    /// Whether there were more columns than a record may have.
    pub(super) is_cut: bool,
}

/// One column, or path into NDJSON records.
#[derive(Debug)]
pub(super) struct Column {
    /// The name by which a mapping finds it.
    pub(super) path: String,
    /// The last part of a path.
    pub(super) last: String,
    pub(super) is_nested: bool,
    pub(super) evidence: Evidence,
    /// Where it is empty, in CSV and sheets.
    pub(super) gaps: Gaps,
    /// Why no field can use it.
    pub(super) unusable: Option<&'static str>,
}

/// A key of NDJSON records.
#[derive(Debug, Default)]
struct Node {
    name: String,
    /// Its values that are no objects, or all of them where it is not taken apart.
    own: Evidence,
    objects: u64,
    members: Nodes,
}

/// Keys in the order in which they were first seen.
#[derive(Debug, Default)]
struct Nodes {
    list: Vec<Node>,
    places: HashMap<String, usize>,
    is_cut: bool,
}

/// Reads the sample.
pub(super) fn read(source: &Source, limit: Option<u64>) -> Result<Sample, InputError> {
    let mut sample = Sample {
        positions: source.names().positions(0),
        ..Sample::default()
    };
    let mut nodes = Nodes::default();
    if let Columns::Named(names) = source.columns() {
        let unusable = unusable(names);
        let columns = names.iter().zip(unusable).map(|(name, unusable)| Column {
            unusable,
            ..Column::new(name)
        });
        sample.columns = columns.collect();
    }
    let room = ROOM / sample.columns.len().max(1);
    sample.is_whole = each(source, limit, |line, cells| match cells {
        Ok(Cells::Text(cells)) => {
            sample.records += 1;
            let is_empty = |at: usize| cells.get(at).trim().is_empty();
            let filled = (0..sample.columns.len())
                .filter(|at| !is_empty(*at))
                .count();
            sample.fullness.add(filled);
            for (at, column) in sample.columns.iter_mut().enumerate() {
                let (text, typed) = (cells.get(at), cells.typed(at));
                column.evidence.add_cell(text, typed, Place { line, room });
                if is_empty(at) {
                    column.gaps.add(sample.records, line, filled);
                }
            }
        }
        Ok(Cells::Object(pairs)) => {
            sample.records += 1;
            for (key, value) in pairs.iter() {
                nodes.add(key, value, line, (MAX_COLUMNS, 1));
            }
        }
        Err(fault) => {
            sample.unreadable += 1;
            let first = &mut sample.first_fault;
            first.get_or_insert_with(|| fault.to_string());
        }
    })?;
    sample.is_cut = nodes.is_cut;
    flatten(nodes, None, &mut sample.columns);
    Ok(sample)
}

impl Sample {
    /// Whether a column is empty in nearly empty records only.
    pub(super) fn requires(&self, column: &Column) -> bool {
        let filled = column.evidence.filled;
        let gaps = &column.gaps;
        gaps.are_of_hollow(filled, self.records, &self.fullness, self.is_whole)
    }

    /// Where the first record stands in which a column is empty that is not in others.
    pub(super) fn first_hollow(&self) -> Option<String> {
        let required = self.columns.iter().filter(|column| self.requires(column));
        let line = required.filter_map(|column| column.gaps.line()).min()?;
        Some(self.positions.place(line))
    }
}

/// Hands over the line and the cells of each record of the sample. Whether the input has no more of them.
pub(super) fn each(
    source: &Source,
    limit: Option<u64>,
    mut look: impl FnMut(u64, Result<Cells<'_>, RowFault>),
) -> Result<bool, InputError> {
    let mut left = limit.unwrap_or(u64::MAX);
    let mut parser = source.parser();
    let mut blocks = source.blocks();
    while let Some(block) = blocks.next() {
        let block = block?;
        let mut rows = parser.rows(source, &block)?;
        while let Some(row) = rows.next() {
            if left == 0 {
                return Ok(false);
            }
            left -= 1;
            look(row.line, row.cells);
        }
        drop(rows);
        blocks.recycle(block.bytes);
    }
    Ok(true)
}

impl Column {
    fn new(name: &str) -> Self {
        Self {
            path: name.to_owned(),
            last: name.to_owned(),
            is_nested: false,
            evidence: Evidence::default(),
            gaps: Gaps::default(),
            unusable: None,
        }
    }
}

impl Nodes {
    /// Notes one more value of a key, `depth` objects deep, where `most` keys are kept.
    fn add(&mut self, key: &str, value: &str, line: u64, (most, depth): (usize, usize)) {
        let at = match self.places.get(key) {
            Some(at) => *at,
            None if self.list.len() == most => {
                self.is_cut = true;
                return;
            }
            None => {
                let at = self.list.len();
                self.places.insert(key.to_owned(), at);
                self.list.push(Node {
                    name: key.to_owned(),
                    ..Node::default()
                });
                at
            }
        };
        let Some(node) = self.list.get_mut(at) else {
            return;
        };
        if !value.starts_with('{') {
            let room = ROOM / MAX_COLUMNS;
            return node.own.add_json(value, Place { line, room });
        }
        if node.objects == 0 && node.own.example.is_none() {
            node.own.example = Some(value.chars().take(60).collect());
        }
        node.objects += 1;
        if depth < MOST_DEPTH && !node.members.is_cut {
            // A record whose inner objects cannot be read is not a readable one.
            let _ = each_pair(value, |key, value| {
                node.members
                    .add(&key, value, line, (MOST_MEMBERS, depth + 1));
            });
        }
    }
}

/// Keys and paths as columns. An object is taken apart where all values of its key are objects.
fn flatten(nodes: Nodes, parent: Option<&str>, columns: &mut Vec<Column>) {
    for mut node in nodes.list {
        let path = match parent {
            Some(parent) => format!("{parent}.{}", node.name),
            None => node.name.clone(),
        };
        let is_branch = node.objects > 0
            && node.own.filled == 0
            && !node.members.list.is_empty()
            && !node.members.is_cut;
        if is_branch {
            flatten(node.members, Some(&path), columns);
            continue;
        }
        node.own.filled += node.objects;
        node.own.unfit_for_id += node.objects;
        node.own.is_constant &= node.objects == 0;
        columns.push(Column {
            path,
            last: node.name,
            is_nested: parent.is_some(),
            evidence: node.own,
            gaps: Gaps::default(),
            unusable: None,
        });
    }
}
