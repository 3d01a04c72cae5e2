//! Completions: the committed scripts, the engine behind them, and real shells that use both.

use std::path::Path;

use assert_cmd::Command;
use insta::assert_snapshot;

use crate::support::{Folder, has, program, push, told};

const SCRIPTS: [(&str, &str); 5] = [
    ("bash", "qobra-push.bash"),
    ("zsh", "_qobra-push"),
    ("fish", "qobra-push.fish"),
    ("powershell", "_qobra-push.ps1"),
    ("elvish", "qobra-push.elv"),
];

fn committed(file: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("completions")
        .join(file)
}

#[test]
fn the_committed_scripts_are_what_the_program_prints() {
    for (shell, file) in SCRIPTS {
        let printed = push().args(["completions", shell]).output().unwrap();
        assert_eq!(printed.status.code(), Some(0), "{shell}");
        assert_eq!(String::from_utf8_lossy(&printed.stderr), "", "{shell}");
        let kept = std::fs::read(committed(file)).unwrap_or_default();
        assert!(
            kept == printed.stdout,
            "completions/{file} is not what the program prints. Repair it with:\n  \
             cargo run -q --locked -- completions {shell} > completions/{file}"
        );
    }
}

#[test]
fn scripts_name_the_program_without_a_path() {
    for (shell, _) in SCRIPTS {
        let printed = push().args(["completions", shell]).output().unwrap();
        let script = String::from_utf8(printed.stdout).unwrap();
        assert!(
            script.replace('"', "").contains("qobra-push -- "),
            "{shell}: {script}"
        );
        assert!(!script.contains("/qobra-push"), "{shell}: {script}");
        // The way in which other programs hand out such scripts gives the same one.
        let asked = push().env("COMPLETE", shell).output().unwrap();
        assert_eq!(String::from_utf8(asked.stdout).unwrap(), script, "{shell}");
    }
}

/// A folder with files to complete.
fn folder() -> Folder {
    Folder::new()
        .with("data.csv", "id,name\n")
        .with("deals.ndjson", "")
        .with("x.csv", "")
        .with("my deals (1).csv", "")
}

