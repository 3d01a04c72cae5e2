//! What is remembered of pushes: the state folder, journals, what may be resumed, and what each
//! table was left with.

pub(crate) mod state;
pub(crate) mod changes;
pub(crate) mod wanted;
pub(crate) mod journal;
pub(crate) mod history;
pub(crate) mod resumption;
pub(crate) mod base;
pub(crate) mod kept;
pub(crate) mod forget;
pub(crate) mod known;
pub(crate) mod probed;
