//! What a push does that knows from which request its window counts, rightly or not.

use crate::service::facts::WindowReading;
use crate::service::sandbox::SandboxOptions;
use tokio::time::sleep;

use super::habits::Reply;
use super::input::{self, CHUNK};
use super::machine::simulate;
use super::stage::{Death, Ended, Job, Stage};
use super::window::{SECOND, after, answers, last_post, push, replace, slow};

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

/// Whatever is believed and whatever is true: nothing leaves that may be late, and a resume mends it.
#[test]
fn no_reading_makes_a_window_longer() {
    for known in [WindowReading::First, WindowReading::Last] {
        for window in [WindowReading::First, WindowReading::Last] {
            simulate(async {
                let (stage, job) = long(known, window);
                let (run, ended) = stage.push(job, Death::Never).await;
                let Ended::Exit(outcome) = ended else {
                    panic!("{ended:?}");
                };
                assert_eq!(outcome.exit.code(), 6, "{outcome:?}");
                assert_eq!(outcome.table_state.word(), "at_risk");
                assert!(last_post(&stage) <= 98 * SECOND);
                // Requests are quicker by then.
                stage.service.script.borrow_mut().clear();
                answers(&stage, vec![Reply::Taken; 20]);
                let ended = stage.resume(&run, Death::Never).await;
                assert_eq!(ended.code(), Some(0), "{ended:?}");
                sleep(2_000 * SECOND).await;
                assert_eq!(stage.content(), input::proved(1, 20 * CHUNK).content);
            });
        }
    }
}

/// From when the table is expected to change is told by what is known.
#[test]
fn the_request_that_counts_is_named() {
    for (known, which) in [
        (WindowReading::First, "(2 min after the first request)"),
        (WindowReading::Last, "(2 min after the last request)"),
    ] {
        simulate(async {
            let (stage, _) = long(known, known);
            let job = Job {
                reading: Some(known),
                ..replace(4, 120)
            };
            let outcome = push(&stage, job).await;
            assert_eq!(outcome.exit.code(), 0, "{outcome:?}");
            assert!(outcome.prospect.contains(which), "{outcome:?}");
            sleep(200 * SECOND).await;
            assert_eq!(stage.content(), input::proved(1, 4 * CHUNK).content);
        });
    }
}
