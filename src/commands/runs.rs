//! `runs`: past pushes and what became of them.

use serde_json::json;

use crate::cli::{CommonArgs, OutputArg, RunsArgs};
use crate::commands::session::{past, unusable};
use crate::display;
use crate::history::{History, PastRun};
use crate::journal::{Journal, RunState};
use crate::model::Mode;
use crate::outcome::{Exit, Failure};
use crate::plan::Environment;
use crate::state::StateDir;
use crate::terminal::Terminal;

/// Lists the runs, the oldest first.
///
/// # Errors
/// When the state folder or a journal cannot be read.
pub(super) fn run(
    args: &RunsArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let option = common
        .state_dir
        .as_deref()
        .or(environment.state_dir.as_deref());
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let state = StateDir::locate(option, &variable).map_err(unusable)?;
    let mut rows = Vec::new();
    for table in state.tables().map_err(unusable)? {
        let running = table.running();
        let history = History::read(&table).map_err(|error| past(&error))?;
        for run in history.runs() {
            let is_running = running.as_ref() == Some(run.dir.id());
            let state = run.journal.state(is_running, history.journals());
            rows.push(Row::new(run, state));
        }
    }
    rows.retain(|row| args.table.as_ref().is_none_or(|table| row.table == *table));
    rows.sort_by(|a, b| a.run.cmp(&b.run));
    match common.output {
        OutputArg::Json => print_json(&rows, terminal),
        OutputArg::Text if rows.is_empty() => terminal.tell("no runs yet"),
        OutputArg::Text => rows.iter().for_each(|row| terminal.result(&row.text())),
    }
    Ok(Exit::Done)
}

/// One run, as it is listed.
struct Row {
    run: String,
    state: RunState,
    table: String,
    mode: &'static str,
    started: String,
    records: u64,
    accepted: u64,
    exit_code: Option<u8>,
    imports: Vec<String>,
}

impl Row {
    fn new(run: &PastRun, state: RunState) -> Self {
        let plan = run.journal.plan();
        Self {
            run: run.dir.id().to_string(),
            state,
            table: plan.table.as_str().to_owned(),
            mode: if let Mode::Replace { .. } = plan.mode {
                "replace"
            } else {
                "upsert"
            },
            started: plan.started.wall.strftime("%FT%TZ").to_string(),
            records: plan.chunks.iter().map(|chunk| chunk.records).sum(),
            accepted: accepted_records(&run.journal),
            exit_code: run.journal.end().map(|end| end.exit_code),
            imports: run
                .journal
                .import_ids()
                .iter()
                .map(ToString::to_string)
                .collect(),
        }
    }

    /// `20261123T132605Z-7f3a  done         deals  replace  12,345 of 12,345 accepted  import …`
    fn text(&self) -> String {
        let imports = match self.imports.as_slice() {
            [] => String::new(),
            [one] => format!("  import {one}"),
            [one, rest @ ..] => format!("  import {one} and {} more", rest.len()),
        };
        format!(
            "{}  {:11}  {}  {}  {} of {} accepted{imports}",
            self.run,
            self.state,
            display::shown(&self.table),
            self.mode,
            display::count(self.accepted),
            display::counted(self.records, "record"),
        )
    }
}

fn accepted_records(journal: &Journal) -> u64 {
    let accepted = journal.accepted();
    let mut seen = std::collections::BTreeSet::new();
    let attempts = journal
        .attempts()
        .iter()
        .filter(|attempt| attempt.import().is_some());
    attempts
        .filter(|attempt| accepted.covers(attempt.range) && seen.insert(attempt.range))
        .map(|attempt| attempt.records)
        .sum()
}

fn print_json(rows: &[Row], terminal: &Terminal) {
    let runs: Vec<_> = rows
        .iter()
        .map(|row| {
            json!({
                "run": row.run,
                "state": row.state.to_string(),
                "table": row.table,
                "mode": row.mode,
                "started_at": row.started,
                "records": row.records,
                "accepted": row.accepted,
                "exit_code": row.exit_code,
                "imports": row.imports,
            })
        })
        .collect();
    terminal.result(&json!({ "runs": runs }).to_string());
}
