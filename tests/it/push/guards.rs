//! What refuses to start although the service would take it, through the real program.
//!
//! Each guard says its numbers and the option that overrides it; the override then does.

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::{fs, process};

use insta::assert_snapshot;
use qobra_push::{SandboxClock, SandboxOptions};

use crate::stage::{OLD, Stage, deals, deals_from, ids, numbers, options, sorted_ids};
use crate::support::{FIRST_REPLACE, Told, run};

const REPLACE: &str = "-t deals --all --debounce 900";

/// One push, expected to end with this code.
fn ends(stage: &Stage, line: &str, code: i32) -> Told {
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(code), "{line}: {told}");
    told
}

/// What was said, for a snapshot.
fn said(stage: &Stage, line: &str, code: i32) -> String {
    format!("$ {line}\n{}\n", stage.tidy(&ends(stage, line, code)))
}

/// A replace without a debounce leaves nothing waiting, so that another push may follow at once.
fn replaced_at_once(stage: &Stage, records: u64, line: &str, code: i32) -> Told {
    stage.folder().write("data.csv", deals(records));
    let told = ends(stage, &format!("data.csv -t deals --all {line}"), code);
    stage.running.sandbox.settle();
    told
}

#[test]
fn an_empty_replace_must_be_meant() {
    let stage = Stage::unused().file("data.csv", "id,name\n");
    let refused = said(&stage, &format!("data.csv {REPLACE}"), 3);
    assert_eq!(ids(&stage.held()), OLD);

    let stage = Stage::new().file("data.csv", "id,name\n");
    let emptied = said(&stage, &format!("data.csv {REPLACE} --allow-empty"), 0);
    assert_snapshot!(refused + &emptied);
    assert_eq!(stage.records(), [Some(0)]);
    assert_eq!(ids(&stage.held()), OLD, "the window is open");
    let table = stage.settled();
    assert_eq!((table.records.len(), table.deletes), (0, 1));
}

#[test]
fn a_replace_that_shrinks_the_table_must_be_meant() {
    let stage = Stage::new();
    replaced_at_once(&stage, 1_000, "", 0);
    let refused = replaced_at_once(&stage, 499, "", 3);
    assert_snapshot!(stage.tidy(&refused));
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=1_000));
    // Nothing is compared with what an upsert wrote, with another table or with another folder.
    ends(&stage, "data.csv -t deals", 0);
    let elsewhere = stage.folder().path().join("elsewhere");
    let line = "data.csv -t deals --all --dry-run --state-dir";
    let told = run(stage.push(line).arg(&elsewhere));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(!elsewhere.exists(), "a dry run leaves nothing behind");

    replaced_at_once(&stage, 499, "--max-shrink 50%", 3);
    replaced_at_once(&stage, 499, "--max-shrink 50.1%", 0);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=499));
    // From now on that is what the next one is compared with.
    replaced_at_once(&stage, 250, "", 0);
    replaced_at_once(&stage, 249, "--max-shrink 0%", 3);
    replaced_at_once(&stage, 2_500, "--max-shrink 0%", 0);
    replaced_at_once(&stage, 1, "--dry-run", 3);
    replaced_at_once(&stage, 1, "--max-shrink 100%", 0);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=1));
}

/// A folder that knows no push of the table, as a container's may be each time, says what it cannot see.
#[test]
fn a_first_replace_says_that_nothing_is_known() {
    let stage = Stage::new().file("data.csv", deals(3));
    let says = |line: &str| {
        let told = ends(&stage, line, 0);
        stage.running.sandbox.settle();
        told.stderr.matches(FIRST_REPLACE).count()
    };
    let replace = "data.csv -t deals --all";
    for (line, times) in [
        (format!("{replace} --dry-run"), 1),
        // A rehearsal's folder is always a new one.
        (format!("{replace} --sandbox"), 0),
        ("data.csv -t deals --state-dir another".to_owned(), 0),
        (format!("{replace} -q --state-dir quiet"), 0),
        (replace.to_owned(), 1),
        (replace.to_owned(), 0),
        (format!("{replace} --state-dir another"), 0),
        (format!("{replace} --state-dir fresh"), 1),
    ] {
        assert_eq!(says(&line), times, "{line}");
    }
}

#[test]
fn a_replace_that_failed_is_nothing_to_compare_with() {
    let stage = Stage::with_faults("401@2");
    replaced_at_once(&stage, 100, "", 0);
    replaced_at_once(&stage, 1_000, "", 4);
    replaced_at_once(&stage, 50, "", 0);
    replaced_at_once(&stage, 24, "", 3);
    assert_eq!(sorted_ids(&stage.held()), numbers(1..=50));
}

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

