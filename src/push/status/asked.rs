//! What is asked for: the imports, and the runs from here that hold them.

use std::time::Duration;

use crate::base::clock::Clock;
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::cli::{CommonArgs, StatusArgs};
use crate::prove::FingerprintKey;
use crate::push::follow::{FollowOptions, earliest};
use crate::push::lines;
use crate::push::outcome::{Exit, Failure};
use crate::push::plan::Environment;
use crate::runs::base;
use crate::runs::history::{History, PastRun, UnreadableRun};
use crate::runs::journal::{Journal, RunState};
use crate::runs::resumption;
use crate::runs::state::{RunId, StateDir, TableDir};

pub(crate) struct Asked {
    /// The distinct imports.
    pub(crate) ids: Vec<ImportId>,
    /// Whose entries count; none where several tables do, or none is known.
    pub(crate) table: Option<TableKey>,
    /// The imports by the run from here that holds them; those of nobody here are one group too.
    pub(crate) groups: Vec<Group>,
    /// Where the runs are; none on a machine without a place for state.
    state: Option<StateDir>,
}

/// The imports of one run, or of none from here.
pub(crate) struct Group {
    pub(crate) ids: Vec<ImportId>,
    pub(crate) run: Option<OwnRun>,
}

/// A run from here.
pub(crate) struct OwnRun {
    pub(crate) past: PastRun,
    pub(crate) folder: TableDir,
    /// The last run that wrote to the table after it.
    pub(crate) later: Option<RunId>,
    /// What else came after it: what to say of that, and what to try.
    remarks: Vec<(String, Option<String>)>,
    /// Whether an import of it holds records of another run too.
    pub(crate) shares_imports: bool,
}

impl Asked {
    pub(crate) fn new(
        args: &StatusArgs,
        common: &CommonArgs,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let usage =
            |message: String, hint: Option<String>| Failure::new(Exit::Usage, message, hint);
        let table = args.table.as_deref().map(TableKey::new).transpose();
        let table = table.map_err(|error| usage(error.to_string(), None))?;
        let mut ids = Vec::new();
        for id in &args.imports {
            let known = ImportId::new(id);
            let id = known
                .ok_or_else(|| usage(format!("{} is no import id", display::quoted(id)), None))?;
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        let state = locate(&ids, common, environment)?;
        let mut found = FoundRuns::default();
        if let Some(state) = &state {
            found = FoundRuns::look(state, &ids, table.as_ref())?;
        }
        if ids.is_empty() {
            let Some(run) = found.runs.first() else {
                return Err(found.nothing());
            };
            let imports = run.past.journal.import_ids();
            ids = imports.into_iter().cloned().collect();
        }
        let groups = groups(&ids, found.runs);
        let mut tables = groups
            .iter()
            .map(|group| group.run.as_ref().map(OwnRun::table));
        let first = tables.next().flatten().cloned();
        let is_one = tables.all(|table| table == first.as_ref());
        Ok(Self {
            table: table.or(first.filter(|_| is_one)),
            ids,
            groups,
            state,
        })
    }

    /// The imports of a run, all of them.
    pub(crate) fn of_run(
        run: &PastRun,
        (state, folder): (&StateDir, &TableDir),
        history: &History,
    ) -> Self {
        let ids: Vec<_> = run.journal.import_ids().into_iter().cloned().collect();
        let group = Group {
            ids: ids.clone(),
            run: Some(OwnRun::new(run, folder, history, true)),
        };
        Self {
            ids,
            table: Some(run.journal.plan().table.clone()),
            groups: vec![group],
            state: Some(state.clone()),
        }
    }

    /// How the table was written, where one run from here is asked for and the table is its own.
    pub(crate) fn mode(&self) -> Option<Mode> {
        let [Group { run: Some(run), .. }] = self.groups.as_slice() else {
            return None;
        };
        run.is_about(self.table.as_ref())
            .then_some(run.past.journal.plan().mode)
    }

    pub(crate) fn first_run(&self) -> Option<&PastRun> {
        let mut runs = self.groups.iter().filter_map(|group| group.run.as_ref());
        runs.next().map(|run| &run.past)
    }

    pub(crate) fn options(
        &self,
        mode: Mode,
        timeout: Duration,
        connect_for: Duration,
    ) -> FollowOptions {
        let journal = self.first_run().map(|run| &run.journal);
        // As the run took its window to count.
        let window = |journal: &Journal| {
            let reading = journal.plan().facts.as_ref().and_then(|facts| facts.window);
            let window = resumption::window(journal, mode.window().unwrap_or_default(), reading);
            window.counts_from()
        };
        let opened = journal.and_then(window);
        let last = journal.and_then(|journal| journal.attempts().last());
        let now = Clock::system().now();
        // What the service does not know by then it will not.
        let spent = last.map_or(Duration::ZERO, |last| last.at.elapsed_at_most(&now));
        let spent = spent.saturating_sub(mode.window().unwrap_or_default());
        FollowOptions {
            table: self.table.clone(),
            earliest: opened.and_then(|opened| earliest(mode, Some(&opened), &now)),
            timeout,
            connect_for,
            first_seen_grace: FollowOptions::FIRST_SEEN_GRACE.saturating_sub(spent),
            unknown_status: None,
        }
    }

    /// Says which runs this is about, and when they were: whoever asked for no import must see that
    /// it may be an older push than the last one that was tried.
    pub(crate) fn introduce(&self, events: &Events) {
        for run in self.groups.iter().filter_map(|group| group.run.as_ref()) {
            let plan = run.past.journal.plan();
            events.note(format!(
                "run {} of {}, to table {}",
                run.past.dir.id(),
                plan.started.wall.strftime("%F %T UTC"),
                display::quoted(plan.table.as_str())
            ));
            for (remark, hint) in &run.remarks {
                events.warn(remark, hint.clone());
            }
        }
    }

    /// The key of the state folder's fingerprints, where there is one that can be read.
    pub(crate) fn base_key(&self) -> Option<FingerprintKey> {
        base::read(self.state.as_ref()?).ok().flatten()
    }

    /// The line that takes a run up again.
    pub(crate) fn resume_line(&self, run: &RunId) -> String {
        match &self.state {
            Some(state) => lines::resume(state, run),
            None => format!("qobra-push resume {run}"),
        }
    }
}

impl OwnRun {
    fn table(&self) -> &TableKey {
        &self.past.journal.plan().table
    }

