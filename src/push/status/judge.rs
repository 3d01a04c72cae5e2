//! What the imports mean for the table, together with what the run's own journal tells.

use super::asked::{Asked, Group, OwnRun};
use super::keep::{Keeper, Kept, is_there};
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::{ImportId, Mode, TableKey, TableState};
use crate::push::arrivals::Arrivals;
use crate::push::follow::{Ended, Followed, FollowedImport};
use crate::push::outcome::{Exit, Failure};
use crate::push::verdict::{Facts, Observed, Verdict, VerdictState};
use crate::push::{outcome, verdict};
use crate::runs::journal::Journal;
use crate::runs::state::Lock;

/// What a group of imports came to.
pub(crate) struct Judged {
    /// What the imports mean; none where none of them was seen.
    pub(crate) verdict: Option<Verdict>,
    pub(crate) state: TableState,
    /// The exit code, as far as the table goes.
    pub(crate) exit: Exit,
    pub(crate) kept: Kept,
    /// Facts about the run that are no trouble.
    pub(crate) notes: Vec<String>,
    /// What is wrong with the run itself.
    pub(crate) failure: Option<Failure>,
    /// The run's journal by now.
    pub(crate) journal: Option<Journal>,
}

impl Group {
    /// Judges the group's imports, and keeps what was seen with their run. `held`: the lock of its table,
    /// where this process has it.
    pub(crate) fn judge(
        &self,
        asked: &Asked,
        followed: &Followed,
        events: &Events,
        held: Option<&Lock>,
    ) -> Judged {
        let run = self.run.as_ref();
        match run.filter(|run| run.is_about(asked.table.as_ref())) {
            Some(run) => self.judge_run((run, held), asked, followed, events),
            None => self.judge_imports(asked.table.as_ref(), followed),
        }
    }

    /// Imports of which nothing but their ids is known here.
    fn judge_imports(&self, table: Option<&TableKey>, followed: &Followed) -> Judged {
        let observed = observed(followed, &self.ids, &Arrivals::default());
        let verdict = (!observed.is_empty()).then(|| {
            verdict::judge(&Facts {
                table,
                mode: None,
                sent_records: None,
                resent_records: 0,
                counts_once: false,
                unanswered_records: 0,
                requests: 1,
                imports: &observed,
            })
        });
        let (state, exit) = match verdict.as_ref().map(|verdict| verdict.state) {
            None => (TableState::Unknown, Exit::Done),
            Some(VerdictState::Clean) => (TableState::Updated, Exit::Done),
            Some(state) => worse(state),
        };
        Judged {
            verdict,
            state,
            exit,
            kept: Kept::default(),
            notes: Vec::new(),
            failure: None,
            journal: None,
        }
    }

