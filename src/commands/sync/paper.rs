//! A sync, told to people: how each table ended, and a line for each in the end.

use super::ended::Ended;
use crate::base::display;
use crate::base::log::Entry;
use crate::commands::rehearsal::Rehearsal;
use crate::push::outcome::Failure;
use crate::push::project::named;
use crate::push::sync::SyncTable;
use crate::screen::report;
use crate::screen::terminal::Terminal;

/// How a table ended.
pub(super) fn ended(table: &SyncTable, rehearsal: Option<&Rehearsal>, terminal: &Terminal) {
    let Some(end) = table.ended() else { return };
    match (&end.result, &end.because) {
        (_, Some(because)) => terminal.insist(&format!(
            "{} is not sent: {because}; later: {}",
            display::shown(&table.name),
            table.line
        )),
        (Ok(Some(outcome)), None) => {
            let mut outcome = outcome.clone();
            outcome.failure = (outcome.failure).map(|failure| named(&table.name, failure));
            if let Some(rehearsal) = rehearsal {
                rehearsal.tell(&mut outcome, &table.plan.send.table);
            }
            report::outcome(terminal, &outcome);
        }
        (Ok(None), None) => {}
        (Err(failure), None) => tell_failure(&table.name, failure, terminal),
    }
}

pub(super) fn tell_failure(name: &str, failure: &Failure, terminal: &Terminal) {
    report::failure(terminal, &named(name, failure.clone()));
}

/// The closing lines, a table each.
pub(super) fn summary(ended: &[Ended], terminal: &Terminal) {
    let width = |texts: &dyn Fn(&Ended) -> usize| ended.iter().map(texts).max().unwrap_or(0);
    let names = width(&|one| display::shown(&one.name).chars().count());
    let whats = width(&|one| one.what.chars().count());
    let tables = display::counted(ended.len() as u64, "table");
    terminal.log(&Entry::info("sync", format!("sync of {tables}:")));
    for one in ended {
        let name = display::shown(&one.name);
        let state = one.table_state.word();
        let (what, code) = (&one.what, one.exit.code());
        let line = format!("  {name:names$}  {state:9}  {what:whats$}  exit {code}");
        let entry = Entry::info("sync_table", line).with("name", one.name.as_str());
        terminal.log(&entry.with("table_state", state).with("exit_code", code));
    }
}
