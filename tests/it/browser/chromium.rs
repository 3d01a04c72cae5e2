//! The browser itself, spoken to in its own protocol.
//!
//! It goes over a pipe: there is no port that others could reach, nothing of the protocol is typed, so that a
//! newer Chromium says nothing that cannot be read, and the browser ends when the pipe closes, even where the
//! tests are killed.

use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{has, is_root};

/// How long it may take for one answer: only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// The name of a server of this machine that is not a name of this machine.
pub const EVIL: &str = "evil.example";

/// Nothing of the browser's own goes to the network, and no name leads out of this machine.
const FLAGS: [&str; 11] = [
    "--headless",
    "--remote-debugging-pipe",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// A browser without a window, with a profile of its own.
pub struct Browser {
    child: Child,
    input: RefCell<Option<ChildStdin>>,
    output: Receiver<Value>,
    last_id: Cell<u64>,
    events: RefCell<Vec<Value>>,
    profile: TempDir,
}

impl Browser {
    /// None where there is no Chromium, which is said.
    pub fn start() -> Option<Self> {
        if !has("chromium") {
            return None;
        }
        let profile = TempDir::new().unwrap();
        let mut command = Command::new("sh");
        // The protocol wants to be spoken on these two.
        command.args([
            "-c",
            r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#,
            "chromium",
        ]);
        command.args(FLAGS);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        if is_root() {
            // It refuses to build its own sandbox for root.
            command.arg("--no-sandbox");
        }
        let mut child = command
            .env("HOME", profile.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(profile.path().join("said")).unwrap())
            .spawn()
            .unwrap();
        let (teller, output) = channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        thread::spawn(move || {
            for message in stdout.split(0).map_while(Result::ok) {
                // Nobody listens any more when the test is over.
                let _ = teller.send(serde_json::from_slice(&message).unwrap());
            }
        });
        Some(Self {
            input: RefCell::new(child.stdin.take()),
            child,
            output,
            last_id: Cell::default(),
            events: RefCell::default(),
            profile,
        })
    }

    /// Calls a method of the protocol: of a tab, or of the browser where `session` is null.
    pub fn call(&self, session: &Value, method: &str, params: &Value) -> Result<Value, String> {
        let id = self.last_id.get() + 1;
        self.last_id.set(id);
        let mut message = json!({ "id": id, "method": method, "params": params });
        if !session.is_null() {
            message["sessionId"] = session.clone();
        }
        let mut input = self.input.borrow_mut();
        let sent = write!(input.as_mut().unwrap(), "{message}\0");
        assert!(sent.is_ok(), "{}", self.said());
        loop {
            let Ok(mut answer) = self.output.recv_timeout(PATIENCE) else {
                panic!("{method} was never answered; {}", self.said());
            };
            if answer["id"] != id {
                self.events.borrow_mut().push(answer);
                continue;
            }
            return match answer["error"].take() {
                Value::Null => Ok(answer["result"].take()),
                error => Err(error.to_string()),
            };
        }
    }

    /// What was told so far besides answers, of one tab.
    pub fn events(&self, session: &Value) -> Vec<Value> {
        let events = self.events.borrow();
        let of = events.iter().filter(|event| event["sessionId"] == *session);
        of.cloned().collect()
    }

    fn said(&self) -> String {
        let said = std::fs::read_to_string(self.profile.path().join("said"));
        format!("Chromium said:\n{}", said.unwrap_or_default())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // It ends by itself when its pipe closes, and only then its profile can go.
        drop(self.input.take());
        let ended = self.output.iter().all(|_| true);
        if !ended || thread::panicking() {
            let _ = self.child.kill();
        }
        let _ = self.child.wait();
    }
}
