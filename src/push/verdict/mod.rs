//! What the imports of a push, once they were followed, mean for the table: a pure judgement.
//!
//! The service has no word for failure: an import that could not be loaded is `finished` too. So
//! success is what is proved: the import is finished, it has an entry for our table, that entry has
//! no error, and its count is what was sent. Whatever is not proved is told.
//!
//! Asking for imports is left to `follow`; exit codes and receipts to `outcome` and its callers.

mod blame;
mod reasons;
mod rejections;
#[cfg(test)]
mod tests;
mod judgement;

pub(crate) use self::judgement::{Facts, ImportSeen, Observed, Verdict, VerdictState, judge};
pub(crate) use blame::Rejected;
pub(crate) use reasons::Reasons;
pub(crate) use rejections::{RejectionPlace, Rejections, RejectionsReader};
