//! What the program does, one file a command.

pub(crate) mod completions;
mod doctor;
mod dry_run;
mod init;
mod lines;
pub(crate) mod man;
mod push;
mod pushing;
mod rehearsal;
mod resume;
mod runs;
mod runtime;
mod sandbox;
mod session;
mod status;
pub(crate) mod stdout;
mod dispatch;

pub use self::dispatch::main;
