//! `--rejects FILE`: refused only where there is something to write, and named by run, table and day.

use std::fs;

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};
use serde_json::Value;

use crate::rig::{done, folder_name, runs};
use crate::stage::{Stage, deals, options, sorted_ids, table};
use crate::support::run;

const MINE: &str = "somebody's";

/// A service that reads amounts as numbers, and rejects the second of three.
fn strict() -> Stage {
    let spec = TableSpec {
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
        ..table("deals", "id")
    };
    let options = SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    };
    let csv = deals(3).replace("2.50", "two");
    Stage::of(options)
        .file("deals.csv", csv)
        .file("there.csv", MINE)
}

fn is_mine(stage: &Stage) {
    let path = stage.folder().path().join("there.csv");
    assert_eq!(fs::read_to_string(path).unwrap(), MINE);
}

#[test]
fn a_file_in_the_way_matters_only_where_there_is_something_to_write() {
    let stage = Stage::new()
        .file("deals.csv", deals(3))
        .file("there.csv", MINE);
    for line in ["--dry-run", "", "--sandbox"] {
        let line = format!("deals.csv -t deals --rejects there.csv {line}");
        let told = done(&stage, &line);
        assert_eq!(told.code(), Some(0), "{told}");
    }
    is_mine(&stage);
    let before = stage.posts().len();
    stage.folder().write("deals.csv", deals(3) + "4,short\n");
    for line in ["--dry-run", "", "--sandbox"] {
        let line = format!("deals.csv -t deals --max-errors 1 --rejects there.csv {line}");
        let told = done(&stage, &line);
        assert_eq!(told.code(), Some(2), "{told}");
        let why = "there.csv exists, and rejects never overwrite a file; nothing was sent";
        assert!(told.stderr.contains(why), "{told}");
    }
    assert_eq!(stage.posts().len(), before);
    is_mine(&stage);
}

/// A scheduler starts the same line again: what a push that touched nothing left must not refuse it.
#[test]
fn a_push_that_touched_nothing_leaves_no_file_in_the_way() {
    let stage = Stage::new().file("deals.csv", deals(3) + "4,short\n");
    let line = "deals.csv -t deals --max-errors 1 --rejects new.csv";
    let path = stage.folder().path().join("new.csv");
    let nobody = format!("{line} --base-url http://127.0.0.1:1 --connect-for 0");
    for (line, code) in [(nobody.as_str(), 5), (line, 7)] {
        let told = done(&stage, line);
        assert_eq!(told.code(), Some(code), "{told}");
        assert_eq!(path.exists(), code == 7, "{told}");
    }
    assert_eq!(done(&stage, line).code(), Some(2));
    let dash = done(&stage, "deals.csv -t deals --rejects -");
    assert_eq!(dash.code(), Some(2), "{dash}");
}

/// What the service rejects after all is kept in the run's folder, by the push or by `status`.
#[test]
fn what_the_service_rejects_is_kept_elsewhere() {
    for (wait, code) in [("--wait -q", 7), ("", 0)] {
        let stage = strict();
        let line = format!("deals.csv -t deals --rejects there.csv {wait}");
        let told = done(&stage, &line);
        assert_eq!(told.code(), Some(code), "{told}");
        if wait.is_empty() {
            assert_eq!(done(&stage, "status --wait").code(), Some(7));
        } else {
            let loud = "there.csv exists, and rejects never overwrite a file: the records that";
            assert!(told.stderr.contains(loud), "{told}");
        }
        is_mine(&stage);
        let kept = fs::read_to_string(runs(&stage)[0].join("rejects.csv")).unwrap();
        assert!(kept.contains(",two,"), "{kept}");
        let receipt = fs::read_to_string(runs(&stage)[0].join("receipt.json")).unwrap();
        let receipt: Value = serde_json::from_str(&receipt).unwrap();
        let kept = runs(&stage)[0].join("rejects.csv");
        assert_eq!(receipt["rejects"], kept.to_str().unwrap(), "{receipt}");
        assert_eq!(sorted_ids(&stage.held()), ["1", "3", "old-1", "old-2"]);
    }
}

/// A file that came there later is another run's: `status` adds nothing to it.
#[test]
fn another_runs_file_is_not_added_to() {
    let stage = strict();
    let folder = stage.folder().path();
    fs::remove_file(folder.join("there.csv")).unwrap();
    let told = done(&stage, "deals.csv -t deals --rejects there.csv");
    assert_eq!(told.code(), Some(0), "{told}");
    stage.folder().write("there.csv", MINE);
    assert_eq!(done(&stage, "status --wait").code(), Some(7));
    is_mine(&stage);
    assert!(runs(&stage)[0].join("rejects.csv").exists());
}

#[test]
fn the_name_tells_run_table_and_day() {
    let stage = Stage::new().file("deals.csv", deals(3) + "4,short\n");
    let line = "deals.csv -t deals --max-errors 1 --rejects {date}-{table}-{run}.csv";
    for n in [1, 2] {
        let told = run(&mut stage.push(line));
        assert_eq!(told.code(), Some(7), "{told}");
        let id = folder_name(runs(&stage).last().unwrap());
        let [year, month, day] = [&id[..4], &id[4..6], &id[6..8]];
        let name = format!("{year}-{month}-{day}-deals-{id}.csv");
        assert!(stage.folder().path().join(&name).exists(), "{name} {told}");
        assert!(told.stderr.contains(&name), "{told}");
        assert_eq!(runs(&stage).len(), n);
    }
    let before = stage.posts().len();
    let told = run(&mut stage.push("deals.csv -t deals --rejects {day}.csv"));
    assert_eq!(told.code(), Some(2), "{told}");
    assert!(told.stderr.contains("{run}, {table}"), "{told}");
    assert_eq!(stage.posts().len(), before);
}
