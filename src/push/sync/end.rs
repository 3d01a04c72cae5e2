//! How a table of a sync ended.

use crate::base::exit::Exit;
use crate::base::model::TableState;
use crate::push::outcome::{Failure, Outcome};

/// How a table of a sync ended.
#[derive(Debug)]
pub(crate) struct End {
    /// What came of it, as of a push by itself; none where there was nothing to send.
    pub result: Result<Option<Outcome>, Failure>,
    /// Why it was not sent although nothing was wrong with it.
    pub because: Option<String>,
}

impl End {
    pub(crate) fn exit(&self) -> Exit {
        match &self.result {
            Ok(Some(outcome)) => outcome.exit,
            Ok(None) => Exit::Done,
            Err(failure) => failure.exit,
        }
    }

    /// What the table holds.
    pub(crate) fn table_state(&self) -> TableState {
        match &self.result {
            Ok(Some(outcome)) => outcome.table_state,
            Ok(None) | Err(_) => TableState::Untouched,
        }
    }

    /// Whether a table that comes after this one may be sent.
    pub(super) fn is_well(&self, with_gaps: bool) -> bool {
        match self.exit() {
            Exit::Done => true,
            Exit::Gaps => with_gaps,
            _ => false,
        }
    }
}
