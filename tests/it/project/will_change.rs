//! The README's chapters "What will change", "Only what changed" and "Back again": their steps are taken
//! in their order, and each prints what stands there.

use qobra_push::SandboxOptions;
use regex::Regex;

use crate::stage::{Stage, options, table};
use crate::support::{program, run, tidy};

/// What stands in the place of lines that are left out.
const LEFT_OUT: &str = "…";

/// A piece of the chapter.
#[derive(Debug)]
enum Step<'a> {
    /// What happens behind the scenes: lines for the shell.
    Meanwhile(&'a str),
    /// A line to type, none where the last one's output goes on, and what it prints.
    Shown(Option<&'a str>, Vec<&'a str>),
}

/// A chapter's steps.
fn steps<'r>(readme: &'r str, title: &str) -> Vec<Step<'r>> {
    let (_, chapter) = readme.split_once(&format!("\n## {title}\n")).unwrap();
    let (chapter, _) = chapter.split_once("\n## ").unwrap();
    let pieces = Regex::new(r"(?ms)^<!-- [^\n]*\n(.*?)^-->$|^```console\n(.*?)^```$").unwrap();
    let mut steps = Vec::new();
    for piece in pieces.captures_iter(chapter) {
        match (piece.get(1), piece.get(2)) {
            (Some(shell), _) => steps.push(Step::Meanwhile(shell.as_str())),
            (None, Some(block)) => steps.extend(shown(block.as_str())),
            (None, None) => {}
        }
    }
    steps
}

/// The steps of one block.
fn shown(block: &str) -> Vec<Step<'_>> {
    let mut steps = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(typed), _) => steps.push(Step::Shown(Some(typed), Vec::new())),
            (None, Some(Step::Shown(_, lines))) => lines.push(line),
            (None, _) => steps.push(Step::Shown(None, vec![line])),
        }
    }
    steps
}

/// Runs lines for the shell where `qobra-push` is the program; what they print, on both streams as they
/// come.
fn shell(stage: &Stage, script: &str, code: i32) -> String {
    stage.running.sandbox.settle();
    let like = stage.process("");
    let folder = stage.folder().path();
    let path = std::env::var("PATH").unwrap();
    let mut command = std::process::Command::new("bash");
    command
        .args(["-c", &format!("set -eu; {{ {script}\n}} 2>&1")])
        .current_dir(folder)
        .env_clear()
        .envs(like.get_envs().filter_map(|(k, v)| Some((k, v?))))
        .env("PATH", format!("{}:{path}", folder.join("bin").display()));
    let told = run(&mut assert_cmd::Command::from_std(command));
    assert_eq!(told.code(), Some(code), "{script}: {told}");
    told.stdout
}

/// Where frozen records are listed.
fn list() -> Regex {
    Regex::new(r"\S+/frozen\.csv").unwrap()
}

/// A text without what differs from run to run, and without where the state folder is.
fn blotted(text: &str) -> String {
    let list = Regex::new(r"\S+/frozen\.csv").unwrap();
    list.replace_all(&tidy(text), "PATH/frozen.csv")
        .into_owned()
}

/// Whether all that is shown stands in an output, in its order, and nothing in between but what is said
/// to be left out.
fn is_shown(shown: &[&str], output: &str) -> bool {
    let mut rest = output.lines();
    let mut may_skip = false;
    for line in shown {
        if *line == LEFT_OUT {
            may_skip = true;
            continue;
        }
        let is_there = match may_skip {
            true => rest.any(|other| other == *line),
            false => rest.next() == Some(*line),
        };
        if !is_there {
            return false;
        }
        may_skip = false;
    }
    may_skip || rest.next().is_none()
}

#[test]
fn what_will_change() {
    each_step_prints_what_stands_there("What will change", 7);
}

#[test]
fn only_what_changed() {
    each_step_prints_what_stands_there("Only what changed", 3);
}

#[test]
fn back_again() {
    each_step_prints_what_stands_there("Back again", 2);
}

fn each_step_prints_what_stands_there(title: &str, count: usize) {
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "deal_id")],
        ..options()
    });
    let stage = stage
        .file("deals.csv", include_str!("../../../examples/deals.csv"))
        .file("deals.toml", include_str!("../../../examples/deals.toml"));
    let bin = stage.folder().path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(program(), bin.join("qobra-push")).unwrap();

    let readme = include_str!("../../../README.md");
    let list = list();
    let (mut output, mut shown_steps) = (String::new(), 0);
    for step in steps(readme, title) {
        let (typed, lines) = match step {
            Step::Meanwhile(script) => {
                shell(&stage, script, 0);
                continue;
            }
            Step::Shown(typed, lines) => (typed, lines),
        };
        if let Some(typed) = typed {
            // A list stands in the folder of the run that made it.
            let typed = list.replace_all(typed, "state/*/deals/runs/*/frozen.csv");
            let is_refused = lines.iter().any(|line| line.starts_with("error: "));
            output = blotted(&shell(&stage, &typed, if is_refused { 3 } else { 0 }));
        }
        let shown = blotted(&lines.join("\n"));
        let shown: Vec<_> = shown.lines().collect();
        assert!(
            is_shown(&shown, &output),
            "README.md shows for {typed:?}\n{}\nand it prints\n{output}",
            shown.join("\n")
        );
        shown_steps += 1;
    }
    assert_eq!(shown_steps, count, "the chapter has other steps by now");
}
