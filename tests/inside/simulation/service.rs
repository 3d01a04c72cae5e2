//! The service as a push meets it: the sandbox's model behind a network that loses what it likes.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use crate::base::model::{ImportId, Mode};
use crate::service::sandbox::{Sandbox, SandboxClock, SandboxOptions};
use crate::service::{Accepted, CallError, Import, Push, Service, Status};
use bytes::Bytes;
use tokio::time::{sleep, timeout};

use super::habits::{Habits, Reply, broken, refused, status};
use super::machine::Machine;

/// A request that the service took.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub at: Duration,
    /// The run, and which of its replaces.
    pub sender: (u32, u32),
    pub mode: Mode,
    pub records: u64,
    /// Their ids.
    pub ids: Vec<u64>,
}

/// Who sends now, as only the simulation knows.
pub(crate) type Sender = (u32, u32);

pub(crate) struct SimService {
    pub sandbox: Sandbox,
    pub machine: Machine,
    pub habits: RefCell<Habits>,
    /// What comes before the habits decide.
    pub script: RefCell<VecDeque<Reply>>,
    /// The same for questions about imports.
    pub looks: RefCell<VecDeque<Result<Status, CallError>>>,
    pub rng: RefCell<fastrand::Rng>,
    pub sender: Cell<Sender>,
    pub arrivals: RefCell<Vec<Arrival>>,
    /// When requests were made, whatever became of them.
    pub posts: RefCell<Vec<Duration>>,
    pub gets: RefCell<Vec<Duration>>,
    /// Who may have changed the table, now or later.
    pub touched: RefCell<BTreeSet<u32>>,
    work: RefCell<Vec<Work>>,
    done: RefCell<BTreeMap<u64, Result<Accepted, CallError>>>,
    numbers: Cell<u64>,
    sandbox_time: Cell<Duration>,
}

#[derive(Clone)]
struct Request {
    sender: Sender,
    table: String,
    mode: Mode,
    body: Bytes,
}

/// A body that the service has whole and works on, whether the client sleeps or not.
struct Work {
    number: u64,
    done_at: Duration,
    request: Request,
}

/// The client's side of it. Should it leave, the service may go on.
struct Client<'a> {
    service: &'a SimService,
    number: u64,
}

impl Drop for Client<'_> {
    fn drop(&mut self) {
        let service = self.service;
        // What was due while the client slept is done.
        service.catch_up();
        let place = |work: &Work| work.number == self.number;
        let Some(place) = service.work.borrow().iter().position(place) else {
            return;
        };
        let mode = service.work.borrow()[place].request.mode;
        let is_waited_for = matches!(mode, Mode::Replace { debounce } if !debounce.is_zero());
        if is_waited_for && service.habits.borrow().goes_on {
            let sender = service.work.borrow()[place].request.sender;
            service.touched.borrow_mut().insert(sender.0);
            return;
        }
        let work = service.work.borrow_mut().remove(place);
        if service.rng.borrow_mut().bool() {
            let _ = service.take(service.machine.truth(), &work.request);
        }
    }
}

impl SimService {
    pub(crate) fn new(
        machine: &Machine,
        options: SandboxOptions,
        habits: Habits,
        seed: u64,
    ) -> Self {
        let clock = SandboxClock::manual();
        Self {
            sandbox: Sandbox::new(SandboxOptions { clock, ..options }),
            machine: machine.clone(),
            habits: RefCell::new(habits),
            script: RefCell::default(),
            looks: RefCell::default(),
            rng: RefCell::new(fastrand::Rng::with_seed(seed)),
            sender: Cell::default(),
            arrivals: RefCell::default(),
            posts: RefCell::default(),
            gets: RefCell::default(),
            touched: RefCell::default(),
            work: RefCell::default(),
            done: RefCell::default(),
            numbers: Cell::default(),
            sandbox_time: Cell::default(),
        }
    }

    fn up_to(&self, most: u64) -> Duration {
        Duration::from_millis(self.rng.borrow_mut().u64(0..=most))
    }

    fn chance(&self, percent: u8) -> bool {
        self.rng.borrow_mut().u8(0..100) < percent
    }

    fn reply(&self) -> Reply {
        if let Some(reply) = self.script.borrow_mut().pop_front() {
            return reply;
        }
        let (slow, faults, finals) = {
            let habits = self.habits.borrow();
            (habits.slow, habits.faults, habits.finals)
        };
        if self.chance(slow) {
            return Reply::After(Duration::from_secs(20) + self.up_to(60_000));
        }
        if !self.chance(faults) {
            return Reply::Taken;
        }
        if self.chance(finals) {
            return Reply::Refused(status(401, None));
        }
        let asked = self.rng.borrow_mut().u64(0..=20);
        match self.rng.borrow_mut().u8(0..11) {
            0 => Reply::Refused(refused()),
            1 => Reply::Refused(status(503, None)),
            2 => Reply::Refused(status(429, None)),
            3 => Reply::Refused(status(429, Some(asked))),
            4 => Reply::Refused(status(500, None)),
            5 => Reply::Refused(broken()),
            6 => Reply::Unheard(status(502, None)),
            7 => Reply::Unheard(broken()),
            8 => Reply::Unheard(CallError::BadAnswer {
                status: 200,
                words: String::new(),
            }),
            9 => Reply::Unheard(status(504, Some(asked))),
            _ => Reply::Silence,
        }
    }

