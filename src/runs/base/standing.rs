//! Whether a base still tells what this machine left in its table: read from journals and files alone.

use std::io;

use super::error::BaseError;
use super::meta::{LineageRun, Meta};
use super::reader::BaseFile;
use crate::base::model::TableState;
use crate::prove::FingerprintKey;
use crate::runs::history::{History, PastRun};
use crate::runs::journal::Journal;
use crate::runs::state::RunId;

/// Why there is nothing to compare with.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub(crate) struct NoBase {
    /// In words that follow "there is nothing to compare with: ".
    pub why: String,
    /// Whether a base that may be there holds never again.
    pub(super) is_final: bool,
}

/// The base of a table, if there is one that holds; of pushes to this address, where one is named.
/// Other processes may move it: the file that was opened stays readable.
pub(crate) fn current(
    history: &History,
    base_url: Option<&str>,
    key: Option<&FingerprintKey>,
) -> Result<BaseFile, NoBase> {
    let run = last_touch(history)?;
    let id = run.dir.id();
    if !run.dir.base_path().exists() {
        return Err(left_none(id));
    }
    if let Some(why) = state_fault(id, run.journal.table_state()) {
        return Err(over(why));
    }
    let Some(key) = key else {
        return Err(not_now(
            "the state folder has no base.key that can be read any more".to_owned(),
        ));
    };
    let base = BaseFile::open(&run.dir.base_path(), key).map_err(|error| unreadable(id, error))?;
    let (meta, plan) = (base.meta(), run.journal.plan());
    if meta.run.as_ref() != Some(id) || meta.table != plan.table || meta.known_of(id).is_none() {
        let why = format!("the base in the folder of run {id} is that of another run");
        return Err(over(why));
    }
    if base_url.is_some_and(|base_url| meta.base_url != base_url) {
        let why = format!("run {id} pushed to {}", meta.base_url);
        return Err(not_now(why));
    }
    match lineage_fault(history, meta) {
        Some(why) => Err(over(why)),
        None => Ok(base),
    }
}

/// The last run that may have changed the table.
fn last_touch(history: &History) -> Result<&PastRun, NoBase> {
    let runs = history.runs().iter();
    let last = runs.rev().find(|run| run.journal.is_possibly_applied());
    let unreadable = history.unreadable().last().map(|run| run.dir.id());
    match (last, unreadable) {
        (last, Some(id)) if last.is_none_or(|run| run.dir.id() < id) => Err(left_none(id)),
        (Some(last), _) => Ok(last),
        (None, _) if history.is_empty() => {
            Err(over("no push to this table is known here".to_owned()))
        }
        (None, _) => Err(over("no push from here has reached this table".to_owned())),
    }
}

fn left_none(id: &RunId) -> NoBase {
    over(format!(
        "run {id} may have changed the table and left no base"
    ))
}

fn over(why: String) -> NoBase {
    let is_final = true;
    NoBase { why, is_final }
}

/// What another version, another address or a key that comes back may read again.
fn not_now(why: String) -> NoBase {
    let is_final = false;
    NoBase { why, is_final }
}

fn unreadable(id: &RunId, error: BaseError) -> NoBase {
    match error {
        BaseError::Io(error) if error.kind() == io::ErrorKind::NotFound => left_none(id),
        BaseError::Io(error) => not_now(format!("the base of run {id} cannot be read: {error}")),
        error @ BaseError::Damaged(_) => over(format!("the base of run {id}: {error}")),
        error => not_now(format!("the base of run {id}: {error}")),
    }
}

/// Whether a run that left the table in this state leaves a base.
pub(super) fn leaves_base(state: TableState) -> bool {
    use TableState::{Gaps, Pending, Replaced, Updated};
    matches!(state, Replaced | Updated | Pending | Gaps)
}

fn state_fault(id: &RunId, state: TableState) -> Option<String> {
    match state {
        state if leaves_base(state) => None,
        TableState::AtRisk => Some(format!("run {id} left the table at risk")),
        _ => Some(format!("what run {id} left in the table is unknown")),
    }
}

/// The runs that went into a base of which not all imports were followed to their end.
pub(crate) fn unfollowed<'b>(
    base: &'b BaseFile,
    history: &'b History,
) -> impl Iterator<Item = &'b RunId> {
    let lineage = base.meta().lineage.iter().map(|one| &one.run);
    lineage.filter(|id| {
        let run = history.run(id);
        run.is_none_or(|run| !run.journal.is_followed())
    })
}

/// Whether the runs that went into a base tell something else by now than when it was made. One that
/// was removed with its folder tells nothing.
pub(super) fn lineage_fault(history: &History, meta: &Meta) -> Option<String> {
    meta.lineage.iter().find_map(|one| {
        let id = &one.run;
        if history.unreadable().iter().any(|run| run.dir.id() == id) {
            return Some(format!("the journal of run {id} cannot be read any more"));
        }
        let run = history.run(id)?;
        match state_fault(id, run.journal.table_state()) {
            None if is_as_known(&run.journal, one) => None,
            None => Some(format!(
                "the table lacks other records of run {id} than was known"
            )),
            why => why,
        }
    })
}

/// Whether a run lacks as many records as was known.
fn is_as_known(journal: &Journal, then: &LineageRun) -> bool {
    let Some(end) = journal.end() else {
        return false;
    };
    // Each error that was seen is one that was counted.
    let errors = journal.imports().iter().filter(|import| import.has_error);
    errors.count() as u64 == then.errors && end.rejects == Some(then.missing)
}
