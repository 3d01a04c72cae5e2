//! What each stage of a push costs, and a whole push of the built program, in records per second.
//!
//! The files are read from the page cache.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use anyhow::{Result, ensure};
use criterion::{Criterion, Throughput};
use qobra_push::Stages;
use tempfile::TempDir;

use self::deals::Format;

#[path = "common/deals.rs"]
mod deals;
#[path = "common/sink.rs"]
mod sink;

/// Enough for dozens of blocks and chunks.
const ROWS: u64 = 100_000;

/// The same deals every time.
const SEED: u64 = 1;

const MAPPING: &str = include_str!("compare/deals.toml");

/// An input, and what there is to measure of it.
struct Input {
    path: PathBuf,
    stages: Stages,
}

impl Input {
    fn new(folder: &Path, format: Format, name: &str) -> Result<Self> {
        let path = folder.join(name);
        deals::write(&path, format, SEED, ROWS, |_| {})?;
        let stages = Stages::open(&path, MAPPING)?;
        Ok(Self { path, stages })
    }

    /// The program from its start to its end.
    fn push(&self, base_url: &str, mapping: &Path) -> Result<()> {
        let state = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
        let status = Command::new(env!("CARGO_BIN_EXE_qobra-push"))
            .arg(&self.path)
            .arg("--mapping")
            .arg(mapping)
            .arg("--state-dir")
            .arg(state.path())
            .args(["--all", "--debounce", "900", "--chunk-seconds", "0.1"])
            .args(["--quiet", "--base-url", base_url])
            .env("QOBRA_API_KEY", "none")
            .stdout(Stdio::null())
            .status()?;
        ensure!(status.success(), "the push ended with {status}");
        Ok(())
    }
}

/// What a measured call answers; it was called once before, so that it does not fail.
fn sure<T>(result: Result<T>) -> T {
    #[expect(clippy::expect_used, reason = "a stage that fails has no time")]
    result.expect("a stage that has worked before works again")
}

fn measure(criterion: &mut Criterion, name: &str, input: &Input, mapping: &Path) -> Result<()> {
    let proof = input.stages.prove()?;
    ensure!(input.stages.split()? > 0, "no bytes in {name}");
    for records in [
        input.stages.parse()?,
        input.stages.map()?,
        proof.records(),
        input.stages.build(&proof)?,
    ] {
        ensure!(records == ROWS, "{records} records of {ROWS} in {name}");
    }
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(ROWS)).sample_size(20);
    group.bench_function("split", |b| b.iter(|| sure(input.stages.split())));
    group.bench_function("parse", |b| b.iter(|| sure(input.stages.parse())));
    group.bench_function("map", |b| b.iter(|| sure(input.stages.map())));
    group.bench_function("prove", |b| b.iter(|| sure(input.stages.prove())));
    group.bench_function("chunk", |b| b.iter(|| sure(input.stages.build(&proof))));

    let (address, counters) = sink::spawn(sink::Options::default())?;
    let base_url = format!("http://{address}");
    let mut pushes = 0;
    group.bench_function("push", |b| {
        b.iter(|| {
            pushes += 1;
            sure(input.push(&base_url, mapping));
        });
    });
    group.finish();
    let taken = counters.records.load(Ordering::Relaxed);
    ensure!(
        taken == pushes * ROWS,
        "{pushes} pushes carried {taken} records",
    );
    Ok(())
}

fn main() -> Result<()> {
    let mut criterion = Criterion::default().configure_from_args();
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR"))?;
    let mapping = folder.path().join("deals.toml");
    std::fs::write(&mapping, MAPPING)?;
    for (format, group, name) in [
        (Format::Csv, "csv", "deals.csv"),
        (Format::Ndjson, "ndjson", "deals.ndjson"),
    ] {
        let input = Input::new(folder.path(), format, name)?;
        measure(&mut criterion, group, &input, &mapping)?;
    }
    criterion.final_summary();
    Ok(())
}
