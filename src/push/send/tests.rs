//! What is sent when, against a service that answers late and a clock that moves when everybody
//! waits.

mod looks;

use std::cell::{Cell, RefCell};
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{self};
use proptest::prelude::*;
use tempfile::TempDir;

use super::journal::RunJournal;
use super::part::*;
use super::pass::*;
use crate::base::clock::Clock;
use crate::base::event::Events;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::base::signals::{Interrupts, Signal};
use crate::input::{InputPath, Source, SourceOptions};
use crate::mapping::Mapping;
use crate::prove::chunk::ChunkOptions;
use crate::prove::duplicates::Scratch;
use crate::prove::rejects::RejectsFile;
use crate::prove::{Collect, MaxErrors, OnDuplicates, ProveOptions, prove};
use crate::service::{Accepted, CallError, Import, Push, Service};

/// Records of a chunk.
const CHUNK: u64 = 4;

/// How long the service takes for a request.
const ANSWER: Duration = Duration::from_secs(10);

/// A mebibyte.
const MIB: u64 = 1 << 20;

/// A service that takes its time.
#[derive(Default)]
struct Slow {
    /// The most records of a request.
    most: Option<u64>,
    /// The status with which the nth request is refused.
    refused: Vec<Option<u16>>,
    /// Ids of the first and the last record of each request, in the order in which they began.
    begun: RefCell<Vec<(u64, u64)>>,
    /// The same for those that were taken.
    taken: RefCell<Vec<(u64, u64)>>,
    in_flight: Cell<usize>,
    /// The most requests that were in flight at once, before the first was taken and at all.
    most_in_flight: Cell<(usize, usize)>,
}

fn status(status: u16) -> CallError {
    CallError::Status {
        status,
        words: String::new(),
        retry_after: None,
        location: None,
    }
}

/// The ids in a body.
fn ids(body: &[u8]) -> Vec<u64> {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    let items = body["items"].as_array().unwrap().iter();
    let id = |item: &serde_json::Value| item["id"].as_str().unwrap().parse().unwrap();
    items.map(id).collect()
}

impl Service for Slow {
    fn host(&self) -> String {
        "slow".to_owned()
    }

    async fn push(&self, push: Push<'_>) -> Result<Accepted, CallError> {
        let ids = ids(&push.body);
        let (range, records) = ((ids[0], ids[ids.len() - 1]), ids.len() as u64);
        let number = self.begun.borrow().len();
        self.begun.borrow_mut().push(range);
        self.in_flight.set(self.in_flight.get() + 1);
        let (alone, at_all) = self.most_in_flight.get();
        let is_first = self.taken.borrow().is_empty();
        let alone = if is_first {
            alone.max(self.in_flight.get())
        } else {
            alone
        };
        self.most_in_flight
            .set((alone, at_all.max(self.in_flight.get())));
        tokio::time::sleep(ANSWER).await;
        self.in_flight.set(self.in_flight.get() - 1);
        if let Some(Some(refused)) = self.refused.get(number) {
            return Err(status(*refused));
        }
        if self.most.is_some_and(|most| records > most) {
            return Err(status(413));
        }
        self.taken.borrow_mut().push(range);
        Ok(Accepted {
            import_id: ImportId::new("a").unwrap(),
            objects_imported: records,
            served_at: None,
        })
    }

    async fn import(&self, _: &ImportId) -> Result<Import, CallError> {
        Err(status(404))
    }
}

/// Those of the first chunk are longer: whatever size of it is refused, the others may have theirs.
fn rows(note: &str, chunks: u64) -> String {
    let mut csv = String::from("id,note\n");
    for id in 1..=chunks * CHUNK {
        let longer = if id <= CHUNK { ", and more" } else { "" };
        let _ = writeln!(csv, "{id},\"{note}{longer}\"");
    }
    csv
}

