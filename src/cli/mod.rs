//! The command line: its names, its help texts and what of it can be checked without touching
//! anything.
//!
//! This is what was *typed*. Whether it makes sense together with the mapping file and the
//! environment, and what will be done, is left to `plan`; files, keys and URLs are not looked at here.

mod args;
mod changed;
mod guards;
mod others;
mod probe;
mod rollback;
mod shared;
mod sync;
mod typed;
mod words;
mod texts;
mod values;
mod command;
mod forms;
mod options;
pub(crate) mod stdout;
pub(crate) mod completions;
pub(crate) mod man;

pub use self::command::command;
#[cfg(test)]
pub(crate) use self::command::try_parse_from;
pub(crate) use self::command::{COMMAND_NAMES, parse};
pub(crate) use args::{Cli, Command, CommonArgs, PushArgs};
pub(crate) use changed::ChangedArgs;
pub(crate) use guards::GuardArgs;
pub(crate) use options::{PushOption, push_of, push_options};
pub(crate) use others::{
    DoctorArgs, ForgetArgs, InitArgs, ReportArgs, ResumeArgs, RunsArgs, SandboxArgs, StatusArgs,
};
pub(crate) use probe::ProbeArgs;
pub(crate) use rollback::RollbackArgs;
pub(crate) use shared::{SourceArgs, WaitArgs};
pub(crate) use sync::{PROJECT, Said, SyncArgs};
pub(crate) use texts::exit_meaning;
pub use texts::{EXIT_CODES, ExitCodeRow};
pub(crate) use values::{CONNECT_FOR, MAX_TIME, patience};
pub(crate) use words::{
    ColorArg, DuplicatesArg, ErrorsArg, FormatArg, FrozenArg, OutputArg, ProbedKind, StackArg,
    WindowArg,
};
