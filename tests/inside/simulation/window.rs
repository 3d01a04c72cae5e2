//! What a push does while its window is open, in simulated time.

use std::time::Duration;

use crate::base::model::Mode;
use crate::push::outcome::Outcome;
use crate::service::sandbox::SandboxOptions;
use crate::service::{CallError, Status};
use tokio::time::sleep;

use super::habits::{Habits, Reply, broken, refused, status};
use super::input::{self, CHUNK};
use super::machine::simulate;
use super::stage::{Death, Ended, Job, Stage};

pub(super) const SECOND: Duration = Duration::from_secs(1);

fn stage(habits: Habits) -> Stage {
    Stage::new(SandboxOptions::default(), habits, 7)
}

/// A replace of so many chunks.
pub(super) fn replace(chunks: u64, debounce: u64) -> Job {
    Job {
        version: 1,
        records: chunks * CHUNK,
        mode: Mode::Replace {
            debounce: Duration::from_secs(debounce),
        },
        jobs: 1,
        retry_for: 300 * SECOND,
        reading: None,
    }
}

/// Nothing but what is scripted takes long.
pub(super) fn slow() -> Habits {
    Habits {
        upload: 0,
        ..Habits::good()
    }
}

pub(super) fn answers(stage: &Stage, replies: impl IntoIterator<Item = Reply>) {
    stage.service.script.borrow_mut().extend(replies);
}

pub(super) fn looks(stage: &Stage, looks: impl IntoIterator<Item = Result<Status, CallError>>) {
    stage.service.looks.borrow_mut().extend(looks);
}

pub(super) async fn push(stage: &Stage, job: Job) -> Box<Outcome> {
    match stage.push(job, Death::Never).await.1 {
        Ended::Exit(outcome) => outcome,
        other => panic!("{other:?}"),
    }
}

pub(super) fn after(seconds: u64) -> Reply {
    Reply::After(Duration::from_secs(seconds))
}

/// When the last request was made.
pub(super) fn last_post(stage: &Stage) -> Duration {
    stage.service.posts.borrow().last().copied().unwrap()
}

fn gets(stage: &Stage) -> usize {
    stage.service.gets.borrow().len()
}

#[test]
fn a_scheduled_import_lets_the_push_go_on() {
    simulate(async {
        let stage = stage(slow());
        answers(&stage, vec![after(10); 8]);
        let outcome = push(&stage, replace(8, 120)).await;
        assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
        let gets = stage.service.gets.borrow();
        // In the last third, at most one in five seconds, and one after the last acceptance.
        let (last, watching) = gets.split_last().unwrap();
        assert!(watching.len() > 1 && *last >= 80 * SECOND, "{gets:?}");
        assert!(watching[0] >= 68 * SECOND, "{gets:?}");
        let mut pairs = watching.windows(2);
        assert!(
            pairs.all(|pair| pair[1] - pair[0] >= 5 * SECOND),
            "{gets:?}"
        );
        assert!(stage.warnings.lock().unwrap().is_empty());
    });
}

#[test]
fn a_push_that_is_over_early_looks_once() {
    simulate(async {
        let stage = stage(slow());
        let outcome = push(&stage, replace(8, 900)).await;
        assert_eq!((outcome.exit.code(), gets(&stage)), (0, 1));
    });
}

#[test]
fn an_import_that_runs_stops_the_push() {
    for word in [Status::Started, Status::Finished] {
        simulate(async {
            let stage = stage(slow());
            answers(&stage, vec![after(10); 20]);
            looks(&stage, [Ok(word)]);
            let outcome = push(&stage, replace(20, 120)).await;
            assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
            assert_eq!(outcome.table_state.word(), "at_risk");
            let first_look = stage.service.gets.borrow()[0];
            assert!(last_post(&stage) <= first_look, "{:?}", stage.service.posts);
            assert!(outcome.accepted_records < outcome.records);
            let told = outcome.failure.unwrap().problems[0].message.clone();
            assert!(told.contains("already shows the import as"), "{told}");
        });
    }
}

#[test]
fn a_look_without_an_answer_is_told_once_and_the_clock_decides() {
    let words = || Ok(Status::Unknown("pondering".to_owned()));
    for look in [words, || Err(status(404, None)), || Err(broken())] {
        simulate(async {
            let stage = stage(slow());
            answers(&stage, vec![after(10); 8]);
            looks(&stage, (0..50).map(|_| look()));
            let outcome = push(&stage, replace(8, 120)).await;
            assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
            assert!(gets(&stage) > 2);
            let warnings = stage.warnings.lock().unwrap();
            assert_eq!(warnings.len(), 1, "{warnings:?}");
        });
    }
}

#[test]
fn after_a_pause_the_import_is_looked_at() {
    simulate(async {
        let stage = stage(slow());
        let pauses = vec![Reply::Refused(status(503, Some(10))); 3];
        answers(&stage, [vec![Reply::Taken], pauses].concat());
        let outcome = push(&stage, replace(4, 900)).await;
        assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
        assert_eq!(gets(&stage), 4, "one after each pause, one at the end");
    });
}

#[test]
fn an_import_that_ran_by_the_last_acceptance_is_a_risk() {
    simulate(async {
        let stage = stage(slow());
        looks(&stage, [Ok(Status::Started)]);
        let outcome = push(&stage, replace(4, 900)).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert_eq!(outcome.table_state.word(), "at_risk");
        assert_eq!(outcome.accepted_records, outcome.records);
    });
}

