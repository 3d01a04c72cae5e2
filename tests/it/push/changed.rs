//! `--changed`: what differs goes and nothing else, and the table holds the input; or everything goes, and
//! one line says why.

/// Inputs of all kinds, and what of them is left out.
mod inputs;
/// Kills, refusals and what only time brings.
mod over_time;
/// When everything goes, and why.
mod whole;

use std::collections::BTreeMap;

use qobra_push::{SandboxClock, SandboxOptions, TableSpec, ValueKind};

use crate::rig::{ends, sorted};
use crate::stage::{Stage, deals, options};
use crate::support::{Told, receipt};

/// A replace of one request, which leaves nothing waiting.
const ALL: &str = "deals.csv -t deals --all";
const CHANGED: &str = "deals.csv -t deals --all --changed";
const UPSERT: &str = "deals.csv -t deals --changed";

/// Pushes, and sees the imports to their end.
fn followed(stage: &Stage, line: &str) -> Told {
    let told = ends(stage, line, 0);
    stage.settled();
    ends(stage, "status", 0);
    told
}

/// How many records each request carries that a line makes.
fn sends(stage: &Stage, line: &str) -> (Told, Vec<Option<u64>>) {
    let before = stage.records().len();
    let told = followed(stage, line);
    (told, stage.records().split_off(before))
}

/// An export with the names of some deals changed.
fn renamed(csv: &str, numbers: impl IntoIterator<Item = u64>) -> String {
    let mut csv = csv.to_owned();
    for number in numbers {
        let from = format!("\n{number},Deal {number},");
        assert!(csv.contains(&from), "{number}");
        csv = csv.replace(&from, &format!("\n{number},Another {number},"));
    }
    csv
}