const MAPPING: &str = "
table = \"deals\"
[fields]
id = \"id\"
name = \"name\"
amount = { column = \"amount\", type = \"number\" }
";

/// 200 deals, two of which cannot be mapped, in files that lack the id 100.
fn with_bad_records(stage: Stage) -> Stage {
    let mut csv = deals(99);
    csv.push_str("x1,\"two\nlines\",seven\n");
    let mut more = deals_from(101, 197);
    more.push_str("198,short\n199,Deal 199,199.50\n");
    stage
        .file("a.csv", csv)
        .file("b.csv", more)
        .file("deals.toml", MAPPING)
}

/// The one rejects file below the state folder.
fn rejects(stage: &Stage) -> PathBuf {
    let find = process::Command::new("find")
        .arg(stage.folder().path().join("state"))
        .args(["-name", "rejects.*"])
        .output()
        .unwrap();
    let found = String::from_utf8(find.stdout).unwrap();
    let [path] = found.lines().collect::<Vec<_>>().try_into().unwrap();
    PathBuf::from(path)
}

#[test]
fn bad_records_within_the_budget_are_left_out() {
    for budget in ["2", "1.1%", "100%"] {
        let stage = with_bad_records(Stage::new());
        let line = format!("a.csv b.csv -m deals.toml {REPLACE} --max-errors {budget}");
        let told = ends(&stage, &line, 7);
        if budget == "2" {
            assert_snapshot!(stage.tidy(&told));
        }
        let expected = numbers((1..=99).chain(101..=197).chain([199]));
        assert_eq!(sorted_ids(&stage.settled()), expected);
        let path = rejects(&stage);
        assert!(told.stderr.contains(&path.display().to_string()), "{told}");
        let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&path) & 0o777, 0o600);
        assert_eq!(mode(path.parent().unwrap()) & 0o777, 0o700);
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            concat!(
                "\u{feff}id,name,amount,reject_file,reject_line,reject_column,reject_reason\n",
                "x1,\"two\nlines\",seven,a.csv,101,amount,column amount: `seven` is not a number\n",
                "198,short,,b.csv,99,,has 2 fields where the header has 3,",
                "\"(1 field is missing: complete the record, then delete this one)\"\n",
            )
        );
    }
}

#[test]
fn corrected_rejects_fill_the_gap() {
    let stage = with_bad_records(Stage::of(SandboxOptions {
        clock: SandboxClock::real(),
        ..options()
    }));
    // One request without a debounce: the next push need not wait.
    let line = "a.csv b.csv -m deals.toml --all --max-errors 2 -q";
    let told = ends(&stage, line, 7);
    // Quiet leaves out progress, never that the table lacks something.
    assert!(told.stderr.contains("table `deals` has gaps: "), "{told}");
    let path = rejects(&stage);
    let text = fs::read_to_string(&path).unwrap();
    let text = text.replace("seven", "7").replace("short,,", "Deal 198,9,");
    let marker = ",\"(1 field is missing: complete the record, then delete this one)\"";
    assert!(text.contains(marker), "{text}");
    let text = text.replace(marker, "");
    fs::write(&path, text.replace("x1", "100")).unwrap();
    let line = format!("{} -m deals.toml", path.display());
    ends(&stage, &line, 0);
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=199));
}

#[test]
fn bad_records_over_the_budget_are_refused() {
    let stage = with_bad_records(Stage::unused());
    let mut all = String::new();
    for budget in ["1", "1%", "0.9999%"] {
        let line = format!("a.csv b.csv -m deals.toml {REPLACE} --max-errors {budget}");
        all.push_str(&said(&stage, &line, 3));
    }
    assert_snapshot!(all);
    assert_eq!(ids(&stage.held()), OLD);
}

#[test]
fn nothing_but_bad_records_is_no_success() {
    let bad = "id,name,amount\n1,x,seven\n2,y,eight\n";
    let stage = Stage::unused()
        .file("data.csv", bad)
        .file("deals.toml", MAPPING);
    let line = "data.csv -m deals.toml --max-errors 100%";
    let upsert = said(&stage, line, 7);
    let replace = said(&stage, &format!("{line} --all --debounce 900"), 3);
    assert_snapshot!(upsert + &replace);
}

