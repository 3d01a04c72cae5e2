//! `--log`: every line on standard error is one of a log, whatever comes of the run.

use insta::assert_snapshot;
use jiff::Timestamp;
use qobra_push::SandboxOptions;
use regex::Regex;
use serde_json::Value;

use crate::rig::{REPLACE, UPSERT, Watched, done, killed_at, with};
use crate::stage::{OLD, Stage, deals, ids, numbers, options, sorted_ids};
use crate::support::{Told, below, run, tidy};

const SCHEMA: &str = include_str!("../../../schemas/log.schema.json");

/// The lines of a log, each an object of the published form.
fn lines(told: &Told) -> Vec<Value> {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let line = |line: &str| {
        let object: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}: {told}"));
        let error = validator.iter_errors(&object).next();
        assert!(error.is_none(), "{line}: {}", error.unwrap());
        object
    };
    let lines: Vec<_> = told.stderr.lines().map(line).collect();
    assert!(!lines.is_empty(), "{told}");
    lines
}

fn log(stage: &Stage, line: &str, code: i32) -> Vec<Value> {
    let told = done(stage, &format!("{line} --log json"));
    assert_eq!(told.code(), Some(code), "{line}: {told}");
    lines(&told)
}

/// The words of one field of all lines.
fn words<'l>(lines: &'l [Value], field: &str) -> Vec<&'l str> {
    lines
        .iter()
        .filter_map(|line| line[field].as_str())
        .collect()
}

