//! What a push and a resume share: the table's lock, its past, signals, and the way from proved
//! chunks to an outcome.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::api::{ApiOptions, BaseUrl, Client, Service as _};
use crate::clock::Clock;
use crate::commands::runtime;
use crate::display;
use crate::event::Events;
use crate::history::{History, HistoryError};
use crate::journal::{Journal, JournalWriter, Resumption};
use crate::model::TableKey;
use crate::outcome::{Context, Exit, Failure, LeftOut, Outcome, clock_time};
use crate::progress::Progress;
use crate::secret::ApiKey;
use crate::send::{self, Cargo, Diary, Load, Means, SendOptions, quiet};
use crate::signals::Interrupts;
use crate::state::{Lock, LockError, RunDir, StateDir, StateError, TableDir};
use crate::terminal::Terminal;

/// How many runs of a table are kept.
const KEPT_RUNS: usize = 50;

/// A table that this process alone pushes to.
pub(super) struct Session {
    pub(super) progress: Arc<Progress>,
    pub(super) events: Events,
    pub(super) clock: Clock,
    pub(super) interrupts: Interrupts,
    pub(super) state: StateDir,
    pub(super) table: TableDir,
    pub(super) history: History,
    lock: Lock,
    /// The run's folder, to be removed if a signal ends the process before the first request.
    unsent: Arc<Mutex<Option<PathBuf>>>,
}

/// What is sent, and how it is judged.
pub(super) struct Shipment {
    pub(super) cargo: Cargo,
    pub(super) load: Load,
    pub(super) options: SendOptions,
    /// Records and requests accepted before.
    pub(super) before: (u64, u64),
    /// Whether an earlier process of the run may have touched the table.
    pub(super) has_touched: bool,
    pub(super) left_out: LeftOut,
    pub(super) rejects: Option<PathBuf>,
    /// For a run that is taken up again: how.
    pub(super) resumption: Option<Resumption>,
}

impl Session {
    /// Takes the table, or says who has it.
    ///
    /// # Errors
    /// When another push runs, or the state folder or its past cannot be used.
    pub(super) fn open(
        state: StateDir,
        base_url: &BaseUrl,
        table: &TableKey,
        terminal: &Arc<Terminal>,
    ) -> Result<Self, Failure> {
        let table = state.table(&base_url.to_string(), table);
        let clock = Clock::system();
        let unsent = Arc::new(Mutex::new(None::<PathBuf>));
        let interrupts = listen(terminal, &unsent);
        let lock = table.lock(&clock).map_err(locked)?;
        let history = History::read(&table).map_err(|error| past(&error))?;
        let progress = Progress::new(Arc::clone(terminal));
        let events = progress.events();
        let session = Self {
            progress,
            events,
            clock,
            interrupts,
            state,
            table,
            history,
            lock,
            unsent,
        };
        Ok(session)
    }

    /// Says until when nothing will be sent, if an earlier replace may still be waiting.
    pub(super) fn announce(&self) {
        let now = self.clock.now();
        let until = |left| clock_time(now.wall + left);
        quiet::announce(&self.history, &now, &self.events, until);
    }

    /// The folder of a new run.
    pub(super) fn new_run(&mut self) -> Result<RunDir, Failure> {
        self.tidy();
        let run = self.table.new_run(&self.clock).map_err(unusable)?;
        self.lock.name_run(run.id());
        *self.unsent.lock().unwrap_or_else(PoisonError::into_inner) = Some(run.path().to_owned());
        Ok(run)
    }

    /// A run of the past that is taken up again.
    pub(super) fn name_run(&mut self, run: &RunDir) {
        self.lock.name_run(run.id());
    }

    /// The line that resumes a run.
    pub(super) fn resume_line(&self, run: &RunDir) -> String {
        let id = run.id();
        match self.state.is_default() {
            true => format!("qobra-push resume {id}"),
            false => format!(
                "qobra-push resume {id} --state-dir {}",
                quoted(self.state.path())
            ),
        }
    }

    /// Looks whether the service has begun a replace that is taken up again.
    ///
    /// # Errors
    /// When there is no way to ask.
    pub(super) fn ask(
        &self,
        journal: &mut Journal,
        writer: &JournalWriter,
        api: &ApiOptions,
        key: &ApiKey,
    ) -> Result<(), Failure> {
        let client = client(api, key)?;
        let asking = quiet::ask(journal, writer, &client, &self.clock, &self.events);
        runtime()?.block_on(asking);
        Ok(())
    }

