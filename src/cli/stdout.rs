//! Text that is a command's whole result, written to standard output.

use std::io;
use std::process::ExitCode;

use crate::base::{log, streams};

/// Writes everything. A reader that has seen enough (`| head`) is no error; a full disk is.
pub(crate) fn write_all(bytes: &[u8]) -> io::Result<()> {
    match streams::stdout(bytes) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// [`write_all`] as the last thing that a command does.
pub(crate) fn finish(bytes: &[u8]) -> ExitCode {
    match write_all(bytes) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

/// Says that a command's whole result is lost.
pub(crate) fn failed(error: &io::Error) -> ExitCode {
    // Where stderr is gone as well there is no one left to tell but the exit code.
    let line = log::error_line(
        "error",
        format!("cannot write to standard output: {error}"),
        None,
    );
    let _ = streams::stderr(line.as_bytes());
    ExitCode::FAILURE
}
