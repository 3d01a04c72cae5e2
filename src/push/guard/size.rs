//! How many records there are.

use super::options::GuardOptions;
use super::prospect::Prospect;
use crate::base::complaint::Complaint;
use crate::base::{display, percent};
use crate::runs::base::Comparison;

/// A replace that would leave nothing.
pub(super) fn empty(options: GuardOptions, prospect: &Prospect<'_>) -> Option<Complaint> {
    let is_empty = prospect.mode.is_replace() && prospect.records == 0;
    (is_empty && !options.allow_empty).then(|| {
        Complaint::new(
            "there are no records to send: replacing the table's content (--all) would leave it \
             empty",
            "is this the right file, and did the export succeed? If the table shall be empty, add \
             --allow-empty"
                .to_owned(),
        )
    })
}

/// Fewer records than there are known to be.
pub(super) fn too_few(options: GuardOptions, prospect: &Prospect<'_>) -> Option<Complaint> {
    let least = options.min_records?;
    (prospect.records < least).then(|| {
        let (are, records) = match prospect.records {
            1 => ("is", "1 record".to_owned()),
            records => ("are", display::counted(records, "record")),
        };
        Complaint::new(
            format!(
                "there {are} {records} to send, fewer than the {} of --min-records",
                display::count(least)
            ),
            format!(
                "is the export complete? If so few are right, allow it with --min-records {}",
                prospect.records
            ),
        )
    })
}

/// A replace with far fewer records than before.
pub(super) fn shrunken(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: Option<&Comparison>,
) -> Option<Complaint> {
    let (before, whose) = match comparison {
        Some(comparison) => (
            comparison.base.records,
            "that pushes from here left in this table",
        ),
        None => (
            prospect.last_good?,
            "of the last good replace of this table",
        ),
    };
    // One without any is a question of its own.
    let shrinks = prospect.mode.is_replace() && (1..before).contains(&prospect.records);
    if !shrinks {
        return None;
    }
    let missing = before - prospect.records;
    let allowed = u128::from(before) * u128::from(options.max_shrink);
    (u128::from(missing) * u128::from(percent::WHOLE) > allowed).then(|| {
        Complaint::new(
            format!(
                "there are {} to send, {} fewer than the {} {whose}",
                display::counted(prospect.records, "record"),
                percent::share(missing, before),
                display::count(before)
            ),
            "is the export complete? If the table shall shrink so much, allow it with --max-shrink, \
             as in --max-shrink 100%"
                .to_owned(),
        )
    })
}
