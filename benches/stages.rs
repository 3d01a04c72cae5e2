//! What each stage of a push costs, and a whole push of the built program, in records per second.
//!
//! A stage includes what it cannot do without: mapping needs rows, so it parses too. The files are
//! read from the page cache.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::Ordering;

use anyhow::{Context, Result, ensure};
use criterion::{Criterion, Throughput};
use qobra_push::base::event::Events;
use qobra_push::input::{Format, InputPath, Source, SourceOptions};
use qobra_push::mapping::{Binding, Mapping, Tally};
use qobra_push::prove::chunk::{BodyBuilder, ChunkOptions, Goods};
use qobra_push::prove::duplicates::Scratch;
use qobra_push::prove::rejects::RejectsFile;
use qobra_push::prove::{self, MaxErrors, OnDuplicates, Proof, ProveOptions};
use tempfile::TempDir;

#[path = "common/deals.rs"]
mod deals;
#[path = "common/sink.rs"]
mod sink;

/// Enough for dozens of blocks and chunks.
const ROWS: u64 = 100_000;

/// The same deals every time.
const SEED: u64 = 1;

const MAPPING: &str = include_str!("compare/deals.toml");

/// An input that is ready to be read.
struct Input {
    path: PathBuf,
    source: Source,
    binding: Binding,
}

impl Input {
    fn new(folder: &Path, format: Format, name: &str) -> Result<Self> {
        let path = folder.join(name);
        deals::write(&path, format, SEED, ROWS, |_| {})?;
        let source = Source::open(&[InputPath::File(path.clone())], &SourceOptions::default())?;
        let mapping = Mapping::parse(MAPPING).ok().context("a bad mapping")?;
        let binding = mapping.bind(source.columns()).ok();
        Ok(Self {
            path,
            source,
            binding: binding.context("the mapping does not fit the input")?,
        })
    }

    /// Finds the ends of all records.
    fn split(&self) -> Result<u64> {
        let (mut blocks, mut bytes) = (self.source.blocks(), 0);
        while let Some(block) = blocks.next() {
            let block = block?;
            bytes += block.bytes.len() as u64;
            blocks.recycle(block.bytes);
        }
        Ok(bytes)
    }

    /// Splits and parses.
    fn parse(&self) -> Result<u64> {
        let (mut blocks, mut parser) = (self.source.blocks(), self.source.parser());
        let mut good = 0;
        while let Some(block) = blocks.next() {
            let block = block?;
            let mut rows = parser.rows(&self.source, &block)?;
            while let Some(row) = rows.next() {
                good += u64::from(black_box(&row).cells.is_ok());
            }
            blocks.recycle(block.bytes);
        }
        Ok(good)
    }

    /// Splits, parses and maps; the JSON is written over.
    fn map(&self) -> Result<u64> {
        let (mut blocks, mut parser) = (self.source.blocks(), self.source.parser());
        let (mut json, mut tally) = (Vec::new(), Tally::default());
        let mut good = 0;
        while let Some(block) = blocks.next() {
            let block = block?;
            let mut rows = parser.rows(&self.source, &block)?;
            while let Some(row) = rows.next() {
                json.clear();
                let cells = row.cells?;
                good += u64::from(self.binding.write(&cells, &mut json, &mut tally).is_ok());
                black_box(&json);
            }
            blocks.recycle(block.bytes);
        }
        Ok(good)
    }

    /// The whole first pass.
    fn prove(&self) -> Result<Proof> {
        let options = ProveOptions {
            chunks: ChunkOptions {
                max_records: 5_000,
                max_body: 16 << 20,
            },
            duplicates: OnDuplicates::Error,
            max_errors: MaxErrors::Count(0),
        };
        // Never created: no record is bad.
        let mut rejects = RejectsFile::new(self.path.with_extension("rejects"), &self.source);
        Ok(prove::prove(
            &self.source,
            &self.binding,
            &options,
            Scratch::default(),
            &mut rejects,
            &Events::unheard(),
        )?)
    }

    /// The second pass but for the network: the bodies of all proved chunks.
    fn build(&self, proof: &Proof) -> Result<u64> {
        let goods = Goods {
            source: &self.source,
            binding: &self.binding,
            left_out: &proof.left_out,
        };
        let (mut builder, mut body) = (BodyBuilder::default(), Vec::new());
        let mut records = 0;
        for plan in &proof.chunks {
            let built = builder.build(goods, plan, plan.range, body)?;
            records += built.records;
            body = black_box(built.body);
        }
        Ok(records)
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
    let proof = input.prove()?;
    ensure!(input.split()? > 0, "no bytes in {name}");
    for records in [
        input.parse()?,
        input.map()?,
        proof.records(),
        input.build(&proof)?,
    ] {
        ensure!(records == ROWS, "{records} records of {ROWS} in {name}");
    }
    let mut group = criterion.benchmark_group(name);
    group.throughput(Throughput::Elements(ROWS)).sample_size(20);
    group.bench_function("split", |b| b.iter(|| sure(input.split())));
    group.bench_function("parse", |b| b.iter(|| sure(input.parse())));
    group.bench_function("map", |b| b.iter(|| sure(input.map())));
    group.bench_function("prove", |b| b.iter(|| sure(input.prove())));
    group.bench_function("chunk", |b| b.iter(|| sure(input.build(&proof))));

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
