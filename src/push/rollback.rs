//! What a table goes back to: which kept records, what is lost with what came since, and whether they
//! are what was kept.

use std::path::PathBuf;

use crate::base::complaint::Complaint;
use crate::base::display;
use crate::base::model::TableKey;
use crate::prove::Proof;
use crate::push::outcome::{Exit, Failure};
use crate::runs::history::{History, PastRun};
use crate::runs::kept::{self, KeptError, Payload, Sidecar};
use crate::runs::state::RunId;

/// Kept records that are sent again.
#[derive(Clone, Debug)]
pub(crate) struct Rollback {
    payload: Payload,
    sidecar: Sidecar,
    /// When they were sent first.
    time: String,
    /// What came into the table since and is not among them, a line each.
    later: Vec<String>,
    drops_later: bool,
    /// Whether they are what the table was left with last.
    is_current: bool,
}

impl Rollback {
    /// The records of the run that was asked for, else of the last one whose content the table held before
    /// what it holds now. Also the run that sent them.
    pub(crate) fn choose<'a>(
        history: &'a History,
        (asked, drops_later): (Option<&str>, bool),
        table: &TableKey,
        base_url: &str,
    ) -> Result<(Self, &'a PastRun), Failure> {
        let contents = Contents::of(history);
        let run = match asked {
            Some(id) => named(history, id)?,
            None => (contents.before().filter_map(|id| history.run(id)))
                .find(|run| kept::is_counted(run))
                .ok_or_else(|| none_before(history))?,
        };
        let payload = Payload::of(&run.dir);
        let sidecar = payload
            .sidecar()
            .map_err(|error| damaged(run.dir.id(), &error))?;
        if sidecar.table != *table || sidecar.base_url != base_url {
            let of = format!(
                "table {} at {}",
                display::quoted(sidecar.table.as_str()),
                display::shown(&sidecar.base_url)
            );
            return Err(damaged(run.dir.id(), &KeptError::Other(of)));
        }
        let rollback = Self {
            payload,
            sidecar,
            time: time(run),
            later: later(history),
            drops_later,
            is_current: contents.is_last(run.dir.id()),
        };
        Ok((rollback, run))
    }

    /// The run that sent them first.
    pub(crate) fn run(&self) -> &RunId {
        &self.sidecar.run
    }

    pub(crate) fn sidecar(&self) -> &Sidecar {
        &self.sidecar
    }

    /// Where they are.
    pub(crate) fn path(&self) -> PathBuf {
        self.payload.path()
    }

    /// What is to be said of it.
    pub(crate) fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!(
            "back to the {} of run {} of {}",
            display::counted(self.sidecar.records, "record"),
            self.run(),
            self.time
        )];
        if self.is_current {
            notes.push("as far as pushes from here go, the table holds them already".to_owned());
        }
        if self.drops_later {
            let dropped = self.later.iter();
            notes.extend(dropped.map(|later| format!("what is not among them goes: {later}")));
        }
        notes
    }

    /// Refuses a file that is not what was written, before it is read as an input.
    pub(crate) fn check_file(&self) -> Result<(), Failure> {
        let checked = self.payload.check(&self.sidecar);
        checked.map_err(|error| damaged(self.run(), &error))
    }

    /// Refuses records that are not what was kept.
    pub(crate) fn check(&self, proof: &Proof) -> Result<(), Failure> {
        let kept = &self.sidecar;
        let same = |input: &crate::prove::InputProof| {
            (input.bytes, &input.digest) == (kept.bytes, &kept.digest)
        };
        match proof.records() == kept.records && proof.inputs.iter().all(same) {
            true => Ok(()),
            false => {
                let error = KeptError::Damaged("its records are not those that were kept");
                Err(damaged(self.run(), &error))
            }
        }
    }

    /// Why it is refused: it takes away what nobody may have thought of.
    pub(crate) fn refusal(&self) -> Option<Complaint> {
        if self.drops_later || self.later.is_empty() {
            return None;
        }
        let mut message = format!(
            "the table has records that are not among those of run {}, and would lose them:",
            self.run()
        );
        for later in &self.later {
            message.push_str("\n  ");
            message.push_str(later);
        }
        let hint = "if they may go, add --drop-later; their files can be pushed again afterwards";
        Some(Complaint::new(message, hint.to_owned()))
    }
}

/// The contents that the table had one after the other, as far as pushes from here tell.
struct Contents<'a> {
    /// The runs that sent them first, the oldest first. Whoever went back does not come to what was left by
    /// that: it is not among them any more.
    runs: Vec<&'a RunId>,
    /// Whether the last one is what the table holds, and all of it.
    has_last: bool,
}

