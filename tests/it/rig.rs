//! Pushes that are killed, stopped, watched and taken up again, and what the table holds then.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use qobra_push::{
    ImportIds, RequestSeen, SandboxOptions, TableSnapshot, WindowReading, parse_faults,
};
use serde_json::Value;

use crate::stage::{OLD, Stage, options};
use crate::support::{Told, run};

/// How long a process may take for what it does at once: only a hang takes so long, beside other tests on two
/// cores too, where a minute was not enough.
const PATIENCE: Duration = Duration::from_secs(180);

/// The line of an upsert of [`crate::stage::deals`] in chunks of five.
pub const UPSERT: &str = "deals.csv --table deals --chunk-size 5 --jobs 2";

/// The same as a replace; its window is open for as long as the stand-in's clock stands still.
pub const REPLACE: &str =
    "deals.csv --table deals --chunk-size 5 --jobs 2 --all --debounce 900 --chunk-seconds 0.05";

/// All readings of what the service does not document.
pub const READINGS: [(WindowReading, ImportIds); 4] = [
    (WindowReading::First, ImportIds::Stacked),
    (WindowReading::First, ImportIds::Separate),
    (WindowReading::Last, ImportIds::Stacked),
    (WindowReading::Last, ImportIds::Separate),
];

/// A service of one reading.
pub fn service((window, import_ids): (WindowReading, ImportIds), faults: &str) -> Stage {
    Stage::of(SandboxOptions {
        window,
        import_ids,
        faults: parse_faults(faults).unwrap(),
        ..options()
    })
}

/// The pushes among the requests.
pub fn posts(stage: &Stage) -> Vec<RequestSeen> {
    let mut seen = stage.requests();
    seen.retain(|request| request.method == "POST");
    seen
}

/// Runs a line of words to its end, with one more variable.
pub fn with(stage: &Stage, line: &str, variable: &str, value: &str) -> Told {
    let mut command = stage.process(line);
    command.env(variable, value);
    run(&mut assert_cmd::Command::from_std(command))
}

/// Runs a line of words to its end; one that never comes is a death in the output.
pub fn done(stage: &Stage, line: &str) -> Told {
    run(stage.push(line).timeout(PATIENCE))
}

/// Runs a line of words to its end, which has this code.
pub fn ends(stage: &Stage, line: &str, code: i32) -> Told {
    let told = done(stage, line);
    assert_eq!(told.code(), Some(code), "{line}: {told}");
    told
}

/// What was said then, for a snapshot.
pub fn said(stage: &Stage, line: &str, code: i32) -> String {
    format!("$ {line}\n{}\n", stage.tidy(&ends(stage, line, code)))
}

/// What each of some lines said, whose words may have spaces.
pub fn said_words(stage: &Stage, lines: &[&[&str]]) -> String {
    let said = lines.iter().map(|words| {
        let told = run(stage.push("").args(*words));
        format!("$ {}\n{}\n", words.join(" "), stage.tidy(&told))
    });
    said.collect()
}

/// Kills the push at the n-th pass of a point, `name:n`. Whether it came so far.
pub fn killed_at(stage: &Stage, line: &str, point: &str) -> bool {
    let told = with(stage, line, "QOBRA_PUSH_TEST_CRASH", point);
    if told.was_killed() {
        return true;
    }
    assert_eq!(told.code(), Some(0), "{point}: {told}");
    false
}

/// What a kill and a resume came to must be the whole new content, and nothing is left to do.
pub fn is_over(stage: &Stage, replace: bool, count: u64, of: &str) {
    let told = done(stage, "resume");
    assert_eq!(told.code(), Some(0), "{of}: {told}");
    assert_eq!(told.stderr, "nothing to resume\n", "{of}");
    assert_eq!(told.stdout, "", "{of}");
    holds_new(&stage.settled(), replace, count, of);
}

/// The table holds the deals from 1 on: besides the old records after an upsert, alone and after
/// one delete after a replace.
pub fn holds_new(held: &TableSnapshot, replace: bool, count: u64, of: &str) {
    let mut expected: Vec<_> = (1..=count).map(deal).collect();
    if !replace {
        expected.extend(OLD.map(old));
    }
    assert_eq!(sorted(held), in_order(expected), "{of}");
    assert_eq!(held.deletes, u64::from(replace), "{of}");
}

/// The table holds what it held before.
pub fn holds_old(held: &TableSnapshot, of: &str) {
    assert_eq!(sorted(held), in_order(OLD.map(old).to_vec()), "{of}");
    assert_eq!(held.deletes, 0, "{of}");
}

