//! Help and the manual page: whole, readable in 80 columns, and safe to pipe into `head`.

use std::process::Stdio;

use insta::assert_snapshot;
use qobra_push::EXIT_CODES;

use crate::support::{Folder, has, push, skip, told};

fn stdout(args: &[&str]) -> String {
    let told = told(push().args(args));
    told.strip_prefix("exit code 0\n--- stdout\n")
        .unwrap_or_else(|| panic!("{told}"))
        .to_owned()
}

#[test]
fn short_help() {
    assert_snapshot!(stdout(&["-h"]));
}

#[test]
fn long_help() {
    assert_snapshot!(stdout(&["--help"]));
}

#[test]
fn whole_help() {
    assert_snapshot!(stdout(&["help"]));
}

#[test]
fn the_list_of_all_options_fits_two_screens() {
    let screens = |args: &[&str]| stdout(args).lines().count().div_ceil(60);
    assert_eq!(screens(&["-h"]), 1);
    assert_eq!(screens(&["--help"]), 2);
    // A push's options are typed behind this command too.
    assert_eq!(screens(&["sync", "-h"]), 1);
    assert_eq!(screens(&["sync", "--help"]), 2);
}

#[test]
fn the_list_has_every_option_on_a_line() {
    let listed = stdout(&["--help"]);
    for arg in qobra_push::command_line().get_arguments() {
        let Some(long) = arg.get_long() else { continue };
        let line = listed.lines().find(|line| {
            let words = line.split_once("--").unwrap_or_default().1;
            words.split([' ', '[', '.']).next() == Some(long)
        });
        let line = line.unwrap_or_else(|| panic!("--{long} is missing"));
        let text = arg.get_help().unwrap().to_string();
        assert!(
            line.contains(&text),
            "--{long} takes more than a line: {text}"
        );
    }
}

#[test]
fn help_of_the_commands() {
    assert_snapshot!(stdout(&["sandbox", "--help"]));
    assert_snapshot!(stdout(&["help", "completions"]));
    assert_snapshot!(stdout(&["man", "-h"]));
    assert_snapshot!(stdout(&["doctor", "--help"]));
}

#[test]
fn every_help_fits_80_columns() {
    for args in [
        &["-h"][..],
        &["--help"],
        &["help"],
        &["sync", "-h"],
        &["sync", "--help"],
        &["help", "sync"],
        &["sandbox", "-h"],
        &["sandbox", "--help"],
        &["doctor", "-h"],
        &["doctor", "--help"],
        &["completions", "-h"],
        &["completions", "--help"],
    ] {
        for line in stdout(args).lines() {
            // A line to copy is left whole.
            let is_to_copy = line.trim_start().starts_with("qobra-push ");
            assert!(line.chars().count() <= 80 || is_to_copy, "{args:?}: {line}");
        }
    }
}

#[test]
fn help_and_the_page_list_every_exit_code() {
    let squeezed = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = squeezed(stdout(&["help"]));
    let listed = stdout(&["--help"]);
    // The page's way to write a hyphen that can be copied.
    let page = squeezed(stdout(&["man"]))
        .replace(r"\-", "-")
        .replace(r"\*(Aq", "'");
    for row in EXIT_CODES {
        let in_help = format!("{} {} table: {}", row.code, row.meaning, row.table);
        assert!(help.contains(&in_help), "{in_help}");
        let in_list = format!("\n{:>3}  {}\n", row.code, row.brief);
        assert!(listed.contains(&in_list), "{in_list}");
        let in_page = format!("{}. The table: {}.", row.meaning, row.table);
        assert!(page.contains(&in_page), "{in_page}");
    }
}

#[test]
fn help_never_shows_the_key() {
    let key = "qbr_canary_5f2c";
    for args in [
        &["--help"][..],
        &["-h"],
        &["help"],
        &["man"],
        &["sandbox", "--help"],
    ] {
        let told = told(push().args(args).env("QOBRA_API_KEY", key));
        assert!(!told.contains(key), "{args:?}");
    }
}

#[test]
fn the_manual_page() {
    let page = stdout(&["man"]).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    assert_snapshot!(page);
}

#[test]
fn the_manual_page_is_good_roff() {
    let folder = Folder::new().with("qobra-push.1", stdout(&["man"]));
    let mut man = folder.command("man");
    man.args(["--warnings=all", "-l", "qobra-push.1"])
        .env("MANWIDTH", "80")
        .env("LC_ALL", "C.UTF-8");
    if !has("man") {
        return;
    }
    let output = man.output().unwrap();
    let page = String::from_utf8_lossy(&output.stdout);
    if !page.contains("EXIT STATUS") {
        return skip("a `man` that shows pages");
    }
    let warnings = String::from_utf8_lossy(&output.stderr);
    // How the lines of a paragraph are filled says nothing about the source.
    let real = |line: &&str| !line.contains("cannot adjust") && !line.contains("cannot break");
    assert_eq!(warnings.lines().filter(real).collect::<Vec<_>>(), [""; 0]);
}

#[test]
fn a_reader_that_left_is_no_error() {
    for args in [&["man"][..], &["completions", "bash"], &["--help"]] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = std::process::Command::new(crate::support::program())
            .args(args)
            .env_clear()
            .envs(crate::support::needed())
            .stdout(writer)
            .stderr(Stdio::piped())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{args:?}");
        assert_eq!(output.status.code(), Some(0), "{args:?}");
    }
}
