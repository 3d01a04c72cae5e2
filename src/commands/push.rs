//! The main job: files to a table.

use std::path::Path;
use std::sync::Arc;

use crate::base::display;
use crate::base::event::Events;
use crate::base::model::{Mode, RecordRange};
use crate::cli::{CommonArgs, PushArgs};
use crate::commands::following::Arrivals;
use crate::commands::record::{self, Proved};
use crate::commands::session::{Session, Upload};
use crate::commands::{dry_run, lines, new_keys, receipts, refusals, rehearsal};
use crate::input::Source;
use crate::mapping::Binding;
use crate::prove::chunk::ChunkPlan;
use crate::prove::duplicates::Scratch;
use crate::prove::rejects::RejectsFile;
use crate::prove::{self, Proof, ProveError, Unproved};
use crate::push::guard::{self, Prospect};
use crate::push::outcome::{Exit, Failure, LeftOut, Outcome, TableState};
use crate::push::plan::{Environment, Plan, Target};
use crate::push::receipt::Receipt;
use crate::push::send::{Part, SendInput, SendPlan};
use crate::runs::history::History;
use crate::runs::journal::JournalWriter;
use crate::runs::state::{RunDir, StateDir};
use crate::screen::report;
use crate::screen::terminal::Terminal;
use crate::service::window::Window;

/// Pushes the files.
pub(super) fn run(
    args: &PushArgs,
    common: &CommonArgs,
    terminal: &Arc<Terminal>,
) -> Result<Exit, Failure> {
    let environment = Environment::read();
    let mut plan = Plan::new(args, common, &environment)?;
    let outcome = match &plan.target {
        Target::DryRun => return dry_run::run(&plan, common, &environment, terminal),
        Target::Sandbox => rehearsal::push(&mut plan, terminal)?,
        Target::Service(api, ..) => {
            let state_dir = common
                .state_dir
                .as_deref()
                .or(environment.state_dir.as_deref());
            let state = find_state(state_dir)?;
            let mut session = Session::open(state, &api.base_url, &plan.send.table, terminal)?;
            push(&mut plan, &mut session)?
        }
    };
    let Some(outcome) = outcome else {
        return Ok(Exit::Done);
    };
    report::outcome(terminal, &outcome);
    Ok(outcome.exit)
}

/// The state folder, made if need be.
pub(super) fn find_state(option: Option<&Path>) -> Result<StateDir, Failure> {
    StateDir::find(option, &|name| {
        std::env::var_os(name).filter(|value| !value.is_empty())
    })
    .map_err(refusals::unusable)
}

/// Proves the inputs and sends them. None where there was nothing to send.
pub(super) fn push(plan: &mut Plan, session: &mut Session) -> Result<Option<Outcome>, Failure> {
    session.announce();
    let run = session.new_run()?;
    let result = prove_and_send(plan, session, &run);
    session.progress.finish();
    if !matches!(result, Ok(Some(_))) {
        // Nothing was sent, and nothing is to be taken up again: only rejects are worth keeping.
        let _ = run.remove_inputs();
        let _ = std::fs::remove_file(run.journal_path());
        if run.written_rejects().is_none() {
            session.forget(&run);
        }
    }
    session.close(&result, &run);
    result
}

/// Says what cannot be known where no push to the table is: a container's folder may be a fresh one
/// each time.
pub(super) fn note_first(plan: &Plan, history: &History, events: &Events) {
    if plan.send.mode.is_replace() && !plan.is_rehearsal && history.is_empty() {
        events.note(format!(
            "no push to table {} is known here: there is nothing to compare this replace with, and \
             an earlier one that may still wait at the service cannot be seen",
            display::quoted(plan.send.table.as_str())
        ));
    }
}

fn prove_and_send(
    plan: &mut Plan,
    session: &mut Session,
    run: &RunDir,
) -> Result<Option<Outcome>, Failure> {
    plan.source.keep = Some(run.path().to_owned());
    let events = session.events.clone();
    let receipt = session.receipt.insert(receipts::of_plan(plan));
    let (source, binding) = open(plan)?;
    let rejects = match &plan.rejects {
        Some(path) => path.clone(),
        None => run.rejects_path(RejectsFile::extension(&source)),
    };
    let proved = prove(
        plan,
        &source,
        &binding,
        Some(run.path()),
        rejects,
        &events,
        receipt,
    )?;
    let Proved { mut proof, rejects } = proved;
    guard(plan, &proof, &session.history)?;
    note_first(plan, &session.history, &session.events);
    if proof.records() == 0 && !plan.send.mode.is_replace() {
        return nothing_to_send(&proof, rejects.path(), &session.events).map(|()| None);
    }
    let Target::Service(api, _, key) = &plan.target else {
        return Ok(None);
    };
    proof.chunks = with_empty(proof.chunks);
    let notes = new_keys::notes(plan, &proof, &session.history);
    let journal = begin_journal(plan, &source, &proof, run, session)?;
    let left_out = LeftOut {
        read: proof.read,
        rejected: proof.rejected,
        duplicates: proof.duplicates_dropped,
    };
    let chunks = proof.chunks;
    let upload = Upload {
        plan: SendPlan {
            parts: chunks.iter().map(Part::whole).collect(),
            window: window(plan.send.mode, chunks.len()),
            ..SendPlan::default()
        },
        input: Arc::new(SendInput {
            source,
            binding,
            chunks,
            left_out: proof.left_out,
        }),
        options: plan.send.clone(),
        before: (0, 0),
        has_touched: false,
        left_out,
        rejects,
        keeps_rejects: plan.keeps_rejects(),
        id_field: plan.mapping.id().to_owned(),
        mapping: plan.mapping_file.as_ref().map(|file| file.path.clone()),
        wait: plan.wait,
        earlier: Arrivals::default(),
        resumption: None,
    };
    let outcome = session.deliver(upload, run, journal, api, key)?;
    if outcome.table_state != TableState::Untouched {
        notes.iter().for_each(|note| session.events.note(note));
    }
    Ok(Some(outcome))
}

