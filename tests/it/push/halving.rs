//! Requests that the service finds too large (413) go as their halves, and nothing is lost or sent
//! twice on the way.

use std::fmt::Write as _;

use insta::assert_snapshot;
use qobra_push::{SandboxOptions, parse_faults};

use crate::stage::{OLD, Stage, ids, options, sorted_ids};
use crate::support::{Told, run};

const MODES: [&str; 2] = ["", "--all --debounce 900"];

/// A service that takes so many bytes at most.
fn service(max_body: u64, faults: &str) -> Stage {
    Stage::of(SandboxOptions {
        max_body: Some(max_body),
        faults: match faults {
            "" => Vec::new(),
            faults => parse_faults(faults).unwrap(),
        },
        ..options()
    })
}

/// Records that all make 41 bytes of JSON.
fn even(first: u64, last: u64) -> String {
    let rows: String = (first..=last)
        .map(|id| format!("{id},{}\n", "x".repeat(18)))
        .collect();
    format!("id,name\n{rows}")
}

/// The size of a body with so many of them.
fn room(records: u64) -> u64 {
    11 + 42 * records
}

fn expected(all: impl Iterator<Item = u64>, mode: &str) -> Vec<String> {
    let mut ids: Vec<String> = all.map(|id| id.to_string()).collect();
    if mode.is_empty() {
        ids.extend(OLD.map(str::to_owned));
    }
    ids.sort_unstable_by_key(|id| (id.len(), id.clone()));
    ids
}

/// How many requests were refused as too large.
fn refused(stage: &Stage) -> usize {
    let posts = stage.posts();
    posts.iter().filter(|seen| seen.status == Some(413)).count()
}

/// How many records the accepted requests carried, in the order of their arrival.
fn accepted(stage: &Stage) -> Vec<u64> {
    stage.records().into_iter().flatten().collect()
}

fn ends(stage: &Stage, line: &str, code: i32) -> Told {
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(code), "{line}: {told}");
    told
}

#[test]
fn the_measure_of_these_tests() {
    for (records, code) in [(16, 0), (17, 4)] {
        let stage = service(room(16), "").file("data.csv", even(1_001, 1_000 + records));
        ends(&stage, "data.csv -t deals --all", code);
    }
}

#[test]
fn each_size_is_refused_once_and_later_chunks_are_cut_beforehand() {
    for mode in MODES {
        for jobs in [1, 4] {
            // 16 are too many, and 8, and 4: for chunk 1, and then for nobody any more.
            let stage = service(room(3), "").file("data.csv", even(1_001, 1_100));
            let line = format!("data.csv -t deals --chunk-size 16 --jobs {jobs} {mode}");
            let told = ends(&stage, &line, 0);
            assert_eq!(refused(&stage), 3, "{told}");
            let accepted = accepted(&stage);
            assert_eq!(accepted.iter().sum::<u64>(), 100);
            assert!(accepted.iter().all(|count| *count <= 3), "{accepted:?}");
            // The last chunk, of 4, is cut too.
            assert_eq!(accepted.len(), 50);
            let table = stage.settled();
            assert_eq!(sorted_ids(&table), expected(1_001..=1_100, mode), "{told}");
            assert_eq!(table.deletes, u64::from(!mode.is_empty()));
        }
    }
}

#[test]
fn halves_are_taken_where_they_fit() {
    for (most, counts) in [
        (15, vec![8; 4]),
        (8, vec![8; 4]),
        (7, vec![4; 8]),
        (1, vec![1; 32]),
    ] {
        let stage = service(room(most), "").file("data.csv", even(1_001, 1_032));
        let line = "data.csv -t deals --chunk-size 16 --all --debounce 900";
        ends(&stage, line, 0);
        assert_eq!(accepted(&stage), counts);
        assert_eq!(sorted_ids(&stage.settled()), expected(1_001..=1_032, "all"));
    }
}

#[test]
fn several_requests_in_flight_learn_at_the_same_time() {
    // The first chunk is small; the ones behind it are refused while their neighbours fly.
    let mut csv = String::from("id,name\n");
    for id in 1_001..=1_160 {
        let name = "x".repeat(if id <= 1_016 { 1 } else { 60 });
        let _ = writeln!(csv, "{id},{name}");
    }
    for mode in MODES {
        let stage = service(600, "").file("data.csv", &csv);
        ends(
            &stage,
            &format!("data.csv -t deals --chunk-size 16 {mode}"),
            0,
        );
        // Two sizes are too large, each for four requests at most.
        let refused = refused(&stage);
        assert!((2..=8).contains(&refused), "{refused}");
        assert_eq!(accepted(&stage).iter().sum::<u64>(), 160);
        assert_eq!(sorted_ids(&stage.settled()), expected(1_001..=1_160, mode));
    }
}

/// Ninety rows: some are bad, the last five among them, and some have the id 1002 again. Returns the
/// ids that can be sent too.
fn with_holes() -> (String, Vec<u64>) {
    let (mut csv, mut good) = (String::from("id,name\n"), Vec::new());
    for n in 1_001..=1_090 {
        let _ = match n {
            n if n % 5 == 0 || n > 1_085 => writeln!(csv, "{n}"),
            n if n % 7 == 3 => writeln!(csv, "1002,{}", "y".repeat(18)),
            n => {
                good.push(n);
                writeln!(csv, "{n},{}", "x".repeat(18))
            }
        };
    }
    (csv, good)
}

