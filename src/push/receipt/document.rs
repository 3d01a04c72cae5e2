//! The receipt: what a run did and what the table holds, for programs.
//!
//! Printed by `--output json` and kept as `receipt.json` in the run's folder; its form is published
//! in `schemas/receipt.schema.json`. No key and no record values stand in it, but for the least
//! and greatest ones among the totals, and those that a dry run is asked to show: its receipt is printed
//! and never kept. Fields may be added and never
//! change their meaning.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::prove::totals::FieldTotal;
use crate::push::approved::Terms;
use crate::runs::changes::Changes;

/// The version of the receipt's form.
pub(crate) const SCHEMA: u32 = 1;

/// One run, told to a program.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Receipt {
    /// [`SCHEMA`].
    pub schema: u32,
    /// The run's id; none in a dry run. A rehearsal's folder goes with it.
    pub run: Option<String>,
    pub version: &'static str,
    /// The table's key.
    pub table: String,
    /// `replace` or `upsert`.
    pub mode: &'static str,
    /// The run whose records are sent again; left out where that is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<String>,
    /// What the table holds, in one word.
    pub table_state: &'static str,
    pub exit_code: u8,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339.
    pub finished_at: String,
    /// The files, in order.
    pub inputs: Vec<InputReceipt>,
    pub mapping: Option<MappingReceipt>,
    pub counts: Counts,
    /// The control totals of what is to be sent, field by field; none where nothing was proved.
    pub totals: Vec<FieldTotal>,
    /// What the records to be sent change, seen from what this machine left in the table; none where that
    /// cannot be told.
    pub changes: Option<Changes>,
    /// Why it cannot be told; none before the input was proved, too.
    pub changes_unknown: Option<String>,
    /// The ranges that were to be sent, in the order of the records.
    pub chunks: Vec<ChunkReceipt>,
    /// The distinct imports.
    pub imports: Vec<ImportReceipt>,
    /// The window of a replace of several requests.
    pub window: Option<WindowReceipt>,
    /// The file of rejected records.
    pub rejects: Option<String>,
    pub errors: Vec<ErrorReceipt>,
    /// What a dry run shows, once its input is proved; left out in every other receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<DryRunReceipt>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct InputReceipt {
    /// The input as it was named; `-` is standard input.
    pub path: String,
    /// The input's bytes as read; none before it was read to its end.
    pub bytes: Option<u64>,
    /// The input's records; none before it was read to its end.
    pub records: Option<u64>,
    /// `blake3:…` of the input; none before it was read to its end.
    pub digest: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct MappingReceipt {
    pub path: String,
    /// `blake3:…`.
    pub digest: String,
}

/// Records. `read` = `rejected_locally` + `duplicates_dropped` + `unchanged` + `to_send`, and
/// `to_send` = `accepted` + `unknown` + `not_sent`, however the run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Read from the inputs; where reading ended early, up to there.
    pub read: u64,
    /// Bad ones.
    pub rejected_locally: u64,
    /// Left out because another one with the same id is sent.
    pub duplicates_dropped: u64,
    /// Left out because the table has them already.
    pub unchanged: u64,
    /// All others: those that were to be sent, or would have been, had the input not been refused.
    pub to_send: u64,
    /// In requests that were accepted.
    pub accepted: u64,
    /// In requests without an answer that says whether they were applied.
    pub unknown: u64,
    /// In no request that can have been applied.
    pub not_sent: u64,
    /// Rejected by the service, as far as it was followed.
    pub rejected_by_service: u64,
}

impl Counts {
    /// Of so many records read, bad ones and duplicates none was sent yet.
    pub(crate) fn unsent(read: u64, rejected: u64, duplicates: u64) -> Self {
        let to_send = read.saturating_sub(rejected).saturating_sub(duplicates);
        Self {
            read,
            rejected_locally: rejected,
            duplicates_dropped: duplicates,
            to_send,
            not_sent: to_send,
            ..Self::default()
        }
    }

    /// So many of those that were to be sent are not, because the table has them.
    pub(crate) fn leave(&mut self, unchanged: u64) {
        self.unchanged = unchanged.min(self.to_send);
        self.to_send -= self.unchanged;
        self.sent(0, 0);
    }

    /// What became of those that were to be sent.
    pub(crate) fn sent(&mut self, accepted: u64, unknown: u64) {
        self.accepted = accepted.min(self.to_send);
        self.unknown = unknown.min(self.to_send - self.accepted);
        self.not_sent = self.to_send - self.accepted - self.unknown;
    }

