//! The main job: files to a table.

use std::sync::Arc;

use crate::api::{ApiOptions, Client};
use crate::cli::{CommonArgs, PushArgs};
use crate::commands::{dry_run, rehearsal, runtime};
use crate::event::Events;
use crate::guard;
use crate::mapping::Binding;
use crate::outcome::{Context, Exit, Failure, Outcome};
use crate::plan::{Environment, Plan, Target};
use crate::progress::Progress;
use crate::prove::{self, Proof, ProveError};
use crate::report;
use crate::secret::ApiKey;
use crate::send::{self, Cargo};
use crate::source::{Blame, Source};
use crate::terminal::Terminal;

/// Pushes the files.
///
/// # Errors
/// When nothing was sent.
pub(super) fn run(
    args: &PushArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let plan = Plan::new(args, common, &Environment::read())?;
    let progress = Progress::new(Arc::clone(terminal));
    let outcome = push(&plan, terminal, &progress);
    progress.finish();
    let Some(outcome) = outcome? else {
        return Ok(Exit::Done);
    };
    report::outcome(terminal, &outcome);
    Ok(outcome.exit())
}

/// The outcome of a push that got as far as sending; none where there was nothing to send.
fn push(
    plan: &Plan,
    terminal: &Terminal,
    progress: &Arc<Progress>,
) -> Result<Option<Outcome>, Failure> {
    let events = progress.events();
    let source = Source::open(&plan.inputs, &plan.source).map_err(|error| {
        let exit = match error.blame {
            Blame::CommandLine => Exit::Usage,
            Blame::Content => Exit::Input,
        };
        Failure::new(exit, error.message, error.hint)
    })?;
    let binding = plan
        .mapping
        .bind(source.columns())
        .map_err(|m| plan.mapping_failure(m))?;
    let proof = prove(plan, &source, &binding, &events)?;
    guard::check(&proof, plan.send.mode, plan.send.jobs)
        .map_err(|refusal| Failure::new(Exit::Input, refusal.message, refusal.hint))?;
    if matches!(plan.target, Target::DryRun) {
        progress.finish();
        dry_run::show(terminal, plan, &binding, &proof);
        return Ok(None);
    }
    if proof.records == 0 {
        events.note("the input has no records: nothing to send");
        return Ok(None);
    }
    let cargo = Cargo {
        source,
        binding,
        chunks: proof.chunks,
    };
    match &plan.target {
        Target::Service(options, key) => send(plan, cargo, options, key, &events),
        Target::Sandbox | Target::DryRun => rehearsal::push(plan, cargo, &events),
    }
    .map(Some)
}

fn prove(
    plan: &Plan,
    source: &Source,
    binding: &Binding,
    events: &Events,
) -> Result<Proof, Failure> {
    let samples = if matches!(plan.target, Target::DryRun) {
        dry_run::SAMPLES
    } else {
        0
    };
    prove::prove(source, binding, plan.chunks, samples, events).map_err(|error| match error {
        ProveError::Mapping(mistakes) => plan.mapping_failure(mistakes),
        ProveError::Input(error) => Failure::new(Exit::Input, error.message, error.hint),
        bad @ ProveError::BadRecords { .. } => {
            Failure::new(Exit::Input, format!("{bad}; nothing was sent"), None)
        }
    })
}

/// Sends what was proved and judges what became of it.
pub(super) fn send(
    plan: &Plan,
    cargo: Cargo,
    options: &ApiOptions,
    key: &ApiKey,
    events: &Events,
) -> Result<Outcome, Failure> {
    let client = Client::new(options, key)
        .map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))?;
    let host = client.host();
    let sending = send::send(Arc::new(cargo), client, plan.send.clone(), events);
    let sent = runtime()?.block_on(sending);
    let context = Context {
        table: &plan.send.table,
        mode: plan.send.mode,
        host: &host,
    };
    Ok(Outcome::judge(&sent, context))
}
