//! One chunk's way to the service: build its body, call, repeat as `retry` decides.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::pace::Pace;
use super::{Cargo, Delivery, DeliveryState, SendOptions, Stop};
use crate::api::{Accepted, CallError, Client, Push};
use crate::chunk::{self, ChunkPlan};
use crate::event::{Event, Events};
use crate::model::ImportId;
use crate::retry::{self, Decision, Reason};
use crate::source::RowParser;

/// What a request may take besides carrying its body.
const PATIENCE: Duration = Duration::from_secs(30);

/// The slowest link that still succeeds, in bytes a second.
const SLOWEST_LINK: u64 = 50_000;

/// Brings chunks to the service. One for all chunks of a push.
pub(super) struct Courier<'a> {
    cargo: Arc<Cargo>,
    client: Client,
    options: SendOptions,
    events: &'a Events,
    pace: &'a Pace,
    parsers: Arc<Mutex<Vec<RowParser>>>,
}

impl<'a> Courier<'a> {
    pub(super) fn new(
        cargo: Arc<Cargo>,
        client: Client,
        options: SendOptions,
        events: &'a Events,
        pace: &'a Pace,
    ) -> Self {
        Self {
            cargo,
            client,
            options,
            events,
            pace,
            parsers: Arc::default(),
        }
    }

    /// Sends one chunk, repeatedly if need be.
    pub(super) async fn deliver(&self, chunk: &ChunkPlan) -> Delivery {
        let mut delivery = Delivery::not_sent(chunk);
        let _room = self.pace.room(chunk.body_bytes).await;
        if self.pace.has_stopped() {
            return delivery;
        }
        delivery.state = match self.build(chunk).await {
            Ok(body) => self.attempts(chunk, &body, &mut delivery.attempts).await,
            Err(why) => DeliveryState::NotApplied(Stop::Changed(why)),
        };
        if matches!(delivery.state, DeliveryState::Accepted(_)) {
            self.pace.arrived(chunk.number == 1);
        } else {
            self.pace.stop();
        }
        delivery
    }

    /// Reads and maps the chunk on a thread of its own, so that the network never waits for it.
    async fn build(&self, chunk: &ChunkPlan) -> Result<Bytes, String> {
        let (cargo, parsers) = (Arc::clone(&self.cargo), Arc::clone(&self.parsers));
        let number = chunk.number as usize - 1;
        let building = tokio::task::spawn_blocking(move || {
            let idle = parsers.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let mut parser = idle.unwrap_or_else(|| cargo.source.parser());
            let plan = &cargo.chunks[number];
            let built = chunk::build(&cargo.source, &mut parser, &cargo.binding, plan);
            parsers
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(parser);
            built
        });
        match building.await {
            Ok(built) => built.map(Bytes::from).map_err(|error| error.to_string()),
            Err(panic) => Err(format!("a request could not be built: {panic}")),
        }
    }

    /// Calls until the chunk is accepted or there is no point in calling again.
    async fn attempts(&self, chunk: &ChunkPlan, body: &Bytes, made: &mut u32) -> DeliveryState {
        let begun = Instant::now();
        let mut is_ambiguous = false;
        let mut last = None;
        let stop = loop {
            self.pace.quiet().await;
            if self.pace.has_stopped() {
                match last {
                    None => return DeliveryState::NotSent,
                    Some(error) => break Stop::Abandoned(error),
                }
            }
            *made += 1;
            self.events.emit(Event::Attempt {
                chunk: chunk.number,
                attempt: *made,
                bytes: chunk.body_bytes,
            });
            let error = match self.call(body).await {
                Ok(accepted) => return self.accepted(chunk, accepted, begun.elapsed()),
                Err(error) => error,
            };
            is_ambiguous |= !error.is_surely_not_applied();
            match self.after(&error, chunk, *made, begun.elapsed()) {
                Ok(pause) => self.pace.pause(pause).await,
                Err(reason) => break Stop::Failed(error, reason),
            }
            last = Some(error);
        };
        match is_ambiguous {
            true => DeliveryState::Unknown(stop),
            false => DeliveryState::NotApplied(stop),
        }
    }

    async fn call(&self, body: &Bytes) -> Result<Accepted, CallError> {
        let upload = Duration::from_secs(body.len() as u64 / SLOWEST_LINK);
        let push = Push {
            table: &self.options.table,
            mode: self.options.mode,
            body: body.clone(),
            timeout: PATIENCE + upload,
        };
        self.client.push(push).await
    }

    /// The service took the chunk; did it take all of it?
    fn accepted(&self, chunk: &ChunkPlan, answer: Accepted, took: Duration) -> DeliveryState {
        let Accepted {
            import_id,
            objects_imported,
        } = answer;
        if objects_imported != chunk.records {
            return DeliveryState::Unknown(Stop::Miscounted {
                sent: chunk.records,
                answered: objects_imported,
            });
        }
        self.tell_accepted(chunk, &import_id, took);
        DeliveryState::Accepted(import_id)
    }

    fn tell_accepted(&self, chunk: &ChunkPlan, import_id: &ImportId, took: Duration) {
        self.events.emit(Event::Accepted {
            chunk: chunk.number,
            range: chunk.range,
            records: chunk.records,
            import_id: import_id.clone(),
            took,
        });
    }

    /// The pause before the next attempt, or why there is none. Where the push has stopped there is
    /// neither: that is seen before the attempt.
    fn after(
        &self,
        error: &CallError,
        chunk: &ChunkPlan,
        failures: u32,
        spent: Duration,
    ) -> Result<Duration, Reason> {
        let left = self.options.retry_for.saturating_sub(spent);
        match retry::decide(error, failures, left, fastrand::f64()) {
            Decision::Stop(reason) => Err(reason),
            Decision::Again(_) if self.pace.has_stopped() => Ok(Duration::ZERO),
            Decision::Again(pause) => {
                if retry::asks_for_less(error) {
                    self.pace.slow_down(Instant::now(), pause);
                }
                self.events.emit(Event::Retry {
                    chunk: chunk.number,
                    pause,
                    reason: error.to_string(),
                });
                Ok(pause)
            }
        }
    }
}