/// What the engine offers for the last word, asked as the scripts ask.
fn offered(shell: &str, words: &[&str]) -> Vec<String> {
    let last = words.len().to_string();
    let output = folder()
        .push()
        .env("COMPLETE", shell)
        .env("_CLAP_COMPLETE_INDEX", last)
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
        .env("_CLAP_IFS", "\n")
        .args(["--", "qobra-push"])
        .args(words)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{words:?}");
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{words:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    // zsh and fish get a description after the word.
    let word = |line: &str| {
        line.split(['\t', ':'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    text.lines().map(word).collect()
}

#[test]
fn the_engine_completes_options_commands_values_and_files() {
    for shell in ["bash", "zsh", "fish"] {
        let offered = |words: &[&str]| offered(shell, words);
        assert_eq!(offered(&["data.csv", "--ta"]), ["--table"], "{shell}");
        assert_eq!(offered(&["sandbox", "--w"]), ["--window"], "{shell}");
        assert_eq!(
            offered(&["status", "--w"]),
            ["--wait", "--wait-timeout"],
            "{shell}"
        );
        assert_eq!(
            offered(&["sandbox", "--window", ""]),
            ["first", "last"],
            "{shell}"
        );
        assert_eq!(offered(&["sa"]), ["sandbox"], "{shell}");
        assert_eq!(offered(&["doctor", "--t"]), ["--table"], "{shell}");
        assert_eq!(
            offered(&["d"]),
            ["doctor", "data.csv", "deals.ndjson"],
            "{shell}"
        );
        assert_eq!(offered(&["data.csv", "x"]), ["x.csv"], "{shell}");
        assert_eq!(offered(&["--mapping", "x"]), ["x.csv"], "{shell}");
        assert_eq!(
            offered(&["--format", ""]),
            ["csv", "ndjson", "json"],
            "{shell}"
        );
        assert_eq!(
            offered(&["completions", ""])[..5],
            ["bash", "zsh", "fish", "powershell", "elvish"],
            "{shell}"
        );
        let after_a_file = offered(&["data.csv", "--"]);
        for option in ["--table", "--all", "--debounce", "--base-url", "--quiet"] {
            assert!(
                after_a_file.iter().any(|o| o == option),
                "{shell}: {option}"
            );
        }
    }
}

#[test]
fn the_engine_knows_the_pushes_of_the_project_here() {
    let folder = Folder::new().with(
        "qobra-push.toml",
        "[push.deals]\nfiles = 'd.csv'\n[push.owners]\nfiles = 'o.csv'\n",
    );
    let mut command = folder.push();
    command
        .env("COMPLETE", "fish")
        .args(["--", "qobra-push", "sync", ""]);
    let told = told(&mut command);
    for name in ["deals", "owners"] {
        assert!(told.lines().any(|line| line == name), "{told}");
    }
}

#[test]
fn a_variable_of_that_name_does_not_swallow_a_push() {
    // Whatever the variable says, this is a command line like any other.
    let line = ["data.csv", "--jobs", "0"];
    let usual = told(push().args(line));
    for value in ["bash", "1", "0", "", "no-such-shell"] {
        assert_eq!(
            told(push().args(line).env("COMPLETE", value)),
            usual,
            "{value}"
        );
    }
    let usual = told(&mut push());
    assert_eq!(told(push().env("COMPLETE", "1")), usual);
}

/// A shell that finds the program in its PATH; nothing where the shell is not installed.
fn shell(folder: &Folder, shell: &str) -> Option<Command> {
    if !has(shell) {
        return None;
    }
    let mut path = program().parent().unwrap().as_os_str().to_owned();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_default());
    let mut command = folder.command(shell);
    command
        .env("PATH", path)
        .env("HOME", folder.path())
        .env("LC_ALL", "C.UTF-8");
    Some(command)
}

#[test]
fn in_bash() {
    let folder = folder();
    let Some(mut bash) = shell(&folder, "bash") else {
        return;
    };
    // What bash does at a tab: it finds the function by the command's name, and calls it.
    let script = r#"
        source "$1"
        spec=$(complete -p qobra-push) && spec=${spec#* -F }
        function offer {
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMPREPLY=()
            "${spec%% *}" qobra-push "${@: -1}" "${@: -2:1}"
            echo "${*:2} => ${COMPREPLY[*]}"
        }
        offer qobra-push data.csv --ta
        offer qobra-push sandbox --w
        offer qobra-push sa
        offer qobra-push d
        offer qobra-push --format ''
        offer qobra-push m
    "#;
    bash.args(["--norc", "-c", script, "bash"])
        .arg(committed("qobra-push.bash"));
    assert_snapshot!(told(&mut bash), @r"
    exit code 0
    --- stdout
    data.csv --ta => --table
    sandbox --w => --window
    sa => sandbox
    d => doctor data.csv deals.ndjson
    --format  => csv ndjson json
    m => man my\ deals\ \(1\).csv
    ");
}

#[test]
fn in_zsh() {
    let folder = folder();
    let Some(mut zsh) = shell(&folder, "zsh") else {
        return;
    };
    // The two functions of the completion system that the script calls, made to tell what they get.
    let script = r#"
        compdef() { completer=$1; }
        _describe() { shift 2; print -rl -- ${(P)1}; }
        source $1
        offer() { words=("$@"); CURRENT=$#; print -r -- "${words[2,-1]} =>"; $completer; }
        offer qobra-push data.csv --ta
        offer qobra-push sandbox --w
        offer qobra-push sa
        offer qobra-push d
        offer qobra-push --format ''
    "#;
    zsh.args(["-f", "-c", script, "zsh"])
        .arg(committed("_qobra-push"));
    assert_snapshot!(told(&mut zsh), @r"
    exit code 0
    --- stdout
    data.csv --ta =>
    --table:The table's key; may stand in the mapping instead
    sandbox --w =>
    --window:The request of a replace from which its debounce counts
    sa =>
    sandbox:Serve a local stand-in of the API, for rehearsals and tests
    d =>
    doctor:Say whether a push could start from here, and why not
    data.csv
    deals.ndjson
    --format  =>
    csv:Delimited text with a header line
    ndjson:One JSON object a line
    json:A JSON array, an object with `items`, or objects one behind the other
    ");
}

#[test]
fn in_fish() {
    let folder = folder();
    let Some(mut fish) = shell(&folder, "fish") else {
        return;
    };
    let script = r#"
        source $argv[1]
        for line in 'data.csv --ta' 'sandbox --w' 'sa' 'd' '--format '
            echo "$line =>"
            complete -C "qobra-push $line"
        end
    "#;
    fish.args(["--no-config", "-c", script])
        .arg(committed("qobra-push.fish"));
    assert_snapshot!(told(&mut fish), @r"
    exit code 0
    --- stdout
    data.csv --ta =>
    --table	The table's key; may stand in the mapping instead
    sandbox --w =>
    --window	The request of a replace from which its debounce counts
    sa =>
    sandbox	Serve a local stand-in of the API, for rehearsals and tests
    d =>
    doctor	Say whether a push could start from here, and why not
    data.csv
    deals.ndjson
    --format  =>
    csv	Delimited text with a header line
    ndjson	One JSON object a line
    json	A JSON array, an object with `items`, or objects one behind the other
    ");
}
