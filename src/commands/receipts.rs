//! The receipt of a run, filled in as the run goes on.

use jiff::Timestamp;

use crate::api::ImportError;
use crate::commands::following::Seen;
use crate::commands::record::Proved;
use crate::display;
use crate::follow::{Ended, Followed, FollowedImport};
use crate::journal::{Answered, Attempt, Journal, PlanLine};
use crate::model::{ImportId, Mode, TableKey};
use crate::outcome::{Failure, Outcome, TableState};
use crate::plan::{MappingFile, Plan};
use crate::receipt::{
    ChunkReceipt, Counts, ErrorReceipt, ImportReceipt, InputReceipt, MappingReceipt, Receipt,
    SCHEMA, WindowReceipt,
};
use crate::send::{Delivery, DeliveryState, Sent};
use crate::source::InputPath;
use crate::verdict::{self, Verdict};

/// A receipt of a run that has done nothing yet.
fn blank(table: &TableKey, mode: Mode, started_at: Timestamp) -> Receipt {
    Receipt {
        schema: SCHEMA,
        run: None,
        version: env!("CARGO_PKG_VERSION"),
        table: table.as_str().to_owned(),
        mode: if mode.is_replace() {
            "replace"
        } else {
            "upsert"
        },
        table_state: TableState::Untouched.word(),
        exit_code: 0,
        started_at: time(started_at),
        finished_at: time(started_at),
        inputs: Vec::new(),
        mapping: None,
        counts: Counts::default(),
        chunks: Vec::new(),
        imports: Vec::new(),
        window: match mode {
            Mode::Replace { debounce } if !debounce.is_zero() => Some(WindowReceipt {
                debounce: debounce.as_secs(),
                opened_at: None,
                closes_at: None,
            }),
            _ => None,
        },
        rejects: None,
        errors: Vec::new(),
        dry_run: None,
    }
}

/// The receipt of a push that is about to read its inputs.
pub(super) fn of_plan(plan: &Plan) -> Receipt {
    let input = |path: &InputPath| InputReceipt {
        path: match path {
            InputPath::Stdin => "-".to_owned(),
            InputPath::File(path) => display::shown(&path.to_string_lossy()),
        },
        bytes: None,
        records: None,
        digest: None,
    };
    let mapping = |file: &MappingFile| MappingReceipt {
        path: display::shown(&file.path.to_string_lossy()),
        digest: file.digest.clone(),
    };
    Receipt {
        inputs: plan.inputs.iter().map(input).collect(),
        mapping: plan.mapping_file.as_ref().map(mapping),
        ..blank(&plan.send.table, plan.send.mode, Timestamp::now())
    }
}

/// The receipt of a run that is taken up again, with what was accepted before.
pub(super) fn of_journal(line: &PlanLine, journal: &Journal, counts_before: bool) -> Receipt {
    let inputs = line.inputs.iter().map(|input| InputReceipt {
        path: match &input.path {
            None => "-".to_owned(),
            Some(path) => display::shown(&path.to_string_lossy()),
        },
        bytes: Some(input.bytes),
        records: None,
        digest: Some(input.digest.clone()),
    });
    let mapped = line.chunks.iter().map(|chunk| chunk.records).sum();
    let mut receipt = Receipt {
        inputs: inputs.collect(),
        mapping: line.mapping.as_ref().map(|file| MappingReceipt {
            path: display::shown(&file.path.to_string_lossy()),
            digest: file.digest.clone(),
        }),
        counts: Counts {
            read: line.records_read,
            rejected_locally: line.rejected,
            duplicates_dropped: line.duplicates_dropped,
            not_sent: mapped,
            ..Counts::default()
        },
        ..blank(&line.table, line.mode, line.started.wall)
    };
    if counts_before {
        let mut seen = std::collections::BTreeSet::new();
        let chunks = journal
            .attempts()
            .iter()
            .filter_map(|attempt| accepted_before(line, attempt));
        receipt.chunks = chunks
            .filter(|chunk| seen.insert(chunk.first_record))
            .collect();
    }
    receipt
}

