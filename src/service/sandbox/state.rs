//! The model: set up, looked at, moved in time.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::clock::SandboxClock;
use super::document;
use super::fault::SandboxFault;
use super::import::World;
use super::log::RequestSeen;
use super::options::SandboxOptions;
use super::plan::FaultPlan;
use super::table::TableSnapshot;
use crate::service::facts::Facts;

/// What the sandbox is, to be shown when it starts.
pub const ABOUT: &str = "This is a small model of the Qobra API, made from its public documentation. \
It is not the service: what Qobra does not document may differ.";

/// A modelled service. Clones share their state.
#[derive(Clone, Debug)]
pub struct Sandbox {
    pub(super) clock: SandboxClock,
    pub(super) key: Option<Arc<str>>,
    pub(super) max_body: u64,
    pub(super) facts: Arc<Facts>,
    pub(super) hours: i64,
    pub(super) push_status: u16,
    state: Arc<Mutex<SandboxState>>,
}

#[derive(Debug)]
pub(super) struct SandboxState {
    pub(super) world: World,
    pub(super) faults: FaultPlan,
    pub(super) seen: Vec<RequestSeen>,
    /// How many pushes have arrived whose answers are not made yet.
    pub(super) in_flight: u64,
    /// Who is told of each request when it has ended.
    listener: Option<UnboundedSender<RequestSeen>>,
}

impl SandboxState {
    /// Tells of a request that has ended, with its answer or without.
    pub(super) fn ended(&self, place: usize) {
        if let Some(listener) = &self.listener {
            // Nobody may be left who listens.
            listener.send(self.seen[place].clone()).ok();
        }
    }
}

impl Sandbox {
    /// Sets up a service with empty tables.
    pub fn new(options: SandboxOptions) -> Self {
        let world = World::new(&options);
        Self {
            clock: options.clock,
            key: options.key.map(Arc::from),
            max_body: options.max_body.unwrap_or(u64::MAX),
            facts: Arc::new(options.facts),
            hours: options.hours,
            push_status: options.push_status,
            state: Arc::new(Mutex::new(SandboxState {
                world,
                faults: FaultPlan::new(options.faults),
                seen: Vec::new(),
                in_flight: 0,
                listener: None,
            })),
        }
    }

    /// Each request from now on, when it has ended.
    pub(crate) fn listen(&self) -> UnboundedReceiver<RequestSeen> {
        let (listener, requests) = unbounded_channel();
        self.state().listener = Some(listener);
        requests
    }

    /// The time since it was made.
    pub(crate) fn now(&self) -> Duration {
        self.clock.now()
    }

    /// Moves the clock; everything that becomes due on the way happens.
    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
        drop(self.caught_up());
    }

    /// Moves the clock past every open window and the end of every import.
    pub fn settle(&self) {
        let settled_at = self.state().world.settled_at();
        self.advance(settled_at.saturating_sub(self.clock.now()));
    }

    /// What a table holds now; `None` where there is no such table.
    pub fn table(&self, key: &str) -> Option<TableSnapshot> {
        Some(self.caught_up().world.table(key)?.snapshot())
    }

    /// An import as following it shows it, as JSON; `None` where there is no such import, or none to be
    /// seen yet.
    pub(crate) fn import(&self, id: &str) -> Option<String> {
        let state = self.caught_up();
        let import = state.world.import(id)?;
        let unseen = Duration::from_secs(self.facts.import_seen_after.unwrap_or(0));
        let is_seen = self.clock.now().saturating_sub(import.created_at) >= unseen;
        is_seen.then(|| document::of(import, &self.facts, &self.clock, self.hours))
    }

    /// Puts records into a table as if they had always been there, without an import.
    ///
    /// Numbers with more digits than a float holds lose them on their way through a `Value`: push them.
    ///
    /// # Panics
    /// When there is no such table, or a record is no object or has no id: a mistake in the caller.
    pub fn seed(&self, key: &str, records: &[serde_json::Value]) {
        let items = records
            .iter()
            .map(|record| serde_json::from_str(&record.to_string()))
            .collect::<Result<_, _>>()
            .expect("every seeded record is an object");
        let seeded = self.caught_up().world.seed(key, items);
        seeded.expect("a seeded table exists and its records have ids");
    }

    /// The requests so far, in the order in which they arrived.
    pub fn requests(&self) -> Vec<RequestSeen> {
        self.state().seen.clone()
    }

    /// The planned faults that no request has met. A test that ends with some did not test them.
    pub fn unused_faults(&self) -> Vec<SandboxFault> {
        self.state().faults.unused()
    }

    /// A panic elsewhere leaves the model as it was between two steps: it stays readable.
    pub(super) fn state(&self) -> MutexGuard<'_, SandboxState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state, with everything done that is due by now.
    pub(super) fn caught_up(&self) -> MutexGuard<'_, SandboxState> {
        let mut state = self.state();
        state.world.catch_up(self.clock.now());
        state
    }
}
