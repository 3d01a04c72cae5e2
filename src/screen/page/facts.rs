//! A receipt read back: what a page tells of a run, whoever wrote the receipt.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::options::Options;
use crate::prove::totals::FieldTotal;
use crate::runs::changes::Listed;

/// A receipt, as far as a page shows it. Older ones lack what came later.
#[derive(Debug, Deserialize)]
pub(super) struct Facts {
    pub run: Option<String>,
    pub version: String,
    pub table: String,
    pub mode: String,
    #[serde(default)]
    pub rollback_of: Option<String>,
    pub table_state: String,
    pub exit_code: u8,
    pub started_at: String,
    pub finished_at: String,
    #[serde(default)]
    pub inputs: Vec<Input>,
    pub mapping: Option<File>,
    pub counts: Counts,
    #[serde(default)]
    pub totals: Vec<FieldTotal>,
    #[serde(default)]
    pub changes: Option<Changes>,
    #[serde(default)]
    pub changes_unknown: Option<String>,
    #[serde(default)]
    pub imports: Vec<Import>,
    #[serde(default)]
    pub window: Option<Window>,
    #[serde(default)]
    pub rejects: Option<String>,
    #[serde(default)]
    pub errors: Vec<Error>,
    #[serde(default)]
    pub dry_run: Option<DryRun>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Input {
    pub path: String,
    pub bytes: Option<u64>,
    pub records: Option<u64>,
    pub digest: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub path: String,
    pub digest: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Counts {
    pub read: u64,
    pub rejected_locally: u64,
    pub duplicates_dropped: u64,
    pub unchanged: u64,
    pub to_send: u64,
    pub accepted: u64,
    pub unknown: u64,
    pub not_sent: u64,
    pub rejected_by_service: u64,
}

/// [`crate::runs::changes::Changes`], of any version.
#[derive(Debug, Deserialize)]
pub(super) struct Changes {
    pub base_run: String,
    #[serde(default)]
    pub base_followed: bool,
    pub new: Listed,
    pub changed: Listed,
    pub vanished: Listed,
    pub unchanged: u64,
    #[serde(default)]
    pub kept: u64,
    #[serde(default)]
    pub fields: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Import {
    pub id: String,
    pub status: Option<String>,
    pub records: Option<u64>,
    pub error: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Window {
    pub debounce: u64,
}

#[derive(Debug, Deserialize)]
pub(super) struct Error {
    pub message: String,
    pub hint: Option<String>,
}

/// What a dry run shows.
#[derive(Debug, Deserialize)]
pub(super) struct DryRun {
    pub format: String,
    pub encoding: String,
    #[serde(default)]
    pub columns: Vec<Column>,
    pub records: u64,
    pub chunks: u64,
    pub bytes: u64,
    pub refusal: Option<String>,
    pub plan: Option<Plan>,
}

/// What a push that keeps to this dry run is bound to.
#[derive(Debug, Deserialize)]
pub(super) struct Plan {
    base_url: String,
    #[serde(default)]
    options: Options,
    #[serde(default)]
    guards: Options,
}

impl Plan {
    /// All of it, by its names.
    pub(super) fn all(&self) -> Options {
        let service = ("service".to_owned(), self.base_url.clone().into());
        let named = self.options.iter().chain(&self.guards);
        let named = named.map(|(name, value)| (name.clone(), value.clone()));
        named.chain([service]).collect()
    }
}

/// One column of the input, or one constant of the mapping.
#[derive(Debug, Deserialize)]
pub(super) struct Column {
    pub column: Option<String>,
    pub key: Option<String>,
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub constant: Option<serde_json::Value>,
    pub sample: Option<String>,
    pub sent: Option<String>,
}
