//! What the README claims: its commands, its tables, its examples.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use qobra_push::{EXIT_CODES, command_line};

use crate::rig::done;
use crate::stage::{Stage, deals};
use crate::support::{Folder, program, run};

const BEGIN: &str = "<!-- exit codes -->\n";
const END: &str = "<!-- /exit codes -->\n";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn readme() -> String {
    fs::read_to_string(root().join("README.md")).unwrap()
}

/// The fenced blocks whose first line is one of these.
fn blocks(readme: &str, languages: &[&str]) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut lines = readme.lines();
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

#[test]
fn exit_codes_are_those_of_the_program() {
    let mut table =
        String::from("| code | meaning | what the table holds |\n| --- | --- | --- |\n");
    for row in EXIT_CODES {
        let _ = writeln!(table, "| {} | {} | {} |", row.code, row.meaning, row.table);
    }
    let readme = readme();
    let (before, rest) = readme.split_once(BEGIN).expect("the mark before the table");
    let (written, after) = rest.split_once(END).expect("the mark behind the table");
    if std::env::var_os("UPDATE_README").is_some() {
        let updated = [before, BEGIN, &table, END, after].concat();
        fs::write(root().join("README.md"), updated).unwrap();
        return;
    }
    assert_eq!(
        written, table,
        "README.md is out of date: run `UPDATE_README=1 cargo test --test it readme`"
    );
}

#[test]
fn two_commands_are_enough_on_a_fresh_machine() {
    let readme = readme();
    let [setup] = blocks(&readme, &["sh setup"]).try_into().unwrap();
    let [main_job, tests]: [&str; 2] = setup.lines().collect::<Vec<_>>().try_into().unwrap();
    assert_eq!(tests, "cargo test --locked");
    let (build, line) = main_job.split_once(" -- ").unwrap();
    assert_eq!(build, "cargo run --release --locked");
    // The same line, by the program that the tests were built with.
    let folder = Folder::new();
    let mut command = folder.command(program());
    let told = run(command.current_dir(root()).args(line.split(' ')));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(told.stdout.lines().count(), 1, "{told}");
    let held = "its table `deals` now holds 40 records\n";
    assert!(told.stderr.ends_with(held), "{told}");
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
    let readme = readme();
    let blocks = blocks(&readme, &["sh", "console"]).concat();
    let spans = readme.split('`').skip(1).step_by(2);
    let spans = spans.filter(|span| span.starts_with("qobra-push "));
    let lines: Vec<_> = blocks.lines().chain(spans).filter_map(words_of).collect();
    assert!(lines.len() >= 8, "{lines:?}");
    for words in lines {
        // A word in capitals stands for one of several.
        let words = words
            .iter()
            .map(|word| if *word == "SHELL" { "bash" } else { word });
        let line = words.collect::<Vec<_>>().join(" ");
        if let Err(error) = command_line().try_get_matches_from(line.split(' ')) {
            // Help is no mistake.
            assert_eq!(error.exit_code(), 0, "{line}: {error}");
        }
    }
}

/// A push that fails has no ids, and `status` without any shows the push before it: the pipeline that
/// the README gives does not end well for that.
#[test]
fn its_pipeline_hides_no_failure() {
    let blocks = blocks(&readme(), &["sh"]).concat();
    let line = blocks.lines().find(|line| line.contains("xargs")).unwrap();
    let line = line.replace("qobra-push ", &format!("{} ", program().display()));
    let stage = Stage::with_faults("401@2").file("deals.csv", deals(6));
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

#[test]
fn every_file_it_names_is_there() {
    let readme = readme();
    let links = readme.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split(')').next());
    let files: Vec<_> = links.filter(|link| !link.contains("://")).collect();
    assert!(!files.is_empty());
    for file in files {
        assert!(root().join(file).exists(), "{file}");
    }
}

/// CONTRIBUTING.md names the files that a change touches, each with a word that stands in it.
#[test]
fn what_a_change_touches_is_there() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap();
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
        let content = fs::read_to_string(root().join(file));
        assert!(
            content.is_ok_and(|content| content.contains(word)),
            "{line}"
        );
    }
    let rooms = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let rooms = rooms
        .lines()
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'));
    let listed = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    let rooms: Vec<_> = rooms.filter(|room| *room != "inside").collect();
    assert_eq!(listed.take(rooms.len()).collect::<Vec<_>>(), rooms);
}

