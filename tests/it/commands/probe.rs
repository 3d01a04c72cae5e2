//! `probe`: what it refuses, what it leaves in the table however it ends, what it reports and keeps.

use std::fs;
#[cfg(unix)]
use std::fs::File;
#[cfg(unix)]
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
#[cfg(unix)]
use std::thread;

use insta::assert_snapshot;
use qobra_push::{SandboxClock, SandboxOptions, ValueKind, WindowReading};
use regex::Regex;
#[cfg(unix)]
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use serde_json::Value;
#[cfg(unix)]
use serde_json::json;

use crate::rig::{Watched, ends, said, until};
use crate::service::{NOBODY, wire};
use crate::stage::{Stage, deals, options, table};
use crate::support::{KEY, published, run};

const PROBE: &str = "probe -t scratch --wipe scratch --fields amount:number";

const SCHEMA: &str = include_str!("../../../schemas/probe.schema.json");

/// A service with a scratch table beside the usual one.
fn stage(window: WindowReading) -> Stage {
    limited(window, Some(256 << 10))
}

/// The largest requests that are tried take this program half of a minute, made for tests.
fn limited(window: WindowReading, max_body: Option<u64>) -> Stage {
    let mut scratch = table("scratch", "id");
    let fields = [("name", ValueKind::Text), ("amount", ValueKind::Number)];
    scratch.fields = fields.map(|(key, kind)| (key.to_owned(), kind)).into();
    Stage::of(SandboxOptions {
        tables: vec![table("deals", "id"), scratch],
        window,
        clock: SandboxClock::real(),
        max_body,
        ..options()
    })
}

/// What the scratch table holds when nothing is left to happen.
fn held(stage: &Stage) -> Vec<String> {
    let sandbox = &stage.running.sandbox;
    sandbox.settle();
    let held = sandbox.table("scratch").unwrap();
    held.records.into_iter().map(|(id, _)| id).collect()
}

fn holds_probes_only(stage: &Stage) {
    let held = held(stage);
    let is_probe = |id: &String| id.starts_with("qobra-push-probe-");
    assert!(!held.is_empty() && held.iter().all(is_probe), "{held:?}");
}

/// What is kept of the service.
fn kept(stage: &Stage) -> Option<Value> {
    in_state(stage, "facts.json")
}

/// Whether the next probe or push waits for windows of this one.
fn is_waited_for(stage: &Stage) -> bool {
    in_state(stage, "scratch/probe.json").is_some()
}

/// A file that is kept for the service.
fn in_state(stage: &Stage, name: &str) -> Option<Value> {
    let folder = stage.folder().path().join("state");
    let services = fs::read_dir(folder).ok()?;
    let mut files = services.map(|service| service.unwrap().path().join(name));
    let file = files.find(|file| file.exists())?;
    Some(serde_json::from_slice(&fs::read(file).unwrap()).unwrap())
}

#[test]
fn what_is_refused() {
    let stage = stage(WindowReading::First).file("deals.csv", deals(3));
    let mut all = String::new();
    for line in [
        "probe -t scratch --wipe scratsh",
        "probe -t scratch",
        "probe -t scratch --wipe scratch --fields amount:money",
        "probe -t scratch --wipe scratch --debounce 1",
        "probe -t scratch --wipe scratch --api-key-file nowhere",
        "probe -t scratch --wipe scratch -o nowhere/report.json",
    ] {
        all.push_str(&said(&stage, line, 2));
    }
    assert_eq!(stage.requests().len(), 0);
    all.push_str(&said(&stage, "probe -t elsewhere --wipe elsewhere", 4));
    ends(&stage, "deals.csv -t deals", 0);
    let before = stage.requests().len();
    all.push_str(&said(&stage, "probe -t deals --wipe deals", 3));
    assert_eq!(stage.requests().len(), before);
    let run = Regex::new(r"run \d{8}T\d{6}Z-\w+").unwrap();
    assert_snapshot!(run.replace_all(&all, "run RUN"));
    assert_eq!(kept(&stage), None);
}

#[test]
fn what_was_pushed_elsewhere_is_no_scratch_table_here() {
    // A run of Qobra's own address: what a push would have left.
    let stage = stage(WindowReading::First).file("deals.csv", deals(3));
    ends(&stage, "deals.csv -t scratch", 0);
    let state = stage.folder().path().join("state");
    let own = folder_in(&state);
    let runs = own.join("scratch/runs");
    let run = folder_in(&runs);
    let journal = fs::read_to_string(run.join("journal.jsonl")).unwrap();
    let moved = journal.replace(&stage.url(), "https://api.qobra.co");
    assert_ne!(journal, moved);
    fs::write(run.join("journal.jsonl"), moved).unwrap();
    fs::rename(&own, state.join("api.qobra.co")).unwrap();
    ends(&stage, PROBE, 3);
    // One of another stand-in is none of the service's.
    let there = state
        .join("api.qobra.co/scratch/runs")
        .join(run.file_name().unwrap());
    fs::write(there.join("journal.jsonl"), &journal).unwrap();
    fs::rename(state.join("api.qobra.co"), state.join("127.0.0.1%3A1")).unwrap();
    let elsewhere = journal.replace(&stage.url(), "http://127.0.0.1:1");
    let there = state
        .join("127.0.0.1%3A1/scratch/runs")
        .join(run.file_name().unwrap());
    fs::write(there.join("journal.jsonl"), elsewhere).unwrap();
    let told = run_probe(&stage, &format!("{PROBE} --debounce 2 --output json"));
    assert_eq!(told["facts"]["count"], "given");
}

