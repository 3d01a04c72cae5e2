//! What experiments work with: a scratch table of the service, records for it, and time.

use std::cell::Cell;
use std::time::Duration;

use serde_json::{Map, Value};

use super::finding::Finding;
use super::pace::Pace;
use super::shape::{self, Taken};
use super::sheet::{self, Sheet};
use crate::base::display;
use crate::base::event::Events;
use crate::base::model::{Mode, TableKey};
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
    /// Called before a window opens, with how long it may stay open.
    pub(crate) on_window: Box<dyn Fn(Duration)>,
    pub(crate) facts: Facts,
    pub(crate) findings: Vec<Finding>,
}

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
        let reply = self.reply.as_ref().ok()?;
        shape::taken(reply.json.as_ref()).filter(|_| reply.is_success())
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
        let begun = self.pace.now();
        let reply = self.exchange.push(&self.table, mode, body).await;
        Pushed {
            sent: (begun, self.pace.now()),
            reply,
        }
    }

    /// A replace whose window stays open for the debounce, once more behind each request.
    pub(super) fn replace(&self) -> Mode {
        // Under the longer reading it counts from the last request, which comes before its first end.
        (self.on_window)(self.debounce * 2);
        Mode::Replace {
            debounce: self.debounce,
        }
    }

    pub(super) fn tell(&self, what: &str) {
        self.events.note(what);
    }

    pub(super) fn find(&mut self, finding: Finding) {
        self.findings.push(finding);
    }
}
