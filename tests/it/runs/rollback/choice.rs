use std::fs;

use super::{CHUNKS, RECORDS, REPLACE, id, nth, other, pushed};
use crate::rig::{done, ends, folder_name, sorted};
use crate::stage::{Stage, deals, deals_from};

/// Two contents stay.
const KEEP_TWO: &str = "deals.csv -t deals --all --keep 2";

#[test]
fn without_kept_records_there_is_no_way_back() {
    let stage = Stage::new();
    pushed(&stage, &deals(RECORDS), "deals.csv -t deals --all");
    let told = ends(&stage, "rollback -t deals", 2);
    assert_eq!(
        stage.tidy(&told),
        "exit code 2\n--- stderr\n\
         error: there is nothing to go back to: no content is kept that this table held before what it holds now\n\
         hint: with --keep 2 each replace leaves a way back to what was there before it\n"
    );
    let told = ends(&stage, &format!("rollback -t deals {}", id(&stage, 0)), 2);
    assert!(told.stderr.contains("its records are not kept"), "{told}");
    let told = ends(&stage, "rollback -t deals 20200101T000000Z-0000", 2);
    assert!(
        told.stderr
            .contains("there is no run `20200101T000000Z-0000` of this table"),
        "{told}"
    );
    // What is there already is no way back.
    pushed(&stage, &other(), REPLACE);
    let told = ends(&stage, "rollback -t deals", 2);
    assert!(
        told.stderr.contains(&format!(
            "name one of those whose records are kept: {}",
            id(&stage, 1)
        )),
        "{told}"
    );
}

/// Back, and further back; never to what was left for that.
#[test]
fn back_is_what_was_there_before() {
    let stage = Stage::new();
    let files = [deals(10), deals(12), deals(14)];
    let held: Vec<_> = files
        .iter()
        .map(|csv| sorted(&pushed(&stage, csv, REPLACE)))
        .collect();
    let back = |line: &str, n: usize| {
        ends(&stage, line, 0);
        assert_eq!(sorted(&stage.settled()), held[n], "{line}");
    };
    back("rollback -t deals", 1);
    back("rollback -t deals", 0);
    let told = ends(&stage, "rollback -t deals", 2);
    assert!(
        told.stderr.contains("there is nothing to go back to"),
        "{told}"
    );
    back(&format!("rollback -t deals {}", id(&stage, 2)), 2);
    back("rollback -t deals", 0);
    // A replace without kept records is a content too.
    pushed(&stage, &deals(8), "deals.csv -t deals --all");
    back("rollback -t deals", 0);
    // The content of a rollback is that of the run that it went back to.
    back(&format!("rollback -t deals {}", id(&stage, 3)), 1);
}

/// A content that was left by a rollback is not what was there before, and the one that it went to is as new
/// as that: two are kept, and the wrong one is not one of them.
#[test]
fn what_was_gone_back_to_is_what_was_there() {
    let stage = Stage::new();
    let good = sorted(&pushed(&stage, &deals(10), KEEP_TWO));
    pushed(&stage, &other(), KEEP_TWO);
    ends(&stage, "rollback -t deals", 0);
    assert_eq!(sorted(&stage.settled()), good);
    pushed(&stage, &deals(12), KEEP_TWO);
    assert!(!nth(&stage, 1).join("kept.json").exists());
    ends(&stage, "rollback -t deals", 0);
    assert_eq!(sorted(&stage.settled()), good);
    // Also where it does not come to its end.
    let stage = Stage::with_faults("400@5");
    let good = sorted(&pushed(&stage, &deals(10), KEEP_TWO));
    pushed(&stage, &other(), KEEP_TWO);
    ends(
        &stage,
        "rollback -t deals --chunk-size 4 --debounce 900 --chunk-seconds 0.05",
        6,
    );
    stage.settled();
    ends(&stage, "rollback -t deals", 0);
    assert_eq!(sorted(&stage.settled()), good);
}

