//! A mapping drafted from the input itself, for a person to check.
//!
//! The first records tell which columns there are and what their cells have in common. A type is
//! proposed only where every cell fits it and nothing else fits as well; where two readings do, the
//! draft says so and leaves text. Before it is handed out, the program's own mapping writes every
//! sampled record with it: **a draft never makes a sampled record bad**, unless it is nearly empty, such
//! as a row of totals.
//!
//! Where the draft goes, and what is said beside it, is left to `commands`.

mod misfits;
mod dates;
mod keys;
mod amounts;
mod numbers;
mod words;
mod evidence;
mod gaps;
mod names;
mod sample;
mod kinds;
mod identity;
mod fields;
mod check;
mod write;
#[cfg(test)]
mod tests;
mod drafting;
mod error;
mod opening;
mod options;

pub(crate) use drafting::Draft;
pub(crate) use error::DraftError;
pub(crate) use opening::of_input;
pub(crate) use options::DraftOptions;
