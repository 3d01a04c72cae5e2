//! What a push does that knows from which request its window counts, rightly or not.

use crate::service::facts::WindowReading;
use crate::service::sandbox::SandboxOptions;
use tokio::time::sleep;

use super::habits::{Reply, broken};
use super::input::{self, CHUNK};
use super::machine::simulate;
use super::stage::{Death, Ended, Job, Stage, TABLE};
use super::window::{SECOND, after, answers, last_post, looks, push, replace, slow};

/// A replace that needs more time than its debounce, with what is known of the window and what is true.
fn long(known: WindowReading, window: WindowReading) -> (Stage, Job) {
    let options = SandboxOptions {
        window,
        ..SandboxOptions::default()
    };
    let stage = Stage::new(options, slow(), 7);
    answers(&stage, vec![after(10); 20]);
    let job = Job {
        reading: Some(known),
        ..replace(20, 120)
    };
    (stage, job)
}

#[test]
fn where_the_last_request_counts_a_push_that_takes_longer_ends_well() {
    simulate(async {
        let (stage, job) = long(WindowReading::Last, WindowReading::Last);
        let outcome = push(&stage, job).await;
        assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
        assert!(last_post(&stage) > 180 * SECOND);
        assert!(
            outcome.prospect.contains("(2 min after the last request)"),
            "{outcome:?}"
        );
        sleep(200 * SECOND).await;
        assert_eq!(stage.content(), input::proved(1, 20 * CHUNK).content);
    });
    // That the first one counts makes no window longer.
    simulate(async {
        let (stage, job) = long(WindowReading::First, WindowReading::First);
        let outcome = push(&stage, job).await;
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert!(last_post(&stage) <= 98 * SECOND);
        assert!(
            outcome.prospect.contains("(2 min after the first request)"),
            "{outcome:?}"
        );
    });
}

#[test]
fn a_reading_that_is_wrong_ends_a_push_that_relies_on_it_and_a_resume_mends_it() {
    simulate(async {
        let (stage, job) = long(WindowReading::Last, WindowReading::First);
        let (run, ended) = stage.push(job, Death::Never).await;
        let Ended::Exit(outcome) = ended else {
            panic!("{ended:?}");
        };
        assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
        assert_eq!(outcome.table_state.word(), "at_risk");
        // Seen before anything is sent that would have deleted the rest.
        assert!(
            last_post(&stage) < 120 * SECOND,
            "{:?}",
            stage.service.posts
        );
        assert_eq!(stage.service.sandbox.table(TABLE).unwrap().deletes, 1);
        // The fact is dropped by then, and requests are quicker.
        stage.service.script.borrow_mut().clear();
        answers(&stage, vec![Reply::Taken; 20]);
        let ended = stage.resume(&run, Death::Never).await;
        assert_eq!(ended.code(), Some(0), "{ended:?}");
        sleep(2_000 * SECOND).await;
        assert_eq!(stage.content(), input::proved(1, 20 * CHUNK).content);
    });
}

/// Without a look nothing goes that may be late, whatever is known.
#[test]
fn what_is_in_time_by_the_reading_alone_must_find_the_import_waiting() {
    for window in [WindowReading::First, WindowReading::Last] {
        simulate(async {
            let (stage, job) = long(WindowReading::Last, window);
            looks(&stage, (0..100).map(|_| Err(broken())));
            let outcome = push(&stage, job).await;
            assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
            assert_eq!(outcome.table_state.word(), "at_risk");
            assert!(last_post(&stage) <= 98 * SECOND);
            let table = stage.service.sandbox.table(TABLE).unwrap();
            assert!(table.deletes <= 1 && outcome.accepted_records < outcome.records);
        });
    }
}

/// What has no answer at the end of the careful reading is left there, and sent again behind the look.
#[test]
fn what_is_under_way_may_come_late_by_no_reading() {
    for window in [WindowReading::First, WindowReading::Last] {
        simulate(async {
            let options = SandboxOptions {
                window,
                ..SandboxOptions::default()
            };
            let stage = Stage::new(options, slow(), 7);
            answers(&stage, [vec![after(10); 9], vec![after(25)]].concat());
            let job = Job {
                reading: Some(WindowReading::Last),
                ..replace(10, 120)
            };
            let outcome = push(&stage, job).await;
            let holds = window == WindowReading::Last;
            assert_eq!(
                outcome.exit.code(),
                if holds { 0 } else { 6 },
                "{outcome:?}"
            );
            assert_eq!(
                stage.service.posts.borrow().len(),
                if holds { 11 } else { 10 }
            );
            sleep(2_000 * SECOND).await;
            assert_eq!(stage.content(), input::proved(1, 10 * CHUNK).content);
            assert_eq!(stage.service.sandbox.table(TABLE).unwrap().deletes, 1);
        });
    }
}
