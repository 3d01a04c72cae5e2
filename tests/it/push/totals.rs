//! Control totals: what is told of each field is what another few lines add up, of the file and of what
//! the table holds.

use std::collections::{BTreeMap, BTreeSet};

use insta::assert_snapshot;
use qobra_push::SandboxOptions;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::rig::{ends, runs};
use crate::stage::{Stage, deals, options, table};
use crate::support::{receipt, run};

const DEALS_CSV: &str = include_str!("../../../examples/deals.csv");
const DEALS_NDJSON: &str = include_str!("../../../examples/deals.ndjson");
const DEALS_TOML: &str = include_str!("../../../examples/deals.toml");
const AMOUNTS_US: &str = include_str!("../../data/cases/amounts-us.csv");
const AMOUNTS_EU: &str = include_str!("../../data/cases/amounts-eu.csv");
const ZONES: &str = include_str!("../../data/cases/zones.csv");
const TYPED: &[u8] = include_bytes!("../../data/cases/typed-second-sheet.xlsx");

/// The table of the examples.
fn examples() -> Stage {
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "deal_id")],
        ..options()
    });
    stage
        .file("deals.csv", DEALS_CSV)
        .file("deals.ndjson", DEALS_NDJSON)
        .file("deals.toml", DEALS_TOML)
}

/// The totals of a run's receipt.
fn totals(stage: &Stage, line: &str, code: i32) -> Value {
    let told = run(&mut stage.push(&format!("{line} --output json")));
    receipt(&told, code)["totals"].clone()
}

/// A column of the example, cell by cell.
fn column(name: &str) -> Vec<String> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(DEALS_CSV.as_bytes());
    let at = reader.headers().unwrap().iter().position(|n| n == name);
    let cell = |row: csv::Result<csv::StringRecord>| row.unwrap()[at.unwrap()].to_owned();
    reader.records().map(cell).collect()
}

/// What a field's cells add up to, given what each of them is.
fn cells(field: &str, name: &str, values: impl Fn(&[String]) -> [Option<String>; 3]) -> Value {
    let mut cells = column(name);
    cells.retain(|cell| !cell.is_empty());
    let [sum, min, max] = values(&cells);
    let distinct: BTreeSet<_> = cells.iter().collect();
    json!({
        "field": field, "filled": cells.len(), "sum": sum, "min": min, "max": max,
        "distinct": distinct.len(), "overflow": false
    })
}

/// Numbers of so many decimal places, in units of the last one.
fn numbers(cells: &[String], places: usize) -> [Option<String>; 3] {
    let unit = 10_i64.pow(u32::try_from(places).unwrap());
    let number = |cell: &String| {
        let text = cell.replace([' ', '%', '\u{a0}', '\u{202f}'], "");
        let (whole, fraction) = text.split_once(',').unwrap_or((&text, ""));
        let digits = format!("{whole}{fraction:0<places$}");
        digits.parse::<i64>().unwrap()
    };
    let text = |units: i64| {
        let sign = if units < 0 { "-" } else { "" };
        let units = units.abs();
        Some(format!("{sign}{}.{:0places$}", units / unit, units % unit))
    };
    let all: Vec<_> = cells.iter().map(number).collect();
    [
        text(all.iter().sum()),
        text(*all.iter().min().unwrap()),
        text(*all.iter().max().unwrap()),
    ]
}

fn days(cells: &[String]) -> [Option<String>; 3] {
    let day = |cell: &String| {
        let [day, month, year] = cell.split('/').collect::<Vec<_>>().try_into().unwrap();
        format!("{year}-{month}-{day}")
    };
    let all: BTreeSet<_> = cells.iter().map(day).collect();
    [None, all.first().cloned(), all.last().cloned()]
}

