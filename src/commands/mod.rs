//! What the program does, one file a command.

pub(crate) mod completions;
mod doctor;
mod dry_run;
mod following;
mod init;
mod lines;
pub(crate) mod man;
mod new_keys;
mod push;
mod receipts;
mod record;
mod refusals;
mod rehearsal;
mod resume;
mod runs;
mod sandbox;
mod session;
mod status;
pub(crate) mod stdout;
mod dispatch;

pub use self::dispatch::main;
