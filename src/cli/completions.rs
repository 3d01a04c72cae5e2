//! `completions`, and the answers to what its scripts ask.
//!
//! The scripts are short: they call the program with `COMPLETE` set and the words typed so far, and
//! it answers from the very definition that parses them. So completions cannot drift from the
//! options, and a script need not be renewed when options change.

use std::env;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{Bash, Elvish, EnvCompleter, Fish, Powershell, Shells, Zsh};

use super::command::command;
use super::stdout;
use super::texts::NAME;
use super::words::ShellArg;

/// The variable that turns a call of the program into a question for completions.
const VARIABLE: &str = "COMPLETE";

/// Prints the script for a shell.
pub(crate) fn run(shell: ShellArg) -> ExitCode {
    stdout::finish(&script(shell))
}

/// The script for a shell. It finds the program by its name, so it is the same on every machine.
pub(crate) fn script(shell: ShellArg) -> Vec<u8> {
    let completer: &dyn EnvCompleter = match shell {
        ShellArg::Bash => &Bash,
        ShellArg::Zsh => &Zsh,
        ShellArg::Fish => &Fish,
        ShellArg::PowerShell => &Powershell,
        ShellArg::Elvish => &Elvish,
    };
    let mut script = Vec::new();
    completer
        .write_registration(VARIABLE, NAME, NAME, NAME, &mut script)
        .expect("a vector takes everything");
    script
}

/// Answers a shell's question, if that is what this call of the program is; the first thing to do.
///
/// `COMPLETE` is a common word and may stand in the environment for another reason. A push must not
/// end silently because of that, so the call must also look as the scripts make it.
///
/// `known` looks for the runs that the words on the line may mean; asked only where a run is completed.
pub(crate) fn answer(known: fn(&[OsString]) -> KnownRuns) -> Option<ExitCode> {
    let args: Vec<OsString> = env::args_os().collect();
    let shell = env::var_os(VARIABLE)?;
    if !is_known_shell(Path::new(&shell)) || !is_question(&args) {
        return None;
    }
    let words = args.clone();
    let answered = CompleteEnv::with_factory(|| with_runs(command(), &words, known))
        .var(VARIABLE)
        .completer(NAME)
        .shells(Shells(&[&EscapingBash, &Elvish, &Fish, &Powershell, &Zsh]))
        .try_complete(args, env::current_dir().ok().as_deref());
    // Nothing is said where it fails: the message would land in the line that is being typed.
    Some(match answered {
        Ok(_) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    })
}

/// Runs that may be named, each with what to show beside it.
#[derive(Debug, Default)]
pub(crate) struct KnownRuns {
    /// What `report` shows.
    pub all: Vec<(String, String)>,
    /// What `resume` takes up.
    pub open: Vec<(String, String)>,
    /// What `rollback` can go back to.
    pub kept: Vec<(String, String)>,
}

/// The command line, where a RUN is one of those that are known here.
fn with_runs(
    command: clap::Command,
    words: &[OsString],
    known: fn(&[OsString]) -> KnownRuns,
) -> clap::Command {
    let offered = |which: fn(KnownRuns) -> Vec<(String, String)>| {
        let words = words.to_vec();
        ArgValueCandidates::new(move || {
            let runs = which(known(&words)).into_iter();
            runs.map(|(run, about)| CompletionCandidate::new(run).help(Some(about.into())))
                .collect()
        })
    };
    command
        .mut_subcommand("resume", |resume| {
            resume.mut_arg("run", |run| run.add(offered(|known| known.open)))
        })
        .mut_subcommand("rollback", |rollback| {
            rollback.mut_arg("run", |run| run.add(offered(|known| known.kept)))
        })
        .mut_subcommand("report", |report| {
            report.mut_arg("run", |run| run.add(offered(|known| known.all)))
        })
}

/// Whether there is such a shell; a path to one will do.
fn is_known_shell(shell: &Path) -> bool {
    shell
        .file_stem()
        .and_then(|name| name.to_str())
        .is_some_and(|name| Shells::builtins().completer(name).is_some())
}

/// Whether the arguments are `-- WORD...` (complete these words) or none (print the script).
fn is_question(args: &[OsString]) -> bool {
    args.get(1).is_none_or(|word| word == "--")
}

/// [`Bash`] whose answers stay one word: bash puts them into the line as they are, so that
/// `my deals.csv` would become two files. The other shells escape for themselves.
///
/// A word that already has a quote or a backslash in it matches no file here, and bash goes on to its
/// own completion of file names.
struct EscapingBash;

impl EnvCompleter for EscapingBash {
    fn name(&self) -> &'static str {
        Bash.name()
    }

    fn is(&self, name: &str) -> bool {
        Bash.is(name)
    }

    fn write_registration(
        &self,
        var: &str,
        name: &str,
        bin: &str,
        completer: &str,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        Bash.write_registration(var, name, bin, completer, buf)
    }

    fn write_complete(
        &self,
        command: &mut clap::Command,
        args: Vec<OsString>,
        current_dir: Option<&Path>,
        buf: &mut dyn Write,
    ) -> io::Result<()> {
        let mut words = Vec::new();
        Bash.write_complete(command, args, current_dir, &mut words)?;
        buf.write_all(&escaped(&words))
    }
}

/// Words with a backslash before what bash would not take for a part of a word. What separates the
/// words is a control character, and stays.
fn escaped(words: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(words.len());
    for &byte in words {
        if b" !\"#$&'()*;<>?[\\]^`{|}".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out
}
