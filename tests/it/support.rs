//! The one way in which tests run the program: in a folder of their own, with a scrubbed environment.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Output};

use assert_cmd::Command;
use regex::Regex;
use tempfile::TempDir;

/// A folder for one test, removed with it.
pub struct Folder(TempDir);

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

/// Where the program was built.
pub fn program() -> PathBuf {
    assert_cmd::cargo::cargo_bin!("qobra-push").to_owned()
}

/// The key of every test that needs one. No run may ever print it, which [`run`] checks.
pub const KEY: &str = "canary-7f3a91c4e5d02b68";

/// Everything that a call left: status and both streams.
#[derive(Debug, PartialEq, Eq)]
pub struct Told {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Told {
    /// The exit code; none where a signal ended the program.
    pub fn code(&self) -> Option<i32> {
        self.status.code()
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
/// key, or panic.
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
    assert!(!told.to_string().contains("canary"), "the key: {told}");
    assert!(!told.stderr.contains("panicked"), "{told}");
    told
}

/// [`run`], as one text.
pub fn told(command: &mut Command) -> String {
    run(command).to_string()
}

/// A text with import ids, ports, times and speeds blotted out. Lines about chunks that were in
/// flight together and were accepted come in any order, so neighbouring ones are sorted.
pub fn tidy(text: &str) -> String {
    const BLOTS: [(&str, &str); 8] = [
        (r"\b[0-9a-f]{24}\b", "IMPORT"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:PORT"),
        (r"127\.0\.0\.1%3A\d+", "127.0.0.1%3APORT"),
        (r"\b\d{8}T\d{6}Z-[0-9a-f]{4}\b", "RUN"),
        (r"\b\d\d:\d\d:\d\d\b", "HH:MM:SS"),
        (r"\bin \d+(\.\d+)? (ms|s)\b", "in TIME"),
        (r"\(\d[\d,]* records/s\)", "(N records/s)"),
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
