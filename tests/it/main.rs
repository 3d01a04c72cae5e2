//! Runs the real program.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on says where; clippy sees tests only in #[test] functions"
)]

mod rig;
mod service;
mod stage;
mod support;

/// The order of the modules in `lib.rs`, held.
mod architecture;
/// Inputs made to be too much: bounded memory, a clear message, nothing left behind.
mod bounds;
/// Compressed inputs, other encodings, pipes.
mod intake;
/// The tests themselves: whoever runs them, they test the same and say what they leave out.
mod harness;
/// What is typed: accepted, refused, explained.
mod cli;
/// Two builds of the program, side by side over made-up inputs.
mod differential;
/// Completions, asked of the engine and of real shells.
mod completions;
/// Drafted mappings, each used at once.
mod draft;
/// What a dry run shows, as text and as a document.
mod dry_run;
/// `doctor`: each thing that may be wrong, in both forms, and what a push would end with.
mod doctor;
/// Imports that are followed to their end, and what is said of the table then.
mod follow;
/// What `status` learns, kept with the run.
mod remembered;
/// What `status`, `runs` and the kept receipt say of a table is true of it, however a push ended.
mod words;
/// Runs that left records out, and what `runs` says once those were pushed.
mod repairs;
/// Runs whose journal nobody can read.
mod unreadable;
/// API keys that a table gets for the first time.
mod new_keys;
/// Guards: what refuses to start, and the override that lets it.
mod guards;
/// Which runs and rejects stay, and what is said where they cannot.
mod kept;
/// Requests that the service finds too large go as their halves.
mod halving;
/// Help texts and the manual page, whole.
mod help;
/// Encodings that were named wrongly: nothing garbled is sent.
mod encodings;
/// `[input]` `escape` and `quote`.
mod escapes;
/// Every character arrives as it was written.
mod exact;
/// Each fault at the first, a middle and the last chunk: the exit code, and what the table holds.
mod faults;
/// The same faults and more as bytes on a raw socket, once and for good.
mod fault_table;
/// Proxies: the way through them, and their ways to fail.
mod proxies;
/// Percent columns have the sign in all of their cells or in none.
mod percent;
/// The push: what a user types, what the service gets, what both streams say.
mod push;
/// JSON documents that are wrapped around their records: never sent as one record.
mod envelopes;
/// A header that comes again, and lines that may be records inside of a cell.
mod joined;
/// JSON that is not NDJSON: arrays, `items`, objects one behind the other.
mod json_inputs;
/// Receipts, of the published form.
mod receipt;
/// Quotes in CSV: read strictly.
mod quotes;
/// What the README claims.
mod readme;
/// How an input is written: recognised from its name and content, or refused in one clear line.
mod recognise;
/// Inputs and mappings that are refused, and nothing is sent.
mod refused_inputs;
/// Pushes that are refused by this program or by the service, and the table stays as it was.
mod refusals;
/// The sandbox over HTTP: what it promises to those who rehearse and to the other tests.
mod sandbox_api;
/// The sandbox as a command: its address, and how it ends.
mod sandbox_command;
/// Workbooks as inputs: which sheet is read, what the table gets, which row is to blame.
mod spreadsheets;
/// Cells of a sheet are what they show; one mapping serves a sheet and its CSV twin.
mod sheet_cells;
/// Streams that are closed or full, environments that are empty, and a key that nobody sees.
mod streams;
/// TLS with certificates good and bad.
mod tls;

/// Pushes that are killed at every point, and finished by `resume`.
mod kills;
/// Runs that an earlier version left.
mod old_runs;
/// `resume` and `runs` in detail.
mod resume;
/// Two pushes to one table, at once and in each other's windows.
mod two_pushes;
/// Signals: before the first request nothing is left, after it the push ends in order.
mod signals;
/// A full disk, at each of its operations.
mod disk;
/// Secrets: where the key may come from, and where it may never go.
mod secrets;
/// Text from outside never reaches a terminal raw.
mod display;
/// The machine: folders, links, names, terminals.
#[cfg(target_os = "linux")]
mod machine;
/// A push as cron and systemd start it.
mod cron;
