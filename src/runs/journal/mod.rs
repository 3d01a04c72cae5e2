//! A run's journal: what was planned, what was tried, what the service answered.
//!
//! A write-ahead log: one file a run, one JSON object a line, each written through before the next
//! step is taken, so that a killed process loses nothing it did. [`JournalWriter`] writes the lines,
//! [`Journal`] is what can be concluded from them: which records arrived, which are missing, when a
//! replace's window opened, whether it may still be waiting at the service.
//!
//! No line holds a record's value, a word of the service's answers or a key. When to send, wait or
//! refuse is left to those who ask.

mod entry;
mod line;
mod planned;
mod ranges;
mod reader;
mod standing;
mod status;
mod text;
mod view;
mod writer;

#[cfg(test)]
mod tests;

pub(crate) use entry::Attempt;
pub(crate) use line::{Answered, EndLine, Line, Resumption, SCHEMA};
pub(crate) use planned::{
    ChunkLine, DifferingLine, ExtentLine, FactsLine, InputLine, MappingLine, PlanLine, PlanOptions,
    SyncLine,
};
pub(crate) use ranges::RangeSet;
pub(crate) use reader::JournalError;
pub(crate) use standing::{Fate, RangeFate, Sums};
pub(crate) use status::RunState;
pub(crate) use view::Journal;
pub(crate) use writer::JournalWriter;
