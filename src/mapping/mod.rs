//! The mapping: which column becomes which field of the table, and how its cells are written.
//!
//! [`Mapping::parse`] reads the file, [`Mapping::bind`] resolves it once against the columns of the
//! input, and [`Binding::write`] turns one record's cells into one JSON object, digit for digit,
//! without a tree in between; [`Binding::measure`] finds out how long that would be.
//! [`Binding::conclude`] tells what only the whole input can tell. Reading the input and packing the
//! objects are left to others.

mod bind;
mod binding;
mod carried;
mod check;
mod conclude;
pub(crate) mod draft;
mod file;
mod joined;
mod mistakes;
mod object;
mod output;
mod peek;
mod prefix;
mod sent;
mod signs;
mod spec;
mod tally;
pub(crate) mod toml;
mod typed;
mod value;
mod write;
mod written;

pub(crate) use binding::{Binding, Origin};
pub(crate) use file::schema_text;
pub(crate) use mistakes::Mistake;
pub(crate) use peek::Peeked;
pub(crate) use sent::{FieldNames, Sent};
pub(crate) use signs::MixedSigns;
pub(crate) use spec::{Freeze, GuardSettings, InputSettings, Mapping};
pub(crate) use tally::Tally;
pub(crate) use typed::Spelling;
pub(crate) use value::{FieldType, day_of, swar};
pub(crate) use written::CellFault;

#[cfg(test)]
mod tests;
