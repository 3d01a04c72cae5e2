//! What the records take that are kept of replaces.

use serde_json::json;

use super::checks::Check;
use crate::base::display;
use crate::runs::kept;
use crate::runs::state::{StateDir, TableDir};

/// One line for all tables; none where nothing is kept. What cannot be read has been told.
pub(super) fn check(state: &StateDir) -> Vec<Check> {
    let of_table = |table: &TableDir| {
        let runs = table.runs().unwrap_or_default();
        let kept: Vec<u64> = runs.iter().filter_map(kept::bytes).collect();
        (!kept.is_empty()).then_some((kept.len() as u64, kept.iter().sum::<u64>()))
    };
    let tables = state.tables().unwrap_or_default();
    let found: Vec<_> = tables.iter().filter_map(of_table).collect();
    let runs = found.iter().map(|(runs, _)| runs).sum();
    let bytes = found.iter().map(|(_, bytes)| bytes).sum();
    if runs == 0 {
        return Vec::new();
    }
    let message = format!(
        "those of {} of {} take {}",
        display::counted(runs, "replace"),
        display::counted(found.len() as u64, "table"),
        display::size(bytes)
    );
    let facts = json!({ "runs": runs, "tables": found.len(), "bytes": bytes });
    vec![Check::ok("kept records", message).with(facts)]
}
