use std::io::Write as _;

use super::{ALL, CHANGED, UPSERT, followed, holds, renamed, sends};
use crate::rig::{ends, killed_at, sorted};
use crate::stage::{Stage, deals, deals_from};
use crate::support::{receipt, run, workbook};

#[test]
fn several_files() {
    let stage = Stage::new()
        .file("a.csv", deals(20))
        .file("b.csv", deals_from(21, 40));
    let line = "a.csv b.csv -t deals --all";
    followed(&stage, line);
    stage.folder().write("a.csv", renamed(&deals(20), [20]));
    stage
        .folder()
        .write("b.csv", renamed(&deals_from(21, 41), [21, 39]));
    let (told, sent) = sends(&stage, &format!("{line} --changed --chunk-size 3"));
    assert_eq!(sent, [Some(3), Some(1)], "{told}");
    holds(&stage, &renamed(&deals(41), [20, 21, 39]));
}

#[test]
fn ndjson_and_json() {
    let records = |amount: u64| -> Vec<String> {
        let record = |n: u64| {
            format!(
                r#"{{"id":{n},"amount":{}}}"#,
                if n.is_multiple_of(7) { amount } else { n }
            )
        };
        (1..=30).map(record).collect()
    };
    for (name, before, after) in [
        (
            "deals.ndjson",
            records(1).join("\n"),
            records(2).join("\n\n"),
        ),
        (
            "deals.json",
            format!("{{\"items\":[{}]}}", records(1).join(",")),
            format!("[{}]", records(2).join(",\n")),
        ),
    ] {
        let stage = Stage::new().file(name, before);
        let line = format!("{name} -t deals --all");
        followed(&stage, &line);
        stage.folder().write(name, after);
        let (told, sent) = sends(&stage, &format!("{line} --changed"));
        assert_eq!(sent, [Some(4)], "{told}");
        let held = stage.settled();
        let twos = held
            .records
            .iter()
            .filter(|(_, json)| json.contains("\"amount\":2,"));
        assert_eq!(twos.count(), 5, "{held:?}");
        assert_eq!(held.records.len(), 30);
    }
}

fn gz(csv: &str) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gz.write_all(csv.as_bytes()).unwrap();
    gz.finish().unwrap()
}

#[test]
fn compressed_and_piped() {
    let stage = Stage::new().file("deals.csv.gz", gz(&deals(20)));
    followed(&stage, "deals.csv.gz -t deals --all");
    stage
        .folder()
        .write("deals.csv.gz", gz(&renamed(&deals(20), [7])));
    let (told, sent) = sends(&stage, "deals.csv.gz -t deals --all --changed");
    assert_eq!(sent, [Some(1)], "{told}");
    let told = run(stage
        .push("- -t deals --all --changed")
        .write_stdin(renamed(&deals(20), [8, 9])));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(stage.records().last(), Some(&Some(3)));
    holds(&stage, &renamed(&deals(20), [8, 9]));
}

/// What cannot be read where it stands is read again from its copy, file by file.
#[test]
fn copies_that_are_taken_up_again() {
    let stage = Stage::new()
        .file("a.csv.gz", gz(&deals(20)))
        .file("b.csv.gz", gz(&deals_from(21, 40)));
    let line = "a.csv.gz b.csv.gz -t deals --all";
    followed(&stage, line);
    let next = renamed(&deals(40), [1, 2, 19, 21, 30, 40]);
    let (a, b) = next.split_once("\n21,").unwrap();
    stage.folder().write("a.csv.gz", gz(&format!("{a}\n")));
    stage
        .folder()
        .write("b.csv.gz", gz(&format!("id,name,amount\n21,{b}")));
    let line = format!("{line} --changed --chunk-size 2 --jobs 1");
    assert!(killed_at(&stage, &line, "journal-answer-after:2"));
    for name in ["a.csv.gz", "b.csv.gz"] {
        std::fs::remove_file(stage.folder().path().join(name)).unwrap();
    }
    let before = stage.records().len();
    ends(&stage, "resume", 0);
    assert_eq!(stage.records().split_off(before), [Some(2)]);
    holds(&stage, &next);
}

#[test]
fn workbooks_and_other_text() {
    let rows = |name: &'static str| -> Vec<[&'static str; 2]> {
        vec![
            ["id", "name"],
            ["1", "a"],
            ["2", name],
            ["3", "c"],
            ["4", "d"],
        ]
    };
    let stage = Stage::new().file("deals.xlsx", workbook(&rows("b")));
    followed(&stage, "deals.xlsx -t deals --all");
    stage.folder().write("deals.xlsx", workbook(&rows("B")));
    let (told, sent) = sends(&stage, "deals.xlsx -t deals --all --changed");
    assert_eq!(sent, [Some(1)], "{told}");
    assert!(sorted(&stage.settled())[1].1.contains("\"B\""));

    // Cells of several lines, another delimiter, another encoding.
    let text = |name: &str| {
        let text =
            format!("id;name\r\n1;\"a\r\n2;x\"\r\n\r\n2;{name}\r\n3;\"\"\"\"\r\n4;\u{e9}\r\n");
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect::<Vec<_>>()
    };
    let stage = Stage::new().file("deals.csv", text("b"));
    let line = "deals.csv -t deals --all --encoding windows-1252";
    followed(&stage, line);
    stage.folder().write("deals.csv", text("\u{e8}"));
    let (told, sent) = sends(&stage, &format!("{line} --changed"));
    assert_eq!(sent, [Some(1)], "{told}");
    let held = sorted(&stage.settled());
    assert_eq!(held.len(), 4);
    assert_eq!(held[1].1, "{\"id\":\"2\",\"name\":\"\u{e8}\"}");
    assert_eq!(held[0].1, "{\"id\":\"1\",\"name\":\"a\\r\\n2;x\"}");
}

