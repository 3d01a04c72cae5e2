//! The outcome: from what was sent and what the imports said to a code and a table's state.

use super::held::{Context, Outcome, table_state};
use super::{explain, prospect};
use crate::base::exit::Exit;
use crate::base::model::TableState;
use crate::push::send::{Halt, PartResult, PartState, Sent};

impl Outcome {
    /// Judges what became of the requests.
    pub(crate) fn judge(sent: &Sent, context: Context<'_>) -> Self {
        let accepted = |result: &&PartResult| matches!(result.state, PartState::Accepted(_));
        let results = &sent.results;
        let (records_before, chunks_before) = context.before;
        let new_chunks = results.iter().filter(accepted).count() as u64;
        let unknown = |result: &&PartResult| matches!(result.state, PartState::Unknown(_));
        let records = |of: &dyn Fn(&&PartResult) -> bool| -> u64 {
            let of = results.iter().filter(|result| of(result));
            of.map(|result| result.part.records).sum()
        };
        let new_records = records(&accepted);
        let all_records = records(&|_| true);
        let mut outcome = Self {
            table_state: table_state(sent, context),
            left_out: context.left_out,
            records: records_before + all_records,
            accepted_records: records_before + new_records,
            unknown_records: records(&unknown),
            chunks: chunks_before + results.len() as u64,
            accepted_chunks: chunks_before + new_chunks,
            took: sent.took,
            prospect: String::new(),
            when: prospect::when(sent, context.mode),
            is_followed: false,
            reasons: Vec::new(),
            failure: explain::failure(sent, context),
            exit: Exit::Done,
        };
        outcome.exit = outcome.exit(sent);
        outcome.prospect = prospect::prospect(&outcome, sent, context);
        outcome
    }

    /// Where several codes apply the highest rank wins: a signal, a push in part, gaps, the rest.
    fn exit(&self, sent: &Sent) -> Exit {
        let is_complete =
            self.accepted_records == self.records && self.accepted_chunks == self.chunks;
        match (&sent.halt, self.table_state) {
            (Some(Halt::Signal(signal)), _) if !is_complete => Exit::Interrupted(*signal),
            (_, TableState::AtRisk | TableState::Unknown) => Exit::Partial,
            (_, TableState::Gaps) => Exit::Gaps,
            (_, TableState::Pending | TableState::Replaced | TableState::Updated) => Exit::Done,
            (_, TableState::Untouched) => self
                .failure
                .as_ref()
                .map_or(Exit::Done, |failure| failure.exit),
        }
    }

    /// Whether there is something left that `resume` would send.
    pub(crate) fn is_open(&self) -> bool {
        // What was followed to its end is over, whatever the table holds.
        matches!(self.table_state, TableState::AtRisk | TableState::Unknown)
            && self.exit != Exit::Gaps
    }
}
