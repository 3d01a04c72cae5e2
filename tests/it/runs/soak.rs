//! Many requests under latency and mixed faults, and the same line typed again and again, as schedulers
//! do. Both look at the table in the end; by hand both are done at full size.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use qobra_push::{FaultKind, parse_faults};
use qobra_push::{ImportIds, SandboxClock, SandboxOptions, TableSnapshot, WindowReading};

use crate::rig::{
    READINGS, REPLACE, UPSERT, age, deal, done, each, holds_new, journal, posts, runs, service,
};
use crate::runs::kills::struck;
use crate::stage::{OLD, Stage, deals, options};
use crate::support::{Told, run};

/// What may go wrong with a request for a passing reason, and what comes of it: nothing, an answer that
/// asks for a pause, a body that is cut off, records that were taken without an answer to tell it, an
/// answer that is late, or one of another server's.
const MIXED: [&str; 12] = [
    "503",
    "503:1",
    "429:1",
    "500",
    "502",
    "reset",
    "reset-after",
    "cut",
    "empty",
    "garbage",
    "slow:0.5",
    "html",
];

/// A number in the environment; a seed that was not chosen is any.
fn variable(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The seed of a test, which repeats a failure.
#[expect(clippy::print_stdout, reason = "the seed repeats a failure")]
fn seed() -> u64 {
    let seed = variable("QOBRA_PUSH_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    println!("QOBRA_PUSH_TEST_SEED={seed}");
    seed
}

/// How large the pushes are.
#[derive(Clone, Copy)]
struct Size {
    records: u64,
    chunks: u64,
    /// The share of the requests with a fault, in percent, and how late every other answer is.
    faults: u64,
    latency: &'static str,
}

impl Size {
    /// So many records, with the default size of a request as soon as they are a million; a few where
    /// nothing is said, so that a plain run of the tests takes seconds.
    fn chosen() -> Self {
        match variable("QOBRA_PUSH_TEST_SOAK") {
            None => Self {
                records: 2_000,
                chunks: 40,
                faults: 15,
                latency: "0.01",
            },
            Some(records) => Self {
                records,
                chunks: records.div_ceil(5_000).max(200),
                faults: 5,
                latency: "0.1",
            },
        }
    }

    fn chunk_size(self) -> u64 {
        self.records.div_ceil(self.chunks)
    }

    /// Faults on that share of the first requests, each of which is met since there are at least so
    /// many; in the middle the service is away for longer than a push tries.
    fn plan(self, rng: &mut fastrand::Rng) -> String {
        let outage = self.chunks / 2;
        let mut faults = vec![format!("503@{outage}x8")];
        for request in (1..self.chunks).filter(|n| !(outage..outage + 8).contains(n)) {
            if rng.u64(..100) < self.faults {
                let kind = MIXED[rng.usize(..MIXED.len())];
                faults.push(format!("{kind}@{request}"));
            }
        }
        faults.push(format!("rate:100:slow:{}:1", self.latency));
        faults.join(",")
    }
}

/// A push of one mode to a service of one reading.
struct Soak {
    size: Size,
    is_replace: bool,
    window: WindowReading,
    seed: u64,
}

impl Soak {
    /// On the machine's clock, so that windows close by themselves. A service that counts from the last
    /// request takes smaller bodies than the push makes.
    fn stage(&self) -> Stage {
        let is_last = self.window == WindowReading::Last;
        let body = self.size.chunk_size() * deal(self.size.records).1.len() as u64;
        let faults = self.size.plan(&mut fastrand::Rng::with_seed(self.seed));
        let stage = Stage::of(SandboxOptions {
            window: self.window,
            import_ids: if is_last {
                ImportIds::Separate
            } else {
                ImportIds::Stacked
            },
            faults: parse_faults(&faults).unwrap(),
            max_body: is_last.then_some(body * 3 / 4),
            clock: SandboxClock::real(),
            ..options()
        });
        stage.file("deals.csv", deals(self.size.records))
    }

    fn line(&self) -> String {
        let all = if self.is_replace {
            " --all --debounce 900 --chunk-seconds 0.1"
        } else {
            ""
        };
        format!(
            "deals.csv -t deals --chunk-size {} --retry-for 3{all}",
            self.size.chunk_size()
        )
    }

    /// Does what the exit codes say until the push is done. How many runs that took.
    fn to_the_end(&self, stage: &Stage) -> u64 {
        let mut line = self.line();
        for runs in 1..=100 {
            let before = posts(stage).len();
            let told = run(&mut stage.push(&line));
            match told.code() {
                Some(0) => return runs,
                Some(6) => "resume".clone_into(&mut line),
                Some(4 | 5) => {
                    let mut taken = posts(stage).into_iter().skip(before);
                    assert!(taken.all(|seen| seen.import_id.is_none()), "{self}: {told}");
                }
                _ => panic!("{self}: {told}"),
            }
        }
        panic!("{self}: it never ends");
    }
}

impl std::fmt::Display for Soak {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mode = if self.is_replace {
            "a replace"
        } else {
            "an upsert"
        };
        let Size { records, .. } = self.size;
        write!(
            f,
            "{mode} of {records} records, the window counts from the {:?} request, \
             QOBRA_PUSH_TEST_SEED={}",
            self.window, self.seed
        )
    }
}

/// The table holds all deals, beside the old records after an upsert. Names the first that is wrong:
/// there may be millions.
fn is_right(held: &TableSnapshot, soak: &Soak, told: &Told) {
    let others = if soak.is_replace { 0 } else { OLD.len() as u64 };
    let count = held.records.len() as u64;
    assert_eq!(count, soak.size.records + others, "{soak}: {told}");
    let held: BTreeMap<&str, &str> = held
        .records
        .iter()
        .map(|(id, json)| (&**id, &**json))
        .collect();
    for (id, json) in (1..=soak.size.records).map(deal) {
        assert_eq!(held.get(&*id), Some(&&*json), "{soak}: {told}");
    }
    assert!(
        soak.is_replace || OLD.iter().all(|id| held.contains_key(id)),
        "{soak}"
    );
}

/// One push to its end, and what it took.
#[expect(
    clippy::print_stdout,
    reason = "the figures are wanted when it is run by hand"
)]
fn soaked(soak: &Soak) {
    let start = Instant::now();
    let stage = soak.stage();
    let runs = soak.to_the_end(&stage);
    let held = stage.settled();
    let told = done(&stage, "status");
    assert_eq!(told.code(), Some(0), "{soak}: {told}");
    is_right(&held, soak, &told);
    assert_eq!(held.deletes > 0, soak.is_replace, "{soak}: {told}");
    let over = done(&stage, "resume");
    assert_eq!(over.stderr, "nothing to resume\n", "{soak}");
    let posts = posts(&stage);
    let is_late =
        |kind: &FaultKind| matches!(kind, FaultKind::Slow(late) if late.as_millis() < 500);
    let faults = posts.iter().filter_map(|seen| seen.fault.as_ref());
    let faults = faults.filter(|fault| !is_late(&fault.kind)).count();
    println!(
        "{soak}: {runs} runs, {} requests, {faults} faults, {} deletes, {:.0?}: the table is right",
        posts.len(),
        held.deletes,
        start.elapsed()
    );
}

