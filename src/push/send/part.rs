//! What is sent, in which parts, and what became of each.

use std::time::Duration;

use jiff::Timestamp;

use super::journal::RunJournal;
use crate::base::clock::{Clock, Moment};
use crate::base::event::Events;
use crate::base::model::{ImportId, Mode, RecordRange, TableKey};
use crate::base::signals::{Interrupts, Signal};
use crate::input::Source;
use crate::mapping::Binding;
use crate::prove::chunk::{ChunkPlan, MappedInput};
use crate::prove::duplicates::RecordSet;
use crate::service::CallError;
use crate::service::facts::WindowReading;
use crate::service::retry::StopReason;
use crate::service::window::Window;

/// How a push is sent.
#[derive(Clone, Debug)]
pub(crate) struct SendOptions {
    /// The table that gets the records.
    pub table: TableKey,
    /// How they meet what the table holds.
    pub mode: Mode,
    /// Requests in flight once the first was accepted.
    pub jobs: usize,
    /// How long to keep trying one chunk.
    pub retry_for: Duration,
    /// How long to try an address where nobody has answered yet.
    pub connect_for: Duration,
    /// From which request a replace's window counts, where that is known.
    pub reading: Option<WindowReading>,
}

/// What is sent: the inputs, how they are mapped, and the chunks as proved.
#[derive(Debug)]
pub(crate) struct SendInput {
    /// The opened inputs.
    pub source: Source,
    /// The mapping, bound to them.
    pub binding: Binding,
    /// The chunks, in order.
    pub chunks: Vec<ChunkPlan>,
    /// Records of the chunks that are not sent: duplicates.
    pub left_out: RecordSet,
}

/// What is still to be sent of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SendPlan {
    /// The parts, in order.
    pub parts: Vec<Part>,
    /// The time in which they must arrive.
    pub window: Option<Window>,
    /// The imports that an earlier process of the run was given, where this one goes on in its window; the
    /// first in time first.
    pub imports: Vec<ImportId>,
    /// Ranges that an earlier process of the run sent, and that have no answer.
    pub doubtful: Vec<RecordRange>,
    /// Whether the service answered an earlier process of the run.
    pub was_answered: bool,
}

/// A part of a chunk, or all of it, that one request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    /// The chunk's number, from 1.
    pub chunk: u64,
    pub range: RecordRange,
    /// How many records the part carries.
    pub records: u64,
}

/// What became of one part.
#[derive(Clone, Debug)]
pub(crate) struct PartResult {
    /// What was, or was not, sent.
    pub part: Part,
    /// Where its record stands, if it carries only one: `deals.csv, line 17`.
    pub place: Option<String>,
    /// The body's size, where it was built.
    pub bytes: u64,
    /// Requests made for it.
    pub attempts: u32,
    /// From the first attempt to the last answer.
    pub took: Duration,
    /// When it was accepted: by the service's clock where it says the time, else by this machine's.
    pub accepted_at: Option<Timestamp>,
    /// When the request began that was accepted, by the service's clock; none where it does not say the time.
    pub began_at: Option<Timestamp>,
    /// Whether an attempt before may have been applied too: the service may count it twice.
    pub may_count_twice: bool,
    /// Whether the part arrived.
    pub state: PartState,
}

/// Whether a part arrived.
#[derive(Clone, Debug)]
pub(crate) enum PartState {
    /// The service took it.
    Accepted(ImportId),
    /// The service surely did not apply it.
    NotApplied(Stop),
    /// The part may have been applied.
    Unknown(Stop),
    /// The part was not sent any more.
    NotSent,
}

/// Why sending stopped.
#[derive(Clone, Debug)]
pub(crate) enum Stop {
    /// A call failed, and was not repeated for this reason.
    Failed(CallError, StopReason),
    /// The service counted other records than were sent.
    Miscounted {
        /// Records sent.
        sent: u64,
        /// Records that the service says it got.
        answered: u64,
    },
    /// The input is not what was proved any more.
    Changed(String),
    /// The replace's window cannot be met any more; the last failure, if one took the time.
    WindowOver(Option<CallError>),
    /// The journal could not be written before the first request.
    NoJournal(String),
    /// Something else stopped the push while this part was to be repeated.
    Abandoned(CallError),
}

/// What stopped a push as a whole, besides a part's own failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The user or the system asked for it.
    Signal(Signal),
    /// The service already runs the import: what would be sent now would come too late.
    Launched(String),
}