#[test]
fn the_example_comes_to_what_another_program_adds_up() {
    let none = |_: &[String]| [None, None, None];
    let mut won = cells("won", "Won?", none);
    let mut stage = cells("stage", "Stage", none);
    // Words that mean the same are sent alike.
    (won["distinct"], stage["distinct"]) = (json!(2), json!(3));
    let expected = json!([
        cells("deal_id", "Deal ID", none),
        cells("crm_id", "CRM ID", none),
        cells("deal_name", "Opportunity Name", none),
        cells("notes", "Notes", none),
        cells("amount", "Amount", |cells| numbers(cells, 2)),
        cells("discount", "Discount", |cells| numbers(cells, 1)),
        cells("close_date", "Close Date", days),
        won,
        stage,
        cells("owner", "Owner Email", none),
        {
            "field": "currency", "filled": 40, "sum": null, "min": null, "max": null,
            "distinct": 1, "overflow": false
        },
    ]);
    assert_eq!(expected[4]["sum"], "2409517.64");
    let stage = examples();
    let line = "deals.csv -m deals.toml --chunk-size 7";
    for more in ["--dry-run", "--sandbox", "", "--all --debounce 900"] {
        assert_eq!(
            totals(&stage, &format!("{line} {more}"), 0),
            expected,
            "{more}"
        );
    }
    for run in runs(&stage) {
        let kept = std::fs::read_to_string(run.join("receipt.json")).unwrap();
        let kept: Value = serde_json::from_str(&kept).unwrap();
        assert_eq!(kept["totals"], expected);
    }
}

/// What the records of a table add up to, as published: the other way round, from what arrived.
fn held(records: &[String], fields: &[&str]) -> Value {
    let parsed: Vec<BTreeMap<String, Box<RawValue>>> = records
        .iter()
        .map(|json| serde_json::from_str(json).unwrap())
        .collect();
    let total = |field: &&str| {
        let all = parsed.iter().filter_map(|record| record.get(*field));
        let filled: Vec<_> = all
            .map(|raw| raw.get())
            .filter(|raw| !["null", "\"\""].contains(raw))
            .collect();
        let distinct: BTreeSet<_> = filled.iter().collect();
        let is_number = |raw: &&str| raw.starts_with(|c: char| c == '-' || c.is_ascii_digit());
        let is_day = |raw: &&str| {
            raw.len() == 12 && raw.matches('-').count() == 2 && raw.starts_with("\"20")
        };
        let [sum, min, max] = match &filled[..] {
            [] => [None, None, None],
            all if all.iter().all(is_number) => {
                let commas: Vec<_> = all.iter().map(|raw| raw.replace('.', ",")).collect();
                let places = |raw: &&str| raw.split_once('.').map_or(0, |(_, behind)| behind.len());
                let most = all.iter().map(places).max().unwrap();
                numbers(&commas, most)
                    .map(|text| text.map(|text| text.trim_end_matches('.').to_owned()))
            }
            all if all.iter().all(is_day) => {
                let text = |raw: Option<&&str>| raw.map(|raw| raw.trim_matches('"').to_owned());
                [None, text(all.iter().min()), text(all.iter().max())]
            }
            _ => [None, None, None],
        };
        json!({
            "field": field, "filled": filled.len(), "sum": sum, "min": min, "max": max,
            "distinct": distinct.len(), "overflow": false
        })
    };
    fields.iter().map(total).collect()
}