/// An input of so many chunks, each with a plan by which its body has so many bytes.
fn input(chunks: u64, body_bytes: u64) -> (SendInput, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, rows("old", chunks)).unwrap();
    let source = Source::open(&[InputPath::File(path)], &SourceOptions::default()).unwrap();
    let binding = Mapping::identity().bind(source.columns()).unwrap();
    let options = ProveOptions {
        chunks: ChunkOptions::new(CHUNK, MIB),
        duplicates: OnDuplicates::Error,
        max_errors: MaxErrors::Count(0),
    };
    let mut rejects = RejectsFile::new(folder.path().join("rejects.csv"), &source);
    let (scratch, events) = (Scratch::default(), Events::unheard());
    let proof = prove(
        &source,
        &binding,
        &options,
        scratch,
        &mut rejects,
        Collect::nowhere(),
        &events,
    )
    .unwrap();
    let mut chunks = proof.chunks;
    for chunk in &mut chunks {
        chunk.body_bytes = body_bytes;
    }
    let left_out = proof.left_out;
    let input = SendInput {
        source,
        binding,
        chunks,
        left_out,
    };
    (input, folder)
}

/// What may happen during a push, and when.
#[derive(Clone, Copy, Debug)]
enum Trick {
    Signal(Duration),
    /// All chunks but the first so many are written over.
    Change(Duration, u64),
}

