//! What was seen, told on both streams.

use serde_json::{Value, json};

use crate::base::display;
use crate::base::log::Entry;
use crate::base::model::{TableKey, TableState};
use crate::push::follow::{Ended, FollowEnd, Followed};
use crate::push::outcome::{self, Exit, Failure, Problem};
use crate::push::receipt::{self, ImportReceipt};
use crate::push::status::{Asked, Judged};
use crate::push::verdict::{Reasons, Verdict, VerdictState};
use crate::runs::journal::Journal;
use crate::screen::report;
use crate::screen::terminal::{Results, Terminal};
use crate::service::{CallError, retry};

/// Tells everything, and gives the exit code.
pub(super) fn tell(
    asked: &Asked,
    followed: &Followed,
    judged: &[Judged],
    host: &str,
    terminal: &Terminal,
) -> Exit {
    let exit = exit(followed, judged);
    let word = word(judged);
    let imports = imports(asked, followed, judged);
    let failures = failures(followed, judged, exit, host);
    match terminal.results() {
        Results::Lines => imports
            .iter()
            .for_each(|import| terminal.result(&line(import))),
        Results::Document => {
            let mut document = document(asked, judged, &imports, &failures);
            document["table_state"] = word.word().into();
            document["exit_code"] = exit.code().into();
            terminal.result(&document.to_string());
        }
    }
    judged
        .iter()
        .for_each(|judged| tell_notes(judged, terminal));
    failures
        .iter()
        .for_each(|failure| report::failure(terminal, failure));
    if let FollowEnd::Interrupted(_) = followed.end {
        let words = "interrupted: only the waiting stopped, the imports go on";
        terminal.log(&Entry::error("interrupted", words));
    }
    if exit == Exit::NotEnded && followed.end == FollowEnd::Looked {
        let hint = Entry::info("hint", "add --wait to follow what has not ended");
        terminal.log(&hint.labelled(Some("hint:")).insistent());
    }
    let table = (asked.table.as_ref()).map_or_else(
        || "the tables".to_owned(),
        |table| format!("table {}", display::quoted(table.as_str())),
    );
    let state = Entry::info("outcome", format!("{table}: {}", word.word()));
    let state = state.with("table_state", word.word());
    terminal.log(&state.with("exit_code", exit.code()));
    exit
}

/// Of several codes the one of the highest rank.
fn exit(followed: &Followed, judged: &[Judged]) -> Exit {
    if let FollowEnd::Interrupted(signal) = followed.end {
        return Exit::Interrupted(signal);
    }
    let rank = |exit: &Exit| match exit {
        Exit::Partial => 3,
        Exit::Gaps => 2,
        Exit::NotEnded => 1,
        _ => 0,
    };
    let worst = judged.iter().map(|judged| judged.exit).max_by_key(rank);
    if let Some(exit) = worst.filter(|exit| rank(exit) > 0) {
        return exit;
    }
    let mut exit = Exit::Done;
    for import in &followed.imports {
        match &import.end {
            Ended::NotFound => return Exit::Refused,
            Ended::Failed(error) => match exit_of(error) {
                Exit::Refused => return Exit::Refused,
                other => exit = other,
            },
            Ended::Over | Ended::Open(_) => {}
        }
    }
    exit
}

fn exit_of(error: &CallError) -> Exit {
    match error {
        error if error.is_configuration() => Exit::Usage,
        CallError::Status { status, .. } if (400..500).contains(status) && *status != 429 => {
            Exit::Refused
        }
        CallError::NotTheApi { .. } => Exit::Refused,
        _ => Exit::Unreachable,
    }
}

/// The worst of the tables' states.
fn word(judged: &[Judged]) -> TableState {
    let rank = |state: &TableState| match state {
        TableState::Untouched => 0,
        TableState::Updated => 1,
        TableState::Replaced => 2,
        TableState::Pending => 3,
        TableState::Gaps => 4,
        TableState::Unknown => 5,
        TableState::AtRisk => 6,
    };
    let states = judged.iter().map(|judged| judged.state);
    states.max_by_key(rank).unwrap_or(TableState::Unknown)
}