    /// Whether every record is counted once.
    pub(crate) fn add_up(&self) -> bool {
        let left_out = self.rejected_locally + self.duplicates_dropped + self.unchanged;
        self.read == left_out + self.to_send
            && self.to_send == self.accepted + self.unknown + self.not_sent
    }
}

/// One range of records that a request carried, or was to carry.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ChunkReceipt {
    /// The chunk that it is, or is a part of; from 1.
    pub number: u64,
    /// From 1 over all inputs.
    pub first_record: u64,
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

#[derive(Clone, Debug, Serialize)]
pub(crate) struct ImportReceipt {
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
pub(crate) struct WindowReceipt {
    /// How long the service waits, in seconds.
    pub debounce: u64,
    /// When the first request began that may have reached the service; RFC 3339.
    pub opened_at: Option<String>,
    /// When it closes at the earliest; RFC 3339.
    pub closes_at: Option<String>,
}

/// One thing that went wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ErrorReceipt {
    pub message: String,
    pub hint: Option<String>,
}

/// What a push would send.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DryRunReceipt {
    /// `csv` or `ndjson`.
    pub format: &'static str,
    /// Between the cells of CSV, where all inputs have the same.
    pub delimiter: Option<String>,
    /// What encloses the cells of CSV: `"`, or `none`.
    pub quote: Option<&'static str>,
    /// Behind what a character of CSV stands for itself.
    pub escape: Option<String>,
    /// How characters are encoded.
    pub encoding: String,
    /// How it is compressed: `gzip`, `zstd`, `zip`.
    pub compression: Option<&'static str>,
    /// The file of a zip archive.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// Where in a JSON document the records stand, if somebody said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub records_at: Option<String>,
    /// The line of the header, if somebody said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u64>,
    /// How many lines at the end are no records, if somebody said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skip_last: Option<u64>,
    /// The fields in the order in which they are written, then the columns that no field uses.
    pub columns: Vec<ColumnReceipt>,
    /// Records that would be sent.
    pub records: u64,
    /// Requests that would carry them.
    pub chunks: u64,
    /// The bytes of their bodies.
    pub bytes: u64,
    /// The plan for a replace of several requests.
    pub window: Option<WindowPlanReceipt>,
    /// Why the push would be refused although every record is good.
    pub refusal: Option<String>,
    /// The first records, as they would be sent.
    pub first_records: Vec<Box<RawValue>>,
    /// What a push with `--plan` is held to, besides the input, the mapping and what is sent of them.
    pub plan: Terms,
}

/// One column, or one constant of the mapping.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ColumnReceipt {
    /// The column's name in the input; none for a constant.
    pub column: Option<String>,
    /// The API key of its field; none where no field uses it.
    pub key: Option<String>,
    /// The field's type; none where a value goes as it is, or nowhere.
    #[serde(rename = "type")]
    pub kind: Option<&'static str>,
    /// What every record takes; none where a column says it.
    pub constant: Option<Box<RawValue>>,
    /// The first value that is not empty, escaped and cut for people's eyes; none where none of the
    /// first records has one.
    pub sample: Option<String>,
    /// The JSON that is sent for that value, escaped and cut as well; none where no record with a value is
    /// a good one.
    pub sent: Option<String>,
}

/// How long the requests of a replace are expected to take, and how long they may.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct WindowPlanReceipt {
    pub debounce_seconds: f64,
    /// What is kept free at its end.
    pub margin_seconds: f64,
    /// What one request is expected to take.
    pub chunk_seconds: f64,
    /// What all of them are expected to take.
    pub expected_seconds: f64,
    /// Whether there is time enough.
    pub fits: bool,
}

impl Receipt {
    /// Leaves out all values of records, and their ids.
    pub(crate) fn without_samples(&mut self) {
        for total in &mut self.totals {
            (total.min, total.max) = (None, None);
            // The sum of one value is that value.
            total.sum = total.sum.take().filter(|_| total.filled > 1);
        }
        if let Some(changes) = &mut self.changes {
            for listed in [
                &mut changes.new,
                &mut changes.changed,
                &mut changes.vanished,
            ] {
                listed.ids.clear();
            }
        }
        let Some(dry_run) = &mut self.dry_run else {
            return;
        };
        dry_run.first_records.clear();
        for column in &mut dry_run.columns {
            (column.constant, column.sample, column.sent) = (None, None, None);
        }
    }

    /// The receipt as one line of JSON.
    pub(crate) fn json(&self) -> String {
        debug_assert!(self.counts.add_up(), "{:?}", self.counts);
        serde_json::to_string(self).unwrap_or_default()
    }
}
