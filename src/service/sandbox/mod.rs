//! A small model of the Qobra service, in memory: to rehearse a push, and to judge one by what the
//! table holds in the end.
//!
//! It is made from the public documentation. Where that is silent, the [options](SandboxOptions)
//! choose a reading. What it prints on start, and how it is set up from a command line or a mapping,
//! is left to its callers.

mod clock;
mod options;
mod fault;
mod plan;
mod cell;
mod record;
mod table;
mod import;
mod document;
mod log;
mod view;
mod wire;
mod answer;
mod guard;
mod http;
mod page;
mod push;
mod state;
mod server;

pub use self::server::Running;
pub use self::state::{ABOUT, Sandbox};
pub use super::facts::{ImportIds, WindowReading};
pub use clock::SandboxClock;
pub use fault::{FaultKind, SandboxFault, When, parse_faults};
pub use log::{KeySeen, RequestSeen};
pub use options::{SandboxOptions, TableSpec, ValueKind};
pub use table::TableSnapshot;
