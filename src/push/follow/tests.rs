//! Following, against a simulated service and a clock that moves when everybody waits.

mod collected;
mod stage;

use super::follower::*;
use crate::push::verdict::ImportSeen;
use crate::service::CallError;
use stage::{Answer, Way, broken, followed, options, run, seconds, shows, status};
use std::time::Duration;

#[test]
fn imports_are_followed_to_their_end() {
    let told = followed(
        &[
            (
                "a",
                &[
                    shows("scheduled"),
                    shows("scheduled"),
                    shows("started"),
                    shows("finished"),
                ],
            ),
            ("b", &[shows("finished")]),
        ],
        &options(),
    );
    assert_eq!(told.ends(), "over, over: AllEnded");
    assert!(told.followed.are_all_over());
    assert_eq!(told.pauses("a").len(), 3);
    assert!(
        told.pauses("b").is_empty(),
        "what is over is not asked for again"
    );
    // One line for each change of state.
    let line = |state| format!("{state} Some(0) Some(7)");
    assert_eq!(
        told.events,
        ["a scheduled", "b finished", "a started", "a finished"].map(line)
    );
}

#[test]
fn only_our_entry_must_be_finished() {
    let import = |ours: &str, theirs: &str| {
        Answer::Shows(format!(
            r#"{{"status":"finished","data_tables_details":[
            {{"data_table_key":"deals","status":"{ours}"}},
            {{"data_table_key":"people","status":"{theirs}"}}]}}"#
        ))
    };
    let told = followed(&[("a", &[import("finished", "started")])], &options());
    assert_eq!(told.ends(), "over: AllEnded");
    let ours_later = [
        import("started", "finished"),
        import("finished", "finished"),
    ];
    let told = followed(&[("a", &ours_later)], &options());
    assert_eq!(
        (told.ends(), told.calls.len()),
        ("over: AllEnded".to_owned(), 2)
    );
    // Finished without an entry of ours is an end too, though no good one.
    let none = Answer::Shows(r#"{"status":"finished","data_tables_details":[]}"#.to_owned());
    assert_eq!(
        followed(&[("a", &[none])], &options()).ends(),
        "over: AllEnded"
    );
}

#[test]
fn an_import_may_be_unknown_at_first_but_not_for_long() {
    let mut late = vec![status(404, None); 8];
    late.push(shows("finished"));
    let told = followed(&[("a", &late)], &options());
    assert_eq!(told.ends(), "over: AllEnded");
    assert!(told.took < seconds(60));

    let told = followed(
        &[("a", &[status(404, None)]), ("b", &[shows("finished")])],
        &options(),
    );
    assert_eq!(told.ends(), "not found, over: AllEnded");
    assert!(
        told.took >= seconds(60) && told.took <= seconds(75),
        "{:?}",
        told.took
    );
    assert!(!told.followed.are_all_over());
    assert!(matches!(
        told.followed.imports[0].seen(),
        ImportSeen::NotFound
    ));

    // Another answer says so too, where that is known.
    let refused = vec![status(422, None), status(422, None), shows("finished")];
    let told = followed(&[("a", &refused)], &options());
    assert!(told.ends().starts_with("failed"), "{}", told.ends());
    let known = FollowOptions {
        unknown_status: Some(422),
        ..options()
    };
    assert_eq!(
        followed(&[("a", &refused)], &known).ends(),
        "over: AllEnded"
    );
    let told = followed(&[("a", &[status(422, None)])], &known);
    assert_eq!(told.ends(), "not found: AllEnded");

    // Where nothing can start yet it may come late too.
    let early = FollowOptions {
        earliest: Some(seconds(900)),
        ..options()
    };
    let told = followed(&[("a", &[status(404, None)])], &early);
    assert_eq!(told.ends(), "not found: AllEnded");
    assert!(
        told.took >= seconds(960) && told.took <= seconds(975),
        "{:?}",
        told.took
    );

    // What was seen is not unknown; one server of several may lag behind.
    let mut lagging = vec![shows("scheduled")];
    lagging.extend(vec![status(404, None); 20]);
    lagging.push(shows("finished"));
    assert_eq!(
        followed(&[("a", &lagging)], &options()).ends(),
        "over: AllEnded"
    );
}

#[test]
fn unknown_words_and_endless_imports_end_with_the_time() {
    for word in ["started", "failed", "", "Finished", "scheduled"] {
        let told = followed(
            &[("a", &[shows(word)]), ("b", &[shows("finished")])],
            &options(),
        );
        assert_eq!(told.ends(), "open, over: TimedOut", "{word}");
        assert_eq!(told.took, seconds(3_600));
        let last = told.calls.last().unwrap().0;
        assert!(last >= seconds(3_599), "the last look was at {last:?}");
        assert!(told.calls.len() < 340, "{} calls", told.calls.len());
    }
    // A call that hangs holds nothing up for longer than that either.
    let told = followed(&[("a", &[Answer::Hangs])], &options());
    assert_eq!(
        (told.ends(), told.took),
        ("open: TimedOut".to_owned(), seconds(3_600))
    );
}

#[test]
fn no_time_limit_is_too_long() {
    let endless = FollowOptions {
        timeout: Duration::MAX,
        earliest: Some(Duration::MAX),
        ..options()
    };
    let told = followed(&[("a", &[shows("scheduled"), shows("finished")])], &endless);
    assert_eq!(told.ends(), "over: AllEnded");
}

