//! A table of a sync that ended, as it is told.

use crate::base::display;
use crate::push::outcome::{Exit, TableState};
use crate::push::sync::{End, SyncTable};

/// A table that ended.
pub(super) struct Ended {
    pub name: String,
    pub exit: Exit,
    pub table_state: TableState,
    /// What came of its records, in words.
    pub what: String,
    pub because: Option<String>,
    pub receipt: Option<String>,
}

impl Ended {
    pub(super) fn of(table: &SyncTable, receipt: Option<String>) -> Option<Self> {
        let end = table.ended()?;
        Some(Self {
            name: table.name.clone(),
            exit: end.exit(),
            table_state: end.table_state(),
            what: what(end),
            because: end.because.clone(),
            receipt,
        })
    }
}

/// What came of a table's records.
fn what(end: &End) -> String {
    match (&end.result, &end.because) {
        (_, Some(_)) => "not sent".to_owned(),
        (Ok(Some(outcome)), None) => format!(
            "{} of {} accepted",
            display::count(outcome.accepted_records),
            display::counted(outcome.records, "record")
        ),
        (Ok(None), None) => "nothing to send".to_owned(),
        (Err(_), None) => "refused".to_owned(),
    }
}
