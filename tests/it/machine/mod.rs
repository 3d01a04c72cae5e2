//! The machine it runs on: folders, rights, memory, disks, schedulers, secrets.

/// The machine: folders, links, names.
#[cfg(target_os = "linux")]
mod places;
/// The bar, on real terminals of several widths.
#[cfg(target_os = "linux")]
mod bars;
/// Inputs made to be too much: bounded memory, a clear message, nothing left behind. A shell of Unix sets the bound.
#[cfg(unix)]
mod bounds;
/// A full disk, at each of its operations.
mod disk;
/// Processes that may have no more threads: a limit of Unix.
#[cfg(unix)]
mod threads;
/// Secrets: where the key may come from, and where it may never go. Owners, rights, links, pipes and `/proc`
/// are what most of it is about.
#[cfg(target_os = "linux")]
mod secrets;
/// A push as cron and systemd start it, with the shell.
#[cfg(unix)]
mod cron;
