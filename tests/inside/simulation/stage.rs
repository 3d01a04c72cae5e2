//! Pushes and resumes as the program makes them, in-process, on a simulated machine.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::base::event::{Event, Events};
use crate::base::model::{Mode, RecordRange, TableKey};
use crate::base::signals::{Interrupts, Signal};
use crate::push::outcome::{Context, LeftOut, Outcome};
use crate::push::quiet;
use crate::push::send::{self, Means, RunJournal, SendOptions, SendPlan};
use crate::runs::history::History;
use crate::runs::journal::{Journal, JournalWriter, Resumption, RunState};
use crate::runs::resumption::{self, Decision};
use crate::runs::state::{RunDir, RunId, StateDir, TableDir};
use crate::service::facts::WindowReading;
use crate::service::sandbox::SandboxOptions;
use crate::service::window::Window;
use futures_util::future::{self, Either};
use tempfile::TempDir;
use tokio::time::sleep;

use super::habits::Habits;
use super::input::{self, Content};
use super::machine::Machine;
use super::service::{Sender, SimService};

/// The table's key and the service's address.
pub(crate) const TABLE: &str = "deals";
pub(crate) const BASE: &str = "http://127.0.0.1:1";

/// One push, as a user would ask for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Job {
    /// Which content.
    pub version: u32,
    pub records: u64,
    pub mode: Mode,
    pub jobs: usize,
    pub retry_for: Duration,
    /// From which request a window counts, where that is known.
    pub reading: Option<WindowReading>,
}

/// When a process dies.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Death {
    Never,
    /// After so much time.
    At(Duration),
    /// When it was to be polled that often.
    Poll(u32),
}

/// How a process ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Killed,
    Exit(Box<Outcome>),
    /// There was nothing to resume.
    Nothing,
    Superseded,
}

impl Ended {
    pub(crate) fn code(&self) -> Option<u8> {
        match self {
            Self::Exit(outcome) => Some(outcome.exit.code()),
            _ => None,
        }
    }
}

/// A machine, a service and a state folder.
pub(crate) struct Stage {
    pub machine: Machine,
    pub service: SimService,
    pub warnings: Arc<Mutex<Vec<String>>>,
    pub interrupts: RefCell<Interrupts>,
    runs: RefCell<HashMap<RunId, (Job, u32)>>,
    generation: RefCell<HashMap<u32, u32>>,
    pub table: TableDir,
    _folder: TempDir,
}

impl Stage {
    pub(crate) fn new(options: SandboxOptions, habits: Habits, seed: u64) -> Self {
        fastrand::seed(seed);
        let machine = Machine::new();
        let folder = folder();
        let state = StateDir::find(Some(folder.path()), &|_| None).unwrap();
        Self {
            service: SimService::new(&machine, options, habits, seed),
            machine,
            warnings: Arc::default(),
            interrupts: RefCell::new(Interrupts::never()),
            runs: RefCell::default(),
            generation: RefCell::default(),
            table: state.table(BASE, &key()),
            _folder: folder,
        }
    }

    fn number(&self, run: &RunId) -> u32 {
        self.runs.borrow()[run].1
    }

    /// Who the run's requests come from by now.
    pub(crate) fn sender(&self, run: &RunId) -> Sender {
        let number = self.number(run);
        let generations = self.generation.borrow();
        (
            number,
            generations.get(&number).copied().unwrap_or_default(),
        )
    }

    pub(crate) fn job(&self, run: &RunId) -> Job {
        self.runs.borrow()[run].0
    }

    /// A run's job, by its number.
    pub(crate) fn job_of(&self, number: u32) -> Job {
        let runs = self.runs.borrow();
        let of = runs.values().find(|(_, of)| *of == number);
        of.map(|(job, _)| *job).unwrap()
    }

    pub(crate) fn has_touched(&self, run: &RunId) -> bool {
        let number = self.number(run);
        self.service.touched.borrow().contains(&number)
    }