#[test]
fn totals_are_those_of_what_the_table_holds() {
    let money =
        "[fields]\nid = 'id'\nname = 'name'\namount = { column = 'amount', type = 'number', ";
    let us = "symbols = ['$', 'EUR'], negative = 'parentheses', thousands = ',' }\n";
    let eu = "symbols = '€', negative = 'trailing', decimal = ',', thousands = '.' }\n";
    let zones = "[fields]\nid = 'id'\nname = 'name'\nclosed = { column = 'closed', type = 'date', \
                 format = ['%Y-%m-%d %H:%M:%S%z', '%Y-%m-%dT%H:%M:%S%z', '%Y-%m-%d'], \
                 timezone = 'Europe/Paris' }\n";
    let typed = "[input]\ndecimal = ','\nthousands = ' '\n[fields]\nid = 'id'\nname = 'name'\n\
                 amount = { column = 'amount', type = 'number' }\n\
                 closed = { column = 'closed', type = 'date', format = '%d/%m/%Y' }\n\
                 won = { column = 'won', type = 'boolean', true = 'VRAI', false = 'FAUX' }\n";
    let stage = |name: &str, content: &[u8], mapping: &str| {
        Stage::new().file(name, content).file("map.toml", mapping)
    };
    for (name, content, mapping, more) in [
        ("us.csv", AMOUNTS_US.as_bytes(), &[money, us].concat(), ""),
        ("eu.csv", AMOUNTS_EU.as_bytes(), &[money, eu].concat(), ""),
        (
            "zones.csv",
            ZONES.as_bytes(),
            &zones.to_owned(),
            "--max-errors 25%",
        ),
        ("typed.xlsx", TYPED, &typed.to_owned(), "--sheet Data"),
    ] {
        let stage = stage(name, content, mapping);
        let told =
            run(&mut stage.push(&format!("{name} -t deals -m map.toml {more} --output json")));
        let document: Value = serde_json::from_str(&told.stdout).unwrap();
        let totals = &document["totals"];
        let fields: Vec<_> = totals
            .as_array()
            .unwrap()
            .iter()
            .map(|t| t["field"].as_str().unwrap())
            .collect();
        assert!(fields.len() > 2, "{told}");
        assert_eq!(*totals, held(&stage.new_json(), &fields), "{name}");
    }
}

/// What is left out here is in no total, though it was read: bad records, and ids that stand twice.
#[test]
fn what_is_not_sent_is_not_added_up() {
    let csv = "id,name,amount\n1,a,1.5\n2,b,1e\n3,c,100\n1,d,7\n4,e,-2.25\n3,f,5\n5,,0\n";
    let mapping =
        "[fields]\nid = 'id'\nname = 'name'\namount = { column = 'amount', type = 'number' }\n";
    for (which, sum, least, greatest) in [
        ("first", "99.25", "-2.25", "100.00"),
        ("last", "9.75", "-2.25", "7.00"),
    ] {
        let stage = Stage::new()
            .file("deals.csv", csv)
            .file("map.toml", mapping);
        let line = format!("deals.csv -t deals -m map.toml --max-errors 1 --duplicates {which}");
        let totals = totals(&stage, &line, 7);
        assert_eq!(
            totals,
            held(&stage.new_json(), &["id", "name", "amount"]),
            "{which}"
        );
        let amount = &totals[2];
        assert_eq!(
            [&amount["sum"], &amount["min"], &amount["max"]],
            [sum, least, greatest],
            "{which}"
        );
        assert_eq!(
            (&totals[0]["filled"], &totals[1]["filled"]),
            (&json!(4), &json!(3))
        );
    }
}

#[test]
fn a_resumption_tells_them_too() {
    let stage = Stage::with_faults("503@2").file("deals.csv", deals(6));
    let line = "deals.csv -t deals --chunk-size 4 --jobs 1 --retry-for 0";
    let part = totals(&stage, line, 6);
    assert_eq!(
        part[0],
        json!({
            "field": "id", "filled": 6, "sum": null, "min": null, "max": null, "distinct": 6,
            "overflow": false
        })
    );
    assert_eq!(totals(&stage, "resume", 0), part);
    stage.settled();
    ends(&stage, "status", 0);
    let kept = std::fs::read_to_string(runs(&stage)[0].join("receipt.json")).unwrap();
    let kept: Value = serde_json::from_str(&kept).unwrap();
    assert_eq!(
        (&kept["totals"], &kept["table_state"]),
        (&part, &json!("updated"))
    );
}

