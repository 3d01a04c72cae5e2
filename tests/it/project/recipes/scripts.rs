//! `push.sh` and the line for cron, run by `sh`: with a program that only ends as it is told, and with the
//! real one against the stand-in.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use qobra_push::{SandboxClock, SandboxOptions, parse_faults};

use super::{path, recipe, root};
use crate::rig::{Watched, each, posts, until};
use crate::stage::{Stage, deals, options, sorted_ids};
use crate::support::{Folder, KEY, Told, has, program, run};

/// What the program that is played does.
pub struct Fake {
    /// The code of its first call; all others end with 0.
    pub code: u8,
    /// Whether there is something to resume.
    pub resumes: bool,
}

/// Runs `push.sh` with a program that notes how it is called. What was told, and the calls.
pub fn fake(fake: Fake) -> (Told, Vec<String>) {
    let folder = Folder::new();
    let end = if fake.code == 137 {
        "kill -9 $$".to_owned()
    } else {
        format!("exit {}", fake.code)
    };
    let resumed = if fake.resumes { "echo import" } else { ":" };
    let script = format!(
        "#!/bin/sh\necho \"$*\" >>calls\n[ \"$(wc -l <calls)\" -gt 1 ] || {end}\n\
         case $1 in resume) {resumed} ;; *) echo import ;; esac\n"
    );
    executable(&folder.path().join("qobra-push"), &script);
    let path = format!(
        "{}:{}",
        folder.path().display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = folder.command("sh");
    command
        .env("PATH", path)
        .env("PUSH_PAUSE", "0")
        .arg(super::path("push.sh"));
    let told = run(command.args(["deals.csv", "--all"]));
    let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
    (told, calls.lines().map(str::to_owned).collect())
}

fn executable(path: &Path, script: &str) {
    fs::write(path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// `sh`, which finds the program, with the stage's service, key and state folder.
fn shell(stage: &Stage) -> Command {
    let mut command = Command::new("sh");
    let beside = program().parent().unwrap().display().to_string();
    let environment = stage.process("");
    command
        .env_clear()
        .current_dir(stage.folder().path())
        .envs(
            environment
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env(
            "PATH",
            format!("{beside}:{}", std::env::var("PATH").unwrap()),
        )
        .env("PUSH_PAUSE", "0");
    command
}

const LINE: &str = "deals.csv -t deals --chunk-size 5 --jobs 1 --retry-for 0";

fn push_sh(stage: &Stage, line: &str) -> Command {
    let mut command = shell(stage);
    command.arg(path("push.sh")).args(line.split(' '));
    command
}

/// Imports run by the machine's clock: nobody else moves it while the script waits for them.
fn upserted(faults: &str) -> Stage {
    let service = SandboxOptions {
        faults: parse_faults(faults).unwrap(),
        clock: SandboxClock::real(),
        ..options()
    };
    Stage::of(service).file("deals.csv", deals(23))
}

#[test]
fn push_sh_ends_with_the_right_table_or_asks_for_a_person() {
    if !has("sh") {
        return;
    }
    let cases = vec![
        ("", "", 0, 1),
        ("503@1x2", "", 0, 3),
        ("503@3", "", 0, 2),
        ("reset-after@1,503@5x2", "", 0, 4),
        ("401@1", "", 4, 1),
        ("", "--mapping missing.toml", 2, 1),
        ("", "--min-records 30", 3, 1),
    ];
    each(cases, |(faults, more, code, runs)| {
        let stage = upserted(faults).perhaps_unused();
        let line = format!("{LINE} {more}");
        let told = run(&mut assert_cmd::Command::from_std(push_sh(
            &stage,
            line.trim(),
        )));
        assert_eq!(told.code(), Some(code), "{faults} {more}: {told}");
        let records = if code == 0 { 23 } else { 0 };
        assert_eq!(stage.new_ids().len(), records, "{faults} {more}: {told}");
        // Each run but one that went well tells its error.
        let errors = told.stderr.matches("error: ").count();
        assert_eq!(
            errors + usize::from(code == 0),
            runs,
            "{faults} {more}: {told}"
        );
    });
}

/// Each run is killed at its second answer, and the next one goes on.
#[test]
fn push_sh_goes_on_after_kills() {
    if !has("sh") {
        return;
    }
    let stage = upserted("");
    let mut push = push_sh(&stage, LINE);
    push.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-written:2");
    let told = run(&mut assert_cmd::Command::from_std(push));
    assert_eq!(
        (told.code(), stage.new_ids().len()),
        (Some(0), 23),
        "{told}"
    );
}

/// Whoever stops the script stops the push, in order, and nothing is tried again.
#[test]
fn push_sh_hands_signals_on() {
    if !has("sh") {
        return;
    }
    let stage = upserted("slow:1@1");
    let mut push = Watched::start(push_sh(&stage, LINE));
    until(|| (!posts(&stage).is_empty()).then_some(()));
    push.signal("TERM");
    let told = push.end();
    assert_eq!(told.code(), Some(143), "{told}");
    assert!(told.stderr.contains("1 of 5 chunks accepted"), "{told}");
    assert_eq!(stage.new_ids().len(), 5, "{told}");
}

/// The recipe's variables and its line, with the files of the test in the places of its own.
fn by_cron(stage: &Stage) -> Command {
    let crontab = recipe("crontab");
    let here = stage.folder().path().display().to_string();
    let examples = root("examples").display().to_string();
    let mut command = shell(stage);
    let mut job = None;
    for line in crontab
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let line = line
            .replace("/etc/qobra-push/api-key", &format!("{here}/key"))
            .replace("/var/lib/qobra-push/deals", &format!("{here}/state"))
            .replace("/srv/exports/deals.csv", &format!("{here}/deals.csv"))
            .replace(
                "/etc/qobra-push/deals.toml",
                &format!("{examples}/deals.toml"),
            );
        if let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.contains(' ')) {
            // cron's own path has no program that was built a moment ago.
            if name != "PATH" {
                command.env(name, value);
            }
            continue;
        }
        // Five fields of time, the user, and the rest is for the shell.
        let mut rest = line.as_str();
        for _ in 0..6 {
            rest = rest.trim_start().split_once(' ').unwrap().1;
        }
        // A % would be the end of the line to cron.
        assert!(!rest.contains('%'), "{rest}");
        let rest = rest
            .trim_start()
            .replace("push.sh", &path("push.sh").display().to_string());
        assert_eq!(job.replace(rest), None, "one job");
    }
    command
        .env_remove("QOBRA_API_KEY")
        .args(["-c", &job.unwrap()]);
    command
}

fn cron_stage(csv: &str) -> Stage {
    let service = SandboxOptions {
        tables: vec![crate::stage::table("deals", "deal_id")],
        ..options()
    };
    let stage = Stage::of(service).file("deals.csv", csv).file("key", KEY);
    let key = stage.folder().path().join("key");
    fs::set_permissions(key, fs::Permissions::from_mode(0o600)).unwrap();
    stage
}

#[test]
fn cron_mails_nothing_when_all_is_well() {
    if !has("sh") {
        return;
    }
    let csv = fs::read_to_string(root("examples/deals.csv")).unwrap();
    let stage = cron_stage(&csv);
    let push = Watched::start(by_cron(&stage));
    until(|| {
        posts(&stage)
            .iter()
            .any(|seen| seen.status.is_some())
            .then_some(())
    });
    stage.running.sandbox.advance(Duration::from_secs(901));
    let told = push.end();
    assert_eq!(told.to_string(), "exit code 0\n");
    let held = stage.settled();
    assert_eq!((held.records.len(), held.deletes), (40, 1));
}

#[test]
fn cron_mails_everything_when_a_person_has_to_look() {
    if !has("sh") {
        return;
    }
    let csv = fs::read_to_string(root("examples/deals.csv")).unwrap();
    let stage = cron_stage(&csv.replace("12 345,60", "12 345,6O")).perhaps_unused();
    let told = run(&mut assert_cmd::Command::from_std(by_cron(&stage)));
    assert_eq!((told.code(), told.stderr.as_str()), (Some(3), ""), "{told}");
    assert!(told.stdout.starts_with("exit code 3\n"), "{told}");
    assert!(
        told.stdout.contains("12 345,6O") && told.stdout.contains("hint: "),
        "{told}"
    );
    assert_eq!(sorted_ids(&stage.settled()), ["old-1", "old-2"]);
}
