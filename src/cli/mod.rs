//! The command line: its names, its help texts and what of it can be checked without touching
//! anything.
//!
//! This is what was *typed*. Whether it makes sense together with the mapping file and the
//! environment, and what will be done, is left to `plan`; files, keys and URLs are not looked at here.

mod args;
mod others;
mod texts;
mod values;
mod command;

pub use self::command::{COMMAND_NAMES, NAME, command, parse, try_parse_from};
pub use args::{Cli, Command, CommonArgs, ConnectionArgs, PushArgs, SourceArgs, WaitArgs};
pub use others::{
    ColorArg, CompletionsArgs, DoctorArgs, DuplicatesArg, ErrorsArg, FormatArg, InitArgs,
    OutputArg, ResumeArgs, RunsArgs, SandboxArgs, ShellArg, StatusArgs, WindowArg,
};
pub use texts::{ENVIRONMENT, EXAMPLES, EXIT_CODES, ExitCodeRow};
pub use values::MAX_TIME;
