//! The way from proved chunks to an outcome, of a new run and of one that is taken up again.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::session::Session;
use super::table_base::Ended;
use super::wait::{FollowedPush, Waiting};
use crate::base::clock::Clock;
use crate::base::display::typed_path;
use crate::base::event::Events;
use crate::base::model::TableKey;
use crate::base::secret::ApiKey;
use crate::base::threads;
use crate::prove::rejects::RejectsFile;
use crate::push::arrivals::Arrivals;
use crate::push::failures::unwritable;
use crate::push::known::{self, Contradiction};
use crate::push::outcome::{Context, Exit, Failure, LeftOut, Outcome, TableState};
use crate::push::receipt::Receipt;
use crate::push::send::{
    self, JournalRest, Means, RunJournal, SendInput, SendOptions, SendPlan, Sent,
};
use crate::push::{lines, quiet};
use crate::runs::base;
use crate::runs::history::History;
use crate::runs::journal::{Journal, JournalWriter, Resumption};
use crate::runs::known::Known;
use crate::runs::state::{RunDir, StateDir};
use crate::runs::{kept, probed};
use crate::service::facts::Facts;
use crate::service::window::Window;
use crate::service::{ApiOptions, Client, Service, runtime};

/// What is sent, and how it is judged.
pub(crate) struct Upload {
    pub(crate) input: Arc<SendInput>,
    pub(crate) plan: SendPlan,
    pub(crate) options: SendOptions,
    /// Records and requests accepted before.
    pub(crate) before: (u64, u64),
    /// Whether an earlier process of the run may have touched the table.
    pub(crate) has_touched: bool,
    pub(crate) left_out: LeftOut,
    /// Ours so far; the service's are added.
    pub(crate) rejects: RejectsFile,
    /// Whether that file stays when the program ends.
    pub(crate) keeps_rejects: bool,
    /// The address by which the table's past knows the service.
    pub(crate) base_url: String,
    pub(crate) id_field: String,
    pub(crate) mapping: Option<PathBuf>,
    /// How long the imports are followed; none where they are not.
    pub(crate) wait: Option<Duration>,
    /// Of how many good replaces the records are kept, this one's included.
    pub(crate) keep: Option<u64>,
    /// What an earlier process of the run brought and still counts.
    pub(crate) earlier: Arrivals,
    /// For a run that is taken up again: how.
    pub(crate) resumption: Option<Resumption>,
}

/// A push whose requests are over; what its imports come to is not seen yet.
pub(crate) struct Dispatched {
    upload: Upload,
    sent: Sent,
    outcome: Outcome,
    client: Client,
    api: ApiOptions,
    journal: JournalRest,
    runtime: tokio::runtime::Runtime,
    is_new: bool,
    /// What is to be said at the end if the table was touched.
    pub(super) notes: Vec<String>,
}

impl Upload {
    /// The rejects so far, if that file stays.
    fn kept_rejects(&self) -> Option<&Path> {
        self.rejects.path().filter(|_| self.keeps_rejects)
    }
}

impl Dispatched {
    /// How long its imports are followed; none where they are not.
    pub(crate) fn wait(&self) -> Option<Duration> {
        self.upload.wait.filter(|_| self.outcome.is_accepted())
    }
}

impl Session {
    /// Looks whether the service has begun a replace that is taken up again.
    pub(crate) fn ask(
        &mut self,
        journal: &mut Journal,
        writer: &JournalWriter,
        api: &ApiOptions,
        key: &ApiKey,
    ) -> Result<(), Failure> {
        let client = Client::new(api, key)?;
        let reading = known::reading(journal.plan(), self.known.as_ref());
        let service = (&client, reading);
        let asking = quiet::ask(journal, writer, service, &self.clock, &self.events);
        if runtime()?.block_on(asking) {
            let (now, told) = (self.clock.now(), (&self.state, &self.events));
            known::contradict(&mut self.known, known::early(reading), &now, told);
        }
        Ok(())
    }

    /// Sends, follows the imports where that is wanted, and ends the run's journal.
    pub(crate) fn deliver(
        &mut self,
        upload: Upload,
        run: &RunDir,
        journal: JournalWriter,
        api: &ApiOptions,
        key: &ApiKey,
    ) -> Result<Outcome, Failure> {
        let dispatched = self.dispatch(upload, run, journal, api, key)?;
        Ok(self.conclude(dispatched, run))
    }

