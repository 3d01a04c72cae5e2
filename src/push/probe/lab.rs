//! What experiments work with: a scratch table of the service, records for it, and time.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use serde_json::{Map, Value};

use super::finding::Finding;
use super::pace::Pace;
use super::shape::{self, Taken};
use super::sheet::{self, Sheet};
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::service::facts::{Facts, Refused};
use crate::service::{CallError, Exchange, Reply};

/// What a service that counts requests in a time is given to forget the last ones.
pub(super) const REST: Duration = Duration::from_secs(5);

/// The most that is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Largest {
    pub(crate) records: u64,
    pub(crate) bytes: u64,
}

impl Default for Largest {
    fn default() -> Self {
        Self {
            records: 40_000,
            bytes: 32 << 20,
        }
    }
}

/// What experiments work with, and what they have found.
pub(crate) struct Lab {
    pub(crate) exchange: Exchange,
    pub(crate) table: TableKey,
    pub(crate) sheet: Sheet,
    pub(crate) pace: Pace,
    /// The debounce of the experiments with one.
    pub(crate) debounce: Duration,
    pub(crate) largest: Largest,
    /// How long an import may take beyond its debounce; less, once one has not ended in that time.
    pub(crate) patience: Cell<Duration>,
    pub(crate) events: Events,
    /// Called before a replace leaves and when it was taken, with how long it may wait at the service from then.
    pub(crate) on_window: Box<dyn Fn(Duration)>,
    pub(crate) replaces: Replaces,
    pub(crate) facts: Facts,
    pub(crate) findings: Vec<Finding>,
}

/// The replaces that were sent, as far as they may still wait at the service.
#[derive(Default)]
pub(crate) struct Replaces {
    /// The imports whose end was not seen.
    waiting: RefCell<Vec<ImportId>>,
    /// How many have no answer, or none that says what became of them.
    unknown: Cell<usize>,
}

impl Replaces {
    /// Whether the end of all of them was seen.
    pub(crate) fn are_over(&self) -> bool {
        self.waiting.borrow().is_empty() && !self.is_one_lost()
    }

    /// Whether nobody knows what became of one that was answered or given up.
    pub(super) fn is_one_lost(&self) -> bool {
        self.unknown.get() > 0
    }

    /// An import was seen to end.
    pub(super) fn ended(&self, id: &ImportId) {
        self.waiting.borrow_mut().retain(|waiting| waiting != id);
    }

    /// One leaves: it is unknown what becomes of it, for good if nobody is there to hear the answer.
    fn leaves(&self) {
        self.unknown.set(self.unknown.get() + 1);
    }

    fn answered(&self, pushed: &Pushed) {
        match pushed.outcome() {
            Ok(taken) => self.waiting.borrow_mut().push(taken.import),
            Err(error) if error.is_surely_not_applied() => {}
            Err(_) => return,
        }
        self.unknown.set(self.unknown.get() - 1);
    }
}

/// The longest that a request may be under way to the service although nobody waits for it any more.
const UNDER_WAY: Duration = Duration::from_secs(30);

/// What came of a push of some records.
#[derive(Clone, Debug)]
pub(super) struct Pushed {
    /// When the request began, and when its answer was there.
    pub(super) sent: (Duration, Duration),
    pub(super) reply: Result<Reply, CallError>,
}

impl Pushed {
    /// What the service said if it took the records, in the documented form.
    pub(super) fn taken(&self) -> Option<Taken> {
        self.outcome().ok()
    }

    /// What the service said if it took the records, or else what a push would make of its answer.
    pub(super) fn outcome(&self) -> Result<Taken, CallError> {
        let reply = self.reply.as_ref().map_err(CallError::clone)?;
        let (status, words) = (reply.status, display::quoted(&reply.words));
        if !reply.is_success() {
            return Err(CallError::Status {
                status,
                words,
                retry_after: None,
                location: None,
            });
        }
        let taken = shape::taken(reply.json.as_ref());
        // A page in the API's place, as a login to a network shows one.
        let is_page = status == 200 && reply.words.starts_with('<');
        taken.ok_or(match is_page {
            true => CallError::NotTheApi { words },
            false => CallError::BadAnswer { status, words },
        })
    }

    /// The answer in a few words.
    pub(super) fn told(&self) -> String {
        told(&self.reply)
    }

    /// The refusal, if it was one.
    pub(super) fn refused(&self) -> Option<Refused> {
        refused(&self.reply)
    }
}

/// An answer in a few words.
pub(super) fn told(reply: &Result<Reply, CallError>) -> String {
    match reply {
        Ok(reply) if reply.words.is_empty() => format!("{} with an empty body", reply.status),
        Ok(reply) => format!("{}: {}", reply.status, reply.words),
        // What the connection says may hold an address.
        Err(CallError::Timeout { after }) => format!("no answer within {}", display::time(*after)),
        Err(_) => "no answer: the connection broke, or did not come about".to_owned(),
    }
}

/// A refusal: by the service, not by what stands before it.
pub(super) fn refused(reply: &Result<Reply, CallError>) -> Option<Refused> {
    let reply = reply.as_ref().ok()?;
    let is_refusal =
        (400..500).contains(&reply.status) && !matches!(reply.status, 407 | 408 | 425 | 429);
    is_refusal.then(|| Refused {
        status: reply.status,
        words: reply.words.clone(),
    })
}

impl Lab {
    pub(super) async fn push(&self, mode: Mode, records: &[Map<String, Value>]) -> Pushed {
        let body = sheet::body(records);
        if mode.is_replace() {
            (self.on_window)(self.open() + UNDER_WAY.min(self.open()));
            self.replaces.leaves();
        }
        let begun = self.pace.now();
        let reply = self.exchange.push(&self.table, mode, body).await;
        let pushed = Pushed {
            sent: (begun, self.pace.now()),
            reply,
        };
        if mode.is_replace() {
            self.replaces.answered(&pushed);
            (self.on_window)(self.open());
        }
        pushed
    }

    /// A replace whose window stays open for the debounce.
    pub(super) fn replace(&self) -> Mode {
        Mode::Replace {
            debounce: self.debounce,
        }
    }

    /// How long a replace may wait at the service once it was taken: its debounce, and as long in a queue.
    pub(super) fn open(&self) -> Duration {
        self.debounce * 2
    }

    pub(super) fn tell(&self, what: &str) {
        self.events.note(what);
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