    fn judge_run(
        &self,
        (run, held): (&OwnRun, Option<&Lock>),
        asked: &Asked,
        followed: &Followed,
        events: &Events,
    ) -> Judged {
        // Another process may have gone on with it meanwhile.
        let mut keeper = Keeper::open(run, held);
        let journal = &keeper.journal;
        let (plan, arrivals) = (journal.plan().clone(), Arrivals::of_journal(journal));
        let ours = arrivals.ids();
        let ids = self.ids.iter().cloned();
        let (now, before): (Vec<_>, Vec<_>) = ids.partition(|id| ours.contains(id));
        let observed = observed(followed, &now, &arrivals);
        // Counts can be compared only where all of the run's imports are looked at, and no others.
        let is_whole = observed.len() == ours.len() && !run.shares_imports;
        let verdict = (!observed.is_empty()).then(|| {
            verdict::judge(&Facts {
                table: Some(&plan.table),
                mode: Some(plan.mode),
                sent_records: is_whole.then(|| arrivals.records()),
                resent_records: arrivals.resent(),
                counts_once: false,
                unanswered_records: arrivals.unanswered(),
                requests: arrivals.requests().max(1),
                imports: &observed,
            })
        });
        let is_certain = is_whole && are_over(followed, &now);
        let certain = verdict.as_ref().filter(|_| is_certain).map(|verdict| {
            let named = verdict.named_gaps(Some(arrivals.records()));
            named.map(|named| named + plan.rejected)
        });
        if let Some(verdict) = &verdict {
            keeper.learn_base(run, (followed, verdict), certain, asked.base_key().as_ref());
        }
        keeper.learn(run, followed, verdict.as_ref(), events);
        let asked_for = AskedFor::new(now.len(), ours.len());
        let (state, exit) = match conclude(&keeper, verdict.as_ref(), asked_for) {
            (TableState::Pending | TableState::Replaced | TableState::Updated, exit)
                if is_lost(followed, &now, &keeper) =>
            {
                (TableState::Unknown, exit)
            }
            concluded => concluded,
        };
        if let Some(missing) = certain {
            keeper.end(run, exit, state, missing);
        }
        let failure = trouble(&keeper, run, asked);
        if ours.iter().all(|id| now.contains(id)) {
            keeper.receipt(run, followed, verdict.as_ref(), exit, failure.as_ref());
        }
        let mut notes: Vec<_> = before.iter().map(|id| replaced_later(id, run)).collect();
        notes.extend(others(&keeper, run, now.len(), ours.len()));
        let (kept, journal) = keeper.into_kept();
        Judged {
            verdict,
            state,
            exit,
            kept,
            notes,
            failure,
            journal: Some(journal),
        }
    }
}

/// Whether these imports were seen to their end.
fn are_over(followed: &Followed, now: &[ImportId]) -> bool {
    let mut imports = followed.imports.iter();
    imports.all(|import| !now.contains(&import.id) || import.is_over())
}

/// Whether the service does not know one of the imports, none of which was seen to its end before: it
/// may have loaded records or none.
fn is_lost(followed: &Followed, ids: &[ImportId], keeper: &Keeper) -> bool {
    let mut imports = followed.imports.iter();
    !keeper.is_running
        && keeper.journal.table_state() == TableState::Pending
        && imports.any(|import| ids.contains(&import.id) && matches!(import.end, Ended::NotFound))
}

/// The imports that were seen.
fn observed<'a>(
    followed: &'a Followed,
    ids: &[ImportId],
    arrivals: &Arrivals,
) -> Vec<Observed<'a>> {
    let is_seen = |import: &&FollowedImport| {
        let is_lost = matches!(import.end, Ended::NotFound | Ended::Failed(_));
        ids.contains(&import.id) && (!is_lost || import.last.is_some())
    };
    let seen = followed.imports.iter().filter(is_seen);
    let observed = seen.map(|import| Observed {
        id: &import.id,
        seen: import.seen(),
        last_answer: arrivals.last_answer(&import.id),
    });
    observed.collect()
}

/// The table's state and the exit code of what is not clean.
fn worse(state: VerdictState) -> (TableState, Exit) {
    match state {
        VerdictState::AtRisk => (TableState::AtRisk, Exit::Partial),
        VerdictState::Unknown => (TableState::Unknown, Exit::Gaps),
        VerdictState::Gaps => (TableState::Gaps, Exit::Gaps),
        VerdictState::Clean | VerdictState::Pending => (TableState::Pending, Exit::NotEnded),
    }
}

/// How many of a run's imports were asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum AskedFor {
    All,
    Some,
    /// Only such from before it was sent anew.
    None,
}

impl AskedFor {
    fn new(asked: usize, all: usize) -> Self {
        match asked {
            0 if all > 0 => Self::None,
            asked if asked < all => Self::Some,
            _ => Self::All,
        }
    }
}

