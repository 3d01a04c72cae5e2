//! Control totals: of each field how many records fill it, its exact sum, least and greatest number or
//! first and last day, and how many values it has. Of the JSON that is sent, digit for digit.
//!
//! Each worker adds up what it sees, and what came of that is put together at the end: which worker saw
//! which record, and in what order, changes nothing. How totals are shown is left to `push`.

mod decimal;
mod distinct;
mod field;
mod recount;
mod sum;
mod sums;
mod total;
#[cfg(test)]
mod tests;

pub(crate) use sums::Totals;
pub(crate) use total::{FieldTotal, MOST_DISTINCT};
