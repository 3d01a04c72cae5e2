//! The first replace: what is answered, when its import can be looked at, and what it counts.

use std::time::Duration;

use super::finding::Finding;
use super::lab::{Lab, Pushed};
use super::shape::Said;
use super::watch::Watched;
use crate::base::display;
use crate::base::exit::Exit;
use crate::base::model::Mode;
use crate::push::outcome::{Failure, advice};
use crate::service::CallError;
use crate::service::facts::Given;
use crate::service::retry::{self, FailureKind};

/// How many records it has.
const RECORDS: u64 = 3;

/// How often its import is looked at behind its end, and how long after the last look.
const LOOKS: u32 = 10;
const BETWEEN: Duration = Duration::from_millis(300);

impl Lab {
    /// Replaces the table's content by some records. Without an answer of the documented form nothing else
    /// can be asked.
    pub(super) async fn first(&mut self) -> Result<(), Failure> {
        self.tell("replacing the table's content by three records");
        let mode = Mode::Replace {
            debounce: std::time::Duration::ZERO,
        };
        let pushed = self
            .push(mode, &self.sheet.some("first", RECORDS as usize))
            .await;
        let taken = pushed.outcome().map_err(|error| self.not_taken(&error))?;
        let status = pushed.reply.as_ref().map_or(0, |reply| reply.status);
        let words = format!("{status}, with the import's id and the number of records");
        let counted = (taken.records != RECORDS)
            .then(|| format!("it says {} where {RECORDS} were sent", taken.records));
        self.find(Finding::settled("push_answer", status, words).seen(counted));
        let watched = self.watch_pushed(&[&pushed], Duration::ZERO).await;
        let Some(mut watched) = watched.into_iter().next() else {
            return Ok(());
        };
        // What is shown once may be gone the next time, where several servers answer in turn.
        for _ in 0..LOOKS {
            self.pace.sleep(BETWEEN).await;
            self.look(&mut watched).await;
        }
        self.seen_after(&pushed, &watched);
        self.count(&watched)
    }

    fn not_taken(&self, error: &CallError) -> Failure {
        let table = display::quoted(self.table.as_str());
        let (exit, holds) = match error.is_surely_not_applied() {
            true => {
                let is_final = retry::kind(error) == FailureKind::Final;
                (error.exit(is_final), "is untouched")
            }
            false => (
                Exit::Partial,
                "is as it was, or holds records of the probe and no others",
            ),
        };
        let hint = match error {
            CallError::Status { status: 404, .. } => Some(
                "is that the table's key, as Qobra's app shows it? The table must exist already"
                    .to_owned(),
            ),
            CallError::Status {
                status: 400 | 422, ..
            } => Some(
                "are --id-field and --name-field the keys of its id and its name in Qobra's app?"
                    .to_owned(),
            ),
            other => advice(other, "the service"),
        };
        Failure::new(
            exit,
            format!("nothing could be learnt: {error}; table {table} {holds}"),
            hint,
        )
    }

    fn seen_after(&mut self, pushed: &Pushed, watched: &Watched) {
        let name = "import_seen_after";
        let Some((_, seen)) = watched.seen else {
            return self.find(Finding::open(name, watched.why_open()));
        };
        if watched.is_disturbed {
            let why = "something else was answered before it was shown";
            return self.find(Finding::open(name, why).seen(watched.trouble.clone()));
        }
        if watched.is_lost {
            let why = "it was shown, and then it was not";
            return self.find(Finding::open(name, why).seen(watched.trouble.clone()));
        }
        let after = seen.saturating_sub(pushed.sent.0);
        let (seconds, words) = match watched.unseen {
            None => (0, "at once".to_owned()),
            Some(unseen) => {
                let not_yet = display::time(unseen.saturating_sub(pushed.sent.1));
                // A whole number between the two looks, if there is one.
                let whole = after.as_secs();
                let whole = whole
                    + u64::from(unseen.saturating_sub(pushed.sent.1) > Duration::from_secs(whole));
                (
                    whole,
                    format!(
                        "after {}, and not yet after {not_yet}",
                        display::time(after)
                    ),
                )
            }
        };
        self.facts.import_seen_after = Some(seconds);
        self.find(Finding::settled(name, seconds, words).seen(watched.trouble.clone()));
    }

    fn count(&mut self, watched: &Watched) -> Result<(), Failure> {
        let name = "count";
        let Some(over) = watched.over() else {
            self.find(Finding::open(name, watched.why_open()));
            return Ok(());
        };
        let Some(entry) = &over.entry else {
            self.find(Finding::open(
                name,
                "the import has no entry for this table",
            ));
            return Ok(());
        };
        if let Some(problem) = &entry.error {
            let table = display::quoted(self.table.as_str());
            return Err(Failure::new(
                Exit::Gaps,
                format!(
                    "nothing could be learnt: the import of three plain records has an error ({}); table {table} \
                     holds records of the probe at most",
                    self.exchange.redact(&problem.words)
                ),
                Some("are --id-field and --name-field the keys of its id and its name in Qobra's app?".to_owned()),
            ));
        }
        let (given, words) = match entry.count {
            Said::Missing => (Given::Missing, "no: there is none".to_owned()),
            Said::Is(RECORDS) => (Given::Given, "yes".to_owned()),
            Said::Other => {
                self.find(Finding::open(name, "there is one of another form"));
                return Ok(());
            }
            Said::Is(other) => {
                let why = format!("it says {other} where {RECORDS} were sent");
                self.find(Finding::open(name, why));
                return Ok(());
            }
        };
        self.facts.count = Some(given);
        self.find(Finding::settled(name, given, words));
        Ok(())
    }
}
