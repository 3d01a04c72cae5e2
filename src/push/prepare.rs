//! What comes before the first request, of a dry run too: inputs are opened, proved and guarded.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::base::complaint::Complaint;
use crate::base::event::Events;
use crate::base::model::{Mode, RecordRange};
use crate::input::Source;
use crate::mapping::Binding;
use crate::prove::chunk::ChunkPlan;
use crate::prove::duplicates::Scratch;
use crate::prove::rejects::RejectsFile;
use crate::prove::{self, Proof, ProveError, Unproved};
use crate::push::approved::Terms;
use crate::push::comparing::{Compared, Comparing};
use crate::push::delivery::{self, Delivery, Portion};
use crate::push::guard::{self, Prospect};
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::Plan;
use crate::push::receipt::Receipt;
use crate::push::rollback::Rollback;
use crate::push::send::SendOptions;
use crate::push::{approval, failures};
use crate::runs::history::History;
use crate::runs::state::RunDir;
use crate::service::window::Window;

/// What came of proving.
pub(crate) struct Proved {
    pub proof: Proof,
    /// The file of the rejected records, on the disk as far as it goes.
    pub rejects: RejectsFile,
}

/// Opens the inputs and binds the mapping to their columns.
pub(crate) fn open(plan: &Plan) -> Result<(Source, Binding), Failure> {
    if let Some(rollback) = &plan.rollback {
        rollback.check_file()?;
    }
    let source = Source::open(&plan.inputs, &plan.source)?;
    let bound = plan.mapping.bind(source.columns());
    let fault = (source.name_fault()).filter(|_| plan.mapping.is_identity());
    let failure = match (bound, fault) {
        (Ok(binding), None) => return Ok((source, binding)),
        (_, Some(fault)) => fault.clone().into(),
        (Err(mistakes), None) => plan.mapping_failure(mistakes),
    };
    Err(another_header(&source, plan)?.unwrap_or(failure))
}

/// Why columns are missing, where another line or another delimiter has them: that is one mistake, not
/// one for each column.
fn another_header(source: &Source, plan: &Plan) -> Result<Option<Failure>, Failure> {
    let likely = source.likely_table(&plan.mapping.wanted_columns())?;
    let likely = match plan.mapping.is_identity() {
        // The column of the id is wanted at least.
        true => source.likely_table(&[plan.mapping.id()])?.or(likely),
        false => likely,
    };
    let Some(likely) = likely.filter(|likely| likely.is_elsewhere) else {
        return Ok(source.other_delimiter().map(Failure::from));
    };
    let name = source.names().name(likely.input);
    let options = likely.options(plan.source.delimiter);
    Ok(Some(Failure::new(
        Exit::Usage,
        format!(
            "{name}: the header seems to stand on line {}, and another line was taken",
            likely.header_line
        ),
        Some(format!(
            "{options}, or `header_line` and `skip_last` below [input] in the mapping"
        )),
    )))
}

/// Proves the inputs; what must be kept on disk meanwhile goes to `scratch`.
pub(crate) fn prove(
    plan: &Plan,
    (source, binding): (&Source, &Binding),
    scratch: &Path,
    rejects: PathBuf,
    comparing: &mut Comparing,
    events: &Events,
    receipt: &mut Receipt,
) -> Result<Proved, Failure> {
    let scratch = Scratch {
        folder: Some(scratch.to_owned()),
        ..Scratch::default()
    };
    let notes = (plan.notes.iter())
        .chain(source.notes())
        .cloned()
        .chain(source.delimiter_notes());
    notes.for_each(|note| events.note(note));
    let mut file = RejectsFile::new(rejects, source).spelled_for(binding);
    let proof = prove::prove(
        source,
        binding,
        &plan.prove,
        scratch,
        &mut file,
        comparing.collect(plan),
        events,
    );
    // Only now has all of a stream arrived.
    for name in source.unended() {
        let message = format!("{name}: the last line does not end; was it cut?");
        events.warn(message, None);
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
            if let Some(rollback) = &plan.rollback {
                rollback.check(&proof)?;
            }
            let rejects = file;
            Ok(Proved { proof, rejects })
        }
        Err(unproved) => {
            receipt.read(unproved.read, unproved.rejected);
            Err(failures::refused(plan, unproved.error, kept))
        }
    }
}