    /// Lets everything happen that is due.
    pub(crate) fn catch_up(&self) {
        loop {
            let now = self.machine.truth();
            let due = {
                let mut work = self.work.borrow_mut();
                work.sort_by_key(|work| (work.done_at, work.number));
                let is_due = work.first().is_some_and(|work| work.done_at <= now);
                is_due.then(|| work.remove(0))
            };
            let Some(work) = due else {
                return self.move_to(now);
            };
            self.move_to(work.done_at);
            let answer = self.take(work.done_at, &work.request);
            self.done.borrow_mut().insert(work.number, answer);
        }
    }

    fn move_to(&self, truth: Duration) {
        let now = truth.saturating_sub(self.sandbox_time.get());
        self.sandbox.advance(now);
        self.sandbox_time.set(self.sandbox_time.get() + now);
    }

    fn take(&self, at: Duration, request: &Request) -> Result<Accepted, CallError> {
        let (most, cap) = {
            let habits = self.habits.borrow();
            (habits.most, habits.cap)
        };
        if request.body.len() > most {
            return Err(status(413, None));
        }
        let debounce = match request.mode {
            Mode::Upsert => Duration::ZERO,
            Mode::Replace { debounce } => debounce.min(cap.unwrap_or(debounce)),
        };
        let (table, is_replace) = (&request.table, request.mode.is_replace());
        let (id, objects_imported) = self
            .sandbox
            .take(table, is_replace, debounce, &request.body)
            .unwrap();
        self.touched.borrow_mut().insert(request.sender.0);
        self.arrivals.borrow_mut().push(Arrival {
            at,
            sender: request.sender,
            mode: request.mode,
            records: objects_imported,
            ids: ids(&request.body),
        });
        Ok(Accepted {
            import_id: ImportId::new(&id).unwrap(),
            objects_imported,
            served_at: None,
        })
    }

    async fn carry(
        &self,
        request: Request,
        limit: Duration,
        reply: Reply,
    ) -> Result<Accepted, CallError> {
        let begun = self.machine.truth();
        let sleeps = self.machine.sleeps();
        let (upload, work) = {
            let habits = self.habits.borrow();
            (habits.upload, habits.work)
        };
        let work = match reply {
            Reply::After(time) => time,
            _ => self.up_to(work),
        };
        sleep(self.up_to(upload)).await;
        if self.machine.sleeps() != sleeps {
            // A connection that lay idle: it is gone, or goes on when both sides have noticed.
            if self.rng.borrow_mut().bool() {
                return Err(broken());
            }
            sleep(Duration::from_millis(1_500)).await;
        }
        match reply {
            Reply::Refused(error) => {
                sleep(work).await;
                return Err(error);
            }
            Reply::Silence => std::future::pending().await,
            Reply::Taken | Reply::After(_) | Reply::Unheard(_) => {}
        }
        let client = self.receive(request, (self.machine.truth() + work).min(begun + limit));
        sleep(work).await;
        self.catch_up();
        let answer = self.done.borrow_mut().remove(&client.number);
        sleep(self.up_to(100)).await;
        match reply {
            Reply::Unheard(error) => Err(error),
            _ => answer.unwrap_or_else(|| Err(broken())),
        }
    }

    fn receive(&self, request: Request, done_at: Duration) -> Client<'_> {
        let number = self.numbers.get();
        self.numbers.set(number + 1);
        self.work.borrow_mut().push(Work {
            number,
            done_at,
            request,
        });
        Client {
            service: self,
            number,
        }
    }

    fn look(&self, id: &ImportId) -> Result<Import, CallError> {
        self.catch_up();
        let bad_looks = self.habits.borrow().bad_looks;
        if self.chance(bad_looks) {
            return match self.rng.borrow_mut().u8(0..3) {
                0 => Err(status(404, None)),
                1 => Err(broken()),
                _ => Ok(shown(Status::Unknown("pondering".to_owned()))),
            };
        }
        let json = self
            .sandbox
            .import(id.as_str())
            .ok_or_else(|| status(404, None))?;
        let parts: BTreeMap<String, Import> = serde_json::from_str(&json).unwrap();
        Ok(parts["data_import"].clone())
    }
}

/// The ids in a body.
fn ids(body: &[u8]) -> Vec<u64> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    let items = body["items"].as_array().unwrap().iter();
    let id = |item: &serde_json::Value| item["id"].as_str().unwrap().parse().unwrap();
    items.map(id).collect()
}

/// An import that says nothing but a word.
fn shown(status: Status) -> Import {
    Import {
        status,
        id: None,
        progress: None,
        created_at: None,
        launched_at: None,
        tables: Vec::new(),
    }
}

impl Service for SimService {
    fn host(&self) -> String {
        "simulated".to_owned()
    }

    async fn push(&self, push: Push<'_>) -> Result<Accepted, CallError> {
        self.posts.borrow_mut().push(self.machine.truth());
        let request = Request {
            sender: self.sender.get(),
            table: push.table.as_str().to_owned(),
            mode: push.mode,
            body: push.body,
        };
        let carrying = self.carry(request, push.timeout, self.reply());
        let answer = timeout(push.timeout, carrying).await;
        let after = push.timeout;
        answer.unwrap_or(Err(CallError::Timeout { after }))
    }

    async fn import(&self, id: &ImportId) -> Result<Import, CallError> {
        self.gets.borrow_mut().push(self.machine.truth());
        let look = self.habits.borrow().look;
        sleep(look).await;
        let scripted = self.looks.borrow_mut().pop_front();
        match scripted {
            Some(look) => look.map(shown),
            None => self.look(id),
        }
    }
}
