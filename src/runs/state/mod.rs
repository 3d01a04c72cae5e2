//! The local state: one folder a table, with a lock and the table's runs.
//!
//! ```text
//! <state folder>/<host, port, path>/<table>/lock
//!                                           runs/<run id>/{journal.jsonl, input-N, rejects.*, receipt.json}
//! ```
//!
//! Folders are made for their owner only (0700), files too (0600), at creation. What stands in a
//! journal is left to `journal`, what in a receipt to `receipt`.

mod files;
mod lock;
mod look;
mod places;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod dir;

pub use self::dir::{Env, StateDir, StateError, StateOrigin};
pub use files::{append_private, create_private, sync_folder, write_atomic};
pub use lock::{Lock, LockError, LockHolder};
pub use look::StateLook;
pub use run::{RunDir, RunId};
pub use table::TableDir;
