//! Runs the real program.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where; clippy sees tests only in #[test] functions"
)]

mod support;

mod architecture;
mod cli;
mod completions;
mod help;
