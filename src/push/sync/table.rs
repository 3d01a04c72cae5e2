//! One table of a sync, and how far it is.

use super::end::End;
use crate::base::exit::Exit;
use crate::push::outcome::{Failure, Outcome};
use crate::push::plan::Plan;
use crate::push::run::fresh::{self, Ready};
use crate::push::run::{Dispatched, Session};
use crate::runs::state::RunDir;

/// One table of a sync. It is locked until the whole sync is over.
pub(crate) struct SyncTable {
    pub name: String,
    pub plan: Plan,
    /// The tables that come before it, by their places among those that take part.
    pub after: Vec<usize>,
    /// Whether it comes after one with gaps, too.
    pub after_gaps: bool,
    /// The line that pushes it alone.
    pub line: String,
    pub session: Session,
    pub(super) run: Option<RunDir>,
    pub(super) stage: Stage,
}

/// How far a table is.
pub(super) enum Stage {
    Begun,
    Proved(Box<Ready>),
    Dispatched(Box<Dispatched>),
    Ended(Box<End>),
}

impl SyncTable {
    pub(crate) fn new(
        name: String,
        plan: Plan,
        (after, after_gaps): (Vec<usize>, bool),
        line: String,
        session: Session,
    ) -> Self {
        Self {
            name,
            plan,
            after,
            after_gaps,
            line,
            session,
            run: None,
            stage: Stage::Begun,
        }
    }

    /// How it ended, once it did.
    pub(crate) fn ended(&self) -> Option<&End> {
        match &self.stage {
            Stage::Ended(end) => Some(end),
            _ => None,
        }
    }

    /// Says what is done with it from here on.
    pub(super) fn announce(&self, what: &str) {
        let table = crate::base::display::quoted(self.plan.send.table.as_str());
        let name = crate::base::display::shown(&self.name);
        self.session
            .events
            .note(format!("{name}: {what} table {table}"));
    }

    /// It is over: its run keeps what a push by itself keeps, and its receipt says how it ended.
    pub(super) fn end(
        &mut self,
        result: Result<Option<Outcome>, Failure>,
        because: Option<String>,
    ) {
        if let Some(run) = &self.run {
            fresh::end(&mut self.session, run, &result);
        }
        self.stage = Stage::Ended(Box::new(End { result, because }));
    }

    /// It is not sent, although nothing is wrong with it.
    pub(super) fn leave(&mut self, exit: Exit, because: String) {
        let hint = format!("later: {}", self.line);
        let failure = Failure::new(exit, format!("not sent: {because}"), Some(hint));
        self.end(Err(failure), Some(because));
    }
}