/// A log without what differs from run to run.
fn shown(lines: &[Value], stage: &Stage) -> String {
    const BLOTS: [(&str, &str); 3] = [
        (r#""time":"[^"]*""#, r#""time":"TIME""#),
        (r#"seconds":[0-9.]+"#, r#"seconds":N"#),
        (
            r#"records_per_second":(\d+|null)"#,
            r#"records_per_second":N"#,
        ),
    ];
    let lines = lines.iter().map(|line| format!("{line}\n"));
    let mut text = below(stage.folder().path(), &lines.collect::<String>());
    for (pattern, blot) in BLOTS {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, blot).into_owned();
    }
    tidy(&text)
}

#[test]
fn a_push_and_its_end() {
    let stage = Stage::with_faults("500@2").file("deals.csv", deals(12));
    let line = UPSERT.replace("--jobs 2", "--jobs 1");
    let lines = log(&stage, &format!("{line} -v --wait --wait-timeout 2"), 8);
    assert_snapshot!(shown(&lines, &stage));
    let runs: Vec<_> = words(&lines, "run");
    assert!(runs.windows(2).all(|two| two[0] == two[1]), "{runs:?}");
    assert_eq!(words(&lines, "table").len(), lines.len());
    assert_eq!(sorted_ids(&stage.settled())[..12], numbers(1..=12));
}

/// Refused inputs, refused by the service, a command line that cannot be read, a file that is not there,
/// other commands, and what no terminal would show.
#[test]
fn every_end_is_a_line_of_the_log() {
    let stage = Stage::with_faults("401@1,503@2x100")
        .file("deals.csv", deals(12))
        .file("bad.csv", "id\n1\n2,3\n")
        .file("two.csv", "id\n1\n1\n");
    for (line, code, event) in [
        ("bad.csv -t deals", 3, "error"),
        ("two.csv -t deals", 3, "error"),
        ("no.csv -t deals", 2, "error"),
        ("deals.csv -t deals -q", 4, "outcome"),
        ("deals.csv -t deals --retry-for 1", 5, "outcome"),
        ("deals.csv -t deals --tabel x", 2, "usage"),
        ("", 2, "usage"),
        ("statsu", 2, "error"),
        ("deals.csv -t deals --dry-run --color always", 0, "note"),
        ("bad.csv -t deals --dry-run", 3, "error"),
        ("runs -t nothing", 0, "note"),
        ("resume", 0, "note"),
        ("resume 20261128T064209Z-7f3a", 2, "error"),
        ("status", 2, "error"),
        ("forget -t deals --all", 2, "error"),
        ("init deals.csv", 0, "note"),
        ("rollback -t deals", 2, "error"),
    ] {
        let lines = log(&stage, line, code);
        let last = lines.last().unwrap();
        assert_eq!(last["event"], event, "{line}: {last}");
        let text = shown(&lines, &stage);
        assert!(
            !text.contains("\\u001b") && !text.contains("error: "),
            "{text}"
        );
        if code > 0 {
            assert!(words(&lines, "level").contains(&"error"), "{text}");
        }
    }
    assert_eq!(ids(&stage.settled()), OLD);
}

#[test]
fn a_mistake_and_a_bug_are_told_in_the_same_form() {
    let stage = Stage::new().perhaps_unused().file("deals.csv", deals(12));
    let told = run(&mut stage.push("deals.csv -t deals --tabel x --log=json"));
    assert_snapshot!(shown(&lines(&told), &stage));
    // A bug is none of what a run may do: this one is asked for.
    let mut command = stage.process(&format!("{UPSERT} --log json"));
    command.env("QOBRA_PUSH_TEST_PANIC", "journal-attempt-before:1");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8(output.stderr).unwrap();
    let bug = stderr
        .lines()
        .find(|line| line.contains(r#""event":"bug""#));
    let bug: Value = serde_json::from_str(bug.unwrap()).unwrap();
    assert_eq!(bug["level"], "error", "{bug}");
    assert!(stderr.lines().all(|line| line.starts_with('{')), "{stderr}");
}

#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_resumed_run_a_wait_and_a_signal() {
    let stage = Stage::of(SandboxOptions {
        clock: qobra_push::SandboxClock::real(),
        ..options()
    });
    let stage = stage.file("deals.csv", deals(23));
    assert!(killed_at(&stage, REPLACE, "journal-answer-after:2"));
    // Another push waits until that one is over, and says whose table it is.
    let push = stage.process(&format!("{UPSERT} --log json"));
    let mut push = Watched::start(push);
    push.says("nothing is sent before");
    push.signal("INT");
    let told = push.end();
    assert_eq!(told.code(), Some(130), "{told}");
    let last = lines(&told).pop().unwrap();
    assert_eq!(
        (&last["event"], &last["table"]),
        (&"interrupted".into(), &"deals".into())
    );
    let lines = log(&stage, "resume", 0);
    assert_eq!(lines.last().unwrap()["event"], "outcome");
    assert_eq!(words(&lines, "table").len(), lines.len());
}

#[test]
fn as_text_each_line_begins_with_the_time() {
    let stage = Stage::new().perhaps_unused().file("deals.csv", deals(12));
    for (line, code) in [
        (UPSERT, 0),
        ("no.csv -t deals", 2),
        ("deals.csv --no-such", 2),
    ] {
        let plain = done(&stage, line);
        let told = with(&stage, &format!("{line} --log text"), "TZ", "Asia/Tokyo");
        assert_eq!(told.code(), Some(code), "{told}");
        for line in told.stderr.lines() {
            let (stamp, said) = line.split_once(' ').unwrap();
            assert!(stamp.ends_with("+09:00") && !said.is_empty(), "{line}");
            let _: Timestamp = stamp.parse().unwrap();
        }
        assert_eq!(told.stdout.lines().count(), plain.stdout.lines().count());
    }
}

/// Who reads the page finds each event, who writes a new one must write it down.
#[test]
fn the_page_lists_the_events() {
    let schema: Value = serde_json::from_str(SCHEMA).unwrap();
    let page = include_str!("../../../docs/unattended.md");
    let table = page.split("| event | level |").nth(1).unwrap();
    let table = table.split("\n\n").next().unwrap();
    for event in schema["properties"]["event"]["enum"].as_array().unwrap() {
        let name = format!("`{}`", event.as_str().unwrap());
        assert!(table.contains(&name), "{name}");
    }
}