#[test]
fn ids_that_stand_twice() {
    let stage = Stage::new().file("deals.csv", deals(9));
    followed(&stage, ALL);
    let twice = format!("{}5,Twice,5.50\n2,Deal 2,2.50\n", deals(9));
    stage.folder().write("deals.csv", &twice);
    ends(&stage, CHANGED, 3);
    let told = ends(
        &stage,
        &format!("{CHANGED} --duplicates first --output json"),
        0,
    );
    let document = receipt(&told, 0);
    assert_eq!(document["counts"]["unchanged"], 9);
    assert_eq!(document["counts"]["duplicates_dropped"], 2);
    let (told, sent) = sends(&stage, &format!("{CHANGED} --duplicates last"));
    assert_eq!(sent, [Some(1)], "{told}");
    holds(&stage, &deals(9).replace("5,Deal 5,", "5,Twice,"));
}

/// Bad records are not in the table, or they vanish from it.
#[test]
fn bad_records() {
    let mapping =
        "[fields]\nid = 'id'\nname = 'name'\namount = { column = 'amount', type = 'number' }\n";
    let stage = Stage::new()
        .file("deals.toml", mapping)
        .file("deals.csv", deals(9).replace("7.50", "seven"));
    let line = "deals.csv -t deals --all -m deals.toml --max-errors 2";
    ends(&stage, line, 7);
    stage.settled();
    ends(&stage, "status", 7);
    // Nothing differs but what cannot be sent.
    let before = stage.requests().len();
    let told = ends(&stage, &format!("{line} --changed --output json"), 7);
    assert!(
        told.stderr
            .contains("is untouched; 1 record cannot be sent\n"),
        "{told}"
    );
    assert_eq!(receipt(&told, 7)["counts"]["unchanged"], 8);
    assert_eq!(stage.requests().len(), before);
    // One differs, and one is bad still.
    stage.folder().write(
        "deals.csv",
        renamed(&deals(9), [3]).replace("7.50", "seven"),
    );
    let told = ends(&stage, &format!("{line} --changed --output json"), 7);
    let counts = receipt(&told, 7)["counts"].clone();
    assert_eq!(
        (
            &counts["unchanged"],
            &counts["accepted"],
            &counts["rejected_locally"]
        ),
        (&7.into(), &1.into(), &1.into())
    );
    assert!(
        told.stderr
            .contains("it will hold only 8 records of the input"),
        "{told}"
    );
    stage.settled();
    ends(&stage, "status", 7);
    // One more is bad: it vanishes.
    stage.folder().write(
        "deals.csv",
        deals(9).replace("7.50", "seven").replace("8.50", "eight"),
    );
    let told = ends(&stage, &format!("{line} --changed"), 7);
    assert!(
        told.stderr
            .contains("the whole table is replaced: 1 record of the table is not in the input"),
        "{told}"
    );
    stage.settled();
    ends(&stage, "status", 7);
    stage.folder().write("deals.csv", deals(9));
    let (told, sent) = sends(&stage, &format!("{line} --changed"));
    assert_eq!(sent, [Some(2)], "{told}");
    assert_eq!(sorted(&stage.settled()).len(), 9);
}

/// A mapping that sends other bodies shows as changes of those fields.
#[test]
fn a_mapping_that_changed() {
    let mapping = |amount: &str| format!("[fields]\nid = 'id'\nname = 'name'\namount = {amount}\n");
    let stage = Stage::new()
        .file("deals.csv", deals(9))
        .file("deals.toml", mapping("'amount'"));
    followed(&stage, &format!("{ALL} -m deals.toml"));
    let (told, sent) = sends(
        &stage,
        &format!("{UPSERT} -m deals.toml --chunk-size 4").replace("--chunk-size 4", ""),
    );
    assert!(sent.is_empty(), "{told}");
    stage.folder().write(
        "deals.toml",
        mapping("{ column = 'amount', type = 'number' }"),
    );
    let (told, sent) = sends(&stage, &format!("{CHANGED} -m deals.toml"));
    assert_eq!(sent, [Some(9)], "{told}");
    assert!(sorted(&stage.settled())[0].1.contains("1.50"));
}
