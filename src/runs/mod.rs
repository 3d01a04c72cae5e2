//! What is remembered of pushes: the state folder, journals, and what may be resumed.

pub mod state;
pub mod journal;
pub mod history;
pub mod resumption;
