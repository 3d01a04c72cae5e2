//! What stands around a table: titles, footers, and Excel's `sep=` line.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use insta::assert_snapshot;

use crate::input::quotes::case;
use crate::rig::{done, ends, killed_at, said};
use crate::stage::{Stage, sorted_ids};
use crate::support::run;

const AROUND: &str = "--header-line 4 --skip-last 2";

const BOTH: [&str; 2] = [
    r#"{"amount":"10","id":"1","name":"A"}"#,
    r#"{"amount":"20","id":"2","name":"B"}"#,
];

#[test]
fn a_separator_line_names_the_delimiter() {
    let text = String::from_utf8(case("sep-line.csv")).unwrap();
    for (name, content, line) in [
        ("a.csv", text.clone(), ""),
        ("a.csv", text.replace('\n', "\r\n"), ""),
        ("a.csv", text.replace("sep=;", "SEP=;"), ""),
        // A name's usual delimiter is none that somebody chose.
        ("a.tsv", text.clone(), ""),
        ("a.csv", format!("\u{feff}{text}"), "--all"),
        ("a.csv", text.replace("sep=;", "sep=,"), "--delimiter ;"),
        ("a.csv", text.replace(';', "^"), ""),
    ] {
        let stage = Stage::new().file(name, &content);
        ends(&stage, &format!("{name} -t deals {line}"), 0);
        assert_eq!(stage.new_json(), BOTH, "{content:?} {line}");
    }
    // What is no such line is a header like others.
    let stage = Stage::new().file("a.csv", "id,name,sep=;\n1,A,x\n");
    ends(&stage, "a.csv -t deals", 0);
    assert_eq!(stage.new_json(), [r#"{"id":"1","name":"A","sep=;":"x"}"#]);
}

#[test]
fn a_title_and_a_footer_are_left_out() {
    let text = case("title-and-footer.csv");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(&text).unwrap();
    let packed = gzip.finish().unwrap();
    let text = String::from_utf8(text).unwrap();
    let quoted = text
        .replace("End of report", "End of \"report")
        .replace("Report:", "\"Report:");
    for (name, content, line) in [
        ("a.csv", text.as_bytes(), AROUND),
        ("a.csv", text.replace('\n', "\r\n").as_bytes(), AROUND),
        ("a.csv", text.replace('\n', "\r").as_bytes(), AROUND),
        ("a.csv", quoted.as_bytes(), AROUND),
        ("a.csv.gz", &packed, AROUND),
        ("a.csv", text.as_bytes(), "-m map.toml"),
        // What is typed goes first.
        (
            "a.csv",
            text.replacen("id;", "\n\nid;", 1).as_bytes(),
            "-m map.toml --header-line 6",
        ),
    ] {
        let mapping = "[input]\nheader_line = 4\nskip_last = 2\n\
            [fields]\nid = \"id\"\nname = \"name\"\namount = \"amount\"\n";
        let stage = Stage::new().file(name, content).file("map.toml", mapping);
        ends(&stage, &format!("{name} -t deals {line}"), 0);
        assert_eq!(stage.new_json(), BOTH, "{line}");
        let mut piped = stage.push(&format!("- --format csv -t deals {line}"));
        let told = run(piped.write_stdin(content));
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(stage.new_json(), BOTH, "{line}");
    }
}

#[test]
fn a_message_names_the_files_own_line() {
    let text = String::from_utf8(case("title-and-footer.csv")).unwrap();
    let stage = Stage::unused()
        .file("a.csv", text.replace("2;B;20", "2;B"))
        .file("short.csv", "id,name\n1,A\n")
        .file("a.ndjson", "{\"id\":1,\"name\":\"A\"}\n")
        .file(
            "map.toml",
            "[input]\nheader_line = 0\nskip_last = -1\n[fields]\nid = \"id\"\n",
        );
    let mut all = String::new();
    for (line, code) in [
        (format!("a.csv -t deals {AROUND}"), 3),
        ("a.csv -t deals --header-line 40".to_owned(), 3),
        (
            "short.csv -t deals --all --debounce 900 --skip-last 1".to_owned(),
            3,
        ),
        ("a.ndjson -t deals --skip-last 1".to_owned(), 2),
        ("short.csv -t deals -m map.toml".to_owned(), 2),
    ] {
        all.push_str(&said(&stage, &line, code));
    }
    assert_snapshot!(all);
}

#[test]
fn a_dry_run_says_what_is_left_out() {
    let stage = Stage::unused().file("a.csv", case("title-and-footer.csv"));
    assert_snapshot!(said(&stage, &format!("a.csv -t deals {AROUND} -n"), 0));
}

/// Who reads records takes white space for one.
#[test]
fn a_line_of_white_space_is_counted() {
    let stage = Stage::new().file("a.csv", "id,name,amount\n1,A,10\n2,B,20\n \n\n");
    ends(&stage, "a.csv -t deals --skip-last 1", 0);
    assert_eq!(stage.new_json(), BOTH);
}

/// Rows are counted, whatever lines they have; blank ones at the end are none.
#[test]
fn rows_of_a_sheet_are_left_out_too() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let rows: [&[&str]; 6] = [
        &["Report\nof two lines"],
        &[],
        &["id", "name", "amount"],
        &["1", "A", "10"],
        &["2", "B", "20"],
        &["Total\nof all", "", "30"],
    ];
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (1..).zip(cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    let stage = Stage::new().file("a.xlsx", book.save_to_buffer().unwrap());
    ends(&stage, "a.xlsx -t deals --header-line 3 --skip-last 1", 0);
    assert_eq!(stage.new_json(), BOTH);
}

/// The journal says how the input is read, of files and of copies.
#[test]
fn a_killed_push_goes_on_within_the_same_table() {
    let mut text = String::from("Report\n\nid,name\n");
    for id in 1..=20 {
        let _ = writeln!(text, "{id},Deal {id}");
    }
    text.push_str("Total,20\n");
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes()).unwrap();
    for (name, content) in [
        ("a.csv", text.into_bytes()),
        ("a.csv.gz", gzip.finish().unwrap()),
    ] {
        let stage = Stage::new().file(name, content);
        let line = format!("{name} -t deals --chunk-size 5 --jobs 1 --header-line 3 --skip-last 1");
        assert!(killed_at(&stage, &line, "journal-answer-after:2"), "{line}");
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(sorted_ids(&stage.settled()).len(), 20 + 2);
    }
}

/// Rejects have a header of their own, on their first line.
#[test]
fn rejects_are_pushed_with_the_same_mapping() {
    let mapping = "[input]\nheader_line = 2\nskip_last = 1\n\
        [fields]\nid = \"id\"\nname = \"name\"\namount = { column = \"amount\", type = \"number\" }\n";
    let text = "Report\nid,name,amount\n1,A,x\n2,B,20\nTotal,,30\n";
    let stage = Stage::new().file("a.csv", text).file("map.toml", mapping);
    ends(
        &stage,
        "a.csv -t deals -m map.toml --max-errors 1 --rejects bad.csv",
        7,
    );
    let path = stage.folder().path().join("bad.csv");
    let rejects = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, rejects.replace("1,A,x,", "1,A,10,")).unwrap();
    ends(&stage, "bad.csv -t deals -m map.toml", 0);
    let numbers = BOTH.map(|json| json.replace("\"10\"", "10").replace("\"20\"", "20"));
    let mut held = stage.new_json();
    held.sort();
    assert_eq!(held, numbers);
}
