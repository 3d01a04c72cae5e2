//! Each fault at the first, a middle and the last chunk: the exit code, and what the table holds.
//!
//! Three chunks of ten records go one after the other, so that a request's number is its chunk's
//! until something is repeated.

use std::thread;

use insta::assert_snapshot;

use super::expected::{Mode, at_risk, expected, unknown, verdict};
use crate::service::NOBODY;
use crate::stage::{OLD, Stage, deals, numbers, sorted_ids};
use crate::support::{Folder, KEY, Told, run};

/// One push in trouble.
#[derive(Clone, Debug)]
struct Case {
    faults: String,
    mode: Mode,
    /// The chunk that meets the fault.
    chunk: u64,
    line: &'static str,
}

/// Each kind of fault at each place in both modes. `times` is how often in a row: `""` or `x100`.
fn cases(kinds: &[&str], times: &str, line: &'static str) -> Vec<Case> {
    let mut cases = Vec::new();
    for kind in kinds {
        for chunk in 1..=3 {
            for mode in [Mode::Upsert, Mode::Replace] {
                let faults = format!("{kind}@{chunk}{times}");
                cases.push(Case {
                    faults,
                    mode,
                    chunk,
                    line,
                });
            }
        }
    }
    cases
}

/// Runs every case at once, for most of them only wait, and looks at each with `judge`.
fn judged(cases: Vec<Case>, judge: impl Fn(&Case, &Told, &Stage) + Sync) {
    assert!(!cases.is_empty());
    thread::scope(|scope| {
        for case in &cases {
            scope.spawn(|| {
                let stage = Stage::with_faults(&case.faults).file("data.csv", deals(30));
                let told = pushed(&stage, case.mode, case.line);
                judge(case, &told, &stage);
            });
        }
    });
}

fn pushed(stage: &Stage, mode: Mode, line: &str) -> Told {
    let mode = match mode {
        Mode::Upsert => "",
        Mode::Replace => "--all --debounce 900",
    };
    let line = format!("data.csv -t deals --chunk-size 10 --jobs 1 {mode} {line}");
    run(&mut stage.push(&line))
}

#[test]
fn passing_faults_are_mended() {
    let kinds = [
        "503",
        "503:1",
        "429",
        "429:1",
        "500",
        "502",
        "504",
        "524",
        "425",
        "408",
        "reset",
        "reset-after",
        "cut",
        "garbage",
        "empty",
    ];
    judged(cases(&kinds, "", ""), |case, told, stage| {
        assert_eq!(told.code(), Some(0), "{case:?}: {told}");
        assert_eq!(stage.records().len(), 4, "{case:?}: {told}");
        let table = stage.settled();
        assert_eq!(sorted_ids(&table), expected(case.mode, 30), "{case:?}");
        assert_eq!(table.deletes, u64::from(case.mode == Mode::Replace));
        // An answer that never came names no import; those that came are named in order.
        let mut imports = table.imports.iter();
        for id in told.stdout.lines() {
            assert!(imports.any(|import| import == id), "{case:?}: {told}");
        }
        assert!(told.stderr.contains("warning: chunk "), "{case:?}: {told}");
    });
}

#[test]
fn what_was_surely_not_applied_ends_the_push_in_order() {
    let kinds = [
        "400", "401", "403", "404", "409", "422", "302", "308", "html",
    ];
    judged(cases(&kinds, "", ""), |case, told, stage| {
        let (arrived, mode) = (case.chunk - 1, case.mode);
        let code = if arrived == 0 { 4 } else { 6 };
        assert_eq!(told.code(), Some(code), "{case:?}: {told}");
        assert_eq!(stage.records().len() as u64, case.chunk, "{case:?}");
        assert_eq!(verdict(told), at_risk(arrived, mode), "{case:?}: {told}");
        let written = sorted_ids(&stage.settled());
        assert_eq!(written, expected(mode, 10 * arrived), "{case:?}");
        assert_eq!(told.stdout.lines().count(), told_ids(stage), "{case:?}");
    });
}

/// How many distinct imports the service has told of.
fn told_ids(stage: &Stage) -> usize {
    stage.held().imports.len()
}

#[test]
fn what_may_have_been_applied_is_never_called_untouched() {
    let kinds = ["count:1", "count:-1", "501", "505"];
    judged(cases(&kinds, "", ""), |case, told, stage| {
        assert_eq!(told.code(), Some(6), "{case:?}: {told}");
        assert_eq!(stage.records().len() as u64, case.chunk, "{case:?}");
        let arrived = case.chunk - 1;
        assert_eq!(verdict(told), unknown(arrived, case.mode), "{case:?}");
        // With the chunk's own records, where it was applied in truth.
        let written = arrived + u64::from(case.faults.starts_with("count"));
        let written = expected(case.mode, 10 * written);
        assert_eq!(sorted_ids(&stage.settled()), written, "{case:?}");
    });
}

