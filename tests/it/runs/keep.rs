//! The records of replaces, kept as they were sent: which stay, and that nothing of them harms a push.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::rig::{READINGS, done, each, ends, is_over, killed_at, runs, service, sorted, with};
use crate::stage::{Stage, deals, deals_from};
use crate::support::{has_mode, no_space, receipt, run};

const RECORDS: u64 = 23;
const KEEP: &str = "deals.csv -t deals --all --keep 2";
/// Five chunks.
const CHUNKS: &str = "deals.csv -t deals --chunk-size 5 --jobs 2 --all --debounce 900 \
     --chunk-seconds 0.05 --keep 2";

/// The runs that have kept records, the oldest first.
fn kept(stage: &Stage) -> Vec<PathBuf> {
    let mut runs = runs(stage);
    runs.retain(|run| run.join("kept.json").exists() && run.join("kept.ndjson.zst").exists());
    runs
}

/// The kept records of a run, a line each.
fn lines(run: &Path) -> Vec<String> {
    let file = fs::File::open(run.join("kept.ndjson.zst")).unwrap();
    let text = String::from_utf8(zstd::decode_all(file).unwrap()).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'));
    text.lines().map(str::to_owned).collect()
}

/// No run has a part of a payload.
fn is_whole_or_none(stage: &Stage, of: &str) {
    for run in runs(stage) {
        let [records, about, part] =
            ["kept.ndjson.zst", "kept.json", "kept-part"].map(|name| run.join(name).exists());
        assert_eq!(records, about, "{of}");
        assert!(!part, "{of}");
    }
}

#[test]
fn records_are_kept_as_they_were_sent() {
    let csv = "id,name,amount,data\n1,Ann,\"1,50\",\"{\n  \"\"a\"\": [1,\n 2.50]\n}\"\n2,Bob,2,\n3,\"C\nD\",,1\n";
    let mapping = "table = 'deals'\n[history]\nkeep = 1\n[fields]\nid = 'id'\nname = 'name'\n\
                   amount = { column = 'amount', type = 'number', decimal = ',' }\n\
                   data = { column = 'data', type = 'json', empty = 'omit' }\n";
    let stage = Stage::new()
        .file("deals.csv", csv)
        .file("deals.toml", mapping);
    let told = ends(&stage, "deals.csv -m deals.toml --all -v", 0);
    assert!(
        told.stderr.contains("kept 3 records to go back to: "),
        "{told}"
    );
    let run = &kept(&stage)[0];
    assert_eq!(
        lines(run),
        [
            r#"{"id":"1","name":"Ann","amount":1.50,"data":{   "a": [1,  2.50] }}"#,
            r#"{"id":"2","name":"Bob","amount":2}"#,
            r#"{"id":"3","name":"C\nD","amount":null,"data":1}"#,
        ]
    );
    for name in ["kept.ndjson.zst", "kept.json"] {
        has_mode(run.join(name), 0o600);
    }
    let about: Value = serde_json::from_slice(&fs::read(run.join("kept.json")).unwrap()).unwrap();
    assert_eq!(about["records"], 3);
    assert_eq!(about["table"], "deals");
    assert_eq!(about["id_field"], "id");
    // Nothing of it in what is told.
    let told = ends(&stage, "runs --output json", 0);
    let listed: Value = serde_json::from_str(&told.stdout).unwrap();
    let bytes =
        ["kept.ndjson.zst", "kept.json"].map(|name| fs::metadata(run.join(name)).unwrap().len());
    assert_eq!(listed["kept_bytes"], bytes.iter().sum::<u64>());
    assert_eq!(listed["runs"][0]["kept_bytes"], listed["kept_bytes"]);
    let told = ends(&stage, "runs", 0);
    assert!(told.stdout.trim_end().ends_with(" kept"), "{told}");
    assert!(
        told.stderr
            .ends_with(" are taken by records that are kept\n"),
        "{told}"
    );
}

/// Many chunks of several files, some records left out: all that was sent and nothing else, in order.
#[test]
fn what_was_left_out_is_not_kept() {
    let stage = Stage::new().file("a.csv", deals(12)).file(
        "b.csv",
        format!("{}12,Deal 12,other\n", deals_from(13, RECORDS)),
    );
    let line =
        "a.csv b.csv -t deals --all --debounce 900 --chunk-size 5 --keep 1 --duplicates last";
    ends(&stage, line, 0);
    let kept = lines(&kept(&stage)[0]);
    assert_eq!(kept.len() as u64, RECORDS);
    let held: Vec<Value> = (stage.settled().records.iter())
        .map(|(_, json)| serde_json::from_str(json).unwrap())
        .collect();
    let kept: Vec<Value> = kept
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    for record in &kept {
        assert!(held.contains(record), "{record}");
    }
}

