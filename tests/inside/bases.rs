//! Histories of tables at random, on real files and journals: what is claimed of a push is what it
//! changes, or nothing is claimed.
//!
//! Pushes of all and of what differs, kills at every step, resumptions, rejects that are learned of later,
//! lost and damaged files, of two machines, and others that write to the table. After each step the
//! claims of a made-up input are compared with a plain comparison of what the machine left in its table;
//! after each push that was accepted the table holds what was promised. Everything random comes from one number: a
//! failure prints it, and `QOBRA_PUSH_TEST_SEED=NUMBER` repeats it alone;
//! `QOBRA_PUSH_TEST_SIMULATIONS=20000` runs more.

/// Pushes of what differs: what they rely on, and what they decide.
mod changed;
/// Files that are lost, damaged, or another's.
mod damage;
/// The lines of journals.
mod lines;
/// Looks at imports, later than the push that brought them.
mod looks;
/// One machine with its state folder.
mod machine;
/// The steps of a push and of a resumption.
mod steps;
/// Contents of tables, and their plain comparison.
mod table;
/// What the table holds in truth, and what a push promises of it.
mod truth;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};

use machine::Machine;

/// Histories in a usual run of the tests.
const USUAL: u64 = 200;

/// Steps of a history.
const STEPS: usize = 20;

/// How often a claim was made, and how often it was that nothing is known.
#[derive(Default)]
struct Tally {
    told: AtomicU64,
    unknown: AtomicU64,
}

#[test]
fn what_a_push_changes_is_told_right_or_not_at_all() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let tally = Tally::default();
    if let Some(seed) = number("QOBRA_PUSH_TEST_SEED") {
        history(seed, &tally);
        return;
    }
    let count = number("QOBRA_PUSH_TEST_SIMULATIONS").unwrap_or(USUAL);
    let next = AtomicU64::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seed < count
                {
                    history(seed, &tally);
                }
            });
        }
    });
    let told = tally.told.load(Ordering::Relaxed);
    let unknown = tally.unknown.load(Ordering::Relaxed);
    #[expect(clippy::print_stderr, reason = "figures to be reported")]
    {
        eprintln!("{count} histories: {told} claims, {unknown} times unknown");
    }
    // A law that nothing tried says nothing.
    assert!(told > unknown / 4, "{told} claims, {unknown} times unknown");
}

fn history(seed: u64, tally: &Tally) {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut machines = [Machine::new(), Machine::new()];
    let mut story = Vec::new();
    let result = catch_unwind(AssertUnwindSafe(|| {
        for _ in 0..STEPS {
            let [one, other] = &mut machines;
            let (machine, other) = match random.u8(0..4) {
                0 => (other, one),
                _ => (one, other),
            };
            let step = match random.u32(0..20) {
                0..8 => machine.push(&mut random, tally),
                8..11 => machine.resume(&mut random),
                11..15 => machine.look(&mut random),
                15 => machine.intrude(&mut random),
                _ => machine.damage(&mut random, other),
            };
            story.push(step);
            machine.check(&mut random, tally);
        }
    }));
    if let Err(panic) = result {
        #[expect(clippy::print_stderr, reason = "what failed")]
        {
            eprintln!("QOBRA_PUSH_TEST_SEED={seed}\n{}", story.join("\n"));
        }
        resume_unwind(panic);
    }
}
