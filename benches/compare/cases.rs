//! What is compared: each case is one command line, what it stands beside, and what should arrive.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::deals::Format;
use anyhow::Result;

use crate::data::{Data, Deals};
use crate::options::Options;
use crate::truth::Truth;

/// How often a one-record file is pushed in all, at least.
const STARTS: u32 = 20;

/// The most records sent to the server that takes its time.
const SLOW_ROWS: u64 = 300_000;

/// Which server takes the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// One that answers at once.
    Drain,
    /// One that takes 100 ms for an answer.
    Slow,
}

/// How a command line goes on behind what the case says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// With a push's options for the server and a state folder.
    Push,
    /// So too, and nothing is sent: the receipt tells how many records would be.
    DryRun,
    /// With the URL that takes records.
    Other,
}

/// One way of doing one job.
#[derive(Clone, Debug)]
pub struct Case {
    pub name: String,
    pub title: String,
    pub at: At,
    pub kind: Kind,
    program: OsString,
    arguments: Vec<OsString>,
    /// What comes through standard input.
    pub piped: Option<PathBuf>,
    /// What should arrive.
    pub truth: Truth,
    /// The case that posts the same bodies, made beforehand.
    pub floor: Option<&'static str>,
    /// The push of the same file.
    pub push: Option<&'static str>,
    /// How often it is run in each round.
    pub times: u32,
    /// Why it cannot be run.
    pub missing: Option<String>,
}

/// The names of all cases, in the order of the table.
pub const NAMES: [&str; 19] = [
    "post",
    "push-csv",
    "push-stdin",
    "push-gzip",
    "push-zstd",
    "dry-run",
    "push-ndjson",
    "python-csv",
    "python-tuned",
    "pandas",
    "polars",
    "duckdb",
    "rust-naive",
    "miller-curl",
    "python-ndjson",
    "jq-curl",
    "one-record",
    "slow-post",
    "slow-push",
];

impl Case {
    fn new(name: &str, title: &str, kind: Kind, truth: Truth) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            at: At::Drain,
            kind,
            program: OsString::new(),
            arguments: Vec::new(),
            piped: None,
            truth,
            floor: None,
            push: None,
            times: 1,
            missing: None,
        }
    }

    fn runs(mut self, program: impl Into<OsString>, arguments: &[&dyn AsRef<Path>]) -> Self {
        self.program = program.into();
        let arguments = arguments.iter().map(|argument| argument.as_ref().into());
        self.arguments = arguments.collect();
        self
    }

    fn beside(mut self, floor: &'static str, push: Option<&'static str>) -> Self {
        (self.floor, self.push) = (Some(floor), push);
        self
    }

    fn at_slow(mut self) -> Self {
        self.at = At::Slow;
        self
    }

    fn needs(mut self, missing: Option<String>) -> Self {
        self.missing = missing;
        self
    }

    /// A push by the program that was built.
    fn push(data: &Data, name: &str, title: &str, file: &Path, truth: Truth) -> Self {
        Self::new(name, title, Kind::Push, truth)
            .runs(program(), &[&file, &"--mapping", &data.mapping])
    }

    /// The command of one run.
    pub fn command(&self, base_url: &str, state: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        if self.kind == Kind::Other {
            command.arg(format!("{base_url}/v1/tables/deals/records/bulk"));
        } else {
            command.args(["--all", "--debounce", "900", "--chunk-seconds", "0.1"]);
            command.args(["--quiet", "--base-url", base_url, "--state-dir"]);
            command.arg(state);
        }
        if self.kind == Kind::DryRun {
            command.args(["--dry-run", "--output", "json"]);
        }
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy().to_lowercase();
            if name.ends_with("_proxy") {
                command.env_remove(&name).env_remove(name.to_uppercase());
            }
            if name.starts_with("qobra_") {
                command.env_remove(name.to_uppercase());
            }
        }
        command.env("QOBRA_API_KEY", "none");
        command
    }
}

/// The program that is measured.
pub fn program() -> &'static str {
    env!("CARGO_BIN_EXE_qobra-push")
}

fn alternative(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("benches/compare/alternatives")
        .join(name)
}

/// A push of a file, for growth.
pub fn growth(data: &Data, format: Format, rows: u64) -> Result<Case> {
    let deals = data.deals(format, rows)?;
    let title = match format {
        Format::Ndjson => "NDJSON",
        _ => "CSV",
    };
    let name = format!("{title} {rows}");
    Ok(Case::push(data, &name, title, &deals.path, deals.truth))
}

