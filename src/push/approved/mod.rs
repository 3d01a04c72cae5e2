//! The plan that somebody approved: a dry run's document, and what of another one differs from it.

mod difference;
mod document;
mod plan;
mod terms;
#[cfg(test)]
mod tests;

pub(crate) use plan::Approved;
pub(crate) use terms::{BaseTerm, Terms};
