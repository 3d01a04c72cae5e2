//! How the modelled service is set up: its tables, and which of the undocumented readings it follows.
//!
//! Plain values; what they lead to stands in `import`, `table` and `http`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::clock::SandboxClock;
use super::fault::SandboxFault;

/// Everything that decides how a sandbox behaves.
#[derive(Clone, Debug)]
pub struct SandboxOptions {
    /// The tables that exist.
    pub tables: Vec<TableSpec>,
    /// Whether a push to a table that is not listed makes it. The service itself answers 404.
    pub any_table: bool,
    /// What such a table is like, but for its key.
    pub new_table: TableSpec,
    /// From which request the debounce counts.
    pub window: WindowReading,
    /// How imports are named.
    pub import_ids: ImportIds,
    /// What goes wrong, and when.
    pub faults: Vec<SandboxFault>,
    /// The one key that is accepted; `None` accepts any that is not empty.
    pub key: Option<String>,
    /// The most bytes a body may have; more is answered with 413.
    pub max_body: Option<u64>,
    /// The time by which windows close and imports run.
    pub clock: SandboxClock,
}

impl Default for SandboxOptions {
    /// Accepts every table and every key, on the machine's clock, without faults.
    fn default() -> Self {
        Self {
            tables: Vec::new(),
            any_table: true,
            new_table: TableSpec {
                key: String::new(),
                id_field: "id".to_owned(),
                fields: BTreeMap::new(),
            },
            window: WindowReading::First,
            import_ids: ImportIds::Stacked,
            faults: Vec::new(),
            key: None,
            max_body: None,
            clock: SandboxClock::real(),
        }
    }
}

/// A table as it was set up in the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// The table's key (API name).
    pub key: String,
    /// The API key of the id field.
    pub id_field: String,
    /// The fields and their types. Where none is declared every field is kept as it comes;
    /// otherwise a field that is not listed is dropped without a word, the id field aside.
    pub fields: BTreeMap<String, ValueKind>,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Anything.
    Text,
    /// A JSON number, or a text that Python's `float()` reads.
    Number,
    /// `YYYY-MM-DD`.
    Date,
    /// `true` or `false`, also as a text in any case.
    Boolean,
    /// Anything.
    Json,
}

/// From which request of a replace the debounce counts. Qobra does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowReading {
    /// The window closes at the first request plus its debounce.
    First,
    /// Every request moves the closing to itself plus its own debounce.
    Last,
}

/// How the requests of one window are named. Qobra only says that imports stack together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportIds {
    /// One import, hence one id, for all requests of a window.
    #[serde(rename = "shared")]
    Stacked,
    /// An import for each request; they still run together, after one delete.
    Separate,
}
