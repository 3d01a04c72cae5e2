//! What the program does, one file a command.

mod answers;
mod doctor;
mod dry_run;
mod forget;
mod init;
mod known;
mod probe;
mod push;
mod receipts;
mod report;
mod rehearsal;
mod resume;
mod rollback;
mod runs;
mod sandbox;
mod status;
mod sync;
mod dispatch;

pub use self::dispatch::main;
