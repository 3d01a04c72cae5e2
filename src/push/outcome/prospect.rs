//! What the table holds and will hold, in a sentence.

use super::held::{Context, Outcome, counts_from};
use crate::base::display::{self, clock_time};
use crate::base::model::{Mode, TableState};
use crate::push::send::{Halt, Sent};

pub(super) fn prospect(outcome: &Outcome, sent: &Sent, context: Context<'_>) -> String {
    let table = format!("table {}", display::quoted(context.table.as_str()));
    let accepted = outcome.accepted_records;
    let these = match accepted {
        1 => "this 1 record".to_owned(),
        _ => format!("these {}", display::counted(accepted, "record")),
    };
    let when = when(sent, context.mode);
    let missing = || missing(context);
    if let Some(whole) = context.left_out.whole() {
        let records = display::counted(whole, "record");
        match outcome.table_state {
            TableState::Pending => {
                return format!("{table} will hold exactly the {records} of the input {when}");
            }
            TableState::Gaps => {
                return format!(
                    "{table} has gaps: it will hold only {records} of the input {when}; {}",
                    missing()
                );
            }
            _ => {}
        }
    }
    match (outcome.table_state, context.mode) {
        (TableState::Untouched, _) => format!("{table} is untouched"),
        (TableState::Pending | TableState::Replaced | TableState::Updated, Mode::Upsert) => {
            format!("{table} will hold {these}, besides what it has, {when}")
        }
        // `replaced` and `updated` are words of what was followed, which has its own sentences.
        (
            TableState::Pending | TableState::Replaced | TableState::Updated,
            Mode::Replace { .. },
        ) if accepted == 0 => {
            format!("{table} will be empty {when}")
        }
        (
            TableState::Pending | TableState::Replaced | TableState::Updated,
            Mode::Replace { .. },
        ) => {
            format!("{table} will hold exactly {these} {when}")
        }
        (TableState::Gaps, Mode::Upsert) => {
            format!(
                "{table} will hold {these}, besides what it has, {when}; {}",
                missing()
            )
        }
        (TableState::Gaps, Mode::Replace { .. }) => {
            format!(
                "{table} has gaps: it will hold only {these} {when}; {}",
                missing()
            )
        }
        (TableState::AtRisk | TableState::Unknown, _) => {
            in_part(outcome, sent, context.mode, &table, &when)
        }
    }
}

/// What a table holds that got only a part, or something that nobody knows.
fn in_part(outcome: &Outcome, sent: &Sent, mode: Mode, table: &str, when: &str) -> String {
    let accepted = outcome.accepted_records;
    let (records, of_all) = (
        display::counted(accepted, "record"),
        display::count(outcome.records),
    );
    match (outcome.table_state, mode) {
        (TableState::AtRisk, Mode::Upsert) => {
            format!("{table} will have {records} of the {of_all} written {when}")
        }
        (TableState::AtRisk, Mode::Replace { .. }) if accepted == outcome.records => format!(
            "{table} is at risk: all {of_all} records were accepted, but the import had begun by \
             then, and may lack some of them or be followed by another"
        ),
        (TableState::AtRisk, Mode::Replace { .. }) if has_begun(sent) => format!(
            "{table} is at risk: {records} of the {of_all} were accepted, but the import had begun, and the last \
             of them may have deleted what the others loaded"
        ),
        (TableState::AtRisk, Mode::Replace { .. }) => {
            format!("{table} is at risk: it will hold only {records} of the {of_all} {when}")
        }
        (_, Mode::Upsert) => format!(
            "{table}: {records} of the {of_all} were accepted, and {} written",
            others(outcome)
        ),
        (_, Mode::Replace { .. }) => format!(
            "{table} is at risk: {records} of the {of_all} were accepted, {}, and its old content \
             {} {when}",
            others(outcome),
            if accepted > 0 { "goes" } else { "may go" }
        ),
    }
}

/// Whether the import was seen to have begun while requests were on their way.
fn has_begun(sent: &Sent) -> bool {
    matches!(sent.halt, Some(Halt::Launched(_)))
}

/// The records of requests without an answer.
fn others(outcome: &Outcome) -> String {
    match outcome.unknown_records {
        0 => "others may have been".to_owned(),
        1 => "1 other may have been".to_owned(),
        count => format!("{} others may have been", display::count(count)),
    }
}

/// What the table will hold of a push whose imports were followed, but not to their end.
pub(super) fn unseen(outcome: &Outcome, context: Context<'_>) -> String {
    let table = format!("table {}", display::quoted(context.table.as_str()));
    let records = display::counted(outcome.accepted_records, "record");
    let when = &outcome.when;
    let holds = match context.mode {
        Mode::Replace { .. } => {
            format!("{table} will hold only what is loaded of {records} {when}")
        }
        Mode::Upsert => {
            format!("{table} will hold what is loaded of {records}, besides what it has, {when}")
        }
    };
    let rest = match context.left_out.rejected {
        0 => String::new(),
        _ => format!("; {}", missing(context)),
    };
    format!("{holds}; the end was not seen{rest}")
}

/// What a replace with rejects lacks, and how to add it.
fn missing(
    Context {
        left_out,
        rejects,
        mode,
        ..
    }: Context<'_>,
) -> String {
    let rejected = display::counted(left_out.rejected, "rejected record");
    let missing = match mode {
        Mode::Upsert => format!("{rejected} not sent"),
        Mode::Replace { .. } => format!("{rejected} missing from it"),
    };
    let (they_are, them) = match left_out.rejected {
        1 => ("it is", "it"),
        _ => ("they are", "them"),
    };
    match rejects {
        None => missing,
        Some(path) => format!(
            "{missing}: {they_are} in {path}; correct {them} and push that file without --all"
        ),
    }
}

/// When the service is expected to import what it accepted.
pub(super) fn when(sent: &Sent, mode: Mode) -> String {
    let (from, which) = counts_from(sent);
    match mode.window() {
        Some(debounce) => format!(
            "from about {} on ({} after the {which} request)",
            clock_time(from + debounce, from),
            display::time(debounce)
        ),
        None => "once the service has run the import".to_owned(),
    }
}
