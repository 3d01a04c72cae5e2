//! `man`: the manual page, made from the definition of the command line.

use std::io;
use std::process::ExitCode;

use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::command::command;
use super::stdout;
use super::texts::{ENVIRONMENT, EXAMPLES, EXIT_CODES, NAME};

/// Prints the page.
pub(crate) fn run() -> ExitCode {
    stdout::finish(&page().expect("a vector takes everything"))
}

/// The page as roff. It has no date, so that the same version prints the same page on every day.
fn page() -> io::Result<Vec<u8>> {
    let command = described(command());
    let man = Man::new(for_man(command.clone())).manual("User Commands");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    page.extend_from_slice(options(&man)?.as_bytes());
    page.extend_from_slice(commands(&command)?.as_bytes());
    exit_status().to_writer(&mut page)?;
    environment().to_writer(&mut page)?;
    examples().to_writer(&mut page)?;
    Ok(without_repeats(&String::from_utf8_lossy(&page)).into_bytes())
}

/// The page with the lines that every section begins with, a definition of the apostrophe, only once.
fn without_repeats(page: &str) -> String {
    let beginning = Roff::new().render();
    format!("{beginning}{}", page.replace(&beginning, ""))
}

/// The definition with a long text for every option: of one that `-h` does not show the page has no other.
fn described(command: clap::Command) -> clap::Command {
    let described = |arg: clap::Arg| match (arg.get_long_help(), arg.get_help().cloned()) {
        (None, Some(help)) => arg.long_help(help),
        _ => arg,
    };
    command.mut_args(described).mut_subcommands(self::described)
}

/// The definition with what a page says otherwise than `--help`: the two forms of the line, and a
/// description that does not repeat the name's line.
fn for_man(command: clap::Command) -> clap::Command {
    let about = command.get_about().map(ToString::to_string);
    let long = command.get_long_about().map(ToString::to_string);
    let description = long.unwrap_or_default();
    let description = description
        .strip_prefix(about.as_deref().unwrap_or_default())
        .unwrap_or(&description)
        .trim()
        .to_owned();
    let name = NAME;
    command
        .override_usage(format!("{name} [OPTIONS] FILE...\n{name} COMMAND"))
        .long_about(description)
}

/// The options, with the headings of the help one level below `OPTIONS`.
fn options(man: &Man) -> io::Result<String> {
    let text = rendered_options(man)?;
    Ok(text
        .replace(".SH ", ".SS ")
        .replacen(".SS OPTIONS", ".SH OPTIONS", 1))
}

/// The commands with their own options; those of the push that they share are not repeated.
fn commands(command: &clap::Command) -> io::Result<String> {
    let mut text = heading("COMMANDS").render();
    for sub in command.get_subcommands() {
        let mut about = Roff::new();
        about.control("SS", [format!("{} {}", NAME, sub.get_name()).as_str()]);
        let long = sub.get_long_about().or_else(|| sub.get_about());
        for line in long.map(ToString::to_string).unwrap_or_default().lines() {
            match line.trim() {
                "" => about.control("PP", []),
                line => about.text([roman(line)]),
            };
        }
        text.push_str(&about.render());
        // What `sync` takes of the push stands above.
        let own = |arg: clap::Arg| match sub.get_name() == "sync" && arg.is_hide_short_help_set() {
            true => arg.hide(true),
            false => arg,
        };
        let bare = sub.clone().mut_args(own);
        let bare = bare.disable_help_flag(true).version(None::<&str>);
        if bare.get_arguments().next().is_some() {
            let options = rendered_options(&Man::new(bare))?.replace(".SH OPTIONS\n", "");
            // A heading of the page's own would take the commands that follow.
            text.push_str(&options.replace(".SH ", ".PP\n.B "));
        }
    }
    Ok(text)
}

fn rendered_options(man: &Man) -> io::Result<String> {
    let mut text = Vec::new();
    man.render_options_section(&mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn exit_status() -> Roff {
    let mut roff = heading("EXIT STATUS");
    for row in EXIT_CODES {
        let meaning = format!("{}. The table: {}.", row.meaning, row.table);
        entry(&mut roff, bold(row.code.to_string()), &meaning);
    }
    roff
}

fn environment() -> Roff {
    let mut roff = heading("ENVIRONMENT");
    for (name, meaning) in ENVIRONMENT {
        entry(&mut roff, bold(*name), meaning);
    }
    roff
}

fn examples() -> Roff {
    let mut roff = heading("EXAMPLES");
    for (purpose, line) in EXAMPLES {
        entry(&mut roff, italic(*line), &format!("{purpose}."));
    }
    roff
}

fn heading(text: &str) -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", [text]);
    roff
}

/// A term and what it means, indented below it.
fn entry(roff: &mut Roff, term: Inline, meaning: &str) {
    roff.control("TP", []);
    roff.text([term]);
    roff.text([roman(meaning)]);
}
