//! The command line: what is refused before anything is looked at, and in which words.

use insta::assert_snapshot;

use crate::support::{push, told};

/// What the program says to a line, split at blanks.
fn said(line: &str) -> String {
    told(push().args(line.split_whitespace()))
}

#[test]
fn a_push_needs_a_file() {
    assert_snapshot!(said(""));
    assert_snapshot!(said("-t deals --all"));
}

#[test]
fn a_command_after_the_options_is_refused_as_a_file() {
    assert_snapshot!(said("-t deals sandbox"));
    assert_snapshot!(said("-t deals status"));
}

#[test]
fn no_command_name_is_ever_taken_for_a_file() {
    for name in [
        "status",
        "resume",
        "rollback",
        "runs",
        "sync",
        "report",
        "forget",
        "init",
        "doctor",
        "sandbox",
        "completions",
        "man",
        "help",
    ] {
        for line in [
            format!("-t deals {name}"),
            format!("data.csv {name}"),
            format!("-- {name}"),
        ] {
            let said = said(&line);
            let wanted =
                format!("exit code 2\n--- stderr\nerror: `{name}` is the name of a command");
            assert!(said.starts_with(&wanted), "{line}: {said}");
            assert!(said.contains(&format!("`./{name}`")), "{line}: {said}");
        }
    }
    assert!(said("init").starts_with("exit code 2\n"));
}

#[test]
fn debounce_goes_with_all_only() {
    assert_snapshot!(said("a.csv -t deals --debounce 900"));
}

#[test]
fn bad_values_are_refused_with_what_to_write_instead() {
    let lines = [
        "a.csv --all --debounce soon",
        "a.csv --all --debounce 0",
        "a.csv --all --debounce 1500ms",
        "a.csv --all --debounce 8000000",
        "a.csv --retry-for -5",
        "a.csv --chunk-size 0",
        "a.csv --max-body 12",
        "a.csv --max-body huge",
        "a.csv --jobs 0",
        "a.csv --jobs 65",
        "a.csv --delimiter a",
        "a.csv --delimiter ;;",
        "a.csv --format xlsx",
        "a.csv - b.csv -",
        "a.csv --sandbox --base-url http://127.0.0.1:8787",
        "a.csv -q -v",
        "a.csv --duplicates both",
        "a.csv --max-errors few",
        "a.csv --max-errors 101%",
        "a.csv --max-shrink 50",
        "a.csv --allow-empty",
        "a.csv --all --chunk-seconds 0",
        "sandbox --port 65536",
        "sandbox --window middle",
        "sandbox --api-key-file key",
        "completions tcsh",
    ];
    let first_line = |line: &str| {
        let said = said(line);
        let (status, message) = said.split_once("\n--- stderr\n").unwrap();
        assert_eq!(status, "exit code 2", "{line}");
        format!("{line}\n  {}\n", message.lines().next().unwrap())
    };
    assert_snapshot!(lines.map(first_line).concat());
}

#[test]
fn there_is_no_option_for_the_key_itself() {
    let said = said("a.csv --api-key=k");
    assert!(said.starts_with("exit code 2\n"), "{said}");
    assert!(said.contains("unexpected argument"), "{said}");
}

#[test]
fn color_reaches_the_messages_of_the_parser() {
    let colored = told(push().args(["--color=always"]));
    assert!(colored.contains("\u{1b}["), "{colored}");
    let plain = told(push().args(["--color=never"]));
    assert!(!plain.contains('\u{1b}'), "{plain}");
}

#[test]
fn the_version_is_the_packages() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        said("--version"),
        format!("exit code 0\n--- stdout\nqobra-push {version}\n")
    );
}
