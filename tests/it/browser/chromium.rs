//! The browser itself, spoken to by way of the driver that is built with it.
//!
//! So a newer Chromium says nothing that cannot be read. Between both is a pipe: the browser ends with its driver,
//! and the driver ends with the thread that started it, even where the tests are killed.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use reqwest::Method;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::{self, Runtime};
use url::{ParseError, Url};

use crate::rig::until;
use crate::support::{has, is_here, is_root};

/// How long it may take for one answer: only a hang takes so long.
const PATIENCE: Duration = Duration::from_secs(90);

/// The name of a server of this machine that is not a name of this machine.
pub const EVIL: &str = "evil.example";

/// Nothing of the browser's own goes to the network, and no name leads out of this machine.
const FLAGS: [&str; 8] = [
    "--headless",
    "--remote-debugging-pipe",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-component-update",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--host-resolver-rules=MAP evil.example 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
];

/// A browser without a window, with a profile of its own.
pub struct Browser {
    runtime: Runtime,
    pub client: Client,
    driver: Child,
    _profile: TempDir,
}

/// What Chromium's driver knows besides the standard's commands.
#[derive(Debug)]
struct Own(&'static str, Value);

impl WebDriverCompatibleCommand for Own {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap(), self.0))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.1.to_string()))
    }
}

/// The driver, where a browser of its kind is here too, which it finds by itself; else it is said what is missing.
///
/// Chrome is as good as Chromium. GitHub's machines name the folder of their driver in the environment.
fn driver() -> Option<PathBuf> {
    if !is_here("google-chrome") && !has("chromium") {
        return None;
    }
    let named = std::env::var_os("CHROMEWEBDRIVER").map(PathBuf::from);
    let named = named.map(|folder| folder.join("chromedriver"));
    match named.filter(|driver| driver.is_file()) {
        Some(driver) => Some(driver),
        None => has("chromedriver").then(|| "chromedriver".into()),
    }
}

/// Starts the driver, and hears on which port it listens.
fn started(driver: &Path, profile: &Path) -> Option<(Child, String)> {
    let mut driver = Command::new("setpriv")
        .arg("--pdeathsig=KILL")
        .arg(driver)
        .args(["--port=0", "--enable-chrome-logs"])
        .env("HOME", profile)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(profile.join("said")).unwrap())
        .spawn()
        .unwrap();
    let output = BufReader::new(driver.stdout.as_mut().unwrap());
    let mut lines = output.lines().map_while(Result::ok);
    let port = lines.find_map(|line| {
        let (_, port) = line.rsplit_once("started successfully on port ")?;
        Some(port.trim_end_matches('.').to_owned())
    });
    if let Some(port) = port {
        return Some((driver, port));
    }
    // It takes any free port of IPv6, and then wants the same of IPv4, which somebody may have.
    driver.wait().unwrap();
    let said = said(profile);
    assert!(said.contains("Address already in use"), "{said}");
    None
}

fn said(profile: &Path) -> String {
    let said = std::fs::read_to_string(profile.join("said")).unwrap();
    format!("Chromium and its driver said:\n{said}")
}

impl Browser {
    /// None where there is no browser or no driver of it, which is said.
    pub fn start() -> Option<Self> {
        let driver = driver()?;
        let profile = TempDir::new().unwrap();
        let (driver, port) = until(|| started(&driver, profile.path()));
        let mut flags = FLAGS.map(str::to_owned).to_vec();
        flags.push(format!(
            "--user-data-dir={}",
            profile.path().join("profile").display()
        ));
        if is_root() {
            // It refuses to build its own sandbox for root.
            flags.push("--no-sandbox".to_owned());
        }
        let wishes = json!({
            "goog:chromeOptions": { "args": flags },
            "goog:loggingPrefs": { "browser": "ALL", "driver": "ALL", "performance": "ALL" },
            // What a page asks in a dialog stays unanswered, so that all that comes after it fails.
            "unhandledPromptBehavior": "ignore",
        });
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.unwrap();
        let client = runtime.block_on(async {
            ClientBuilder::new(HttpConnector::new())
                .capabilities(serde_json::from_value(wishes).unwrap())
                .connect(&format!("http://127.0.0.1:{port}"))
                .await
        });
        let client = client.unwrap_or_else(|error| panic!("{error}; {}", said(profile.path())));
        Some(Self {
            runtime,
            client,
            driver,
            _profile: profile,
        })
    }

    /// Waits for what the driver is asked.
    pub fn wait<T, E: ToString>(
        &self,
        asked: impl Future<Output = Result<T, E>>,
    ) -> Result<T, String> {
        let answer = async { tokio::time::timeout(PATIENCE, asked).await };
        match self.runtime.block_on(answer) {
            Ok(answer) => answer.map_err(|error| error.to_string()),
            Err(late) => Err(late.to_string()),
        }
    }

    /// Calls a method of the browser's own protocol, for the tab.
    pub fn call(&self, method: &str, params: &Value) -> Result<Value, String> {
        let call = Own(
            "goog/cdp/execute",
            json!({ "cmd": method, "params": params }),
        );
        self.wait(self.client.issue_cmd(call))
    }

    /// What one of the driver's logs tells since it was last read.
    pub fn log(&self, name: &str) -> Vec<Value> {
        let log = Own("se/log", json!({ "type": name }));
        let mut log = self.wait(self.client.issue_cmd(log)).unwrap();
        std::mem::take(log.as_array_mut().unwrap())
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The driver ends the browser, by force where it must, and only then its profile can go.
        let _ = self.wait(self.client.clone().close());
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
