//! What people see on a terminal: progress, log lines, reports.

pub(crate) mod terminal;
pub(crate) mod progress;
pub(crate) mod report;