#[test]
fn a_service_that_stays_busy_is_given_up() {
    judged(
        cases(&["503", "429"], "x100", "--retry-for 1"),
        |case, told, stage| {
            let arrived = case.chunk - 1;
            let code = if arrived == 0 { 5 } else { 6 };
            assert_eq!(told.code(), Some(code), "{case:?}: {told}");
            assert_eq!(verdict(told), at_risk(arrived, case.mode), "{case:?}");
            let written = sorted_ids(&stage.settled());
            assert_eq!(written, expected(case.mode, 10 * arrived), "{case:?}");
        },
    );
}

#[test]
fn a_connection_that_stays_broken_leaves_a_doubt() {
    const APPLIED: [&str; 3] = ["reset-after", "cut", "empty"];
    let kinds = [&["500", "408", "reset", "garbage"], &APPLIED[..]].concat();
    let cases = cases(&kinds, "x100", "--retry-for 1");
    judged(cases, |case, told, stage| {
        let arrived = case.chunk - 1;
        assert_eq!(told.code(), Some(6), "{case:?}: {told}");
        assert_eq!(verdict(told), unknown(arrived, case.mode), "{case:?}");
        let kind = case.faults.split('@').next().unwrap_or_default();
        let written = arrived + u64::from(APPLIED.contains(&kind));
        let written = expected(case.mode, 10 * written);
        assert_eq!(sorted_ids(&stage.settled()), written, "{case:?}");
    });
}

#[test]
fn no_time_for_repetitions_is_one_attempt() {
    judged(cases(&["503"], "", "--retry-for 0"), |case, told, stage| {
        let code = if case.chunk == 1 { 5 } else { 6 };
        assert_eq!(told.code(), Some(code), "{case:?}: {told}");
        assert_eq!(stage.records().len() as u64, case.chunk, "{case:?}");
    });
}

#[test]
fn a_wait_longer_than_the_patience_is_not_begun() {
    judged(cases(&["429:600"], "", ""), |case, told, stage| {
        let code = if case.chunk == 1 { 5 } else { 6 };
        assert_eq!(told.code(), Some(code), "{case:?}: {told}");
        assert_eq!(stage.records().len() as u64, case.chunk, "{case:?}");
        let asked =
            "`{\"detail\":\"The sandbox was told to answer this.\"}`, and asks to wait 10 min";
        assert!(told.stderr.contains(asked), "{told}");
    });
}

/// A doubt does not go away when a later attempt is refused; a refusal after a refusal leaves none.
#[test]
fn one_ambiguous_attempt_is_enough_for_a_doubt() {
    let rows = [
        ("500@1,401@2", 6),
        ("reset@1,404@2", 6),
        ("empty@1,503@2x100", 6),
        ("503@1,401@2", 4),
        ("429@1,html@2", 4),
    ];
    let cases = rows.iter().flat_map(|(faults, _)| {
        [Mode::Upsert, Mode::Replace].map(|mode| Case {
            faults: (*faults).to_owned(),
            mode,
            chunk: 1,
            line: "--retry-for 3",
        })
    });
    judged(cases.collect(), |case, told, _| {
        let (_, code) = rows.iter().find(|row| row.0 == case.faults).unwrap();
        assert_eq!(told.code(), Some(*code), "{case:?}: {told}");
        let is_untouched = verdict(told) == at_risk(0, case.mode);
        assert_eq!(is_untouched, *code == 4, "{case:?}: {told}");
    });
}

#[test]
fn nothing_is_sent_after_a_failure_that_cannot_be_mended() {
    // While request 3 waits to be repeated the others go on, and one of them is refused.
    for mode in ["", "--all --debounce 900"] {
        let stage = Stage::with_faults("503:2@3,400@9").file("data.csv", deals(200));
        let line = format!("data.csv -t deals --chunk-size 10 -v {mode}");
        let told = run(&mut stage.push(&line));
        assert_eq!(told.code(), Some(6), "{told}");
        assert!(told.stderr.contains("; again in 2.0 s"), "{told}");
        assert!(!told.stderr.contains("attempt 2"), "{told}");
        let statuses: Vec<_> = stage.requests().iter().map(|seen| seen.status).collect();
        // What the message says arrived is what arrived.
        let accepted = statuses.iter().filter(|s| **s == Some(200)).count();
        let said = format!("{accepted} of 20 chunks accepted; ");
        assert!(verdict(&told).starts_with(&said), "{told}");
        let new = sorted_ids(&stage.settled());
        let new = new.iter().filter(|id| !id.starts_with("old")).count();
        assert_eq!(new, 10 * accepted);
    }
}

