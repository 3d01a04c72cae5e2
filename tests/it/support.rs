//! The one way in which tests run the program: in a folder of their own, with a scrubbed environment.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};
#[cfg(unix)]
use std::sync::{Arc, Once};

use assert_cmd::Command;
use regex::Regex;
use serde_json::Value;
use tempfile::TempDir;

pub use self::rights::*;

/// Users and their rights.
mod rights;

/// A folder for one test, removed with it. Whatever any run left there by then is searched for the key.
pub struct Folder(TempDir);

impl Drop for Folder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            search(self.path());
        }
    }
}

/// Searches every file below a folder for the key; those that hold it and nothing else are the test's
/// own key files. Returns how many there are.
pub fn search(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = entries.map(|entry| {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            return search(&entry.path());
        }
        if kind.is_file() {
            let content = std::fs::read(entry.path()).unwrap();
            let is_key_file = content.trim_ascii() == KEY.as_bytes();
            if entry.file_name() == "receipt.json" {
                add_up(&String::from_utf8(content.clone()).unwrap());
            }
            let is_found = memchr::memmem::find(&content, KEY.as_bytes()).is_some();
            assert!(
                is_key_file || !is_found,
                "the key: {}",
                entry.path().display()
            );
        }
        usize::from(kind.is_file())
    });
    files.sum()
}

/// Holds every receipt among some lines to the law that each record is counted once.
fn add_up(lines: &str) {
    for line in lines.lines().filter(|line| line.starts_with('{')) {
        let document: Value = serde_json::from_str(line).unwrap_or_default();
        let counts = &document["counts"];
        // Version 0.1.0 counted `sent`, which was neither of both; its receipts are test data.
        if counts["read"].is_null() || counts["sent"].is_u64() {
            continue;
        }
        let sum = |names: &[&str]| -> u64 {
            let counts = names.iter().map(|name| counts[name].as_u64().unwrap());
            counts.sum()
        };
        let left_out = ["rejected_locally", "duplicates_dropped", "unchanged"];
        assert_eq!(sum(&["read"]), sum(&left_out) + sum(&["to_send"]), "{line}");
        let fates = ["accepted", "unknown", "not_sent"];
        assert_eq!(sum(&["to_send"]), sum(&fates), "{line}");
    }
}

impl Folder {
    /// An empty folder.
    pub fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    /// Writes a file into it.
    pub fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        self.write(name, content);
        self
    }

    /// Writes a file into it.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        std::fs::write(self.path().join(name), content).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The program, run in this folder.
    pub fn push(&self) -> Command {
        self.command(program())
    }

    /// Another program, run as this one would be.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("QOBRA_PUSH_STATE_DIR", self.path().join("state"))
            .current_dir(self.path());
        command
    }
}

/// The program, run in an empty folder. For calls that leave no file behind.
pub fn push() -> Command {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty");
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(program());
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .current_dir(folder);
    command
}

/// Where the program was built. Whoever starts it asks for this first, so that it is started with
/// signals at their defaults, whoever runs the tests.
pub fn program() -> PathBuf {
    #[cfg(unix)]
    {
        static DEFAULTS: Once = Once::new();
        DEFAULTS.call_once(catch_ignored_signals);
    }
    assert_cmd::cargo::cargo_bin!("qobra-push").to_owned()
}

/// Catches the signals that this process was started to ignore (SIGHUP under `nohup`, SIGINT behind a
/// script's `&`): a child inherits what is ignored, while what is caught has its default again there.
#[cfg(unix)]
fn catch_ignored_signals() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.map_or(0, |mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM] {
        if ignored & (1 << (signal - 1)) != 0 {
            // Nobody reads the flag, so that the tests themselves go on ignoring it.
            signal_hook::flag::register(signal, Arc::default()).unwrap();
        }
    }
}

/// What `.ci/run` sees to; these lines of it are written to be read here.
fn is_promised(tool: &str) -> bool {
    let run = include_str!("../../.ci/run");
    let list = |line: &'static str| {
        ["tools=(", "scripts=("]
            .iter()
            .find_map(|of| line.strip_prefix(of))
    };
    let mut lists = run.lines().filter_map(list);
    lists.any(|list| {
        list.trim_end_matches(')')
            .split_whitespace()
            .any(|promised| promised == tool)
    })
}

/// Says that a test leaves something out for want of a tool or a right. What `.ci/run` promises must
/// be there where `CI` is set.
pub fn skip(missing: &str) {
    let is_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    assert!(
        !(is_ci && is_promised(missing)),
        "{missing} is not here, which .ci/run promises"
    );
    let test = std::thread::current();
    let test = test.name().unwrap_or("a test");
    // Past the test harness, which swallows the words of what passes.
    let note = format!("\nskipped: {test}: {missing} is not here\n");
    std::io::stderr().write_all(note.as_bytes()).unwrap();
}

/// Whether a tool is in the `PATH`.
pub fn is_here(tool: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(tool).is_file())
}

/// The same; where it is not, that is [said](skip).
pub fn has(tool: &str) -> bool {
    let is_here = is_here(tool);
    if !is_here {
        skip(tool);
    }
    is_here
}