/// Pushes so many chunks with so many jobs.
fn push(service: &Slow, chunks: u64, body_bytes: u64, jobs: usize, trick: Option<Trick>) -> Sent {
    let (input, folder) = input(chunks, body_bytes);
    let (clock, events) = (Clock::system(), Events::unheard());
    let journal = RunJournal::new(None, &clock, &events);
    let interrupts = Interrupts::never();
    let means = Means {
        service,
        clock: &clock,
        journal: &journal,
        events: &events,
        interrupts: interrupts.clone(),
        has_builders: false,
    };
    let options = SendOptions {
        table: TableKey::new("deals").unwrap(),
        mode: Mode::Upsert,
        jobs,
        retry_for: Duration::from_secs(300),
        connect_for: Duration::from_secs(30),
        reading: None,
    };
    let plan = SendPlan {
        parts: input.chunks.iter().map(Part::whole).collect(),
        ..SendPlan::default()
    };
    let sending = send(Arc::new(input), plan, &options, means);
    let happens = async {
        match trick {
            Some(Trick::Signal(at)) => {
                tokio::time::sleep(at).await;
                interrupts.tell(Signal::Interrupt);
            }
            Some(Trick::Change(at, kept)) => {
                tokio::time::sleep(at).await;
                let (old, new) = (rows("old", chunks), rows("new", chunks));
                let kept = rows("old", kept).len();
                let changed = format!("{}{}", &old[..kept], &new[kept..]);
                std::fs::write(folder.path().join("data.csv"), changed).unwrap();
            }
            None => {}
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    let pushing = async { future::join(sending, happens).await.0 };
    let pushing = async { tokio::time::timeout(Duration::from_secs(1_000_000), pushing).await };
    runtime.block_on(pushing).expect("it hangs")
}

/// Each result in a letter.
fn shown(sent: &Sent) -> String {
    let letter = |result: &PartResult| match result.state {
        PartState::Accepted(_) => 'A',
        PartState::NotApplied(Stop::Changed(_)) => 'C',
        PartState::NotApplied(_) => 'F',
        PartState::Unknown(_) => 'U',
        PartState::NotSent => '-',
    };
    sent.results.iter().map(letter).collect()
}

/// In the middle of the first request.
const MEANWHILE: Duration = Duration::from_secs(5);

#[test]
fn the_next_bodies_are_there_before_there_is_a_slot_for_them() {
    // Four bodies are built queue, so that a change behind the first comes too late for them.
    let change = Some(Trick::Change(MEANWHILE, 1));
    let service = Slow::default();
    assert_eq!(shown(&push(&service, 5, 1, 1, change)), "AAAAA");
    // The sixth is begun when the second leaves, and stops the push at once.
    let service = Slow::default();
    let sent = push(&service, 8, 1, 1, change);
    assert_eq!(shown(&sent), "AA---C--");
    assert_eq!(*service.begun.borrow(), [(1, 4), (5, 8)]);
    let took: Vec<_> = sent.results.iter().map(|one| one.took).collect();
    assert!(took[1] >= ANSWER && took[1] < 2 * ANSWER, "{took:?}");
}

#[test]
fn bodies_built_ahead_and_in_flight_share_the_room() {
    for (mib, is_ahead) in [(40, 0), (32, 0), (20, 0), (16, 1), (10, 2), (8, 3), (6, 4)] {
        let service = Slow::default();
        let sent = push(&service, 8, mib * MIB, 1, Some(Trick::Change(MEANWHILE, 1)));
        // One more request leaves before the change is found, if its body was there.
        let accepted = if is_ahead == 0 { "A" } else { "AA" };
        let unsent = "-".repeat(1 + is_ahead - accepted.len());
        let behind = "-".repeat(8 - 2 - is_ahead);
        let expected = format!("{accepted}{unsent}C{behind}");
        assert_eq!(shown(&sent), expected, "{mib} MiB");
    }
}

#[test]
fn large_bodies_with_many_jobs_take_turns() {
    for (mib, in_flight) in [(40, 1), (20, 1), (16, 2), (10, 3), (8, 4), (1, 4)] {
        let service = Slow::default();
        let sent = push(&service, 9, mib * MIB, 4, None);
        assert_eq!(shown(&sent), "AAAAAAAAA");
        assert_eq!(service.most_in_flight.get(), (1, in_flight), "{mib} MiB");
        assert!(service.begun.borrow().is_sorted());
    }
}

#[test]
fn after_a_split_everything_leaves_in_the_order_of_the_records() {
    let service = Slow {
        most: Some(2),
        ..Slow::default()
    };
    let sent = push(&service, 4, 90, 1, None);
    assert_eq!(shown(&sent), "AAAAAAAA");
    let halves: Vec<_> = (0..8).map(|n| (2 * n + 1, 2 * n + 2)).collect();
    assert_eq!(*service.taken.borrow(), halves);
}

#[test]
fn halves_leave_before_the_bodies_that_were_there_first() {
    let service = Slow {
        refused: vec![Some(413)],
        ..Slow::default()
    };
    let sent = push(&service, 4, 90, 1, None);
    assert_eq!(shown(&sent), "AAAAA");
    let begun = [(1, 4), (1, 2), (3, 4), (5, 8), (9, 12), (13, 16)];
    assert_eq!(*service.begun.borrow(), begun);
}

fn tricks() -> impl Strategy<Value = Option<Trick>> {
    let at = || (0..200_u64).prop_map(Duration::from_secs);
    prop_oneof![
        Just(None),
        at().prop_map(|at| Some(Trick::Signal(at))),
        (at(), 0..12_u64).prop_map(|(at, kept)| Some(Trick::Change(at, kept))),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever happens: each record is in one result, what was taken is known, and no more is in
    /// flight than may be.
    #[test]
    fn every_part_has_one_result(
        (chunks, mib, jobs) in (1..12_u64, 0..40_u64, 1..5_usize),
        most in proptest::option::of(1..=CHUNK),
        refused in prop::collection::vec(
            prop_oneof![6 => Just(None), 4 => prop::sample::select(vec![413, 429, 500, 503]).prop_map(Some), 1 => Just(Some(401))],
            0..20,
        ),
        trick in tricks(),
    ) {
        let service = Slow { most, refused, ..Slow::default() };
        let sent = push(&service, chunks, mib * MIB, jobs, trick.map(|trick| match trick {
            Trick::Change(at, kept) => Trick::Change(at, kept.min(chunks)),
            signal => signal,
        }));
        let mut next = 1;
        for result in &sent.results {
            prop_assert_eq!(result.part.range.first, next, "{}", shown(&sent));
            next = result.part.range.last + 1;
        }
        prop_assert_eq!(next, chunks * CHUNK + 1);
        let range = |one: &PartResult| (one.part.range.first, one.part.range.last);
        let is_accepted = |one: &&PartResult| matches!(one.state, PartState::Accepted(_));
        let accepted: Vec<_> = sent.results.iter().filter(is_accepted).map(range).collect();
        let mut taken = service.taken.borrow().clone();
        prop_assert!(jobs > 1 || taken.is_sorted());
        taken.sort_unstable();
        prop_assert_eq!(accepted, taken);
        let (alone, at_all) = service.most_in_flight.get();
        prop_assert!(alone <= 1 && at_all <= jobs);
        let is_stopped = sent.results.iter().any(|one| !is_accepted(&one));
        let has_reason = shown(&sent).contains(['C', 'F', 'U']) || sent.halt.is_some();
        prop_assert!(!is_stopped || has_reason, "{}", shown(&sent));
    }
}
