//! `qobra-push` sends CSV and NDJSON files to a Qobra data table.
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

pub mod base;
pub mod cli;
pub mod input;
pub mod mapping;
pub mod prove;
pub mod service;
pub mod runs;
pub mod push;
pub mod screen;
pub mod commands;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
