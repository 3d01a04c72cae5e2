//! The options of a push that can be typed behind `sync`, taken from the push's definition.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches};

use super::sync::Said;

/// What only a project file says of a table.
const IN_THE_FILE: [&str; 3] = ["table", "mapping", "plan"];

/// Whether an option is a switch, one that may have a value included.
pub(super) fn is_switch(arg: &Arg) -> bool {
    let least = arg.get_num_args().map(|range| range.min_values());
    !arg.get_action().takes_values() || least == Some(0)
}

/// Gives `sync` the options of the push that can be typed behind it. What one of them needs may stand in
/// the project file, so that only the whole push tells whether they go together.
pub(super) fn with_push_options(command: clap::Command) -> clap::Command {
    let options: Vec<Arg> = (command.get_arguments().filter(|arg| is_typed(arg)))
        .map(|arg| {
            let mut copy = Arg::new(arg.get_id().clone())
                .action(match arg.get_action().takes_values() {
                    true => ArgAction::Set,
                    false => ArgAction::SetTrue,
                })
                .hide_short_help(true);
            if let Some(long) = arg.get_long() {
                copy = copy.long(long.to_owned());
            }
            if let Some(short) = arg.get_short() {
                copy = copy.short(short);
            }
            if let Some(help) = arg.get_help() {
                copy = copy.help(help.clone());
            }
            if let Some(heading) = arg.get_help_heading() {
                copy = copy.help_heading(heading.to_owned());
            }
            if arg.get_action().takes_values() {
                let names = arg.get_value_names().unwrap_or_default().to_vec();
                copy = copy
                    .value_names(names)
                    .value_hint(arg.get_value_hint())
                    .value_parser(arg.get_value_parser().clone());
                if is_switch(arg) {
                    let copied = copy.num_args(0..=1).require_equals(true);
                    copy = copied
                        .default_missing_value("true")
                        .hide_possible_values(true);
                }
            }
            copy
        })
        .collect();
    command.mut_subcommand("sync", |sync| sync.args(options))
}

/// Whether an option of the push can be typed behind `sync`.
fn is_typed(arg: &Arg) -> bool {
    let long = arg.get_long().unwrap_or_default();
    !long.is_empty()
        && !arg.is_global_set()
        && !IN_THE_FILE.contains(&long)
        && !matches!(long, "help" | "version")
}

/// The push's options that were typed behind `sync`.
pub(super) fn said(matches: &ArgMatches, command: &clap::Command) -> Said {
    let Some(("sync", typed)) = matches.subcommand() else {
        return Said::new();
    };
    let is_said = |arg: &&Arg| {
        let id = arg.get_id().as_str();
        // The folder of the state is known to all commands.
        (is_typed(arg) || id == "state_dir")
            && typed.value_source(id) == Some(ValueSource::CommandLine)
    };
    let options = command.get_arguments().filter(is_said).filter_map(|arg| {
        let value = match arg.get_action().takes_values() {
            true => (typed.get_raw(arg.get_id().as_str()))
                .and_then(Iterator::last)
                .map(ToOwned::to_owned),
            false => None,
        };
        Some((arg.get_long()?.to_owned(), value))
    });
    options.collect()
}
