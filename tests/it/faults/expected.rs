//! What a push of three chunks of ten records in trouble must come to: in words, and in the table.

use crate::stage::{OLD, numbers};
use crate::support::{Told, tidy};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Upsert,
    Replace,
}

/// The table once the first `written` new records have gone live.
pub fn expected(mode: Mode, written: u64) -> Vec<String> {
    let mut ids = numbers(1..=written);
    // A replace of which nothing was applied deletes nothing.
    if mode == Mode::Upsert || written == 0 {
        ids.extend(OLD.map(str::to_owned));
        ids.sort_unstable_by_key(|id| (id.len(), id.clone()));
    }
    ids
}

/// The last line on standard error: what the table holds.
pub fn verdict(told: &Told) -> String {
    let line = told.stderr.lines().last().unwrap_or_default();
    tidy(line).trim_end().to_owned()
}

/// What must be said where the first chunks arrived and nothing else can have.
pub fn at_risk(arrived: u64, mode: Mode) -> String {
    let records = 10 * arrived;
    match (arrived, mode) {
        (0, _) => "0 of 3 chunks accepted; table `deals` is untouched".to_owned(),
        (_, Mode::Upsert) => format!(
            "{arrived} of 3 chunks accepted; table `deals` will have {records} records of the 30 \
             written once the service has run the import"
        ),
        (_, Mode::Replace) => format!(
            "{arrived} of 3 chunks accepted; table `deals` is at risk: it will hold only {records} \
             records of the 30 from about HH:MM:SS on (15 min after the first request)"
        ),
    }
}

/// What must be said where a chunk behind the first ones may have arrived.
pub fn unknown(arrived: u64, mode: Mode) -> String {
    let records = 10 * arrived;
    match mode {
        Mode::Upsert => format!(
            "{arrived} of 3 chunks accepted; table `deals`: {records} records of the 30 were \
             accepted, and 10 others may have been written"
        ),
        Mode::Replace => format!(
            "{arrived} of 3 chunks accepted; table `deals` is at risk: {records} records of the 30 \
             were accepted, 10 others may have been, and its old content {} from about HH:MM:SS on \
             (15 min after the first request)",
            if arrived > 0 { "goes" } else { "may go" }
        ),
    }
}
