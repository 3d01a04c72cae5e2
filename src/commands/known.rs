//! The runs that completions offer. Looks only, and says nothing where it cannot.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::base::clock::Clock;
use crate::base::display;
use crate::base::model::TableKey;
use crate::cli::completions::KnownRuns;
use crate::push::plan::Environment;
use crate::runs::history::{History, PastRun};
use crate::runs::journal::RunState;
use crate::runs::kept::Payload;
use crate::runs::state::TableDir;

/// The runs that `resume`, `rollback` and `report` take, and what to show beside each.
pub(super) fn runs(words: &[OsString]) -> KnownRuns {
    let mut known = KnownRuns::default();
    for table in tables(words).unwrap_or_default() {
        let Ok(history) = History::read(&table) else {
            continue;
        };
        let running = table.running();
        // The newest is what is most likely wanted.
        let states: Vec<_> = history.states(running.as_ref()).collect();
        for (run, state) in states.into_iter().rev() {
            known.all.push(about(run));
            let is_over = run.journal.is_finished() || state == RunState::Superseded;
            if !is_over && state != RunState::Running {
                known.open.push(about(run));
            }
            if Payload::of(&run.dir).exists() {
                known.kept.push(about(run));
            }
        }
    }
    known
}

fn about(run: &PastRun) -> (String, String) {
    let plan = run.journal.plan();
    let age = plan.started.elapsed_at_least(&Clock::system().now());
    let table = display::quoted(plan.table.as_str());
    let about = format!("table {table}, {} ago", display::time(age));
    (run.dir.id().to_string(), about)
}

/// The tables that the words on the line are about.
fn tables(words: &[OsString]) -> Option<Vec<TableDir>> {
    let folder = value(words, &["--state-dir"]);
    let state = Environment::read().state_at(folder.map(Path::new)).ok()?;
    let table = value(words, &["--table", "-t"]).and_then(OsStr::to_str);
    match table.and_then(|key| TableKey::new(key).ok()) {
        Some(key) => state.tables_of(&key).ok(),
        None => state.tables().ok(),
    }
}

/// What stands behind an option, as its own word or after `=`.
fn value<'w>(words: &'w [OsString], names: &[&str]) -> Option<&'w OsStr> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if names.iter().any(|name| word == name) {
            return words.next().map(OsString::as_os_str);
        }
        let joined = word.to_str().and_then(|word| word.split_once('='));
        if let Some((name, value)) = joined
            && names.contains(&name)
        {
            return Some(OsStr::new(value));
        }
    }
    None
}
