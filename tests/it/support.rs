//! The one way in which tests run the program: in a folder of their own, with a scrubbed environment.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};
#[cfg(unix)]
use std::sync::{Arc, Once};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

pub use self::blots::*;
pub use self::rights::*;

/// What differs from run to run, blotted out.
mod blots;
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
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(needed())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("QOBRA_PUSH_STATE_DIR", self.path().join("state"))
            .current_dir(self.path());
        command
    }
}

/// What of the environment no program can do without: on Windows sockets and temporary files are found by it.
pub fn needed() -> Vec<(&'static str, OsString)> {
    let names = match cfg!(windows) {
        true => &["SystemRoot", "TEMP", "TMP"][..],
        false => &[],
    };
    let values = names
        .iter()
        .map(|name| Some((*name, std::env::var_os(name)?)));
    values.flatten().collect()
}

/// The program, run in an empty folder. For calls that leave no file behind.
pub fn push() -> Command {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("empty");
    std::fs::create_dir_all(&folder).unwrap();
    let mut command = Command::new(program());
    command
        .env_clear()
        .envs(needed())
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

    /// The exit code; none where the program was killed. Windows has a code for that too: a large one where
    /// it killed itself, and where another one did 1, which is that of a bug, too, but never without a word.
    pub fn code(&self) -> Option<i32> {
        let is_bug = self.stderr.contains("bug");
        let is_own = |code: &i32| (0..=255).contains(code) && (*code != 1 || is_bug);
        self.status.code().filter(|code| cfg!(unix) || is_own(code))
    }

    /// Whether it was killed.
    pub fn was_killed(&self) -> bool {
        self.code().is_none()
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

/// What the system says of a full disk.
pub fn no_space() -> String {
    let code = if cfg!(windows) { 112 } else { 28 };
    std::io::Error::from_raw_os_error(code).to_string()
}

/// [`run`], as one text.
pub fn told(command: &mut Command) -> String {
    run(command).to_string()
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
