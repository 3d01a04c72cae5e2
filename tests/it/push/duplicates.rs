//! Ids that occur twice: refused, or one of them is sent as `--duplicates` says.

use insta::assert_snapshot;

use crate::rig::{ends, said};
use crate::stage::{Stage, deals, deals_from, numbers, sorted_ids};

const REPLACE: &str = "-t deals --all --debounce 900";

/// Two files in which ids 3 and 7 stand twice, once within a file and once across both.
fn doubled(stage: Stage) -> Stage {
    let first = "id,name\n1,a\n3,b\n7,c\n3,d\n";
    let second = "name,id\nd,8\n\"e\nf\",7\ng,9\n";
    stage.file("a.csv", first).file("b.csv", second)
}

#[test]
fn ids_that_occur_twice_are_an_error() {
    let stage = doubled(Stage::unused());
    let told = said(&stage, "a.csv b.csv -t deals", 3);
    assert_eq!(
        told.replace("a.csv b.csv -t", "-t"),
        said(&stage, &format!("a.csv b.csv {REPLACE}"), 3)
            .replace(&format!("a.csv b.csv {REPLACE}"), "-t deals"),
        "both modes alike"
    );
    assert_snapshot!(told);
}

#[test]
fn the_first_or_the_last_of_several_is_sent() {
    for (which, kept) in [
        ("first", [("3", "b"), ("7", "c")]),
        ("last", [("3", "d"), ("7", "e\nf")]),
    ] {
        let stage = doubled(Stage::new());
        let line = format!("a.csv b.csv {REPLACE} --duplicates {which} --chunk-size 2 --jobs 1");
        let told = ends(&stage, &line, 0);
        let counted = "7 records read: 2 left out because another one with the same id is sent\n";
        assert!(told.stderr.contains(counted), "{told}");
        let table = stage.settled();
        assert_eq!(sorted_ids(&table), ["1", "3", "7", "8", "9"], "{which}");
        for (id, name) in kept {
            let (_, json) = table.records.iter().find(|(key, _)| key == id).unwrap();
            let record: serde_json::Value = serde_json::from_str(json).unwrap();
            assert_eq!(record["name"], name, "{which}: {json}");
        }
    }
}

#[test]
fn chunks_of_which_nothing_is_left_are_not_sent() {
    let stage = Stage::new()
        .file("a.csv", deals(10))
        .file("b.csv", deals_from(1, 10));
    let line = format!("a.csv b.csv {REPLACE} --duplicates first --chunk-size 5 --jobs 1");
    ends(&stage, &line, 0);
    assert_eq!(stage.records(), [Some(5), Some(5)]);
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=10));
}

#[test]
fn a_dry_run_counts_the_bytes_of_what_is_sent() {
    let input = "id,name,x\n1,a,n\n2,b,5\n3,c,6\n2,d,7\n3,e,8\n4,f,\n";
    let mapping = "[fields]\nid = \"id\"\nname = \"name\"\n\
        x = { column = \"x\", type = \"number\" }\n";
    for (which, size) in [("first", 6), ("last", 6), ("first", 2), ("last", 2)] {
        let stage = Stage::new().file("k.csv", input).file("m.toml", mapping);
        let line = format!(
            "k.csv -t deals -m m.toml --max-errors 1 --duplicates {which} --chunk-size {size}"
        );
        let told = ends(&stage, &format!("{line} --dry-run --output json"), 0);
        let receipt: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        ends(&stage, &line, 7);
        let bodies: u64 = stage.posts().iter().filter_map(|post| post.bytes).sum();
        assert_eq!(receipt["dry_run"]["bytes"], bodies, "{which} {size}");
    }
}

#[test]
fn twenty_duplicates_are_shown_and_the_rest_counted() {
    let stage = Stage::unused()
        .file("a.csv", deals(30))
        .file("b.csv", deals_from(5, 29));
    let told = said(&stage, "a.csv b.csv -t deals", 3);
    assert_eq!(told.matches("stands already in").count(), 20);
    assert_snapshot!(told);
}

#[test]
fn ids_are_compared_as_they_are_sent() {
    let lines = "{\"id\": \"a\\u0062\"}\n{\"id\": \"ab\"}\n{\"id\": 7}\n{\"id\": \"7\"}\n";
    let stage = Stage::unused().file("a.ndjson", lines);
    assert_snapshot!(said(&stage, "a.ndjson -t deals", 3));
}
