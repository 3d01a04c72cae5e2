//! A push beside the base of its table.

use crate::runs::changes::{Changes, Listed};
use crate::runs::state::RunId;

/// What the guards look at besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub changes: Changes,
    pub base: BaseFacts,
    /// Records of a frozen period that are new, changed or vanished.
    pub frozen: Listed,
    /// How many records the table will have.
    pub records_after: u64,
    /// How many of them will have each field of the base filled, if a field that an upsert leaves out is
    /// emptied by that: whether it is, the service does not say.
    pub filled_after: Vec<(String, u64)>,
}

/// What a base tells as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BaseFacts {
    pub run: RunId,
    pub records: u64,
    /// Each field with how many records fill it.
    pub filled: Vec<(String, u64)>,
    /// The field whose days it knows.
    pub freeze_field: Option<String>,
}