/// What the table holds. What the journal knows to be wrong stays so whatever the imports say.
fn conclude(keeper: &Keeper, verdict: Option<&Verdict>, asked_for: AskedFor) -> (TableState, Exit) {
    let journal = &keeper.journal;
    let standing = journal.table_state();
    if keeper.is_running {
        return (TableState::Pending, Exit::NotEnded);
    }
    let seen = verdict.map(|verdict| verdict.state);
    if !journal.is_through() {
        let is_late = seen == Some(VerdictState::AtRisk);
        let state = if is_late {
            TableState::AtRisk
        } else {
            standing
        };
        return (state, Exit::Partial);
    }
    let is_flawed = matches!(standing, TableState::Gaps | TableState::Unknown);
    match seen {
        Some(VerdictState::Gaps) if is_flawed => (standing, Exit::Gaps),
        Some(state @ (VerdictState::AtRisk | VerdictState::Unknown | VerdictState::Gaps)) => {
            worse(state)
        }
        _ if is_flawed => (standing, Exit::Gaps),
        Some(VerdictState::Pending) => worse(VerdictState::Pending),
        // The run's other imports may not be over.
        Some(VerdictState::Clean) if asked_for == AskedFor::Some => (standing, Exit::Done),
        Some(VerdictState::Clean) => match journal.plan().mode {
            Mode::Replace { .. } => (TableState::Replaced, Exit::Done),
            Mode::Upsert => (TableState::Updated, Exit::Done),
        },
        None if asked_for == AskedFor::None && standing == TableState::Pending => {
            worse(VerdictState::Pending)
        }
        None => (standing, Exit::Done),
    }
}

/// What is wrong with a run that did not send everything, or not in time.
fn trouble(keeper: &Keeper, run: &OwnRun, asked: &Asked) -> Option<Failure> {
    let (journal, id) = (&keeper.journal, run.past.dir.id());
    if keeper.is_running || journal.is_through() {
        return None;
    }
    let sums = journal.sums();
    let all = display::counted(sums.to_send, "record");
    let message = match (journal.is_complete(), journal.table_state()) {
        (false, _) => {
            let mut parts = vec![format!(
                "{} of {all} were accepted",
                display::count(sums.accepted)
            )];
            let others = [
                (sums.unknown, "in requests without an answer"),
                (sums.not_sent(), "not sent"),
            ];
            let others = others.into_iter().filter(|(count, _)| *count > 0);
            parts.extend(others.map(|(count, what)| format!("{} {what}", display::count(count))));
            format!("run {id} is not finished: {}", parts.join(", "))
        }
        (true, TableState::AtRisk) => format!(
            "run {id}: all {all} were accepted, but the import had begun by then, and may lack some \
             of them or be followed by another"
        ),
        (true, _) => format!(
            "run {id} is not finished: all {all} were accepted, but nobody saw whether in time"
        ),
    };
    let hint = match &run.later {
        Some(later) => format!(
            "run {later} has written to the table since: push this run's input as a new run if that \
             is what the table shall hold"
        ),
        None if !is_there(journal.plan()) => {
            "its input is not kept any more: push it again as a whole, as a new run".to_owned()
        }
        None => outcome::resuming(&asked.resume_line(id), journal.plan().mode),
    };
    Some(Failure::new(Exit::Partial, message, Some(hint)))
}

/// What is said of an import from before its run was sent anew.
fn replaced_later(import: &ImportId, run: &OwnRun) -> String {
    format!(
        "import {import} is of an earlier attempt of run {}, which was sent anew since",
        run.past.dir.id()
    )
}

/// What else there is of the run than what was asked for.
fn others(keeper: &Keeper, run: &OwnRun, asked: usize, all: usize) -> Option<String> {
    let id = run.past.dir.id();
    if keeper.is_running {
        let sums = keeper.journal.sums();
        return Some(format!(
            "run {id} is being sent: {} of {} accepted so far",
            display::count(sums.accepted),
            display::counted(sums.to_send, "record")
        ));
    }
    let more = all.saturating_sub(asked) as u64;
    (more > 0).then(|| {
        format!(
            "run {id} has {}, which nobody asked for here",
            display::counted(more, "more import")
        )
    })
}
