//! The three forms of help: `-h` with what most pushes need, `--help` with every option on a line, and
//! `help` with their whole texts, as the manual page has them.
//!
//! clap knows two. Its long one gives every option a paragraph, 470 lines for a push, which nobody reads to
//! its end; so `--help` is its short form with nothing left out.

use std::ffi::OsString;

use clap::{Arg, Command};

use super::texts;

/// The command that has the options of a push besides the program itself.
const ALSO: &str = "sync";

/// Help in a form that clap does not have: the definition and the line that print it.
pub(super) fn of_help(command: Command, args: &[OsString]) -> Option<(Command, Vec<OsString>)> {
    let first = args.get(1)?.to_str()?;
    let is_command = first == "help" || command.find_subcommand(first).is_some();
    if is_command && first != ALSO {
        return None;
    }
    let is_long = args.iter().any(|arg| arg == "--help");
    let on_a_line = |arg: Arg| {
        // The words that an option takes stand in its text.
        let has_words = arg.get_action().takes_values();
        let is_rare = arg.is_hide_short_help_set() && !is_long;
        arg.hide_possible_values(has_words).hide_short_help(is_rare)
    };
    let form = |command: Command| command.mut_args(on_a_line);
    let command = form(command).mut_subcommand(ALSO, form);
    let command = match is_long {
        true => command.after_help(texts::listed_end()),
        false => command,
    };
    let short = |arg: &OsString| match arg == "--help" {
        true => "-h".into(),
        false => arg.clone(),
    };
    Some((command, args.iter().map(short).collect()))
}
