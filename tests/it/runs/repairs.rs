//! `runs` shows the table's word, and that a gap was repaired once the corrected rejects were pushed
//! clean: all of them, from that very file.

use std::fs;

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};
use serde_json::Value;

use crate::rig::{done, folder_name, runs};
use crate::stage::{Stage, deals, numbers, options, sorted_ids};

/// A service that reads amounts as numbers, and an export in which two are none and one record is
/// short.
fn stage() -> Stage {
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
    };
    let csv = deals(6).replace("2.50", "two").replace("5.50", "five") + "7,short\n";
    Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    })
    .file("deals.csv", csv)
}

const FIRST: &str = "deals.csv -t deals --all --max-errors 1";

/// The line of the n-th run, without its id and its imports.
fn row(stage: &Stage, n: usize) -> String {
    let listed = done(stage, "runs").stdout;
    let line = listed.lines().nth(n).unwrap();
    let ids: Vec<_> = runs(stage).iter().map(|run| folder_name(run)).collect();
    let line = line.split("  import ").next().unwrap();
    let words = ids
        .iter()
        .enumerate()
        .fold(line.to_owned(), |line, (n, id)| {
            line.replace(id, &format!("RUN{n}"))
        });
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn push(stage: &Stage, line: &str, code: i32) {
    let told = done(stage, line);
    assert_eq!(told.code(), Some(code), "{line}: {told}");
}

/// Changes a file in the stage's folder, or an absolute one.
fn change(stage: &Stage, path: &str, changes: &[(&str, &str)]) {
    let path = stage.folder().path().join(path);
    let mut text = fs::read_to_string(&path).unwrap();
    for (from, to) in changes {
        assert!(text.contains(from), "{from} in {text}");
        text = text.replace(from, to);
    }
    fs::write(path, text).unwrap();
}

/// A short record gets the field that it lacks, and loses the note behind it.
const WHOLE: (&str, &str) = (
    "7,short,,deals.csv,8,,has 2 fields where the header has 3,\"(1 field is missing: complete the \
     record, then delete this one)\"",
    "7,Deal 7,7.50,,,,",
);

#[test]
fn rejects_pushed_clean_repair_the_run_that_left_them() {
    let stage = stage();
    push(&stage, &format!("{FIRST} --wait"), 7);
    let gaps = "RUN0 done gaps deals replace 6 of 6 records accepted, 3 rejected";
    assert_eq!(row(&stage, 0), gaps);
    let rejects = runs(&stage)[0].join("rejects.csv").display().to_string();

    // A part of them, and others in their stead, repair nothing.
    stage.folder().write("other.csv", deals(3));
    push(&stage, "other.csv -t deals --wait", 0);
    assert_eq!(row(&stage, 0), gaps);
    change(
        &stage,
        &rejects,
        &[WHOLE, (",two,", ",2.50,"), (",five,", ",5.50,")],
    );
    let all = fs::read_to_string(&rejects).unwrap();
    let some: Vec<_> = all.lines().take(3).collect();
    fs::write(&rejects, some.join("\n") + "\n").unwrap();
    push(&stage, &format!("{rejects} -t deals --wait"), 0);
    assert_eq!(row(&stage, 0), gaps);
    fs::write(&rejects, all).unwrap();

    push(&stage, &format!("{rejects} -t deals"), 0);
    assert_eq!(
        row(&stage, 0),
        format!("{gaps} repaired by RUN3 once its imports have run")
    );
    push(&stage, "status --wait", 0);
    assert_eq!(row(&stage, 0), format!("{gaps} repaired by RUN3"));
    assert_eq!(
        row(&stage, 3),
        "RUN3 done updated deals upsert 3 of 3 records accepted"
    );
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=7));

    let listed = done(&stage, "runs --output json").stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let first = &listed["runs"][0];
    assert_eq!(
        first["repaired_by"],
        folder_name(&runs(&stage)[3]),
        "{first}"
    );
    assert_eq!(
        (&first["table_state"], &first["rejected"]),
        (&"gaps".into(), &3.into())
    );
    assert_eq!(listed["runs"][3]["repaired_by"], Value::Null);
}

/// Rejects of rejects: the last push that leaves none repairs them all. Where they go may be named.
#[test]
fn a_repair_may_take_several_pushes() {
    let stage = stage();
    push(&stage, &format!("{FIRST} --rejects one.csv --wait"), 7);
    change(&stage, "one.csv", &[WHOLE, (",two,", ",2.50,")]);
    push(&stage, "one.csv -t deals --wait --rejects two.csv", 7);
    assert!(!row(&stage, 0).contains("repaired"), "{}", row(&stage, 0));
    change(&stage, "two.csv", &[(",five,", ",5.50,")]);
    push(&stage, "two.csv -t deals --wait", 0);
    let ends = [0, 1].map(|n| row(&stage, n).ends_with(" repaired by RUN2"));
    assert_eq!(ends, [true, true], "{}", done(&stage, "runs"));
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=7));
}

/// What `status` learns of the service's rejects counts as what the push itself would have learned.
#[test]
fn rejects_that_are_seen_later_are_part_of_the_gap() {
    let stage = stage();
    push(&stage, FIRST, 7);
    let only_ours = "RUN0 done gaps deals replace 6 of 6 records accepted, 1 rejected";
    assert_eq!(row(&stage, 0), only_ours);
    let rejects = runs(&stage)[0].join("rejects.csv").display().to_string();
    change(&stage, &rejects, &[WHOLE]);
    push(&stage, &format!("{rejects} -t deals --wait"), 0);
    assert!(row(&stage, 0).contains(" repaired by RUN1"));
    // The imports of the first run were not looked at until now.
    let listed = done(&stage, "runs --output json").stdout;
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let id = listed["runs"][0]["imports"][0].as_str().unwrap();
    push(&stage, &format!("status {id}"), 7);
    let all = "RUN0 done gaps deals replace 6 of 6 records accepted, 3 rejected";
    assert_eq!(row(&stage, 0), all);
    change(
        &stage,
        &rejects,
        &[(",two,", ",2.50,"), (",five,", ",5.50,")],
    );
    push(&stage, &format!("{rejects} -t deals --wait"), 0);
    assert_eq!(row(&stage, 0), format!("{all} repaired by RUN2"));
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=7));
}