impl<'a> Contents<'a> {
    fn of(history: &'a History) -> Self {
        let (mut runs, mut has_last) = (Vec::new(), false);
        let mut last = None;
        for run in (history.runs().iter()).filter(|run| run.journal.is_possibly_applied()) {
            let (journal, origin) = (&run.journal, run.origin());
            if journal.is_whole() {
                match runs.iter().position(|before| *before == origin) {
                    Some(place) => runs.truncate(place + 1),
                    None if journal.is_good_replace() => runs.push(origin),
                    None => {}
                }
            }
            has_last = journal.is_whole() && journal.is_good_replace();
            last = Some(run.dir.id());
        }
        let is_obscured = last.is_some_and(|last| history.unreadable_after(last).is_some());
        Self {
            runs,
            has_last: has_last && !is_obscured,
        }
    }

    /// Those that the table does not hold now, the last one first. Where it holds something else than any of
    /// them, that is all.
    fn before(&self) -> impl Iterator<Item = &'a RunId> {
        let runs = self.runs.iter().rev();
        runs.copied().skip(usize::from(self.has_last))
    }

    fn is_last(&self, run: &RunId) -> bool {
        self.has_last && self.runs.last() == Some(&run)
    }
}

/// The runs that may have changed the table, the newest first.
fn touched(history: &History) -> impl Iterator<Item = &PastRun> {
    let runs = history.runs().iter().rev();
    runs.filter(|run| run.journal.is_possibly_applied())
}

/// What came into the table since the last good replace of it, a line each, the oldest first: nothing of
/// it is among the records of any replace.
fn later(history: &History) -> Vec<String> {
    let since: Vec<_> = touched(history)
        .take_while(|run| !run.journal.is_good_replace())
        .collect();
    let last_good = touched(history).nth(since.len()).map(|run| run.dir.id());
    let upserts = since.iter().rev().filter(|run| !run.journal.is_whole());
    let told = upserts.map(|run| {
        let sums = run.journal.sums();
        let sent = display::counted(sums.accepted + sums.unknown, "record");
        format!("run {} of {}, an upsert of {sent}", run.dir.id(), time(run))
    });
    let unreadable = history.unreadable().iter();
    let unreadable = unreadable.filter(|run| last_good.is_none_or(|good| run.dir.id() > good));
    let unknown = unreadable.map(|run| {
        format!(
            "run {}, whose journal cannot be read and which may have sent some",
            run.dir.id()
        )
    });
    told.chain(unknown).collect()
}

fn time(run: &PastRun) -> String {
    let started = run.journal.plan().started.wall;
    started.strftime("%F %T UTC").to_string()
}

/// The run that was asked for, whose records are kept.
fn named<'a>(history: &'a History, id: &str) -> Result<&'a PastRun, Failure> {
    if let Some(run) = history
        .unreadable()
        .iter()
        .find(|run| run.dir.id().as_str() == id)
    {
        return Err(run.complaint().into());
    }
    let mut runs = history.runs().iter();
    let Some(run) = runs.find(|run| run.dir.id().as_str() == id) else {
        return Err(Failure::new(
            Exit::Usage,
            format!("there is no run {} of this table", display::quoted(id)),
            Some("qobra-push runs   lists them".to_owned()),
        ));
    };
    // A rollback's content is that of the run that it went back to.
    let origin = history.run(run.origin()).unwrap_or(run);
    if kept::is_counted(origin) && run.journal.is_good_replace() {
        return Ok(origin);
    }
    let why = match Payload::of(&run.dir).exists() {
        true => "it is no replace that went well",
        false => "its records are not kept",
    };
    Err(Failure::new(
        Exit::Usage,
        format!("there is no way back to run {id}: {why}"),
        Some(hint(history)),
    ))
}

fn none_before(history: &History) -> Failure {
    Failure::new(
        Exit::Usage,
        "there is nothing to go back to: no content is kept that this table held before what it holds now",
        Some(hint(history)),
    )
}

/// What there is, or what to do for the next time.
fn hint(history: &History) -> String {
    let kept = history.runs().iter().filter(|run| kept::is_counted(run));
    let kept: Vec<_> = kept.map(|run| run.dir.id().to_string()).collect();
    match kept.is_empty() {
        true => {
            "with --keep 2 each replace leaves a way back to what was there before it".to_owned()
        }
        false => format!(
            "name one of those whose records are kept: {}",
            kept.join(", ")
        ),
    }
}

/// Kept records that are not sent.
fn damaged(run: &RunId, error: &KeptError) -> Failure {
    Failure::new(
        Exit::Input,
        format!("the kept records of run {run} cannot be sent again: {error}; nothing was sent"),
        Some("go back to another run, or push the file that the table shall hold".to_owned()),
    )
}