    /// Waits until the table is free at the service, sends, judges, and ends the run's journal.
    ///
    /// # Errors
    /// When nothing could be sent.
    pub(super) fn deliver(
        &mut self,
        shipment: Shipment,
        run: &RunDir,
        journal: JournalWriter,
        api: &ApiOptions,
        key: &ApiKey,
    ) -> Result<Outcome, Failure> {
        let client = client(api, key)?;
        let diary = Diary::new(Some(journal), &self.clock, &self.events);
        let Shipment {
            cargo,
            load,
            options,
            before,
            has_touched,
            left_out,
            rejects,
            resumption,
        } = shipment;
        let is_new = resumption.is_none();
        let runtime = runtime()?;
        let means = Means {
            service: &client,
            clock: &self.clock,
            diary: &diary,
            events: &self.events,
            interrupts: self.interrupts.clone(),
            has_builders: true,
        };
        runtime.block_on(quiet::wait(&mut self.history, &means));
        if let Some(how) = resumption {
            diary.resumed(how).map_err(|error| unwritable(&error))?;
        }
        let sending = send::send(Arc::new(cargo), load, &options, means);
        let sent = runtime.block_on(sending);
        // What is still being built for a request that will not leave is not waited for.
        runtime.shutdown_background();
        let rejects = rejects.map(|path| quoted(&path));
        let outcome = Outcome::judge(
            &sent,
            Context {
                table: &options.table,
                mode: options.mode,
                host: &client.host(),
                before,
                has_touched,
                left_out,
                resume: &self.resume_line(run),
                rejects: rejects.as_deref(),
            },
        );
        diary.end(outcome.exit.code(), outcome.table_state.word());
        if is_new && sent.deliveries.iter().all(|one| one.attempts == 0) {
            // No request left, whatever half a line about the first one may say.
            self.forget(run);
        } else if !outcome.is_open() {
            // The run is over; a copy that cannot be removed now is removed with the run.
            let _ = run.remove_inputs();
        }
        Ok(outcome)
    }

    /// Removes a run that sent nothing: all but the records to be corrected.
    pub(super) fn forget(&self, run: &RunDir) {
        // What cannot be removed now is removed by the next push.
        let _ = match has_rejects(run) {
            true => run.remove_inputs(),
            false => std::fs::remove_dir_all(run.path()),
        };
        let _ = std::fs::remove_file(run.journal_path());
    }

    /// Removes what runs left that ended before they had a journal, and the oldest runs.
    fn tidy(&self) {
        for run in self.table.runs().unwrap_or_default() {
            if self.history.run(run.id()).is_none() {
                self.forget(&run);
            }
        }
        let last_good = self
            .history
            .runs()
            .iter()
            .rfind(|run| run.journal.is_good_replace());
        let now = self.clock.now();
        let must_keep = |id: &crate::state::RunId| {
            let open = self.history.run(id).is_some_and(|run| {
                !run.journal.is_finished()
                    || run.journal.pending_replace().is_some_and(|p| {
                        !p.remaining(&now, crate::window::margin(p.debounce))
                            .is_zero()
                    })
            });
            open || last_good.is_some_and(|run| run.dir.id() == id)
        };
        // Old runs that cannot be removed are in nobody's way.
        let _ = self.table.prune(KEPT_RUNS, must_keep);
    }
}

fn client(api: &ApiOptions, key: &ApiKey) -> Result<Client, Failure> {
    Client::new(api, key).map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))
}

/// Whether a run left records to be corrected.
pub(super) fn has_rejects(run: &RunDir) -> bool {
    let names = std::fs::read_dir(run.path())
        .into_iter()
        .flatten()
        .flatten();
    names
        .into_iter()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("rejects."))
}

/// Listens to signals; one before the first request says so, leaves no copy of the data behind and
/// ends the process.
fn listen(terminal: &Arc<Terminal>, unsent: &Arc<Mutex<Option<PathBuf>>>) -> Interrupts {
    let (terminal, unsent) = (Arc::clone(terminal), Arc::clone(unsent));
    Interrupts::listen(move |_| {
        if let Some(path) = unsent.lock().unwrap_or_else(PoisonError::into_inner).take() {
            let _ = std::fs::remove_dir_all(path);
        }
        terminal.bar().finish_and_clear();
        terminal.error("interrupted; nothing was sent");
    })
}

fn locked(error: LockError) -> Failure {
    match error {
        LockError::Held { .. } => Failure::new(
            Exit::Locked,
            error.to_string(),
            Some("run it again when that one has ended".to_owned()),
        ),
        LockError::Io(error) => unusable(error),
    }
}

/// A journal that cannot be written while nothing has been sent.
pub(super) fn unwritable(error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Usage,
        format!("the run's journal cannot be written: {error}; nothing was sent"),
        Some("make room there, or name another folder with --state-dir".to_owned()),
    )
}

/// A state folder that cannot be used.
pub(super) fn unusable(error: StateError) -> Failure {
    Failure::new(Exit::Usage, error.message, error.hint)
}

/// A past that cannot be known.
pub(super) fn past(error: &HistoryError) -> Failure {
    let hint = match error {
        HistoryError::State(error) => error.hint.clone(),
        HistoryError::Journal(error) => error.hint().map(str::to_owned),
    };
    Failure::new(Exit::Usage, error.to_string(), hint)
}

/// A path as it is typed into a shell.
pub(super) fn quoted(path: &Path) -> String {
    let path = display::shown(&path.to_string_lossy());
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    match path.chars().all(is_plain) {
        true => path,
        false => format!("'{}'", path.replace('\'', r"'\''")),
    }
}
