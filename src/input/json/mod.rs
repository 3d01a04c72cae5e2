//! JSON: records on lines of their own (NDJSON), and in other shapes that become such lines.
//!
//! `head` tells how a text is written that is not NDJSON, and `convert` makes a private copy of it with
//! one record a line; `ndjson` takes the records apart and is the only reader of them.

mod check;
pub(super) mod convert;
pub(super) mod fault;
pub(super) mod head;
pub(super) mod ndjson;
mod outline;
pub(super) mod pairs;
pub(super) mod pattern;
pub(super) mod text;
mod value;
mod walk;
mod wrapper;
