//! `report`: a run as one HTML page.

mod find;

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use self::find::{Found, find, own_receipt};
use crate::base::{display, outlet};
use crate::cli::{CommonArgs, ReportArgs, stdout};
use crate::prove::rejects;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{Environment, ReportPlan};
use crate::push::values::{self, ChangedRecord};
use crate::push::{lines, page_place, plan_line, receipt};
use crate::runs::history::{History, PastRun};
use crate::runs::journal::RunState;
use crate::runs::state::{RunId, StateDir, TableDir, write_atomic};
use crate::screen::page::{self, Page, Requests, Samples};
use crate::screen::terminal::Terminal;

/// Writes the page of the run that is named, or of the last one.
pub(super) fn run(
    args: &ReportArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let out = args.out.as_deref().filter(|path| *path != Path::new("-"));
    out.map(page_place::check).transpose()?;
    let state = Environment::read().state(common)?;
    let found = find(&state, args.run.as_deref())?;
    let page = match found.at {
        Some(at) => of_journal(&state, &found, at, args.values, terminal)?,
        None => {
            let receipt = own_receipt(&found.dir).unwrap_or_default();
            let samples = unsent(&receipt, terminal);
            page(&receipt, &Requests::default(), samples)?
        }
    };
    match out {
        Some(path) => write(path, &page)?,
        None => stdout::write_all(page.as_bytes()).context("cannot write to standard output")?,
    }
    Ok(Exit::Done)
}

fn of_journal(
    state: &StateDir,
    found: &Found,
    at: usize,
    has_values: bool,
    terminal: &Terminal,
) -> Result<String, Failure> {
    let history = &found.history;
    let run = &history.runs()[at];
    let standing = standing(history, at, found.running.as_ref());
    // What a run wrote before it went on, or what is damaged, says less than its journal.
    let kept = run.journal.end().and_then(|_| own_receipt(&run.dir));
    let receipt = kept.unwrap_or_else(|| receipt::of_journal(&run.journal, &run.dir).json());
    let mut samples = samples(state, (history, at), standing, has_values, terminal);
    samples.open = match (run.journal.end(), standing) {
        (Some(_), _) => None,
        (None, Some(RunState::Running)) => Some("not yet: it is running"),
        (None, _) => Some("never: it was killed, or its machine stopped"),
    };
    page(&receipt, &Requests::of_journal(&run.journal), samples)
}

fn standing(history: &History, at: usize, running: Option<&RunId>) -> Option<RunState> {
    history.states(running).map(|(_, of)| of).nth(at)
}

/// Writes the page of a push that has just ended, if it is to have one: `receipt` is what it told in the end.
pub(super) fn after(
    plan: Option<&ReportPlan>,
    receipt: Option<&str>,
    (state, folder): (&StateDir, &TableDir),
    remark: Option<&str>,
    terminal: &Terminal,
) {
    let (Some(plan), Some(receipt)) = (plan, receipt) else {
        return;
    };
    // Of a push that sent nothing there is no run to look at.
    let history = History::read(folder).unwrap_or_default();
    let facts: Value = serde_json::from_str(receipt).unwrap_or_default();
    let id = facts["run"].as_str();
    let at = (history.runs().iter()).position(|run| Some(run.dir.id().as_str()) == id);
    let (requests, mut samples) = match at {
        Some(at) => (
            Requests::of_journal(&history.runs()[at].journal),
            samples(
                state,
                (&history, at),
                standing(&history, at, None),
                plan.has_values,
                terminal,
            ),
        ),
        None => (Requests::default(), unsent(receipt, terminal)),
    };
    if let Some(remark) = remark {
        samples.remarks.push(remark.to_owned());
        // A rehearsal's state is gone when somebody reads this.
        samples.next.clear();
    }
    keep(plan, receipt, &requests, samples, terminal);
}

/// Writes a page; where that fails, the push is what it was, and a warning says why.
pub(super) fn keep(
    plan: &ReportPlan,
    receipt: &str,
    requests: &Requests,
    samples: Samples,
    terminal: &Terminal,
) {
    let written = page(receipt, requests, samples).and_then(|page| write(&plan.path, &page));
    if let Err(failure) = written {
        let why = failure.problems.into_iter().map(|problem| problem.message);
        terminal.warning(
            &format!(
                "the page was not written: {}",
                why.collect::<Vec<_>>().join("; ")
            ),
            None,
        );
    }
}

