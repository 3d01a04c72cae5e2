//! What becomes of a table's base in the life of a run.
//!
//! Before the first request the base moves into the run's folder ([`hand_over`]): from then on no
//! base is known until the run has left one or is seen to have touched nothing ([`settle`]). So a kill at any moment, or a journal that is lost, ends with no base and never with
//! one that is out of date.
//!
//! Records that the service rejects may be learned of later ([`learn`]). A replace's leave its base; what the
//! table had of an upsert's only the base from before tells, so an upsert keeps what its base was made of until
//! its imports were followed to their end or another run touches the table ([`tidy_run`]).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::BaseError;
use super::merge::{self, Ids, beside};
use super::meta::{LineageRun, Meta};
use super::reader::BaseFile;
use super::standing::{self, NoBase, leaves_base, lineage_fault};
use crate::base::model::{Mode, TableState};
use crate::base::{crash, disk, threads};
use crate::prove::FingerprintKey;
use crate::runs::changes::Delivered;
use crate::runs::history::{History, PastRun};
use crate::runs::journal::{Journal, PlanLine};
use crate::runs::state::{self, RunDir};

/// Moves the base that holds into the folder of a run that is about to send, and removes what holds no
/// more. Called under the table's lock. Gives where the base was.
pub(crate) fn hand_over(
    history: &History,
    run: &RunDir,
    base_url: &str,
    key: Option<&FingerprintKey>,
) -> io::Result<Option<PathBuf>> {
    let held = standing::current(history, Some(base_url), key).ok();
    let held = held.map(|base| base.path().to_owned());
    if let Some(path) = &held {
        rename(path, &run.old_base_path())?;
        state::sync_folder(run.path())?;
        path.parent().map_or(Ok(()), state::sync_folder)?;
    }
    clear(history, run)?;
    crash::crash_point("base-handed-over");
    Ok(held)
}

/// Begins to write what was collected through to the disk, beside what comes next and waited for by nobody:
/// when all is sent, it took 32 ms for a million records, a twentieth of their push. Not before the journal and
/// the base of before are where they belong: a file system that writes data through before it names it, as ext4
/// does, would let them wait for that.
pub(crate) fn sync_early(run: &RunDir) {
    let path = run.new_base_path();
    if !path.exists() {
        return;
    }
    // Without a thread it is written through with the rest.
    let _ = threads::spawn("base", path, |path| {
        let _ = disk::sync(&path);
    });
}

/// Whether no other run touched the table since this one was compared with its base: that was handed over
/// to it, or is where it was.
pub(crate) fn still_holds(
    others: &History,
    run: &RunDir,
    plan: &PlanLine,
    key: Option<&FingerprintKey>,
) -> bool {
    let compared = plan.changes.as_ref().map(|changes| &changes.base_run);
    let current = || standing::current(others, Some(&plan.base_url), key).ok();
    run.old_base_path().exists()
        || current().is_some_and(|base| base.meta().run.as_ref() == compared)
}

/// Puts the base back after a run that is over and touched nothing.
fn give_back(history: &History, run: &RunDir, key: Option<&FingerprintKey>) {
    let path = run.old_base_path();
    let Some(key) = key.filter(|_| path.exists()) else {
        return;
    };
    let Ok(base) = BaseFile::open(&path, key) else {
        return;
    };
    let owner = base.meta().run.as_ref();
    let mut others = others(history, run);
    if let Some(owner) = others.find(|other| Some(other.id()) == owner) {
        // Where that fails there is nothing to compare with: that is said, and it is no harm.
        let _ = rename(&path, &owner.base_path()).and_then(|()| state::sync_folder(owner.path()));
    }
}

/// What a run left, as far as the base goes.
#[derive(Clone, Debug)]
pub(crate) struct Left<'a> {
    pub mode: Mode,
    pub delivered: Delivered,
    /// The records that the service rejected, by their ids as they are compared.
    pub rejected: &'a Ids,
    /// How many records the table lacks of the run, as its journal's last line says.
    pub missing: u64,
    /// How many of the run's imports were seen with an error.
    pub errors: u64,
}

