//! The README and the pages below `docs`: what they name is there, and what they show can be typed.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use qobra_push::command_line;
use regex::Regex;

use crate::rig::done;
use crate::stage::{Stage, deals};
use crate::support::{program, run};

/// The most lines of a README that is read to its end.
const MOST_LINES: usize = 250;

/// A file or folder beside the manifest.
pub(super) fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The text of a page, by its path from here.
pub(super) fn page(path: &str) -> String {
    fs::read_to_string(root(path)).unwrap()
}

/// Where the pages of `docs` are, in their order.
pub(super) fn docs() -> Vec<String> {
    let entries = fs::read_dir(root("docs")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut pages: Vec<_> = names
        .filter(|name| name.ends_with(".md"))
        .map(|name| format!("docs/{name}"))
        .collect();
    pages.sort();
    assert!(pages.len() > 10, "{pages:?}");
    pages
}

/// Those and the README.
fn pages() -> Vec<String> {
    [vec!["README.md".to_owned()], docs()].concat()
}

/// The fenced blocks whose first line is one of these.
pub(super) fn blocks(text: &str, languages: &[&str]) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            continue;
        };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        if languages.contains(&language) {
            blocks.push(block.join("\n") + "\n");
        }
    }
    blocks
}

/// A text without its fenced blocks.
fn prose(text: &str) -> String {
    let mut is_inside = false;
    let lines = text.lines().filter(|line| {
        let is_fence = line.starts_with("```");
        is_inside ^= is_fence;
        !is_inside && !is_fence
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// What the titles of a page are called in links.
fn anchors(text: &str) -> BTreeSet<String> {
    let prose = prose(text);
    let titles = prose.lines().filter(|line| line.starts_with('#'));
    titles
        .map(|title| {
            let title = title.trim_start_matches('#').trim().to_lowercase();
            let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
            title
                .chars()
                .filter(kept)
                .collect::<String>()
                .replace(' ', "-")
        })
        .collect()
}

/// Where a page's links and pictures lead that stay in the project.
fn links(text: &str) -> Vec<String> {
    let links = Regex::new(r#"\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)""#).unwrap();
    let links = links.captures_iter(text);
    let mut links: Vec<_> = links
        .map(|found| found.get(1).or(found.get(2)).unwrap().as_str().to_owned())
        .collect();
    links.retain(|link| !link.contains("://"));
    links
}

#[test]
fn every_link_leads_somewhere() {
    let others = [
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "benches/README.md",
        "fuzz/README.md",
    ];
    for path in pages().into_iter().chain(others.map(str::to_owned)) {
        let text = page(&path);
        for link in links(&prose(&text)) {
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let target = match file {
                "" => root(&path),
                file => root(&path).parent().unwrap().join(file),
            };
            assert!(target.exists(), "{path} links to {link}");
            let is_there = || anchors(&fs::read_to_string(&target).unwrap()).contains(anchor);
            assert!(anchor.is_empty() || is_there(), "{path} links to {link}");
        }
    }
}

#[test]
fn the_readme_is_short_and_leads_to_every_page() {
    let readme = page("README.md");
    assert!(readme.lines().count() <= MOST_LINES);
    let linked: BTreeSet<_> = links(&readme).into_iter().collect();
    for path in docs() {
        assert!(linked.contains(&path), "the README has no link to {path}");
    }
}

/// The program's part of a line, without what the shell keeps for itself.
fn words_of(line: &str) -> Option<Vec<&str>> {
    let words = line.split_whitespace();
    let words: Vec<&str> = words
        .skip_while(|word| *word != "qobra-push")
        .take_while(|word| !word.starts_with(['|', '>', '#', '<']))
        .collect();
    (!words.is_empty()).then_some(words)
}

#[test]
fn every_line_to_type_is_understood() {
    for path in pages() {
        let text = page(&path);
        let shown = blocks(&text, &["sh", "sh yours", "console"]).concat();
        let spans = text.split('`').skip(1).step_by(2);
        let spans = spans.filter(|span| span.starts_with("qobra-push "));
        for words in shown.lines().chain(spans).filter_map(words_of) {
            // A word in capitals stands for one of several.
            let words = words
                .iter()
                .map(|word| if *word == "SHELL" { "bash" } else { word });
            let line = words.collect::<Vec<_>>().join(" ");
            if let Err(error) = command_line().try_get_matches_from(line.split(' ')) {
                // Help is no mistake.
                assert_eq!(error.exit_code(), 0, "{path}: {line}: {error}");
            }
        }
    }
}

#[test]
fn every_command_and_option_stands_in_a_page() {
    let all = pages().iter().map(|path| page(path)).collect::<String>();
    let is_there = |word: &str| {
        let word = Regex::new(&format!(r"{}\b[^-]", regex::escape(word))).unwrap();
        word.is_match(&all)
    };
    let mut missing = BTreeSet::new();
    let program = command_line();
    for command in program.get_subcommands().chain([&program]) {
        if command.get_name() != program.get_name() {
            let line = format!("qobra-push {}", command.get_name());
            missing.extend((!is_there(&line)).then_some(line));
        }
        for option in command
            .get_arguments()
            .filter(|option| !option.is_hide_set())
        {
            let long = option.get_long().map(|name| format!("--{name}"));
            missing.extend(long.filter(|long| !is_there(long)));
        }
    }
    assert!(missing.is_empty(), "in no page: {missing:?}");
}

/// A push that fails has no ids, and `status` without any shows the push before it: the pipeline that
/// the page gives does not end well for that.
#[test]
#[cfg_attr(windows, ignore = "it is typed into a shell of Unix")]
fn its_pipeline_hides_no_failure() {
    let blocks = blocks(&page("docs/outcome.md"), &["sh"]).concat();
    let line = blocks.lines().find(|line| line.contains("xargs")).unwrap();
    let line = line.replace("qobra-push ", &format!("{} ", program().display()));
    let stage = Stage::with_faults("401@2")
        .file("deals.csv", deals(6))
        .file("deals.toml", "table = \"deals\"\n");
    let piped = || {
        let mut shell = std::process::Command::new("bash");
        shell.args(["-c", &line]).current_dir(stage.folder().path());
        let like = stage.process("");
        shell
            .env_clear()
            .envs(like.get_envs().filter_map(|(k, v)| Some((k, v?))));
        shell.env("PATH", std::env::var_os("PATH").unwrap());
        run(&mut assert_cmd::Command::from_std(shell))
    };
    let good = done(&stage, "deals.csv -t deals");
    assert_eq!(good.code(), Some(0), "{good}");
    stage.running.sandbox.settle();
    let refused = piped();
    assert_eq!(refused.code(), Some(4), "{refused}");
    assert!(!refused.stderr.contains("updated"), "{refused}");
}

/// CONTRIBUTING.md names the files that a change touches, each with a word that stands in it.
#[test]
fn what_a_change_touches_is_there() {
    let text = fs::read_to_string(root("CONTRIBUTING.md")).unwrap();
    let (_, changes) = text.split_once("<!-- changes -->").unwrap();
    let (changes, _) = changes.split_once("<!-- /changes -->").unwrap();
    let lines: Vec<_> = changes
        .lines()
        .filter(|line| line.starts_with("- "))
        .collect();
    assert!(lines.len() > 20, "{lines:?}");
    for line in lines {
        let [_, file, _, word, _] = line.split('`').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let content = fs::read_to_string(root(file));
        assert!(
            content.is_ok_and(|content| content.contains(word)),
            "{line}"
        );
    }
    let rooms = fs::read_to_string(root("src/lib.rs")).unwrap();
    let rooms = rooms
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let listed = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rooms: Vec<_> = rooms.filter(|room| *room != "inside").collect();
    assert_eq!(listed.take(rooms.len()).collect::<Vec<_>>(), rooms);
}