#[test]
fn the_last_good_ones_stay() {
    let stage = Stage::new().file("deals.csv", deals(RECORDS));
    for _ in 0..4 {
        ends(&stage, KEEP, 0);
    }
    let all = runs(&stage);
    assert_eq!(kept(&stage), all[2..]);
    // A run without it removes nothing, nor one that keeps nothing, nor one that sent nothing.
    ends(&stage, "deals.csv -t deals --all", 0);
    ends(&stage, "deals.csv -t deals --all --keep 0", 0);
    ends(
        &stage,
        "deals.csv -t deals --all --keep 1 --min-records 100",
        3,
    );
    assert_eq!(kept(&stage), all[2..4]);
    ends(&stage, "deals.csv -t deals --all --keep 1", 0);
    assert_eq!(kept(&stage), runs(&stage)[6..]);
}

#[test]
fn an_upsert_keeps_nothing() {
    let mapping = "table = 'deals'\n[history]\nkeep = 3\n";
    let stage = Stage::new()
        .file("deals.csv", deals(3))
        .file("deals.toml", mapping);
    let told = ends(&stage, "deals.csv -m deals.toml", 0);
    assert!(!told.stderr.contains("kept"), "{told}");
    assert_eq!(kept(&stage).len(), 0);
    let told = done(&stage, "deals.csv -t deals --keep 1");
    assert_eq!(told.code(), Some(2), "{told}");
    assert!(told.stderr.contains("--all"), "{told}");
    // The mapping says it for a replace, and the command line says something else.
    ends(&stage, "deals.csv -m deals.toml --all --keep 0", 0);
    assert_eq!(kept(&stage).len(), 0);
    ends(&stage, "deals.csv -m deals.toml --all", 0);
    assert_eq!(kept(&stage).len(), 1);
}

/// What the service did not take is nothing to go back to.
#[test]
fn a_run_that_is_no_good_replace_keeps_nothing() {
    // Refused: nothing was applied.
    let stage = Stage::with_faults("401@1").file("deals.csv", deals(RECORDS));
    ends(&stage, KEEP, 4);
    is_whole_or_none(&stage, "401");
    assert_eq!(kept(&stage).len(), 0);
    // At risk until it is taken up again.
    let stage = Stage::with_faults("400@3").file("deals.csv", deals(RECORDS));
    ends(&stage, CHUNKS, 6);
    assert_eq!(kept(&stage).len(), 1);
    ends(&stage, "resume", 0);
    assert_eq!(lines(&kept(&stage)[0]).len() as u64, RECORDS);
    // Superseded: it will never be whole.
    let stage = Stage::with_faults("400@3").file("deals.csv", deals(RECORDS));
    ends(&stage, CHUNKS, 6);
    stage.settled();
    ends(&stage, "deals.csv -t deals", 0);
    ends(&stage, "deals.csv -t deals", 0);
    assert_eq!(kept(&stage).len(), 0);
}

#[test]
fn a_full_disk_harms_no_push() {
    let operations = ["kept-create", "kept-write", "kept-sync", "kept-rename"];
    let all = operations.iter().flat_map(|operation| {
        let times = if *operation == "kept-write" { 5 } else { 1 };
        (1..=times).map(move |n| format!("{operation}:{n}"))
    });
    each(all.collect(), |failure| {
        let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
        let told = with(&stage, CHUNKS, "QOBRA_PUSH_TEST_FAIL", &failure);
        let of = format!("{failure}: {told}");
        assert_eq!(told.code(), Some(0), "{of}");
        let words = format!("warning: nothing was kept: {}", no_space());
        assert_eq!(told.stderr.matches(&words).count(), 1, "{of}");
        assert_eq!(told.stderr.matches("warning: ").count(), 1, "{of}");
        is_whole_or_none(&stage, &of);
        assert_eq!(kept(&stage).len(), 0, "{of}");
        is_over(&stage, true, RECORDS, &of);
    });
}

