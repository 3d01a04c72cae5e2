//! What a run left in its table, and what the next dry run says of it: what is so, or nothing.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};
use serde_json::Value;

use crate::rig::{each, ends, entries, killed_at, runs, with};
use crate::stage::{Stage, options};
use crate::support::has_mode;

/// Amounts by the deals' ids.
type Deals = BTreeMap<u64, String>;

fn deals(ids: impl IntoIterator<Item = u64>, cents: &str) -> Deals {
    let deals = ids.into_iter().map(|id| (id, format!("{id}.{cents}")));
    deals.collect()
}

fn csv(deals: &Deals) -> String {
    let rows = deals
        .iter()
        .map(|(id, amount)| format!("{id},Deal {id},{amount}\n"));
    format!("id,name,amount\n{}", rows.collect::<String>())
}

/// A file, and the table as this machine left it with a first replace: deals 1 to 20.
fn stage() -> Stage {
    let stage = Stage::new()
        .file("first.csv", csv(&deals(1..=20, "50")))
        .file("next.csv", csv(&next()))
        .file("last.csv", csv(&last()));
    ends(&stage, "first.csv -t deals --all", 0);
    stage
}

/// An upsert's: two changed, three new.
fn next() -> Deals {
    let mut next = deals(15..=23, "50");
    next.extend(deals([16, 17], "99"));
    next
}

/// What is asked about then.
fn last() -> Deals {
    let mut last = deals(3..=25, "50");
    last.extend(deals([5, 16], "99"));
    last
}

/// What a dry run of a file claims to be new, changed, vanished and unchanged; none where it says
/// that it cannot tell.
fn claim(stage: &Stage, file: &str) -> Option<[u64; 4]> {
    let line = format!("{file} -t deals --all --dry-run --output json");
    let told = ends(stage, &line, 0);
    let receipt: Value = serde_json::from_str(&told.stdout).unwrap();
    let changes = receipt["changes"].as_object()?;
    let count = |of: &str| changes[of]["count"].as_u64().unwrap();
    let unchanged = changes["unchanged"].as_u64().unwrap();
    Some([count("new"), count("changed"), count("vanished"), unchanged])
}

/// The same, by what the table holds when all imports have run.
fn truth(stage: &Stage, deals: &Deals) -> [u64; 4] {
    let held: BTreeMap<_, _> = stage.settled().records.into_iter().collect();
    let deals = deals.iter().map(|(id, amount)| {
        let json = format!(r#"{{"amount":"{amount}","id":"{id}","name":"Deal {id}"}}"#);
        (id.to_string(), json)
    });
    let deals: BTreeMap<_, _> = deals.collect();
    let new = deals.keys().filter(|id| !held.contains_key(*id)).count();
    let unchanged = deals
        .iter()
        .filter(|(id, json)| held.get(*id) == Some(json));
    let unchanged = unchanged.count();
    let vanished = held.keys().filter(|id| !deals.contains_key(*id)).count();
    [new, deals.len() - new - unchanged, vanished, unchanged].map(|count| count as u64)
}

/// All files of fingerprints below the state folder.
fn base_files(stage: &Stage) -> Vec<PathBuf> {
    let files = runs(stage).into_iter().flat_map(|run| entries(&run));
    let is_base = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with("base")
    };
    files.filter(is_base).collect()
}

const UPSERT: &str = "next.csv -t deals --chunk-size 4 --jobs 1";
const REPLACE: &str = "next.csv -t deals --all --max-shrink 100% --max-hollow 100%";

#[test]
fn an_upsert_and_a_replace_leave_what_they_made_of_the_table() {
    for line in [UPSERT, REPLACE] {
        let stage = stage();
        assert_eq!(claim(&stage, "last.csv"), Some([5, 2, 2, 16]));
        ends(&stage, line, 0);
        assert_eq!(
            claim(&stage, "last.csv"),
            Some(truth(&stage, &last())),
            "{line}"
        );
        let left = base_files(&stage);
        let last_run = runs(&stage).pop().unwrap();
        // Rejected records of an upsert may be learned of later: what its base was made of stays until then.
        let names: &[_] = match line {
            UPSERT => &["base", "base-new", "base-old"],
            _ => &["base"],
        };
        let expected: Vec<_> = names.iter().map(|name| last_run.join(name)).collect();
        assert_eq!(left, expected, "{line}");
        let key = stage.folder().path().join("state/base.key");
        for file in left.iter().chain([&key]) {
            has_mode(file, 0o600);
        }
        let listed = ends(&stage, "runs --output json", 0).stdout;
        let listed: Value = serde_json::from_str(&listed).unwrap();
        let words = listed["runs"].as_array().unwrap().iter();
        let words: Vec<_> = words.map(|run| run["base"].as_str().unwrap()).collect();
        assert_eq!(words, ["superseded", "current"], "{line}");
        let text = ends(&stage, "runs", 0).stdout;
        let marks: Vec<_> = text.lines().map(|line| line.ends_with("  base")).collect();
        assert_eq!(marks, [false, true], "{text}");
    }
}

