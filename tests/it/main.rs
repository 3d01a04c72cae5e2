//! Runs the real program. One folder for each subject; beside them what all of them use.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where; clippy sees tests only in #[test] functions"
)]

mod rig;
mod service;
mod stage;
mod support;

/// The pages, in the browser that `.ci/run` installs.
#[cfg(target_os = "linux")]
mod browser;
mod command_line;
mod commands;
mod faults;
mod input;
mod machine;
mod project;
mod push;
mod runs;
mod sync;
