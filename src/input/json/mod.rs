//! JSON: records on lines of their own (NDJSON), in an array, in an object around one, or one behind
//! the other.
//!
//! `head` tells how a text is written and `split` cuts its records where they are not lines; a record
//! is an object that `ndjson` takes apart.

mod check;
pub(super) mod head;
pub(super) mod ndjson;
mod outline;
pub(super) mod pairs;
pub(super) mod pattern;
pub(super) mod rows;
pub(super) mod shape;
pub(super) mod split;
mod text;
pub(super) mod value;
mod wrapper;
