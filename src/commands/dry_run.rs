//! `--dry-run`: what would be sent.

use std::sync::Arc;

use crate::cli::CommonArgs;
use crate::clock::Clock;
use crate::commands::{push, receipts, session};
use crate::display;
use crate::history::History;
use crate::mapping::{Binding, Origin};
use crate::model::Mode;
use crate::outcome::{Exit, Failure, clock_time};
use crate::plan::{self, Environment, Plan};
use crate::progress::Progress;
use crate::prove::Proof;
use crate::receipt::Receipt;
use crate::send::quiet;
use crate::state::StateDir;
use crate::terminal::{Results, Terminal};

/// How many records are shown as JSON.
const SAMPLES: usize = 3;

/// Proves the inputs and shows what would be sent. Touches no state.
///
/// # Errors
/// When the push itself would be refused for what is in its input.
pub(super) fn run(
    plan: &mut Plan,
    common: &CommonArgs,
    environment: &Environment,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let mut receipt = receipts::of_plan(plan);
    let result = prove_and_show(plan, common, environment, terminal, &mut receipt);
    match &result {
        Ok(()) => receipt.ended_without_requests(),
        Err(failure) => receipt.refused(failure),
    }
    if terminal.results() == Results::Document {
        terminal.result(&receipt.json());
    }
    result.map(|()| Exit::Done)
}

fn prove_and_show(
    plan: &mut Plan,
    common: &CommonArgs,
    environment: &Environment,
    terminal: &Arc<Terminal>,
    receipt: &mut Receipt,
) -> Result<(), Failure> {
    plan.prove.samples = SAMPLES;
    let (source, binding) = push::open(plan)?;
    let scratch = tempfile::tempdir().map_err(|error| {
        let message = format!("there is no room for temporary files: {error}");
        Failure::new(
            Exit::Usage,
            message,
            Some("set TMPDIR to another folder".to_owned()),
        )
    })?;
    let progress = Progress::new(Arc::clone(terminal));
    let rejects = scratch.path().join("rejects");
    let events = progress.events();
    let proved = push::prove(
        plan,
        &source,
        &binding,
        Some(scratch.path()),
        rejects,
        &events,
    );
    progress.finish();
    let proved = proved?;
    receipt.proved(&proved);
    let proof = proved.proof;
    let history = past(plan, common, environment)?;
    push::guard(plan, &proof, &history)?;
    let now = Clock::system().now();
    quiet::announce(&history, &now, &events, |left| clock_time(now.wall + left));
    show(terminal, plan, &binding, &proof);
    Ok(())
}

/// What earlier runs tell, without touching anything; nothing where there is no state folder.
fn past(plan: &Plan, common: &CommonArgs, environment: &Environment) -> Result<History, Failure> {
    let option = common
        .state_dir
        .as_deref()
        .or(environment.state_dir.as_deref());
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    let Ok(state) = StateDir::locate(option, &variable) else {
        return Ok(History::default());
    };
    let base_url = plan::base_url(common, environment)?;
    let table = state.table(&base_url.to_string(), &plan.send.table);
    History::read(&table).map_err(|error| session::past(&error))
}

/// Shows the plan on standard error and the first records, a line each, on standard output.
fn show(terminal: &Terminal, plan: &Plan, binding: &Binding, proof: &Proof) {
    let bytes = proof.chunks.iter().map(|chunk| chunk.body_bytes).sum();
    let mode = match plan.send.mode {
        Mode::Upsert => "added to it, or written over those with the same id".to_owned(),
        Mode::Replace { debounce } if debounce.is_zero() => {
            "replacing its whole content".to_owned()
        }
        Mode::Replace { debounce } => format!(
            "replacing its whole content {} after the first request",
            display::time(debounce)
        ),
    };
    terminal.tell(&format!(
        "dry run: {} in {} ({}) would be sent to table {}, {mode}; nothing was sent",
        display::counted(proof.records(), "record"),
        display::counted(proof.chunks.len() as u64, "chunk"),
        display::size(bytes),
        display::quoted(plan.send.table.as_str()),
    ));
    for (count, what) in [
        (proof.rejected, "bad record"),
        (
            proof.duplicates_dropped,
            "record with an id that another one has",
        ),
    ] {
        if count > 0 {
            terminal.tell(&format!("{} left out", display::counted(count, what)));
        }
    }
    let width = binding
        .fields()
        .map(|f| f.key.chars().count())
        .max()
        .unwrap_or(0)
        .min(40);
    for field in binding.fields() {
        let origin = match field.origin {
            Origin::Column(name) => display::quoted(name),
            Origin::Constant(json) => format!("always {}", display::shown(json)),
        };
        let key = display::shown(field.key);
        terminal.tell(&format!("  {key:width$}  {:9}  {origin}", field.word()));
    }
    if terminal.results() == Results::Lines {
        proof
            .samples
            .iter()
            .for_each(|sample| terminal.result(sample));
    }
}
