//! Which records there are, and how many of them are what they were.

use super::options::GuardOptions;
use super::prospect::Prospect;
use crate::base::complaint::Complaint;
use crate::base::{display, percent};
use crate::runs::base::Comparison;

/// A replace that has hardly any of the table's ids: another file, or another column for the id.
pub(super) fn apart(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: &Comparison,
) -> Option<Complaint> {
    let (held, vanished) = (comparison.base.records, &comparison.changes.vanished);
    // One without any records is a question of its own.
    if !prospect.mode.is_replace() || prospect.records == 0 {
        return None;
    }
    let shared = held.saturating_sub(vanished.count);
    // Of the smaller of both (Szymkiewicz and Simpson's overlap coefficient): whether a table may
    // shrink or grow is asked by other guards.
    let all = held.min(prospect.records);
    (u128::from(shared) * u128::from(percent::WHOLE)
        < u128::from(all) * u128::from(options.min_overlap))
    .then(|| {
        Complaint::new(
            format!(
                "{} of {} in the input {} among the {} that pushes from here left in this table \
                 ({} of the smaller number), and {} must be{}",
                display::count(shared),
                display::counted(prospect.records, "id"),
                if shared == 1 { "is" } else { "are" },
                display::count(held),
                percent::share(shared, all),
                percent::text(options.min_overlap),
                prospect.named("; it lacks ", &vanished.ids)
            ),
            "is this the right file, and the right column for the id? If the table shall hold other \
             records, allow it with --min-overlap 0%"
                .to_owned(),
        )
    })
}

/// More changed records than are ever changed at once.
pub(super) fn changed(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: &Comparison,
) -> Option<Complaint> {
    let most = options.max_changed?;
    let changed = &comparison.changes.changed;
    let common = changed.count.saturating_add(comparison.changes.unchanged);
    (u128::from(changed.count) * u128::from(percent::WHOLE) > u128::from(common) * u128::from(most))
        .then(|| {
            Complaint::new(
            format!(
                "{} of the {} that the table has already would change ({}), and {} may{}",
                display::count(changed.count),
                display::counted(common, "record"),
                percent::share(changed.count, common),
                percent::text(most),
                prospect.named(": ", &changed.ids)
            ),
            "is this the right file? If so many are meant to change, allow it with --max-changed \
             100%"
                .to_owned(),
        )
        })
}