impl Left<'_> {
    fn known(&self, run: &RunDir) -> LineageRun {
        LineageRun {
            run: run.id().clone(),
            missing: self.missing,
            errors: self.errors,
        }
    }
}

/// Whether a run that left its table in this state has what its base is made of.
pub(crate) fn can_make(run: &RunDir, mode: Mode, state: TableState) -> bool {
    leaves_base(state)
        && run.new_base_path().exists()
        && (mode.is_replace() || run.old_base_path().exists())
}

/// What becomes of the base when a run's journal has its end: it goes back where the run touched
/// nothing, else the run's own takes its place, or there is none. `left` is there where all is known that
/// a base needs. Whether the run left one; an error, in words, where it ought to have.
pub(crate) fn settle(
    history: &History,
    run: &RunDir,
    state: TableState,
    left: Option<&Left<'_>>,
    key: Option<&FingerprintKey>,
) -> Result<bool, String> {
    if state == TableState::Untouched {
        give_back(history, run, key);
        return Ok(false);
    }
    let left = left.filter(|left| can_make(run, left.mode, state));
    let made = left.zip(key).map_or(Ok(false), |(left, key)| {
        let path = made(history, run, left, key)?;
        put(&path, run).map_err(|error| error.to_string())?;
        Ok(true)
    });
    // What stays behind is not taken for a base: a later run has touched the table.
    let _ = clear(history, run);
    made
}

