//! Contents that a push left by sending what differed (`--changed`).

use super::{BACK, CHUNKS, RECORDS, id, nth, pushed};
use crate::rig::{ends, sorted};
use crate::stage::{Stage, deals};

/// Other names for some records.
fn renamed(csv: &str, numbers: &[u64]) -> String {
    let lines = csv.lines().enumerate().map(|(at, line)| {
        let name = match numbers.contains(&(at as u64)) {
            true => line.replacen("Deal", "New deal", 1),
            false => line.to_owned(),
        };
        name + "\n"
    });
    lines.collect()
}

/// What stands in the table counts, not what was sent of it: the whole input is kept.
#[test]
fn a_content_that_came_by_what_differed_is_whole() {
    let gentle = format!("{CHUNKS} --changed");
    let stage = Stage::new();
    let first = pushed(&stage, &deals(RECORDS), CHUNKS);
    let second = pushed(&stage, &renamed(&deals(RECORDS), &[2, 17]), &gentle);
    let third = pushed(&stage, &renamed(&deals(RECORDS), &[3]), &gentle);
    assert_eq!(third.deletes, first.deletes, "both came as upserts");
    for n in 0..3 {
        assert!(nth(&stage, n).join("kept.json").exists(), "run {n}");
    }
    // Nothing came since that is not in a kept content, and the window is the one of all records.
    let told = ends(&stage, BACK, 0);
    let said = format!("back to the 23 records of run {} of ", id(&stage, 1));
    assert!(told.stderr.contains(&said), "{told}");
    assert_eq!(sorted(&stage.settled()), sorted(&second));
    let told = ends(&stage, BACK, 0);
    assert!(told.stderr.contains(&id(&stage, 0)), "{told}");
    assert_eq!(sorted(&stage.settled()), sorted(&first));
    // A replace may shrink by half of what the table has, not of what was sent last.
    let csv = deals(RECORDS / 2 - 1);
    stage.folder().write("deals.csv", csv);
    let told = ends(&stage, CHUNKS, 3);
    assert!(told.stderr.contains("23"), "{told}");
}
