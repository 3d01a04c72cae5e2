//! What is counted over the whole input, in bounded memory, so that it can be told once at the end.

use std::collections::BTreeSet;

use crate::base::position::Position;
use crate::input::KeyList;

/// The most names that one list keeps.
pub(super) const MOST_NAMES: usize = 500;

/// The most characters of a name that are kept: one more than are shown, so that a cut shows.
const MOST_CHARS: usize = crate::base::display::SHOWN_CHARS + 1;

/// What one worker saw while writing records with one [`Binding`](super::Binding). Merging the
/// tallies of all workers gives the same result whatever each of them was handed.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    /// Records that were written or refused.
    pub(super) records: u64,
    /// One for each field of the mapping.
    pub(super) fields: Vec<FieldTally>,
    /// Keys of NDJSON records that no field uses: all of them, where records go as they are.
    pub(super) unmapped: Names,
    /// Of each percentage, the first cells with the sign and without.
    pub(super) signs: Vec<Signs>,
    /// Room for the work on one NDJSON record; not counted, not merged.
    pub(super) scratch: Scratch,
    /// The id of the record at hand, as JSON; not merged.
    pub(super) id: Vec<u8>,
    /// Where that record stands, if somebody said it; not merged.
    pub(super) at: Position,
}

/// What was seen of one field.
#[derive(Debug, Default)]
pub(super) struct FieldTally {
    /// Whether any record had the key.
    pub(super) seen: bool,
    /// Whether [`FieldTally::near`] was filled, which is worth doing once.
    pub(super) looked_near: bool,
    /// For a path that was not found: the paths that were there.
    pub(super) near: Names,
    /// Cells that `values` does not list.
    pub(super) unlisted: Names,
    /// How many cells those were.
    pub(super) unlisted_cells: u64,
    /// What was seen of each column, where there are several.
    pub(super) parts: Vec<FieldTally>,
}

/// The first cell of a percent column with the sign and the first one without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Signs {
    pub(super) with: Option<Position>,
    pub(super) without: Option<Position>,
}

/// Distinct names: the smallest ones, in order, so that the same are kept in whatever order they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    set: BTreeSet<String>,
    overflown: bool,
}

/// What finding the keys of one NDJSON record needs.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    /// What stands for the keys of the record before.
    pub(super) keys: Option<KeyList>,
    /// Those keys, and what each is to the mapping.
    pub(super) layout: Vec<(String, Option<usize>)>,
    /// For each wanted key, its place in the record at hand.
    pub(super) found: Vec<Option<usize>>,
}

impl Tally {
    /// Counts one record more.
    pub(super) fn begin(&mut self, fields: usize) {
        self.records += 1;
        if self.fields.len() < fields {
            self.fields.resize_with(fields, FieldTally::default);
        }
    }

    /// Says where the record stands that comes next.
    pub(crate) fn go_to(&mut self, at: Position) {
        self.at = at;
    }

    /// Takes over what another worker saw with the same binding.
    pub(crate) fn merge(&mut self, other: Self) {
        self.records += other.records;
        self.unmapped.merge(other.unmapped);
        if self.signs.len() < other.signs.len() {
            self.signs.resize_with(other.signs.len(), Signs::default);
        }
        for (mine, theirs) in self.signs.iter_mut().zip(other.signs) {
            mine.merge(theirs);
        }
        if self.fields.len() < other.fields.len() {
            self.fields
                .resize_with(other.fields.len(), FieldTally::default);
        }
        for (mine, theirs) in self.fields.iter_mut().zip(other.fields) {
            mine.merge(theirs);
        }
    }
}

impl FieldTally {
    fn merge(&mut self, other: Self) {
        self.seen |= other.seen;
        self.looked_near |= other.looked_near;
        self.near.merge(other.near);
        self.unlisted.merge(other.unlisted);
        self.unlisted_cells += other.unlisted_cells;
        if self.parts.len() < other.parts.len() {
            self.parts.resize_with(other.parts.len(), Self::default);
        }
        for (mine, theirs) in self.parts.iter_mut().zip(other.parts) {
            mine.merge(theirs);
        }
    }
}

impl Signs {
    /// Notes a cell's sign, if it is the first of its kind: cells are seen in their order.
    pub(super) fn note(&mut self, has_sign: bool, at: Position) {
        let first = match has_sign {
            true => &mut self.with,
            false => &mut self.without,
        };
        first.get_or_insert(at);
    }

    /// Takes over what another worker noted.
    fn merge(&mut self, other: Self) {
        let first = |a: Option<Position>, b: Option<Position>| a.into_iter().chain(b).min();
        self.with = first(self.with, other.with);
        self.without = first(self.without, other.without);
    }
}

impl Names {
    /// Adds a name, cut to what can be shown.
    pub(super) fn add(&mut self, name: &str) {
        let end = name
            .char_indices()
            .nth(MOST_CHARS)
            .map_or(name.len(), |(at, _)| at);
        let name = &name[..end];
        if self.set.contains(name) {
            return;
        }
        if self.set.len() == MOST_NAMES {
            self.overflown = true;
            if self.set.last().is_some_and(|last| last.as_str() < name) {
                return;
            }
            self.set.pop_last();
        }
        self.set.insert(name.to_owned());
    }

    fn merge(&mut self, other: Self) {
        self.overflown |= other.overflown;
        for name in &other.set {
            self.add(name);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.set.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        self.set.iter().map(String::as_str)
    }

    /// The first names in quotes, and how many more there are.
    pub(super) fn listed(&self) -> String {
        super::mistakes::listed(self.iter(), self.overflown)
    }
}
