//! `runs`: past pushes and what became of them.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::base::display;
use crate::base::model::TableState;
use crate::cli::{CommonArgs, OutputArg, RunsArgs};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::Environment;
use crate::runs::base;
use crate::runs::history::{History, PastRun, UnreadableRun};
use crate::runs::journal::{RunState, Sums, SyncLine};
use crate::runs::kept;
use crate::screen::terminal::Terminal;

/// Lists the runs, the oldest first.
pub(super) fn run(
    args: &RunsArgs,
    common: &CommonArgs,
    terminal: &Terminal,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let state = environment.state(common)?;
    // A key that cannot be read is told where something is compared.
    let key = base::read(&state).ok().flatten();
    let (mut rows, mut alarms) = (Vec::new(), Vec::new());
    for table in state.tables()? {
        let running = table.running();
        let history = History::read(&table)?;
        let base = base::current(&history, None, key.as_ref()).ok();
        let base = base.and_then(|base| base.meta().run.clone());
        for (run, state) in history.states(running.as_ref()) {
            let mut row = Row::new(run, state, history.repaired_by(run));
            row.kept = kept::bytes(&run.dir);
            row.base = match run.journal.end() {
                _ if base.as_ref() == Some(run.dir.id()) => Some(BaseWord::Current),
                Some(end) if end.base => Some(BaseWord::Superseded),
                _ => None,
            };
            rows.push(row);
        }
        for run in history.unreadable() {
            rows.push(Row::unreadable(run, table.name()));
            alarms.push((table.name(), run.complaint()));
        }
    }
    let is_asked = |name: &String| args.table.as_ref().is_none_or(|table| name == table);
    rows.retain(|row| is_asked(&row.table));
    // The tables of one sync stand together, whatever else was pushed meanwhile.
    rows.sort_by(|a, b| a.place().cmp(&b.place()));
    match common.output {
        OutputArg::Json => print_json(&rows, terminal),
        OutputArg::Text if rows.is_empty() => terminal.tell("no runs yet"),
        OutputArg::Text => {
            let hosts: BTreeSet<_> = rows.iter().filter_map(Row::host).collect();
            let text = |row: &Row| match row.host().filter(|_| hosts.len() > 1) {
                Some(host) => format!("{}  host {}", row.text(), display::shown(host)),
                None => row.text(),
            };
            rows.iter().for_each(|row| terminal.result(&text(row)));
            if rows.iter().any(|row| row.kept.is_some()) {
                let total = display::size(kept_bytes(&rows));
                terminal.tell(&format!("{total} are taken by records that are kept"));
            }
        }
    }
    for (_, alarm) in alarms.iter().filter(|(name, _)| is_asked(name)) {
        terminal.warning(&alarm.message, alarm.hint.as_deref());
    }
    Ok(Exit::Done)
}

/// One run, as it is listed.
struct Row {
    run: String,
    state: String,
    table_state: TableState,
    table: String,
    base: Option<BaseWord>,
    /// The bytes that its kept records take.
    kept: Option<u64>,
    /// What its journal tells; none where nobody can read that.
    told: Option<JournalFacts>,
}

/// What became of the base that a run left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BaseWord {
    /// The next push is compared with it.
    Current,
    /// A later run took its place or ended it.
    Superseded,
}

impl BaseWord {
    fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Superseded => "superseded",
        }
    }
}

/// What a journal tells.
struct JournalFacts {
    mode: &'static str,
    rollback_of: Option<String>,
    /// The machine that it started on.
    host: Option<String>,
    /// The sync that it was a part of.
    sync: Option<SyncLine>,
    begun: Timestamp,
    started: String,
    sums: Sums,
    /// Records that were not to be sent because the table had them.
    unchanged: u64,
    rejected: u64,
    exit_code: Option<u8>,
    imports: Vec<String>,
    /// The run that pushed its corrected rejects, and whether its imports are still to come.
    repaired_by: Option<(String, bool)>,
}

impl Row {
    fn new(run: &PastRun, state: RunState, repaired_by: Option<&PastRun>) -> Self {
        let (plan, journal) = (run.journal.plan(), &run.journal);
        let (mut table_state, mut sums) = (journal.table_state(), journal.sums());
        if state == RunState::Running {
            // What is in flight has an answer soon.
            sums.unknown = 0;
            if table_state != TableState::Untouched {
                table_state = TableState::Pending;
            }
        }
        let known = journal.end().and_then(|end| end.rejects);
        let told = JournalFacts {
            mode: plan.mode.word(),
            rollback_of: plan.rollback_of.as_ref().map(ToString::to_string),
            host: plan.host.clone(),
            sync: plan.sync.clone(),
            begun: plan.started.wall,
            started: plan.started.wall.strftime("%FT%TZ").to_string(),
            sums,
            unchanged: plan.unchanged(),
            rejected: known.unwrap_or(plan.rejected),
            exit_code: journal.end().map(|end| end.exit_code),
            imports: (journal.import_ids().iter())
                .map(ToString::to_string)
                .collect(),
            repaired_by: repaired_by.map(|by| {
                let is_pending = by.journal.table_state() == TableState::Pending;
                (by.dir.id().to_string(), is_pending)
            }),
        };
        Self {
            run: run.dir.id().to_string(),
            state: state.to_string(),
            table_state,
            table: plan.table.as_str().to_owned(),
            base: None,
            kept: None,
            told: Some(told),
        }
    }

