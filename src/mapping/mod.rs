//! The mapping: which column becomes which field of the table, and how its cells are written.
//!
//! [`Mapping::parse`] reads the file, [`Mapping::bind`] resolves it once against the columns of the
//! input, and [`Binding::write`] turns one record's cells into one JSON object, digit for digit,
//! without a tree in between; [`Binding::measure`] finds out how long that would be. [`Binding::conclude`] tells what only the whole input can tell.
//! Reading the input and packing the objects are left to others.
//!
//! ```
//! use qobra_push::mapping::{Mapping, Tally};
//! use qobra_push::input::Columns;
//!
//! let mapping = Mapping::parse("[fields]\nid = \"Deal ID\"\nname = \"Deal\"")?;
//! let header = vec!["Deal ID".to_owned(), "Deal".to_owned()];
//! let binding = mapping.bind(&Columns::Named(header))?;
//! assert!(binding.conclude(&Tally::default())?.is_empty());
//! # Ok::<(), Vec<qobra_push::mapping::Mistake>>(())
//! ```

pub(crate) mod draft;

mod mistakes;

mod lanes;
mod output;
mod plain_date;

mod date;
mod json;
mod number;
mod plain_number;
mod prefix;
mod text;
mod words;

mod kind;

mod spec;

mod keys;
mod schema;

mod reader;

mod field;
mod file;
mod long;

mod tally;

mod bind;
mod binding;
mod conclude;
mod defaults;
mod carried;
mod object;
mod peek;
mod quick;
mod signs;
mod typed;
mod write;
mod written;

pub(crate) use binding::{Binding, Origin};
pub(crate) use kind::FieldType;
pub(crate) use mistakes::Mistake;
pub(crate) use peek::Peeked;
pub(crate) use schema::schema_text;
pub(crate) use signs::MixedSigns;
pub(crate) use spec::{InputSettings, Mapping};
pub(crate) use tally::Tally;
pub(crate) use typed::Spelling;
pub(crate) use written::CellFault;

#[cfg(test)]
mod tests;
