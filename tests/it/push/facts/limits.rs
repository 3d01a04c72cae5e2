//! What a request may have.

use insta::assert_snapshot;
use qobra_push::{Facts, Most};
use serde_json::json;

use super::{know, known, service};
use crate::rig::{ends, said};
use crate::stage::{Stage, deals, numbers, sorted_ids};
use crate::support::Told;

/// A service that refuses requests of so many records.
fn refusing(records: u64) -> Stage {
    let refused = Some(records);
    service(Facts {
        records: Some(Most {
            taken: None,
            refused,
        }),
        ..Facts::default()
    })
    .file("deals.csv", deals(60))
}

/// How many requests were refused as too large.
fn too_large(stage: &Stage) -> usize {
    let posts = stage.posts();
    posts.iter().filter(|seen| seen.status == Some(413)).count()
}

/// The warnings of a push about what does not hold any more.
fn dropped(told: &Told) -> usize {
    told.stderr.matches("is not relied on any more").count()
}

#[test]
fn requests_are_cut_below_what_is_refused() {
    let mut all = String::new();
    for most in [
        json!({ "taken": 15, "refused": 20 }),
        json!({ "refused": 20 }),
    ] {
        for replace in ["", " --all --debounce 900"] {
            let stage = refusing(20);
            know(&stage, &json!({ "records": most }));
            let line = format!("deals.csv -t deals --chunk-size 30{replace}");
            all.push_str(&said(&stage, &line, 0));
            assert_eq!(too_large(&stage), 0);
            let size = most["taken"].as_u64().unwrap_or(10);
            assert!(stage.records().iter().all(|count| *count == Some(size)));
            assert_eq!(stage.new_ids().len(), 60);

            let stage = refusing(20);
            know(&stage, &json!({ "records": most }));
            let told = ends(&stage, &format!("{line} --no-facts"), 0);
            assert!(too_large(&stage) > 0, "{told}");
            assert_eq!(stage.new_ids().len(), 60);
        }
    }
    assert_snapshot!(all);
}

#[test]
fn bodies_are_cut_below_what_is_refused() {
    let refusing = || {
        let bytes = Some(Most {
            taken: Some(1_536),
            refused: Some(2_048),
        });
        service(Facts {
            bytes,
            ..Facts::default()
        })
        .file("deals.csv", deals(60))
    };
    let stage = refusing();
    know(
        &stage,
        &json!({ "bytes": { "taken": 1_536, "refused": 2_048 } }),
    );
    let told = ends(&stage, "deals.csv -t deals --all --debounce 900", 0);
    let note = "the service refuses requests of 2.0 KiB and more, as a probe found on 2026-11-20";
    assert!(told.stderr.contains(note), "{told}");
    assert_eq!(too_large(&stage), 0, "{told}");
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=60));

    let stage = refusing();
    ends(&stage, "deals.csv -t deals --all --debounce 900", 0);
    assert!(too_large(&stage) > 0);
}

#[test]
fn what_was_taken_and_is_refused_now_is_not_relied_on() {
    let stage = refusing(20);
    let facts = json!({
        "window": "last",
        "records": { "taken": 5_000 },
        "bytes": { "taken": 1_000_000 },
    });
    know(&stage, &facts);
    let before = known(&stage);
    // Neither used nor changed.
    let line = "deals.csv -t deals --chunk-size 30";
    let told = ends(&stage, &format!("{line} --no-facts"), 0);
    assert_eq!((dropped(&told), known(&stage)), (0, before), "{told}");

    let told = said(&stage, line, 0);
    assert_snapshot!(told);
    let now = known(&stage);
    assert_eq!(now["facts"], json!({ "window": "last" }));
    let names: Vec<_> = now["dropped"].as_array().unwrap().iter().collect();
    let names: Vec<_> = names.iter().map(|one| one["fact"].clone()).collect();
    assert_eq!(names, ["records", "bytes"]);
    // Said once.
    let told = ends(&stage, line, 0);
    assert_eq!(dropped(&told), 0, "{told}");
    assert_eq!(stage.new_ids().len(), 60);
}