/// Compares what was proved with the table's base, and decides what of it goes.
pub(crate) fn compare(
    plan: &Plan,
    proof: &Proof,
    comparing: Comparing,
    run: Option<&RunDir>,
    events: &Events,
    receipt: &mut Receipt,
    now: Timestamp,
) -> (Compared, Delivery) {
    let compare = || comparing.compare(plan, proof, run, events);
    let mut compared = events.during("comparing with what the table holds", compare);
    receipt.compared(&compared.comparison);
    let delivery = Delivery::decide(plan, proof, &mut compared, now);
    receipt.delivers(delivery.mode(plan.send.mode), delivery.unchanged());
    (compared, delivery)
}

/// The last look before the first request: at the records, and at the plan that was approved.
pub(crate) fn guard(
    plan: &Plan,
    prospect: &Prospect<'_>,
    compared: &Compared,
    receipt: &Receipt,
    terms: &Terms,
) -> Result<(), Failure> {
    if plan.send.mode.is_replace() {
        compared.or_lost()?;
    }
    let mut found = guard::check(plan.guard, prospect, compared.comparison.as_ref().ok());
    found.extend(delivery::vanished(plan, compared));
    found.extend(plan.rollback.as_ref().and_then(Rollback::refusal));
    found.extend(approval::check(plan, receipt, terms));
    Failure::of_all(Exit::Input, found)
}

/// Says what would refuse another push, of one that goes back to where the table was.
pub(crate) fn warn(plan: &Plan, prospect: &Prospect<'_>, compared: &Compared, events: &Events) {
    let comparison = compared.comparison.as_ref().ok();
    for Complaint { message, .. } in guard::warnings(plan.guard, prospect, comparison) {
        events.warn(message, None);
    }
}

/// What a guard looks at.
pub(crate) fn prospect<'a>(
    plan: &'a Plan,
    proof: &Proof,
    filled: &'a [(String, u64)],
    history: &History,
    delivery: &Delivery,
) -> Prospect<'a> {
    Prospect {
        mode: plan.send.mode,
        records: proof.records(),
        // What goes as an upsert has no window to meet.
        chunks: match delivery.is_all() {
            true => proof.chunks.len() as u64,
            false => 0,
        },
        jobs: plan.send.jobs as u64,
        last_good: history.last_good_replace(),
        known_time: history.known_time(),
        is_rehearsal: plan.is_rehearsal,
        filled,
        freeze: plan.mapping.freeze(),
        shows_ids: plan.shows_samples,
    }
}

/// The window of a replace of several requests.
pub(crate) fn window(options: &SendOptions, chunks: usize) -> Option<Window> {
    match options.mode {
        Mode::Replace { debounce } if chunks > 1 => Some(Window::new(debounce, options.reading)),
        _ => None,
    }
}

/// Cuts the chunks anew for the records that go, of an input that is what was proved.
pub(crate) fn cut(
    plan: &Plan,
    (source, binding): (&Source, &Binding),
    portion: &Portion,
    proof: &mut Proof,
) -> Result<(), Failure> {
    let cut = portion.cut(source, binding, plan.prove.chunks, proof);
    cut.map_err(|error| {
        let hint = Some("leave the input alone while it is pushed".to_owned());
        Failure::new(Exit::Input, format!("{error}; nothing was sent"), hint)
    })
}

/// A replace without records is one request that carries none.
pub(crate) fn with_empty(chunks: Vec<ChunkPlan>) -> Vec<ChunkPlan> {
    if chunks.is_empty() {
        vec![ChunkPlan::empty(RecordRange { first: 1, last: 1 })]
    } else {
        chunks
    }
}

/// Says why a push is compared with nothing, and what refuses a short file all the same. Where no push
/// to the table is known, as in a container whose folder is a fresh one each time, an earlier replace
/// is not seen either.
pub(crate) fn note_first(plan: &Plan, history: &History, compared: &Compared, events: &Events) {
    let Err(why_not) = &compared.comparison else {
        return;
    };
    if plan.is_rehearsal {
        return;
    }
    let earlier = match history.is_empty() {
        true => ", and an earlier replace that may still wait at the service cannot be seen",
        false => "",
    };
    let guard = match plan.rollback {
        Some(_) => "",
        None => "; --min-records says how few records are too few",
    };
    events.note(format!(
        "there is nothing to compare this push with: {why_not}{earlier}{guard}"
    ));
}
