//! What a push changes against the base of its table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::runs::state::RunId;

/// Some records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Listed {
    pub count: u64,
    /// The first five, in the order of the records.
    pub ids: Vec<String>,
}

/// What a push changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changes {
    /// The run that left the base.
    pub base_run: RunId,
    pub new: Listed,
    pub changed: Listed,
    /// Records of the base that the input does not have and the push deletes: a replace's.
    pub vanished: Listed,
    pub unchanged: u64,
    /// Records of the base that the input does not have and that stay: an upsert's.
    #[serde(default)]
    pub kept: u64,
    /// In how many of the changed records each field differs; fields that differ nowhere are left out.
    pub fields: BTreeMap<String, u64>,
}

/// What the guards look at besides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Comparison {
    pub changes: Changes,
    pub base: BaseFacts,
    /// Records of a frozen period that are new, changed or vanished.
    pub frozen: Listed,
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
