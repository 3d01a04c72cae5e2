//! A new run: the inputs are proved, the journal is begun, and the records are sent.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::deliver::{Dispatched, Upload};
use super::session::Session;
use crate::base::display;
use crate::base::event::{Event, Events};
use crate::input::Source;
use crate::mapping::Binding;
use crate::prove::Proof;
use crate::prove::chunk::{ChunkPlan, MappedInput};
use crate::prove::duplicates::RecordSet;
use crate::prove::rejects::RejectsFile;
use crate::push::arrivals::Arrivals;
use crate::push::comparing::{Compared, Comparing};
use crate::push::delivery::{Delivery, Portion};
use crate::push::outcome::{Exit, Failure, LeftOut, Outcome};
use crate::push::plan::{Plan, Target};
use crate::push::prepare::{self, Proved};
use crate::push::send::{Part, SendInput, SendPlan};
use crate::push::{
    approval, changes, failures, keeping, known, new_keys, plan_line, receipt, rejects_name, totals,
};
use crate::runs::base;
use crate::runs::changes::Delivered;
use crate::runs::journal::JournalWriter;
use crate::runs::kept::{self, About};
use crate::runs::state::RunDir;

/// A push that was proved and may be sent.
pub(crate) struct Ready {
    source: Source,
    binding: Binding,
    proved: Proved,
    compared: Compared,
    delivery: Delivery,
}

/// Proves the inputs and sends them. None where there was nothing to send.
pub(crate) fn push(plan: &mut Plan, session: &mut Session) -> Result<Option<Outcome>, Failure> {
    if let Target::Service(_, _, key) = &plan.target {
        key.warn(&session.events);
    }
    let run = begin(plan, session)?;
    let result = prove(plan, session, &run).and_then(|ready| {
        let Some(ready) = ready else { return Ok(None) };
        let dispatched = send(plan, session, &run, ready)?;
        Ok(Some(session.conclude(dispatched, &run)))
    });
    end(session, &run, &result);
    result
}

/// The folder of a new run, which is planned by what is known of the service.
pub(crate) fn begin(plan: &mut Plan, session: &mut Session) -> Result<RunDir, Failure> {
    if let Target::Service(api, ..) = &plan.target {
        session.learn(&api.base_url, plan.uses_facts);
    }
    known::heed(plan, session.known.as_ref(), &session.events);
    session.announce();
    session.new_run()
}

/// Removes what a run leaves that sent nothing, and ends its receipt.
pub(crate) fn end(session: &mut Session, run: &RunDir, result: &Result<Option<Outcome>, Failure>) {
    session.events.emit(Event::Over);
    if !matches!(result, Ok(Some(_))) {
        // Nothing was sent, and nothing is to be taken up again: only rejects are worth keeping.
        let _ = run.remove_means();
        kept::remove(run);
        let _ = std::fs::remove_file(run.journal_path());
        if !run.has_lists() {
            session.forget(run);
        }
    }
    session.close(result, run);
}

/// Proves the inputs. None where there is nothing to send.
pub(crate) fn prove(
    plan: &mut Plan,
    session: &mut Session,
    run: &RunDir,
) -> Result<Option<Ready>, Failure> {
    plan.source.keep = Some(run.path().to_owned());
    let events = session.events.clone();
    session.receipt = Some(receipt::of_plan(plan));
    let (source, binding) = events.during("reading the input", || prepare::open(plan))?;
    let rejects = rejects_path(plan, session, run, &source);
    let Target::Service(api, ..) = &plan.target else {
        return Ok(None);
    };
    let distrust = distrust(plan, session)?;
    let receipt = (session.receipt).get_or_insert_with(|| receipt::of_plan(plan));
    let folder_key = base::read_or_make(&session.state).map(Some);
    let base_url = api.base_url.to_string();
    let past = (&session.history, base_url.as_str());
    let mut comparing = Comparing::new(plan, folder_key, past, run.path(), &events)?;
    comparing.distrust = distrust;
    let proved = prepare::prove(
        plan,
        (&source, &binding),
        run.path(),
        rejects,
        &mut comparing,
        &events,
        receipt,
    )?;
    let Proved { proof, mut rejects } = proved;
    session.rejects_in_the_way = give_way(&mut plan.rejects, &mut rejects, || {
        let own = run.rejects_path(RejectsFile::extension(&source));
        RejectsFile::new(own, &source).spelled_for(&binding)
    });
    events.emit(Event::Totals(totals::lines(proof.records(), &proof.totals)));
    let now = session.clock.now().wall;
    let (compared, delivery) =
        prepare::compare(plan, &proof, comparing, Some(run), &events, receipt, now);
    note_frozen(&compared, &events);
    let terms = approval::terms(plan, &api.base_url, compared.base.clone());
    let filled = proof.filled();
    let prospect = prepare::prospect(plan, &proof, &filled, &session.history, &delivery);
    prepare::warn(plan, &prospect, &compared, &events);
    prepare::guard(plan, &prospect, &compared, receipt, &terms)?;
    prepare::note_first(plan, &session.history, &compared, &session.events);
    if let Ok(comparison) = &compared.comparison {
        events.note(format!("changes: {}", changes::line(&comparison.changes)));
    }
    if delivery.is_nothing() {
        delivery.tell(plan, 0, &events);
        note_unkept(plan, &compared, session);
        return nothing_differs(plan, &proof, rejects.path(), &session.events).map(|()| None);
    }
    if proof.records() == 0 && !plan.send.mode.is_replace() {
        return nothing_to_send(&proof, rejects.path(), &session.events).map(|()| None);
    }
    Ok(Some(Ready {
        source,
        binding,
        proved: Proved { proof, rejects },
        compared,
        delivery,
    }))
}

