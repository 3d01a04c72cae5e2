//! What a run's end means, in sentences.

use super::facts::Facts;
use crate::base::display;
use crate::base::model::TableState;
use crate::cli;

/// `Push to table deals, run 20261128T101208Z-f69e`.
pub(super) fn title(facts: &Facts) -> String {
    let what = match (&facts.dry_run, &facts.rollback_of) {
        (Some(_), _) => "Dry run",
        (None, Some(_)) => "Rollback",
        (None, None) => "Push",
    };
    let table = display::shown(&facts.table);
    let run = facts.run.as_deref().map(display::shown);
    let run = run.map_or_else(String::new, |run| format!(", run {run}"));
    format!("{what} to table {table}{run}")
}

/// `exit code 3, input refused`: what went wrong with this one is told by its errors.
pub(super) fn ended(facts: &Facts) -> String {
    let meaning = cli::exit_meaning(facts.exit_code);
    let meaning = meaning.split([':', ';']).next().unwrap_or_default();
    format!("exit code {}, {meaning}", facts.exit_code)
}

/// Why nothing is said of what changes.
pub(super) fn why_changes_are_unknown(facts: &Facts) -> &str {
    match (&facts.changes_unknown, facts.exit_code) {
        (Some(why), _) => why,
        (None, 2 | 3) => "the input was not proved",
        (None, _) => "nothing here tells what the table held before",
    }
}

/// What the table holds.
pub(super) fn held(facts: &Facts) -> String {
    let table = format!("table “{}”", display::shown(&facts.table));
    let sent = display::counted(facts.counts.accepted, "record");
    let is_replace = facts.mode == "replace";
    let sentence = match TableState::of_word(&facts.table_state) {
        Some(TableState::Untouched) if facts.dry_run.is_some() => {
            format!("{table} is untouched: this was a dry run, which sends nothing")
        }
        Some(TableState::Untouched) => format!("{table} holds what it held before"),
        Some(TableState::Pending) if is_replace => format!(
            "{table} holds what it held before, until Qobra has run the import; then it is to hold exactly the \
             {sent} that were accepted"
        ),
        Some(TableState::Pending) => format!(
            "{table} is to hold the {sent} that were accepted, besides what it has, once Qobra has run the import"
        ),
        Some(TableState::Replaced) => {
            format!("{table} held exactly the {sent} of this push when its import ended")
        }
        Some(TableState::Updated) => {
            format!(
                "{table} held the {sent} of this push, besides what it had, when its import ended"
            )
        }
        Some(TableState::Gaps) => format!(
            "{table} has gaps: {} rejected here, {} by Qobra",
            display::counted(facts.counts.rejected_locally, "record"),
            display::count(facts.counts.rejected_by_service)
        ),
        Some(TableState::AtRisk) => format!(
            "{table} is at risk: {} of {} accepted, and a part of the input may go live or is live",
            display::count(facts.counts.accepted),
            display::counted(facts.counts.to_send, "record")
        ),
        Some(TableState::Unknown) | None => format!(
            "nobody can say what {table} holds: {} had no answer that tells whether they were applied",
            display::counted(facts.counts.unknown, "record")
        ),
    };
    capitalized(&sentence)
}

/// What the colour of the sentence says: good, to be watched, bad.
pub(super) fn mood(facts: &Facts) -> &'static str {
    match TableState::of_word(&facts.table_state) {
        Some(TableState::Replaced | TableState::Updated) => "good",
        Some(TableState::Untouched) if facts.exit_code == 0 => "good",
        Some(TableState::Pending) => "open",
        Some(TableState::Untouched | TableState::Gaps) => "watch",
        Some(TableState::AtRisk | TableState::Unknown) | None => "bad",
    }
}

fn capitalized(sentence: &str) -> String {
    let mut characters = sentence.chars();
    let first = characters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(characters).collect()
}
