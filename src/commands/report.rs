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
use crate::runs::state::{RunId, StateDir, TableDir, write_atomic};
use crate::screen::page::{self, Page, Requests, Samples};
use crate::screen::terminal::Terminal;

type Found = (History, usize, Option<RunId>);

/// Writes the page of the run that is named, or of the last one.
pub(super) fn run(
    args: &ReportArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let state = Environment::read().state(common)?;
    let (history, at, running) = find(&state, args.run.as_deref())?;
    let run = &history.runs()[at];
    let standing = history.states(running.as_ref()).map(|(_, of)| of).nth(at);
    // What a run wrote before it went on, or what is damaged, says less than its journal.
    let kept = run.journal.end().map(|_| run.dir.receipt_path());
    let kept = kept.and_then(|path| std::fs::read_to_string(path).ok());
    let kept = kept.filter(|kept| Page::can_read(kept, run.dir.id().as_str()));
    let receipt = kept.unwrap_or_else(|| receipt::of_journal(&run.journal, &run.dir).json());
    let mut samples = samples(&state, (&history, at), standing, args.values, terminal);
    samples.open = match (run.journal.end(), standing) {
        (Some(_), _) => None,
        (None, Some(RunState::Running)) => Some("not yet: it is running"),
        (None, _) => Some("never: it was killed, or its machine stopped"),
    };
    let page = page(&receipt, &Requests::of_journal(&run.journal), samples)?;
    match args.out.as_deref().filter(|path| *path != Path::new("-")) {
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
    let facts: Value = serde_json::from_str(receipt).unwrap_or_default();
    let id = facts["run"].as_str();
    let at = (history.runs().iter()).position(|run| Some(run.dir.id().as_str()) == id);
    let (requests, mut samples) = match at {
        Some(at) => (
            Requests::of_journal(&history.runs()[at].journal),
            samples(
                state,
                (&history, at),
                history.states(None).map(|(_, of)| of).nth(at),
                plan.has_values,
                terminal,
            ),
        ),
        None => {
            let rejects = facts["rejects"].as_str().map(Path::new);
            let samples = Samples {
                rejects: reject_reasons(rejects, terminal),
                ..Samples::default()
            };
            (Requests::default(), samples)
        }
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
        open: None,
    }
}

/// The history of the run's table, which of its runs it is, and which of them is under way.
fn find(state: &StateDir, id: Option<&str>) -> Result<Found, Failure> {
    let mut found: Option<Found> = None;
    for table in state.tables()? {
        let running = table.running();
        let history = History::read(&table)?;
        let runs = history.runs();
        let at = match id {
            Some(id) => runs.iter().position(|run| run.dir.id().as_str() == id),
            None => runs.len().checked_sub(1),
        };
        // Runs of one second are in no order by their names.
        let started = |history: &History, at: usize| history.runs()[at].journal.plan().started.wall;
        let is_later = |at: &usize| {
            let before = found.as_ref();
            before.is_none_or(|(before, last, _)| started(before, *last) < started(&history, *at))
        };
        if let Some(at) = at.filter(is_later) {
            found = Some((history, at, running));
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

/// Writes a page that only this user can read, in the place of one that stands there.
fn write(path: &Path, page: &str) -> Result<(), Failure> {
    let whole = std::path::absolute(path);
    whole
        .and_then(|path| write_atomic(&path, page.as_bytes()))
        .with_context(|| format!("cannot write {}", display::typed_path(path)))?;
    Ok(())
}
