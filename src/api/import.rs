//! An import as the service shows it: `GET /v1/imports/{import_id}`.
//!
//! Unknown fields and words are accepted here; what they mean for the table is judged elsewhere.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// One import, which may carry the records of several requests, tables and senders.
#[derive(Clone, Debug, Deserialize)]
pub struct Import {
    /// How far it is.
    pub status: Status,
    /// When it began to run; none before.
    #[serde(default)]
    pub launched_at: Option<Timestamp>,
    /// When it ended; none before.
    #[serde(default)]
    pub finished_at: Option<Timestamp>,
    /// One entry for each table it writes to.
    #[serde(default, rename = "data_tables_details")]
    pub tables: Vec<TableImport>,
}

/// An import's part that concerns one table.
#[derive(Clone, Debug, Deserialize)]
pub struct TableImport {
    /// The table's key.
    pub data_table_key: String,
    /// How far this part is.
    pub status: Status,
    /// How many records it holds, of every request and sender together; may be missing.
    #[serde(default)]
    pub number_of_records: Option<u64>,
    /// What went wrong, as the service says it; none where nothing did.
    #[serde(default)]
    pub error: Option<Box<RawValue>>,
}

/// The documented words, and any other.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "String")]
pub enum Status {
    /// Waiting for its debounce, or in the queue.
    Scheduled,
    /// Running.
    Started,
    /// Ended, with or without errors.
    Finished,
    /// A word that is not documented.
    Unknown(String),
}

impl From<String> for Status {
    fn from(word: String) -> Self {
        match word.as_str() {
            "scheduled" => Self::Scheduled,
            "started" => Self::Started,
            "finished" => Self::Finished,
            _ => Self::Unknown(word),
        }
    }
}

impl Status {
    /// The word as the service writes it.
    #[must_use]
    pub fn word(&self) -> &str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Started => "started",
            Self::Finished => "finished",
            Self::Unknown(word) => word,
        }
    }

    /// Whether the import runs or ran: its window is over.
    #[must_use]
    pub fn has_launched(&self) -> bool {
        matches!(self, Self::Started | Self::Finished)
    }
}

/// The documented envelope.
#[derive(Deserialize)]
pub(super) struct Envelope {
    pub(super) data_import: Import,
}
