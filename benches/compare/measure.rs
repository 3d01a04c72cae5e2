//! One run of a program: how long it took, what it used, how it ended.

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use wait4::Wait4;

/// The most bytes of an output that are kept.
const MOST_TOLD: usize = 1 << 20;

/// A run that ended.
#[derive(Debug)]
pub struct Run {
    pub wall: Duration,
    /// User and system time, of the programs that it started too.
    pub cpu: Duration,
    /// The most memory in bytes, of the largest where it started others.
    pub peak: u64,
    /// None where a signal ended it.
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command, with a file's content through a pipe as its standard input where one is given.
pub fn run(command: &mut Command, piped: Option<&Path>) -> Result<Run> {
    let (mut stdout, mut stderr) = (tempfile::tempfile()?, tempfile::tempfile()?);
    command
        .stdin(piped.map_or_else(Stdio::null, |_| Stdio::piped()))
        .stdout(stdout.try_clone()?)
        .stderr(stderr.try_clone()?);
    let input = piped.map(File::open).transpose()?;
    let begin = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", command.get_program().display()))?;
    let pipe = child.stdin.take();
    let feeder = thread::spawn(move || {
        if let (Some(mut input), Some(mut pipe)) = (input, pipe) {
            // A program that does not read to the end says why by its exit code.
            let _ = io::copy(&mut input, &mut pipe);
        }
    });
    let end = child.wait4()?;
    let wall = begin.elapsed();
    let _ = feeder.join();
    Ok(Run {
        wall,
        cpu: end.rusage.utime + end.rusage.stime,
        peak: end.rusage.maxrss,
        code: end.status.code(),
        stdout: told(&mut stdout)?,
        stderr: told(&mut stderr)?,
    })
}

fn told(file: &mut File) -> Result<String> {
    let mut bytes = Vec::new();
    file.rewind()?;
    file.take(MOST_TOLD as u64).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The middle of some values; the mean of the two in the middle where their number is even.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let (low, high) = ((values.len().saturating_sub(1)) / 2, values.len() / 2);
    match (values.get(low), values.get(high)) {
        (Some(low), Some(high)) => f64::midpoint(*low, *high),
        _ => f64::NAN,
    }
}
