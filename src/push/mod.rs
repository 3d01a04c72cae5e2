//! The push: its plan, sending, following its imports, and what became of it.

pub(crate) mod files;
pub(crate) mod totals;
pub(crate) mod rollback;
pub(crate) mod rollback_plan;
pub(crate) mod plan;
pub(crate) mod guard;
pub(crate) mod approved;
pub(crate) mod approval;
pub(crate) mod lines;
pub(crate) mod run;
pub(crate) mod send;
pub(crate) mod quiet;
pub(crate) mod follow;
pub(crate) mod verdict;
pub(crate) mod receipt;
pub(crate) mod outcome;
pub(crate) mod arrivals;
pub(crate) mod changes;
pub(crate) mod comparing;
pub(crate) mod keeping;
pub(crate) mod new_keys;
pub(crate) mod plan_line;
pub(crate) mod failures;
pub(crate) mod prepare;
pub(crate) mod preview;
pub(crate) mod status;
