//! The pages' lines to type: they are typed in their order, and print what stands there.
//!
//! A block marked `console` shows lines and what they print; one marked `sh` lines that end well. What
//! happens behind the scenes stands in comments of the page, whose first line says what it is.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use qobra_push::SandboxOptions;
use regex::Regex;

use super::pages::{blocks, docs, page, root};
use crate::stage::{Stage, deals, options, table};
use crate::support::{program, run, tidy};

/// What stands in the place of lines that are left out.
const LEFT_OUT: &str = "…";

/// Lines that are not run, or do not end with 0: how they begin, why, and the code where they are run.
#[rustfmt::skip] // One line each.
const EXCEPTIONS: &[(&str, &str, Option<i32>)] = &[
    ("install -m 600 ", "a key is pasted", None),
    ("qobra-push sandbox ", "it serves until Ctrl-C", None),
    ("qobra-push deals.csv -m deals.toml --base-url http://127.0.0.1:8787", "nobody serves there", None),
    ("qobra-push resume RUN", "no run is called so", Some(2)),
];

/// A piece of a page.
#[derive(Debug)]
enum Step<'a> {
    /// What happens behind the scenes: lines for the shell.
    Meanwhile(&'a str),
    /// A file that the page shows, by its name.
    File(&'a str, &'a str),
    /// A line to type that ends well.
    Typed(&'a str),
    /// A line to type, none where the last one's output goes on, and what it prints.
    Shown(Option<&'a str>, Vec<&'a str>),
}

/// A page's steps, and of how many blocks they are.
fn steps(page: &str) -> (Vec<Step<'_>>, usize) {
    let pieces = [
        r"^<!-- [^\n>]*\n(?<meanwhile>.*?)^-->$",
        r"^```toml (?<name>\S+)\n(?<content>.*?)^```$",
        r"^```sh\n(?<typed>.*?)^```$",
        r"^```console\n(?<shown>.*?)^```$",
    ];
    let pieces = Regex::new(&format!("(?ms){}", pieces.join("|"))).unwrap();
    let mut steps = Vec::new();
    let mut count = 0;
    for piece in pieces.captures_iter(page) {
        let part = |name: &str| piece.name(name).map(|found| found.as_str());
        steps.extend(part("meanwhile").map(Step::Meanwhile));
        steps.extend(
            part("name")
                .zip(part("content"))
                .map(|(name, content)| Step::File(name, content)),
        );
        steps.extend(
            part("typed")
                .into_iter()
                .flat_map(str::lines)
                .map(Step::Typed),
        );
        steps.extend(part("shown").into_iter().flat_map(shown));
        count += usize::from(part("typed").or(part("shown")).is_some());
    }
    (steps, count)
}

/// The steps of one block that shows what its lines print.
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
    let told = settling(stage, || run(&mut assert_cmd::Command::from_std(command)));
    assert_eq!(told.code(), Some(code), "{script}: {told}");
    told.stdout
}

/// Runs something while the service's imports never have to be waited for.
fn settling<T>(stage: &Stage, run: impl FnOnce() -> T) -> T {
    let (over, is_over) = channel::<()>();
    let pause = Duration::from_millis(50);
    thread::scope(|scope| {
        scope.spawn(move || {
            while is_over.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
                stage.running.sandbox.settle();
            }
        });
        let result = run();
        drop(over);
        result
    })
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

/// What every page begins with: the example deals, and a service that has their table. The README pushes
/// other files.
fn stage(path: &str) -> Stage {
    let is_readme = path == "README.md";
    let stage = Stage::of(SandboxOptions {
        tables: vec![
            table("deals", if is_readme { "id" } else { "deal_id" }),
            table("owners", "id"),
        ],
        ..options()
    })
    .perhaps_unused();
    for name in ["deals.csv", "deals.ndjson", "deals.toml"] {
        let content = std::fs::read(root("examples").join(name)).unwrap();
        stage.folder().write(name, content);
    }
    stage.folder().write("data.csv", deals(3));
    let bin = stage.folder().path().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(program(), bin.join("qobra-push")).unwrap();
    stage
}

/// Takes a page's steps.
fn take(path: &str) {
    let text = page(path);
    let (steps, count) = steps(&text);
    // No block is passed over for what stands around it.
    assert_eq!(count, blocks(&text, &["sh", "console"]).len(), "{path}");
    let (stage, list) = (stage(path), list());
    let mut output = String::new();
    for step in steps {
        let (typed, lines) = match step {
            Step::Meanwhile(script) => {
                shell(&stage, script, 0);
                continue;
            }
            Step::File(name, content) => {
                stage.folder().write(name, content);
                continue;
            }
            Step::Typed(line) => {
                type_alone(&stage, line);
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
            "{path} shows for {typed:?}\n{}\nand it prints\n{output}",
            shown.join("\n")
        );
    }
}

/// Runs a line of which only the end counts.
fn type_alone(stage: &Stage, line: &str) {
    let exception = EXCEPTIONS
        .iter()
        .find(|(begin, ..)| line.starts_with(begin));
    if let Some(code) = exception.map_or(Some(0), |(.., code)| *code) {
        shell(stage, line, code);
    }
}

#[test]
fn each_page_s_lines_do_what_stands_there() {
    thread::scope(|scope| {
        let pages = [vec!["README.md".to_owned()], docs()].concat();
        let pages: Vec<_> = pages
            .into_iter()
            .map(|path| (path.clone(), scope.spawn(move || take(&path))))
            .collect();
        for (path, page) in pages {
            assert!(page.join().is_ok(), "{path}: its thread says why");
        }
    });
}

/// The lines of the README's picture, as it was made.
fn pictured() -> Vec<String> {
    let picture = page("docs/pictures/push.svg");
    let line = Regex::new(r"<text [^>]*>(.*?)</text>").unwrap();
    let tag = Regex::new(r"<[^>]*>").unwrap();
    let lines = line.captures_iter(&picture).map(|found| {
        let text = tag.replace_all(&found[1], "");
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        text.replace("&amp;", "&")
    });
    lines.collect()
}

/// A text without what differs from run to run, on one line.
fn words(text: &str) -> String {
    let runs = Regex::new(r"\S+/runs/").unwrap();
    let text = tidy(&runs.replace_all(text, "RUNS/"));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A terminal wraps lines and draws bars, which is all that may differ.
#[test]
fn the_picture_shows_what_is_printed() {
    let script = page("docs/pictures/make");
    let (_, before) = script.split_once("BEFORE = r\"\"\"").unwrap();
    let (before, _) = before.split_once("\"\"\"").unwrap();
    let stage = stage("docs/outcome.md");
    shell(&stage, before, 0);
    let (mut output, mut typed) = (String::new(), 0);
    for line in pictured() {
        if let Some(line) = line.strip_prefix("$ ") {
            output = words(&shell(&stage, &format!("{line} || true"), 0));
            typed += 1;
            continue;
        }
        let line = words(&line);
        let at = output.find(&line);
        let at =
            at.unwrap_or_else(|| panic!("the picture has {line:?}, and what is left is {output}"));
        output.drain(..at + line.len());
    }
    assert_eq!(typed, 3);
}

#[test]
fn no_exception_is_left_over() {
    let pages = [vec!["README.md".to_owned()], docs()].concat();
    let text: String = pages.iter().map(|path| page(path)).collect();
    let lines = blocks(&text, &["sh"]).concat();
    for (begin, why, _) in EXCEPTIONS {
        let is_there = lines.lines().any(|line| line.starts_with(begin));
        assert!(is_there, "{begin}: {why}");
    }
}