/// What became of everything.
#[derive(Debug)]
pub(crate) struct Sent {
    /// One for each part, in the order of the records.
    pub results: Vec<PartResult>,
    /// Chunks as they were proved; a result may be a part of one.
    pub chunks: u64,
    /// What stopped the push as a whole.
    pub halt: Option<Halt>,
    /// When the first attempt began that may have reached the service.
    pub opened: Option<Moment>,
    /// When the last accepted one began, where the window is known to count from that.
    pub moved: Option<Moment>,
    /// Whether an import was seen to run although what is known of the window rules it out.
    pub is_launch_early: bool,
    /// Records and bytes of the smallest request that was too large.
    pub too_large: Option<(u64, u64)>,
    /// When the first attempt began.
    pub started_at: Timestamp,
    /// From the first attempt to the last answer.
    pub took: Duration,
}

impl Sent {
    /// The most records, and the most bytes, of a request that was accepted.
    pub(crate) fn most_accepted(&self) -> (u64, u64) {
        let accepted = |one: &&PartResult| matches!(one.state, PartState::Accepted(_));
        let accepted = self.results.iter().filter(accepted);
        accepted.fold((0, 0), |(records, bytes), one| {
            (records.max(one.part.records), bytes.max(one.bytes))
        })
    }
}

/// What sending needs from outside.
pub(crate) struct Means<'a, S> {
    pub service: &'a S,
    /// What time it is.
    pub clock: &'a Clock,
    /// Where each attempt and answer is written down.
    pub journal: &'a RunJournal<'a>,
    /// Who listens.
    pub events: &'a Events,
    /// Signals from the user and the system.
    pub interrupts: Interrupts,
    /// Whether bodies are built on threads of their own, so that the network never waits for them.
    /// A simulation builds them in its own: no thread knows of its time.
    pub has_builders: bool,
}

impl SendInput {
    /// What bodies are made from.
    pub(crate) fn mapped(&self) -> MappedInput<'_> {
        MappedInput {
            source: &self.source,
            binding: &self.binding,
            left_out: &self.left_out,
        }
    }

    /// The chunk that a part belongs to.
    pub(super) fn chunk(&self, part: Part) -> &ChunkPlan {
        &self.chunks[part.chunk as usize - 1]
    }

    /// What a range of records is, as part of the chunk that holds it.
    pub(crate) fn part(&self, range: RecordRange) -> Part {
        let after = self
            .chunks
            .partition_point(|chunk| chunk.range.first <= range.first);
        let chunk = &self.chunks[after.saturating_sub(1)];
        let whole = Part::whole(chunk);
        if range == chunk.range {
            return whole;
        }
        // Bad records are not known apart here; the exact number comes with the body.
        let records = (range.first..=range.last)
            .filter(|n| !self.left_out.contains(*n))
            .count();
        Part {
            range,
            records: chunk.records.min(records as u64),
            ..whole
        }
    }
}

impl Part {
    /// A whole chunk.
    pub(crate) fn whole(chunk: &ChunkPlan) -> Self {
        Self {
            chunk: chunk.number,
            range: chunk.range,
            records: chunk.records,
        }
    }
}

impl PartResult {
    pub(super) fn not_sent(part: Part) -> Self {
        Self {
            part,
            place: None,
            bytes: 0,
            attempts: 0,
            took: Duration::ZERO,
            accepted_at: None,
            began_at: None,
            may_count_twice: false,
            state: PartState::NotSent,
        }
    }
}

/// How far a part has come whose requests are under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct PartProgress {
    pub(super) part: Part,
    pub(super) attempts: u32,
    pub(super) is_in_flight: bool,
    /// When the first attempt began that may have been applied.
    pub(super) doubt: Option<Moment>,
    /// When it was accepted and began, as in its result, and whether that was after an attempt that may
    /// have been applied.
    pub(super) accepted: Option<(Timestamp, Option<Timestamp>, bool)>,
}

impl PartProgress {
    pub(super) fn new(part: Part) -> Self {
        Self {
            part,
            attempts: 0,
            is_in_flight: false,
            doubt: None,
            accepted: None,
        }
    }

    /// The attempt in flight ended; `begun` is when it began, if it may have been applied.
    pub(super) fn answered(
        &mut self,
        accepted: Option<(Timestamp, Option<Timestamp>)>,
        begun: Option<&Moment>,
    ) {
        self.is_in_flight = false;
        self.accepted = accepted.map(|(at, began_at)| (at, began_at, self.doubt.is_some()));
        self.doubt = self.doubt.or(begun.copied());
    }
}
