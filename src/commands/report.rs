//! `report`: a run as one HTML page.

use std::path::Path;

use anyhow::Context as _;
use serde_json::Value;

use crate::base::display;
use crate::cli::{CommonArgs, ReportArgs, stdout};
use crate::prove::rejects;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{Environment, ReportPlan};
use crate::push::values::{self, ChangedRecord};
use crate::push::{lines, plan_line, receipt};
use crate::runs::history::{History, PastRun};
use crate::runs::journal::RunState;
use crate::runs::state::{StateDir, TableDir, write_atomic};
use crate::screen::page::{Page, Requests, Samples};
use crate::screen::terminal::Terminal;

/// Writes the page of the run that is named, or of the last one.
pub(super) fn run(
    args: &ReportArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let state = Environment::read().state(common)?;
    let (history, at) = find(&state, args.run.as_deref())?;
    let run = &history.runs()[at];
    let kept = std::fs::read_to_string(run.dir.receipt_path());
    let kept = kept.unwrap_or_else(|_| receipt::of_journal(&run.journal, &run.dir).json());
    let samples = samples(&state, (&history, at), args.values, terminal);
    let page = page(&kept, &Requests::of_journal(&run.journal), samples)?;
    match &args.out {
        Some(path) => write(path, &page)?,
        None => stdout::write_all(page.as_bytes()).context("cannot write to standard output")?,
    }
    Ok(Exit::Done)
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
    let id = serde_json::from_str::<Value>(receipt).ok();
    let id = id.as_ref().and_then(|receipt| receipt["run"].as_str());
    let at = (history.runs().iter()).position(|run| Some(run.dir.id().as_str()) == id);
    let (requests, mut samples) = match at {
        Some(at) => (
            Requests::of_journal(&history.runs()[at].journal),
            samples(state, (&history, at), plan.has_values, terminal),
        ),
        None => (Requests::default(), Samples::default()),
    };
    samples.remarks.extend(remark.map(str::to_owned));
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

/// What the page of a run shows besides its receipt.
fn samples(
    state: &StateDir,
    (history, at): (&History, usize),
    has_values: bool,
    terminal: &Terminal,
) -> Samples {
    let run = &history.runs()[at];
    let standing = history.states(None).map(|(_, of)| of).nth(at);
    let mut later = history.runs().iter();
    let later = later.rfind(|other| run.journal.is_superseded_by(&other.journal));
    let remark = |later: &PastRun| format!("Run {} has written to the table since", later.dir.id());
    Samples {
        remarks: later.map(remark).into_iter().collect(),
        rejects: reject_reasons(run, terminal),
        values: match has_values {
            true => told(&values::kept(history, run)),
            false => Vec::new(),
        },
        next: next(state, run, standing),
    }
}

/// The history of the run's table, and which of its runs it is.
fn find(state: &StateDir, id: Option<&str>) -> Result<(History, usize), Failure> {
    let mut found: Option<(History, usize)> = None;
    for table in state.tables()? {
        let history = History::read(&table)?;
        let runs = history.runs();
        let at = match id {
            Some(id) => runs.iter().position(|run| run.dir.id().as_str() == id),
            None => runs.len().checked_sub(1),
        };
        let is_later = |at: &usize| {
            let before = found
                .as_ref()
                .map(|(history, at)| history.runs()[*at].dir.id());
            before.is_none_or(|before| before < runs[*at].dir.id())
        };
        if let Some(at) = at.filter(is_later) {
            found = Some((history, at));
        }
    }
    found.ok_or_else(|| {
        let message = match id {
            Some(id) => format!("there is no run {}", display::quoted(id)),
            None => "there is no run yet".to_owned(),
        };
        Failure::new(
            Exit::Usage,
            message,
            Some("qobra-push runs   lists them".to_owned()),
        )
    })
}

/// Why records of the run were left out, as far as its rejects file is still there.
fn reject_reasons(run: &PastRun, terminal: &Terminal) -> Vec<rejects::RejectedFor> {
    let Some(path) = plan_line::written_rejects(run.journal.plan(), &run.dir) else {
        return Vec::new();
    };
    rejects::reasons(&path).unwrap_or_else(|error| {
        let path = display::typed_path(&path);
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
        Some(RunState::Superseded) => Vec::new(),
        _ if !run.journal.is_finished() => what("To finish it", lines::resume(state, run.dir.id())),
        _ if run.journal.has_accepted() && !run.journal.is_followed() => {
            let ids: Vec<_> = run.journal.import_ids().into_iter().cloned().collect();
            what("To see what became of it", lines::status(state, &ids))
        }
        _ => Vec::new(),
    }
}

/// `D-17  amount: 12.50 → 13.00`.
pub(super) fn told(records: &[ChangedRecord]) -> Vec<String> {
    let value = |json: &Option<String>| {
        json.as_deref()
            .map_or_else(|| "(none)".to_owned(), display::shown)
    };
    let fields = records
        .iter()
        .flat_map(|record| record.fields.iter().map(move |field| (&record.id, field)));
    fields
        .map(|(id, (key, old, new))| {
            let (id, key) = (display::shown(id), display::shown(key));
            format!("{id}  {key}: {} → {}", value(old), value(new))
        })
        .collect()
}

/// Writes a page that only this user can read, in the place of one that stands there.
fn write(path: &Path, page: &str) -> Result<(), Failure> {
    let whole = std::path::absolute(path);
    whole
        .and_then(|path| write_atomic(&path, page.as_bytes()))
        .with_context(|| format!("cannot write {}", display::typed_path(path)))?;
    Ok(())
}
