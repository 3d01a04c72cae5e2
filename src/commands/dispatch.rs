//! From what was typed to the command that does it, and from its end to the exit code.

use std::panic;
use std::process::ExitCode;
use std::sync::Arc;

use super::{
    doctor, forget, init, known, probe, push, report as page, resume, rollback, runs, sandbox,
    status, sync,
};
use crate::base::process;
use crate::cli::{self, Cli, ColorArg, Command, OutputArg, completions, man, stdout};
use crate::push::outcome::Exit;
use crate::screen::report;
use crate::screen::terminal::{Colour, Results, Terminal, Verbosity};

/// Runs the program.
pub fn main() -> ExitCode {
    process::prepare();
    if let Some(code) = completions::answer(known::runs) {
        return code;
    }
    let cli = match cli::parse() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    // A bug ends with the documented code, not with that of the language's runtime.
    panic::catch_unwind(|| run(&cli)).unwrap_or_else(|_| ExitCode::from(Exit::Bug.code()))
}

pub(super) fn run(cli: &Cli) -> ExitCode {
    match &cli.command {
        Some(Command::Completions(args)) => return completions::run(args.shell),
        Some(Command::Man) => return man::run(),
        Some(
            Command::Doctor(_)
            | Command::Forget(_)
            | Command::Init(_)
            | Command::Probe(_)
            | Command::Report(_)
            | Command::Resume(_)
            | Command::Rollback(_)
            | Command::Runs(_)
            | Command::Sandbox(_)
            | Command::Status(_)
            | Command::Sync(_),
        )
        | None => {}
    }
    let terminal = Arc::new(terminal(cli));
    let result = match &cli.command {
        Some(Command::Resume(args)) => resume::run(args, &cli.common, &terminal),
        Some(Command::Rollback(args)) => rollback::run(args, &cli.common, &terminal),
        Some(Command::Status(args)) => status::run(args, &cli.common, &terminal),
        Some(Command::Doctor(args)) => doctor::run(args, &cli.common, &terminal),
        Some(Command::Probe(args)) => probe::run(args, &cli.common, &terminal),
        Some(Command::Runs(args)) => runs::run(args, &cli.common, &terminal),
        Some(Command::Report(args)) => page::run(args, &cli.common, &terminal),
        Some(Command::Forget(args)) => forget::run(args, &cli.common, &terminal),
        Some(Command::Init(args)) => init::run(args, &terminal),
        Some(Command::Sync(args)) => sync::run(args, &terminal),
        Some(Command::Sandbox(args)) => sandbox::run(args, &terminal),
        _ => push::run(&cli.push, &cli.common, &terminal),
    };
    let exit = result.unwrap_or_else(|failure| {
        report::failure(&terminal, &failure);
        failure.exit
    });
    match terminal.take_lost() {
        // A listing is its command's whole work; anything else has done what its code says.
        Some(error) if matches!(cli.command, Some(Command::Runs(_))) => stdout::failed(&error),
        Some(error) => {
            report::lost_result(&terminal, &error, None);
            ExitCode::from(exit.code())
        }
        None => ExitCode::from(exit.code()),
    }
}

pub(super) fn terminal(cli: &Cli) -> Terminal {
    let verbosity = match (cli.common.quiet, cli.common.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, _) => Verbosity::Verbose,
    };
    let colour = match cli.common.color {
        ColorArg::Auto => Colour::Auto,
        ColorArg::Always => Colour::Always,
        ColorArg::Never => Colour::Never,
    };
    let results = match cli.common.output {
        OutputArg::Text => Results::Lines,
        OutputArg::Json => Results::Document,
    };
    Terminal::new(verbosity, colour, !cli.common.no_progress, results)
}
