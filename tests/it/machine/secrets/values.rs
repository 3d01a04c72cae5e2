//! What people are paid is nobody's business who reads a log, a journal or a receipt.

use std::fs;
use std::path::Path;

use crate::rig::{done, each};
use crate::stage::{Stage, deals};
use crate::support::Told;

/// Stands in every record, and in no message of the program.
const VALUE: &str = "Hushed";

/// The files below a folder that hold the value, and how many there are in all.
fn holders(folder: &Path) -> (Vec<String>, usize) {
    let (mut found, mut all) = (Vec::new(), 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            let (more, count) = holders(&path);
            found.extend(more);
            all += count;
            continue;
        }
        all += 1;
        let content = fs::read(&path).unwrap();
        if memchr::memmem::find(&content, VALUE.as_bytes()).is_some() {
            found.push(path.display().to_string());
        }
    }
    (found, all)
}

fn is_silent(stage: &Stage, told: &Told, code: i32) {
    assert_eq!(told.code(), Some(code), "{told}");
    assert!(!told.to_string().contains(VALUE), "{told}");
    let (found, all) = holders(&stage.folder().path().join("state"));
    assert_eq!(found, Vec::<String>::new(), "{told}");
    assert!(all >= 3, "lock, journal and receipt");
}

#[test]
fn no_record_value_is_told_or_kept() {
    let cases = [("500@1", 0), ("reset@1,413@2,401@4", 6), ("count:1@2", 6)];
    let lines = ["-vvv", "--all --debounce 900 -v --output json"];
    let all = cases.map(|case| lines.map(|line| (case, line)));
    each(all.concat(), |((faults, code), line)| {
        let csv = deals(30).replace("Deal", VALUE);
        let stage = Stage::with_faults(faults).file("data.csv", csv);
        let line = format!("data.csv -t deals --chunk-size 10 --jobs 1 {line}");
        is_silent(&stage, &done(&stage, &line), code);
        is_silent(&stage, &done(&stage, "resume -vvv"), 0);
    });
}
