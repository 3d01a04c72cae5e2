//! The end of a run, told to people: the summary, what went wrong, what to try.

use console::style;

use crate::base::display;
use crate::push::outcome::{Failure, LeftOut, Outcome, TableState};
use crate::screen::terminal::Terminal;

/// The closing lines of a push that got as far as sending.
pub(crate) fn outcome(terminal: &Terminal, outcome: &Outcome) {
    let left_out = left_out(outcome.left_out);
    match &outcome.failure {
        None => {
            terminal.tell(&rate(outcome));
            left_out.iter().for_each(|line| terminal.tell(line));
            // A table with gaps is no success that may pass in silence.
            match outcome.table_state {
                TableState::Gaps => terminal.insist(&outcome.prospect),
                _ => terminal.tell(&outcome.prospect),
            }
        }
        Some(failure) => {
            self::failure(terminal, failure);
            for reason in &outcome.reasons {
                terminal.insist(&format!("  {reason}"));
            }
            left_out.iter().for_each(|line| terminal.tell(line));
            // Never left out: what the table holds now is the first thing to know.
            terminal.insist(&format!("{}; {}", accepted(outcome), outcome.prospect));
        }
    }
}

/// The control totals, whose first line is their heading.
pub(crate) fn totals(terminal: &Terminal, lines: &[String]) {
    for (n, line) in lines.iter().enumerate() {
        match n {
            0 => terminal.tell(&style(line).for_stderr().bold().to_string()),
            _ => terminal.tell(line),
        }
    }
}

/// An error and what to try.
pub(crate) fn failure(terminal: &Terminal, failure: &Failure) {
    for problem in &failure.problems {
        terminal.error(&problem.message);
        for hint in &problem.hints {
            terminal.hint(hint);
        }
    }
}

/// A result that standard output did not take, and where it stands as well. Told in every case: a
/// cron job that throws away what it cannot keep must not look like one that had nothing to say.
pub(crate) fn lost_result(terminal: &Terminal, error: &std::io::Error, receipt: Option<&str>) {
    let also = receipt.map_or_else(String::new, |path| {
        format!("; the import ids are in the receipt, {path}")
    });
    terminal.alarm(
        &format!("standard output cannot be written: {error}{also}"),
        None,
    );
}

/// `sent 12,345 records in 3 chunks in 2.1 s (5,878 records/s)`.
fn rate(outcome: &Outcome) -> String {
    let seconds = outcome.took.as_secs_f64();
    let rate = if seconds > 0.0 {
        outcome.accepted_records as f64 / seconds
    } else {
        0.0
    };
    format!(
        "sent {} in {} in {} ({} records/s)",
        display::counted(outcome.accepted_records, "record"),
        display::counted(outcome.accepted_chunks, "chunk"),
        display::time(outcome.took),
        display::count(rate.round() as u64)
    )
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
) -> Option<String> {
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
    let read = display::counted(read, "record");
    (!parts.is_empty()).then(|| format!("{read} read: {}", parts.join(", ")))
}

fn accepted(outcome: &Outcome) -> String {
    format!(
        "{} of {} accepted",
        display::count(outcome.accepted_chunks),
        display::counted(outcome.chunks, "chunk")
    )
}