    /// Whether its table is the one that counts.
    pub(crate) fn is_about(&self, table: Option<&TableKey>) -> bool {
        table.is_none_or(|table| table == self.table())
    }

    fn new(run: &PastRun, folder: &TableDir, history: &History, is_asked_for: bool) -> Self {
        let (own, id) = (&run.journal, run.dir.id());
        let mut others = history.runs().iter();
        let later = others.rfind(|other| own.is_superseded_by(&other.journal));
        let imports = own.import_ids();
        let mut others = history.runs().iter().filter(|other| other.dir.id() != id);
        let shares_imports = others.any(|other| {
            let mut shared = imports.iter();
            shared.any(|id| other.journal.has_import(id))
        });
        let mut remarks = Vec::new();
        if let Some(later) = later {
            let message = format!("run {} has written to the table since", later.dir.id());
            remarks.push((message, None));
        }
        if let Some(later) = history.unreadable_after(id) {
            let message = format!("run {} came after it: {}", later.dir.id(), later.error);
            remarks.push((message, later.error.hint()));
        }
        let last = history.runs().last().filter(|last| last.dir.id() > id);
        if let Some(last) = last.filter(|_| !is_asked_for)
            && let (Some(end), RunState::Untouched) =
                (last.journal.end(), last.journal.state(false, []))
        {
            let message = format!(
                "a later push, run {}, ended with {} and did not touch the table",
                last.dir.id(),
                end.exit_code
            );
            remarks.push((message, None));
        }
        Self {
            past: run.clone(),
            folder: folder.clone(),
            later: later.map(|later| later.dir.id().clone()),
            remarks,
            shares_imports,
        }
    }
}

impl OwnRun {
    /// The last push from here may have been one to another table that nobody can read.
    fn note_newer(&mut self, unreadable: &[UnreadableRun]) {
        for run in unreadable {
            let is_of_table = run.dir.path().starts_with(self.folder.path());
            if !is_of_table && run.dir.id() > self.past.dir.id() {
                let message = format!("run {} came after it: {}", run.dir.id(), run.error);
                self.remarks.push((message, run.error.hint()));
            }
        }
    }
}

/// What was found in the state folder.
#[derive(Default)]
struct FoundRuns {
    /// The runs that hold an import that was asked for; where none was, the last run that may have
    /// touched a table.
    runs: Vec<OwnRun>,
    unreadable: Vec<UnreadableRun>,
}

impl FoundRuns {
    fn look(state: &StateDir, ids: &[ImportId], table: Option<&TableKey>) -> Result<Self, Failure> {
        let mut found = Self::default();
        for folder in state.tables()? {
            let history = History::read(&folder)?;
            for run in history.runs() {
                let journal = &run.journal;
                let is_meant = match ids {
                    [] => {
                        let is_about = table.is_none_or(|table| journal.plan().table == *table);
                        is_about && journal.is_possibly_applied()
                    }
                    ids => ids.iter().any(|id| journal.has_import(id)),
                };
                if is_meant {
                    let run = OwnRun::new(run, &folder, &history, !ids.is_empty());
                    found.runs.push(run);
                }
            }
            found.unreadable.extend(history.into_runs().1);
        }
        found
            .runs
            .sort_by(|a, b| a.past.dir.id().cmp(b.past.dir.id()));
        if ids.is_empty() {
            found.runs.drain(..found.runs.len().saturating_sub(1));
            found
                .runs
                .iter_mut()
                .for_each(|run| run.note_newer(&found.unreadable));
        }
        Ok(found)
    }

    /// There is no run to be shown.
    fn nothing(self) -> Failure {
        match self.unreadable.last() {
            None => Failure::new(
                Exit::Usage,
                "no push from here has an import",
                Some("name the imports: qobra-push status IMPORT_ID".to_owned()),
            ),
            Some(run) => run.complaint().into(),
        }
    }
}

/// The state folder; none where there is no place for one and the imports are named.
fn locate(
    ids: &[ImportId],
    common: &CommonArgs,
    environment: &Environment,
) -> Result<Option<StateDir>, Failure> {
    match environment.state(common) {
        Ok(state) => Ok(Some(state)),
        // Ids alone will do on a machine that has no place for state.
        Err(_) if !ids.is_empty() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The imports by run. One that two runs hold is looked at for both.
fn groups(ids: &[ImportId], runs: Vec<OwnRun>) -> Vec<Group> {
    let is_known = |id: &&ImportId| runs.iter().any(|run| run.past.journal.has_import(id));
    let foreign: Vec<_> = ids.iter().filter(|id| !is_known(id)).cloned().collect();
    let mut groups = Vec::new();
    if !foreign.is_empty() {
        groups.push(Group {
            ids: foreign,
            run: None,
        });
    }
    groups.extend(runs.into_iter().map(|run| {
        Group {
            ids: (ids.iter().filter(|id| run.past.journal.has_import(id)))
                .cloned()
                .collect(),
            run: Some(run),
        }
    }));
    groups
}
