//! What is told of a field in the end.

use serde::{Deserialize, Serialize};

/// Up to how many distinct values are counted.
pub(crate) const MOST_DISTINCT: usize = 1_000;

/// The control totals of one field: in the receipt, and in the journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FieldTotal {
    /// The API key; empty for all keys together that no list has room for.
    pub field: String,
    /// In how many records it is there, and neither null nor the empty text.
    pub filled: u64,
    /// The exact sum in digits, where all filled values are numbers.
    pub sum: Option<String>,
    /// The least number; the first day, where all filled values are days.
    pub min: Option<String>,
    /// The greatest number; the last day.
    pub max: Option<String>,
    /// How many values it has, as they are written; none where there are more than [`MOST_DISTINCT`].
    pub distinct: Option<u64>,
    /// Whether its numbers have more digits than are added up, which leaves it without a sum.
    #[serde(default)]
    pub overflow: bool,
}

impl FieldTotal {
    /// A field that nothing is known of.
    pub(crate) fn unfilled(field: &str) -> Self {
        Self {
            field: field.to_owned(),
            filled: 0,
            sum: None,
            min: None,
            max: None,
            distinct: None,
            overflow: false,
        }
    }
}
