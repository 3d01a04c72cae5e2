//! The first line of a journal: what was planned and proved.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::text;
use crate::base::clock::{Moment, millis};
use crate::base::model::{Mode, RecordRange, TableKey};
use crate::base::position::Positions;
use crate::cli::CONNECT_FOR;
use crate::prove::totals::FieldTotal;
use crate::runs::changes::{Changes, Delivered};
use crate::runs::state::RunId;
use crate::service::facts::WindowReading;

/// What was planned and proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanLine {
    pub schema: u32,
    pub version: String,
    pub run: RunId,
    /// When it started.
    pub started: Moment,
    /// The machine that it started on; none where it has no name, or that was not written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    pub base_url: String,
    pub table: TableKey,
    pub mode: Mode,
    /// The run whose records are sent again, if that is what this one does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollback_of: Option<RunId>,
    /// The sync that the push is a part of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sync: Option<SyncLine>,
    /// What was said on the command line, or in the mapping, beyond that.
    pub options: PlanOptions,
    pub inputs: Vec<InputLine>,
    pub mapping: Option<MappingLine>,
    pub records_read: u64,
    /// Bad records that are left out.
    #[serde(default)]
    pub rejected: u64,
    /// Duplicates that are left out.
    #[serde(default)]
    pub duplicates_dropped: u64,
    /// The numbers of all records left out.
    #[serde(default)]
    pub dropped: Vec<RecordRange>,
    /// The API keys that the records carry, as far as one list holds them; none where that was not
    /// written down.
    #[serde(default)]
    pub keys: Vec<String>,
    /// The control totals of the records; none where they were not written down.
    #[serde(default)]
    pub totals: Vec<FieldTotal>,
    /// What was known of the service and may have made a difference; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<FactsLine>,
    /// What the records change, where that could be told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changes: Option<Changes>,
    /// What of the records is sent; none where all of them are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub differing: Option<DifferingLine>,
    /// The chunks, in order.
    pub chunks: Vec<ChunkLine>,
}

impl PlanLine {
    /// Which of the records are sent.
    pub(crate) fn delivered(&self) -> Delivered {
        match &self.differing {
            None => Delivered::All,
            Some(DifferingLine { equal: false, .. }) => Delivered::Differing,
            Some(DifferingLine { equal: true, .. }) => Delivered::Equal,
        }
    }

    /// How many records are not sent because the table has them.
    pub(crate) fn unchanged(&self) -> u64 {
        (self.differing.as_ref()).map_or(0, |differing| differing.unchanged)
    }
}

/// One table of a sync.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SyncLine {
    pub id: RunId,
    /// What the project file calls the push.
    pub name: String,
}

/// What was known of the service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FactsLine {
    /// When it was asked.
    pub probed_at: Timestamp,
    /// From which request a window was taken to count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowReading>,
    /// The names of the facts that could make a difference.
    #[serde(default)]
    pub used: Vec<String>,
}

/// The part of the records that differs from the table's base, which alone is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DifferingLine {
    /// How many records are not sent.
    pub unchanged: u64,
    /// Whether the table is to hold the whole input and nothing else then.
    pub equal: bool,
    /// The digest of the file that says which are sent.
    pub digest: String,
}

/// The options that a resume uses again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PlanOptions {
    /// Requests in flight.
    pub jobs: u64,
    /// How long to keep trying one chunk.
    #[serde(rename = "retry_for_ms", with = "millis")]
    pub retry_for: Duration,
    /// How long to try an address that never answered.
    #[serde(rename = "connect_for_ms", with = "millis", default = "connect_for")]
    pub connect_for: Duration,
    /// What one request was expected to take.
    #[serde(rename = "chunk_time_ms", with = "millis")]
    pub chunk_time: Duration,
    pub chunk_size: u64,
    /// Bytes in a request.
    pub max_body: u64,
    /// How the inputs are written (`csv`, `ndjson`).
    pub format: String,
    /// The delimiter of CSV.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// The escape of CSV, where the mapping names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub escape: Option<char>,
    /// Whether quotes in CSV are text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub quotes_are_text: bool,
    /// The encoding, where one was named.
    #[serde(default)]
    pub encoding: Option<String>,
    /// The line of the header, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub header_line: Option<u64>,
    /// How many lines at the end are no records.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_last: Option<u64>,
    /// The path of the records in JSON documents, where one was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<String>,
    pub id_field: String,
    /// The name field's API key; empty where it was not written down.
    #[serde(default)]
    pub name_field: String,
    /// What happens to duplicates (`error`, `first`, `last`).
    pub duplicates: String,
    /// Of how many good replaces the records are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<u64>,
    /// Where the rejected records go, absolute; none for the run's own folder.
    #[serde(
        default,
        with = "text::path_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub rejects: Option<PathBuf>,
    /// The key file; the key itself is written nowhere.
    #[serde(default, with = "text::path_option")]
    pub api_key_file: Option<PathBuf>,
    /// The file of a further certificate authority.
    #[serde(default, with = "text::path_option")]
    pub ca_cert: Option<PathBuf>,
}

/// What earlier versions, which did not write it down, are resumed with.
fn connect_for() -> Duration {
    CONNECT_FOR
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InputLine {
    /// Where it is, absolute; none for standard input.
    #[serde(default, with = "text::path_option")]
    pub path: Option<PathBuf>,
    /// Where its private copy is, for what cannot be read twice.
    #[serde(default, with = "text::path_option")]
    pub kept: Option<PathBuf>,
    /// The input's own delimiter, if it is CSV: inputs of one run may differ.
    #[serde(default)]
    pub delimiter: Option<char>,
    /// The sheet that its text was, if it is a workbook.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// What its text was encoded in, where that was not UTF-8.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// The file of a zip archive that its text was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
    /// What tells where its records stand, if its text was JSON that is one record a line in its copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positions: Option<Positions>,
    /// The input's size as proved, inflated and as UTF-8.
    pub bytes: u64,
    /// The input's records; none in journals of versions that did not write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub records: Option<u64>,
    pub digest: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MappingLine {
    /// Where it is, absolute.
    #[serde(with = "text::path")]
    pub path: PathBuf,
    pub digest: String,
}

/// One chunk, as proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChunkLine {
    /// From 1.
    pub number: u64,
    /// The numbers of the chunk's records, those left out included.
    pub range: RecordRange,
    /// How many records the chunk carries.
    pub records: u64,
    pub body_bytes: u64,
    /// The digest of its bytes in the inputs.
    #[serde(with = "text::digest")]
    pub digest: u64,
    /// Where its records stand.
    pub extents: Vec<ExtentLine>,
    /// The number of the first record of each of them, where records between them are not sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub firsts: Vec<u64>,
}

/// Where records stand: input (from 0), first byte, one past the last byte, first line. An earlier
/// version wrote a column behind them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<u64>", into = "Vec<u64>")]
pub(crate) struct ExtentLine(pub [u64; 4]);

impl TryFrom<Vec<u64>> for ExtentLine {
    type Error = &'static str;

    fn try_from(mut numbers: Vec<u64>) -> Result<Self, Self::Error> {
        if numbers.len() == 5 {
            numbers.pop();
        }
        let numbers = numbers.try_into();
        numbers
            .map(Self)
            .map_err(|_| "an extent has 4 or 5 numbers")
    }
}

impl From<ExtentLine> for Vec<u64> {
    fn from(ExtentLine(numbers): ExtentLine) -> Self {
        numbers.to_vec()
    }
}
