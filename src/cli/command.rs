//! The parser: a line of the shell to what was typed, or to a message without control characters.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::error::{ContextValue, ErrorKind};
use clap::{Arg, ArgAction, ColorChoice, CommandFactory as _, FromArgMatches as _};
use jiff::Timestamp;

use super::args::{Cli, Command};
use super::shared::TOLD;
use super::texts::NAME;
use super::{forms, texts, typed};
use crate::base::log::{self, Entry, LogStyle};
use crate::base::streams;

/// The commands' names, which are never taken for a FILE: a misplaced command must not become a push.
pub(crate) const COMMAND_NAMES: &[&str] = &[
    "status",
    "resume",
    "rollback",
    "runs",
    "sync",
    "report",
    "forget",
    "init",
    "doctor",
    "probe",
    "sandbox",
    "completions",
    "man",
    "help",
];

/// Parses the program's own arguments. Where they are wrong, or ask for help or the version, it
/// prints that and gives the exit code: 2 for a mistake, 0 otherwise.
pub(crate) fn parse() -> Result<Cli, ExitCode> {
    let args: Vec<OsString> = std::env::args_os().collect();
    log::set_style(style_of_messages(&args));
    try_parse_from(args).map_err(|error| {
        let style = log::log_style();
        let printed = match style {
            _ if !error.use_stderr() => error.print(),
            LogStyle::Plain => error.print(),
            _ => {
                let about = log::About::default();
                let line = usage(&error.render().to_string()).text(style, Timestamp::now(), &about);
                streams::stderr(line.as_bytes())
            }
        };
        // Where stderr is closed, the exit code tells.
        drop(printed);
        ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
    })
}

/// What the parser says of a mistake, as a line of a log: the mistake, tips, and how it is typed.
fn usage(text: &str) -> Entry {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let (tips, said): (Vec<_>, Vec<_>) = lines.partition(|line| line.starts_with("tip: "));
    let (message, rest) = said.split_first().unwrap_or((&"", &[]));
    let message = message.strip_prefix("error: ").unwrap_or(message);
    let tips = tips.iter().map(|tip| tip.trim_start_matches("tip: "));
    let rest = rest.iter().map(|line| (*line).to_owned());
    Entry::error("usage", message)
        .lines(rest.collect())
        .hints(tips)
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
        .try_get_matches_from_mut(&args)
        .map_err(|error| match error.kind() {
            ErrorKind::DisplayHelp => in_its_form(error, &args),
            _ => error,
        })
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

/// The help that was asked for, where clap's own form is another.
fn in_its_form(error: clap::Error, args: &[OsString]) -> clap::Error {
    let command = command().color(color_of_messages(args));
    let Some((command, args)) = forms::of_help(command, args) else {
        return error;
    };
    command.try_get_matches_from(args).err().unwrap_or(error)
}

/// The whole command line, for parsing, completions and the man page.
pub fn command() -> clap::Command {
    // By the name that is typed, not by that of the file, which ends in `.exe` on Windows.
    typed::with_push_options(Cli::command())
        .bin_name("qobra-push")
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
                .help_heading(TOLD)
                .help("Print help: -h the usual, --help every option"),
        )
        .arg(
            Arg::new("version")
                .short('V')
                .long("version")
                .action(ArgAction::Version)
                .help_heading(TOLD)
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
    let choices = values_of("--color", args).filter_map(|value| match value {
        "always" => Some(ColorChoice::Always),
        "never" => Some(ColorChoice::Never),
        _ => None,
    });
    choices.last().unwrap_or(ColorChoice::Auto)
}

/// What `--log` asks of them.
fn style_of_messages(args: &[OsString]) -> LogStyle {
    let styles = values_of("--log", args).filter_map(|value| match value {
        "text" => Some(LogStyle::Stamped),
        "json" => Some(LogStyle::Json),
        _ => None,
    });
    styles.last().unwrap_or_default()
}

/// What stands behind an option, before anything has been parsed.
fn values_of<'a>(option: &'a str, args: &'a [OsString]) -> impl Iterator<Item = &'a str> {
    let words = args
        .iter()
        .skip(1)
        .map(|arg| arg.to_str().unwrap_or_default());
    let words: Vec<_> = words.take_while(|word| *word != "--").collect();
    let nexts = words.clone().into_iter().skip(1).chain([""]);
    let pairs: Vec<_> = words.into_iter().zip(nexts).collect();
    pairs
        .into_iter()
        .filter_map(move |(word, next)| match word.strip_prefix(option)? {
            "" => Some(next),
            joined => joined.strip_prefix('='),
        })
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

    #[test]
    fn a_mistake_is_one_line_of_a_log() {
        let style = |words: &[&str]| {
            let words: Vec<OsString> = words.iter().map(OsString::from).collect();
            style_of_messages(&words)
        };
        assert_eq!(
            style(&["p", "--log", "json", "--color=never"]),
            LogStyle::Json
        );
        assert_eq!(style(&["p", "--log=text"]), LogStyle::Stamped);
        assert_eq!(style(&["p", "--log"]), LogStyle::Plain);
        let error = try_parse_from(["p", "a.csv", "--tabel", "x"]).unwrap_err();
        let entry = usage(&error.render().to_string());
        let text = entry.text(
            LogStyle::Json,
            Timestamp::UNIX_EPOCH,
            &log::About::default(),
        );
        assert_eq!(
            text,
            "{\"time\":\"1970-01-01T00:00:00.000Z\",\"level\":\"error\",\"event\":\"usage\",\
             \"run\":null,\"table\":null,\"message\":\"unexpected argument '--tabel' found\",\
             \"lines\":[\"Usage: qobra-push --table <KEY> <FILE>...\",\"For more information, try '--help'.\"],\"hint\":\"a similar argument exists: '--table'\"}\n"
        );
    }
}
