//! The parser: a line of the shell to what was typed, or to a message without control characters.

use super::args::{self, Cli, Command};
use super::{texts, typed};
use clap::error::{ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ColorChoice, CommandFactory as _, FromArgMatches as _};
use std::ffi::{OsStr, OsString};

/// The program's name, as completions call it.
pub(crate) const NAME: &str = "qobra-push";

/// The commands' names, which are never taken for a FILE: a misplaced command must not become a push.
pub(crate) const COMMAND_NAMES: &[&str] = &[
    "status",
    "resume",
    "rollback",
    "runs",
    "sync",
    "forget",
    "init",
    "doctor",
    "sandbox",
    "completions",
    "man",
    "help",
];

/// Parses the program's own arguments. Where they are wrong, or ask for help or the version, it
/// prints that and ends the process: 2 for a mistake, 0 otherwise.
pub(crate) fn parse() -> Cli {
    try_parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// Parses arguments, of which the first is the program's name.
pub(crate) fn try_parse_from<I, T>(args: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString>,
{
    let args: Vec<OsString> = args.into_iter().map(Into::into).collect();
    let mut command = command().color(color_of_messages(&args));
    let is_odd = args.iter().any(|arg| has_hidden(&arg.to_string_lossy()));
    let cli = command
        .try_get_matches_from_mut(args)
        .and_then(|mut matches| {
            let said = typed::said(&matches, &command);
            let mut cli = Cli::from_arg_matches_mut(&mut matches)?;
            if let Some(Command::Sync(args)) = &mut cli.command {
                args.said = said;
            }
            Ok(cli)
        })
        .map_err(|error| if is_odd { harmless(error) } else { error }.format(&mut command))?;
    check_files(&cli).map_err(|message| command.error(ErrorKind::ValueValidation, message))?;
    Ok(cli)
}

/// The whole command line, for parsing, completions and the man page.
pub fn command() -> clap::Command {
    typed::with_push_options(Cli::command())
        .after_help(texts::short_end())
        .after_long_help(texts::long_end())
        // clap's own two stand before every group of options, where they are the last thing wanted.
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            Arg::new("help")
                .short('h')
                .long("help")
                .action(ArgAction::Help)
                .global(true)
                .help_heading(args::OTHER)
                .help("Print help; --help says more than -h"),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help_heading(args::OTHER)
                .help("Print the version"),
        )
}

/// Whether a terminal would obey a part of a text. This module stands apart from the rest, so it has
/// its own idea of that; nothing but its messages depends on it.
pub(super) fn has_hidden(text: &str) -> bool {
    text.chars().any(is_hidden)
}

pub(super) fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// The parser repeats what was typed as it stands, and what was typed may be the name of a file that
/// a shell's pattern found. Its tips lose their colours by this.
pub(super) fn harmless(mut error: clap::Error) -> clap::Error {
    let plain = |text: &str| -> String {
        let escape = |c: char| match is_hidden(c) {
            true => c.escape_unicode().to_string(),
            false => c.to_string(),
        };
        text.chars().map(escape).collect()
    };
    let said: Vec<_> = error
        .context()
        .map(|(kind, value)| (kind, value.clone()))
        .collect();
    for (kind, value) in said {
        let value = match value {
            ContextValue::String(text) => ContextValue::String(plain(&text)),
            ContextValue::Strings(texts) => {
                ContextValue::Strings(texts.iter().map(|text| plain(text)).collect())
            }
            ContextValue::StyledStr(text) => {
                ContextValue::StyledStr(plain(&text.to_string()).into())
            }
            ContextValue::StyledStrs(texts) => {
                let texts = texts.iter().map(|text| plain(&text.to_string()).into());
                ContextValue::StyledStrs(texts.collect())
            }
            other => other,
        };
        error.insert(kind, value);
    }
    error
}

/// What `--color` asks of the parser's own messages, which are printed before it has been parsed.
pub(super) fn color_of_messages(args: &[OsString]) -> ColorChoice {
    let mut choice = ColorChoice::Auto;
    let mut words = args.iter().skip(1).map(OsString::as_os_str);
    while let Some(word) = words.next() {
        let value = match word.to_str() {
            Some("--") => break,
            Some("--color") => words.next().and_then(OsStr::to_str),
            Some(word) => word.strip_prefix("--color="),
            None => None,
        };
        match value {
            Some("always") => choice = ColorChoice::Always,
            Some("never") => choice = ColorChoice::Never,
            _ => {}
        }
    }
    choice
}

/// Refuses FILEs that are more likely a mistake: a command's name, and standard input twice.
pub(super) fn check_files(cli: &Cli) -> Result<(), String> {
    let files = &cli.push.files;
    if files.iter().filter(|file| file.as_os_str() == "-").count() > 1 {
        return Err("standard input (`-`) can be read only once".to_owned());
    }
    let named = COMMAND_NAMES
        .iter()
        .find(|name| files.iter().any(|file| file.as_os_str() == **name));
    let Some(name) = named else {
        return Ok(());
    };
    Err(format!(
        "`{name}` is the name of a command, and a command comes first\n\n  \
         tip: write `{NAME} {name}`; for a file of that name, `./{name}`"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn the_commands_names_are_reserved_and_no_others() {
        let mut command = command();
        // Clap makes the command `help` only now.
        command.build();
        let commands: BTreeSet<_> = command
            .get_subcommands()
            .map(clap::Command::get_name)
            .collect();
        let reserved: BTreeSet<_> = COMMAND_NAMES.iter().copied().collect();
        assert_eq!(commands, reserved);
    }

    #[test]
    fn color_is_known_before_parsing() {
        let choice = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            color_of_messages(&words)
        };
        assert_eq!(choice(&["p", "--color", "never"]), ColorChoice::Never);
        assert_eq!(choice(&["p", "--color=always"]), ColorChoice::Always);
        assert_eq!(choice(&["p", "--", "--color=always"]), ColorChoice::Auto);
        assert_eq!(choice(&["p", "--color"]), ColorChoice::Auto);
    }
}