/// Removes what other runs left, those too that may go on: this one touches the table, or did.
fn clear(history: &History, run: &RunDir) -> io::Result<()> {
    for other in others(history, run) {
        for path in [
            other.base_path(),
            other.new_base_path(),
            other.old_base_path(),
        ] {
            match fs::remove_file(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
    }
    Ok(())
}

/// The whole file that is to be the run's base.
fn made(
    history: &History,
    run: &RunDir,
    left: &Left<'_>,
    key: &FingerprintKey,
) -> Result<PathBuf, String> {
    let told = |error: BaseError| error.to_string();
    let id = run.id();
    let is_later = |other: &PastRun| other.dir.id() > id && other.journal.is_possibly_applied();
    if history.runs().iter().any(is_later) || history.unreadable_after(id).is_some() {
        return Err("a later run may have changed the table".to_owned());
    }
    let path = run.new_base_path();
    let mut new = BaseFile::open(&path, key).map_err(told)?;
    if new.meta().run.as_ref() != Some(id) {
        return Err("what was collected is not of this run".to_owned());
    }
    if !left.mode.is_replace() {
        return merged(history, run, new, left, key);
    }
    let part = beside(&path);
    match left.rejected.is_empty() && new.meta().known_of(id) == Some(&left.known(run)) {
        true => Ok(path),
        false => merge::without(&mut new, left.rejected, left.known(run), &part).map_err(told),
    }
}

/// The runs whose records are in a base that one more was added to. What was seen to its end is known for
/// good: daily runs would make the list longer and longer, and runs that are removed in time say nothing.
fn lineage(history: &History, old: &Meta, last: LineageRun) -> Vec<LineageRun> {
    let is_open = |one: &&LineageRun| {
        let run = history.run(&one.run);
        !run.is_some_and(|run| run.journal.is_followed())
    };
    let open = old.lineage.iter().filter(is_open).cloned();
    open.chain([last]).collect()
}

/// The base from before with the records over it that an upsert sent of what it collected.
fn merged(
    history: &History,
    run: &RunDir,
    mut new: BaseFile,
    left: &Left<'_>,
    key: &FingerprintKey,
) -> Result<PathBuf, String> {
    let told = |error: BaseError| error.to_string();
    let mut old = BaseFile::open(&run.old_base_path(), key).map_err(told)?;
    if old.meta().base_url != new.meta().base_url || old.meta().table != new.meta().table {
        return Err("the base is that of another table".to_owned());
    }
    if let Some(why) = lineage_fault(history, old.meta()) {
        return Err(why);
    }
    let lineage = lineage(history, old.meta(), left.known(run));
    if left.delivered == Delivered::Equal && left.rejected.is_empty() {
        // Nothing is in the table that was not collected.
        let meta = Meta {
            lineage,
            whole_at: old.meta().whole_at,
            ..new.meta().clone()
        };
        let path = new.path().to_owned();
        new.relabel(&meta).map_err(|error| error.to_string())?;
        return Ok(path);
    }
    let made = (lineage, left.delivered == Delivered::All);
    let part = beside(&run.new_base_path());
    merge::merge(&mut old, &mut new, left.rejected, made, &part).map_err(told)
}

/// Gives a whole file the name of the run's base.
fn put(path: &Path, run: &RunDir) -> io::Result<()> {
    crash::fail_point("base-sync")?;
    disk::sync(path)?;
    crash::crash_point("base-before");
    rename(path, &run.base_path())?;
    state::sync_folder(run.path())?;
    crash::crash_point("base-after");
    Ok(())
}

/// What was learned later of a run: `rejected` and `missing` as in [`Left`], where each of the missing
/// records is known.
///
/// Called before the journal tells it: a kill in between leaves a base that does not hold.
pub(crate) fn learn(
    history: &History,
    run: &RunDir,
    left: Option<&Left<'_>>,
    key: Option<&FingerprintKey>,
) {
    for holder in all(history).filter(|one| one.base_path().exists()) {
        let path = holder.base_path();
        let Some(key) = key else {
            end(holder);
            continue;
        };
        let Ok(base) = BaseFile::open(&path, key) else {
            continue;
        };
        let Some(known) = base.meta().known_of(run.id()) else {
            continue;
        };
        if left.is_some_and(|left| left.known(run) == *known) {
            continue;
        }
        // What later runs wrote since is not known.
        let left = left.filter(|_| holder.id() == run.id());
        let kept = left.and_then(|left| relearned(history, run, base, left, key).ok());
        let put = kept.map(|part| put(&part, holder));
        if !matches!(put, Some(Ok(()))) {
            end(holder);
        }
    }
}

/// Removes the base that a run left, and what it was made of.
fn end(holder: &RunDir) {
    let paths = [
        holder.base_path(),
        holder.new_base_path(),
        holder.old_base_path(),
    ];
    for path in paths {
        let _ = fs::remove_file(path);
    }
}

/// The run's own base without the records that were rejected.
fn relearned(
    history: &History,
    run: &RunDir,
    mut base: BaseFile,
    left: &Left<'_>,
    key: &FingerprintKey,
) -> Result<PathBuf, String> {
    let told = |error: BaseError| error.to_string();
    if left.mode.is_replace() {
        let part = beside(&run.base_path());
        return merge::without(&mut base, left.rejected, left.known(run), &part).map_err(told);
    }
    let new = match left.delivered {
        // The base is all that was collected.
        Delivered::Equal => base,
        _ => BaseFile::open(&run.new_base_path(), key).map_err(told)?,
    };
    merged(history, run, new, left, key)
}

/// Removes what a run that is over keeps only to go on, and what its base was made of unless rejected
/// records of it may be learned of yet.
pub(crate) fn tidy_run(run: &RunDir, journal: &Journal) -> io::Result<()> {
    let is_replace = journal.plan().mode.is_replace();
    match !is_replace && !journal.is_followed() && run.base_path().exists() {
        true => run.remove_inputs(),
        false => run.remove_means(),
    }
}

/// Removes bases that hold never again, and what runs that are over left behind.
pub(crate) fn tidy(history: &History, key: Option<&FingerprintKey>) {
    if let Err(NoBase { is_final: true, .. }) = standing::current(history, None, key) {
        for run in all(history) {
            let _ = fs::remove_file(run.base_path());
        }
    }
    let runs = history.runs().iter();
    for PastRun { dir, journal } in runs.filter(|run| run.journal.is_finished()) {
        let _ = tidy_run(dir, journal);
    }
}

fn all(history: &History) -> impl Iterator<Item = &RunDir> {
    let unreadable = history.unreadable().iter().map(|run| &run.dir);
    history.runs().iter().map(|run| &run.dir).chain(unreadable)
}

fn others<'a>(history: &'a History, run: &'a RunDir) -> impl Iterator<Item = &'a RunDir> {
    all(history).filter(|other| other.id() != run.id())
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    crash::fail_point("base-rename")?;
    disk::rename(from, to)
}
