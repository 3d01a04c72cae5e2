//! What a mapping says of how its table is pushed; what is typed goes first.

use insta::assert_snapshot;
use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};

use crate::rig::{ends, said};
use crate::stage::{OLD, Stage, deals, ids, numbers, options, sorted_ids};

const MAPPING: &str = "table = 'deals'\nall = true\ndebounce = 900\nwait = true\n";

#[test]
fn a_mapping_replaces_its_table() {
    let stage = Stage::new()
        .file("data.csv", deals(7))
        .file("m.toml", MAPPING);
    // Nothing passes the time here: the wait ends by its limit.
    ends(
        &stage,
        "data.csv -m m.toml --wait --wait-timeout 0 --chunk-size 3",
        8,
    );
    let paths: Vec<_> = stage.posts().into_iter().map(|seen| seen.path).collect();
    let whole = "/v1/tables/deals/records/bulk?all=true&debounce=900";
    assert_eq!(paths, [whole, whole, whole]);
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=7));
}

#[test]
fn what_is_typed_goes_first() {
    let stage = Stage::new()
        .file("data.csv", deals(2))
        .file("m.toml", MAPPING);
    ends(&stage, "data.csv -m m.toml --all=false --wait=false", 0);
    let upsert = "/v1/tables/deals/records/bulk?all=false&debounce=0";
    assert_eq!(stage.posts()[0].path, upsert);
    stage.running.sandbox.settle();
    ends(&stage, "data.csv -m m.toml --debounce 60 --wait=false", 0);
    let last = stage.posts().pop().unwrap();
    assert_eq!(
        last.path,
        "/v1/tables/deals/records/bulk?all=true&debounce=60"
    );
}

#[test]
fn what_goes_with_a_replace_is_refused_without_one() {
    let stage = Stage::unused()
        .file("data.csv", deals(2))
        .file("m.toml", "table = 'deals'\ndebounce = 900\n");
    let lines = [
        "data.csv -m m.toml",
        "data.csv -t deals --keep 2",
        "data.csv -t deals --allow-empty",
        "data.csv -t deals --all --changed --keep-vanished",
    ];
    assert_snapshot!(lines.map(|line| said(&stage, line, 2)).concat());
    assert_eq!(ids(&stage.held()), OLD);
}

#[test]
fn corrected_rejects_of_such_a_table_never_replace_it() {
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: [("amount".to_owned(), ValueKind::Number)].into(),
    };
    let stage = Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    })
    .file("data.csv", "id,amount\n1,1\n2,many\n")
    .file("m.toml", "table = 'deals'\nall = true\n");
    let told = ends(&stage, "data.csv -m m.toml --wait", 7);
    let hint = told
        .stderr
        .lines()
        .find(|line| line.contains("correct the rejected"));
    assert!(hint.unwrap().contains(" --all=false"), "{told}");
}
