//! What reading gives: blocks of whole records, rows, and their cells.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use super::csv::cells::TextCells;
use super::options::Format;
#[cfg(doc)]
use super::reject_columns::REJECT_COLUMNS;

/// The columns that records have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Columns {
    /// The header's names, in the order of the first input; not those that only a rejects file has
    /// ([`REJECT_COLUMNS`]).
    Named(Vec<String>),
    /// Each record names its own (NDJSON, JSON).
    PerRecord,
}

impl Columns {
    /// Those of a format, with the names that its header has.
    pub(super) fn of(format: Format, names: Vec<String>) -> Self {
        match format {
            Format::Csv => Self::Named(names),
            Format::Ndjson | Format::Json => Self::PerRecord,
        }
    }
}

/// A place of whole records in one input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Which input, from 0.
    pub input: usize,
    /// The first byte.
    pub start: u64,
    /// One past the last byte.
    pub end: u64,
    /// The line on which `start` stands, from 1.
    pub first_line: u64,
}

/// Whole records of one input, as they stand in the file. That they are text is checked when they
/// are parsed.
///
/// Blocks tile their input from behind its header to its end, so that one may hold blank lines only.
#[derive(Clone, Debug)]
pub(crate) struct Block {
    /// Where they stand.
    pub extent: Extent,
    /// Their bytes.
    pub bytes: Vec<u8>,
}

/// One record as read.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The record's first byte, counted from the block's start.
    pub start: usize,
    /// One past its last byte (its line end included).
    pub end: usize,
    /// The line on which it begins, from 1, in its input; its number there where several begin on
    /// one line.
    pub line: u64,
    /// Its cells, or why it has none that can be used.
    pub cells: Result<Cells<'a>, RowFault>,
}

/// Why a single record is bad; the ones after it can still be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct RowFault {
    /// The column, where one is to blame.
    pub column: Option<String>,
    /// What is wrong, harmless to print.
    pub message: String,
}

/// The cells of one record.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Cells<'a> {
    /// CSV: one text for each of [`Columns::Named`].
    Text(TextCells<'a>),
    /// NDJSON and JSON: the record's keys and values as written, in its order; no key stands twice, and those that only
    /// a rejects file has ([`REJECT_COLUMNS`]) are left out.
    Object(Members<'a>),
}

/// The keys and values of a JSON record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Members<'a> {
    pairs: &'a [(Cow<'a, str>, &'a str)],
    keys: KeyList,
}

/// Stands for keys in their order: what has an equal one has the same keys (as the hidden classes or shapes
/// of scripting languages do). So what is found by them need not be found again for each record: comparing ten
/// keys with those of the record before took a twelfth of a push.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyList(u64);

impl<'a> Members<'a> {
    /// Of these pairs, whose keys `keys` stands for.
    pub(crate) fn new(pairs: &'a [(Cow<'a, str>, &'a str)], keys: KeyList) -> Self {
        Self { pairs, keys }
    }

    pub(crate) fn keys(&self) -> KeyList {
        self.keys
    }
}

impl<'a> Deref for Members<'a> {
    type Target = [(Cow<'a, str>, &'a str)];

    fn deref(&self) -> &Self::Target {
        self.pairs
    }
}

impl KeyList {
    /// Equal to none that was there before.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

impl Default for KeyList {
    fn default() -> Self {
        Self::new()
    }
}