/// Each of the README's date letters in a layout, and a cell for it.
const LAYOUTS: [(&str, &str, &str); 21] = [
    ("%Y", "%Y-%m-%d", "2024-02-29"),
    ("%m", "%m/%d/%Y", "2/29/2024"),
    ("%d", "%d.%m.%Y", "29.02.2024"),
    ("%y", "%d/%m/%y", "29/02/24"),
    ("%F", "%F", "2024-02-29"),
    ("%b", "%d %b %Y", "29 Feb 2024"),
    ("%B", "%B %d %Y", "February 29 2024"),
    ("%a", "%a %d %b %Y", "Thu 29 Feb 2024"),
    ("%A", "%A %d %b %Y", "Thursday 29 Feb 2024"),
    ("%H", "%F %H", "2024-02-29 23"),
    ("%M", "%F %H:%M", "2024-02-29 23:59"),
    ("%S", "%F %H:%M:%S", "2024-02-29 23:59:01"),
    ("%T", "%FT%T", "2024-02-29T23:59:01"),
    ("%I", "%F %I:%M %p", "2024-02-29 11:59 PM"),
    ("%p", "%F %I %p", "2024-02-29 11 am"),
    ("%f", "%F %T.%f", "2024-02-29 23:59:01.123456"),
    ("%.f", "%F %T%.f", "2024-02-29 23:59:01.5"),
    ("%z", "%F %T%z", "2024-02-29 23:59:01-1200"),
    ("%:z", "%F %T%.f%:z", "2024-02-29 23:59:01.5+14:00"),
    ("%%", "%% %F", "% 2024-02-29"),
    ("/", "%d/%m/%Y", "29/02/2024"),
];

#[test]
fn date_letters_are_read_as_it_says() {
    let readme = readme();
    let (_, table) = readme.split_once("| letters | stand for |\n").unwrap();
    let rows = table.lines().skip(1).take_while(|line| !line.is_empty());
    let first_cells = rows.filter_map(|row| row.split('|').nth(1));
    let letters: Vec<&str> = first_cells
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .collect();
    let tested: Vec<&str> = LAYOUTS.iter().map(|(letter, ..)| *letter).collect();
    // Those of the table and, last here, a sign that stands for itself.
    assert_eq!(letters, tested[..tested.len() - 1]);

    let mut mapping = String::from("table = \"deals\"\n[fields]\nid = \"id\"\nname = \"name\"\n");
    let (mut header, mut record) = (String::from("id,name"), String::from("1,x"));
    for (n, (_, layout, cell)) in LAYOUTS.iter().enumerate() {
        let field = format!("{{ column = \"d{n}\", type = \"date\", format = \"{layout}\" }}");
        let _ = writeln!(mapping, "d{n} = {field}");
        let _ = write!(header, ",d{n}");
        let _ = write!(record, ",{cell}");
    }
    let folder = Folder::new()
        .with("map.toml", mapping)
        .with("data.csv", format!("{header}\n{record}\n"));
    let told = run(folder
        .push()
        .args(["data.csv", "-m", "map.toml", "-n", "-q"]));
    assert_eq!(told.code(), Some(0), "{told}");
    let sent = told.stdout.matches("\"2024-02-29\"").count();
    assert_eq!(sent, LAYOUTS.len(), "{told}");
}

/// The schema that editors read, the reference that people read, and the help of what can be typed too.
#[test]
fn a_mapping_is_the_same_in_schema_reference_and_help() {
    let schema = fs::read_to_string(root().join("schemas/mapping.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let keys = |at: &str| -> Vec<String> {
        let properties = schema.pointer(at).unwrap().as_object().unwrap();
        properties.keys().cloned().collect()
    };
    let [fields, input, guard, freeze, history] = ["long", "input", "guard", "freeze", "history"]
        .map(|name| keys(&format!("/$defs/{name}/properties")));
    let readme = readme();
    let is_shown = |key: &String| {
        let shown = regex::Regex::new(&format!(r"(?m)`{key}`|[` ]{key} = |^{key} +=|^\[{key}\]"));
        shown.unwrap().is_match(&readme)
    };
    let typed = [input, guard, history].concat();
    let all = [keys("/properties"), fields, freeze, typed.clone()].concat();
    let missing: Vec<_> = all.iter().filter(|key| !is_shown(key)).collect();
    assert!(missing.is_empty(), "the README lacks {missing:?}");
    let mut both = Vec::new();
    for option in command_line().get_arguments() {
        let name = option.get_long().unwrap_or_default().replace('-', "_");
        if typed.contains(&name) {
            let help = option.get_long_help().unwrap().to_string();
            assert!(help.contains("in the mapping"), "--{name}: {help}");
            both.push(name);
        }
    }
    both.sort();
    assert_eq!(
        both,
        [
            "delimiter",
            "encoding",
            "header_line",
            "keep",
            "max_changed",
            "max_hollow",
            "max_shrink",
            "min_overlap",
            "min_records",
            "records",
            "skip_last"
        ]
    );
}
