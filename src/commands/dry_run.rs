//! `--dry-run`: what would be sent.
//!
//! What was found stands in the receipt, of which the text on standard error is made too.

mod show;
mod values;

use std::sync::Arc;

use tempfile::TempDir;

use crate::base::clock::Clock;
use crate::base::disk;
use crate::base::event::Events;
use crate::cli::CommonArgs;
use crate::commands::report;
use crate::input::Source;
use crate::mapping::Binding;
use crate::prove::Proof;
use crate::prove::chunk::MappedInput;
use crate::push::comparing::{Compared, Comparing};
use crate::push::delivery::Delivery;
use crate::push::guard::WindowPlan;
use crate::push::outcome::{Exit, Failure, clock_time};
use crate::push::plan::{self, Environment, Plan};
use crate::push::receipt::{DryRunReceipt, Receipt};
use crate::push::values::{self as kept_values, ChangedRecord};
use crate::push::{approval, known, new_keys, prepare, preview, quiet, receipt, rejects_name};
use crate::runs::base;
use crate::runs::history::History;
use crate::runs::state::StateDir;
use crate::screen::page::{Requests, Samples};
use crate::screen::progress::Progress;
use crate::screen::terminal::{Results, Terminal};
use crate::service::BaseUrl;

/// Proves the inputs and shows what would be sent. Touches no state.
pub(super) fn run(
    plan: &mut Plan,
    common: &CommonArgs,
    environment: &Environment,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let (receipt, result) = look(plan, common, environment, terminal);
    if terminal.results() == Results::Document {
        terminal.result(&receipt.json());
    }
    result.map(|()| Exit::Done)
}

/// The same for one of several, whose receipt is a part of a document.
pub(super) fn look(
    plan: &mut Plan,
    common: &CommonArgs,
    environment: &Environment,
    terminal: &Arc<Terminal>,
) -> (Receipt, Result<(), Failure>) {
    let mut receipt = receipt::of_plan(plan);
    let shown = prove_and_show(plan, common, environment, terminal, &mut receipt);
    match &shown {
        Ok(_) => receipt.end_now(),
        Err(failure) => receipt.refused(failure),
    }
    if let Some(report) = &plan.report {
        let values = shown.as_ref().ok().filter(|_| report.has_values);
        let samples = Samples {
            values: values.map_or_else(Vec::new, |values| report::told(values)),
            ..Samples::default()
        };
        report::keep(
            report,
            &receipt.json(),
            &Requests::default(),
            samples,
            terminal,
        );
    }
    (receipt, shown.map(|_| ()))
}

fn prove_and_show(
    plan: &mut Plan,
    common: &CommonArgs,
    environment: &Environment,
    terminal: &Arc<Terminal>,
    receipt: &mut Receipt,
) -> Result<Vec<ChangedRecord>, Failure> {
    let progress = Progress::new(terminal).for_table(&plan.send.table);
    let events = progress.events();
    let base_url = plan::base_url(common, environment)?;
    let state = environment.state(common).ok();
    let plan = learn(plan, state.as_ref(), &base_url, &events);
    let (source, binding) = events.during("reading the input", || prepare::open(plan))?;
    let scratch = scratch()?;
    let rejects = scratch.path().join("rejects");
    let history = past(plan, state.as_ref(), &base_url)?;
    let key = state.as_ref().map_or(Ok(None), base::read);
    let address = base_url.to_string();
    let mut comparing = Comparing::new(plan, key, (&history, &address), scratch.path(), &events)?;
    let proved = prepare::prove(
        plan,
        (&source, &binding),
        scratch.path(),
        rejects,
        &mut comparing,
        &events,
        receipt,
    );
    progress.finish();
    let mut proof = proved?.proof;
    if let Some(path) = plan.rejects.as_ref().filter(|path| path.exists())
        && proof.rejected > 0
    {
        return Err(rejects_name::in_the_way(path));
    }
    if plan.send.mode.is_replace() {
        proof.chunks = prepare::with_empty(proof.chunks);
    }
    for note in new_keys::notes(plan, &proof, &history) {
        events.note(note);
    }
    let now = Clock::system().now();
    let (compared, delivery) =
        prepare::compare(plan, &proof, comparing, None, &events, receipt, now.wall);
    let terms = approval::terms(plan, &base_url, compared.base.clone());
    let filled = proof.filled();
    let prospect = prepare::prospect(plan, &proof, &filled, &history, &delivery);
    prepare::warn(plan, &prospect, &compared, &events);
    let guarded = prepare::guard(plan, &prospect, &compared, receipt, &terms);
    let window = WindowPlan::new(plan.guard, &prospect);
    if let Delivery::Part(portion) = &delivery {
        prepare::cut(plan, (&source, &binding), portion, &mut proof)?;
        proof.left_out = portion.left_out(proof.read);
    }
    if guarded.is_ok() {
        prepare::note_first(plan, &history, &compared, &events);
        delivery.tell(plan, proof.chunks.len(), &events);
    }
    quiet::announce(&history, &now, &events, |left| {
        clock_time(now.wall + left, now.wall)
    });
    let preview = preview::of(&source, &binding, &proof, window, terms)?;
    let read = (&source, &binding, &proof);
    let values = show(plan, terminal, receipt, read, preview, &guarded, || {
        values(plan, read, &compared, &history)
    })?;
    guarded.map(|()| values)
}