#[test]
fn a_window_that_cannot_be_met_is_refused() {
    let stage = Stage::unused().file("data.csv", deals(600));
    let sizes = "--chunk-size 10 --jobs 4";
    let mut all = String::new();
    // 1 + 15 rounds: 80 s at 5 s each, 16 minutes at a minute each.
    for window in [
        "--debounce 88",
        "--debounce 0",
        "--debounce 900 --chunk-seconds 1m",
    ] {
        let line = format!("data.csv -t deals --all {sizes} {window}");
        let told = said(&stage, &line, 3);
        // A dry run sees it too, and shows its plan before.
        let dry = said(&stage, &format!("{line} --dry-run"), 3);
        let refusal = |told: &str| told.find("error: ").map(|at| told[at..].to_owned());
        assert_eq!(refusal(&dry), refusal(&told));
        all.push_str(&told);
    }
    assert_snapshot!(all);

    // The debounce that a hint names does, and so does knowing better.
    for window in [
        "--debounce 2m",
        "--debounce 89",
        "--debounce 18m --chunk-seconds 60",
        "--debounce 5 --chunk-seconds 0.1",
    ] {
        let stage = Stage::new().file("data.csv", deals(600));
        ends(
            &stage,
            &format!("data.csv {sizes} -t deals --all {window}"),
            0,
        );
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=600), "{window}");
    }
}

#[test]
fn earlier_runs_tell_what_a_request_takes() {
    // The first push takes over a second for its only request.
    let stage = Stage::of(SandboxOptions {
        faults: qobra_push::parse_faults("slow:1.2@1").unwrap(),
        ..options()
    })
    .file("one.csv", deals(3))
    .file("data.csv", deals(600));
    ends(&stage, "one.csv -t deals", 0);
    let line = "data.csv -t deals --all --chunk-size 10";
    let told = ends(&stage, &format!("{line} --debounce 10 -n"), 3);
    let known = "1.2 s each as earlier pushes to this table took";
    assert!(told.stderr.contains(known), "{told}");
    // 16 rounds of what is assumed where nothing is known would not fit here.
    ends(&stage, &format!("{line} --debounce 30 -n"), 0);
    let fresh = stage.folder().path().join("fresh");
    let told = run(stage
        .push(&format!("{line} --debounce 30 -n --state-dir"))
        .arg(fresh));
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(told.stderr.contains("5.0 s each as is assumed"), "{told}");
    // What the user says goes first.
    ends(
        &stage,
        &format!("{line} --debounce 10 --chunk-seconds 0.1"),
        0,
    );
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=600));
    let mut times = String::new();
    let _ = write!(times, "{}", ends(&stage, "runs", 0));
    assert_eq!(times.matches(" accepted").count(), 2, "{times}");
}

#[test]
fn a_rehearsal_asks_for_no_room() {
    let stage = Stage::unused().file("data.csv", deals(600));
    let mut command = stage.push("data.csv -t deals --all --debounce 2 --chunk-size 10 --sandbox");
    let told = run(command.env_remove("QOBRA_BASE_URL"));
    assert_eq!(told.code(), Some(0), "{told}");
}

#[test]
fn a_pipe_that_ends_within_a_line_is_named() {
    for (text, is_cut) in [
        ("id,name\n1,x\n", false),
        ("id,name\r1,x\r", false),
        ("id,name\n1,x", true),
        ("id,name", true),
    ] {
        let stage = Stage::new().file("data.csv", text);
        ends(&stage, "data.csv -t deals", 0);
        let mut command = stage.push("- --format csv -t deals");
        let told = run(command.write_stdin(text));
        // The same file, where it stands, is whole as far as anyone can tell.
        ends(&stage, "data.csv -t deals --all --allow-empty", 0);
        assert_eq!(told.code(), Some(0), "{text:?}: {told}");
        let warning = "warning: standard input: the last line does not end; was it cut?\n";
        assert_eq!(told.stderr.contains(warning), is_cut, "{text:?}: {told}");
    }
}

/// A named pipe's extension tells the delimiter, and its copy has another name.
#[test]
fn a_pipe_of_tabs_is_resumed() {
    let stage = Stage::with_faults("401@2");
    let pipe = stage.folder().path().join("data.tsv");
    let made = process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let text = deals(30).replace(',', "\t");
    let told = std::thread::scope(|scope| {
        scope.spawn(|| fs::write(&pipe, text).unwrap());
        ends(&stage, "data.tsv -t deals --chunk-size 10 --jobs 1", 6)
    });
    assert!(told.stderr.contains("1 of 3 chunks accepted"), "{told}");
    ends(&stage, "resume", 0);
    let written = sorted_ids(&stage.settled());
    assert_eq!(written[..30], numbers(1..=30));
}
