//! The page of a run, without a browser: it tells what the receipt tells, of whichever run is meant.

use std::fs;
use std::path::Path;

use qobra_push::SandboxOptions;
use regex::Regex;
use serde_json::Value;

use crate::rig::{REPLACE, UPSERT, done, ends, entries, folder_name, killed_at, runs};
use crate::stage::{Stage, deals, options, table};
use crate::support::{Told, has_mode, receipt};

/// What a page says: its text without its markup, a piece a line.
fn text(page: &str) -> String {
    let (_, body) = page.split_once("<body>").unwrap();
    let text = Regex::new("<[^>]*>|\n").unwrap().replace_all(body, "\n");
    let text = text.replace("&#34;", "\"").replace("&#39;", "'");
    let text = text
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&");
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.map(|line| format!("{line}\n")).collect()
}

/// The page that a line prints.
fn printed(stage: &Stage, line: &str) -> String {
    let told = ends(stage, line, 0);
    assert_eq!(told.stderr, "", "{line}");
    assert!(
        told.stdout.ends_with("</html>\n") || told.stdout.ends_with("</html>"),
        "{told}"
    );
    text(&told.stdout)
}

fn read(stage: &Stage, name: &str) -> String {
    text(&fs::read_to_string(stage.folder().path().join(name)).unwrap())
}

/// A replace in which something went wrong on the way.
fn replaced() -> Stage {
    let stage = Stage::with_faults("503@2,reset-after@3").file("deals.csv", deals(30));
    ends(&stage, REPLACE, 0);
    stage
}

#[test]
fn it_tells_what_the_receipt_tells() {
    let stage = Stage::with_faults("503@2").file("deals.csv", deals(30));
    let line = format!("{REPLACE} --output json --report page.html");
    let receipt = receipt(&done(&stage, &line), 0);
    let page = read(&stage, "page.html");
    let mut facts: Vec<String> = ["run", "version", "table"]
        .map(|fact| receipt[fact].as_str().unwrap().to_owned())
        .to_vec();
    facts.push(receipt["inputs"][0]["digest"].as_str().unwrap().to_owned());
    facts.push(receipt["imports"][0]["id"].as_str().unwrap().to_owned());
    facts.push("exit code 0, done".to_owned());
    facts.push("replace of the whole content".to_owned());
    for fact in &facts {
        assert!(page.contains(fact.as_str()), "{fact}: {page}");
    }
    let counts = "30\nread\n30\nto be sent\n30\naccepted by Qobra\n";
    let turned = "read\n30\nto be sent\n30\naccepted by Qobra\n30\n";
    assert!(page.contains(counts) || page.contains(turned), "{page}");
    for total in receipt["totals"].as_array().unwrap() {
        let (field, filled) = (total["field"].as_str().unwrap(), &total["filled"]);
        assert!(page.contains(&format!("{field}\n{filled}\n")), "{page}");
    }
    let said = page.split_once("\nOptions\n").unwrap().1;
    for option in [
        "chunk size\n5\n",
        "id field\nid\n",
        "duplicates\nerror\n",
        &format!("service\n{}\n", stage.url()),
    ] {
        assert!(said.contains(option), "{option}: {said}");
    }
    // Each attempt is drawn, and says what became of it.
    let attempts: u64 = receipt["chunks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|chunk| chunk["attempts"].as_u64().unwrap())
        .sum();
    let ends = Regex::new(r"records \d+ to \d+.*: (accepted|not applied|possibly)").unwrap();
    assert_eq!(ends.find_iter(&page).count() as u64, attempts, "{page}");
    assert!(page.contains("not applied, failed after"), "{page}");
    // The command makes the same page of what is kept, and the file is nobody else's.
    let again = printed(&stage, "report");
    let without_next = |page: &str| page.split("What to do next").map(str::to_owned).next();
    assert_eq!(without_next(&again), without_next(&page));
    has_mode(stage.folder().path().join("page.html"), 0o600);
}

#[test]
fn the_run_that_is_meant() {
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "id"), table("other", "id")],
        ..options()
    });
    let stage = stage.file("deals.csv", deals(3));
    let none = ends(&stage, "report", 2);
    assert!(none.stderr.contains("there is no run yet"), "{none}");
    ends(&stage, "deals.csv -t deals", 0);
    ends(&stage, "deals.csv -t other --all", 0);
    // Both may have begun in the same second, in which their names are in no order.
    let of = |table: &str| {
        let runs = runs(&stage);
        let run = runs.iter().find(|run| run.iter().any(|part| part == table));
        folder_name(run.unwrap())
    };
    let (first, last) = (of("deals"), of("other"));
    // The last one, of whichever table.
    assert!(printed(&stage, "report").contains(&format!("Push to table other, run {last}")));
    let of_first = printed(&stage, &format!("report {first}"));
    assert!(
        of_first.contains(&format!("Push to table deals, run {first}")),
        "{of_first}"
    );
    for unknown in ["20200101T000000Z-0000", "nonsense", "../deals"] {
        let told = ends(&stage, &format!("report {unknown}"), 2);
        assert_eq!(told.stdout, "");
        let said = format!("there is no run `{unknown}`");
        assert!(
            told.stderr.contains(&said) && told.stderr.contains("qobra-push runs"),
            "{told}"
        );
    }
}

