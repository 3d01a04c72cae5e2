//! What a push and a resume share: the table's lock, its past, signals, and the way from proved
//! chunks to an outcome.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::runtime::runtime;
use crate::base::clock::Clock;
use crate::base::display::typed_path;
use crate::base::event::Events;
use crate::base::model::TableKey;
use crate::base::secret::ApiKey;
use crate::base::signals::Interrupts;
use crate::commands::lines;
use crate::prove::rejects::RejectsFile;
use crate::push::failures::unwritable;
use crate::push::following::{Arrivals, Following, Seen, Uploaded};
use crate::push::outcome::{Context, Exit, Failure, LeftOut, Outcome, clock_time};
use crate::push::quiet;
use crate::push::receipt::Receipt;
use crate::push::send::{self, Means, RunJournal, SendInput, SendOptions, SendPlan, Sent};
use crate::runs::history::History;
use crate::runs::journal::{Journal, JournalWriter, Resumption};
use crate::runs::state::{Lock, RunDir, RunId, StateDir, TableDir};
use crate::screen::progress::Progress;
use crate::screen::report;
use crate::screen::terminal::{Results, Terminal};
use crate::service::{ApiOptions, BaseUrl, Client, Service as _};

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
    /// What is told of the run at its end; none before it began to read.
    pub(super) receipt: Option<Receipt>,
    /// Moves a stand-in's clock past the window, before its imports are followed.
    pub(super) pass_time: Option<Box<dyn Fn() + Send + Sync>>,
    terminal: Arc<Terminal>,
    lock: Lock,
    /// What a signal does that ends the process before the first request.
    farewell: Arc<Mutex<Farewell>>,
}

/// What is said and done if a signal ends the process before the first request.
#[derive(Default)]
struct Farewell {
    /// The folder of a run that sent nothing, to be removed.
    folder: Option<PathBuf>,
    /// What to say of a run that an earlier process began.
    resumed: Option<String>,
}

/// What is sent, and how it is judged.
pub(super) struct Upload {
    pub(super) input: Arc<SendInput>,
    pub(super) plan: SendPlan,
    pub(super) options: SendOptions,
    /// Records and requests accepted before.
    pub(super) before: (u64, u64),
    /// Whether an earlier process of the run may have touched the table.
    pub(super) has_touched: bool,
    pub(super) left_out: LeftOut,
    /// Ours so far; the service's are added.
    pub(super) rejects: RejectsFile,
    /// Whether that file stays when the program ends.
    pub(super) keeps_rejects: bool,
    /// The id field's API key.
    pub(super) id_field: String,
    /// The mapping file.
    pub(super) mapping: Option<PathBuf>,
    /// How long the imports are followed; none where they are not.
    pub(super) wait: Option<Duration>,
    /// What an earlier process of the run brought and still counts.
    pub(super) earlier: Arrivals,
    /// For a run that is taken up again: how.
    pub(super) resumption: Option<Resumption>,
}

/// The way to the service.
#[derive(Clone, Copy)]
struct Way<'a> {
    client: &'a Client,
    journal: &'a RunJournal<'a>,
    runtime: &'a tokio::runtime::Runtime,
    api: &'a ApiOptions,
}

impl Upload {
    /// The rejects so far, if that file stays.
    fn kept_rejects(&self) -> Option<&Path> {
        self.rejects.path().filter(|_| self.keeps_rejects)
    }
}

