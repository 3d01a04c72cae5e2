//! Fields that have lost their values: a column that an export forgot.

use std::collections::HashMap;

use super::options::GuardOptions;
use super::prospect::Prospect;
use crate::base::complaint::Complaint;
use crate::base::{display, percent};
use crate::runs::base::Comparison;

/// How many fields are named.
const NAMED: usize = 5;

/// Fields that far fewer records of the table would have a value of than before, or that are gone. An
/// upsert writes over the values of its records, and whether a field that it leaves out stays is not
/// documented: it counts as emptied, among all records that the table has.
pub(super) fn hollow(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: &Comparison,
) -> Option<Complaint> {
    let base = &comparison.base;
    if options.max_hollow >= percent::WHOLE || prospect.records == 0 || base.records == 0 {
        return None;
    }
    let (filled, records) = match prospect.mode.is_replace() {
        true => (prospect.filled, prospect.records),
        false => (&*comparison.filled_after, comparison.records_after),
    };
    let filled = filled.iter();
    let now: HashMap<&str, u64> = filled.map(|(field, n)| (field.as_str(), *n)).collect();
    // A field may be among those that are not told apart.
    let is_whole = !now.contains_key("");
    let mut lost = Vec::new();
    let told = base.filled.iter().filter(|(field, _)| !field.is_empty());
    for (field, before) in told.filter(|(_, before)| *before > 0) {
        let was = percent::share(*before, base.records);
        let field_name = display::quoted(field);
        match now.get(field.as_str()) {
            None if is_whole => lost.push(format!("{field_name} is gone (before: {was})")),
            Some(filled) if falls(options, (*before, base.records), (*filled, records)) => {
                let is = percent::share(*filled, records);
                lost.push(format!(
                    "{field_name} is filled in {is} of the records (before: {was})"
                ));
            }
            _ => {}
        }
    }
    let more = lost.len().saturating_sub(NAMED);
    lost.truncate(NAMED);
    let mut lost_fields = lost.join(", ");
    if more > 0 {
        lost_fields.push_str(&format!(
            ", and {}",
            display::counted(more as u64, "more field")
        ));
    }
    (!lost.is_empty()).then(|| {
        Complaint::new(
            format!(
                "fields have lost values, compared with what pushes from here left in this table: \
                 {lost_fields}; a loss of {} is allowed",
                percent::text(options.max_hollow)
            ),
            "did the export lose a column, or the mapping a field? If that is meant, allow it with \
             --max-hollow 100%"
                .to_owned(),
        )
    })
}

/// Whether a share that was half or more has fallen too far. Each is a part and its whole.
fn falls(options: GuardOptions, before: (u64, u64), now: (u64, u64)) -> bool {
    let [was, all, is, of] = [before.0, before.1, now.0, now.1].map(i128::from);
    let fall = (was * of - is * all).saturating_mul(i128::from(percent::WHOLE));
    let most = (all * of).saturating_mul(i128::from(options.max_hollow));
    was * 2 >= all && fall > most
}