/// Everything that may be compared, with its files. `save` keeps the bodies of a push in a folder.
pub fn all(
    data: &Data,
    options: &Options,
    save: impl Fn(&Case, &Path) -> Result<()>,
) -> Result<Vec<Case>> {
    let this = std::env::current_exe()?;
    let csv = data.deals(Format::Csv, options.rows)?;
    let mut cases = pushes(data, &csv)?;
    let bodies = data.folder("bodies")?;
    if let Some(push) = cases.first() {
        save(push, &bodies)?;
    }
    let title = "the bodies, made beforehand";
    let post = Case::new("post", title, Kind::Other, csv.truth).runs(&this, &[&"post", &bodies]);
    cases.insert(0, post);
    let ndjson = data.deals(Format::Ndjson, options.rows)?;
    cases.extend(others(data, options, &csv, &ndjson, &this));

    let one = data.deals(Format::Csv, 1.min(options.rows))?;
    let title = "qobra-push, a file of one record";
    let mut start = Case::push(data, "one-record", title, &one.path, one.truth);
    start.times = STARTS.div_ceil(options.rounds);
    cases.push(start);

    let few = data.deals(Format::Csv, SLOW_ROWS.min(options.rows))?;
    let title = "qobra-push, a CSV file, slow server";
    let push = Case::push(data, "slow-push", title, &few.path, few.truth);
    let bodies = data.folder("few-bodies")?;
    save(&push, &bodies)?;
    let title = "the bodies, made beforehand, slow server";
    let post = Case::new("slow-post", title, Kind::Other, few.truth);
    cases.push(post.runs(&this, &[&"post", &bodies]).at_slow());
    cases.push(push.beside("slow-post", None).at_slow());
    Ok(cases)
}

/// The pushes of one CSV file.
fn pushes(data: &Data, csv: &Deals) -> Result<Vec<Case>> {
    let push = |name: &str, title: &str, file: &Path| {
        Case::push(data, name, title, file, csv.truth).beside("post", Some("push-csv"))
    };
    let mut cases = vec![push("push-csv", "qobra-push, a CSV file", &csv.path)];
    let mut piped = push("push-stdin", "qobra-push, standard input", Path::new("-"));
    piped.piped = Some(csv.path.clone());
    piped
        .arguments
        .extend(["--format", "csv"].map(OsString::from));
    cases.push(piped);
    for (name, by, extension) in [("push-gzip", "gzip", ".gz"), ("push-zstd", "zstd", ".zst")] {
        let file = data.compressed(&csv.path, by, extension)?;
        let missing = file.is_none().then(|| format!("{by} is not installed"));
        let title = format!("qobra-push, {by}");
        let case = push(name, &title, &file.unwrap_or_default());
        cases.push(case.needs(missing));
    }
    let mut dry = push("dry-run", "qobra-push, dry run", &csv.path);
    dry.kind = Kind::DryRun;
    cases.push(dry);
    Ok(cases)
}

/// The push of NDJSON, and the ways of those who have no such program.
fn others(data: &Data, options: &Options, csv: &Deals, ndjson: &Deals, this: &Path) -> Vec<Case> {
    let case = |name, title, of: &Deals| {
        let push = match of.path == csv.path {
            true => "push-csv",
            false => "push-ndjson",
        };
        Case::new(name, title, Kind::Other, of.truth).beside("post", Some(push))
    };
    let python = |name, title, of: &Deals, script, modules: &[&str]| {
        let missing = missing_module(&options.python, modules);
        case(name, title, of)
            .runs(&options.python, &[&alternative(script), &of.path])
            .needs(missing)
    };
    let shell = |name, title, of: &Deals, script, programs: &[&str]| {
        let missing = programs.iter().find(|program| !answers(program));
        case(name, title, of)
            .runs("sh", &[&alternative(script), &of.path])
            .needs(missing.map(|program| format!("{program} is not installed")))
    };
    let (requests, curl) = (["requests"], ["split", "curl", "sed"]);
    vec![
        Case::push(
            data,
            "push-ndjson",
            "qobra-push, an NDJSON file",
            &ndjson.path,
            ndjson.truth,
        )
        .beside("post", Some("push-ndjson")),
        python(
            "python-csv",
            "Python, csv and requests",
            csv,
            "csv_requests.py",
            &requests,
        ),
        python(
            "python-tuned",
            "the same, tuned",
            csv,
            "csv_tuned.py",
            &requests,
        ),
        python(
            "pandas",
            "pandas and requests",
            csv,
            "pandas_requests.py",
            &["pandas", "requests"],
        ),
        python(
            "polars",
            "polars and httpx",
            csv,
            "polars_httpx.py",
            &["polars", "httpx"],
        ),
        python(
            "duckdb",
            "DuckDB and httpx",
            csv,
            "duckdb_httpx.py",
            &["duckdb", "httpx"],
        ),
        case("rust-naive", "Rust, a map for each row", csv).runs(this, &[&"naive", &csv.path]),
        shell(
            "miller-curl",
            "Miller and curl",
            csv,
            "miller_curl.sh",
            &[&curl[..], &["mlr"]].concat(),
        ),
        python(
            "python-ndjson",
            "Python, json and requests",
            ndjson,
            "ndjson_requests.py",
            &requests,
        ),
        shell(
            "jq-curl",
            "jq and curl",
            ndjson,
            "jq_curl.sh",
            &[&curl[..], &["jq"]].concat(),
        ),
    ]
}

fn missing_module(python: &Path, modules: &[&str]) -> Option<String> {
    let has = |module: &&&str| {
        let end = Command::new(python)
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null())
            .status();
        end.is_ok_and(|end| end.success())
    };
    let missing = modules.iter().find(|module| !has(module))?;
    let python = python.display();
    Some(format!("{missing} is not installed for {python}"))
}

/// Whether a program is there.
fn answers(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}