/// The key of every test that needs one. No run may ever print it, which [`run`] checks.
pub const KEY: &str = "canary-7f3a91c4e5d02b68";

/// What the first push of a state folder says besides.
pub const FIRST_PUSH: &str = "there is nothing to compare this push with: no push to this table is known \
     here, and an earlier replace that may still wait at the service cannot be seen; --min-records says how \
     few records are too few\n";

/// Everything that a call left: status and both streams.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Told {
    /// What no run may ever do: show the key, panic, or print a receipt that does not add up.
    pub fn check(&self) {
        assert!(!self.to_string().contains("canary"), "the key: {self}");
        for bug in ["panicked", "this is a bug"] {
            assert!(!self.stderr.contains(bug), "{self}");
        }
        add_up(&self.stdout);
    }

    /// The exit code; none where a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
    }

    /// Whether it was killed. Windows has a code for that too, which is none of the program's.
    pub fn was_killed(&self) -> bool {
        self.code()
            .is_none_or(|code| cfg!(windows) && !(0..=255).contains(&code))
    }

    /// The same with everything blotted out that differs from run to run, see [`tidy`].
    pub fn tidy(&self) -> String {
        tidy(&self.to_string())
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code() {
            Some(code) => writeln!(f, "exit code {code}")?,
            None => writeln!(f, "{}", self.status)?,
        }
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                write!(f, "--- {name}\n{text}")?;
            }
        }
        Ok(())
    }
}

/// Runs a command to its end. What no run may ever do is checked here, for all tests: show the
/// key, panic, or count a record twice or never in a receipt.
pub fn run(command: &mut Command) -> Told {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let told = Told {
        status,
        stdout: String::from_utf8(stdout).unwrap(),
        stderr: String::from_utf8(stderr).unwrap(),
    };
    told.check();
    told
}

/// A receipt, of the published form.
pub fn receipt(told: &Told, code: i32) -> Value {
    assert_eq!(told.code(), Some(code), "{told}");
    let document = published(told, include_str!("../../schemas/receipt.schema.json"));
    assert_eq!(document["exit_code"], code, "{told}");
    document
}

/// The only document on standard output, which is as a schema says.
pub fn published(told: &Told, schema: &str) -> Value {
    assert_eq!(told.stdout.lines().count(), 1, "{told}");
    let document: Value = serde_json::from_str(&told.stdout).unwrap();
    let schema: Value = serde_json::from_str(schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?} {told}");
    document
}

/// [`run`], as one text.
pub fn told(command: &mut Command) -> String {
    run(command).to_string()
}

/// A text with import ids, ports, times and speeds blotted out. Lines about chunks that were in
/// flight together and were accepted come in any order, so neighbouring ones are sorted.
pub fn tidy(text: &str) -> String {
    const BLOTS: [(&str, &str); 12] = [
        (r"\b[0-9a-f]{24}\b", "IMPORT"),
        (r"\bof \d{4}-\d\d-\d\d (\d\d:\d\d:\d\d)\b", "of DAY $1"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"127\.0\.0\.1%3A\d+", "127.0.0.1%3APORT"),
        (r"\b\d{8}T\d{6}Z-[0-9a-f]{4}\b", "RUN"),
        (r"\b\d\d:\d\d:\d\d\b", "HH:MM:SS"),
        (r"\bin \d+(\.\d+)? (ms|s)\b", "in TIME"),
        (r"\(\d[\d,]* records/s\)", "(N records/s)"),
        // Only what takes ten seconds is told, and only what takes one has a rate.
        (r"(?m)^proving: .*\n", ""),
        (r", \d[\d,]* records/s", ""),
        (r"window closes in \d[^,\n]*", "window closes in TIME"),
        (r"qobra-push/\d+\.\d+\.\d+", "qobra-push/VERSION"),
    ];
    let mut text = text.to_owned();
    for (pattern, blot) in BLOTS {
        text = Regex::new(pattern)
            .unwrap()
            .replace_all(&text, blot)
            .into_owned();
    }
    let mut lines: Vec<&str> = text.lines().collect();
    let is_accepted = |line: &str| line.starts_with("chunk ") && line.contains(" accepted in ");
    for together in lines.chunk_by_mut(|a, b| is_accepted(a) && is_accepted(b)) {
        together.sort_unstable();
    }
    lines.join("\n") + "\n"
}

/// A tidy text without the times that [`tidy`] leaves where a test wants to see them.
pub fn blotted_times(text: &str) -> String {
    const BLOTS: [(&str, &str); 5] = [
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", "TIME"),
        (r#""seconds": ?[0-9.e-]+"#, "\"seconds\":N"),
        (r"qobra-push-\w+", "TEMPORARY"),
        (r"\b\d{4}-\d\d-\d\d HH:MM:SS\b", "TIME"),
        (r"\b\d+(\.\d+)? (ms|s)\b", "TIME"),
    ];
    let mut text = text.to_owned();
    for (pattern, blot) in BLOTS {
        let pattern = Regex::new(pattern).unwrap();
        text = pattern.replace_all(&text, blot).into_owned();
    }
    text
}

/// Every Rust file below a folder.
pub fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A workbook of one sheet, whose cells are all text.
pub fn workbook<const N: usize>(rows: &[[&str; N]]) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}
