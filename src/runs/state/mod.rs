//! The local state: one folder a table, with a lock and the table's runs.
//!
//! ```text
//! <state folder>/<host, port, path>/facts.json
//!                                  /<table>/lock
//!                                           runs/<run id>/{journal.jsonl, input-N, rejects.*, receipt.json, base}
//! ```
//!
//! Folders are made for their owner only (0700), files too (0600), at creation. What stands in a
//! journal is left to `journal`, what in a receipt to `receipt`.

mod error;
mod files;
mod lock;
mod look;
mod storage;
mod places;
mod run;
mod table;
#[cfg(test)]
mod tests;
mod dir;

pub(crate) use self::dir::StateDir;
pub(crate) use self::places::StateOrigin;
pub(crate) use files::{append_private, create_private, sync_folder, truncate, write_atomic};
pub(crate) use lock::{Lock, LockError};
pub(crate) use look::StateLook;
pub(crate) use run::{RunDir, RunId};
pub(crate) use storage::{Storage, StorageKind};
pub(crate) use table::TableDir;