    /// Waits until the table is free at the service, and sends.
    pub(crate) fn dispatch(
        &mut self,
        mut upload: Upload,
        run: &RunDir,
        journal: JournalWriter,
        api: &ApiOptions,
        key: &ApiKey,
    ) -> Result<Dispatched, Failure> {
        let client = Client::new(api, key)?.with_scratch(run.path());
        let journal = RunJournal::new(Some(journal), &self.clock, &self.events);
        let runtime = runtime()?;
        let means = Means {
            service: &client,
            clock: &self.clock,
            journal: &journal,
            events: &self.events,
            interrupts: self.interrupts.clone(),
            has_builders: threads::can_be_had(),
        };
        let reading = self.history.reading;
        let probed = probed::left(&self.table, self.clock.now().wall);
        let is_early = runtime.block_on(wait(&mut self.history, probed, &means))?;
        let mut plan = std::mem::take(&mut upload.plan);
        let told = (&self.state, &self.events);
        if is_early {
            let now = self.clock.now();
            known::contradict(&mut self.known, known::early(reading), &now, told);
            upload.options.reading = None;
            plan.window = plan.window.map(Window::under_both);
        }
        let is_new = upload.resumption.is_none();
        if let Some(how) = upload.resumption.take() {
            let is_anew = how == Resumption::Everything;
            journal.resumed(how).map_err(|error| unwritable(&error))?;
            if let Some(receipt) = self.receipt.as_mut().filter(|_| is_anew) {
                receipt.begin_anew();
            }
        }
        self.hand_over_base(run, &upload.base_url);
        base::sync_early(run);
        let sending = send::send(Arc::clone(&upload.input), plan, &upload.options, means);
        let sent = runtime.block_on(sending);
        upload.earlier.add(&sent);
        known::check(&mut self.known, &sent, &self.clock.now(), told);
        if let Some(receipt) = &mut self.receipt {
            receipt.sent(&sent);
            receipt.rejects(upload.kept_rejects());
        }
        let words = self.words(&upload, &client, run);
        let outcome = Outcome::judge(&sent, words.context(&upload.options));
        let mut dispatched = Dispatched {
            upload,
            sent,
            outcome,
            client,
            api: api.clone(),
            journal: JournalRest::default(),
            runtime,
            is_new,
            notes: Vec::new(),
        };
        if dispatched.wait().is_some() {
            // Whoever is killed while waiting has sent everything.
            let state = dispatched.outcome.table_state;
            let rejected = Some(dispatched.upload.left_out.rejected);
            journal.end(Exit::NotEnded.code(), state, rejected, false);
        }
        dispatched.journal = journal.rest();
        Ok(dispatched)
    }

    /// Follows the imports where that is wanted, judges, and ends the run's journal.
    pub(crate) fn conclude(&mut self, dispatched: Dispatched, run: &RunDir) -> Outcome {
        let timeout = dispatched.wait();
        let Dispatched {
            upload,
            sent,
            mut outcome,
            client,
            api,
            journal,
            runtime,
            is_new,
            notes,
        } = dispatched;
        let journal = journal.go_on(&self.clock, &self.events);
        let named = upload.kept_rejects().map(Path::to_owned);
        let (table, mode) = (upload.options.table.clone(), upload.options.mode);
        let (id_field, keep) = (upload.id_field.clone(), upload.keep);
        let seen = timeout.map(|timeout| {
            let words = self.words(&upload, &client, run);
            let mapping = upload.mapping.as_deref();
            let waiting = Waiting {
                session: self,
                journal: &journal,
                opened: sent.moved.or(sent.opened),
                timeout,
                input: &upload.input,
                id_field: &upload.id_field,
                arrivals: &upload.earlier,
                keeps_rejects: upload.keeps_rejects,
                load: &|path| lines::load(&self.state, path, &table, mapping, &api),
                status: &lines::status(&self.state, &upload.earlier.ids()),
            };
            let context = words.context(&upload.options);
            let following = waiting.follow(&client, upload.rejects, &mut outcome, context);
            runtime.block_on(following)
        });
        // What is still being built for a request that will not leave is not waited for.
        runtime.shutdown_background();
        let told = (&self.state, &self.events);
        let learnt = (&mut self.receipt, &mut self.known);
        tell(seen.as_ref(), &table, learnt, &self.clock, told);
        let rejected = outcome.is_accepted().then_some(outcome.left_out.rejected);
        let missing = seen.as_ref().map_or(rejected, |seen| seen.missing);
        let ended = Ended {
            outcome: &outcome,
            mode,
            delivered: outcome.left_out.delivered,
            missing,
            seen: seen.as_ref(),
            table: &table,
            id_field: &id_field,
        };
        self.end(run, &journal, &ended);
        kept::settle(&self.history, run, keep);
        let is_unsent = is_new && sent.results.iter().all(|one| one.attempts == 0);
        self.tidy_run(run, &outcome, is_unsent);
        if outcome.table_state != TableState::Untouched {
            notes.iter().for_each(|note| self.events.note(note));
        } else if is_new {
            self.take_back(named.as_deref(), run);
        }
        outcome
    }

