//! Pushes beside other ways of doing the same job: the same made-up deals, the same server.
//!
//! `benches/README.md` says how to run it and how to read what it prints.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a table is all that this program is for"
)]

use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use crate::deals::Format;
use anyhow::{Context, Result, ensure};
use clap::Parser;

mod cases;
mod data;
mod machine;
mod measure;
mod options;
mod post;
mod server;
mod table;
mod truth;

#[path = "../common/deals.rs"]
mod deals;
#[path = "../common/sink.rs"]
mod sink;

use cases::{At, Case, Kind};
use data::Data;
use measure::Run;
use options::{Child, CommandLine, Options};
use server::Server;
use table::Outcome;
use truth::Truth;

/// What the slow server takes for an answer.
const SLOW_MS: u64 = 100;

fn main() -> Result<ExitCode> {
    let line = CommandLine::parse();
    match line.child {
        Some(Child::Serve {
            delay_ms,
            read,
            save,
        }) => server::serve(sink::Options {
            delay: Duration::from_millis(delay_ms),
            reader: read.then_some(truth::read as sink::Reader),
            save,
        })?,
        Some(Child::Post { folder, url }) => post::bodies(&folder, &url)?,
        Some(Child::Naive { file, url }) => post::naively(&file, &url)?,
        None if line.options.bench => return compare(&line.options),
        // As `cargo test` would run it: minutes of work that nobody asked for.
        None => eprintln!("run it with: cargo bench --bench compare"),
    }
    Ok(ExitCode::SUCCESS)
}

/// The servers, and the folder in which everything is done.
struct Stage {
    data: Data,
    drain: Server,
    slow: Server,
    reading: Server,
}

fn compare(options: &Options) -> Result<ExitCode> {
    for name in &options.only {
        ensure!(
            cases::NAMES.contains(&name.as_str()),
            "no case {name}; there are {}",
            cases::NAMES.join(", ")
        );
    }
    let head = machine::lines(options)?;
    let mut stage = Stage {
        data: Data::new(&options.dir, options.seed)?,
        drain: Server::with_delay(0)?,
        slow: Server::with_delay(SLOW_MS)?,
        reading: Server::reading()?,
    };
    eprintln!("making {} deals", options.rows);
    let mut all = cases::all(&stage.data, options, |case, bodies| {
        stage.save(case, bodies)
    })?;
    all.retain(|case| options.only.is_empty() || options.only.contains(&case.name));
    let what = what(options, &all);
    let results = stage.measure(all, options.rounds)?;
    let mut growing = Vec::new();
    for &rows in &options.growth {
        eprintln!("making {rows} deals");
        growing.push(cases::growth(&stage.data, Format::Csv, rows)?);
        growing.push(cases::growth(&stage.data, Format::Ndjson, rows)?);
    }
    growing.sort_by_key(|case| case.title.clone());
    let growing = stage.measure(growing, options.rounds)?;

    for line in head.iter().chain([&what]) {
        println!("- {line}");
    }
    println!("\n{}", table::comparison(&results));
    if !growing.is_empty() {
        println!("{}", table::growth(&growing));
    }
    let is_wrong = |(_, outcome): &(_, _)| matches!(outcome, Outcome::Wrong(_));
    Ok(match results.iter().chain(&growing).any(is_wrong) {
        true => ExitCode::FAILURE,
        false => ExitCode::SUCCESS,
    })
}

/// A line on the data and on how often it was pushed.
fn what(options: &Options, cases: &[Case]) -> String {
    let digests = cases.iter().map(|case| case.truth);
    let digest = digests
        .max_by_key(|truth| truth.records)
        .map_or(0, |truth| truth.digest);
    format!(
        "data: {} deals of seed {}, digest of the records {digest:016x}; medians, rounds: {}; one run of each case read whole, the records of every other counted; slow server: {SLOW_MS} ms an answer; peaks up to {:.1} MiB may be this program's own",
        options.rows,
        options.seed,
        options.rounds,
        own_peak_mib().unwrap_or(0.0),
    )
}

/// A child starts with its parent's peak, so that less than this cannot be told.
fn own_peak_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}

