//! Periods that are closed: what was paid for is not changed afterwards.

use super::options::{AllowFrozen, GuardOptions};
use super::prospect::Prospect;
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::model::Mode;
use crate::runs::base::Comparison;

/// More records of a frozen period that differ than were allowed, or none that can be told.
pub(super) fn frozen(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: Option<&Comparison>,
) -> Option<Complaint> {
    let (Some(freeze), AllowFrozen::Count(most)) = (prospect.freeze, options.allow_frozen) else {
        return None;
    };
    let (field, before) = (display::quoted(&freeze.field), freeze.before);
    let has_days = |comparison: &&Comparison| {
        comparison.base.freeze_field.as_deref() == Some(freeze.field.as_str())
    };
    let Some(comparison) = comparison.filter(has_days) else {
        let why = match comparison {
            Some(_) => "pushes from here did not keep the days of this field so far",
            None => "nothing that it can be compared with is known here",
        };
        // A rehearsal's table is always a new one, and an upsert of nothing writes nothing.
        let is_harmless = prospect.mode == Mode::Upsert && prospect.records == 0;
        return (!prospect.is_rehearsal && !is_harmless).then(|| {
            Complaint::new(
                format!(
                    "records with a {field} before {before} are frozen, and whether this push changes \
                     any cannot be told: {why}"
                ),
                "if it is right, let it through with --allow-frozen all: the next one is compared with \
                 it"
                    .to_owned(),
            )
        });
    };
    let frozen = comparison.frozen.count;
    (frozen > most).then(|| {
        let (records, are) = match frozen {
            1 => ("1 record".to_owned(), "is"),
            count => (display::counted(count, "record"), "are"),
        };
        Complaint::new(
            format!(
                "{records} of the frozen period ({field} before {before}) {are} new, changed or \
                 vanished, and {} may be{}",
                display::count(most),
                prospect.named(": ", &comparison.frozen.ids)
            ),
            format!("if that is meant, allow exactly so many with --allow-frozen {frozen}"),
        )
    })
}