/// Where rejected records go; from here on the plan knows it by its name of this run.
fn rejects_path(plan: &mut Plan, session: &Session, run: &RunDir, source: &Source) -> PathBuf {
    let named = plan.rejects.as_deref();
    plan.rejects = named.map(|path| rejects_name::of_run(path, run.id(), &session.table));
    let own = || run.rejects_path(RejectsFile::extension(source));
    plan.rejects.clone().unwrap_or_else(own)
}

/// Leaves a file alone that was there before, where nothing had to be written. Qobra may reject records yet,
/// which go to the run's own file.
fn give_way(
    named: &mut Option<PathBuf>,
    rejects: &mut RejectsFile,
    own: impl FnOnce() -> RejectsFile,
) -> Option<PathBuf> {
    let is_unused = rejects.path().is_none();
    let in_the_way = named.take_if(|path| is_unused && path.exists())?;
    *rejects = own();
    Some(in_the_way)
}

/// Why a push that sends only what differs must not rely on the base, once its runs' imports were looked at.
fn distrust(plan: &Plan, session: &mut Session) -> Result<Option<String>, Failure> {
    match (&plan.target, plan.changed) {
        (Target::Service(api, _, key), Some(changed)) => {
            session.trust((api, key), (changed.wait_timeout, plan.send.connect_for))
        }
        _ => Ok(None),
    }
}

/// Says that there is no way back to what the table holds, where one is wanted and nothing is sent.
fn note_unkept(plan: &Plan, compared: &Compared, session: &Session) {
    let Ok(comparison) = &compared.comparison else {
        return;
    };
    let holder = session.history.run(&comparison.changes.base_run);
    let is_kept = holder.is_some_and(|run| kept::is_needed(&session.history, run));
    if plan.keep.is_some() && !is_kept {
        session.events.note(
            "what the table holds is not kept: it was sent without --keep; the next push that sends \
             something keeps what the table has then",
        );
    }
}

fn note_frozen(compared: &Compared, events: &Events) {
    if let Some(path) = &compared.frozen {
        let path = display::typed_path(path);
        events.note(format!(
            "frozen records that this push touches are listed in {path}"
        ));
    }
}

/// Sends what goes of a proved input.
pub(crate) fn send(
    plan: &mut Plan,
    session: &mut Session,
    run: &RunDir,
    ready: Ready,
) -> Result<Dispatched, Failure> {
    let Ready {
        source,
        binding,
        proved: Proved { mut proof, rejects },
        compared,
        delivery,
    } = ready;
    let Target::Service(api, _, key) = &plan.target else {
        return Err(anyhow::anyhow!("a push without a service").into());
    };
    let (api, key) = (api.clone(), key.clone());
    let whole = plan.keep.map(|_| prepare::with_empty(proof.chunks.clone()));
    match &delivery {
        Delivery::All { .. } => proof.chunks = prepare::with_empty(proof.chunks),
        Delivery::Part(portion) => {
            let cut = || prepare::cut(plan, (&source, &binding), portion, &mut proof);
            (session.events).during("cutting the chunks of what differs", cut)?;
        }
    }
    delivery.tell(plan, proof.chunks.len(), &session.events);
    plan.send.mode = delivery.mode(plan.send.mode);
    let portion = delivery.into_portion();
    let notes = new_keys::notes(plan, &proof, &session.history);
    let what = (&compared, portion.as_ref());
    let journal = begin_journal(plan, (&source, &proof), what, run, session)?;
    if let Some(whole) = whole {
        keep(
            plan,
            (&source, &binding, &proof.left_out),
            &whole,
            run,
            session,
        );
    }
    let base_url = api.base_url.to_string();
    let upload = upload(plan, base_url, (source, binding), proof, portion, rejects);
    let mut dispatched = session.dispatch(upload, run, journal, &api, &key)?;
    dispatched.notes = notes;
    Ok(dispatched)
}

