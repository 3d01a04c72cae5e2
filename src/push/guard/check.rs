//! All guards: what fails is told together.

use super::options::GuardOptions;
use super::prospect::Prospect;
use super::{changes, frozen, hollow, size, window};
use crate::base::complaint::Complaint;
use crate::runs::base::Comparison;

/// Why a push is refused; nothing where it may go. What it is compared with is what this machine left
/// in the table.
pub(crate) fn check(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: Option<&Comparison>,
) -> Vec<Complaint> {
    let mut found = Vec::new();
    found.extend(size::empty(options, prospect));
    found.extend(size::too_few(options, prospect));
    if !options.goes_back {
        found.extend(differences(options, prospect, comparison));
    }
    found.extend(frozen::frozen(options, prospect, comparison));
    found.extend(window::too_short(options, prospect));
    found
}

/// What is told of a push that goes back, and would refuse another one.
pub(crate) fn warnings(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: Option<&Comparison>,
) -> Vec<Complaint> {
    match options.goes_back {
        true => differences(options, prospect, comparison),
        false => Vec::new(),
    }
}

/// Too much that is not as it is in the table.
fn differences(
    options: GuardOptions,
    prospect: &Prospect<'_>,
    comparison: Option<&Comparison>,
) -> Vec<Complaint> {
    let mut found = Vec::new();
    found.extend(size::shrunken(options, prospect, comparison));
    if let Some(comparison) = comparison {
        found.extend(hollow::hollow(options, prospect, comparison));
        found.extend(changes::apart(options, prospect, comparison));
        found.extend(changes::changed(options, prospect, comparison));
    }
    found
}
