//! What people see on a terminal: progress, log lines, reports.

pub(crate) mod live;
pub(crate) mod terminal;
pub(crate) mod report;
pub(crate) mod pace;
pub(crate) mod log;
pub(crate) mod flow;
pub(crate) mod course;
pub(crate) mod fit;
pub(crate) mod bar;
pub(crate) mod progress;
pub(crate) mod page;
