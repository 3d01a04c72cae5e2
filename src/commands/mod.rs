//! What the program does, one file a command.

pub mod completions;
pub mod man;
pub mod stdout;

use std::process::ExitCode;

use crate::cli::{self, Command};

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    if let Some(code) = completions::answer() {
        return code;
    }
    let cli = cli::parse();
    match cli.command {
        Some(Command::Completions(args)) => completions::run(args.shell),
        Some(Command::Man) => man::run(),
        Some(Command::Sandbox(_)) | None => ExitCode::FAILURE,
    }
}
