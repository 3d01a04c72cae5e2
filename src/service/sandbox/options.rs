//! How the modelled service is set up: its tables, and which of the undocumented readings it follows.
//!
//! Plain values; what they lead to stands in `import`, `record`, `document`, `push` and `http`.

use std::collections::BTreeMap;
use std::time::Duration;

use super::clock::SandboxClock;
use super::fault::SandboxFault;
use crate::service::facts::{Facts, ImportIds, WindowReading};

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
    /// Answers to what Qobra does not document. Those of `window` and `import_ids` go before the fields of that
    /// name here; what none is given of is as it is by default.
    ///
    /// Where there is a `bad_row`, its lines have numbers only if it says the first one. `unknown_user`,
    /// `new_option` and `percentage` change nothing: the model has no such types.
    pub facts: Facts,
    /// How much later than its window closes an import launches.
    pub queue: Duration,
    /// By how many hours the times are off that imports show; they are marked as UTC all the same.
    pub hours: i64,
    /// The status of the answer to a push that is taken.
    pub push_status: u16,
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
            facts: Facts::default(),
            queue: Duration::ZERO,
            hours: 0,
            push_status: 200,
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
