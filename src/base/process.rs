//! What the process asks of the system before it does anything: that its memory, where the key
//! will stand, ends in no file, that no limit of it ends a push half way, and that a bug says so in a line that is fit to be shown.
//!
//! What is printed otherwise is left to `terminal`, the exit code of a bug to `commands`.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};

use crate::base::log::{self, LogStyle};
use crate::base::{display, streams};

/// To be called first of all.
pub(crate) fn prepare() {
    keep_memory_private();
    // A file that grows past the process's limit is a write that fails, as on a full disk: whatever handles
    // the signal keeps it from ending the process.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    panic::set_hook(Box::new(|panic| {
        // Where stderr is closed, the exit code tells.
        let _ = streams::stderr(told(panic).as_bytes());
    }));
}

/// A crash leaves no core file, and no other process of the user may look into this one. A system
/// that refuses either is none that can be pushed from less safely than without asking.
fn keep_memory_private() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        let _ = setrlimit(Resource::Core, none);
    }
    // The limit does not bind where the kernel hands cores to a program instead of a file.
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

/// A panic's message may quote data, such as the text that was cut at a wrong place.
fn told(panic: &PanicHookInfo<'_>) -> String {
    let place = panic
        .location()
        .map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
    let trace = Backtrace::capture();
    let trace = match trace.status() {
        // Whoever asked for it by a variable reads it, a program does not.
        BacktraceStatus::Captured if log::log_style() != LogStyle::Json => format!("{trace}\n"),
        _ => String::new(),
    };
    message(&place, panic.payload_as_str().unwrap_or("no message")) + &trace
}

fn message(place: &str, why: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let why = display::shown(why);
    let hint = "`qobra-push runs` shows what became of the push; please report the line above";
    let message = format!("this is a bug in qobra-push {version}{place}: {why}");
    log::error_line("bug", message, Some(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bug_is_told_on_one_line_and_harmless() {
        let text = message(
            " at src/a.rs:7",
            &format!("cut in `\u{1b}[2J\n{}`", "x".repeat(500)),
        );
        let (line, hint) = text.split_once('\n').unwrap();
        let version = env!("CARGO_PKG_VERSION");
        let start = format!(
            "error: this is a bug in qobra-push {version} at src/a.rs:7: cut in `\\u{{1b}}[2J\\nxx"
        );
        assert!(line.starts_with(&start), "{line}");
        assert!(line.ends_with("x…"), "{line}");
        assert!(hint.starts_with("hint: "), "{hint}");
    }
}
