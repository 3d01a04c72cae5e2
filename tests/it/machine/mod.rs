//! The machine it runs on: folders, rights, memory, disks, schedulers, secrets.

/// The machine: folders, links, names.
#[cfg(target_os = "linux")]
mod places;
/// The bar, on real terminals of several widths.
#[cfg(target_os = "linux")]
mod bars;
/// Inputs made to be too much: bounded memory, a clear message, nothing left behind.
mod bounds;
/// A full disk, at each of its operations.
mod disk;
/// Processes that may have no more threads.
mod threads;
/// Secrets: where the key may come from, and where it may never go.
mod secrets;
/// A push as cron and systemd start it.
mod cron;
