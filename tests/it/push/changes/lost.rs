//! What is claimed after a kill, with a base that was damaged or is another's, or where another machine
//! pushes: what this machine left, or that it is unknown. The push itself is never harmed by it.

use std::fs;
use std::time::Duration;

use super::{Difference, REPLACE, UPSERT, based, claimed, edited, next, told_truly};
use crate::rig::{age, each, ends, killed_at, runs};
use crate::stage::{Stage, deals, deals_from};

/// Steps of a push at which it is killed.
const POINTS: [&str; 9] = [
    "journal-plan-after:1",
    "base-handed-over:1",
    "journal-attempt-after:1",
    "journal-answer-before:1",
    "journal-answer-after:2",
    "journal-end-before:1",
    "journal-end-after:1",
    "base-before:1",
    "base-after:1",
];

/// Whatever was sent by then, and whatever comes next: the next push claims what it does, or nothing.
#[test]
fn a_kill_and_what_comes_next() {
    let replace = "deals.csv -t deals --all --debounce 900 --chunk-size 7 --chunk-seconds 0.05";
    let lines = [UPSERT, replace];
    let cases = lines
        .into_iter()
        .flat_map(|line| POINTS.map(|point| (line, point)));
    let cases: Vec<_> = cases
        .flat_map(|case| [(case, true), (case, false)])
        .collect();
    each(cases, |((line, point), is_resumed)| {
        let of = format!("{line} {point} {is_resumed}");
        let stage = Stage::new().file("deals.csv", deals(30));
        based(&stage, REPLACE);
        stage.folder().write("deals.csv", next(&deals(40)));
        assert!(killed_at(&stage, line, point), "{of}");
        if is_resumed {
            ends(&stage, "resume", 0);
            stage.settled();
        }
        // No window is open any more, whatever the journal saw of it.
        runs(&stage)
            .iter()
            .for_each(|run| age(run, Duration::from_secs(3_600)));
        told_truly(&stage, REPLACE, 0);
        assert!(told_truly(&stage, REPLACE, 0), "{of}");
    });
}

#[test]
fn a_base_that_does_not_hold() {
    let stage = Stage::new().file("deals.csv", deals(30));
    let base = || runs(&stage).pop().unwrap().join("base");
    let key = stage.folder().path().join("state/base.key");
    let damaged = |at: usize| {
        let mut bytes = fs::read(base()).unwrap();
        let at = bytes.len() * at / 100;
        bytes[at] ^= 1;
        fs::write(base(), bytes).unwrap();
    };
    let cut = || {
        let bytes = fs::read(base()).unwrap();
        fs::write(base(), &bytes[..bytes.len() - 9]).unwrap();
    };
    let lost: [(&str, &dyn Fn()); 9] = [
        ("flipped at its begin", &|| damaged(0)),
        ("flipped in a block", &|| damaged(30)),
        ("flipped at its end", &|| damaged(99)),
        ("cut", &cut),
        ("empty", &|| fs::write(base(), "").unwrap()),
        ("removed", &|| fs::remove_file(base()).unwrap()),
        ("without its key", &|| fs::remove_file(&key).unwrap()),
        ("another's key", &|| fs::write(&key, [7; 32]).unwrap()),
        ("half a key", &|| fs::write(&key, [7; 16]).unwrap()),
    ];
    for (how, lose) in lost {
        let _ = fs::remove_file(&key);
        based(&stage, REPLACE);
        assert!(told_truly(&stage, REPLACE, 0), "{how}");
        lose();
        assert!(!told_truly(&stage, UPSERT, 0), "{how}");
        let is_known = told_truly(&stage, REPLACE, 0);
        assert!(!is_known, "{how}: an upsert makes no base of nothing");
    }
}

/// What another address is pushed to says nothing of this one, and takes nothing away from it.
#[test]
fn another_address_and_another_table() {
    let stage = Stage::new().file("deals.csv", deals(9));
    based(&stage, REPLACE);
    let other = Stage::new();
    let line = format!("{REPLACE} --base-url {}", other.url());
    assert!(claimed(&stage, &line).is_null());
    based(&stage, &line);
    assert_eq!(other.new_ids().len(), 9);
    assert!(claimed(&stage, "deals.csv -t others --all").is_null());
    stage.folder().write(
        "deals.csv",
        edited(&deals(9), &[("4,Deal 4,", "4,Deal four,")]),
    );
    assert!(told_truly(&stage, REPLACE, 0));
}

/// Each machine compares with what it left itself; that others push too is not seen.
#[test]
fn two_machines() {
    let stage = Stage::new().file("deals.csv", deals(9));
    based(&stage, REPLACE);
    let left = stage.settled();
    stage.folder().write(
        "deals.csv",
        edited(&deals(9), &[("4,Deal 4,", "4,Deal four,")]),
    );
    let second = format!("{REPLACE} --state-dir second");
    assert!(
        !told_truly(&stage, &second, 0),
        "the second machine knows nothing"
    );
    assert!(told_truly(&stage, &second, 0), "and then what it left");
    // The first one claims the change that the second one has made already.
    let claim = claimed(&stage, REPLACE);
    Difference::new(&left, &stage.held()).is_claimed(&claim, "as this machine left it");
    assert_eq!(claim["changed"]["count"], 1, "{claim}");
}

/// A run that left the table at risk, or with what nobody knows, ends the base.
#[test]
fn an_end_that_is_not_good() {
    let stage = Stage::with_faults("503@4,cut@7").file("deals.csv", deals(9));
    based(&stage, REPLACE);
    // A part of an upsert, and an answer that is lost.
    for _ in 0..2 {
        let line = "deals.csv -t deals --chunk-size 4 --jobs 1 --retry-for 0";
        ends(&stage, line, 6);
        assert!(claimed(&stage, REPLACE).is_null());
        based(&stage, REPLACE);
        assert!(told_truly(&stage, REPLACE, 0));
    }
}

/// A push that the service refused has touched nothing: the base is what it was.
#[test]
fn a_push_that_touched_nothing() {
    let stage = Stage::with_faults("401@2").file("deals.csv", deals(9));
    based(&stage, REPLACE);
    stage.folder().write(
        "deals.csv",
        edited(&deals(9), &[("4,Deal 4,", "4,Deal four,")]),
    );
    ends(&stage, REPLACE, 4);
    assert!(told_truly(&stage, REPLACE, 0));
    ends(&stage, &format!("{REPLACE} --min-records 10"), 3);
    assert!(told_truly(&stage, UPSERT, 0));
}

/// A dry run and a rehearsal read the base and leave the state folder as it is.
#[test]
fn what_is_no_push_leaves_the_base() {
    let stage = Stage::new().file("deals.csv", deals(9));
    based(&stage, REPLACE);
    let base = runs(&stage).pop().unwrap().join("base");
    let before = fs::read(&base).unwrap();
    stage.folder().write("deals.csv", deals_from(2, 12));
    claimed(&stage, REPLACE);
    ends(&stage, &format!("{REPLACE} --sandbox"), 0);
    assert_eq!(fs::read(&base).unwrap(), before);
    assert_eq!(runs(&stage).len(), 1);
    assert!(told_truly(&stage, REPLACE, 0));
}