    /// What the table holds, once everything due has happened.
    pub(crate) fn content(&self) -> Content {
        self.service.catch_up();
        let table = self.service.sandbox.table(TABLE);
        table.unwrap().records.into_iter().collect()
    }

    /// The runs that a resume would find, the newest last.
    pub(crate) fn open_runs(&self) -> Vec<RunId> {
        let history = History::read(&self.table).unwrap();
        let is_open = |journal: &Journal| {
            let state = journal.state(false, history.journals());
            !journal.is_finished() && state != RunState::Superseded
        };
        let open = history.runs().iter().filter(|run| is_open(&run.journal));
        open.map(|run| run.dir.id().clone()).collect()
    }

    /// A new push.
    pub(crate) async fn push(&self, job: Job, death: Death) -> (RunId, Ended) {
        let history = History::read(&self.table).unwrap();
        let dir = self.table.new_run(&self.machine.clock()).unwrap();
        let number = u32::try_from(self.runs.borrow().len()).unwrap();
        let id = dir.id().clone();
        self.runs.borrow_mut().insert(id.clone(), (job, number));
        let line = input::plan_line(&job, &dir, &self.machine.clock());
        let (path, clock) = (dir.journal_path(), self.machine.clock());
        let writer = JournalWriter::create(&path, line, clock).unwrap();
        let input = Arc::clone(&input::proved(job.version, job.records).input);
        let (chunks, ranges) = (input.chunks.len(), input.chunks.iter());
        let decision = Decision {
            how: Resumption::Missing,
            ranges: ranges.map(|chunk| chunk.range).collect(),
            window: match job.mode {
                Mode::Replace { debounce } if chunks > 1 => {
                    Some(Window::new(debounce, job.reading))
                }
                _ => None,
            },
            imports: Vec::new(),
            doubtful: Vec::new(),
            before: (0, 0),
            has_touched: false,
        };
        let work = self.work(&dir, history, writer, decision, false);
        let ended = self.live(work, death, &dir).await;
        (id, ended)
    }

    /// `resume RUN`.
    pub(crate) async fn resume(&self, run: &RunId, death: Death) -> Ended {
        let history = History::read(&self.table).unwrap();
        let past = history.run(run).unwrap();
        match past.journal.state(false, history.journals()) {
            RunState::Superseded => return Ended::Superseded,
            _ if past.journal.is_finished() => return Ended::Nothing,
            _ => {}
        }
        let dir = past.dir.clone();
        let (writer, journal) =
            JournalWriter::open_append(&dir.journal_path(), self.machine.clock()).unwrap();
        let decision =
            resumption::decide(&journal, &self.machine.clock().now(), self.job(run).reading);
        let mut history = history.without(run);
        if decision.is_anew() {
            let dir = dir.clone();
            history.push(crate::runs::history::PastRun { dir, journal });
        }
        let work = self.work(&dir, history, writer, decision, true);
        self.live(work, death, &dir).await
    }

    /// What a process does once it knows what to send: the binary's `Session::deliver`.
    async fn work(
        &self,
        dir: &RunDir,
        mut history: History,
        writer: JournalWriter,
        mut decision: Decision,
        is_resumed: bool,
    ) -> Outcome {
        let mut job = self.job(dir.id());
        history.reading = job.reading;
        let (clock, events) = (self.machine.clock(), self.events());
        self.interrupts.replace(Interrupts::never());
        let journal = RunJournal::new(Some(writer), &clock, &events);
        let means = Means {
            service: &self.service,
            clock: &clock,
            journal: &journal,
            events: &events,
            interrupts: self.interrupts.borrow().clone(),
            has_builders: false,
        };
        if quiet::wait(&mut history, &means).await {
            job.reading = None;
            decision.window = decision.window.map(Window::under_both);
        }
        self.sends(dir.id(), decision.is_anew());
        if is_resumed {
            journal.resumed(decision.how.clone()).unwrap();
        }
        let input = Arc::clone(&input::proved(job.version, job.records).input);
        let part = |range: &RecordRange| input.part(*range);
        let plan = SendPlan {
            parts: decision.ranges.iter().map(part).collect(),
            window: decision.window,
            imports: decision.imports,
            doubtful: decision.doubtful,
            was_answered: false,
        };
        let options = SendOptions {
            table: key(),
            mode: job.mode,
            jobs: job.jobs,
            retry_for: job.retry_for,
            connect_for: job.retry_for,
            reading: job.reading,
        };
        let sent = send::send(input, plan, &options, means).await;
        let outcome = Outcome::judge(
            &sent,
            Context {
                table: &options.table,
                mode: job.mode,
                host: "simulated",
                before: decision.before,
                has_touched: decision.has_touched,
                left_out: LeftOut::default(),
                resume: "resume",
                rejects: None,
                facts: None,
            },
        );
        journal.end(outcome.exit.code(), outcome.table_state, Some(0), false);
        outcome
    }

