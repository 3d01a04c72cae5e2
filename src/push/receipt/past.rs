//! The receipt of a run of the past, made of its journal alone.

use crate::push::plan_line;
use crate::push::receipt::document::{ChunkReceipt, Counts, InputReceipt, Receipt};
use crate::push::receipt::filled::{blank, mapping, shown, time};
use crate::runs::journal::{Attempt, Fate, Journal, RangeFate};
use crate::runs::state::RunDir;

/// The receipt of a run as its journal tells it.
pub(crate) fn of_journal(journal: &Journal, dir: &RunDir) -> Receipt {
    let line = journal.plan();
    let inputs = line.inputs.iter().map(|input| InputReceipt {
        path: (input.path.as_deref()).map_or_else(|| "-".to_owned(), shown),
        bytes: Some(input.bytes),
        records: input.records,
        digest: Some(input.digest.clone()),
    });
    let mut receipt = Receipt {
        run: Some(line.run.to_string()),
        rollback_of: line.rollback_of.as_ref().map(ToString::to_string),
        table_state: journal.table_state().word(),
        inputs: inputs.collect(),
        mapping: (line.mapping.as_ref()).map(|file| mapping(&file.path, &file.digest)),
        counts: Counts::unsent(line.records_read, line.rejected, line.duplicates_dropped),
        totals: line.totals.clone(),
        changes: line.changes.clone(),
        chunks: (journal.parts().iter())
            .map(|part| chunk(journal, part))
            .collect(),
        ..blank(&line.table, line.mode, line.started.wall)
    };
    receipt.counts.leave(line.unchanged());
    receipt.count_chunks();
    receipt.rejects(plan_line::written_rejects(line, dir).as_deref());
    for import in &mut receipt.imports {
        let seen = journal.imports().iter();
        let mut seen = seen.filter(|seen| seen.id.as_str() == import.id);
        import.status = seen.next().map(|seen| seen.status.clone());
    }
    receipt.opened(journal.first_possibly_applied());
    if let Some(end) = journal.end() {
        receipt.exit_code = end.exit_code;
        let missing = end.rejects.unwrap_or(line.rejected);
        receipt.counts.rejected_by_service = missing.saturating_sub(line.rejected);
        receipt.finished_at = time(end.at.wall);
    }
    receipt
}

fn chunk(journal: &Journal, part: &RangeFate<'_>) -> ChunkReceipt {
    let whole = (journal.plan().chunks.iter()).find(|chunk| chunk.range == part.range);
    let attempts = || (journal.attempts().iter()).filter(|attempt| attempt.range == part.range);
    let ended = |attempt: &Attempt| attempt.answer.as_ref().map(|(ended, _)| *ended);
    let seconds = attempts().next().and_then(|first| {
        let last = attempts().filter_map(ended).next_back()?;
        Some(first.at.elapsed_at_most(&last).as_secs_f64())
    });
    let count = attempts().count();
    ChunkReceipt {
        number: part.chunk,
        first_record: part.range.first,
        last_record: part.range.last,
        records: part.records,
        bytes: whole.filter(|_| count > 0).map(|chunk| chunk.body_bytes),
        state: match part.fate {
            Fate::Accepted(_) => "accepted",
            Fate::Unknown => "unknown",
            Fate::Refused => "refused",
            Fate::NotSent => "not_sent",
        },
        import_id: match part.fate {
            Fate::Accepted(import) => Some(import.to_string()),
            _ => None,
        },
        attempts: u32::try_from(count).unwrap_or(u32::MAX),
        seconds: seconds.unwrap_or_default(),
    }
}
