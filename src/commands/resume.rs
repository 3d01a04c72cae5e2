//! `resume`: finish the push that was interrupted.

use std::sync::Arc;

use crate::cli::{CommonArgs, ResumeArgs};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{self, Environment};
use crate::push::run::{choice, resumed};
use crate::screen::progress::Progress;
use crate::screen::report;
use crate::screen::terminal::Terminal;

/// Takes a run up again.
pub(super) fn run(
    args: &ResumeArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let state = environment.state(common)?;
    state.prepare()?;
    let progress = Progress::new(terminal);
    let events = progress.events();
    let table = args.table.as_deref().map(plan::table_key).transpose()?;
    let found = choice::find(&state, args.run.as_deref(), table.as_ref(), &events)?;
    let outcome = match found {
        Some(found) => {
            let table = &found.journal.plan().table;
            let events = progress.for_table(table).events();
            resumed::resume(state, &found, &environment, args, events)?
        }
        None => None,
    };
    let Some(outcome) = outcome else {
        terminal.tell("nothing to resume");
        return Ok(Exit::Done);
    };
    report::outcome(terminal, &outcome);
    Ok(outcome.exit)
}
