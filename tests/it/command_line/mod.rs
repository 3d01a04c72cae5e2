//! What is typed and what is shown: arguments, help, completions, streams, and text that stays harmless.

/// What is typed: accepted, refused, explained.
mod cli;
/// Slips of the hand: what was typed is not there, and what is there says so.
mod slips;
/// Patterns that no shell expands, folders, and lock files.
mod patterns;
/// Help texts and the manual page, whole.
mod help;
/// Completions, asked of the engine and of real shells.
mod completions;
/// Streams that are closed or full, environments that are empty, and a key that nobody sees.
mod streams;
/// Lines on standard error as a log.
mod log;
/// Text from outside never reaches a terminal raw.
mod display;
/// Streams whose reader is slow.
#[cfg(target_os = "linux")]
mod slow_reader;
