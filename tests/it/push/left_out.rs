//! Bad records: left out within `--max-errors`, else refused; the rejects file, corrected, fills the gap.

use std::fs;
use std::path::PathBuf;

use insta::assert_snapshot;
use qobra_push::{SandboxClock, SandboxOptions};

use crate::rig::{ends, entries, folder_name, runs, said};
use crate::stage::{OLD, Stage, deals, deals_from, ids, numbers, options, sorted_ids};
use crate::support::has_mode;

const REPLACE: &str = "-t deals --all --debounce 900";

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
    let files = runs(stage).into_iter().flat_map(|run| entries(&run));
    let found = files.filter(|path| folder_name(path).starts_with("rejects."));
    let [path] = found.collect::<Vec<_>>().try_into().unwrap();
    path
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
        has_mode(&path, 0o600);
        has_mode(path.parent().unwrap(), 0o700);
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
fn own_columns_of_a_rejects_files_names_lose_no_cell() {
    let stage = Stage::new().file(
        "a.csv",
        "id,name,reject_reason\n1,a,late\n ,b,price\n3,c,7\n",
    );
    let line = "a.csv -t deals --max-errors 1 --rejects rej.csv";
    let told = ends(&stage, line, 7);
    assert!(!told.stderr.contains("are left out, since"), "{told}");
    let path = stage.folder().path().join("rej.csv");
    let text = fs::read_to_string(&path).unwrap();
    let wanted = "\u{feff}id,name,input_reject_reason,reject_file,reject_line,reject_column,\
        reject_reason\n ,b,price,a.csv,3,id,";
    assert!(text.starts_with(wanted), "{text}");
    fs::write(&path, text.replace("\n ,b", "\n2,b")).unwrap();
    let told = ends(&stage, "rej.csv -t deals", 0);
    let note = "rej.csv: reject_file, reject_line, reject_column and reject_reason are left out";
    assert_eq!(told.stderr.matches(note).count(), 1, "{told}");
    let record = r#"{"id":"2","name":"b","reject_reason":"price"}"#;
    assert!(stage.new_json().contains(&record.to_owned()), "{told}");
}

#[test]
fn all_columns_of_a_rejects_file_are_said_to_be_left_out() {
    let four = r#""reject_file":1,"reject_line":2,"reject_column":3,"reject_reason":4"#;
    for (name, content) in [
        (
            "a.csv",
            "id,reject_reason,reject_file,reject_line,reject_column\n1,4,1,2,3\n".to_owned(),
        ),
        ("a.ndjson", format!("{{\"id\":\"1\",{four}}}\n")),
        ("a.json", format!("[{{\"id\":\"1\",{four}}}]")),
    ] {
        let stage = Stage::new().file(name, content);
        let told = ends(&stage, &format!("{name} -t deals"), 0);
        let note =
            "and reject_reason are left out, since a file with all of them is a rejects file";
        assert_eq!(told.stderr.matches(note).count(), 1, "{told}");
        assert_eq!(stage.new_json(), [r#"{"id":"1"}"#], "{name}");
    }
}
