//! What refuses to start although every record is good: the last look before the first request.

mod changes;
mod check;
mod frozen;
mod hollow;
mod options;
mod prospect;
mod size;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use check::{check, warnings};
#[cfg(test)]
pub(crate) use options::AllowFrozen;
pub(crate) use options::GuardOptions;
pub(crate) use prospect::{Prospect, WindowPlan};
