//! Percent columns have the sign in all of their cells or in none.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::stage::{OLD, Stage, ids};
use crate::support::run;

const CSV: &[u8] = include_bytes!("../../data/cases/percent-mixed.csv");
const SHEET: &[u8] = include_bytes!("../../data/cases/percent-mixed.xlsx");

const MAPPING: &str =
    "table = \"deals\"\n[fields]\nid = \"id\"\nrate = { column = \"rate\", type = \"percent\" }\n";

/// Rates of the records that were pushed, or the exit code and what was said.
fn rates(files: &[(&str, &str)], line: &str) -> Result<Vec<String>, String> {
    let stage = (files.iter()).fold(Stage::behind(), |stage, (name, text)| {
        stage.file(name, text)
    });
    let told = run(&mut stage.push(line));
    if told.code() != Some(0) {
        assert!(stage.requests().is_empty(), "{told}");
        return Err(stage.tidy(&told));
    }
    let mut records = stage.settled().records;
    records.retain(|(id, _)| !OLD.contains(&id.as_str()));
    Ok(records.into_iter().map(|(_, json)| json).collect())
}

#[test]
fn a_mix_is_refused_and_both_places_are_named() {
    let fraction = MAPPING.replace("\"percent\"", "\"percent\", fraction = true");
    let stage = Stage::unused()
        .file("percent-mixed.csv", CSV)
        .file("percent-mixed.xlsx", SHEET)
        .file("values.csv", "id,rate\n1,0.5\n2,\n3,0\n4,12 %\n")
        .file("twin.csv", "id,rate\n1,0.5\n2,\n3,0\n4,12 %\n")
        .file(
            "page.json",
            "[{\"id\":1,\"rate\":0.5},{\"id\":2,\"rate\":\"50%\"}]",
        )
        .file(
            "lines.ndjson",
            "{\"id\":1,\"rate\":null}\n{\"id\":2,\"rate\":\"5%\"}\n{\"id\":3,\"rate\":5}\n",
        )
        .file("m.toml", MAPPING)
        .file("share.toml", fraction);
    let mut all = String::new();
    for line in [
        "percent-mixed.csv -m m.toml",
        "percent-mixed.csv -m share.toml --all --debounce 900",
        "percent-mixed.xlsx -m m.toml",
        "values.csv -m m.toml --dry-run",
        "page.json -m m.toml",
        "lines.ndjson -m m.toml",
        "values.csv twin.csv -m m.toml --max-errors 100%",
    ] {
        let told = stage.tidy(&run(&mut stage.push(line)));
        writeln!(all, "$ {line}\n{told}").unwrap();
    }
    assert_snapshot!(all);
}

#[test]
fn zeros_empty_cells_and_listed_ones_are_no_mix() {
    let with = "id,rate\n1,12.5%\n2,0\n3,0.00\n4,\n5,-7 %\n6,0%\n7,n/a\n";
    let without = "id,rate\n1,12.5\n2,0\n3,-0\n4,\n5,7\n6,n/a\n";
    let mapping = MAPPING.replace(" }", ", values = { \"n/a\" = \"1\" } }");
    for (csv, rates_of) in [
        (with, &["12.5", "0", "0.00", "null", "-7", "0", "1"][..]),
        (without, &["12.5", "0", "-0", "null", "7", "1"]),
    ] {
        let found = rates(
            &[("data.csv", csv), ("m.toml", &mapping)],
            "data.csv -m m.toml",
        );
        let wanted: Vec<_> = (1..)
            .zip(rates_of)
            .map(|(id, rate)| format!("{{\"id\":\"{id}\",\"rate\":{rate}}}"))
            .collect();
        assert_eq!(found, Ok(wanted));
    }
}

#[test]
fn a_cell_of_a_record_that_is_left_out_makes_no_mix() {
    let csv = "id,rate\n1,12.5%\n,0.5\n2,7%\n";
    let stage = Stage::new().file("data.csv", csv).file("m.toml", MAPPING);
    let told = run(&mut stage.push("data.csv -m m.toml --max-errors 1"));
    assert_eq!(told.code(), Some(7), "{told}");
    assert_eq!(ids(&stage.settled()), ["old-1", "old-2", "1", "2"]);
}

/// Many blocks, so that several workers see the column: the first places are those of the input, in
/// whatever order the blocks were looked at.
#[test]
fn the_first_places_are_told_whoever_saw_them() {
    let mut first = String::from("id,rate\n");
    for id in 0..60_000 {
        let sign = if id % 7_000 == 6_999 { "%" } else { "" };
        writeln!(first, "{id},1.25{sign}").unwrap();
    }
    let second = "id,rate\nlast,1.25%\n";
    let files = [
        ("a.csv", first.as_str()),
        ("b.csv", second),
        ("m.toml", MAPPING),
    ];
    let told = rates(&files, "a.csv b.csv -m m.toml").unwrap_err();
    let wanted = "error: column rate has a % sign at a.csv, line 7001, and none at a.csv, line 2; nothing was sent";
    assert!(told.contains(wanted), "{told}");
    let told = rates(&files, "b.csv a.csv -m m.toml").unwrap_err();
    let wanted =
        "column rate has a % sign at b.csv, line 2, and none at a.csv, line 2; nothing was sent";
    assert!(told.contains(wanted), "{told}");
}
