//! What following its imports to their end adds to a push's outcome.

use super::failure::{Failure, Problem};
use super::held::{Context, Outcome};
use super::prospect;
use crate::base::display;
use crate::base::exit::Exit;
use crate::base::model::{Mode, TableState};
use crate::push::follow::{Ended, FollowEnd, Followed};
use crate::push::verdict::{Verdict, VerdictState};

/// What was seen of a push's imports, and what it means.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ending<'a> {
    pub followed: &'a Followed,
    pub verdict: &'a Verdict,
    /// Where the rejected records are, ours and the service's.
    pub rejects: Option<&'a str>,
    /// The line that loads them when they are corrected.
    pub load: &'a str,
    /// The line that goes on waiting.
    pub status: &'a str,
}

impl Outcome {
    /// Whether all was accepted, so that its imports can be followed.
    pub(crate) fn is_accepted(&self) -> bool {
        matches!(self.table_state, TableState::Pending | TableState::Gaps)
    }

    /// Takes in how the imports ended. Only for one that [is accepted](Self::is_accepted).
    pub(crate) fn follow(&mut self, ending: Ending<'_>, context: Context<'_>) {
        let verdict = ending.verdict;
        let has_gaps = context.left_out.rejected > 0;
        self.table_state = match verdict.state {
            VerdictState::AtRisk => TableState::AtRisk,
            VerdictState::Unknown => TableState::Unknown,
            VerdictState::Gaps => TableState::Gaps,
            VerdictState::Clean | VerdictState::Pending if has_gaps => TableState::Gaps,
            VerdictState::Pending => TableState::Pending,
            VerdictState::Clean if context.mode.is_replace() => TableState::Replaced,
            VerdictState::Clean => TableState::Updated,
        };
        self.exit = match (ending.followed.end, self.table_state) {
            (FollowEnd::Interrupted(signal), _) => Exit::Interrupted(signal),
            (_, TableState::AtRisk) => Exit::Partial,
            (_, TableState::Unknown | TableState::Gaps) => Exit::Gaps,
            (_, TableState::Pending) => Exit::NotEnded,
            (_, TableState::Replaced | TableState::Updated | TableState::Untouched) => Exit::Done,
        };
        self.is_followed = true;
        self.failure = self.found(ending, context);
        self.prospect = match verdict.state {
            // What was said before the waiting holds only if all goes well, which was not seen.
            VerdictState::Pending => prospect::unseen(self, context),
            _ => self.ended(ending, context),
        };
    }

    /// What went wrong, with what to try.
    fn found(&self, ending: Ending<'_>, context: Context<'_>) -> Option<Failure> {
        let verdict = ending.verdict;
        let mut messages = not_asked(ending.followed);
        if verdict.state != VerdictState::Clean {
            messages.extend(verdict.notes.iter().cloned());
        }
        match ending.followed.end {
            FollowEnd::Interrupted(_) => messages.push(
                "interrupted: only the waiting stopped, the imports go on at the service"
                    .to_owned(),
            ),
            FollowEnd::TimedOut => {
                messages.push("the end was not seen in time (--wait-timeout)".to_owned());
            }
            FollowEnd::AllEnded | FollowEnd::Looked => {}
        }
        if messages.is_empty() {
            return None;
        }
        let mut failure = Failure {
            exit: self.exit,
            problems: (messages.into_iter())
                .map(|message| Problem::new(message, None))
                .collect(),
        };
        if !ending.followed.are_all_over() {
            failure.hint(format!("{}   goes on waiting", ending.status));
        }
        match verdict.state {
            VerdictState::AtRisk => failure.hint(format!(
                "{}   sends everything anew once this replace is over at the service",
                context.resume
            )),
            VerdictState::Gaps if ending.rejects.is_some() => failure.hint(format!(
                "correct the rejected records, then: {}   loads them besides the others, without \
                 --all",
                ending.load
            )),
            VerdictState::Unknown => {
                failure.hint("look at the table in Qobra before anyone is paid by it");
            }
            VerdictState::Gaps => {
                failure.hint("look at the import in Qobra: it may say which records")
            }
            VerdictState::Clean | VerdictState::Pending => {}
        }
        Some(failure)
    }

    /// What the table holds, in a sentence.
    fn ended(&self, ending: Ending<'_>, context: Context<'_>) -> String {
        let table = format!("table {}", display::quoted(context.table.as_str()));
        let accepted = self.accepted_records;
        let records = match accepted {
            1 => "this 1 record".to_owned(),
            _ => format!("these {}", display::counted(accepted, "record")),
        };
        match (self.table_state, context.mode) {
            // Without a count nobody has confirmed how many there are.
            (TableState::Replaced | TableState::Updated, mode)
                if ending.verdict.counted.is_none() && accepted > 0 =>
            {
                let word = if mode.is_replace() {
                    "replaced"
                } else {
                    "updated"
                };
                format!("{table} is {word}: {records} were loaded without an error, uncounted")
            }
            (TableState::Replaced, _) if accepted == 0 => {
                format!("{table} is replaced: it is empty")
            }
            (TableState::Replaced, _) => format!("{table} is replaced: it holds exactly {records}"),
            (TableState::Updated, _) if context.left_out.whole().is_some() => {
                let whole = context.left_out.whole().unwrap_or_default();
                let whole = display::counted(whole, "record");
                format!("{table} is updated: it holds exactly the {whole} of the input")
            }
            (TableState::Updated, _) => {
                format!("{table} is updated: it holds {records}, besides what it had")
            }
            (TableState::Gaps, mode) => format!(
                "{table} has gaps: {}{}",
                gaps(ending, context, mode),
                ending.rejects.map_or_else(String::new, |path| format!(
                    "; the rejected records are in {path}"
                ))
            ),
            (TableState::AtRisk, _) => {
                format!("{table} is at risk: it may hold only a part of {records}")
            }
            _ => format!("{table}: what it holds now is unknown"),
        }
    }
}

/// How many records are not in the table, and who left them out.
fn gaps(ending: Ending<'_>, context: Context<'_>, mode: Mode) -> String {
    let theirs = match ending.verdict.rejected_count {
        Some(0) => None,
        Some(count) => Some(format!(
            "the service rejected {}",
            display::counted(count, "record")
        )),
        None => Some("the service rejected records, and does not say how many".to_owned()),
    };
    let ours = match context.left_out.rejected {
        0 => None,
        count => Some(format!(
            "{} rejected here before it was sent",
            display::counted(count, "record")
        )),
    };
    let parts: Vec<_> = theirs.into_iter().chain(ours).collect();
    // The documented error comes without a count: then nobody said that the rest was loaded.
    let rest = match (ending.verdict.counted, mode) {
        (Some(count), Mode::Replace { .. }) => {
            format!("it holds {}", display::counted(count, "record"))
        }
        (Some(count), Mode::Upsert) => format!("{} loaded", display::counted(count, "record")),
        (None, _) => "how many it loaded the service does not say".to_owned(),
    };
    match parts.is_empty() {
        true => rest,
        false => format!("{}; {rest}", parts.join(", ")),
    }
}

/// The imports that could not be asked for.
fn not_asked(followed: &Followed) -> Vec<String> {
    let failed = followed
        .imports
        .iter()
        .filter_map(|import| match &import.end {
            Ended::Failed(error) | Ended::Open(Some(error)) => {
                Some(format!("import {} cannot be followed: {error}", import.id))
            }
            Ended::Over | Ended::NotFound | Ended::Open(None) => None,
        });
    failed.collect()
}