/// The only folder in one.
fn folder_in(path: &Path) -> PathBuf {
    let entries = fs::read_dir(path).unwrap();
    let mut folders = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir());
    folders.next().unwrap()
}

/// A probe that ends well, of the published form.
fn run_probe(stage: &Stage, line: &str) -> Value {
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(0), "{told}");
    published(&told, SCHEMA)
}

/// In real time: the report, what is kept, what the table holds, and what `doctor` says then.
#[test]
fn a_whole_probe() {
    let stage = limited(WindowReading::First, None);
    let line = format!("{PROBE} --debounce 2 --output json -o report.json");
    let report = run_probe(&stage, &line);
    let written = fs::read_to_string(stage.folder().path().join("report.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), report);
    let facts = &report["facts"];
    // On a machine that is too busy to see it, it is not settled.
    assert!(
        matches!(facts["window"].as_str(), Some("first") | None),
        "{report}"
    );
    for (name, is) in [
        ("import_ids", "shared"),
        ("repeated", "once"),
        ("count", "given"),
    ] {
        assert_eq!(facts[name], is, "{report}");
    }
    assert_eq!(facts["records"]["taken"], 40_000, "{report}");
    let kept = kept(&stage).unwrap();
    assert_eq!(kept["facts"], *facts);
    holds_probes_only(&stage);
    let doctor = said(&stage, "doctor", 0);
    assert!(doctor.contains("facts"), "{doctor}");
    // Nothing of it is a push.
    let runs = run(&mut stage.push("runs -t scratch"));
    assert_eq!(runs.stdout.lines().count(), 0, "{runs}");
}

#[test]
fn a_stand_in_teaches_nothing() {
    let stage = Stage::unused();
    let told = run(&mut stage.push(&format!("{PROBE} --sandbox")));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_snapshot!(told.tidy());
    assert!(!stage.folder().path().join("state").exists());
}

/// What only Qobra's app shows is asked at a terminal, a letter a question; any other letter leaves it open.
#[cfg(unix)]
#[test]
fn somebody_at_a_terminal_is_asked() {
    let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&pty).unwrap();
    unlockpt(&pty).unwrap();
    let name = ptsname(&pty, Vec::new()).unwrap();
    let open = || {
        File::options()
            .read(true)
            .write(true)
            .open(name.to_str().unwrap())
            .unwrap()
    };
    let stage = Stage::unused();
    let mut process = stage.process(&format!("{PROBE} --sandbox --output json"));
    let child = process
        .stdin(open())
        .stderr(open())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(process);
    let mut pty = File::from(pty);
    // An unknown field, the good rows, null, a missing field.
    pty.write_all(b"O\ny\nx\nk\n").unwrap();
    let shown = thread::spawn(move || {
        let (mut shown, mut part) = (Vec::new(), [0; 4_096]);
        // A terminal that nobody holds any more ends with an error.
        while let Ok(read @ 1..) = pty.read(&mut part) {
            shown.extend_from_slice(&part[..read]);
        }
        String::from_utf8(shown).unwrap()
    });
    let output = child.wait_with_output().unwrap();
    let shown = shown.join().unwrap();
    assert!(output.status.success(), "{shown}");
    assert!(
        shown.contains("now look at table `scratch` in Qobra's app"),
        "{shown}"
    );
    assert_eq!(shown.matches("?  cannot tell").count(), 4, "{shown}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let facts = &report["facts"];
    let answers = ["unknown_field", "good_rows", "null", "missing"].map(|name| &facts[name]);
    assert_eq!(
        answers,
        [
            &json!("dropped"),
            &json!("written"),
            &Value::Null,
            &json!("kept")
        ],
        "{report}"
    );
}

/// Killed wherever it is, it leaves nothing but its own records, and the next one is right: it waits for
/// windows that may be open.
#[test]
fn it_can_be_killed_anywhere() {
    let said = [
        "replacing the table's content",
        "asking with a wrong key",
        "pushing requests of up to",
        "replacing the table with a debounce",
        "pushing bad records",
    ];
    let stage = stage(WindowReading::First);
    for words in said {
        let mut process = stage.process(&format!("{PROBE} --debounce 2"));
        process.stdin(Stdio::null());
        let mut probe = Watched::start(process);
        probe.says(words);
        if words.contains("with a debounce") {
            let replaces = || {
                stage
                    .posts()
                    .iter()
                    .filter(|seen| seen.path.contains("debounce=2"))
                    .count()
            };
            until(|| (replaces() > 0).then_some(()));
        }
        probe.signal("KILL");
        assert!(probe.end().was_killed());
        let held = stage.running.sandbox.table("scratch").unwrap().records;
        assert!(
            held.iter()
                .all(|(id, _)| id.starts_with("qobra-push-probe-")),
            "{words}: {held:?}"
        );
    }
    let report = run_probe(&stage, &format!("{PROBE} --debounce 2 --output json"));
    assert!(
        matches!(report["facts"]["window"].as_str(), Some("first") | None),
        "{report}"
    );
    assert_eq!(report["facts"]["repeated"], "once", "{report}");
    holds_probes_only(&stage);
}

/// A window that a killed probe left is waited for by a push, too, which would be wiped by it.
#[test]
fn a_push_behind_a_killed_probe_is_not_wiped() {
    let stage = stage(WindowReading::Last).file("deals.csv", "id,name,amount\n1,a,5\n");
    let mut process = stage.process(&format!("{PROBE} --debounce 2"));
    process.stdin(Stdio::null());
    let mut probe = Watched::start(process);
    probe.says("replacing the table with a debounce");
    until(|| {
        stage
            .posts()
            .iter()
            .any(|seen| seen.path.contains("debounce=2"))
            .then_some(())
    });
    probe.signal("KILL");
    assert!(probe.end().was_killed());
    let told = run(&mut stage.push("deals.csv -t scratch --wait"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(
        told.stderr
            .contains("may have left a window open at the service"),
        "{told}"
    );
    let held = held(&stage);
    assert!(held.contains(&"1".to_owned()), "{held:?}");
}

#[cfg(unix)]
#[test]
fn an_interrupted_one_says_what_the_table_holds() {
    let stage = stage(WindowReading::First);
    let mut process = stage.process(&format!("{PROBE} --debounce 3"));
    process.stdin(Stdio::null());
    let mut probe = Watched::start(process);
    probe.says("replacing the table with a debounce");
    probe.signal("INT");
    let told = probe.end();
    assert_eq!(told.code(), Some(130), "{told}");
    assert!(
        told.stderr
            .contains("interrupted: the table holds records of the probe"),
        "{told}"
    );
    assert_eq!((told.stdout.as_str(), kept(&stage)), ("", None));
    assert!(is_waited_for(&stage), "{told}");
    holds_probes_only(&stage);
}

/// What is no API of Qobra's ends a probe at once, and nothing is kept.
#[test]
fn what_is_not_the_api_teaches_nothing() {
    let key = format!("{{\"unknown key\": \"{KEY}\"}}");
    let mut all = String::new();
    for (status, body) in [
        (200, "<html>Sign in</html>"),
        (200, "{\"ok\": true}"),
        (202, "{\"import_id\": 7}"),
        (500, "<html>Oops, ask ops@example.com</html>"),
        (401, key.as_str()),
        (429, "{}"),
    ] {
        let (address, _) = wire::answering(vec![wire::answer(status, "", body)]);
        let stage = Stage::unused();
        let code = match status {
            401 => 4,
            200 if body.starts_with('<') => 4,
            429 => 5,
            _ => 6,
        };
        let told = run(stage
            .push("probe -t scratch --wipe scratch")
            .env("QOBRA_BASE_URL", format!("http://{address}")));
        assert_eq!(told.code(), Some(code), "{status} {told}");
        assert_eq!(kept(&stage), None);
        let is_untouched = told.stderr.contains("is untouched");
        assert_eq!(is_waited_for(&stage), !is_untouched, "{status} {told}");
        all.push_str(&told.tidy());
    }
    assert_snapshot!(all);
}

/// Where nothing is learnt there is no report: none that is empty, and an earlier one is as it was.
#[test]
fn a_service_that_is_not_reached_leaves_no_report() {
    let stage = Stage::unused().file("old.json", "an earlier report");
    let folder = stage.folder().path();
    #[cfg(unix)]
    std::os::unix::fs::symlink("elsewhere.json", folder.join("link.json")).unwrap();
    for name in ["new.json", "link.json", "old.json"] {
        let mut command = stage.push(&format!("{PROBE} -o {name}"));
        let told = run(command.env("QOBRA_BASE_URL", format!("http://{NOBODY}")));
        assert_eq!(told.code(), Some(5), "{told}");
        assert!(!is_waited_for(&stage), "{told}");
    }
    for name in ["new.json", "elsewhere.json"] {
        assert!(!folder.join(name).exists(), "{name}");
    }
    let old = fs::read_to_string(folder.join("old.json")).unwrap();
    assert_eq!(old, "an earlier report");
    #[cfg(unix)]
    assert!(fs::read_link(folder.join("link.json")).is_ok());
}