fn page(receipt: &str, requests: &Requests, samples: Samples) -> Result<String, Failure> {
    let page = Page::read(receipt, requests, samples).context("the receipt cannot be read")?;
    Ok(page.html().context("the page cannot be made")?)
}

/// What the page of a run that sent nothing shows besides its receipt.
fn unsent(receipt: &str, terminal: &Terminal) -> Samples {
    let facts: Value = serde_json::from_str(receipt).unwrap_or_default();
    Samples {
        rejects: reject_reasons(facts["rejects"].as_str().map(Path::new), terminal),
        ..Samples::default()
    }
}

/// What the page of a run shows besides its receipt.
fn samples(
    state: &StateDir,
    (history, at): (&History, usize),
    standing: Option<RunState>,
    has_values: bool,
    terminal: &Terminal,
) -> Samples {
    let run = &history.runs()[at];
    let mut later = history.runs().iter();
    let later = later.rfind(|other| run.journal.is_superseded_by(&other.journal));
    let rejects = plan_line::written_rejects(run.journal.plan(), &run.dir);
    let remark = |later: &PastRun| format!("Run {} has written to the table since", later.dir.id());
    Samples {
        remarks: later.map(remark).into_iter().collect(),
        rejects: reject_reasons(rejects.as_deref(), terminal),
        values: match has_values {
            true => told(&values::kept(history, run)),
            false => Vec::new(),
        },
        next: next(state, run, standing),
        options: options(run),
        open: None,
    }
}

/// What was asked of a run, as its journal has it, with the service and the machine.
fn options(run: &PastRun) -> page::Options {
    let plan = run.journal.plan();
    let written = serde_json::to_value(&plan.options).and_then(serde_json::from_value);
    let mut options: page::Options = written.unwrap_or_default();
    options.insert("service".to_owned(), plan.base_url.clone().into());
    options.insert("machine".to_owned(), plan.host.clone().into());
    options
}

/// Why records were left out, as far as their file is still there.
fn reject_reasons(path: Option<&Path>, terminal: &Terminal) -> Vec<rejects::RejectedFor> {
    let Some(path) = path else {
        return Vec::new();
    };
    rejects::reasons(path).unwrap_or_else(|error| {
        let path = display::typed_path(path);
        terminal.warning(
            &format!("the rejects in {path} cannot be read: {error}"),
            None,
        );
        Vec::new()
    })
}

/// What is left to be done of a run.
fn next(state: &StateDir, run: &PastRun, standing: Option<RunState>) -> Vec<(String, String)> {
    let what = |what: &str, line| vec![(what.to_owned(), line)];
    match standing {
        Some(RunState::Superseded | RunState::Running) => Vec::new(),
        _ if !run.journal.is_finished() => what("To finish it", lines::resume(state, run.dir.id())),
        _ if run.journal.has_accepted() && !run.journal.is_followed() => {
            let ids: Vec<_> = run.journal.import_ids().into_iter().cloned().collect();
            what("To see what became of it", lines::status(state, &ids))
        }
        _ => Vec::new(),
    }
}

/// The fields of changed records, as a page shows them.
pub(super) fn told(records: &[ChangedRecord]) -> Vec<page::Value> {
    let value = |json: &Option<String>| {
        json.as_deref()
            .map_or_else(|| "(none)".to_owned(), display::shown)
    };
    let fields = records
        .iter()
        .flat_map(|record| record.fields.iter().map(move |field| (&record.id, field)));
    fields
        .map(|(id, (key, old, new))| page::Value {
            id: display::shown(id),
            field: display::shown(key),
            old: value(old),
            new: value(new),
        })
        .collect()
}

/// Writes a page that only this user can read, in the place of one that stands there; into a device or a pipe
/// as it is.
fn write(path: &Path, page: &str) -> Result<(), Failure> {
    let written = outlet::write_or(path, page.as_bytes(), |path, page| {
        write_atomic(&std::path::absolute(path)?, page)
    });
    // The system's own words name the temporary file.
    written.map_err(|error| {
        let message = format!(
            "cannot write {}: {}",
            display::typed_path(path),
            error.kind()
        );
        Failure::new(Exit::Usage, message, None)
    })
}
