//! `sync`: the tables of a project file, all proved before the first is sent.

mod document;
mod dry;
mod ended;
mod paper;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;

use self::document::Whole;
use self::ended::Ended;
use super::receipts::Receipts;
use super::rehearsal::{self, Rehearsal};
use super::report;
use crate::base::clock::Clock;
use crate::base::display;
use crate::base::event::Events;
use crate::cli::{SyncArgs, stdout};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::{self, Environment, Target};
use crate::push::project::{self, Planned, Project, ProjectPush, all_of, named, ordered};
use crate::push::run::{Session, Signals};
use crate::push::sync::{SyncTable, prove_all, send_all};
use crate::runs::journal::SyncLine;
use crate::runs::state::RunId;
use crate::screen::progress::Progress;
use crate::screen::terminal::Terminal;

/// Pushes the tables of a project file, or shows what would be sent of them.
pub(super) fn run(args: &SyncArgs, terminal: &Arc<Terminal>) -> Result<Exit, Failure> {
    if args.schema {
        let written = stdout::write_all(project::schema_text().as_bytes());
        written.context("cannot write to standard output")?;
        return Ok(Exit::Done);
    }
    let environment = Environment::read();
    let project = Project::read(args.project.as_deref())?;
    let pushes = chosen(&project, &args.names)?;
    let mut planned = plan(&project, &pushes, args, &environment)?;
    refuse_twice(&planned, &environment)?;
    let mut whole = Whole::begin(&project);
    if planned
        .iter()
        .all(|push| matches!(push.plan.target, Target::DryRun))
    {
        let ended = dry::run(&mut planned, &environment, terminal);
        return Ok(whole.end(&ended, terminal));
    }
    let id = RunId::new(Clock::system().now().wall);
    for push in &mut planned {
        push.plan.sync = Some(SyncLine {
            id: id.clone(),
            name: push.name.clone(),
        });
    }
    whole.id = Some(id.to_string());
    let ended = push_all(args, &pushes, planned, &environment, terminal)?;
    Ok(whole.end(&ended, terminal))
}

/// The pushes that take part, each behind those that it comes after.
fn chosen<'a>(project: &'a Project, names: &[String]) -> Result<Vec<&'a ProjectPush>, Failure> {
    let pushes = &project.pushes;
    let is_known = |name: &&String| pushes.iter().any(|push| push.name == **name);
    let unknown = names.iter().filter(|name| !is_known(name)).map(|name| {
        let message = format!("{} has no push {}", project.shown, display::quoted(name));
        Failure::new(Exit::Usage, message, Some(project.nearest(name)))
    });
    all_of(unknown.collect())?;
    let order = ordered(pushes).unwrap_or_default();
    let all = order.into_iter().map(|n| &pushes[n]);
    Ok(all
        .filter(|push| names.is_empty() || names.contains(&push.name))
        .collect())
}

/// Plans all pushes; what is wrong with any of them is said at once.
fn plan(
    project: &Project,
    pushes: &[&ProjectPush],
    args: &SyncArgs,
    environment: &Environment,
) -> Result<Vec<Planned>, Failure> {
    let plans = pushes
        .iter()
        .map(|push| push.plan(&args.said, &project.shown, environment));
    let (mut planned, mut failures) = (Vec::new(), Vec::new());
    for plan in plans {
        match plan {
            Ok(plan) => planned.push(plan),
            Err(failure) => failures.push(failure),
        }
    }
    all_of(failures)?;
    Ok(planned)
}

/// Two pushes to one table would replace or overwrite each other, and so would two files of rejects or pages.
fn refuse_twice(planned: &[Planned], environment: &Environment) -> Result<(), Failure> {
    let (mut tables, mut files) = (BTreeMap::new(), BTreeMap::new());
    let mut failures = Vec::new();
    for push in planned {
        let (name, table) = (&push.name, &push.plan.send.table);
        let url = plan::base_url(&push.common, environment)?.to_string();
        if let Some(other) = tables.insert((url, table.as_str()), name) {
            let table = display::quoted(table.as_str());
            let message = format!("{other} and {name} both push to table {table}");
            let hint = "list the files in one push: files = [\"…\", \"…\"]".to_owned();
            failures.push(Failure::new(Exit::Usage, message, Some(hint)));
        }
        // A name that is made of the table's or the run's differs by itself.
        let is_shared = |path: &&PathBuf| {
            let path = path.to_string_lossy();
            !path.contains("{table}") && !path.contains("{run}")
        };
        let rejects = push.plan.rejects.as_ref().filter(is_shared);
        let page = push.plan.report.as_ref().map(|report| &report.path);
        for (what, option, path) in [("rejects", "rejects", rejects), ("pages", "report", page)] {
            if let Some(path) = path
                && let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone())
                && let Some(other) = files.insert(whole.components().collect::<PathBuf>(), name)
            {
                let path = display::typed_path(path);
                let message = format!("the {what} of {other} and {name} both go to {path}");
                let hint = format!("give each push a `{option}` of its own, or none");
                failures.push(Failure::new(Exit::Usage, message, Some(hint)));
            }
        }
    }
    all_of(failures)
}