/// The table holds the records of an export and nothing else.
fn holds(stage: &Stage, csv: &str) {
    let mut expected: Vec<_> = csv
        .lines()
        .skip(1)
        .map(|line| {
            let cells: Vec<_> = line.split(',').collect();
            let [id, name, amount] = cells[..] else {
                panic!("{line}")
            };
            let json = format!(r#"{{"amount":"{amount}","id":"{id}","name":"{name}"}}"#);
            (id.to_owned(), json)
        })
        .collect();
    expected.sort();
    assert_eq!(sorted(&stage.settled()), expected);
}

#[test]
fn one_percent_of_a_large_input_is_two_requests() {
    let csv = deals(100_000);
    let stage = Stage::new().file("deals.csv", &csv);
    followed(&stage, &format!("{ALL} --debounce 900 --chunk-seconds 0.1"));
    let next = renamed(&csv, (1..=100_000).step_by(100));
    stage.folder().write("deals.csv", &next);
    let (told, sent) = sends(&stage, &format!("{CHANGED} --chunk-size 500 --output json"));
    assert_eq!(sent, [Some(500), Some(500)], "{told}");
    assert!(
        told.stderr.contains(
            "sending 1,000 of 100,000 records in 2 requests, as an upsert; 99,000 are unchanged\n"
        ),
        "{told}"
    );
    let document = receipt(&told, 0);
    let counts = &document["counts"];
    assert_eq!(
        (
            &counts["read"],
            &counts["unchanged"],
            &counts["to_send"],
            &counts["accepted"]
        ),
        (
            &100_000.into(),
            &99_000.into(),
            &1_000.into(),
            &1_000.into()
        ),
    );
    assert_eq!(document["mode"], "upsert");
    holds(&stage, &next);
    assert_eq!(stage.settled().deletes, 1);
}

#[test]
fn nothing_differs() {
    let stage = Stage::new().file("deals.csv", deals(9));
    followed(&stage, ALL);
    let requests = stage.requests().len();
    for line in [CHANGED, UPSERT] {
        let told = ends(&stage, &format!("{line} --output json"), 0);
        assert!(
            told.stderr.contains(
                "nothing differs from what the table has: nothing was sent, and table `deals` is \
                 untouched\n"
            ),
            "{told}"
        );
        let document = receipt(&told, 0);
        assert_eq!(document["counts"]["unchanged"], 9);
        assert_eq!(document["table_state"], "untouched");
    }
    let told = ends(&stage, &format!("{CHANGED} --dry-run"), 0);
    assert!(
        told.stderr
            .contains("nothing differs from what the table has: nothing would be sent\n"),
        "{told}"
    );
    assert_eq!(told.stdout, "");
    assert_eq!(stage.requests().len(), requests);
    // The base stays.
    stage.folder().write("deals.csv", renamed(&deals(9), [4]));
    let (_, sent) = sends(&stage, CHANGED);
    assert_eq!(sent, [Some(1)]);
    holds(&stage, &renamed(&deals(9), [4]));
}

/// Deals by their ids, as lines of an export.
type Deals = BTreeMap<u64, String>;

fn export(deals: &Deals, random: &mut fastrand::Rng) -> String {
    let mut lines: Vec<_> = deals.values().cloned().collect();
    if random.bool() {
        random.shuffle(&mut lines);
    }
    format!("id,name,amount\n{}", lines.concat())
}

/// Changes some deals, and adds some.
fn edit(deals: &mut Deals, random: &mut fastrand::Rng) {
    for (id, line) in deals.iter_mut() {
        if random.u8(0..9) == 0 {
            *line = format!("{id},Deal {},{id}.{}\n", random.u8(..), random.u8(..));
        }
    }
    for _ in 0..random.u64(0..4) {
        let id = random.u64(1..60);
        deals
            .entry(id)
            .or_insert(format!("{id},New {id},{}\n", random.u8(..)));
    }
}

/// After every push the table holds the input, or with it what an upsert leaves there.
#[test]
fn any_history_leaves_the_input() {
    for seed in 0..4 {
        let mut random = fastrand::Rng::with_seed(seed);
        let stage = Stage::new().file("deals.csv", deals(30));
        followed(&stage, ALL);
        let mut held: Deals = (1..=30)
            .map(|id| (id, format!("{id},Deal {id},{id}.50\n")))
            .collect();
        for _ in 0..15 {
            let mut input = held.clone();
            if random.u8(0..4) == 0 {
                input.retain(|_, _| random.u8(0..8) > 0);
            }
            edit(&mut input, &mut random);
            let is_replace = random.bool();
            let line = match is_replace {
                true => format!("{CHANGED} --debounce 900 --chunk-seconds 0.1"),
                false => format!("{UPSERT} --keep-vanished"),
            };
            let csv = export(&input, &mut random);
            stage.folder().write("deals.csv", &csv);
            let vanished = held.keys().filter(|id| !input.contains_key(id)).count();
            let differing = input.iter().filter(|(id, line)| held.get(id) != Some(line));
            let differing = differing.count();
            let before = stage.records().len();
            let told = ends(&stage, &format!("{line} --chunk-size 2"), 0);
            stage.settled();
            if stage.records().len() > before {
                ends(&stage, "status", 0);
            }
            let sent: u64 = stage
                .records()
                .split_off(before)
                .into_iter()
                .flatten()
                .sum();
            match is_replace && vanished > 0 {
                true => held = input,
                false => {
                    assert_eq!(sent, differing as u64, "{seed}: {told}");
                    held.extend(input);
                }
            }
            if is_replace && vanished > 0 {
                assert_eq!(sent, held.len() as u64, "{seed}: {told}");
            }
            let lines: String = held.values().cloned().collect();
            holds(&stage, &format!("id,name,amount\n{lines}"));
        }
    }
}

#[test]
fn what_vanished_is_refused_or_stays() {
    let stage = Stage::new().file("deals.csv", deals(9));
    followed(&stage, ALL);
    let next = renamed(&deals(9), [5])
        .replace("3,Deal 3,3.50\n", "")
        .replace("8,Deal 8,8.50\n", "");
    stage.folder().write("deals.csv", &next);
    let before = stage.requests().len();
    let told = ends(&stage, &format!("{UPSERT} --output json"), 3);
    assert!(
        told.stderr.contains(
            "error: 2 records that pushes from here left in this table are not in the input, and an \
             upsert would leave them there: 3, 8\n\
             hint: is the export complete? --keep-vanished leaves what is not in it, --all takes it \
             away\n"
        ),
        "{told}"
    );
    let document = receipt(&told, 3);
    assert_eq!(document["changes"]["vanished"]["count"], 2);
    assert_eq!(document["counts"]["unchanged"], 6);
    assert_eq!(document["counts"]["not_sent"], 1);
    let told = ends(&stage, &format!("{UPSERT} --dry-run --no-samples"), 3);
    assert!(told.stderr.contains("would leave them there\n"), "{told}");
    assert_eq!(stage.requests().len(), before);

    let (told, sent) = sends(&stage, &format!("{UPSERT} --keep-vanished"));
    assert_eq!(sent, [Some(1)], "{told}");
    holds(&stage, &renamed(&deals(9), [5]));
    // They are still there for a replace.
    let (told, sent) = sends(&stage, CHANGED);
    assert_eq!(sent, [Some(7)], "{told}");
    assert!(
        told.stderr.contains(
            "the whole table is replaced: 2 records of the table are not in the input, and nothing \
             else takes them away\n"
        ),
        "{told}"
    );
    holds(&stage, &next);
}

#[test]
fn what_is_said_of_it() {
    let stage = Stage::new().file("deals.csv", deals(30));
    followed(&stage, ALL);
    stage
        .folder()
        .write("deals.csv", renamed(&deals(31), [5, 17]));
    let mut said = crate::rig::said(&stage, &format!("{CHANGED} --dry-run"), 0);
    said.push_str(&crate::rig::said(
        &stage,
        &format!("{CHANGED} --chunk-size 2"),
        0,
    ));
    stage.settled();
    said.push_str(&crate::rig::said(&stage, "status", 0));
    said.push_str(&crate::rig::said(&stage, "runs", 0));
    said.push_str(&crate::rig::said(&stage, CHANGED, 0));
    stage
        .folder()
        .write("deals.csv", renamed(&deals(32), [5, 17]));
    said.push_str(&crate::rig::said(&stage, UPSERT, 0));
    insta::assert_snapshot!(said);
}

/// Followed to its end, too, the table is said to hold the input.
#[test]
fn what_is_said_at_the_end() {
    let stage = real().file("deals.csv", deals(30));
    ends(&stage, &format!("{ALL} --wait"), 0);
    stage.folder().write("deals.csv", renamed(&deals(30), [5]));
    let told = ends(&stage, &format!("{CHANGED} --wait --output json"), 0);
    assert!(
        told.stderr
            .ends_with("table `deals` is updated: it holds exactly the 30 records of the input\n"),
        "{told}"
    );
    assert_eq!(receipt(&told, 0)["table_state"], "updated");
    holds(&stage, &renamed(&deals(30), [5]));
}

/// A service whose imports run at once.
fn real() -> Stage {
    Stage::of(SandboxOptions {
        clock: SandboxClock::real(),
        ..options()
    })
}

/// One that knows which amounts are numbers.
fn strict() -> Stage {
    let fields = [("name", ValueKind::Text), ("amount", ValueKind::Number)];
    let spec = TableSpec {
        key: "deals".to_owned(),
        id_field: "id".to_owned(),
        fields: fields.map(|(name, kind)| (name.to_owned(), kind)).into(),
    };
    Stage::of(SandboxOptions {
        tables: vec![spec],
        clock: SandboxClock::real(),
        ..options()
    })
}
