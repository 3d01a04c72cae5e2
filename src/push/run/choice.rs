//! Which run is taken up again, and why one is not.

use crate::base::clock::Clock;
use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::TableKey;
use crate::push::lines;
use crate::push::outcome::{Exit, Failure, Problem};
use crate::runs::history::{History, PastRun, UnreadableRun};
use crate::runs::journal::RunState;
use crate::runs::state::StateDir;

/// The run that is named, or the only one that is open: of one table, or of all.
pub(crate) fn find(
    state: &StateDir,
    id: Option<&str>,
    table: Option<&TableKey>,
    events: &Events,
) -> Result<Option<PastRun>, Failure> {
    let (mut open, mut all_unreadable) = (Vec::new(), Vec::new());
    // A push that is running is no choice, and found locked where it is the only one.
    let mut busy = None;
    let tables = match table {
        Some(key) => state.tables_of(key)?,
        None => state.tables()?,
    };
    for table in tables {
        let history = History::read(&table)?;
        let running = table.running();
        let states = history.states(running.as_ref());
        let states: Vec<_> = states.map(|(_, of)| of).collect();
        let (runs, unreadable) = history.into_runs();
        for (run, of) in runs.into_iter().zip(states) {
            let is_named = id.is_some_and(|id| run.dir.id().as_str() == id);
            if is_named && of == RunState::Superseded {
                return Err(superseded(&run));
            }
            let is_finished = run.journal.is_finished() || of == RunState::Superseded;
            if of == RunState::Running && id.is_none() {
                busy = Some(run);
            } else if (id.is_none() || is_named) && !is_finished {
                open.push(run);
            } else if is_named {
                return Ok(None);
            }
        }
        all_unreadable.extend(unreadable);
    }
    let is_named = |run: &UnreadableRun| id.is_some_and(|id| run.dir.id().as_str() == id);
    if let Some(run) = all_unreadable.iter().find(|run| is_named(run)) {
        return Err(unreadable(run));
    }
    match (open.len(), id) {
        (0, Some(id)) => Err(Failure::new(
            Exit::Usage,
            format!("there is no run {}", display::quoted(id)),
            Some("qobra-push runs   lists them".to_owned()),
        )),
        // What nobody can read may be what was to be finished.
        (0, None) if busy.is_none() && !all_unreadable.is_empty() => Err(Failure {
            exit: Exit::Usage,
            problems: (all_unreadable.iter())
                .flat_map(|run| unreadable(run).problems)
                .collect(),
        }),
        (0 | 1, _) => {
            for run in all_unreadable {
                let Complaint { message, hint } = run.complaint();
                events.warn(message, hint);
            }
            Ok(open.pop().or(busy))
        }
        _ => Err(several(state, &open)),
    }
}

/// A run of which nobody can say what it sent.
fn unreadable(run: &UnreadableRun) -> Failure {
    let message = format!(
        "run {} cannot be taken up again: {}",
        run.dir.id(),
        run.error
    );
    Failure::new(Exit::Usage, message, run.error.hint())
}

/// A run after which one came that may have written newer data, for all that anyone can read.
pub(crate) fn obscured(run: &PastRun, later: &UnreadableRun) -> Failure {
    let message = format!(
        "run {} is not taken up again: run {} came after it, and may have written newer data ({})",
        run.dir.id(),
        later.dir.id(),
        later.error
    );
    Failure::new(Exit::Input, message, later.error.hint())
}

/// A run that is older than what the table holds.
pub(crate) fn superseded(run: &PastRun) -> Failure {
    Failure::new(
        Exit::Input,
        format!(
            "run {} is superseded: a later run has written to table {} since, and older data never \
             goes over newer",
            run.dir.id(),
            display::quoted(run.journal.plan().table.as_str())
        ),
        Some("push its input as a new run if that is what the table shall hold".to_owned()),
    )
}

fn several(state: &StateDir, open: &[PastRun]) -> Failure {
    let now = Clock::system().now();
    let lines = open.iter().map(|run| {
        let plan = run.journal.plan();
        let table = display::quoted(plan.table.as_str());
        format!(
            "  {}   # table {table}, begun {} ago",
            lines::resume(state, run.dir.id()),
            display::time(plan.started.elapsed_at_least(&now))
        )
    });
    let mut message = "several pushes can be resumed:".to_owned();
    for line in lines {
        message.push('\n');
        message.push_str(&line);
    }
    let hint = Some("type one of these lines".to_owned());
    Failure {
        exit: Exit::Usage,
        problems: vec![Problem::new(message, hint)],
    }
}