/// A record of some 3 kB, and small ones before and behind it.
fn with_a_large_one() -> String {
    let large = "x".repeat(3_000);
    deals(9).replace("Deal 5,", &format!("{large},"))
}

#[test]
fn a_wrong_limit_makes_no_record_bad() {
    for most in [
        json!({ "taken": 1_000, "refused": 2_000 }),
        json!({ "refused": 2_000 }),
        json!({ "refused": 20 }),
        json!({ "taken": 1, "refused": 2 }),
    ] {
        for line in [
            "deals.csv -t deals",
            "deals.csv -t deals --max-body 8KiB",
            "deals.csv -t deals --all --debounce 900",
            "deals.csv -t deals --all --debounce 900 --max-errors 5",
        ] {
            let stage = service(Facts::default()).file("deals.csv", with_a_large_one());
            know(&stage, &json!({ "bytes": most }));
            let told = ends(&stage, line, 0);
            assert!(!told.stderr.contains("rejected"), "{told}");
            // The large one is alone, and what nobody takes for refused any more is dropped.
            assert!(stage.records().contains(&Some(1)), "{told}");
            assert_eq!(dropped(&told), 1, "{told}");
            let now = known(&stage);
            assert_eq!(now["facts"]["bytes"]["refused"], json!(null), "{now}");
            assert_eq!(now["dropped"][0]["fact"], "bytes.refused", "{now}");
            let mut ids = stage.new_ids();
            ids.sort();
            assert_eq!(ids, numbers(1..=9), "{line} {most}");
            // The next one is as if nothing had been known.
            let before = stage.posts().len();
            ends(&stage, line, 0);
            assert_eq!(stage.posts().len(), before + 1, "{line} {most}");
        }
    }
}

/// What a record may have at most is what was typed, with facts or without.
#[test]
fn a_record_beyond_what_was_typed_is_a_bad_one() {
    let stage = service(Facts::default()).never_used();
    let stage = stage.file("deals.csv", with_a_large_one());
    know(
        &stage,
        &json!({ "bytes": { "taken": 1_000, "refused": 2_000 } }),
    );
    for more in ["", " --no-facts"] {
        let line = format!("deals.csv -t deals --max-body 2KiB{more}");
        let told = ends(&stage, &line, 3);
        let why = "more than one request may hold (--max-body)";
        assert!(told.stderr.contains(why), "{told}");
    }
}

/// What a run was cut to is not what its rollback may send: its records were taken.
#[test]
fn a_wrong_limit_stands_in_no_rollbacks_way() {
    let stage = service(Facts::default()).file("deals.csv", with_a_large_one());
    let facts = json!({ "bytes": { "refused": 2_000 } });
    let line = "deals.csv -t deals --all --debounce 900 --keep 3";
    know(&stage, &facts);
    ends(&stage, line, 0);
    stage.settled();
    stage.folder().write("deals.csv", deals(9));
    ends(&stage, line, 0);
    stage.settled();
    know(&stage, &facts);
    let told = ends(&stage, "rollback -t deals", 0);
    assert_eq!(dropped(&told), 1, "{told}");
    assert!(
        stage
            .settled()
            .records
            .iter()
            .any(|(_, json)| json.len() > 3_000)
    );
}

/// One that is refused although it is alone is told as the one that is too large.
#[test]
fn a_limit_that_holds_refuses_a_record_alone() {
    let most = Most {
        taken: Some(1_000),
        refused: Some(2_000),
    };
    let facts = Facts {
        bytes: Some(most),
        ..Facts::default()
    };
    let stage = service(facts.clone()).file("deals.csv", with_a_large_one());
    know(&stage, &json!(facts));
    let told = said(&stage, "deals.csv -t deals --jobs 1", 6);
    assert!(
        told.contains("this one record is more than the service takes"),
        "{told}"
    );
    assert_eq!(
        (too_large(&stage), known(&stage)["facts"].clone()),
        (1, json!(facts))
    );
}