/// A disk that fails at any other moment: the push is refused or made, and what is kept is whole.
#[test]
fn a_disk_that_fails_leaves_no_part() {
    let mut all = Vec::new();
    for operation in ["write", "sync", "rename", "torn"] {
        all.extend((1..=24).map(|n| format!("{operation}:{n}")));
        all.extend((1..=24).step_by(3).map(|n| format!("{operation}:{n}+")));
    }
    let nothing_kept = std::sync::atomic::AtomicU64::new(0);
    each(all, |failure| {
        let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
        let told = with(&stage, CHUNKS, "QOBRA_PUSH_TEST_FAIL", &failure);
        let of = format!("{failure}: {told}");
        is_whole_or_none(&stage, &of);
        if told.stderr.contains("nothing was kept: ") {
            assert_eq!(kept(&stage).len(), 0, "{of}");
            nothing_kept.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        if told.code() == Some(2) {
            ends(&stage, CHUNKS, 0);
        }
        ends(&stage, "resume", 0);
        is_over(&stage, true, RECORDS, &of);
    });
    assert!(nothing_kept.into_inner() > 2);
}

#[test]
fn killed_while_keeping_it_is_kept_by_resume() {
    let points = ["kept-begun", "kept-written", "kept-renamed", "kept-done"];
    each(points.to_vec(), |point| {
        let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
        assert!(killed_at(&stage, CHUNKS, &format!("{point}:1")), "{point}");
        let told = ends(&stage, "resume", 0);
        is_whole_or_none(&stage, point);
        assert_eq!(kept(&stage).len(), 1, "{point}: {told}");
        assert_eq!(lines(&kept(&stage)[0]).len() as u64, RECORDS, "{point}");
        is_over(&stage, true, RECORDS, point);
        // Not taken up, it is nothing.
        let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
        assert!(killed_at(&stage, CHUNKS, &format!("{point}:1")), "{point}");
        ends(&stage, "deals.csv -t deals --all", 0);
        ends(&stage, "deals.csv -t deals", 0);
        is_whole_or_none(&stage, point);
        assert_eq!(kept(&stage).len(), 0, "{point}");
    });
}

/// Old runs go, but not what is kept of them.
#[test]
fn pruning_leaves_what_is_kept() {
    let stage = Stage::new().file("deals.csv", deals(RECORDS));
    ends(&stage, KEEP, 0);
    let first = runs(&stage).remove(0);
    let old = first.with_file_name("20100101T000000Z-0000");
    fs::rename(&first, &old).unwrap();
    ends(&stage, "deals.csv -t deals --all", 0);
    let upsert = runs(&stage).pop().unwrap();
    for n in 0..60 {
        let copy = upsert.with_file_name(format!("20120101T{:02}{:02}00Z-0000", n / 60, n % 60));
        fs::create_dir(&copy).unwrap();
        fs::copy(upsert.join("journal.jsonl"), copy.join("journal.jsonl")).unwrap();
    }
    ends(&stage, "deals.csv -t deals --all", 0);
    assert!(old.join("kept.json").exists());
    assert!(runs(&stage).len() < 60);
}

#[test]
fn doctor_tells_what_it_takes() {
    let stage = Stage::new().file("deals.csv", deals(RECORDS));
    ends(&stage, KEEP, 0);
    ends(&stage, KEEP, 0);
    let told = done(&stage, "doctor");
    assert!(
        told.stdout
            .contains("kept records  those of 2 replaces of 1 table take "),
        "{told}"
    );
    let told = receipt(
        &run(&mut stage.push("deals.csv -t deals --all --keep 1 --output json")),
        0,
    );
    assert_eq!(told["counts"]["accepted"], RECORDS);
    assert_eq!(sorted(&stage.settled()).len() as u64, RECORDS);
}

/// A push that was accepted may still turn out bad: the last content that was seen to be good stays until
/// another one is.
#[test]
fn what_nobody_followed_takes_no_place_of_what_was_good() {
    let stage = Stage::new().file("deals.csv", deals(3));
    ends(&stage, KEEP, 0);
    stage.settled();
    ends(&stage, "status", 0);
    for n in 4..8 {
        stage.folder().write("deals.csv", deals(n));
        ends(&stage, KEEP, 0);
        stage.settled();
    }
    let all = runs(&stage);
    assert_eq!(kept(&stage), [&all[0], &all[3], &all[4]].map(Clone::clone));
    ends(&stage, "status", 0);
    stage.folder().write("deals.csv", deals(8));
    ends(&stage, KEEP, 0);
    assert_eq!(kept(&stage), runs(&stage)[4..]);
}

/// What the table holds came without `--keep`, and nothing goes that could be kept.
#[test]
fn that_nothing_is_kept_is_said_where_nothing_differs() {
    let stage = Stage::new().file("deals.csv", deals(3));
    let (changed, said) = (
        format!("{KEEP} --changed"),
        "is not kept: it was sent without --keep",
    );
    ends(&stage, "deals.csv -t deals --all", 0);
    stage.settled();
    let told = ends(&stage, &changed, 0);
    assert!(told.stderr.contains(said), "{told}");
    stage.folder().write("deals.csv", deals(4));
    ends(&stage, &changed, 0);
    stage.settled();
    let told = ends(&stage, &changed, 0);
    assert!(told.stderr.contains("nothing differs"), "{told}");
    assert!(!told.stderr.contains(said), "{told}");
}