#[test]
fn a_push_in_trouble_says_what_to_do() {
    let mut all = String::new();
    for (faults, mode) in [
        ("503:1@1", Mode::Replace),
        ("413@1", Mode::Upsert),
        ("302@1", Mode::Upsert),
        ("html@1", Mode::Replace),
        ("400@3", Mode::Upsert),
        ("401@2", Mode::Replace),
        ("count:-1@2", Mode::Replace),
        ("501@1", Mode::Upsert),
        ("429:600@1", Mode::Upsert),
    ] {
        let stage = Stage::with_faults(faults).file("data.csv", deals(30));
        let told = pushed(&stage, mode, "");
        all.push_str(&format!("$ {mode:?}, {faults}\n{}\n", stage.tidy(&told)));
    }
    assert_snapshot!(all);
}

#[test]
fn nobody_at_the_address() {
    let folder = Folder::new().with("data.csv", deals(3));
    let push = |line: &str| {
        let mut command = folder.push();
        command
            .args(["data.csv", "-t", "deals", "--base-url"])
            .arg(format!("http://{NOBODY}"))
            .args(line.split_whitespace())
            .env("QOBRA_API_KEY", KEY);
        run(&mut command)
    };
    let told = push("--retry-for 0");
    assert_snapshot!(told.tidy());
    for line in ["--retry-for 1", "--all --debounce 60 --retry-for 1"] {
        let told = push(line);
        assert_eq!(told.code(), Some(5), "{told}");
        let untouched = "0 of 1 chunk accepted; table `deals` is untouched";
        assert_eq!(verdict(&told), untouched);
        assert!(told.stderr.contains(", after "), "{told}");
    }
}

#[test]
fn a_service_that_speaks_no_tls_is_a_wrong_address() {
    let stage = Stage::unused().file("data.csv", deals(3));
    let url = stage.url().replace("http:", "https:");
    let told = run(&mut stage.push(&format!("data.csv -t deals --base-url {url}")));
    // What is said depends on whether this machine has certificates at all.
    assert_eq!(told.code(), Some(2), "{told}");
    assert!(told.stderr.contains("secure connection"), "{told}");
}

#[test]
fn many_chunks_arrive_through_many_faults() {
    let arrives = |kind: &str, mode: &str| {
        let stage = Stage::with_faults(&format!("rate:25:{kind}:7")).file("data.csv", deals(400));
        let line = format!("data.csv -t deals --chunk-size 10 --jobs 16 {mode}");
        let told = run(&mut stage.push(&line));
        assert_eq!(told.code(), Some(0), "{kind}: {told}");
        assert!(stage.requests().len() > 40, "{told}");
        let mut expected = numbers(1..=400);
        if mode.is_empty() {
            expected.extend(OLD.map(str::to_owned));
        }
        assert_eq!(sorted_ids(&stage.settled()), expected, "{kind}: {told}");
    };
    thread::scope(|scope| {
        for kind in ["500", "reset", "cut"] {
            scope.spawn(move || arrives(kind, ""));
            scope.spawn(move || arrives(kind, "--all --debounce 900"));
        }
    });
}

#[test]
fn an_input_that_changes_under_way_is_not_sent() {
    // More chunks than are built ahead while the first is under way.
    let chunks = 4 + thread::available_parallelism().map_or(1, usize::from) as u64;
    let (last, proved) = (10 * chunks, deals(10 * chunks));
    let other = proved.replace(&format!(",{last}.50"), &format!(",{last}.99"));
    let records = format!("records {} to {last}", last - 9);
    let has_changed = format!("the input has changed since it was proved ({records})");
    let is_short = "data.csv became shorter while it was read".to_owned();
    for (changed, why) in [(other, has_changed), (deals(12), is_short)] {
        // Chunk 1 is answered late, and the file is written over meanwhile.
        let stage = Stage::with_faults("slow:0.7@1").file("data.csv", &proved);
        let line = "data.csv -t deals --all --debounce 900 --chunk-size 10 --jobs 1";
        let told = thread::scope(|scope| {
            let push = scope.spawn(|| run(&mut stage.push(line)));
            while stage.requests().is_empty() {
                assert!(!push.is_finished(), "the service was never called");
                thread::yield_now();
            }
            stage.folder().write("data.csv", &changed);
            push.join().unwrap()
        });
        assert_eq!(told.code(), Some(6), "{told}");
        assert!(told.stderr.contains(&why), "{told}");
        let arrived = stage.records().len() as u64;
        let of = |n| format!("of {n} chunks");
        let at_risk = at_risk(arrived, Mode::Replace).replace(&of(3), &of(chunks));
        let at_risk = at_risk.replace("of the 30", &format!("of the {last}"));
        assert_eq!(verdict(&told), at_risk, "{told}");
        let written = expected(Mode::Replace, 10 * arrived);
        assert_eq!(sorted_ids(&stage.settled()), written);
    }
}
