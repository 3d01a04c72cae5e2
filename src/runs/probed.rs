//! The window of a probe that may still be open at the service: a note in the table's folder, for pushes and
//! probes that come after one that was killed.

use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::state::{TableDir, write_atomic};
use crate::base::disk;
use crate::cli::MAX_TIME;

#[derive(Serialize, Deserialize)]
struct Note {
    until: Timestamp,
}

fn path(table: &TableDir) -> PathBuf {
    table.path().join("probe.json")
}

/// Writes down until when a window may be open. The table's lock must be held.
pub(crate) fn note(table: &TableDir, until: Timestamp) -> Result<(), String> {
    let written = serde_json::to_vec(&Note { until })
        .map_err(std::io::Error::from)
        .and_then(|note| write_atomic(&path(table), &note));
    written.map_err(|error| {
        format!(
            "the probe's window cannot be written down: {}",
            disk::told(&error)
        )
    })
}

/// All windows were seen to their end.
pub(crate) fn clear(table: &TableDir) {
    // A note that stays makes the next push wait, no more.
    let _ = std::fs::remove_file(path(table));
}

/// How long one may still be open; none where there is none.
pub(crate) fn left(table: &TableDir, now: Timestamp) -> Option<Duration> {
    let note: Note = serde_json::from_slice(&std::fs::read(path(table)).ok()?).ok()?;
    let left = Duration::try_from(note.until.duration_since(now)).ok()?;
    // A clock that was set makes nobody wait for years.
    Some(left.min(MAX_TIME)).filter(|left| !left.is_zero())
}
