//! `rollback`: a kept earlier content of a table, sent again.

use std::sync::Arc;

use crate::cli::{CommonArgs, RollbackArgs};
use crate::commands::dry_run;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{self, Environment, Target};
use crate::push::rollback_plan;
use crate::push::run::{Session, fresh};
use crate::runs::history::History;
use crate::screen::progress::Progress;
use crate::screen::report;
use crate::screen::terminal::Terminal;

/// Sends what the table goes back to, or shows what that would change.
pub(super) fn run(
    args: &RollbackArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let common = CommonArgs {
        connection: args.connection.clone(),
        ..common.clone()
    };
    let table = plan::table_key(&args.table)?;
    let state = environment.state(&common)?;
    let base_url = plan::base_url(&common, &environment)?;
    if args.dry_run {
        let history = History::read(&state.table(&base_url.to_string(), &table))?;
        let past = (&history, &base_url);
        let mut plan = rollback_plan::plan(args, table, past, Target::DryRun)?;
        return dry_run::run(&mut plan, &common, &environment, terminal);
    }
    let target = plan::service(&common, &environment)?;
    state.prepare()?;
    let events = Progress::new(terminal).for_table(&table).events();
    // What the table holds is known for sure while nobody else pushes to it.
    let mut session = Session::open(state, &base_url, &table, events, args.lock.lock_wait)?;
    let past = (&session.history, &base_url);
    let mut plan = rollback_plan::plan(args, table, past, target)?;
    let Some(outcome) = fresh::push(&mut plan, &mut session)? else {
        return Ok(Exit::Done);
    };
    report::outcome(terminal, &outcome);
    Ok(outcome.exit)
}
