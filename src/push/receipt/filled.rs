//! The receipt of a run, filled in as the run goes on.

use std::path::Path;

use jiff::Timestamp;

use crate::base::clock::Moment;
use crate::base::display;
use crate::base::model::{Mode, TableKey};
use crate::input::InputPath;
use crate::prove::Proof;
use crate::push::follow::Followed;
use crate::push::outcome::{Failure, Outcome, TableState};
use crate::push::plan::Plan;
use crate::push::receipt::document::{
    ChunkReceipt, Counts, ErrorReceipt, ImportReceipt, InputReceipt, MappingReceipt, Receipt,
    SCHEMA, WindowReceipt,
};
use crate::push::receipt::imports;
use crate::push::send::{PartResult, PartState, Sent};
use crate::push::verdict::Verdict;
use crate::runs::base::Comparison;

/// A receipt of a run that has done nothing yet.
pub(super) fn blank(table: &TableKey, mode: Mode, started_at: Timestamp) -> Receipt {
    Receipt {
        schema: SCHEMA,
        run: None,
        version: env!("CARGO_PKG_VERSION"),
        table: table.as_str().to_owned(),
        mode: mode.word(),
        rollback_of: None,
        table_state: TableState::Untouched.word(),
        exit_code: 0,
        started_at: time(started_at),
        finished_at: time(started_at),
        inputs: Vec::new(),
        mapping: None,
        counts: Counts::default(),
        totals: Vec::new(),
        changes: None,
        changes_unknown: None,
        chunks: Vec::new(),
        imports: Vec::new(),
        window: mode.window().map(|debounce| WindowReceipt {
            debounce: debounce.as_secs(),
            opened_at: None,
            closes_at: None,
        }),
        rejects: None,
        errors: Vec::new(),
        dry_run: None,
    }
}

/// The receipt of a push that is about to read its inputs.
pub(crate) fn of_plan(plan: &Plan) -> Receipt {
    let input = |path: &InputPath| InputReceipt {
        path: match path {
            InputPath::Stdin => "-".to_owned(),
            InputPath::File(path) => shown(path),
        },
        bytes: None,
        records: None,
        digest: None,
    };
    let mapping = plan.mapping_file.as_ref();
    Receipt {
        inputs: plan.inputs.iter().map(input).collect(),
        mapping: mapping.map(|file| self::mapping(&file.path, &file.digest)),
        rollback_of: (plan.rollback.as_ref()).map(|back| back.run().to_string()),
        ..blank(&plan.send.table, plan.send.mode, Timestamp::now())
    }
}

impl Receipt {
    /// What proving brought.
    pub(crate) fn proved(&mut self, proof: &Proof) {
        for (input, proof) in self.inputs.iter_mut().zip(&proof.inputs) {
            input.bytes = Some(proof.bytes);
            input.records = Some(proof.records);
            input.digest = Some(proof.digest.clone());
        }
        self.counts = Counts::unsent(proof.read, proof.rejected, proof.duplicates_dropped);
        self.totals.clone_from(&proof.totals);
    }

    /// What the records change, or why that cannot be told.
    pub(crate) fn compared(&mut self, comparison: &Result<Comparison, String>) {
        match comparison {
            Ok(comparison) => self.changes = Some(comparison.changes.clone()),
            Err(why) => self.changes_unknown = Some(why.clone()),
        }
    }

    /// Of the records that were proved so many do not go, and the others in this mode.
    pub(crate) fn delivers(&mut self, mode: Mode, unchanged: u64) {
        self.mode = mode.word();
        self.window = self.window.take().filter(|_| mode.is_replace());
        self.counts.leave(unchanged);
    }

    /// So much was read of what must not be sent.
    pub(crate) fn read(&mut self, read: u64, rejected: u64) {
        self.counts = Counts::unsent(read, rejected, 0);
    }

    /// Where the rejected records are.
    pub(crate) fn rejects(&mut self, path: Option<&Path>) {
        self.rejects = path.map(|path| path.display().to_string());
    }

    /// Everything is sent again: what came of it before counts no more.
    pub(crate) fn begin_anew(&mut self) {
        self.chunks.clear();
        self.imports.clear();
        self.counts.sent(0, 0);
    }

    /// What became of the requests.
    pub(crate) fn sent(&mut self, sent: &Sent) {
        let before = std::mem::take(&mut self.chunks);
        let (accepted, missing): (Vec<_>, Vec<_>) = before
            .into_iter()
            .partition(|chunk| chunk.state == "accepted");
        self.chunks = accepted;
        self.chunks.extend(sent.results.iter().map(chunk));
        // An earlier process may have tried the same ranges.
        for before in missing {
            let is_same = |now: &&mut ChunkReceipt| {
                (now.first_record, now.last_record) == (before.first_record, before.last_record)
            };
            if let Some(now) = self.chunks.iter_mut().find(is_same) {
                now.attempts += before.attempts;
            }
        }
        self.count_chunks();
        self.opened(sent.opened);
    }

