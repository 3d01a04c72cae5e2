//! One table and several machines: who is told what.

use serde_json::Value;

use crate::rig::{REPLACE, UPSERT, done, ends, journal, runs};
use crate::stage::{Stage, deals};

/// Makes the newest run one of another machine, or of none.
fn on(stage: &Stage, host: Option<&str>) {
    let path = journal(runs(stage).last().unwrap());
    let text = std::fs::read_to_string(&path).unwrap();
    let (plan, rest) = text.split_once('\n').unwrap();
    let mut plan: Value = serde_json::from_str(plan).unwrap();
    let fields = plan.as_object_mut().unwrap();
    assert!(fields.remove("host").is_some(), "{fields:?}");
    if let Some(host) = host {
        fields.insert("host".to_owned(), host.into());
    }
    std::fs::write(&path, format!("{plan}\n{rest}")).unwrap();
}

/// Pushes on this machine. Whether it was told of another one.
fn push(stage: &Stage, line: &str) -> bool {
    let told = ends(stage, line, 0);
    let count = told.stderr.matches("is not merged").count();
    assert!(count <= 1, "{told}");
    count == 1
}

fn stage() -> Stage {
    Stage::new().file("deals.csv", deals(12))
}

#[test]
fn machines_that_take_turns_are_told() {
    let stage = stage();
    assert!(!push(&stage, UPSERT));
    assert!(!push(&stage, UPSERT));
    on(&stage, Some("other\u{1b}"));
    let told = ends(&stage, UPSERT, 0);
    let words = "of host `other\\u{1b}` pushed to this table since this one, `";
    assert!(told.stderr.contains(words), "{told}");
    assert!(
        told.stderr.contains("hint: push a table from one machine."),
        "{told}"
    );
    // Once it was this one's turn again there is nothing new to say.
    assert!(!push(&stage, UPSERT));
    on(&stage, Some("other"));
    assert!(push(&stage, UPSERT));
    // A replace and a run that is taken up again are pushes too.
    on(&stage, Some("other"));
    assert!(push(&stage, REPLACE));
}

/// A job in containers has a new name each night, and one folder.
#[test]
fn names_that_never_come_back_are_one_machine() {
    let stage = stage();
    for night in 0..4 {
        assert!(!push(&stage, UPSERT), "{night}");
        on(&stage, Some(&format!("job-28391-x7k{night}p")));
    }
    // Nor is one that moved, nor runs of versions that did not write it down.
    assert!(!push(&stage, UPSERT));
    on(&stage, None);
    assert!(!push(&stage, UPSERT));
}

/// What did not touch the table is nothing to be merged.
#[test]
fn a_run_that_was_refused_does_not_count() {
    let stage = Stage::with_faults("401@4").file("deals.csv", deals(12));
    assert!(!push(&stage, UPSERT));
    ends(&stage, UPSERT, 4);
    on(&stage, Some("other"));
    assert!(!push(&stage, UPSERT));
}

#[test]
fn runs_shows_the_hosts_where_there_are_several() {
    let stage = stage();
    assert!(!push(&stage, UPSERT));
    let listed = done(&stage, "runs").stdout;
    assert!(!listed.contains("  host "), "{listed}");
    on(&stage, Some("export-1"));
    assert!(!push(&stage, UPSERT));
    on(&stage, Some("export-2"));
    assert!(!push(&stage, UPSERT));
    on(&stage, None);
    let listed = done(&stage, "runs").stdout;
    let lines: Vec<_> = listed.lines().collect();
    assert!(lines[0].ends_with("  host export-1"), "{listed}");
    assert!(lines[1].ends_with("  host export-2"), "{listed}");
    assert!(!lines[2].contains("  host "), "{listed}");
    let document: Value = serde_json::from_str(&done(&stage, "runs --output json").stdout).unwrap();
    let hosts: Vec<_> = (0..3)
        .map(|n| document["runs"][n]["host"].clone())
        .collect();
    assert_eq!(hosts, ["export-1".into(), "export-2".into(), Value::Null]);
}
