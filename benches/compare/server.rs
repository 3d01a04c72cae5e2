//! The stand-in as a child of this program, so that its work is not counted with that of a push.
//!
//! The two talk through pipes: the child says its address, then its counts for every line it gets.
//! It ends with its standard input, so that it never outlives the program.

use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::Ordering;

use anyhow::{Context, Result};

use crate::sink;
use crate::truth::Truth;

/// A running stand-in.
pub struct Server {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    /// `http://…`
    pub base_url: String,
}

impl Server {
    /// Starts one that takes so long for each answer.
    pub fn with_delay(milliseconds: u64) -> Result<Self> {
        Self::start(&["--delay-ms".as_ref(), milliseconds.to_string().as_ref()])
    }

    /// Starts one that reads every record.
    pub fn reading() -> Result<Self> {
        Self::start(&["--read".as_ref()])
    }

    /// Starts one that keeps the bodies in a folder.
    pub fn saving(folder: &Path) -> Result<Self> {
        Self::start(&["--save".as_ref(), folder.as_ref()])
    }

    fn start(options: &[&std::ffi::OsStr]) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let asks = child.stdin.take();
        let answers = child.stdout.take().context("a server without an output")?;
        let mut server = Self {
            child,
            asks,
            answers: BufReader::new(answers),
            base_url: String::new(),
        };
        server.base_url = server.line()?;
        Ok(server)
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        Ok(line.trim_end().to_owned())
    }

    /// What came since it was last asked.
    pub fn counts(&mut self) -> Result<Truth> {
        let asks = self.asks.as_mut().context("the server was told to end")?;
        writeln!(asks)?;
        let line = self.line()?;
        let (records, digest) = line.split_once(' ').context("the server has ended")?;
        Ok(Truth {
            records: records.parse()?,
            digest: digest.parse()?,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.asks = None;
        // Its end is all that matters.
        let _ = self.child.wait();
    }
}

/// What the child does.
pub fn serve(options: sink::Options) -> Result<()> {
    let (address, counters) = sink::spawn(options)?;
    let mut out = io::stdout().lock();
    writeln!(out, "http://{address}")?;
    for ask in io::stdin().lock().lines() {
        ask?;
        let records = counters.records.swap(0, Ordering::Relaxed);
        let digest = counters.digest.swap(0, Ordering::Relaxed);
        writeln!(out, "{records} {digest}")?;
    }
    Ok(())
}
