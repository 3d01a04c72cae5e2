//! Commands besides the push.

/// `doctor`: each thing that may be wrong, in both forms, and what a push would end with.
mod doctor;
/// Outputs that go into pipes and devices.
#[cfg(unix)]
mod outlets;
/// `probe`: experiments on a scratch table.
mod probe;
/// `report` and `--report`: the page of a run.
mod report;
/// The sandbox as a command: what is known of a service, played.
mod sandbox_answers;
/// The sandbox over HTTP: what it promises to those who rehearse and to the other tests.
mod sandbox_api;
/// The sandbox as a command: its address, and how it ends.
mod sandbox_command;
