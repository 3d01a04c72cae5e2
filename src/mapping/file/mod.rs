//! The mapping file: its keys, how it is read with all its mistakes told at once, and its schema.

mod defaults;
mod field;
mod foreign;
pub(crate) mod guard_keys;
mod guards;
pub(crate) mod keys;
mod kind;
mod long;
mod options;
mod parse;
pub(crate) mod reader;
pub(crate) mod schema;

pub(crate) use schema::schema_text;
