use std::fs;

use super::{CHUNKS, RECORDS, REPLACE, id, nth, other, pushed};
use crate::rig::{READINGS, done, each, ends, posts, runs, service, sorted, with};
use crate::stage::{Stage, deals};
use crate::support::receipt;

/// A flipped bit anywhere, and a file that was cut: nothing is sent, and the run is named.
#[test]
fn damaged_records_are_never_sent() {
    let csv = format!("{}{}", deals(200), "201,\"a \"\"b\"\"\",\n");
    let stage = Stage::new();
    pushed(&stage, &csv, CHUNKS);
    let held = pushed(&stage, &other(), &format!("{REPLACE} --max-shrink 100%"));
    let (run, posts) = (nth(&stage, 0), stage.posts().len());
    for name in ["kept.ndjson.zst", "kept.json"] {
        let good = fs::read(run.join(name)).unwrap();
        let flipped = (0..good.len())
            .step_by(37)
            .chain([good.len() - 1])
            .map(|at| {
                let mut bad = good.clone();
                bad[at] ^= 1 << (at % 8);
                (format!("{name}, byte {at}"), bad)
            });
        let cut = [0, 1, good.len() / 2, good.len() - 1]
            .map(|end| (format!("{name}, cut at {end}"), good[..end].to_vec()));
        let longer = ("longer".to_owned(), [&good[..], b"\n"].concat());
        for (of, bad) in flipped.chain(cut).chain([longer]) {
            fs::write(run.join(name), bad).unwrap();
            for line in [
                "rollback -t deals --chunk-seconds 0.01",
                "rollback -t deals -n --chunk-seconds 0.01",
            ] {
                let told = ends(&stage, line, 3);
                assert!(told.stderr.contains(&id(&stage, 0)), "{of}: {told}");
                assert!(told.stderr.contains("nothing was sent"), "{of}: {told}");
            }
        }
        fs::write(run.join(name), good).unwrap();
    }
    // Programs are told the same.
    let path = run.join("kept.ndjson.zst");
    let good = fs::read(&path).unwrap();
    fs::write(&path, &good[1..]).unwrap();
    let told = receipt(&done(&stage, "rollback -t deals --output json"), 3);
    assert_eq!(told["rollback_of"], id(&stage, 0));
    assert_eq!(told["table_state"], "untouched");
    fs::write(&path, good).unwrap();
    assert_eq!(stage.posts().len(), posts);
    assert_eq!(runs(&stage).len(), 2);
    assert_eq!(sorted(&stage.settled()), sorted(&held));
    ends(&stage, "rollback -t deals --chunk-seconds 0.01", 0);
}

/// Without either file there is no way back.
#[test]
fn half_of_it_is_nothing() {
    each(vec!["kept.ndjson.zst", "kept.json"], |name| {
        let stage = Stage::new();
        pushed(&stage, &deals(RECORDS), REPLACE);
        pushed(&stage, &other(), REPLACE);
        fs::remove_file(nth(&stage, 0).join(name)).unwrap();
        let told = ends(&stage, "rollback -t deals", 2);
        assert!(
            told.stderr.contains("there is nothing to go back to"),
            "{told}"
        );
    });
}

/// A disk that fails at any moment: refused before the first request, or carried through.
#[test]
fn a_full_disk_leaves_the_table_as_it_is_or_takes_it_back() {
    let mut all = Vec::new();
    for operation in [
        "write",
        "sync",
        "torn",
        "rename",
        "base-write",
        "base-rename",
    ] {
        all.extend((1..=22).map(|n| format!("{operation}:{n}")));
        all.extend((1..=22).step_by(4).map(|n| format!("{operation}:{n}+")));
    }
    each(all, |failure| {
        let stage = service(READINGS[0], "");
        let before = pushed(&stage, &deals(RECORDS), CHUNKS);
        let held = pushed(&stage, &other(), REPLACE);
        let (line, sent) = (
            "rollback -t deals --chunk-seconds 0.05",
            posts(&stage).len(),
        );
        let told = with(&stage, line, "QOBRA_PUSH_TEST_FAIL", &failure);
        let of = format!("{failure}: {told}");
        if posts(&stage).len() == sent {
            assert_eq!(told.code(), Some(2), "{of}");
            assert_eq!(sorted(&stage.settled()), sorted(&held), "{of}");
            ends(&stage, line, 0);
        }
        let resumed = done(&stage, "resume");
        assert_eq!(resumed.code(), Some(0), "{of} {resumed}");
        assert_eq!(sorted(&stage.settled()), sorted(&before), "{of}");
    });
}