/// An upsert without records is done, unless bad records are the reason.
fn nothing_to_send(proof: &Proof, rejects: Option<&Path>, events: &Events) -> Result<(), Failure> {
    if proof.rejected == 0 {
        events.note("there are no records to send: nothing was sent");
        return Ok(());
    }
    Err(Failure::new(
        Exit::Gaps,
        format!(
            "none of {} can be sent: nothing was sent",
            display::counted(proof.rejected, "record")
        ),
        rejects.map(|path| format!("what was left out is in {}", lines::quoted(path))),
    ))
}

/// The journal of a run that may send from now on.
fn begin_journal(
    plan: &Plan,
    source: &Source,
    proof: &Proof,
    run: &RunDir,
    session: &Session,
) -> Result<JournalWriter, Failure> {
    let known_time = session.history.known_time();
    let line = record::plan_line(plan, source, proof, run, &session.clock, known_time);
    let begin = || {
        // The journal counts on them.
        source.sync_kept()?;
        JournalWriter::create(&run.journal_path(), line, session.clock.clone())
    };
    begin().map_err(|error| refusals::unwritable(&error))
}

/// Opens the inputs and binds the mapping to their columns.
pub(super) fn open(plan: &Plan) -> Result<(Source, Binding), Failure> {
    let source = Source::open(&plan.inputs, &plan.source).map_err(refusals::unopened)?;
    let bound = plan.mapping.bind(source.columns());
    let binding = bound.map_err(|mistakes| plan.mapping_failure(mistakes))?;
    Ok((source, binding))
}

/// Proves the inputs; what must be kept on disk meanwhile goes to `scratch`.
pub(super) fn prove(
    plan: &Plan,
    source: &Source,
    binding: &Binding,
    scratch: Option<&Path>,
    rejects: std::path::PathBuf,
    events: &Events,
    receipt: &mut Receipt,
) -> Result<Proved, Failure> {
    let scratch = Scratch {
        folder: scratch.map(Path::to_owned),
        ..Scratch::default()
    };
    for note in source
        .notes()
        .iter()
        .cloned()
        .chain(source.delimiter_notes())
    {
        events.note(note);
    }
    let mut file = RejectsFile::new(rejects, source).spelled_for(binding);
    let proof = prove::prove(source, binding, &plan.prove, scratch, &mut file, events);
    // Only now has all of a stream arrived.
    for name in source.unended() {
        events.warn(
            format!("{name}: the last line does not end; was it cut?"),
            None,
        );
    }
    let proof = match (proof, file.sync()) {
        (Ok(proof), Ok(())) => Ok(proof),
        (Err(unproved), Ok(())) => Err(unproved),
        // What failed on the way says why; the end only says that something did.
        (Err(unproved), Err(_)) if matches!(unproved.error, ProveError::Rejects(_)) => {
            Err(unproved)
        }
        (proof, Err(error)) => {
            let count = |proof: Proof| (proof.read, proof.rejected);
            let (read, rejected) = proof.map_or_else(|error| (error.read, error.rejected), count);
            Err(Unproved {
                error: ProveError::Rejects(error),
                read,
                rejected,
            })
        }
    };
    // A rehearsal's folder goes with it.
    let kept = file.path().filter(|_| plan.keeps_rejects());
    receipt.rejects(kept);
    match proof {
        Ok(proof) => {
            receipt.proved(&proof);
            let rejects = file;
            Ok(Proved { proof, rejects })
        }
        Err(unproved) => {
            receipt.read(unproved.read, unproved.rejected);
            Err(refusals::refused(plan, source, unproved.error, kept))
        }
    }
}

/// The last look before the first request.
pub(super) fn guard(plan: &Plan, proof: &Proof, history: &History) -> Result<(), Failure> {
    guard::check(plan.guard, prospect(plan, proof, history))
        .map_err(|refusal| Failure::new(Exit::Input, refusal.message, refusal.hint))
}

/// What a guard looks at.
pub(super) fn prospect(plan: &Plan, proof: &Proof, history: &History) -> Prospect {
    Prospect {
        mode: plan.send.mode,
        records: proof.records(),
        chunks: proof.chunks.len() as u64,
        jobs: plan.send.jobs as u64,
        last_good: history.last_good_replace(),
        known_time: history.known_time(),
        is_rehearsal: plan.is_rehearsal,
    }
}

/// The window of a replace of several requests.
pub(super) fn window(mode: Mode, chunks: usize) -> Option<Window> {
    match mode {
        Mode::Replace { debounce } if chunks > 1 => Some(Window::new(debounce)),
        _ => None,
    }
}

/// A replace without records is one request that carries none.
pub(super) fn with_empty(chunks: Vec<ChunkPlan>) -> Vec<ChunkPlan> {
    if chunks.is_empty() {
        vec![ChunkPlan::empty(RecordRange { first: 1, last: 1 })]
    } else {
        chunks
    }
}
