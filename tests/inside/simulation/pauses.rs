//! Pauses before a repetition, and requests in flight after a 429, in simulated time.

use std::time::Duration;

use crate::base::model::Mode;
use crate::service::sandbox::SandboxOptions;
use tokio::time::sleep;

use super::habits::{Habits, Reply, status};
use super::input::{self, CHUNK};
use super::machine::simulate;
use super::stage::{Death, Ended, Job, Stage};

const SECOND: Duration = Duration::from_secs(1);

/// Nothing but what is scripted takes long.
fn stage() -> Stage {
    let habits = Habits {
        upload: 0,
        work: 0,
        ..Habits::good()
    };
    Stage::new(SandboxOptions::default(), habits, 7)
}

fn job(chunks: u64, jobs: usize, mode: Mode) -> Job {
    Job {
        version: 1,
        records: chunks * CHUNK,
        mode,
        jobs,
        retry_for: 300 * SECOND,
        reading: None,
    }
}

const MODES: [Mode; 2] = [
    Mode::Upsert,
    Mode::Replace {
        debounce: Duration::from_secs(50_000),
    },
];

async fn pushed(stage: &Stage, job: Job) {
    let (_, ended) = stage.push(job, Death::Never).await;
    let Ended::Exit(outcome) = ended else {
        panic!("{ended:?}")
    };
    assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
    sleep(60_000 * SECOND).await;
    assert_eq!(stage.content(), input::proved(1, job.records).content);
}

/// Half a minute is half a minute, whatever somebody sets the wall clock to meanwhile.
#[test]
fn a_pause_runs_on_a_clock_that_nobody_sets() {
    for mode in MODES {
        for shift in [-3_600, 3_600] {
            simulate(async {
                let stage = stage();
                let wait = Reply::Refused(status(503, Some(30)));
                stage.service.script.borrow_mut().push_back(wait);
                let trick = async {
                    sleep(10 * SECOND).await;
                    stage.machine.shift_wall(shift);
                };
                futures_util::future::join(pushed(&stage, job(1, 1, mode)), trick).await;
                let posts = stage.service.posts.borrow();
                let paused = posts[1] - posts[0];
                assert!((30 * SECOND..32 * SECOND).contains(&paused), "{posts:?}");
            });
        }
    }
}

/// How many requests were begun in each ten seconds.
fn by_round(posts: &[Duration]) -> Vec<usize> {
    let mut rounds = vec![0; 1 + (posts.last().unwrap().as_secs() / 10) as usize];
    for post in posts {
        rounds[(post.as_secs() / 10) as usize] += 1;
    }
    rounds
}

/// Requests that take ten seconds each: the first alone, then four at a time. A 429 holds back what was
/// about to leave, and once that is through there are two at a time.
#[test]
fn a_429_halves_the_requests_in_flight() {
    for (code, rounds) in [(429, vec![1, 2, 3, 2, 2, 2, 1]), (503, vec![1, 4, 4, 4])] {
        simulate(async {
            let stage = stage();
            let mut script = vec![Reply::After(10 * SECOND); 20];
            script[2] = Reply::Refused(status(code, Some(10)));
            stage.service.script.borrow_mut().extend(script);
            pushed(&stage, job(12, 4, Mode::Upsert)).await;
            let posts = stage.service.posts.borrow();
            assert_eq!(by_round(&posts), rounds, "{code}: {posts:?}");
        });
    }
}
