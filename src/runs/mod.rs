//! What is remembered of pushes: the state folder, journals, and what may be resumed.

pub(crate) mod state;
pub(crate) mod journal;
pub(crate) mod base;
pub(crate) mod history;
pub(crate) mod resumption;
pub(crate) mod base;