/// Rejected records and dropped duplicates count in a range, but not in a request.
#[test]
fn ranges_with_holes_are_cut_without_loss() {
    let (csv, good) = with_holes();
    let expected = expected(good.into_iter(), "all");
    for which in ["first", "last"] {
        for (chunk_size, most) in [(3, 1), (7, 2), (10, 5), (10, 1), (64, 5), (64, 2)] {
            let stage = service(room(most), "500@2").file("data.csv", &csv);
            let line = format!(
                "data.csv -t deals --chunk-size {chunk_size} --max-errors 50% --duplicates {which} \
                 --all --debounce 900"
            );
            let told = ends(&stage, &line, 7);
            let table = stage.settled();
            assert_eq!(sorted_ids(&table), expected, "{line}: {told}");
            let repeated = table.records.iter().find(|(id, _)| id == "1002").unwrap();
            let is_last = repeated.1.contains("yyy");
            assert_eq!(is_last, which == "last", "{repeated:?}");
        }
    }
}

#[test]
fn one_record_that_is_too_large_is_named_with_its_line() {
    let mut all = String::new();
    for mode in MODES {
        for at in [1, 30] {
            let mut csv = String::from("id,name\n");
            for id in 1..=32 {
                let name = if id == at {
                    "x".repeat(500)
                } else {
                    format!("\"{id}\n.\"")
                };
                let _ = writeln!(csv, "{id},{name}");
            }
            let stage = service(400, "").file("data.csv", csv);
            let line = format!("data.csv -t deals --chunk-size 16 --jobs 1 {mode}");
            let told = ends(&stage, &line, if at == 1 { 4 } else { 6 });
            let line = if at == 1 {
                "data.csv, line 2)"
            } else {
                "data.csv, line 60)"
            };
            assert!(told.stderr.contains(line), "{told}");
            let error = |line: &&str| line.starts_with("error: ") || line.starts_with("hint: this");
            let errors: Vec<_> = told.stderr.lines().filter(error).collect();
            let _ = writeln!(all, "$ {mode} {at}\n{}", errors.join("\n"));
            if at == 1 {
                assert_eq!(ids(&stage.settled()), OLD);
            }
        }
    }
    assert_snapshot!(crate::support::tidy(&all));
}

#[test]
fn a_replace_without_a_window_is_not_cut() {
    for line in ["--all", "--all --debounce 0"] {
        let stage = service(room(8), "").file("data.csv", even(1_001, 1_016));
        let told = ends(&stage, &format!("data.csv -t deals {line}"), 4);
        assert_snapshot!("without_a_window", told.tidy());
        assert_eq!(stage.posts().len(), 1);
        assert_eq!(ids(&stage.settled()), OLD);
    }
    // What the hint says helps.
    let stage = service(room(8), "").file("data.csv", even(1_001, 1_016));
    ends(&stage, "data.csv -t deals --all --debounce 60", 0);
    let table = stage.settled();
    assert_eq!(sorted_ids(&table), expected(1_001..=1_016, "all"));
    assert_eq!(table.deletes, 1);
}

/// The whole was applied and its answer lost; then it is cut, and a half is refused for good.
#[test]
fn a_doubt_about_the_whole_stays_with_its_halves() {
    for mode in MODES {
        for faults in ["reset-after@1,413@2,401@3", "500@1,413@2,403@3"] {
            let stage = Stage::with_faults(faults).file("data.csv", even(1_001, 1_016));
            let told = ends(&stage, &format!("data.csv -t deals {mode}"), 6);
            assert!(!told.stderr.contains("untouched"), "{faults}: {told}");
            assert!(told.stderr.contains("qobra-push resume "), "{told}");
        }
    }
    // Nothing is in doubt where every request was refused.
    let stage = Stage::with_faults("503@1,413@2,401@3").file("data.csv", even(1_001, 1_016));
    ends(&stage, "data.csv -t deals", 4);
    assert_eq!(ids(&stage.settled()), OLD);
}

#[test]
fn what_was_cut_is_resumed() {
    for mode in MODES {
        let stage = service(room(4), "401@6").file("data.csv", even(1_001, 1_060));
        let line = format!("data.csv -t deals --chunk-size 16 --jobs 1 {mode}");
        ends(&stage, &line, 6);
        let before = accepted(&stage);
        let told = ends(&stage, "resume", 0);
        // What arrived is not sent again, and what is too large is cut again.
        let accepted = accepted(&stage);
        assert!(!before.is_empty() && accepted.len() > before.len());
        assert_eq!(accepted.iter().sum::<u64>(), 60, "{told}");
        let table = stage.settled();
        assert_eq!(sorted_ids(&table), expected(1_001..=1_060, mode), "{told}");
        assert_eq!(ends(&stage, "resume", 0).stderr, "nothing to resume\n");
    }
}