/// The way back from a table that is not as it should be is the last good content, its own too.
#[test]
fn a_table_at_risk_goes_back_to_what_was_good() {
    let stage = Stage::with_faults("400@8");
    let before = pushed(&stage, &deals(RECORDS), CHUNKS);
    stage.folder().write("deals.csv", other());
    ends(&stage, &CHUNKS.replace("size 5", "size 3"), 6);
    stage.settled();
    assert_ne!(sorted(&stage.held()), sorted(&before));
    let told = done(&stage, "rollback -t deals --chunk-seconds 0.05");
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    // The old one is never taken up again.
    let told = done(&stage, "resume");
    assert_eq!(told.stderr, "nothing to resume\n");
    assert!(!nth(&stage, 1).join("input-0").exists());
}

#[test]
fn later_upserts_are_named_and_let_go_only_on_purpose() {
    let stage = Stage::new();
    let before = pushed(&stage, &deals(10), REPLACE);
    pushed(&stage, &deals_from(50, 52), "deals.csv -t deals");
    pushed(&stage, &deals(12), REPLACE);
    // The upsert before the last replace went with it.
    ends(&stage, "rollback -t deals", 0);
    assert_eq!(sorted(&stage.settled()), sorted(&before));
    pushed(&stage, &deals_from(60, 62), "deals.csv -t deals");
    let held = pushed(&stage, &deals_from(70, 70), "deals.csv -t deals");
    let posts = stage.posts().len();
    let told = ends(&stage, "rollback -t deals", 3);
    let expected = format!(
        "would lose them:\n  run {} of TIME, an upsert of 3 records\n  run {} of TIME, an upsert of 1 record\n",
        id(&stage, 4),
        id(&stage, 5)
    );
    let times = regex::Regex::new(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC").unwrap();
    assert!(
        times.replace_all(&told.stderr, "TIME").contains(&expected),
        "{told}"
    );
    // Here the dry run says the same.
    let dry = ends(&stage, "rollback -t deals -n", 3);
    assert!(dry.stderr.contains("would lose them"), "{dry}");
    assert_eq!(stage.posts().len(), posts);
    assert_eq!(sorted(&stage.settled()), sorted(&held));
    let told = ends(&stage, "rollback -t deals --drop-later", 0);
    assert!(
        told.stderr.contains("what is not among them goes: run "),
        "{told}"
    );
    // Back to the content that the upserts came to, which is the one before.
    assert_eq!(sorted(&stage.settled()), sorted(&before));
}

/// Of another table, or another address.
#[test]
fn records_of_elsewhere_are_not_sent() {
    let stage = Stage::new();
    pushed(&stage, &deals(10), REPLACE);
    pushed(&stage, &deals(12), REPLACE);
    let [from, to] = [nth(&stage, 0), nth(&stage, 1)];
    for name in ["kept.json", "kept.ndjson.zst"] {
        fs::copy(to.join(name), from.join(name)).unwrap();
    }
    let told = ends(&stage, "rollback -t deals", 3);
    assert!(
        told.stderr
            .contains(&format!("it is of run {}", id(&stage, 1))),
        "{told}"
    );
    assert_eq!(stage.posts().len(), 2);
}

/// A run's folder that was copied to where another table's runs are, or another address's.
#[test]
fn records_of_another_table_are_not_sent() {
    let stage = Stage::new();
    pushed(&stage, &deals(10), REPLACE);
    pushed(&stage, &deals(12), REPLACE);
    let (run, name) = (nth(&stage, 0), id(&stage, 0));
    let service = run.ancestors().nth(3).unwrap();
    let other_service = folder_name(service).replace("127.0.0.1", "localhost");
    let address = stage.url().replace("127.0.0.1", "localhost");
    for (folder, line) in [
        (service.join("leads"), "rollback -t leads".to_owned()),
        (
            service.with_file_name(other_service).join("deals"),
            format!("rollback -t deals --base-url {address}"),
        ),
    ] {
        let copy = folder.join("runs").join(&name);
        fs::create_dir_all(&copy).unwrap();
        for file in ["journal.jsonl", "kept.json", "kept.ndjson.zst"] {
            fs::copy(run.join(file), copy.join(file)).unwrap();
        }
        let told = ends(&stage, &format!("{line} {name}"), 3);
        let of = format!("it is of table `deals` at {}", stage.url());
        assert!(told.stderr.contains(&of), "{told}");
    }
    assert_eq!(stage.posts().len(), 2);
}
