//! `qobra-push` sends CSV and NDJSON files to a Qobra data table.
//!
//! Data moves one way, and the modules stand in that order: **a module imports only from modules
//! named above it here**, which a test holds.
//!
//! ```text
//! argv → plan → source → mapping → chunk → send → follow → outcome → exit code
//!                Row      Record    Chunk   Accepted Verdict
//!                (prove: the same way up to chunk, and no further)
//!                every stage → Event → { progress on stderr | report }
//! ```
//!
//! No stage prints, and no stage but `cli` knows how the command line is parsed.

pub mod model;
pub mod display;
pub mod small;
pub mod secret;
pub mod position;
pub mod clock;
pub mod crash;
pub mod process;
pub mod signals;
pub mod event;

pub mod cli;

pub mod source;

pub mod mapping;
pub mod draft;

pub mod duplicates;
pub mod chunk;
pub mod rejects;
pub mod prove;

pub mod api;

pub mod retry;
pub mod window;

pub mod state;
pub mod journal;
pub mod history;
pub mod resumption;
pub mod guard;

pub mod send;
pub mod verdict;
pub mod follow;

pub mod receipt;
pub mod outcome;

pub mod plan;

pub mod terminal;
pub mod progress;
pub mod report;

pub mod sandbox;

pub mod commands;

#[cfg(any(test, fuzzing))]
pub mod fuzzing;
