//! A rollback as a push: the kept records as its input, a replace as its mode.

use std::time::Duration;

use crate::base::model::{Mode, TableKey};
use crate::cli::{GuardArgs, RollbackArgs};
use crate::input::{Format, InputPath, SourceOptions};
use crate::mapping::{Freeze, GuardSettings, Mapping};
use crate::prove::chunk::ChunkOptions;
use crate::prove::{MaxErrors, OnDuplicates, ProveOptions};
use crate::push::guard::GuardOptions;
use crate::push::mapping_file;
use crate::push::outcome::Failure;
use crate::push::plan::{self, Plan, Target};
use crate::push::rollback::Rollback;
use crate::push::send::SendOptions;
use crate::runs::history::{History, PastRun};
use crate::service::BaseUrl;

/// Chooses what the table goes back to, and how it gets there.
pub(crate) fn plan(
    args: &RollbackArgs,
    table: TableKey,
    (history, base_url): (&History, &BaseUrl),
    target: Target,
) -> Result<Plan, Failure> {
    let asked = (args.run.as_deref(), args.drop_later);
    let (rollback, then) = Rollback::choose(history, asked, &table, &base_url.to_string())?;
    let sidecar = rollback.sidecar();
    let mut notes = rollback.notes();
    let (freeze, mut limits) = said_now(history, &mut notes);
    let kept = sidecar.freeze.as_ref().map(|kept| Freeze {
        field: kept.field.clone(),
        before: kept.before,
    });
    // Of two, the one that holds more; of two equal ones, what the mapping says now.
    let freeze = kept.into_iter().chain(freeze).max_by_key(|one| one.before);
    limits.min_records = None;
    let mode = Mode::Replace {
        debounce: debounce(args, history, then),
    };
    let options = &then.journal.plan().options;
    Ok(Plan {
        inputs: vec![InputPath::File(rollback.path())],
        notes,
        source: SourceOptions {
            format: Some(Format::Ndjson),
            max_input: sidecar.bytes.max(1),
            ..SourceOptions::default()
        },
        mapping: Mapping::of_sent(&sidecar.id_field, &sidecar.name_field, freeze),
        mapping_file: None,
        prove: ProveOptions {
            chunks: ChunkOptions::new(
                args.chunk_size
                    .map_or(options.chunk_size, |n| n.get().into()),
                options.max_body,
            ),
            duplicates: OnDuplicates::Error,
            max_errors: MaxErrors::Count(0),
        },
        rejects: None,
        wait: plan::wait(args.wait, mode),
        // Its records are kept already.
        keep: None,
        guard: guard(args, limits),
        changed: None,
        approved: None,
        report: None,
        shows_samples: !args.no_samples,
        sync: None,
        send: SendOptions {
            table,
            mode,
            jobs: args.jobs.into(),
            retry_for: args.retry_for,
            connect_for: args.reach.connect_for,
            reading: None,
        },
        uses_facts: !args.facts.no_facts,
        target,
        is_rehearsal: false,
        rollback: Some(rollback),
    })
}

/// What the mapping of the table's last push says now: of frozen periods, and from when on a difference
/// is told.
fn said_now(history: &History, notes: &mut Vec<String>) -> (Option<Freeze>, GuardSettings) {
    let mut runs = history.runs().iter().rev();
    let Some(file) = runs.find_map(|run| run.journal.plan().mapping.as_ref()) else {
        return (None, GuardSettings::default());
    };
    match mapping_file::read_mapping(&file.path) {
        Ok((mapping, _)) => (mapping.freeze().cloned(), mapping.guard()),
        Err(failure) => {
            let why = failure
                .problems
                .first()
                .map(|problem| problem.message.as_str());
            notes.push(format!(
                "what is frozen by now cannot be told, only what was when the records were kept: {}",
                why.unwrap_or_default()
            ));
            (None, GuardSettings::default())
        }
    }
}

/// How long the service waits: as it did when the records were sent, or all records last before what
/// differed from them, if that was for several requests.
fn debounce(args: &RollbackArgs, history: &History, then: &PastRun) -> Duration {
    let plans = history.runs().iter().rev().map(|run| run.journal.plan());
    let mut whole = plans
        .filter(|plan| plan.run <= *then.dir.id())
        .filter_map(|plan| Some((plan.mode.window()?, plan.chunks.len())));
    let had = whole.next().filter(|(_, chunks)| *chunks > 1);
    let had = had.map(|(debounce, _)| debounce);
    args.debounce.or(had).unwrap_or_default()
}

fn guard(args: &RollbackArgs, limits: GuardSettings) -> GuardOptions {
    let typed = GuardArgs {
        allow_empty: args.allow_empty,
        allow_frozen: args.allow_frozen,
        ..GuardArgs::default()
    };
    GuardOptions {
        goes_back: true,
        ..GuardOptions::of(&typed, limits, args.chunk_seconds)
    }
}
