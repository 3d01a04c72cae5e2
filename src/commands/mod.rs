//! What the program does, one file a command.

mod doctor;
mod dry_run;
mod init;
mod lines;
mod push;
mod pushing;
mod rehearsal;
mod resume;
mod runs;
mod runtime;
mod sandbox;
mod session;
mod status;
mod dispatch;

pub use self::dispatch::main;
