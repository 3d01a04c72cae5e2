//! What is kept of a push: interrupted, resumed, followed, told again.

/// Pushes that are killed at every point, and finished by `resume`.
pub mod kills;
/// The same line typed again and again, and many requests with many faults.
mod soak;
/// What each run left in its table, as the next one is told.
mod bases;
/// What a push that sends only what differs asks for first.
mod trust;
/// Signals: before the first request nothing is left, after it the push ends in order. Windows has none to
/// send to another process.
#[cfg(unix)]
mod signals;
/// What the console tells in their place.
#[cfg(windows)]
mod console;
/// `resume` and `runs` in detail.
mod resume;
/// Runs that an earlier version left.
mod old_runs;
/// Runs whose journal nobody can read.
mod unreadable;
/// What is removed on purpose.
mod forget;
/// One table and several machines.
mod hosts;
/// Which runs and rejects stay, and what is said where they cannot.
mod kept;
/// The file of rejects that a user names: what is in its way, and what stands in its name.
mod rejects_named;
/// The records of replaces, kept as they were sent.
mod keep;
/// A table goes back to an earlier content.
mod rollback;
/// Runs that left records out, and what `runs` says once those were pushed.
mod repairs;
/// What `status`, `runs` and the kept receipt say of a table is true of it, however a push ended.
mod words;
/// What `status` learns, kept with the run.
mod remembered;
/// Imports that are followed to their end, and what is said of the table then.
mod follow;
