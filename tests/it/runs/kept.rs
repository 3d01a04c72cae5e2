//! What stays in the state folder and in files beside it: which runs, which rejects, and what is
//! said where one of them cannot be written.

use std::fs;
use std::path::Path;
use std::time::Duration;

use insta::assert_snapshot;

use crate::rig::{REPLACE, UPSERT, Watched, age, done, folder_name, killed_at, runs};
use crate::stage::{Stage, deals, numbers, sorted_ids};
use crate::support::{Folder, run};

/// Copies a run under the ids of so many days of the past, the last of them first in time.
fn copies(run: &Path, year: u64, count: u64) -> Vec<String> {
    let copy = |n: u64| {
        let name = format!("{year}01{:02}T{:02}0000Z-0000", n / 24 + 1, n % 24);
        let folder = run.with_file_name(&name);
        fs::create_dir(&folder).unwrap();
        fs::copy(run.join("journal.jsonl"), folder.join("journal.jsonl")).unwrap();
        name
    };
    (0..count).map(copy).collect()
}

/// Of old runs fifty stay, and besides them whatever a later push has to know: the last good
/// replace, and the runs that did not end.
#[test]
fn old_runs_go_and_those_that_matter_stay() {
    let stage = Stage::new().file("deals.csv", deals(23));
    let told = run(&mut stage.push("deals.csv -t deals --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    stage.running.sandbox.settle();
    let good = fs::canonicalize(&runs(&stage)[0]).unwrap();
    let first = good.with_file_name("20100101T000000Z-0000");
    fs::rename(&good, &first).unwrap();
    assert!(killed_at(&stage, UPSERT, "journal-answer-after:2"));
    let open = runs(&stage)
        .into_iter()
        .find(|path| folder_name(path) != folder_name(&first))
        .unwrap();
    let second = open.with_file_name("20110101T000000Z-0000");
    fs::rename(&open, &second).unwrap();
    let told = run(&mut stage.push("deals.csv -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
    let upsert = runs(&stage).pop().unwrap();
    copies(&upsert, 2012, 60);

    let told = run(&mut stage.push("deals.csv -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
    let left: Vec<_> = runs(&stage).iter().map(|run| folder_name(run)).collect();
    let [one, two, rest @ ..] = &left[..] else {
        panic!("{left:?}")
    };
    assert_eq!(
        [one, two],
        ["20100101T000000Z-0000", "20110101T000000Z-0000"]
    );
    // Fifty, and the new one.
    assert_eq!(rest.len(), 51, "{left:?}");
    assert_eq!(rest[0], "20120101T110000Z-0000", "{left:?}");
}

/// A replace that may still wait at the service is not forgotten, however old its run looks: the
/// push that would remove it waits for it.
#[test]
#[cfg_attr(windows, ignore = "Windows has no signals for another process")]
fn a_replace_that_may_still_wait_is_kept() {
    let stage = Stage::new().file("deals.csv", deals(23));
    let told = run(&mut stage.push("deals.csv -t deals"));
    assert_eq!(told.code(), Some(0), "{told}");
    copies(&runs(&stage)[0], 2012, 60);
    let told = run(&mut stage.push(REPLACE));
    assert_eq!(told.code(), Some(0), "{told}");
    let replace = runs(&stage).pop().unwrap();
    fs::rename(&replace, replace.with_file_name("20100101T000000Z-0000")).unwrap();
    // The last good replace is another one.
    let mut next = Watched::start(stage.process("deals.csv -t deals"));
    next.says("nothing is sent before ");
    next.signal("TERM");
    let told = next.end();
    assert_eq!(told.code(), Some(143), "{told}");
    assert_eq!(folder_name(&runs(&stage)[0]), "20100101T000000Z-0000");
}

/// `runs` has a word for each end that a run can have.
#[test]
fn runs_say_what_became_of_them() {
    let stage = Stage::with_faults("401@1,500@3").file("deals.csv", deals(23));
    let state = |n: usize| {
        let listed = done(&stage, "runs").stdout;
        let line = listed.lines().nth(n).unwrap_or_default();
        line.split_whitespace().nth(1).unwrap_or(&listed).to_owned()
    };
    assert_eq!(done(&stage, UPSERT).code(), Some(4));
    assert_eq!(state(0), "untouched");
    assert!(killed_at(&stage, UPSERT, "journal-plan-after:1"));
    assert_eq!(state(1), "planned");
    let part = done(&stage, &format!("{REPLACE} --retry-for 0"));
    assert_eq!(part.code(), Some(6), "{part}");
    assert_eq!(state(2), "at_risk");
    age(&runs(&stage)[2], Duration::from_secs(3_600));
    stage.running.sandbox.settle();
    let resumed = done(&stage, "resume");
    assert_eq!(resumed.code(), Some(0), "{resumed}");
    assert_eq!([0, 1, 2].map(state), ["untouched", "superseded", "done"]);
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=23));
}

#[test]
fn rejects_that_cannot_be_kept_say_why() {
    let stage = Stage::unused()
        .file("deals.csv", deals(3) + "4,short\n")
        .file("there.csv", "mine");
    let mut all = String::new();
    for rejects in ["nowhere/rejects.csv", "there.csv"] {
        for more in ["", "--max-errors 1"] {
            let line = format!("deals.csv -t deals --rejects {rejects} {more}");
            let told = stage.tidy(&run(&mut stage.push(&line)));
            all.push_str(&format!("$ {line}\n{told}\n"));
        }
    }
    assert_snapshot!(all);
    let there = stage.folder().path().join("there.csv");
    assert_eq!(fs::read_to_string(there).unwrap(), "mine");
}

/// A record that no request can hold is a bad record of its own line, not the service's affair.
#[test]
fn a_record_larger_than_a_request_is_a_bad_record() {
    let csv = format!("id,name\n1,{}\n2,b\n", "x".repeat(3_000));
    let stage = Stage::new().file("big.csv", csv);
    let line = "big.csv -t deals --max-body 1KiB";
    let refused = run(&mut stage.push(line));
    let pushed = run(&mut stage.push(&format!("{line} --max-errors 1")));
    assert_snapshot!(stage.tidy(&refused) + &stage.tidy(&pushed));
    let held = stage.settled().records;
    let new: Vec<_> = held
        .iter()
        .filter(|(id, _)| !id.starts_with("old"))
        .collect();
    assert_eq!(
        new,
        [&("2".to_owned(), r#"{"id":"2","name":"b"}"#.to_owned())]
    );
    // The file holds the record whole.
    let rejects = fs::read_to_string(runs(&stage).pop().unwrap().join("rejects.csv")).unwrap();
    assert!(
        rejects.contains(&format!("\n1,{},", "x".repeat(3_000))),
        "{rejects}"
    );
}

/// A rehearsal keeps no rejects, so it names no file.
#[test]
fn a_rehearsal_with_bad_records_names_no_file() {
    let folder = Folder::new().with("deals.csv", deals(3) + "4,short\n");
    let line = "deals.csv -t deals --sandbox --max-errors 1";
    let told = run(folder.push().args(line.split(' ')));
    assert_eq!(told.code(), Some(7), "{told}");
    assert_snapshot!(told.tidy());
}

/// What an id may be is a matter of the mapping; what a value may be, of its list.
#[test]
fn ids_are_no_answers_and_values_stand_in_their_list() {
    let folder = Folder::new()
        .with("deals.csv", "id,name\n1,Won\n")
        .with(
            "answer.toml",
            "[fields]\nid = { column = \"id\", type = \"boolean\" }\n",
        )
        .with(
            "json.toml",
            "[fields]\nid = { column = \"id\", type = \"json\" }\n",
        )
        .with(
            "list.toml",
            "[fields]\nid = \"id\"\nname = { column = \"name\", values = { x = \"y\" }, \
             values_else = \"error\" }\n",
        );
    let mut all = String::new();
    for mapping in ["answer", "json", "list"] {
        let line = format!("deals.csv -t deals -m {mapping}.toml --dry-run");
        let told = run(folder.push().args(line.split(' ')));
        all.push_str(&format!("$ {line}\n{}\n", told.tidy()));
    }
    assert_snapshot!(all);
}