fn accepted_before(line: &PlanLine, attempt: &Attempt) -> Option<ChunkReceipt> {
    let Some((ended, Answered::Accepted { import_id })) = &attempt.answer else {
        return None;
    };
    let holds = |range: crate::model::RecordRange| {
        range.first <= attempt.range.first && attempt.range.last <= range.last
    };
    let chunk = line.chunks.iter().find(|chunk| holds(chunk.range))?;
    Some(ChunkReceipt {
        number: chunk.number,
        first_record: attempt.range.first,
        last_record: attempt.range.last,
        records: attempt.records,
        bytes: None,
        state: "accepted",
        import_id: Some(import_id.to_string()),
        attempts: attempt.number,
        seconds: attempt.at.elapsed_at_most(ended).as_secs_f64(),
    })
}

impl Receipt {
    /// What proving brought.
    pub(super) fn proved(&mut self, proved: &Proved) {
        let proof = &proved.proof;
        for (input, proof) in self.inputs.iter_mut().zip(&proof.inputs) {
            input.bytes = Some(proof.bytes);
            input.records = Some(proof.records);
            input.digest = Some(proof.digest.clone());
        }
        self.counts = Counts {
            read: proof.read,
            rejected_locally: proof.rejected,
            duplicates_dropped: proof.duplicates_dropped,
            not_sent: proof.records(),
            ..Counts::default()
        };
    }

    /// What became of the requests.
    pub(super) fn sent(&mut self, sent: &Sent) {
        self.chunks.extend(sent.deliveries.iter().map(chunk));
        self.chunks.sort_by_key(|chunk| chunk.first_record);
        let records = |chunks: &[ChunkReceipt], wanted: &dyn Fn(&ChunkReceipt) -> bool| -> u64 {
            chunks
                .iter()
                .filter(|chunk| wanted(chunk))
                .map(|chunk| chunk.records)
                .sum()
        };
        let all = records(&self.chunks, &|_| true);
        self.counts.sent = records(&self.chunks, &|chunk| chunk.attempts > 0);
        self.counts.accepted = records(&self.chunks, &|chunk| chunk.state == "accepted");
        self.counts.not_sent = all - self.counts.accepted;
        for id in self
            .chunks
            .iter()
            .filter_map(|chunk| chunk.import_id.clone())
        {
            if self.imports.iter().all(|import| import.id != id) {
                self.imports.push(ImportReceipt {
                    id,
                    status: None,
                    records: None,
                    error: None,
                });
            }
        }
        if let (Some(window), Some(opened)) = (&mut self.window, sent.opened) {
            let closes = opened.plus(std::time::Duration::from_secs(window.debounce));
            window.opened_at = Some(time(opened.wall));
            window.closes_at = Some(time(closes.wall));
        }
    }

    /// What was seen of the imports.
    pub(super) fn followed(&mut self, seen: &Seen, table: &TableKey) {
        self.counts.rejected_by_service =
            (seen.verdict.rejected_count).unwrap_or(seen.verdict.rejected.len() as u64);
        self.imports = imports(&seen.followed, &seen.verdict, Some(table));
        self.rejects = (seen.rejects.as_deref()).map(|path| path.display().to_string());
    }

    /// How the run ended.
    pub(super) fn ended(&mut self, outcome: &Outcome) {
        self.table_state = outcome.table_state.word();
        self.exit_code = outcome.exit.code();
        self.finished_at = time(Timestamp::now());
        if let Some(failure) = &outcome.failure {
            self.errors = errors(failure);
        }
    }

    /// There was nothing to send.
    pub(super) fn ended_without_requests(&mut self) {
        self.finished_at = time(Timestamp::now());
    }

    /// The run ended before anything was sent.
    pub(super) fn refused(&mut self, failure: &Failure) {
        self.exit_code = failure.exit.code();
        self.finished_at = time(Timestamp::now());
        self.errors = errors(failure);
    }
}