/// The imports in the order in which they were asked for.
fn imports(asked: &Asked, followed: &Followed, judged: &[Judged]) -> Vec<ImportReceipt> {
    let table = asked.table.as_ref();
    let mut verdicts = judged.iter().filter_map(|judged| judged.verdict.as_ref());
    match (verdicts.next(), verdicts.next()) {
        (None, _) => receipt::imports(followed, &Verdict::default(), table),
        (Some(only), None) => receipt::imports(followed, only, table),
        _ => {
            let mut all = Verdict::default();
            for verdict in judged.iter().filter_map(|judged| judged.verdict.as_ref()) {
                all.rejected.extend(&verdict.rejected);
            }
            receipt::imports(followed, &all, table)
        }
    }
}

/// What is wrong: with the runs, then with calls for imports.
fn failures(followed: &Followed, judged: &[Judged], exit: Exit, host: &str) -> Vec<Failure> {
    let mut failures: Vec<_> = judged
        .iter()
        .filter_map(|judged| judged.failure.clone())
        .collect();
    for import in &followed.imports {
        let message = match &import.end {
            Ended::NotFound => "the service does not know it".to_owned(),
            Ended::Failed(error) | Ended::Open(Some(error)) => error.to_string(),
            Ended::Over | Ended::Open(None) => continue,
        };
        let hint = match &import.end {
            Ended::Failed(CallError::Status {
                status: 401 | 403, ..
            }) => Some("check the API key".to_owned()),
            Ended::Failed(error) if error.is_configuration() || retry::is_unreached(error) => {
                outcome::advice(error, host)
            }
            _ => None,
        };
        let message = format!("import {}: {message}", import.id);
        failures.push(Failure::new(exit, message, hint));
    }
    failures
}

/// The document but for the word and the code.
fn document(
    asked: &Asked,
    judged: &[Judged],
    imports: &[ImportReceipt],
    failures: &[Failure],
) -> Value {
    let run = match judged {
        [
            Judged {
                journal: Some(journal),
                ..
            },
        ] => Some(journal),
        _ => None,
    };
    let problem = |problem: &Problem| {
        let hint = (!problem.hints.is_empty()).then(|| problem.hints.join("; "));
        json!({ "message": problem.message, "hint": hint })
    };
    let problems = failures.iter().flat_map(|failure| &failure.problems);
    let rejects = judged
        .iter()
        .find_map(|judged| judged.kept.rejects.as_ref());
    json!({
        "run": run.map(|run| run.plan().run.as_str()),
        "started_at": run.map(|run| run.plan().started.wall.strftime("%FT%TZ").to_string()),
        "counts": run.map(counts),
        "imports": imports,
        "table": asked.table.as_ref().map(TableKey::as_str),
        "rejects": rejects.map(|path| path.display().to_string()),
        "errors": problems.map(problem).collect::<Vec<_>>(),
    })
}

fn counts(run: &Journal) -> Value {
    let sums = run.sums();
    json!({
        "to_send": sums.to_send,
        "accepted": sums.accepted,
        "unknown": sums.unknown,
        "not_sent": sums.not_sent(),
    })
}

/// What was found of one group. What is wrong is said even where quiet is wanted.
fn tell_notes(judged: &Judged, terminal: &Terminal) {
    judged.notes.iter().for_each(|note| terminal.tell(note));
    let Some(verdict) = &judged.verdict else {
        return;
    };
    for note in &verdict.notes {
        match verdict.state {
            VerdictState::Clean => terminal.tell(note),
            _ => terminal.insist(note),
        }
    }
    let found = judged.kept.reasons.as_ref();
    let reasons = found.map(|reasons| reasons.sentences(None));
    for reason in reasons.unwrap_or_else(|| Reasons::of(&verdict.rejected).sentences(None)) {
        terminal.log(&Entry::info("reason", format!("  {reason}")).insistent());
    }
    if let Some(path) = &judged.kept.rejects {
        terminal.insist(&format!(
            "the rejected records are in {}",
            display::typed_path(path)
        ));
    }
}

/// `6b04…  finished  40 records  ParsingError: …`.
fn line(import: &ImportReceipt) -> String {
    let records = import.records.map_or_else(
        || "- records".to_owned(),
        |count| display::counted(count, "record"),
    );
    let mut line = format!(
        "{}  {}  {records}",
        import.id,
        import.status.as_deref().unwrap_or("-"),
    );
    if let Some(error) = &import.error {
        line.push_str("  ");
        line.push_str(error);
    }
    line
}
