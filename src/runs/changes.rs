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

/// Which records of its input a push sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delivered {
    #[default]
    All,
    /// Those that differ from the base.
    Differing,
    /// Those too, after which the table is to hold the whole input and nothing else.
    Equal,
}

/// What a push changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Changes {
    /// The run that left the base.
    pub base_run: RunId,
    /// Whether the imports of all runs that went into it were seen to their end. Else records that the
    /// service rejected of them may show as unchanged.
    #[serde(default)]
    pub base_followed: bool,
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
