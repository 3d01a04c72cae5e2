//! What a dry run shows, on both streams and as a document.

use insta::assert_snapshot;
use qobra_push::SandboxOptions;
use regex::Regex;
use serde_json::{Value, json};

use super::receipt::shown;
use crate::stage::{Stage, deals, options, table};
use crate::support::{Told, receipt, run};

const EVERYTHING: &str = r#"
table = "deals"
id = "deal_id"
name = "deal_name"
[input]
delimiter = ";"
decimal = ","
thousands = " "
[fields]
deal_id = "Deal ID"
deal_name = { column = "Opportunity Name", trim = true }
amount = { column = "Amount", type = "number" }
count = { column = "Count", type = "integer", empty = "omit" }
share = { column = "Share", type = "percent", fraction = true }
won = { column = "Won?", type = "boolean", true = ["yes", "oui"], false = "no" }
closed = { column = "Closed", type = "date", format = ["%d/%m/%Y", "%Y-%m-%d"] }
more = { column = "More", type = "json" }
stage = { column = "Stage", values = { "Closed Won" = "won" }, values_else = "error" }
owner = { column = "Owner", required = true }
currency = { value = "EUR" }
rate = { value = 1.50, type = "number" }
"#;

/// The second deal is bad, the fifth has the id of the first.
const DEALS: &str = "\
Deal ID;Opportunity Name;Amount;Count;Share;Won?;Closed;More;Stage;Owner;Note;Nothing
007; Blue sky ;12 345,60;;12,5 %;yes;14/01/2025;;Closed Won;a@x.test;;
8;Bad;12,5O;1;1 %;no;2025-01-15;1;Closed Won;b@x.test;note;
9;Red\u{1b}[31m;1;7;1 %;OUI;2025-01-15;\"{\"\"a\"\":[1]}\";Closed Won;c@x.test;second;
10;Tail;2;8;2 %;no;2025-01-16;;Closed Won;d@x.test;;
007;Once more;3;9;3 %;no;2025-01-17;;Closed Won;e@x.test;;
";

/// A dry run that never calls the service; its lines fit into a terminal.
fn dry(stage: &Stage, line: &str, code: i32) -> Told {
    let told = run(&mut stage.push(&format!("{line} --dry-run")));
    assert_eq!(told.code(), Some(code), "{told}");
    told
}

fn is_narrow(told: &Told) -> bool {
    // A note is a sentence.
    let lines = told.stderr.lines();
    let mut lines = lines.filter(|line| !line.starts_with("there is nothing to compare"));
    lines.all(|line| console::measure_text_width(line) <= 80)
}

fn everything() -> Stage {
    Stage::unused()
        .file("deals.csv", DEALS)
        .file("deals.toml", EVERYTHING)
}

const EVERYTHING_LINE: &str = "deals.csv -m deals.toml --all --debounce 900 --chunk-size 2 \
                               --max-errors 1 --duplicates last";

#[test]
fn a_mapping_with_everything() {
    let told = dry(&everything(), EVERYTHING_LINE, 0);
    assert_snapshot!(told);
}

#[test]
fn what_is_shown_is_what_is_sent() {
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "deal_id")],
        ..options()
    });
    let stage = stage
        .file("deals.csv", DEALS)
        .file("deals.toml", EVERYTHING);
    let parse = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    let shown = dry(&stage, EVERYTHING_LINE, 0);
    let shown: Vec<_> = shown.stdout.lines().map(parse).collect();
    let told = run(&mut stage.push(EVERYTHING_LINE));
    assert_eq!(told.code(), Some(7), "{told}");
    let held: Vec<_> = (stage.settled().records.iter())
        .map(|(_, json)| parse(json))
        .collect();
    assert_eq!(held.len(), 3, "{held:?}");
    assert!(
        held.iter().all(|record| shown.contains(record)),
        "{shown:?} {held:?}"
    );
}

