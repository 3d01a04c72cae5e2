//! The receipt: what a run did and what the table holds, for programs.
//!
//! Printed by `--output json` and kept as `receipt.json` in the run's folder; its form is published
//! in `schemas/receipt.schema.json`. No key and no record values stand in it. Fields may be added
//! and never change their meaning.

use serde::Serialize;

/// The version of the receipt's form.
pub const SCHEMA: u32 = 1;

/// One run, told to a program.
#[derive(Clone, Debug, Serialize)]
pub struct Receipt {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The run's id; none in a dry run. A rehearsal's folder goes with it.
    pub run: Option<String>,
    /// The program's version.
    pub version: &'static str,
    /// The table's key.
    pub table: String,
    /// `replace` or `upsert`.
    pub mode: &'static str,
    /// What the table holds, in one word.
    pub table_state: &'static str,
    /// The exit code.
    pub exit_code: u8,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: String,
    /// The files, in order.
    pub inputs: Vec<InputReceipt>,
    /// The mapping file.
    pub mapping: Option<MappingReceipt>,
    /// Records, counted.
    pub counts: Counts,
    /// The ranges that were to be sent, in the order of the records.
    pub chunks: Vec<ChunkReceipt>,
    /// The distinct imports.
    pub imports: Vec<ImportReceipt>,
    /// The window of a replace of several requests.
    pub window: Option<WindowReceipt>,
    /// The file of rejected records.
    pub rejects: Option<String>,
    /// What went wrong.
    pub errors: Vec<ErrorReceipt>,
}

/// One input.
#[derive(Clone, Debug, Serialize)]
pub struct InputReceipt {
    /// As it was named; `-` is standard input.
    pub path: String,
    /// Its bytes as read; none before it was read to its end.
    pub bytes: Option<u64>,
    /// Its records, likewise.
    pub records: Option<u64>,
    /// `blake3:…`, likewise.
    pub digest: Option<String>,
}

/// The mapping file.
#[derive(Clone, Debug, Serialize)]
pub struct MappingReceipt {
    /// Where it is.
    pub path: String,
    /// `blake3:…`.
    pub digest: String,
}

/// Records. `read` = mapped + `rejected_locally` + `duplicates_dropped`, and mapped = `accepted` +
/// `not_sent`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// Read from the inputs.
    pub read: u64,
    /// Bad ones.
    pub rejected_locally: u64,
    /// Left out because another one with the same id is sent.
    pub duplicates_dropped: u64,
    /// In requests that left, with an answer or without.
    pub sent: u64,
    /// In requests that were accepted.
    pub accepted: u64,
    /// Mapped, and in no request that was accepted.
    pub not_sent: u64,
    /// Rejected by the service, as far as it was followed.
    pub rejected_by_service: u64,
}

/// One range of records that a request carried, or was to carry.
#[derive(Clone, Debug, Serialize)]
pub struct ChunkReceipt {
    /// The chunk that it is, or is a part of; from 1.
    pub number: u64,
    /// From 1 over all inputs.
    pub first_record: u64,
    /// The last one.
    pub last_record: u64,
    /// How many records it carries.
    pub records: u64,
    /// The body's size; none where it was not built.
    pub bytes: Option<u64>,
    /// `accepted`, `refused`, `unknown` or `not_sent`.
    pub state: &'static str,
    /// The import that took it.
    pub import_id: Option<String>,
    /// Requests made for it.
    pub attempts: u32,
    /// From the first attempt to the last answer.
    pub seconds: f64,
}

/// One import.
#[derive(Clone, Debug, Serialize)]
pub struct ImportReceipt {
    /// Its id.
    pub id: String,
    /// The service's word; none where it was not asked.
    pub status: Option<String>,
    /// How many records of this table it holds, as the service says.
    pub records: Option<u64>,
    /// What the service says went wrong.
    pub error: Option<String>,
}

/// The window of a replace.
#[derive(Clone, Debug, Serialize)]
pub struct WindowReceipt {
    /// How long the service waits, in seconds.
    pub debounce: u64,
    /// When the first request began that may have reached the service; RFC 3339.
    pub opened_at: Option<String>,
    /// When it closes at the earliest; RFC 3339.
    pub closes_at: Option<String>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorReceipt {
    /// What and where.
    pub message: String,
    /// What to try.
    pub hint: Option<String>,
}

impl Receipt {
    /// The receipt as one line of JSON.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}