#[test]
fn pushes_under_mixed_faults_end_with_the_right_table() {
    let (seed, size) = (seed(), Size::chosen());
    let soaks = [WindowReading::First, WindowReading::Last].map(|window| {
        [true, false].map(|is_replace| Soak {
            size,
            is_replace,
            window,
            seed,
        })
    });
    let soaks: Vec<_> = soaks.into_iter().flatten().collect();
    if size.records <= 100_000 {
        return each(soaks, |soak| soaked(&soak));
    }
    // Millions of records in one stand-in are enough of the machine's memory.
    soaks.iter().for_each(soaked);
}

/// Longer than a window and the time of a request that nobody answered.
const LATER: Duration = Duration::from_mins(20);

/// The time of the next try has come: the windows are over, and the imports have run.
fn later(stage: &Stage) {
    for run in runs(stage).iter().filter(|run| journal(run).exists()) {
        age(run, LATER);
    }
    stage.running.sandbox.advance(LATER);
}

/// Types one line until it ends well, killed here and there. How many runs and kills that took.
fn typed_again(rng: &mut fastrand::Rng, of: &str) -> (u64, u64) {
    let line = if rng.bool() { REPLACE } else { UPSERT };
    let faults = (1..=4).filter_map(|request| {
        let kind = MIXED[rng.usize(..MIXED.len())];
        (rng.u8(..3) == 0).then(|| format!("{kind}@{request}"))
    });
    let faults = faults.collect::<Vec<_>>().join(",");
    let stage = service(READINGS[rng.usize(..4)], &faults).file("deals.csv", deals(RECORDS));
    let again = format!("{line} --retry-for 1");
    let mut kills = 0;
    for runs in 1..=100 {
        let told = if rng.u8(..3) == 0 {
            done(&stage, &again)
        } else {
            struck(rng, &stage, &again)
        };
        match told.code() {
            Some(0) => {
                // Each try that sent something may have deleted what the one before it brought.
                let held = stage.settled();
                let is_replace = line == REPLACE;
                assert_eq!(held.deletes > 0, is_replace, "{of}: {told}");
                let held = TableSnapshot {
                    deletes: u64::from(is_replace),
                    ..held
                };
                holds_new(
                    &held,
                    is_replace,
                    RECORDS,
                    &format!("{of}, {line}, {faults}: {told}"),
                );
                assert_eq!(done(&stage, "resume").stderr, "nothing to resume\n", "{of}");
                return (runs, kills);
            }
            None => kills += 1,
            code => assert!(matches!(code, Some(4..=6)), "{of}: {told}"),
        }
        later(&stage);
    }
    panic!("{of}: it never ends");
}

/// Records of the pushes that are typed again: five chunks.
const RECORDS: u64 = 23;

#[test]
#[expect(
    clippy::print_stdout,
    reason = "the figures are wanted when it is run by hand"
)]
fn the_same_line_typed_again_ends_with_the_right_table() {
    let (seed, tables) = (seed(), variable("QOBRA_PUSH_TEST_AGAIN").unwrap_or(24));
    let (runs, kills) = (AtomicU64::new(0), AtomicU64::new(0));
    each((0..tables).collect(), |n| {
        let mut rng = fastrand::Rng::with_seed(seed.wrapping_add(n));
        let of = format!("QOBRA_PUSH_TEST_SEED={seed} number {n}");
        let (more_runs, more_kills) = typed_again(&mut rng, &of);
        runs.fetch_add(more_runs, Ordering::Relaxed);
        kills.fetch_add(more_kills, Ordering::Relaxed);
    });
    println!(
        "{tables} lines typed {runs:?} times, {kills:?} of them killed, {tables} tables right"
    );
}
