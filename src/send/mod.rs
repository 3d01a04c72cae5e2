//! The second pass: proved chunks go to the service.
//!
//! The first chunk goes alone: it proves key, table and body before any other leaves. Then up to
//! `jobs` requests are in flight. The first failure that repeating cannot mend stops everything:
//! nothing new starts, what is in flight ends.
//!
//! What the result means for the table, and which exit code that is, is left to `outcome`.

mod deliver;
mod pace;

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use jiff::Timestamp;

use crate::api::{CallError, Client};
use crate::chunk::ChunkPlan;
use crate::event::{Event, Events};
use crate::mapping::Binding;
use crate::model::{ImportId, Mode, RecordRange, TableKey};
use crate::retry::Reason;
use crate::source::Source;

use deliver::Courier;
use pace::Pace;

/// How a push is sent.
#[derive(Clone, Debug)]
pub struct SendOptions {
    /// The table that gets the records.
    pub table: TableKey,
    /// How they meet what the table holds.
    pub mode: Mode,
    /// Requests in flight once the first was accepted.
    pub jobs: usize,
    /// How long to keep trying one chunk.
    pub retry_for: Duration,
}

/// What is sent: the inputs, how they are mapped, and the chunks as proved.
#[derive(Debug)]
pub struct Cargo {
    /// The opened inputs.
    pub source: Source,
    /// The mapping, bound to them.
    pub binding: Binding,
    /// The chunks, in order.
    pub chunks: Vec<ChunkPlan>,
}

/// What became of one chunk.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its number, from 1.
    pub chunk: u64,
    /// Its records' numbers.
    pub range: RecordRange,
    /// How many records it carries.
    pub records: u64,
    /// Requests made for it.
    pub attempts: u32,
    /// Whether it arrived.
    pub state: DeliveryState,
}

/// Whether a chunk arrived.
#[derive(Clone, Debug)]
pub enum DeliveryState {
    /// The service took it.
    Accepted(ImportId),
    /// The service surely did not apply it.
    NotApplied(Stop),
    /// It may have been applied.
    Unknown(Stop),
    /// It was not sent any more.
    NotSent,
}

/// Why sending stopped.
#[derive(Clone, Debug)]
pub enum Stop {
    /// A call failed, and was not repeated for this reason.
    Failed(CallError, Reason),
    /// The service counted other records than were sent.
    Miscounted {
        /// Records sent.
        sent: u64,
        /// Records that the service says it got.
        answered: u64,
    },
    /// The input is not what was proved any more.
    Changed(String),
    /// Another chunk stopped the push while this one was to be repeated.
    Abandoned(CallError),
}

/// What became of all chunks, in order.
#[derive(Debug)]
pub struct Sent {
    /// One for each chunk.
    pub deliveries: Vec<Delivery>,
    /// When the first attempt began.
    pub opened_at: Timestamp,
    /// From the first attempt to the last answer.
    pub took: Duration,
}

/// Sends all chunks.
pub async fn send(
    cargo: Arc<Cargo>,
    client: Client,
    options: SendOptions,
    events: &Events,
) -> Sent {
    let (start, opened_at) = (Instant::now(), Timestamp::now());
    let records = cargo.chunks.iter().map(|chunk| chunk.records).sum();
    events.emit(Event::Sending {
        records,
        chunks: cargo.chunks.len() as u64,
    });
    let pace = Pace::new(options.jobs);
    let courier = Courier::new(Arc::clone(&cargo), client, options, events, &pace);
    let mut deliveries = Vec::with_capacity(cargo.chunks.len());
    let mut waiting = cargo.chunks.iter();
    let mut in_flight = FuturesUnordered::new();
    loop {
        while !pace.has_stopped() && in_flight.len() < pace.limit() {
            let Some(chunk) = waiting.next() else { break };
            in_flight.push(courier.deliver(chunk));
        }
        let Some(delivery) = in_flight.next().await else {
            break;
        };
        deliveries.push(delivery);
    }
    deliveries.extend(waiting.map(Delivery::not_sent));
    deliveries.sort_by_key(|delivery| delivery.chunk);
    Sent {
        deliveries,
        opened_at,
        took: start.elapsed(),
    }
}

impl Delivery {
    fn not_sent(chunk: &ChunkPlan) -> Self {
        Self {
            chunk: chunk.number,
            range: chunk.range,
            records: chunk.records,
            attempts: 0,
            state: DeliveryState::NotSent,
        }
    }
}