/// Every point that is passed between the lock and the end.
const POINTS: [&str; 16] = [
    "state-run-created:1",
    "journal-plan-before:1",
    "journal-plan-after:1",
    "base-handed-over:1",
    "journal-attempt-before:1",
    "journal-attempt-after:1",
    "journal-answer-before:1",
    "journal-answer-after:1",
    "journal-attempt-after:2",
    "journal-answer-before:2",
    "journal-answer-after:3",
    "journal-end-before:1",
    "journal-end-written:1",
    "journal-end-after:1",
    "base-before:1",
    "base-after:1",
];

#[test]
fn after_a_kill_anywhere_what_is_said_is_so() {
    let points = POINTS
        .iter()
        .flat_map(|point| [(UPSERT, *point), (REPLACE, *point)]);
    each(points.collect(), |(line, point)| {
        let is_replace = line == REPLACE;
        if is_replace && (point.ends_with(":2") || point.ends_with(":3")) {
            return;
        }
        let stage = stage();
        assert!(killed_at(&stage, line, point), "{line}: {point}");
        let of = format!("{line}, killed at {point}");
        let claimed = claim(&stage, "last.csv");
        let is_told = ["state-run", "journal-plan", "base-after"];
        let is_told = is_told.iter().any(|early| point.starts_with(early));
        assert_eq!(claimed.is_some(), is_told, "{of}");
        if let Some(claimed) = claimed {
            assert_eq!(claimed, truth(&stage, &last()), "{of}");
        }
        // What was begun is finished by a resumption, and its base made.
        ends(&stage, "resume", 0);
        let is_late = ["journal-end-written", "journal-end-after", "base-before"];
        let is_late = is_late.iter().any(|late| point.starts_with(late));
        let claimed = claim(&stage, "last.csv");
        assert_eq!(
            claimed,
            (!is_late).then(|| truth(&stage, &last())),
            "{of}, resumed"
        );
        // And by the next replace in any case; nothing of the dead one stays.
        ends(&stage, "last.csv -t deals --all", 0);
        assert_eq!(claim(&stage, "first.csv").unwrap()[3], 16, "{of}");
        assert_eq!(base_files(&stage).len(), 1, "{of}");
    });
}

#[test]
fn a_push_that_touched_nothing_leaves_the_base_where_it_was() {
    let stage = stage();
    let before = base_files(&stage);
    let mut push = stage.push(UPSERT);
    let told = crate::support::run(push.env("QOBRA_API_KEY", "another"));
    assert_eq!(told.code(), Some(4), "{told}");
    assert_eq!(base_files(&stage), before);
    assert_eq!(claim(&stage, "last.csv"), Some([5, 2, 2, 16]));
}

#[test]
fn a_full_disk_takes_the_base_and_nothing_else() {
    for failure in [
        "base-write:1+",
        "base-write:2",
        "base-rename:2",
        "base-sync:1+",
    ] {
        let stage = stage();
        let told = with(&stage, UPSERT, "QOBRA_PUSH_TEST_FAIL", failure);
        assert_eq!(told.code(), Some(0), "{failure}: {told}");
        assert!(told.stderr.contains("warning: "), "{failure}: {told}");
        // It is not there, and nobody says of half of it that it is damaged.
        assert!(!told.stderr.contains("damaged"), "{failure}: {told}");
        assert_eq!(claim(&stage, "last.csv"), None, "{failure}: {told}");
        ends(&stage, "last.csv -t deals --all", 0);
        assert_eq!(claim(&stage, "last.csv"), Some([0, 0, 0, 23]), "{failure}");
        assert_eq!(base_files(&stage).len(), 1, "{failure}");
    }
}