fn chunk(delivery: &Delivery) -> ChunkReceipt {
    let parcel = delivery.parcel;
    let (state, import_id) = match &delivery.state {
        DeliveryState::Accepted(id) => ("accepted", Some(id.to_string())),
        DeliveryState::NotApplied(_) if delivery.attempts > 0 => ("refused", None),
        DeliveryState::NotApplied(_) | DeliveryState::NotSent => ("not_sent", None),
        DeliveryState::Unknown(_) => ("unknown", None),
    };
    ChunkReceipt {
        number: parcel.chunk,
        first_record: parcel.range.first,
        last_record: parcel.range.last,
        records: parcel.records,
        bytes: (delivery.bytes > 0).then_some(delivery.bytes),
        state,
        import_id,
        attempts: delivery.attempts,
        seconds: delivery.took.as_secs_f64(),
    }
}

/// The imports as they were seen last.
pub(super) fn imports(
    followed: &Followed,
    verdict: &Verdict,
    table: Option<&TableKey>,
) -> Vec<ImportReceipt> {
    let import = |import: &FollowedImport| {
        let last = import.last.as_ref();
        let entries = last.map(|last| last.entries(table));
        let mut counts = entries.clone().into_iter().flatten();
        let mut errors = entries.into_iter().flatten();
        ImportReceipt {
            id: import.id.to_string(),
            status: last.map(|last| display::shown(last.status.word())),
            records: counts
                .try_fold(None, |sum: Option<u64>, entry| {
                    let count = entry.number_of_records?;
                    Some(Some(sum.unwrap_or_default().saturating_add(count)))
                })
                .flatten(),
            error: (errors.find_map(|entry| entry.error.as_ref()))
                .map(|error| error_words(error, &import.id, verdict))
                .or_else(|| match &import.end {
                    Ended::NotFound => Some("the service does not know it".to_owned()),
                    Ended::Failed(error) | Ended::Open(Some(error)) => Some(error.to_string()),
                    Ended::Over | Ended::Open(None) => None,
                }),
        }
    };
    followed.imports.iter().map(import).collect()
}

/// What went wrong with an import, without the values of its records.
fn error_words(error: &ImportError, id: &ImportId, verdict: &Verdict) -> String {
    let of_it = verdict.rejected.iter().filter(|one| one.import == *id);
    let of_it: Vec<_> = of_it.cloned().collect();
    if of_it.is_empty() {
        return without_values(&error.words());
    }
    let reasons = verdict::reasons(&of_it, &[]);
    let reasons: Vec<_> = reasons.iter().map(|reason| reason.sentence(None)).collect();
    let title = error
        .title
        .as_deref()
        .map_or_else(|| "error".to_owned(), display::shown);
    without_values(&format!("{title}: {}", reasons.join("; ")))
}

/// A message without what stands in single quotes: the service quotes values of records so.
fn without_values(message: &str) -> String {
    let mut out = String::new();
    let mut rest = message;
    while let Some(start) = rest.find('\'') {
        let (before, after) = rest.split_at(start);
        let is_quote = !before.ends_with(char::is_alphanumeric);
        let end = after[1..].match_indices('\'').map(|(at, _)| at + 2);
        let end = end.filter(|end| !after[*end..].starts_with(char::is_alphanumeric));
        match end.min().filter(|_| is_quote) {
            Some(end) => {
                out.push_str(before);
                out.push('…');
                rest = &after[end..];
            }
            None => {
                out.push_str(&rest[..=start]);
                rest = &rest[start + 1..];
            }
        }
    }
    out + rest
}

fn errors(failure: &Failure) -> Vec<ErrorReceipt> {
    let error = |problem: &crate::outcome::Problem| ErrorReceipt {
        message: without_values(&problem.message),
        hint: (!problem.hints.is_empty()).then(|| problem.hints.join("; ")),
    };
    failure.problems.iter().map(error).collect()
}

fn time(time: Timestamp) -> String {
    time.strftime("%FT%T%.3fZ").to_string()
}
