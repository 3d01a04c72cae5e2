//! What people see on a terminal: progress, log lines, reports.

pub mod terminal;
pub mod progress;
pub mod report;