/// Plans by what is known of the service.
fn learn<'p>(
    plan: &'p mut Plan,
    state: Option<&StateDir>,
    base_url: &BaseUrl,
    events: &Events,
) -> &'p Plan {
    let read = |state| known::read(state, base_url, events);
    let known = state.filter(|_| plan.uses_facts).and_then(read);
    known::heed(plan, known.as_ref(), events);
    plan
}

/// Shows what would be sent, or why nothing would.
fn show(
    plan: &Plan,
    terminal: &Terminal,
    receipt: &mut Receipt,
    (source, binding, proof): (&Source, &Binding, &Proof),
    mut preview: DryRunReceipt,
    guarded: &Result<(), Failure>,
    values: impl FnOnce() -> Vec<ChangedRecord>,
) -> Result<Vec<ChangedRecord>, Failure> {
    match guarded {
        Ok(()) => preview.first_records = preview::first_records(source, binding, proof)?,
        Err(refused) => {
            preview.refusal = refused.problems.first().map(|p| p.message.clone());
        }
    }
    receipt.dry_run = Some(preview);
    if !plan.shows_samples {
        receipt.without_samples();
    }
    let is_reported = plan.report.as_ref().is_some_and(|report| report.has_values);
    let values = match plan.shows_samples && (is_reported || terminal.shows_values()) {
        true => values(),
        false => Vec::new(),
    };
    let shown = match terminal.shows_values() {
        true => values.as_slice(),
        false => &[],
    };
    show::preview(terminal, plan, receipt, shown);
    Ok(values)
}

/// Old and new values of changed records, where the old ones are kept.
fn values(
    plan: &Plan,
    (source, binding, proof): (&Source, &Binding, &Proof),
    compared: &Compared,
    history: &History,
) -> Vec<ChangedRecord> {
    let Ok(comparison) = &compared.comparison else {
        return Vec::new();
    };
    let input = MappedInput {
        source,
        binding,
        left_out: &proof.left_out,
    };
    let is_replace = plan.send.mode.is_replace();
    let sent = (input, &*proof.chunks);
    kept_values::changed(history, comparison, &plan.mapping, sent, is_replace)
}

/// A folder for what is made on the way; it goes with the dry run.
fn scratch() -> Result<TempDir, Failure> {
    tempfile::tempdir().map_err(|error| {
        let message = format!("there is no room for temporary files: {error}");
        let hint = format!("set {} to another folder", disk::TEMPORARY);
        Failure::new(Exit::Usage, message, Some(hint))
    })
}

/// What earlier runs tell, without touching anything; nothing where there is no state folder.
fn past(plan: &Plan, state: Option<&StateDir>, base_url: &BaseUrl) -> Result<History, Failure> {
    let Some(state) = state else {
        return Ok(History::default());
    };
    let table = state.table(&base_url.to_string(), &plan.send.table);
    let mut history = History::read(&table)?;
    history.reading = plan.send.reading;
    Ok(history)
}