#[test]
fn without_a_mapping_and_with_long_names() {
    let long = "a column with a very long name indeed and longer than anyone would read";
    let wide = "日本語の列名は幅が二倍になるので切られる";
    let csv = format!(
        "id,name,{long},{wide}\n1,x,,\n2,y,{},日本\n3,z,,\n4,w,,\n",
        "v".repeat(300)
    );
    let stage = Stage::unused().file("deals.csv", csv);
    let told = dry(&stage, "deals.csv -t deals", 0);
    assert!(is_narrow(&told), "{told}");
    assert_snapshot!(told);
}

#[test]
fn ndjson_with_and_without_a_mapping() {
    let ndjson = "{\"id\":1,\"name\":null,\"owner\":{\"email\":\"\"},\"extra\":[1]}\n\
                  {\"id\":2,\"name\":\"\\u001bB\",\"owner\":{\"email\":\"b@x.test\"},\"late\":true}\n";
    let mapping =
        "[fields]\nid = 'id'\nname = 'name'\nemail = 'owner.email'\nkind = { value = 'x' }";
    let stage = Stage::unused()
        .file("deals.ndjson", ndjson)
        .file("map.toml", mapping);
    let bare = dry(&stage, "deals.ndjson -t deals", 0);
    let mapped = dry(&stage, "deals.ndjson -t deals -m map.toml", 0);
    assert!(is_narrow(&bare) && is_narrow(&mapped), "{bare}{mapped}");
    assert_snapshot!(format!("{bare}\n{mapped}"));
}

#[test]
fn a_refused_window_is_shown_with_its_plan() {
    let stage = Stage::unused().file("deals.csv", deals(600));
    let line = "deals.csv -t deals --all --debounce 88 --chunk-size 10";
    assert_snapshot!(dry(&stage, line, 3));
    let document = receipt(&dry(&stage, &format!("{line} --output json"), 3), 3);
    let dry_run = &document["dry_run"];
    assert_eq!(dry_run["refusal"], document["errors"][0]["message"]);
    assert_eq!(dry_run["window"]["fits"], false);
    assert_eq!(dry_run["window"]["expected_seconds"], 80.0);
    assert_eq!(dry_run["first_records"], json!([]));
    // No window that can be asked for has room for a request every four hours.
    let endless = format!("{line} --jobs 1 --chunk-seconds 4h");
    let told = dry(&stage, &endless, 3);
    assert!(told.stderr.contains("a larger --chunk-size"), "{told}");
}

#[test]
fn an_empty_replace_is_one_request() {
    let stage = Stage::unused().file("deals.csv", "id,name\n");
    let line = "deals.csv -t deals --all --debounce 900 --allow-empty --output json";
    let document = receipt(&dry(&stage, line, 0), 0);
    assert_eq!(document["dry_run"]["records"], 0);
    assert_eq!(document["dry_run"]["chunks"], 1);
}

#[test]
fn the_document_has_all_of_it() {
    let stage = everything();
    let told = dry(&stage, &format!("{EVERYTHING_LINE} --output json"), 0);
    let document = receipt(&told, 0);
    let text = shown(&document["dry_run"], stage.folder().path());
    assert_snapshot!(text);
    // The lines for people say the same, wherever the result goes.
    let lines = dry(&stage, EVERYTHING_LINE, 0);
    let records = lines
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap());
    let records: Vec<Value> = records.collect();
    assert_eq!(document["dry_run"]["first_records"], Value::from(records));
    let before = lines.stderr.split("\n\n").take(3);
    let before: Vec<_> = before.collect();
    assert_eq!(told.stderr.trim_end(), before.join("\n\n"));
    let kept = stage.folder().path().join("state");
    assert!(!kept.exists(), "values of records are never kept");
}

#[test]
fn colours_change_nothing_else() {
    let stage = everything();
    let plain = dry(&stage, EVERYTHING_LINE, 0);
    let coloured = dry(&stage, &format!("{EVERYTHING_LINE} --color always"), 0);
    assert_ne!(coloured.stderr, plain.stderr);
    let codes = Regex::new("\u{1b}\\[[0-9;]*m").unwrap();
    assert_eq!(codes.replace_all(&coloured.stderr, ""), plain.stderr);
    assert_eq!(coloured.stdout, plain.stdout);
}