/// Keeps all records of the input, in these chunks, where that is wanted: those too that do not go since
/// the table has them.
fn keep(
    plan: &Plan,
    (source, binding, left_out): (&Source, &Binding, &RecordSet),
    whole: &[ChunkPlan],
    run: &RunDir,
    session: &Session,
) {
    let Target::Service(api, ..) = &plan.target else {
        return;
    };
    let about = About {
        run: run.id().clone(),
        table: plan.send.table.clone(),
        base_url: api.base_url.to_string(),
        id_field: plan.mapping.id().to_owned(),
        name_field: plan.mapping.name().to_owned(),
        freeze: plan.mapping.freeze().map(keeping::frozen),
    };
    let input = MappedInput {
        source,
        binding,
        left_out,
    };
    keeping::keep(about, input, whole, run, &session.events);
}

/// What is sent of a proved input.
fn upload(
    plan: &Plan,
    base_url: String,
    (source, binding): (Source, Binding),
    proof: Proof,
    portion: Option<Portion>,
    rejects: RejectsFile,
) -> Upload {
    let left_out = LeftOut {
        read: proof.read,
        rejected: proof.rejected,
        duplicates: proof.duplicates_dropped,
        unchanged: portion.as_ref().map_or(0, Portion::unchanged),
        delivered: portion.as_ref().map_or(Delivered::All, Portion::delivered),
    };
    let chunks = proof.chunks;
    Upload {
        plan: SendPlan {
            parts: chunks.iter().map(Part::whole).collect(),
            window: prepare::window(&plan.send, chunks.len()),
            ..SendPlan::default()
        },
        input: Arc::new(SendInput {
            source,
            binding,
            chunks,
            left_out: portion.map_or(proof.left_out, |portion| portion.left_out(proof.read)),
        }),
        options: plan.send.clone(),
        before: (0, 0),
        has_touched: false,
        left_out,
        rejects,
        keeps_rejects: plan.keeps_rejects(),
        base_url,
        id_field: plan.mapping.id().to_owned(),
        mapping: plan.mapping_file.as_ref().map(|file| file.path.clone()),
        wait: plan.wait,
        keep: plan.keep,
        earlier: Arrivals::default(),
        resumption: None,
    }
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
        rejects.map(|path| format!("what was left out is in {}", display::typed_path(path))),
    ))
}

/// A push after which everything is as it was is done, unless bad records are the reason.
fn nothing_differs(
    plan: &Plan,
    proof: &Proof,
    rejects: Option<&Path>,
    events: &Events,
) -> Result<(), Failure> {
    let table = display::quoted(plan.send.table.as_str());
    let same = format!(
        "nothing differs from what the table has: nothing was sent, and table {table} is untouched"
    );
    if proof.rejected == 0 {
        events.note(same);
        return Ok(());
    }
    Err(Failure::new(
        Exit::Gaps,
        format!(
            "{same}; {} cannot be sent",
            display::counted(proof.rejected, "record")
        ),
        rejects.map(|path| format!("what was left out is in {}", display::typed_path(path))),
    ))
}

/// The journal of a run that may send from now on.
fn begin_journal(
    plan: &Plan,
    (source, proof): (&Source, &Proof),
    (compared, portion): (&Compared, Option<&Portion>),
    run: &RunDir,
    session: &Session,
) -> Result<JournalWriter, Failure> {
    let known_time = session.history.known_time();
    let mut line = plan_line::plan_line(plan, source, proof, run, &session.clock, known_time);
    let comparison = compared.comparison.as_ref().ok();
    line.facts = known::line(session.known.as_ref());
    line.changes = comparison.map(|comparison| comparison.changes.clone());
    let begin = || {
        // The journal counts on them.
        source.sync_kept()?;
        line.differing = portion.map(|portion| portion.write(run)).transpose()?;
        JournalWriter::create(&run.journal_path(), line, session.clock.clone())
    };
    begin().map_err(|error| failures::unwritable(&error))
}
