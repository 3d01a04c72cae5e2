//! `qobra-push` sends CSV, NDJSON, JSON and Excel files to a Qobra data table.
//!
//! Data moves one way, through ten rooms: **a room imports only from rooms named above it here**,
//! which a test holds.
//!
//! ```text
//! argv → plan → input → mapping → prove → send → follow → outcome → exit code
//!               Row     Record    Chunk   Accepted Verdict
//!               every stage → Event → { progress on stderr | report }
//! ```
//!
//! No stage prints, and no stage but `cli` knows how the command line is parsed.

#![warn(unreachable_pub)]
#![cfg_attr(not(test), warn(clippy::too_many_lines))]

mod base;
mod cli;
mod input;
mod mapping;
mod prove;
mod service;
mod runs;
mod push;
mod screen;
mod commands;

pub use cli::{EXIT_CODES, ExitCodeRow, command as command_line};
pub use commands::main;
pub use prove::{Proved, Stages};
pub use service::facts::{
    BadRow, Counted, Effect, Facts, Given, GoodRows, Most, Percentage, Refused, Repeated, Row,
    Strange,
};
pub use service::sandbox::{
    ABOUT, FaultKind, ImportIds, KeySeen, RequestSeen, Running, Sandbox, SandboxClock,
    SandboxFault, SandboxOptions, TableSnapshot, TableSpec, ValueKind, When, WindowReading,
    parse_faults,
};

/// Laws for any bytes at all, which cargo-fuzz and the tests hold.
#[cfg(any(test, fuzzing))]
#[path = "../fuzz/laws/mod.rs"]
pub mod fuzzing;

#[cfg(test)]
#[path = "../tests/inside/mod.rs"]
mod inside;
