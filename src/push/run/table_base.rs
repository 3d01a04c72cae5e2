//! The table's base in the life of a run: the steps are in `runs::base`, when they are taken is here.

use std::path::Path;

use super::session::Session;
use super::wait::FollowedPush;
use crate::base::model::{Mode, TableKey};
use crate::prove::FingerprintKey;
use crate::push::outcome::Outcome;
use crate::push::send::RunJournal;
use crate::runs::base::{self, Left};
use crate::runs::changes::Delivered;
use crate::runs::state::RunDir;

/// What a run left besides its outcome.
pub(super) struct Ended<'a> {
    pub(super) outcome: &'a Outcome,
    pub(super) mode: Mode,
    pub(super) delivered: Delivered,
    /// How many records the table lacks, where each of them is known.
    pub(super) missing: Option<u64>,
    /// What was seen of its imports.
    pub(super) seen: Option<&'a FollowedPush>,
    pub(super) table: &'a TableKey,
    pub(super) id_field: &'a str,
}

impl Ended<'_> {
    /// Whether the run is to leave a base.
    fn leaves_base(&self, run: &RunDir) -> bool {
        self.missing.is_some() && base::can_make(run, self.mode, self.outcome.table_state)
    }
}

impl Session {
    /// The key of the state folder; none where no base can be read. What is wrong with it was said
    /// when something was to be collected.
    pub(super) fn base_key(&self) -> Option<FingerprintKey> {
        base::read(&self.state).ok().flatten()
    }

    /// Removes bases that hold never again.
    pub(super) fn tidy_bases(&self) {
        base::tidy(&self.history, self.base_key().as_ref());
    }

    /// The last step before a request may leave.
    pub(super) fn hand_over_base(&self, run: &RunDir, base_url: &str) {
        let key = self.base_key();
        match base::hand_over(&self.history, run, base_url, key.as_ref()) {
            Ok(Some(from)) => self.keep_base(run, &from),
            Ok(None) => {}
            Err(error) => self.events.warn(
                format!(
                    "the base of the table cannot be moved: {error}; the next run has nothing to \
                     compare with"
                ),
                None,
            ),
        }
    }

    /// Ends the run's journal and then makes its base, or gives back the one from before.
    pub(super) fn end(&self, run: &RunDir, journal: &RunJournal<'_>, ended: &Ended<'_>) {
        let (exit, state) = (ended.outcome.exit.code(), ended.outcome.table_state);
        let leaves_base = ended.leaves_base(run);
        journal.end(exit, state, ended.missing, leaves_base);
        if !self.settle_base(run, ended) && leaves_base {
            journal.end(exit, state, ended.missing, false);
        }
    }

    /// What becomes of the base when the journal has its end. Whether the run left one.
    fn settle_base(&self, run: &RunDir, ended: &Ended<'_>) -> bool {
        let (key, state) = (self.base_key(), ended.outcome.table_state);
        let rejected = match ended.seen {
            Some(seen) => seen.verdict.rejected.ids(ended.id_field),
            None => Some(base::Ids::new()),
        };
        let imports = ended.seen.map_or(&[][..], |seen| &seen.followed.imports);
        let errors = imports
            .iter()
            .filter(|import| import.has_error(ended.table));
        let known = rejected.as_ref().zip(ended.missing);
        let left = known.map(|(rejected, missing)| Left {
            mode: ended.mode,
            delivered: ended.delivered,
            rejected,
            missing,
            errors: errors.count() as u64,
        });
        let settled = base::settle(&self.history, run, state, left.as_ref(), key.as_ref());
        settled.unwrap_or_else(|why| {
            let message = format!("the next run has nothing to compare with: {why}");
            self.events.warn(message, None);
            false
        })
    }

    /// A signal before the first request leaves the base where it was.
    fn keep_base(&self, run: &RunDir, from: &Path) {
        let bases = (run.old_base_path(), from.to_owned());
        self.farewell().bases.push(bases);
    }
}