/// Whoever writes to a place that is not there is told, and what is there is replaced whole.
#[test]
fn where_it_goes() {
    let stage = replaced();
    stage.folder().write("file", "");
    fs::create_dir(stage.folder().path().join("folder")).unwrap();
    for (place, why) in [
        ("none/page.html", "there is no folder for none/page.html"),
        ("file/page.html", "there is no folder for file/page.html"),
        ("folder", "folder is a folder"),
    ] {
        let told = ends(&stage, &format!("report -o {place}"), 2);
        assert!(told.stderr.contains(why), "{told}");
        // Nothing is sent for a page that nobody could read then.
        let told = ends(&stage, &format!("{REPLACE} --report {place}"), 2);
        assert!(told.stderr.contains(why), "{told}");
    }
    assert_eq!(runs(&stage).len(), 1);
    assert!(!stage.folder().path().join("none").exists());
    stage.folder().write("page.html", "x".repeat(1_000_000));
    let told = ends(&stage, "report -o page.html", 0);
    assert_eq!(told.stdout, "");
    let printed = printed(&stage, "report");
    assert_eq!(read(&stage, "page.html"), printed);
    assert_eq!(text(&ends(&stage, "report -o -", 0).stdout), printed);
    assert!(!stage.folder().path().join("-").exists());
    // A push is what it was, whatever becomes of its page.
    let stage = Stage::new().file("deals.csv", deals(3));
    let long = "p".repeat(300);
    let told = ends(&stage, &format!("deals.csv -t deals --report {long}"), 0);
    let why = format!("the page was not written: cannot write {long}: ");
    assert!(told.stderr.contains(&why), "{told}");
    assert_eq!(stage.new_ids().len(), 3);
    let refused = ends(
        &Stage::unused().file("a.csv", "id\n1\n"),
        "a.csv -t deals --report -",
        2,
    );
    assert!(refused.stderr.contains("--report"), "{refused}");
}

#[test]
fn values_only_where_they_are_kept_and_asked_for() {
    let stage = Stage::new().file("deals.csv", deals(5));
    let changed = deals(5).replace("Deal 1,", "Deal one,");
    ends(&stage, "deals.csv -t deals --all --keep 3", 0);
    stage.settled();
    stage.folder().write("deals.csv", &changed);
    ends(
        &stage,
        "deals.csv -t deals --all --keep 3 --report page.html --values",
        0,
    );
    let pair = "\"Deal 1\"\n\"Deal one\"\n";
    assert!(
        read(&stage, "page.html").contains(pair),
        "{}",
        read(&stage, "page.html")
    );
    assert!(printed(&stage, "report --values").contains(pair));
    assert!(!printed(&stage, "report").contains("Deal one"));
    // Nothing is kept: nothing is shown, and nothing else is missing.
    let stage = Stage::new().file("deals.csv", deals(5));
    ends(&stage, "deals.csv -t deals", 0);
    stage.settled();
    stage.folder().write("deals.csv", &changed);
    ends(&stage, "deals.csv -t deals", 0);
    let page = printed(&stage, "report --values");
    assert!(
        !page.contains("Old and new values") && !page.contains("Deal one"),
        "{page}"
    );
    assert!(page.contains("accepted by Qobra"), "{page}");
}

/// Of a run that was killed there is no receipt: its journal says what is known, and how to go on.
#[test]
fn a_run_that_was_killed() {
    let stage = Stage::new().file("deals.csv", deals(30));
    assert!(killed_at(&stage, UPSERT, "journal-answer-after:2"));
    let run = folder_name(&runs(&stage)[0]);
    let page = printed(&stage, "report");
    assert!(
        page.contains("never: it was killed, or its machine stopped"),
        "{page}"
    );
    assert!(!page.contains("exit code"), "{page}");
    assert!(page.contains(&format!("qobra-push resume {run}")), "{page}");
    assert!(page.contains("not sent"), "{page}");
    ends(&stage, "resume", 0);
    let page = printed(&stage, "report");
    assert!(page.contains("exit code 0, done"), "{page}");
    assert!(!page.contains("qobra-push resume"), "{page}");
}

