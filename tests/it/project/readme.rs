//! What the README claims of itself: its exit codes, its two commands.

use std::fmt::Write as _;
use std::fs;

use qobra_push::EXIT_CODES;

use super::pages::{blocks, page, root};
use crate::support::{Folder, program, run};

const BEGIN: &str = "<!-- exit codes -->\n";
const END: &str = "<!-- /exit codes -->\n";

#[test]
fn exit_codes_are_those_of_the_program() {
    let readme = page("README.md");
    let (before, rest) = readme.split_once(BEGIN).expect("the mark before the table");
    let (written, after) = rest.split_once(END).expect("the mark behind the table");
    // What to do is written by hand, and stays where the rest of the row is made anew.
    let (head, rows) = written.split_at(written.match_indices('\n').nth(1).unwrap().0 + 1);
    let mut table = head.to_owned();
    for row in EXIT_CODES {
        let mine = format!("| {} |", row.code);
        let written = rows.lines().find(|line| line.starts_with(&mine));
        let to_do = written.and_then(|line| line.trim_end_matches(" |").rsplit(" | ").next());
        let to_do = to_do.expect("a row that says what to do");
        let (meaning, held) = (row.meaning, row.table);
        let _ = writeln!(table, "{mine} {meaning} | {held} | {to_do} |");
    }
    if std::env::var_os("UPDATE_README").is_some() {
        let updated = [before, BEGIN, &table, END, after].concat();
        fs::write(root("README.md"), updated).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "README.md is out of date: run `UPDATE_README=1 cargo test --test it readme`"
    );
}

#[test]
fn two_commands_are_enough_on_a_fresh_machine() {
    let readme = page("README.md");
    let [setup] = blocks(&readme, &["sh setup"]).try_into().unwrap();
    let [main_job, tests]: [&str; 2] = setup.lines().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(tests, "cargo test --locked");
    let (build, line) = main_job.split_once(" -- ").unwrap();
    assert_eq!(build, "cargo run --release --locked");
    // The same line, by the program that the tests were built with.
    let folder = Folder::new();
    let mut command = folder.command(program());
    let told = run(command.current_dir(root("")).args(line.split(' ')));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(told.stdout.lines().count(), 1, "{told}");
    let held = "its table `deals` now holds 40 records\n";
    assert!(told.stderr.ends_with(held), "{told}");
}
