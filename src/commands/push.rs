//! The main job: files to a table.

use std::sync::Arc;

use crate::cli::{CommonArgs, PushArgs};
use crate::commands::receipts::Receipts;
use crate::commands::{dry_run, rehearsal, report as page};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{Environment, Plan, Target};
use crate::push::run::{Session, fresh};
use crate::screen::progress::Progress;
use crate::screen::report;
use crate::screen::terminal::Terminal;

/// Pushes the files.
pub(super) fn run(
    args: &PushArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let mut plan = Plan::new(args, common, &environment)?;
    let outcome = match &plan.target {
        Target::DryRun => return dry_run::run(&mut plan, common, &environment, terminal),
        Target::Sandbox => rehearsal::push(&mut plan, terminal)?,
        Target::Service(api, ..) => {
            let state = environment.state(common)?;
            state.prepare()?;
            let (table, lock_wait) = (&plan.send.table, args.lock.lock_wait);
            let receipts = Receipts::default();
            let events = Progress::new(terminal).for_table(table).events();
            let events = receipts.heard_from(events);
            let mut session = Session::open(state, &api.base_url, table, events, lock_wait)?;
            let outcome = fresh::push(&mut plan, &mut session);
            let (report, receipt) = (plan.report.as_ref(), receipts.take());
            let places = (&session.state, &session.table);
            page::after(report, receipt.as_deref(), places, None, terminal);
            outcome?
        }
    };
    let Some(outcome) = outcome else {
        return Ok(Exit::Done);
    };
    report::outcome(terminal, &outcome);
    Ok(outcome.exit)
}