#[test]
fn a_refusal_has_those_that_were_added_up() {
    let stage = Stage::unused()
        .file("bad.csv", deals(5) + "6,short\n")
        .file("deals.csv", deals(6));
    assert_eq!(totals(&stage, "bad.csv -t deals", 3), json!([]));
    // The input was proved, and a guard refuses it.
    let refused = totals(&stage, "deals.csv -t deals --all --chunk-size 2", 3);
    assert_eq!(refused[0]["filled"], 6);
    assert_eq!(refused.as_array().unwrap().len(), 3);
}

#[test]
fn numbers_that_cannot_be_added_up_are_said() {
    let ndjson = "{\"id\":1,\"name\":\"a\",\"share\":0.1,\"big\":1}\n\
                  {\"id\":2,\"name\":\"b\",\"share\":0.12345678901234567890,\"big\":1E30}\n";
    let stage = Stage::new().file("deals.ndjson", ndjson);
    let totals = totals(&stage, "deals.ndjson -t deals", 0);
    let overflow = |field| {
        json!({
            "field": field, "filled": 2, "sum": null, "min": null, "max": null, "distinct": 2,
            "overflow": true
        })
    };
    assert_eq!(totals[0], overflow("big"));
    assert_eq!(totals[3], overflow("share"));
    assert_eq!(totals[1]["sum"], "3");
    let told = ends(&stage, "deals.ndjson -t deals", 0);
    assert!(
        told.stderr.contains("\n  too long: a number has over 18"),
        "{told}"
    );
}

/// Records that go as they are have keys in any order, and workers meet them in any order.
#[test]
fn keys_of_their_own_come_in_the_order_of_their_names() {
    let line = |n: u64| match n % 3 {
        0 => format!("{{\"id\":{n},\"name\":\"x\",\"amount\":0.1}}\n"),
        1 => format!("{{\"zone\":{n},\"id\":{n},\"name\":\"\"}}\n"),
        _ => format!(
            "{{\"name\":null,\"closed\":\"2025-01-0{}\",\"id\":{n}}}\n",
            n % 9 + 1
        ),
    };
    let ndjson: String = (1..=30_000).map(line).collect();
    let stage = Stage::unused().file("deals.ndjson", ndjson);
    let total =
        |field: &str, filled: u64, [sum, min, max]: [Option<&str>; 3], distinct: Option<u64>| {
            json!({
                "field": field, "filled": filled, "sum": sum, "min": min, "max": max,
                "distinct": distinct, "overflow": false
            })
        };
    let some = |values: [&'static str; 3]| values.map(Some);
    let expected = json!([
        total("amount", 10_000, some(["1000.0", "0.1", "0.1"]), Some(1)),
        total(
            "closed",
            10_000,
            [None, Some("2025-01-03"), Some("2025-01-09")],
            Some(3)
        ),
        total("id", 30_000, some(["450015000", "1", "30000"]), None),
        total("name", 10_000, [None; 3], Some(1)),
        total("zone", 10_000, some(["149995000", "1", "29998"]), None),
    ]);
    for _ in 0..3 {
        assert_eq!(
            totals(&stage, "deals.ndjson -t deals --dry-run", 0),
            expected
        );
    }
}

#[test]
fn people_see_them_unless_they_want_quiet() {
    let stage = examples();
    let table = |line: &str| {
        let told = ends(&stage, line, 0).stderr;
        let lines = told
            .lines()
            .skip_while(|line| !line.starts_with("control totals"));
        let lines: Vec<_> = lines.take(13).collect();
        lines.join("\n")
    };
    let line = "deals.csv -m deals.toml";
    let dry = table(&format!("{line} --dry-run"));
    assert_snapshot!(dry);
    assert_eq!(table(line), dry);
    assert_eq!(table(&format!("{line} --sandbox")), dry);
    assert_eq!(table(&format!("{line} -q")), "");
    assert_eq!(table(&format!("{line} --sandbox -q")), "");
}