    /// From now on the service's requests come from this run, perhaps for a new replace of it.
    fn sends(&self, run: &RunId, is_anew: bool) {
        let number = self.number(run);
        let mut generations = self.generation.borrow_mut();
        let generation = generations.entry(number).or_default();
        *generation += u32::from(is_anew);
        self.service.sender.set((number, *generation));
    }

    fn events(&self) -> Events {
        let warnings = Arc::clone(&self.warnings);
        Events::new(move |event| {
            if let Event::Warning { message, .. } = event {
                warnings.lock().unwrap().push(message);
            }
        })
    }

    async fn live(&self, work: impl Future<Output = Outcome>, death: Death, dir: &RunDir) -> Ended {
        match mortal(work, death).await {
            Some(outcome) => Ended::Exit(Box::new(outcome)),
            None => {
                self.lose_the_end(dir);
                Ended::Killed
            }
        }
    }

    /// A process may also die before it writes what it just heard, or in the middle of that.
    fn lose_the_end(&self, dir: &RunDir) {
        let text = std::fs::read_to_string(dir.journal_path()).unwrap();
        let start = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        let last = &text[start..];
        let kinds = ["answer", "import", "end"];
        let may_go = kinds
            .iter()
            .any(|kind| last.contains(&format!("\"line\":\"{kind}\"")));
        let keep = match self.service.rng.borrow_mut().u8(0..4) {
            0 => start,
            1 => start + last.len() / 2,
            _ => return,
        };
        if may_go {
            std::fs::write(dir.journal_path(), &text[..keep]).unwrap();
        }
    }

    /// Asks the process that runs to end.
    pub(crate) fn interrupt(&self) {
        self.interrupts.borrow().tell(Signal::Interrupt);
    }
}

/// Runs until the end or until death, whichever comes first.
async fn mortal<F: Future>(future: F, death: Death) -> Option<F::Output> {
    let mut future = pin!(future);
    match death {
        Death::Never => Some(future.await),
        Death::At(time) => match future::select(pin!(sleep(time)), future).await {
            Either::Left(_) => None,
            Either::Right((output, _)) => Some(output),
        },
        Death::Poll(mut polls) => {
            future::poll_fn(|context| {
                if polls == 0 {
                    return std::task::Poll::Ready(None);
                }
                polls -= 1;
                future.as_mut().poll(context).map(Some)
            })
            .await
        }
    }
}

pub(crate) fn key() -> TableKey {
    TableKey::new(TABLE).unwrap()
}

/// A folder in memory where there is one: thousands of journals are synced line by line.
fn folder() -> TempDir {
    match Path::new("/dev/shm") {
        memory if memory.is_dir() => tempfile::tempdir_in(memory).unwrap(),
        _ => tempfile::tempdir().unwrap(),
    }
}

/// What a table holds: ids and records.
pub(crate) fn merged(old: &Content, new: &Content) -> Content {
    let mut merged: BTreeMap<_, _> = old.clone();
    merged.extend(new.clone());
    merged
}
