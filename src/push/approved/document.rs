//! A dry run's document, read again: only what a push is held to.

use serde::Deserialize;

use super::terms::Terms;
use crate::runs::changes::Changes;

/// What a receipt says of a push before its first request.
#[derive(Debug, Deserialize)]
pub(super) struct Document {
    /// None in a dry run.
    pub run: Option<String>,
    pub version: String,
    pub table: String,
    pub mode: String,
    pub exit_code: u8,
    pub inputs: Vec<Input>,
    pub mapping: Option<Digested>,
    pub counts: Counts,
    #[serde(default)]
    pub totals: Vec<Total>,
    pub changes: Option<Changes>,
    pub dry_run: Option<DryRun>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Input {
    pub path: String,
    pub digest: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Digested {
    pub path: String,
    pub digest: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Counts {
    pub read: u64,
    pub to_send: u64,
}

/// What is sent of a field. What tells single records is left out of a plan where that was asked for.
#[derive(Debug, Deserialize)]
pub(super) struct Total {
    pub field: String,
    pub filled: u64,
    pub sum: Option<String>,
    pub min: Option<String>,
    pub max: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct DryRun {
    pub plan: Option<Terms>,
}
