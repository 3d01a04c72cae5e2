//! The figure of the README: a hundred chunks, and faults on 20 % of all answers.
//! `QOBRA_PUSH_TEST_FAULTY=300` tries more.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::model::Mode;
use crate::service::facts::WindowReading;
use crate::service::sandbox::SandboxOptions;
use tokio::time::sleep;

use super::habits::Habits;
use super::input::{self, CHUNK};
use super::machine::simulate;
use super::stage::{Death, Ended, Job, Stage, TABLE};

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_hundred_chunks_amid_faults_end_right_or_say_so() {
    let number = |name: &str| std::env::var(name).ok()?.parse::<u64>().ok();
    let seeds = number("QOBRA_PUSH_TEST_FAULTY").unwrap_or(60);
    let mut ended = BTreeMap::<(u64, u8), u64>::new();
    for seed in 0..seeds {
        let code = simulate(a_hundred_chunks(seed));
        *ended.entry((debounce(seed), code)).or_default() += 1;
    }
    #[expect(clippy::print_stderr, reason = "figures to be reported")]
    for ((debounce, code), count) in &ended {
        eprintln!("100 chunks, debounce {debounce}: {count} of {seeds} ended {code}");
    }
    assert!(
        ended.keys().all(|(_, code)| matches!(code, 0 | 6)),
        "{ended:?}"
    );
    let of = |debounce, code| ended.get(&(debounce, code)).copied().unwrap_or_default();
    assert_eq!(of(900, 6), 0, "there is time enough");
}

/// One that is too short for so many faults, one that fits, and Qobra's own example.
fn debounce(seed: u64) -> u64 {
    [120, 300, 900][seed as usize % 3]
}

async fn a_hundred_chunks(seed: u64) -> u8 {
    let window = match seed % 2 {
        0 => WindowReading::First,
        _ => WindowReading::Last,
    };
    let options = SandboxOptions {
        window,
        ..SandboxOptions::default()
    };
    let habits = Habits {
        work: 2_000,
        faults: 20,
        ..Habits::good()
    };
    let stage = Stage::new(options, habits, seed);
    let debounce = Duration::from_secs(debounce(seed));
    let job = Job {
        version: 1,
        records: 100 * CHUNK,
        mode: Mode::Replace { debounce },
        jobs: 4,
        retry_for: 300 * SECOND,
        reading: None,
    };
    let (_, Ended::Exit(outcome)) = stage.push(job, Death::Never).await else {
        panic!("nobody kills it");
    };
    sleep(2_000 * SECOND).await;
    let content = stage.content();
    let arrivals = stage.service.arrivals.borrow();
    let (first, last) = (arrivals[0].at, arrivals[arrivals.len() - 1].at);
    assert!(last < first + debounce, "seed {seed}: late");
    let deletes = stage.service.sandbox.table(TABLE).unwrap().deletes;
    assert_eq!(deletes, 1, "seed {seed}");
    if outcome.exit.code() == 0 {
        assert_eq!(
            content,
            input::proved(1, 100 * CHUNK).content,
            "seed {seed}"
        );
    }
    outcome.exit.code()
}
