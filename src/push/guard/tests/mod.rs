//! The guards at their borders, and their words.

mod alone;
mod compared;

use std::time::Duration;

use super::{AllowFrozen, GuardOptions, Prospect, check};
use crate::base::complaint::Complaint;
use crate::base::model::Mode;

pub(super) const OPTIONS: GuardOptions = GuardOptions {
    goes_back: false,
    allow_empty: false,
    min_records: None,
    max_shrink: GuardOptions::MAX_SHRINK,
    max_hollow: GuardOptions::MAX_HOLLOW,
    min_overlap: GuardOptions::MIN_OVERLAP,
    max_changed: None,
    allow_frozen: AllowFrozen::Count(0),
    chunk_time: None,
    max_debounce: Duration::from_secs(604_800),
};

pub(super) fn replace(records: u64, debounce: u64) -> Prospect<'static> {
    Prospect {
        mode: Mode::Replace {
            debounce: Duration::from_secs(debounce),
        },
        records,
        chunks: records.div_ceil(5_000),
        jobs: 4,
        last_good: None,
        known_time: None,
        is_rehearsal: false,
        filled: &[],
        freeze: None,
        shows_ids: true,
    }
}

pub(super) fn refused(options: GuardOptions, prospect: Prospect<'_>) -> bool {
    !check(options, &prospect, None).is_empty()
}

/// The only thing that is wrong.
pub(super) fn complaint(options: GuardOptions, prospect: Prospect<'_>) -> Complaint {
    let [told] = check(options, &prospect, None).try_into().unwrap();
    told
}