impl Stage {
    /// Keeps the bodies of a push.
    fn save(&self, case: &Case, bodies: &Path) -> Result<()> {
        let mut server = Server::saving(bodies)?;
        let run = self.run(case, &server.base_url)?;
        let arrived = server.counts()?;
        ensure!(
            run.code == Some(0) && arrived.records == case.truth.records,
            "{} sent {} records of {}: {}",
            case.name,
            arrived.records,
            case.truth.records,
            run.stderr
        );
        Ok(())
    }

    fn run(&self, case: &Case, base_url: &str) -> Result<Run> {
        // A fresh one: a replace waits for the window of the one before.
        let state = self.data.passing_folder()?;
        let mut command = case.command(base_url, state.path());
        measure::run(&mut command, case.piped.as_deref())
    }

    /// Runs every case once a round, after one run that is read whole.
    fn measure(&mut self, cases: Vec<Case>, rounds: u32) -> Result<Vec<(Case, Outcome)>> {
        let mut results = Vec::new();
        for case in cases {
            eprintln!("checking {}", case.name);
            let outcome = self.check(&case)?;
            results.push((case, outcome));
        }
        for round in 1..=rounds {
            eprintln!("round {round} of {rounds}");
            for (case, outcome) in &mut results {
                for _ in 0..case.times {
                    self.measure_once(case, outcome)?;
                }
            }
        }
        Ok(results)
    }

    /// One run whose records are all read.
    fn check(&mut self, case: &Case) -> Result<Outcome> {
        if let Some(why) = &case.missing {
            return Ok(Outcome::Missing(why.clone()));
        }
        let run = self.run(case, &self.reading.base_url)?;
        let arrived = self.reading.counts()?;
        let is_compressed = ["push-gzip", "push-zstd"].contains(&case.name.as_str());
        if is_compressed && run.code == Some(2) {
            return Ok(Outcome::Missing("this build does not read it".to_owned()));
        }
        Ok(match fault(case, &run, arrived)? {
            None if case.kind != Kind::DryRun && arrived.digest != case.truth.digest => {
                Outcome::Wrong("the records are not those of the file".to_owned())
            }
            None => Outcome::Measured(Vec::new()),
            Some(fault) => Outcome::Wrong(fault),
        })
    }

    fn measure_once(&mut self, case: &Case, outcome: &mut Outcome) -> Result<()> {
        let Outcome::Measured(runs) = outcome else {
            return Ok(());
        };
        let base_url = match case.at {
            At::Drain => &self.drain.base_url,
            At::Slow => &self.slow.base_url,
        };
        let run = self.run(case, base_url)?;
        let arrived = match case.at {
            At::Drain => self.drain.counts()?,
            At::Slow => self.slow.counts()?,
        };
        match fault(case, &run, arrived)? {
            None => runs.push(run),
            Some(fault) => *outcome = Outcome::Wrong(fault),
        }
        Ok(())
    }
}

/// What is wrong with a run, if anything is.
fn fault(case: &Case, run: &Run, arrived: Truth) -> Result<Option<String>> {
    if run.code != Some(0) {
        let code = run
            .code
            .map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        // Python says it last; a hint comes after what it is for.
        let mut lines = run.stderr.lines().rev();
        let why = lines.find(|line| !line.is_empty() && !line.starts_with("hint: "));
        let why = why.unwrap_or("without a word");
        return Ok(Some(format!("{code}: {why}")));
    }
    let (records, expected) = match case.kind {
        Kind::DryRun => (arrived.records, 0),
        Kind::Push | Kind::Other => (arrived.records, case.truth.records),
    };
    if records != expected {
        return Ok(Some(format!("{records} records arrived of {expected}")));
    }
    if case.kind == Kind::DryRun {
        let receipt: serde_json::Value = serde_json::from_str(&run.stdout)?;
        let read = receipt["counts"]["read"].as_u64();
        let read = read.context("a receipt without counts")?;
        if read != case.truth.records {
            return Ok(Some(format!(
                "{read} records read of {}",
                case.truth.records
            )));
        }
    }
    Ok(None)
}