#[test]
fn a_resume_looks_at_the_import_that_came_first() {
    // The service closes the window sooner than it was asked to, and only the first import shows
    // it: the process dies with two chunks missing, and with none.
    for death in [12 * SECOND, 23 * SECOND] {
        simulate(async {
            let cap = Some(12 * SECOND);
            let look = 10 * SECOND;
            let stage = stage(Habits {
                cap,
                look,
                ..slow()
            });
            answers(&stage, vec![after(5); 4]);
            let (run, ended) = stage.push(replace(4, 900), Death::At(death)).await;
            assert!(matches!(ended, Ended::Killed), "{ended:?}");
            sleep(15 * SECOND).await;
            let ended = stage.resume(&run, Death::Never).await;
            assert_eq!(ended.code(), Some(6), "{ended:?}");
            // A window that was seen to be over is not added to, however long it was to be.
            stage.service.habits.borrow_mut().cap = None;
            let ended = stage.resume(&run, Death::Never).await;
            assert_eq!(ended.code(), Some(0), "{ended:?}");
            sleep(2_000 * SECOND).await;
            assert_eq!(stage.content(), input::proved(1, 4 * CHUNK).content);
        });
    }
}

#[test]
fn nothing_leaves_after_the_deadline() {
    simulate(async {
        let stage = stage(slow());
        answers(&stage, vec![after(10); 100]);
        let outcome = push(&stage, replace(100, 120)).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        // 120 s less the margin of 12 s; and none that would not be answered by then.
        assert!(
            last_post(&stage) <= 98 * SECOND,
            "{:?}",
            stage.service.posts
        );
        let (accepted, all) = (outcome.accepted_records, outcome.records);
        assert!(
            outcome
                .prospect
                .contains(&format!("only {accepted} records of the {all}"))
        );
        let told = format!("{:?}", outcome.failure);
        assert!(
            told.contains("window (--debounce) has no time left"),
            "{told}"
        );
    });
}

#[test]
fn a_service_that_asks_for_more_time_than_there_is_ends_the_push() {
    simulate(async {
        let stage = stage(slow());
        answers(
            &stage,
            [Reply::Taken, Reply::Refused(status(429, Some(119)))],
        );
        let outcome = push(&stage, replace(4, 120)).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert!(
            stage.machine.truth() < 5 * SECOND,
            "nobody waits for nothing"
        );
        assert_eq!(stage.service.posts.borrow().len(), 2);
    });
}

/// A push of slow chunks during which something happens to the machine after 25 seconds.
async fn amid(stage: &Stage, what: impl FnOnce()) -> Box<Outcome> {
    answers(stage, vec![after(10); 20]);
    let trick = async {
        sleep(25 * SECOND).await;
        what();
    };
    futures_util::future::join(push(stage, replace(8, 120)), trick)
        .await
        .0
}

#[test]
fn a_machine_that_slept_past_the_window_sends_nothing_more() {
    simulate(async {
        let stage = stage(slow());
        let outcome = amid(&stage, || stage.machine.sleep(600 * SECOND)).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert!(last_post(&stage) < 25 * SECOND);
    });
}

#[test]
fn a_wall_clock_that_is_set_back_does_not_make_the_window_longer() {
    simulate(async {
        let stage = stage(slow());
        answers(&stage, vec![after(10); 20]);
        let trick = async {
            sleep(25 * SECOND).await;
            stage.machine.shift_wall(-3_600);
        };
        let pushing = push(&stage, replace(20, 120));
        let (outcome, ()) = futures_util::future::join(pushing, trick).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert!(last_post(&stage) <= 98 * SECOND);
    });
}

#[test]
fn a_wall_clock_that_is_set_forward_ends_it() {
    simulate(async {
        let stage = stage(slow());
        let outcome = amid(&stage, || stage.machine.shift_wall(3_600)).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert!(last_post(&stage) < 25 * SECOND);
    });
}

#[test]
fn refused_connections_do_not_open_the_window_and_ambiguous_ones_do() {
    let attempts = |reply: Reply, code: u8| {
        simulate(async {
            let stage = stage(slow());
            // The pauses take most of the window, if it is open.
            answers(&stage, vec![reply; 3]);
            answers(&stage, vec![after(10); 8]);
            let outcome = push(&stage, replace(8, 120)).await;
            assert_eq!(outcome.exit.code(), code, "{outcome:?}");
        });
    };
    attempts(Reply::Refused(status(503, Some(30))), 0);
    attempts(Reply::Refused(status(504, Some(30))), 6);
}

#[test]
fn a_refused_connection_leaves_the_whole_window() {
    simulate(async {
        let stage = stage(slow());
        answers(&stage, vec![Reply::Refused(refused()); 6]);
        answers(&stage, vec![after(10); 8]);
        let outcome = push(&stage, replace(8, 120)).await;
        assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
    });
}

#[test]
fn a_replace_of_one_chunk_needs_no_window() {
    simulate(async {
        let stage = stage(slow());
        // Far beyond its debounce.
        answers(&stage, vec![Reply::Refused(status(504, Some(50))); 4]);
        let outcome = push(&stage, replace(1, 30)).await;
        assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
        assert!(stage.machine.truth() > 200 * SECOND);
        sleep(100 * SECOND).await;
        assert_eq!(stage.content(), input::proved(1, CHUNK).content);
    });
}

#[test]
fn halves_of_a_single_request_share_the_window_that_it_may_have_opened() {
    simulate(async {
        let stage = stage(slow());
        answers(
            &stage,
            [
                Reply::Unheard(status(504, Some(100))),
                Reply::Refused(status(413, None)),
                Reply::Taken,
                after(25),
            ],
        );
        let outcome = push(&stage, replace(1, 120)).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert!(
            last_post(&stage) < 108 * SECOND,
            "{:?}",
            stage.service.posts
        );
    });
}