/// What a run told when it gave up is old when it was taken up again.
#[test]
fn a_receipt_from_before_a_resume() {
    let stage = Stage::with_faults("503@3").file("deals.csv", deals(30));
    ends(
        &stage,
        "deals.csv -t deals --chunk-size 5 --jobs 1 --retry-for 0",
        6,
    );
    assert!(printed(&stage, "report").contains("exit code 6, "));
    assert!(killed_at(&stage, "resume", "journal-answer-after:2"));
    let page = printed(&stage, "report");
    assert!(
        page.contains("never: it was killed") && !page.contains("exit code"),
        "{page}"
    );
    assert!(
        page.contains("20\naccepted by Qobra") || page.contains("accepted by Qobra\n20"),
        "{page}"
    );
    ends(&stage, "resume", 0);
}

/// A receipt that is not this run's, or not one at all, is not believed.
#[test]
fn a_receipt_that_cannot_be_read() {
    let stage = replaced();
    let path = runs(&stage)[0].join("receipt.json");
    let good = printed(&stage, "report");
    let kept = fs::read_to_string(&path).unwrap();
    let mut foreign: Value = serde_json::from_str(&kept).unwrap();
    foreign["run"] = "20200101T000000Z-0000".into();
    foreign["counts"]["accepted"] = 7.into();
    for other in [
        foreign.to_string(),
        "{}".to_owned(),
        "\u{0}".to_owned(),
        kept[..100].to_owned(),
    ] {
        fs::write(&path, other).unwrap();
        assert_page(&printed(&stage, "report"), &good);
    }
    fs::remove_file(&path).unwrap();
    assert_page(&printed(&stage, "report"), &good);
}

/// What stands in the header and in the counts, without what only the receipt of the run itself knew.
fn assert_page(page: &str, good: &str) {
    let head = |page: &str| page.split("What changes").map(str::to_owned).next();
    let without_time = |page: &str| {
        // Its journal begins when the input is proved, which may be another second.
        let times = Regex::new(r"(?m)^(took|begun|\d{4}-[-: \d]+ UTC|\d[\d.]* (ms|s))\n").unwrap();
        times.replace_all(&head(page).unwrap(), "").into_owned()
    };
    assert_eq!(without_time(page), without_time(good));
}

/// Copies all of a folder into another one.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in entries(from) {
        let to = to.join(entry.file_name().unwrap());
        match entry.is_dir() {
            true => copy(&entry, &to),
            false => drop(fs::copy(&entry, to).unwrap()),
        }
    }
}

/// What earlier versions left has a page, too.
#[test]
fn runs_of_earlier_versions() {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/runs");
    for scenario in entries(&scenarios) {
        if !scenario.is_dir() {
            continue;
        }
        let stage = Stage::unused();
        copy(&scenario, stage.folder().path());
        for run in runs(&stage) {
            let line = format!("report {}", folder_name(&run));
            let told: Told = done(&stage, &line);
            let has_journal = run.join("journal.jsonl").exists();
            let torn = scenario.ends_with("torn-journal");
            match (has_journal, told.code()) {
                (true, Some(0)) => assert!(text(&told.stdout).contains("to be sent"), "{told}"),
                (false, Some(0)) => assert!(told.stdout.contains("exit code 3, "), "{told}"),
                (false, Some(2)) => assert!(!run.join("receipt.json").exists(), "{told}"),
                _ if torn => {}
                _ => panic!("{}: {told}", scenario.display()),
            }
        }
    }
}

/// Records that were refused are named by their reasons, also where nothing was sent.
#[test]
fn why_records_were_rejected() {
    let mapping = "[fields]\nid = 'id'\namount = { column = 'amount', type = 'number' }\n";
    let csv = "id,amount\n1,1\n2,two\n3,three\n4\n";
    let stage = Stage::new()
        .file("deals.csv", csv)
        .file("map.toml", mapping);
    for (more, code) in [("", 3), ("--max-errors 3", 7), ("", 3)] {
        let line = format!("deals.csv -t deals -m map.toml {more} --report page.html");
        ends(&stage, &line, code);
        let page = read(&stage, "page.html");
        let (_, rejects) = page.split_once("Rejected records\n").unwrap();
        assert!(rejects.contains("deals.csv:3"), "{page}");
        assert!(rejects.contains("They are kept in"), "{page}");
        // The last run is shown, also where nothing was sent; which is no success.
        let again = printed(&stage, "report");
        assert!(again.contains(&format!("exit code {code}, ")), "{again}");
        assert!(again.contains("deals.csv:3"), "{again}");
    }
}