/// One deal, as the table holds it.
pub fn deal(id: u64) -> (String, String) {
    let json = format!(r#"{{"amount":"{id}.50","id":"{id}","name":"Deal {id}"}}"#);
    (id.to_string(), json)
}

fn old(id: &str) -> (String, String) {
    (id.to_owned(), format!(r#"{{"id":"{id}"}}"#))
}

/// The records of a table, sorted.
pub fn sorted(held: &TableSnapshot) -> Vec<(String, String)> {
    in_order(held.records.clone())
}

fn in_order(mut records: Vec<(String, String)>) -> Vec<(String, String)> {
    records.sort();
    records
}

/// The folders of all runs, the oldest first.
pub fn runs(stage: &Stage) -> Vec<PathBuf> {
    runs_in(stage.folder().path())
}

/// [`runs`] of a folder that the program ran in.
pub fn runs_in(folder: &Path) -> Vec<PathBuf> {
    let mut runs = Vec::new();
    let mut folders = vec![folder.join("state")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.path() {
                path if folder_name(&path) == "runs" => runs.extend(entries(&path)),
                path if path.is_dir() => folders.push(path),
                _ => {}
            }
        }
    }
    runs.sort_by_key(|run| folder_name(run));
    runs
}

/// What stands in a folder.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The last part of a path: of a run's folder, its id.
pub fn folder_name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The journal of a run.
pub fn journal(run: &Path) -> PathBuf {
    run.join("journal.jsonl")
}

/// Makes a run so much older, as if nothing had happened since: no test waits for a window.
pub fn age(run: &Path, by: Duration) {
    let lines = std::fs::read_to_string(journal(run)).unwrap();
    let aged = lines.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        for moment in ["at", "started"] {
            if let Some(moment) = line.get_mut(moment) {
                age_moment(moment, by);
            }
        }
        format!("{line}\n")
    });
    std::fs::write(journal(run), aged.collect::<String>()).unwrap();
}

fn age_moment(moment: &mut Value, by: Duration) {
    let wall: Timestamp = moment["wall"].as_str().unwrap().parse().unwrap();
    let wall = wall - SignedDuration::try_from(by).unwrap();
    let boot = moment["boot_ms"].as_u64().unwrap();
    moment["wall"] = wall.to_string().into();
    // A machine that was started a moment ago has no older times: then its clocks disagree.
    let by = u64::try_from(by.as_millis()).unwrap();
    moment["boot_ms"] = boot.saturating_sub(by).into();
}

/// A push that is watched while it runs. It is killed when it is dropped.
pub struct Watched {
    pub child: Child,
    lines: Receiver<String>,
    seen: String,
}

impl Watched {
    /// Starts a command; its standard input is left as the command has it.
    pub fn start(mut command: Command) -> Self {
        let spawned = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let mut child = spawned.unwrap();
        let (teller, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                // Nobody listens any more when the test has failed.
                let _ = teller.send(line);
            }
        });
        let seen = String::new();
        Self { child, lines, seen }
    }

    /// Waits for a line with this text on standard error, as long as there are lines.
    pub fn says(&mut self, text: &str) {
        loop {
            let Ok(line) = self.lines.recv_timeout(PATIENCE) else {
                panic!("never said {text:?}, but:\n{}", self.seen);
            };
            self.seen.push_str(&line);
            self.seen.push('\n');
            if line.contains(text) {
                return;
            }
        }
    }

    /// Kills it.
    #[cfg(not(unix))]
    pub fn signal(&mut self, name: &str) {
        assert_eq!(name, "KILL", "there are no other signals");
        self.child.kill().unwrap();
    }

    /// Sends a signal: `INT`, `TERM`, `HUP`, `KILL`.
    #[cfg(unix)]
    pub fn signal(&mut self, name: &str) {
        use rustix::process::{Pid, Signal, kill_process};
        let signal = match name {
            "INT" => Signal::INT,
            "TERM" => Signal::TERM,
            "HUP" => Signal::HUP,
            _ => Signal::KILL,
        };
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Whether it still runs.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end.
    pub fn end(mut self) -> Told {
        let status = until(|| self.child.try_wait().unwrap());
        let mut stdout = String::new();
        let mut out = self.child.stdout.take().unwrap();
        out.read_to_string(&mut stdout).unwrap();
        while let Ok(line) = self.lines.recv() {
            self.seen.push_str(&line);
            self.seen.push('\n');
        }
        let stderr = std::mem::take(&mut self.seen);
        let told = Told {
            status,
            stdout,
            stderr,
        };
        told.check();
        told
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        // It has ended already where the test went well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until something is there; only a hang makes it fail.
pub fn until<T>(mut found: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "it never happened");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Does the same with each of many, several at a time. The first failure ends the test.
pub fn each<T: Send>(all: Vec<T>, test: impl Fn(T) + Sync) {
    let queue = std::sync::Mutex::new(all.into_iter());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(one) = next() {
                    test(one);
                }
            });
        }
    });
}