/// Locks, proves and sends all tables.
fn push_all(
    args: &SyncArgs,
    pushes: &[&ProjectPush],
    planned: Vec<Planned>,
    environment: &Environment,
    terminal: &Arc<Terminal>,
) -> Result<Vec<Ended>, Failure> {
    let rehearsal = match planned.iter().any(|push| push.plan.is_rehearsal) {
        true => Some(Rehearsal::begin(planned.iter().map(|push| &push.plan))?),
        false => None,
    };
    let signals = Signals::listen(Progress::new(terminal).events());
    warn_of_keys(&planned, terminal);
    let (mut tables, mut receipts) = (Vec::new(), Vec::new());
    for push in planned {
        let own = Receipts::default();
        let progress = Progress::new(terminal).for_table(&push.plan.send.table);
        let events = own.kept_from(progress.events());
        let session = open(&push, environment, rehearsal.as_ref(), events, &signals);
        let Planned { name, plan, .. } = push;
        let session = session.map_err(|failure| named(&name, failure))?;
        let push = pushes.iter().find(|push| push.name == name);
        let after = push.map_or(&[][..], |push| &push.after).iter();
        let after = after.filter_map(|(name, _)| pushes.iter().position(|p| p.name == *name));
        let gaps = push.is_some_and(|push| push.after_gaps);
        let line = line(args, &name);
        tables.push(SyncTable::new(
            name,
            plan,
            (after.collect(), gaps),
            line,
            session,
        ));
        receipts.push(own);
    }
    if let Some(rehearsal) = &rehearsal {
        rehearsal.introduce(&tables[0].session.events);
        for table in &mut tables {
            rehearsal.take(&mut table.plan, &mut table.session);
        }
    }
    let mut tell = |table: &SyncTable| paper::ended(table, rehearsal.as_ref(), terminal);
    prove_all(&mut tables, &mut tell);
    send_all(&mut tables, &signals.interrupts(), &mut tell);
    let tables = tables.iter().zip(receipts);
    let ended = tables.filter_map(|(table, receipts)| {
        let receipt = receipts.take();
        let (state, folder) = (&table.session.state, &table.session.table);
        report::after(
            table.plan.report.as_ref(),
            receipt.as_deref(),
            (state, folder),
            rehearsal.as_ref().map(|_| rehearsal::REMARK),
            terminal,
        );
        Ended::of(table, receipt)
    });
    Ok(ended.collect())
}

/// Says once of each key who else may read it.
fn warn_of_keys(planned: &[Planned], terminal: &Arc<Terminal>) {
    let events = Progress::new(terminal).events();
    let mut told = BTreeSet::new();
    for push in planned {
        if let Target::Service(_, _, key) = &push.plan.target
            && let Some(warning) = key.warning()
            && told.insert(&warning.message)
        {
            key.warn(&events);
        }
    }
}

/// Takes a table, or says who has it.
fn open(
    push: &Planned,
    environment: &Environment,
    rehearsal: Option<&Rehearsal>,
    events: Events,
    signals: &Signals,
) -> Result<Session, Failure> {
    let (table, lock_wait) = (&push.plan.send.table, push.lock_wait);
    if let Some(rehearsal) = rehearsal {
        let state = rehearsal.state()?;
        let table = state.table(&rehearsal.base_url().to_string(), table);
        return Session::open_among(state, table, events, lock_wait, signals);
    }
    let state = environment.state(&push.common)?;
    state.prepare()?;
    let base_url = plan::base_url(&push.common, environment)?;
    let table = state.table(&base_url.to_string(), table);
    Session::open_among(state, table, events, lock_wait, signals)
}

/// The line that pushes one table of the project, as this sync was typed.
fn line(args: &SyncArgs, name: &str) -> String {
    let mut line = format!("qobra-push sync {}", display::typed(name));
    if let Some(path) = &args.project {
        line.push_str(&format!(" --project {}", display::typed_path(path)));
    }
    for (option, value) in &args.said {
        line.push_str(&format!(" --{option}"));
        if let Some(value) = value {
            line.push_str(&format!("={}", display::typed(&value.to_string_lossy())));
        }
    }
    line
}