#[test]
fn passing_faults_are_waited_out_and_told_once() {
    let empty = CallError::BadAnswer {
        status: 200,
        words: String::new(),
    };
    let faults = [
        broken(),
        Answer::Fails(empty),
        status(500, None),
        shows("started"),
        status(503, Some(40)),
        status(429, None),
        shows("finished"),
    ];
    let told = followed(&[("a", &faults)], &options());
    assert_eq!(told.ends(), "over: AllEnded");
    let pauses = told.pauses("a");
    assert_eq!(pauses[4], seconds(40), "what the service asks for is kept");
    let notes: Vec<_> = told
        .events
        .iter()
        .filter(|line| line.contains("asking again"))
        .collect();
    assert_eq!(
        notes,
        [
            "import a: the connection broke: reset; asking again",
            "import a: the service answered 503 Service Unavailable; asking again"
        ]
    );

    let down = followed(&[("a", &[shows("started"), broken()])], &options());
    assert_eq!(down.ends(), "open (the connection broke: reset): TimedOut");
    assert!(matches!(
        down.followed.imports[0].seen(),
        ImportSeen::Import(_)
    ));
    // A wait that is longer than the time left is not cut short by a look.
    let asked = followed(&[("a", &[status(429, Some(9_999))])], &options());
    assert_eq!((asked.calls.len(), asked.took), (1, seconds(3_600)));
}

/// A wrong address ends soon; where somebody has answered once, an outage is waited out.
#[test]
fn nobody_is_waited_for_who_never_answered() {
    let refused = || {
        let reason = "refused".to_owned();
        Answer::Fails(CallError::Connect { reason })
    };
    let never = followed(&[("a", &[refused()]), ("b", &[refused()])], &options());
    let failed = "failed (no connection: refused)";
    assert_eq!(never.ends(), format!("{failed}, {failed}: AllEnded"));
    assert_eq!(never.took, seconds(30));
    let until = "no connection: refused; asking again for 30 s (--connect-for)";
    let told = ["a", "b"].map(|id| format!("import {id}: {until}"));
    assert_eq!(never.events, told);
    let outage = [refused(), status(500, None), refused()];
    let once = followed(&[("a", &[refused()]), ("b", &outage)], &options());
    assert_eq!(once.took, seconds(3_600));
}

#[test]
fn other_errors_end_one_import_only() {
    for code in [400, 401, 403, 410, 501] {
        let told = followed(
            &[
                ("a", &[shows("started"), status(code, None)]),
                (
                    "b",
                    &[shows("started"), shows("started"), shows("finished")],
                ),
            ],
            &options(),
        );
        assert!(
            told.ends()
                .starts_with(&format!("failed (the service answered {code}"))
        );
        assert!(
            told.ends().ends_with("), over: AllEnded"),
            "{}",
            told.ends()
        );
    }
    let words = "`<html>`".to_owned();
    let page = Answer::Fails(CallError::NotTheApi { words });
    assert!(
        followed(&[("a", &[page])], &options())
            .ends()
            .starts_with("failed")
    );
}

#[test]
fn while_nothing_can_start_it_is_asked_for_rarely() {
    let early = FollowOptions {
        earliest: Some(seconds(100)),
        ..options()
    };
    let mut answers = vec![shows("scheduled"); 9];
    answers.push(shows("finished"));
    let told = followed(&[("a", &answers)], &early);
    let times: Vec<_> = told.calls.iter().map(|call| call.0.as_secs()).collect();
    assert_eq!(times[..8], [0, 15, 30, 45, 60, 75, 90, 100]);
    // Then anew from the shortest pause.
    assert!(told.pauses("a")[7] <= seconds(1), "{:?}", told.pauses("a"));
}

#[test]
fn pauses_never_shrink_below_the_first_nor_grow_beyond_the_longest() {
    let told = followed(&[("a", &[shows("started")])], &options());
    let pauses = told.pauses("a");
    let (last, others) = pauses.split_last().unwrap();
    assert!(
        others
            .iter()
            .all(|pause| (0.75..=15.0).contains(&pause.as_secs_f64()))
    );
    assert!(*last <= seconds(15));
    assert!(others[10..].iter().all(|pause| *pause >= seconds(11)));
}

#[test]
fn a_signal_ends_the_waiting_only() {
    let script: &[(&str, &[Answer])] = &[("a", &[shows("finished")]), ("b", &[shows("started")])];
    let told = run(script, Way::Follow(&options()), Some(seconds(7)));
    assert_eq!(told.ends(), "over, open: Interrupted(Interrupt)");
    assert_eq!(told.took, seconds(7));
    let hanging = run(&[("a", &[Answer::Hangs])], Way::Look, Some(seconds(7)));
    assert_eq!(hanging.ends(), "open: Interrupted(Interrupt)");
}

#[test]
fn nothing_to_follow_is_at_its_end() {
    let told = followed(&[], &options());
    assert_eq!(told.ends(), ": AllEnded");
    assert!(told.followed.are_all_over());
}

#[test]
fn one_look_is_one_call() {
    let script: &[(&str, &[Answer])] = &[
        ("a", &[shows("finished")]),
        ("b", &[shows("started")]),
        ("c", &[status(404, None)]),
        ("d", &[broken()]),
        ("e", &[status(401, None)]),
        ("f", &[shows("done")]),
    ];
    let told = run(script, Way::Look, None);
    assert_eq!(
        told.ends(),
        "over, open, not found, failed (the connection broke: reset), \
         failed (the service answered 401 Unauthorized), open: Looked"
    );
    assert_eq!((told.calls.len(), told.took), (6, Duration::ZERO));
    assert_eq!(run(&script[..1], Way::Look, None).ends(), "over: AllEnded");
}