    /// Removes the rejects of a push that touched nothing from where the user wants them: the same line again
    /// makes them anew, and would be refused over them.
    fn take_back(&mut self, rejects: Option<&Path>, run: &RunDir) {
        let Some(path) = rejects.filter(|path| !path.starts_with(run.path())) else {
            return;
        };
        if std::fs::remove_file(path).is_ok()
            && let Some(receipt) = &mut self.receipt
        {
            receipt.rejects(None);
        }
    }

    /// Removes what a run need not keep.
    fn tidy_run(&self, run: &RunDir, outcome: &Outcome, is_unsent: bool) {
        if is_unsent {
            // No request left, whatever half a line about the first one may say.
            self.forget(run);
        } else if !outcome.is_open()
            && let Ok(journal) = Journal::read(&run.journal_path())
            && journal.is_finished()
        {
            // The run is over, as `resume` will see it; a copy that cannot be removed now is removed
            // with the run.
            let _ = base::tidy_run(run, &journal);
        }
    }

    fn words(&self, upload: &Upload, client: &Client, run: &RunDir) -> Words {
        Words {
            host: client.host(),
            resume: lines::resume(&self.state, run.id()),
            rejects: upload.kept_rejects().map(typed_path),
            before: upload.before,
            has_touched: upload.has_touched,
            left_out: upload.left_out,
            facts: self.known.as_ref().map(|known| known.facts.clone()),
        }
    }
}

/// Waits until the table is free at the service. Whether an earlier replace ran although what is known of
/// windows rules that out.
async fn wait<S: Service>(
    history: &mut History,
    probed: Option<Duration>,
    means: &Means<'_, S>,
) -> Result<bool, Failure> {
    let quiet = async {
        quiet::wait_for_probe(probed, means.events).await;
        quiet::wait(history, means).await
    };
    tokio::select! {
        // Only where another table was sent before: else a signal ends the process by itself.
        signal = means.interrupts.first() => {
            let message = "interrupted; nothing was sent";
            Err(Failure::new(Exit::Interrupted(signal), message, None))
        }
        is_early = quiet => Ok(is_early),
    }
}

/// Takes what was seen of the imports into the receipt, and out of what is known.
fn tell(
    seen: Option<&FollowedPush>,
    table: &TableKey,
    (receipt, known): (&mut Option<Receipt>, &mut Option<Known>),
    clock: &Clock,
    told: (&StateDir, &Events),
) {
    let Some(seen) = seen else { return };
    if let Some(receipt) = receipt {
        seen.tell(receipt, table);
    }
    if let Some(why) = seen.early.clone() {
        known::contradict(known, Contradiction::of_window(why), &clock.now(), told);
    }
}

/// What an outcome names.
struct Words {
    host: String,
    resume: String,
    rejects: Option<String>,
    before: (u64, u64),
    has_touched: bool,
    left_out: LeftOut,
    facts: Option<Facts>,
}

impl Words {
    fn context<'a>(&'a self, options: &'a SendOptions) -> Context<'a> {
        Context {
            table: &options.table,
            mode: options.mode,
            host: &self.host,
            before: self.before,
            has_touched: self.has_touched,
            left_out: self.left_out,
            resume: &self.resume,
            rejects: self.rejects.as_deref(),
            facts: self.facts.as_ref(),
        }
    }
}
