//! Texts that the help, the manual page and the README share: examples, environment, exit codes.

use std::fmt::Write as _;

/// The program's name, as completions call it.
pub(crate) const NAME: &str = "qobra-push";

/// One exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExitCodeRow {
    /// The code.
    pub code: u8,
    /// What happened, in a line.
    pub brief: &'static str,
    /// What happened, with all that can be behind it.
    pub meaning: &'static str,
    /// What the table holds afterwards.
    pub table: &'static str,
}

const fn row(
    code: u8,
    brief: &'static str,
    meaning: &'static str,
    table: &'static str,
) -> ExitCodeRow {
    ExitCodeRow {
        code,
        brief,
        meaning,
        table,
    }
}

/// Every exit code, in order: the one place that names them. They are public and never change
/// their meaning.
#[rustfmt::skip] // One line a code.
pub const EXIT_CODES: &[ExitCodeRow] = &[
    row(0, "done: all was accepted; with --wait, all was imported", "done: every chunk was accepted (in a dry run: could be sent); with --wait, every import ended without an error", "with --wait new, else pending: the summary says when (after a dry run: untouched)"),
    row(1, "a bug", "unexpected: a bug", "see the messages"),
    row(2, "command line, configuration, key or mapping wrong: nothing was sent", "command line, configuration, key file or mapping wrong, or a file that is not there; nothing was sent", "untouched"),
    row(3, "input refused (bad records, duplicates, a guard): nothing was sent", "input refused: bad records over --max-errors, duplicates, a guard (empty, shrunken, window too small), not what --plan shows; nothing was sent", "untouched"),
    row(4, "refused by the service: nothing was applied", "the service refused (key, table, body); nothing can have been applied", "untouched"),
    row(5, "service not reached, or overloaded: nothing was applied, run again later", "the service could not be reached, or stayed overloaded; nothing can have been applied: run again later", "untouched"),
    row(6, "sent in part, or perhaps: qobra-push resume", "some chunks were accepted or may have been applied, not all: qobra-push resume", "at risk, or unknown"),
    row(7, "sent with gaps: records were left out, or rejected by the service", "accepted, but records were left out here (--max-errors) or rejected by the service", "gaps"),
    row(8, "sent, the end not seen in time: qobra-push status --wait", "accepted, the end not seen before the wait's deadline: qobra-push status --wait", "pending"),
    row(9, "another push to this table is running", "another push to this table is running from this state folder", "untouched"),
    row(130, "interrupted by SIGINT: the message says what the table holds", "interrupted by SIGINT; if chunks were accepted, the message says what the table will hold and when", "see the messages"),
    row(143, "interrupted by SIGTERM, likewise", "interrupted by SIGTERM, likewise", "see the messages"),
];

/// What an exit code means, in the words of the list; nothing for a number that is none.
pub(crate) fn exit_meaning(code: u8) -> &'static str {
    let row = EXIT_CODES.iter().find(|row| row.code == code);
    row.map_or("", |row| row.meaning)
}

/// Lines to type, each with what it does.
pub(crate) const EXAMPLES: &[(&str, &str)] = &[
    (
        "Replace the table `deals`; all requests must arrive within 15 minutes",
        "qobra-push data.csv --table deals --all --debounce 900",
    ),
    (
        "Draft a mapping for a file, to be checked",
        "qobra-push init deals.csv --table deals > deals.toml",
    ),
    (
        "Check a file and its mapping, and see what would be sent",
        "qobra-push deals.csv --mapping deals.toml --dry-run",
    ),
    (
        "Rehearse the same push against a stand-in",
        "qobra-push deals.csv --mapping deals.toml --sandbox",
    ),
    (
        "Add or change what another program prints, whose failure counts too",
        "set -o pipefail; export-deals | qobra-push - --format ndjson --table deals",
    ),
];

/// Variables that are read, each with what it does.
pub(crate) const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "QOBRA_API_KEY_FILE",
        "File with the API key, unless --api-key-file names one.",
    ),
    (
        "CREDENTIALS_DIRECTORY",
        "Set by systemd; its file qobra-api-key holds the key, unless a file was named.",
    ),
    ("QOBRA_API_KEY", "The API key itself, unless a file has it."),
    (
        "QOBRA_BASE_URL",
        "The service's URL, unless --base-url names one.",
    ),
    (
        "QOBRA_PUSH_STATE_DIR, STATE_DIRECTORY, XDG_STATE_HOME",
        "Where runs are remembered, unless --state-dir says where; the first that is set, else \
         ~/.local/state/qobra-push.",
    ),
    (
        "HTTPS_PROXY, NO_PROXY",
        "The proxy to go through, and the hosts to reach without it.",
    ),
];

/// The widest line of a help text.
const WIDTH: usize = 80;

/// What stands at the end of `-h`.
pub(super) fn short_end() -> String {
    format!(
        "Example: {}\nEvery option, exit codes: {NAME} --help. All about them: {NAME} help",
        EXAMPLES[0].1,
    )
}

/// What stands at the end of `--help`.
pub(super) fn listed_end() -> String {
    let mut out = String::from("Exit codes:\n");
    for row in EXIT_CODES {
        let _ = writeln!(out, "{:>3}  {}", row.code, row.brief);
    }
    let names: Vec<_> = ENVIRONMENT.iter().map(|(name, _)| *name).collect();
    let names = format!("{}.", names.join(", "));
    push_wrapped(&mut out, "\nEnvironment: ", "  ", &names);
    let _ = write!(
        out,
        "All about these, with examples: {NAME} help, or {NAME} man | man -l -"
    );
    out
}

/// What stands at the end of `help`.
pub(super) fn long_end() -> String {
    let mut out = String::from("Examples:\n");
    for (purpose, line) in EXAMPLES {
        let _ = write!(out, "  # {purpose}\n  {line}\n\n");
    }
    out.push_str("Environment:\n");
    for (name, meaning) in ENVIRONMENT {
        let _ = writeln!(out, "  {name}");
        push_wrapped(&mut out, "          ", "          ", meaning);
    }
    out.push_str("\nExit codes, and what the table holds:\n");
    for row in EXIT_CODES {
        push_wrapped(
            &mut out,
            &format!("{:>3}  ", row.code),
            "     ",
            row.meaning,
        );
        push_wrapped(&mut out, "     table: ", "     ", row.table);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Adds words, broken into lines of at most [`WIDTH`] characters.
fn push_wrapped(out: &mut String, first: &str, rest: &str, words: &str) {
    let mut line = first.to_owned();
    let mut is_bare = true;
    for word in words.split_whitespace() {
        if !is_bare && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out.push_str(&line);
            out.push('\n');
            rest.clone_into(&mut line);
            is_bare = true;
        }
        if !is_bare {
            line.push(' ');
        }
        line.push_str(word);
        is_bare = false;
    }
    out.push_str(&line);
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_in_order_and_distinct() {
        assert!(EXIT_CODES.is_sorted_by(|a, b| a.code < b.code));
    }

    #[test]
    fn examples_are_command_lines_of_this_program() {
        for (_, line) in EXAMPLES {
            let words = line.rsplit("| ").next().unwrap_or_default();
            let words = words.split(" > ").next().unwrap_or_default();
            crate::cli::command::try_parse_from(words.split(' ')).unwrap();
        }
    }

    #[test]
    fn words_are_wrapped_without_losing_one() {
        let text = "word ".repeat(40);
        let mut out = String::new();
        push_wrapped(&mut out, "1  ", "   ", &text);
        assert!(out.lines().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(out.matches("word").count(), 40);
        assert_eq!(out.lines().count(), 3);
    }
}