    /// When the first request began that may have reached the service.
    pub(super) fn opened(&mut self, opened: Option<Moment>) {
        if let (Some(window), Some(opened)) = (&mut self.window, opened) {
            let closes = opened.plus(std::time::Duration::from_secs(window.debounce));
            window.opened_at = Some(time(opened.wall));
            window.closes_at = Some(time(closes.wall));
        }
    }

    /// Sums up what became of the ranges, and which imports took them.
    pub(super) fn count_chunks(&mut self) {
        self.chunks.sort_by_key(|chunk| chunk.first_record);
        let records = |state: &str| -> u64 {
            let of = self.chunks.iter().filter(|chunk| chunk.state == state);
            of.map(|chunk| chunk.records).sum()
        };
        let (accepted, unknown) = (records("accepted"), records("unknown"));
        self.counts.sent(accepted, unknown);
        for id in (self.chunks.iter()).filter_map(|chunk| chunk.import_id.as_ref()) {
            if self.imports.iter().all(|import| import.id != *id) {
                self.imports.push(ImportReceipt {
                    id: id.clone(),
                    status: None,
                    records: None,
                    error: None,
                });
            }
        }
    }

    /// What was seen of the imports.
    pub(crate) fn followed(&mut self, followed: &Followed, verdict: &Verdict, table: &TableKey) {
        self.counts.rejected_by_service = rejected(verdict);
        self.imports = imports::imports(followed, verdict, Some(table));
    }

    /// What was seen of the imports later. Those that were not seen stay as they were.
    pub(crate) fn seen(
        &mut self,
        followed: &Followed,
        verdict: Option<&Verdict>,
        table: &TableKey,
    ) {
        let Some(verdict) = verdict else { return };
        self.counts.rejected_by_service = rejected(verdict);
        for seen in imports::imports(followed, verdict, Some(table)) {
            let own = self.imports.iter_mut().find(|own| own.id == seen.id);
            if let Some(own) = own.filter(|_| seen.status.is_some()) {
                *own = seen;
            }
        }
    }

    pub(crate) fn errors(&mut self, failure: Option<&Failure>) {
        self.errors = failure.map(errors).unwrap_or_default();
    }

    /// How the run ended.
    pub(crate) fn ended(&mut self, outcome: &Outcome) {
        self.table_state = outcome.table_state.word();
        self.exit_code = outcome.exit.code();
        self.errors(outcome.failure.as_ref());
        self.end_now();
    }

    /// Ends the receipt now, with what is in it.
    pub(crate) fn end_now(&mut self) {
        self.finished_at = time(Timestamp::now());
    }

    /// The run ended before anything was sent.
    pub(crate) fn refused(&mut self, failure: &Failure) {
        self.exit_code = failure.exit.code();
        self.errors(Some(failure));
        self.end_now();
    }
}

pub(super) fn shown(path: &Path) -> String {
    display::shown(&path.to_string_lossy())
}

pub(super) fn mapping(path: &Path, digest: &str) -> MappingReceipt {
    MappingReceipt {
        path: shown(path),
        digest: digest.to_owned(),
    }
}

fn chunk(result: &PartResult) -> ChunkReceipt {
    let part = result.part;
    let (state, import_id) = match &result.state {
        PartState::Accepted(id) => ("accepted", Some(id.to_string())),
        PartState::NotApplied(_) if result.attempts > 0 => ("refused", None),
        PartState::NotApplied(_) | PartState::NotSent => ("not_sent", None),
        PartState::Unknown(_) => ("unknown", None),
    };
    ChunkReceipt {
        number: part.chunk,
        first_record: part.range.first,
        last_record: part.range.last,
        records: part.records,
        bytes: (result.bytes > 0).then_some(result.bytes),
        state,
        import_id,
        attempts: result.attempts,
        seconds: result.took.as_secs_f64(),
    }
}

/// How many records the service rejected, as far as it named them.
fn rejected(verdict: &Verdict) -> u64 {
    (verdict.rejected_count).unwrap_or_else(|| verdict.rejected.len())
}

fn errors(failure: &Failure) -> Vec<ErrorReceipt> {
    let error = |problem: &crate::push::outcome::Problem| ErrorReceipt {
        message: imports::without_values(&problem.message),
        hint: (!problem.hints.is_empty()).then(|| problem.hints.join("; ")),
    };
    failure.problems.iter().map(error).collect()
}

pub(super) fn time(time: Timestamp) -> String {
    time.strftime("%FT%T%.3fZ").to_string()
}
