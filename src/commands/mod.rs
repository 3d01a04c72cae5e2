//! What the program does, one file a command.

pub mod completions;
mod doctor;
mod dry_run;
mod following;
mod init;
mod lines;
pub mod man;
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
pub mod stdout;
mod dispatch;

pub use self::dispatch::main;