#[test]
fn what_is_lost_or_damaged_is_never_compared_with() {
    let spoil = |path: &Path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    let reason = |stage: &Stage| {
        assert_eq!(claim(stage, "last.csv"), None);
        ends(stage, "last.csv -t deals --all --dry-run", 0).stderr
    };
    let damaged = stage();
    spoil(&base_files(&damaged)[0]);
    assert!(
        reason(&damaged).contains("it is damaged: "),
        "{}",
        reason(&damaged)
    );
    let gone = stage();
    fs::remove_file(&base_files(&gone)[0]).unwrap();
    let words = "may have changed the table and left no base";
    assert!(reason(&gone).contains(words), "{}", reason(&gone));
    let key = stage();
    let path = key.folder().path().join("state/base.key");
    fs::write(&path, [1; 32]).unwrap();
    assert!(
        reason(&key).contains("another base.key"),
        "{}",
        reason(&key)
    );
    fs::write(&path, [1; 31]).unwrap();
    assert!(
        reason(&key).contains("does not have 32 bytes"),
        "{}",
        reason(&key)
    );
    fs::remove_file(&path).unwrap();
    assert!(
        reason(&key).contains("no base.key that can be read"),
        "{}",
        reason(&key)
    );
    // The journal of a later run: what that one did is not known any more.
    let journal = stage();
    ends(&journal, UPSERT, 0);
    fs::remove_file(runs(&journal)[1].join("journal.jsonl")).unwrap();
    assert_eq!(claim(&journal, "last.csv"), None);
}

#[test]
fn a_table_that_was_emptied_is_known_to_be_empty() {
    let stage = stage().file("empty.csv", "id,name,amount\n");
    ends(
        &stage,
        "empty.csv -t deals --all --allow-empty --max-hollow 100%",
        0,
    );
    assert_eq!(claim(&stage, "last.csv"), Some([23, 0, 0, 0]));
}

/// A service that reads amounts as numbers, two of which are none.
fn rejecting() -> Stage {
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
    };
    let mut bad = deals(1..=20, "50");
    bad.extend([(4, "four".to_owned()), (9, "nine".to_owned())]);
    Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    })
    .file("good.csv", csv(&deals(1..=20, "50")))
    .file("bad.csv", csv(&bad))
    .file("next.csv", csv(&deals(30..=31, "50")))
}

#[test]
fn rejected_records_leave_the_base_whenever_they_are_learned_of() {
    let waited = rejecting();
    ends(&waited, "bad.csv -t deals --all --wait", 7);
    assert_eq!(claim(&waited, "bad.csv"), Some([2, 0, 0, 18]));
    // What is known already changes nothing.
    ends(&waited, "status -t deals", 7);
    assert_eq!(claim(&waited, "bad.csv"), Some([2, 0, 0, 18]));

    let later = rejecting();
    ends(&later, "bad.csv -t deals --all", 0);
    assert_eq!(claim(&later, "bad.csv"), Some([0, 0, 0, 20]));
    ends(&later, "status -t deals --wait", 7);
    assert_eq!(claim(&later, "bad.csv"), Some([2, 0, 0, 18]));
    assert_eq!(base_files(&later).len(), 1);
}

#[test]
fn an_upserts_rejected_records_stay_as_they_were() {
    let waited = rejecting();
    ends(&waited, "good.csv -t deals --all --wait", 0);
    ends(&waited, "bad.csv -t deals --wait", 7);
    assert_eq!(claim(&waited, "good.csv"), Some([0, 0, 0, 20]));
    assert_eq!(claim(&waited, "bad.csv"), Some([0, 2, 0, 18]));

    let later = rejecting();
    ends(&later, "good.csv -t deals --all --wait", 0);
    ends(&later, "bad.csv -t deals", 0);
    assert_eq!(claim(&later, "bad.csv"), Some([0, 0, 0, 20]));
    assert_eq!(
        base_files(&later).len(),
        3,
        "what the base was made of stays"
    );
    ends(&later, "status -t deals --wait", 7);
    assert_eq!(claim(&later, "good.csv"), Some([0, 0, 0, 20]));
    assert_eq!(claim(&later, "bad.csv"), Some([0, 2, 0, 18]));
    assert_eq!(base_files(&later).len(), 1);

    // Where another run came in between, nobody knows what those records were before.
    let between = rejecting();
    ends(&between, "good.csv -t deals --all --wait", 0);
    ends(&between, "bad.csv -t deals", 0);
    let first = runs(&between).pop().unwrap();
    ends(&between, "next.csv -t deals", 0);
    assert!(
        base_files(&between)
            .iter()
            .all(|file| !file.starts_with(&first))
    );
    let journal = fs::read_to_string(first.join("journal.jsonl")).unwrap();
    let import = journal.split("\"import_id\":\"").nth(1).unwrap();
    let import = import.split('"').next().unwrap();
    ends(&between, &format!("status {import} --wait"), 7);
    assert_eq!(claim(&between, "good.csv"), None);
    assert_eq!(base_files(&between), Vec::<PathBuf>::new());
}