impl Session {
    /// Takes the table, or says who has it.
    pub(super) fn open(
        state: StateDir,
        base_url: &BaseUrl,
        table: &TableKey,
        terminal: &Arc<Terminal>,
    ) -> Result<Self, Failure> {
        let table = state.table(&base_url.to_string(), table);
        let clock = Clock::system();
        let farewell = Arc::new(Mutex::new(Farewell::default()));
        let interrupts = listen(terminal, &farewell);
        let lock = table.lock(&clock)?;
        let history = History::read(&table)?;
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
            receipt: None,
            pass_time: None,
            terminal: Arc::clone(terminal),
            lock,
            farewell,
        };
        Ok(session)
    }

    /// Says until when nothing will be sent, if an earlier replace may still be waiting.
    pub(super) fn announce(&self) {
        let now = self.clock.now();
        let until = |left| clock_time(now.wall + left, now.wall);
        quiet::announce(&self.history, &now, &self.events, until);
    }

    /// The folder of a new run.
    pub(super) fn new_run(&mut self) -> Result<RunDir, Failure> {
        self.tidy();
        let run = self.table.new_run(&self.clock)?;
        self.lock.name_run(run.id());
        self.farewell().folder = Some(run.path().to_owned());
        Ok(run)
    }

    /// A run of the past that is taken up again.
    pub(super) fn name_run(&mut self, run: &RunDir) {
        self.lock.name_run(run.id());
        // What an earlier process sent is not taken back by that.
        let words = format!(
            "interrupted; nothing more was sent, and run {} stays as it was",
            run.id()
        );
        self.farewell().resumed = Some(words);
    }

    fn farewell(&self) -> std::sync::MutexGuard<'_, Farewell> {
        self.farewell.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether the service has begun a replace that is taken up again.
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
    pub(super) fn deliver(
        &mut self,
        mut upload: Upload,
        run: &RunDir,
        journal: JournalWriter,
        api: &ApiOptions,
        key: &ApiKey,
    ) -> Result<Outcome, Failure> {
        let client = client(api, key)?.with_scratch(run.path());
        let journal = RunJournal::new(Some(journal), &self.clock, &self.events);
        let runtime = runtime()?;
        let means = Means {
            service: &client,
            clock: &self.clock,
            journal: &journal,
            events: &self.events,
            interrupts: self.interrupts.clone(),
            has_builders: true,
        };
        runtime.block_on(quiet::wait(&mut self.history, &means));
        let is_new = upload.resumption.is_none();
        if let Some(how) = upload.resumption.take() {
            let is_anew = how == Resumption::Everything;
            journal.resumed(how).map_err(|error| unwritable(&error))?;
            if let Some(receipt) = self.receipt.as_mut().filter(|_| is_anew) {
                receipt.begin_anew();
            }
        }
        let plan = std::mem::take(&mut upload.plan);
        let sending = send::send(Arc::clone(&upload.input), plan, &upload.options, means);
        let sent = runtime.block_on(sending);
        upload.earlier.add(&sent);
        let table = upload.options.table.clone();
        if let Some(receipt) = &mut self.receipt {
            receipt.sent(&sent);
            receipt.rejects(upload.kept_rejects());
        }
        let way = Way {
            client: &client,
            journal: &journal,
            runtime: &runtime,
            api,
        };
        let (outcome, seen) = self.judge(upload, &sent, run, way);
        // What is still being built for a request that will not leave is not waited for.
        runtime.shutdown_background();
        if let (Some(receipt), Some(seen)) = (&mut self.receipt, &seen) {
            receipt.followed(seen, &table);
        }
        let rejected = outcome.is_accepted().then_some(outcome.left_out.rejected);
        let missing = seen.map_or(rejected, |seen| seen.missing);
        journal.end(outcome.exit.code(), outcome.table_state, missing);
        let is_unsent = is_new && sent.results.iter().all(|one| one.attempts == 0);
        self.tidy_run(run, &outcome, is_unsent);
        Ok(outcome)
    }

    /// Removes what a run need not keep.
    fn tidy_run(&self, run: &RunDir, outcome: &Outcome, is_unsent: bool) {
        if is_unsent {
            // No request left, whatever half a line about the first one may say.
            self.forget(run);
        } else if !outcome.is_open() {
            // The run is over; a copy that cannot be removed now is removed with the run.
            let _ = run.remove_inputs();
        }
    }

    /// What became of the requests, and, where that is wanted, of their imports.
    fn judge(
        &self,
        upload: Upload,
        sent: &Sent,
        run: &RunDir,
        way: Way<'_>,
    ) -> (Outcome, Option<Seen>) {
        let (host, resume) = (way.client.host(), lines::resume(&self.state, run.id()));
        let shown_rejects = upload.kept_rejects().map(typed_path);
        let options = &upload.options;
        let context = Context {
            table: &options.table,
            mode: options.mode,
            host: &host,
            before: upload.before,
            has_touched: upload.has_touched,
            left_out: upload.left_out,
            resume: &resume,
            rejects: shown_rejects.as_deref(),
        };
        let mut outcome = Outcome::judge(sent, context);
        let Some(timeout) = upload.wait.filter(|_| outcome.is_accepted()) else {
            return (outcome, None);
        };
        // Whoever is killed while waiting has sent everything.
        let (state, rejected) = (outcome.table_state, upload.left_out.rejected);
        way.journal
            .end(Exit::NotEnded.code(), state, Some(rejected));
        let following = Following {
            timeout,
            clock: &self.clock,
            events: &self.events,
            interrupts: &self.interrupts,
            journal: way.journal,
            opened: sent.opened,
            pass_time: self.pass_time.as_deref(),
            has_worked: self.history.has_worked(),
        };
        let mapping = upload.mapping.as_deref();
        let uploaded = Uploaded {
            input: &upload.input,
            id_field: &upload.id_field,
            arrivals: &upload.earlier,
            keeps_rejects: upload.keeps_rejects,
            load: &|path| lines::load(&self.state, path, &options.table, mapping, way.api),
            status: &lines::status(&self.state, &upload.earlier.ids()),
        };
        let rejects = upload.rejects;
        let seen = following.follow(way.client, uploaded, rejects, &mut outcome, context);
        let seen = way.runtime.block_on(seen);
        (outcome, Some(seen))
    }

    /// Ends the receipt, keeps it in the run's folder and prints it where it was asked for.
    pub(super) fn close(&mut self, result: &Result<Option<Outcome>, Failure>, run: &RunDir) {
        self.interrupts.heed();
        let Some(mut receipt) = self.receipt.take() else {
            return;
        };
        match result {
            Ok(Some(outcome)) => receipt.ended(outcome),
            Ok(None) => receipt.end_now(),
            Err(failure) => receipt.refused(failure),
        }
        let mut kept = None;
        if run.path().exists() {
            receipt.run = Some(run.id().to_string());
            match run.write_receipt(receipt.json().as_bytes()) {
                Ok(()) => kept = Some(typed_path(&run.receipt_path())),
                Err(error) => {
                    let message = format!("the receipt cannot be kept: {error}");
                    self.events.warn(message, None);
                }
            }
        }
        if self.terminal.results() == Results::Document {
            self.terminal.result(&receipt.json());
        }
        if let Some(error) = self.terminal.take_lost() {
            report::lost_result(&self.terminal, &error, kept.as_deref());
        }
    }

    /// Removes a run that sent nothing: all but the records to be corrected.
    pub(super) fn forget(&self, run: &RunDir) {
        // What cannot be removed now is removed by the next push.
        let _ = match run.written_rejects() {
            Some(_) => run.remove_inputs(),
            None => std::fs::remove_dir_all(run.path()),
        };
        let _ = std::fs::remove_file(run.journal_path());
    }

    /// Removes what runs left that ended before they had a journal, and the oldest runs.
    fn tidy(&self) {
        let is_unreadable = |id: &RunId| {
            self.history
                .unreadable()
                .iter()
                .any(|run| run.dir.id() == id)
        };
        for run in self.table.runs().unwrap_or_default() {
            if self.history.run(run.id()).is_none() && !is_unreadable(run.id()) {
                self.forget(&run);
            }
        }
        let last_good = self
            .history
            .runs()
            .iter()
            .rfind(|run| run.journal.is_good_replace());
        let now = self.clock.now();
        let must_keep = |id: &RunId| {
            let open = self.history.run(id).is_some_and(|run| {
                !run.journal.is_finished()
                    || run.journal.pending_replace().is_some_and(|p| {
                        !p.remaining(&now, crate::service::window::margin(p.debounce))
                            .is_zero()
                    })
            });
            open || is_unreadable(id) || last_good.is_some_and(|run| run.dir.id() == id)
        };
        // Old runs that cannot be removed are in nobody's way.
        let _ = self.table.prune(KEPT_RUNS, must_keep);
    }
}

fn client(api: &ApiOptions, key: &ApiKey) -> Result<Client, Failure> {
    Client::new(api, key).map_err(|error| Failure::new(Exit::Usage, error.message, error.hint))
}

/// Listens to signals; one before the first request says so, leaves no copy of the data behind and
/// ends the process.
fn listen(terminal: &Arc<Terminal>, farewell: &Arc<Mutex<Farewell>>) -> Interrupts {
    let (terminal, farewell) = (Arc::clone(terminal), Arc::clone(farewell));
    Interrupts::listen(move |_| {
        let mut farewell = farewell.lock().unwrap_or_else(PoisonError::into_inner);
        let Farewell { folder, resumed } = std::mem::take(&mut *farewell);
        if let Some(path) = folder {
            let _ = std::fs::remove_dir_all(path);
        }
        terminal.bar().finish_and_clear();
        terminal.error(
            resumed
                .as_deref()
                .unwrap_or("interrupted; nothing was sent"),
        );
    })
}
