//! The one way in which tests run the program: in a folder of their own, with a scrubbed environment.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use assert_cmd::Command;
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
        std::fs::write(self.path().join(name), content).unwrap();
        self
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

/// Everything that a call left: status and both streams.
pub fn told(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let mut told = match status.code() {
        Some(code) => format!("exit code {code}\n"),
        None => format!("{status}\n"),
    };
    for (name, bytes) in [("stdout", stdout), ("stderr", stderr)] {
        if !bytes.is_empty() {
            let text = String::from_utf8(bytes).unwrap();
            let _ = write!(told, "--- {name}\n{text}");
        }
    }
    told
}