    /// Where it is listed: by its sync, which began before its runs, and in there as they began.
    fn place(&self) -> (&str, Option<Timestamp>, &str) {
        let told = self.told.as_ref();
        let sync = told.and_then(|told| Some((told.sync.as_ref()?, told.begun)));
        match sync {
            Some((sync, begun)) => (sync.id.as_str(), Some(begun), &self.run),
            None => (&self.run, None, &self.run),
        }
    }

    fn unreadable(run: &UnreadableRun, table: String) -> Self {
        Self {
            run: run.dir.id().to_string(),
            state: "unreadable".to_owned(),
            table_state: TableState::Unknown,
            table,
            base: None,
            kept: kept::bytes(&run.dir),
            told: None,
        }
    }

    /// `20261123T132605Z-7f3a  done         replaced   deals  replace  12 of 12 records accepted  …`
    fn text(&self) -> String {
        let told = match &self.told {
            Some(told) => told.text(),
            None => "its journal cannot be read".to_owned(),
        };
        let base = match self.base {
            Some(BaseWord::Current) => "  base",
            _ => "",
        };
        let kept = self
            .kept
            .map(|bytes| format!("  {} kept", display::size(bytes)));
        let kept = kept.unwrap_or_default();
        format!(
            "{}  {:11}  {:9}  {}  {told}{base}{kept}",
            self.run,
            self.state,
            self.table_state.word(),
            display::shown(&self.table),
        )
    }

    fn host(&self) -> Option<&str> {
        self.told.as_ref()?.host.as_deref()
    }

    fn json(&self) -> Value {
        let told = self.told.as_ref();
        json!({
            "run": self.run,
            "state": self.state,
            "table": self.table,
            "table_state": self.table_state.word(),
            "mode": told.map(|told| told.mode),
            "rollback_of": told.and_then(|told| told.rollback_of.as_ref()),
            "host": self.host(),
            "sync": told.and_then(|told| told.sync.as_ref()),
            "started_at": told.map(|told| &told.started),
            "records": told.map(|told| told.sums.to_send),
            "accepted": told.map(|told| told.sums.accepted),
            "unknown": told.map(|told| told.sums.unknown),
            "unchanged": told.map(|told| told.unchanged),
            "rejected": told.map(|told| told.rejected),
            "exit_code": told.and_then(|told| told.exit_code),
            "imports": told.map_or(&[][..], |told| &told.imports),
            "base": self.base.map(BaseWord::word),
            "kept_bytes": self.kept,
            "repaired_by": told.and_then(|told| told.repaired_by.as_ref()).map(|(run, _)| run),
        })
    }
}

impl JournalFacts {
    fn text(&self) -> String {
        let mut text = format!(
            "{}  {} of {} accepted",
            self.mode,
            display::count(self.sums.accepted),
            display::counted(self.sums.to_send, "record"),
        );
        let others = [
            (self.sums.unknown, "unknown"),
            (self.unchanged, "unchanged"),
            (self.rejected, "rejected"),
        ];
        for (count, what) in others {
            if count > 0 {
                text.push_str(&format!(", {} {what}", display::count(count)));
            }
        }
        if let Some(run) = &self.rollback_of {
            text.push_str(&format!("  rollback of {run}"));
        }
        if let Some(sync) = &self.sync {
            text.push_str(&format!("  sync {}", sync.id.as_str()));
        }
        if let Some((run, is_pending)) = &self.repaired_by {
            text.push_str(&format!("  repaired by {run}"));
            if *is_pending {
                text.push_str(" once its imports have run");
            }
        }
        match self.imports.as_slice() {
            [] => {}
            [one] => text.push_str(&format!("  import {one}")),
            [one, rest @ ..] => {
                text.push_str(&format!("  import {one} and {} more", rest.len()));
            }
        }
        text
    }
}

/// What the kept records of all runs take.
fn kept_bytes(rows: &[Row]) -> u64 {
    rows.iter().filter_map(|row| row.kept).sum()
}

fn print_json(rows: &[Row], terminal: &Terminal) {
    let runs: Vec<_> = rows.iter().map(Row::json).collect();
    let document = json!({ "runs": runs, "kept_bytes": kept_bytes(rows) });
    terminal.result(&document.to_string());
}
