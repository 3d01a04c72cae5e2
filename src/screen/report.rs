//! The end of a run, told to people: the summary, what went wrong, what to try.

use crate::base::display;
use crate::base::log::Entry;
use crate::push::outcome::{Failure, LeftOut, Outcome, TableState};
use crate::screen::terminal::Terminal;

/// The closing lines of a push that got as far as sending.
pub(crate) fn outcome(terminal: &Terminal, outcome: &Outcome) {
    let left_out = left_out(outcome.left_out);
    let held = |message: String| {
        (Entry::info("outcome", message))
            .with("table_state", outcome.table_state.word())
            .with("exit_code", outcome.exit.code())
            .with("records", outcome.accepted_records)
            .with("total_records", outcome.records)
            .with("chunks", outcome.accepted_chunks)
            .with("total_chunks", outcome.chunks)
    };
    match &outcome.failure {
        None => {
            terminal.log(&rate(outcome));
            left_out.iter().for_each(|line| terminal.log(line));
            let held = held(outcome.prospect.clone());
            // A table with gaps is no success that may pass in silence.
            terminal.log(&match outcome.table_state {
                TableState::Gaps => held.insistent(),
                _ => held,
            });
        }
        Some(failure) => {
            self::failure(terminal, failure);
            for reason in &outcome.reasons {
                terminal.log(&Entry::info("reason", format!("  {reason}")).insistent());
            }
            left_out.iter().for_each(|line| terminal.log(line));
            // Never left out: what the table holds now is the first thing to know.
            let words = format!("{}; {}", accepted(outcome), outcome.prospect);
            terminal.log(&held(words).insistent());
        }
    }
}

/// The control totals, whose first line is their heading; none where there are no lines.
pub(crate) fn totals(lines: &[String]) -> Option<Entry> {
    let (heading, rows) = lines.split_first()?;
    Some((Entry::info("totals", heading).heading()).lines(rows.to_vec()))
}

/// An error and what to try.
pub(crate) fn failure(terminal: &Terminal, failure: &Failure) {
    for problem in &failure.problems {
        let error = Entry::error("error", &problem.message).hints(&problem.hints);
        terminal.log(&error.with("exit_code", failure.exit.code()));
    }
}

/// A result that standard output did not take, and where it stands as well. Told in every case: a
/// cron job that throws away what it cannot keep must not look like one that had nothing to say.
pub(crate) fn lost_result(terminal: &Terminal, error: &std::io::Error, receipt: Option<&str>) {
    let also = receipt.map_or_else(String::new, |path| {
        format!("; the import ids are in the receipt, {path}")
    });
    let message = format!("standard output cannot be written: {error}{also}");
    terminal.log(&Entry::warning("warning", message).insistent());
}

/// `sent 12,345 records in 3 chunks in 2.1 s (5,878 records/s)`.
fn rate(outcome: &Outcome) -> Entry {
    let seconds = outcome.took.as_secs_f64();
    let rate = if seconds > 0.0 {
        outcome.accepted_records as f64 / seconds
    } else {
        0.0
    };
    let line = format!(
        "sent {} in {} in {} ({} records/s)",
        display::counted(outcome.accepted_records, "record"),
        display::counted(outcome.accepted_chunks, "chunk"),
        display::time(outcome.took),
        display::count(rate.round() as u64)
    );
    Entry::info("sent", line)
        .with("records", outcome.accepted_records)
        .with("chunks", outcome.accepted_chunks)
        .with("seconds", outcome.took.as_millis() as f64 / 1e3)
}

/// `12,350 records read: 2 rejected, 3 left out because another one with the same id is sent`.
fn left_out(
    LeftOut {
        read,
        rejected,
        duplicates,
        unchanged,
        ..
    }: LeftOut,
) -> Option<Entry> {
    let counts = [
        (unchanged, "unchanged"),
        (rejected, "rejected"),
        (
            duplicates,
            "left out because another one with the same id is sent",
        ),
    ];
    let parts = counts.into_iter().filter(|(count, _)| *count > 0);
    let parts: Vec<_> = parts
        .map(|(count, what)| format!("{} {what}", display::count(count)))
        .collect();
    if parts.is_empty() {
        return None;
    }
    let records = display::counted(read, "record");
    let line = format!("{records} read: {}", parts.join(", "));
    let entry = Entry::info("left_out", line).with("read", read);
    let entry = entry.with("unchanged", unchanged);
    Some(
        entry
            .with("rejected", rejected)
            .with("duplicates", duplicates),
    )
}

fn accepted(outcome: &Outcome) -> String {
    format!(
        "{} of {} accepted",
        display::count(outcome.accepted_chunks),
        display::counted(outcome.chunks, "chunk")
    )
}
