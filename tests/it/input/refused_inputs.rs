//! Inputs and mappings that are refused, and nothing is sent.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::stage::{Stage, deals};
use crate::support::run;

/// What each line says, against a service that no line may call.
fn said(stage: &Stage, lines: &[&str]) -> String {
    let mut all = String::new();
    for line in lines {
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&run(&mut stage.push(line))));
    }
    all
}

const MAPPING: &str = "
table = \"deals\"
[fields]
id = \"id\"
name = \"nam\"
amount = { column = \"amount\", type = \"number\" }
owner = \"Owner\"
";

#[test]
fn absent_columns_are_named_with_the_nearest() {
    let stage = Stage::unused()
        .file("data.csv", deals(3))
        .file(
            "data.ndjson",
            "{\"id\": 1, \"name\": \"x\", \"amount\": 1}\n",
        )
        .file("no-id.csv", "Id,name\n1,x\n")
        .file("nothing-like.csv", "a,b\n1,x\n")
        .file("deals.toml", MAPPING);
    assert_snapshot!(said(
        &stage,
        &[
            "data.csv -m deals.toml --all --debounce 900",
            "data.ndjson -m deals.toml",
            "no-id.csv -t deals",
            "nothing-like.csv -t deals",
            "data.csv -t deals --id-field ident",
        ]
    ));
}

#[test]
fn a_bad_cell_on_the_last_line_of_100_000() {
    let mapping = MAPPING.replace("nam\"", "name\"").replace("owner", "#");
    let mut csv = deals(99_999);
    csv.push_str("100000,last,\"12,5O\"\n");
    let stage = Stage::unused()
        .file("data.csv", csv)
        .file("deals.toml", mapping);
    let told = run(&mut stage.push("data.csv -m deals.toml --all --debounce 900"));
    assert_snapshot!(stage.tidy(&told));
}

/// A layout that is wrong for a whole column is one line, beside what else is wrong.
#[test]
fn a_column_that_is_wrong_as_a_whole_is_one_line() {
    let mut csv = String::from("id,name,Close Date,Amount\n");
    for id in 1..=2_000 {
        let amount = if id == 700 { "n.c." } else { "7" };
        let _ = writeln!(csv, "{id},x,2025-07-{:02},{amount}", 1 + id % 28);
    }
    let mapping = "table = \"deals\"\n[fields]\nid = \"id\"\nname = \"name\"\n\
         close = { column = \"Close Date\", type = \"date\", format = \"%d/%m/%Y\" }\n\
         amount = { column = \"Amount\", type = \"number\" }\n";
    let stage = Stage::unused()
        .file("data.csv", csv)
        .file("deals.toml", mapping);
    assert_snapshot!(said(&stage, &["data.csv -m deals.toml"]));
}

#[test]
fn twenty_bad_records_are_shown_and_the_rest_counted() {
    let mapping = MAPPING.replace("nam\"", "name\"").replace("owner", "#");
    let mut csv = String::from("id,name,amount\n");
    for id in 1..=30 {
        let amount = if id % 6 == 0 { "7" } else { "seven" };
        let _ = writeln!(csv, "{id},\"two\nlines\",{amount}");
    }
    let stage = Stage::unused()
        .file("data.csv", csv)
        .file("more.csv", "id,name,amount\n,no id,1_000\n 31,x,\n")
        .file("deals.toml", mapping);
    assert_snapshot!(said(&stage, &["data.csv more.csv -m deals.toml"]));
    // Quiet leaves out progress, never what is wrong.
    let loud = run(&mut stage.push("data.csv more.csv -m deals.toml"));
    let quiet = run(&mut stage.push("data.csv more.csv -m deals.toml -q"));
    assert_eq!(stage.tidy(&loud), stage.tidy(&quiet));
}

#[test]
fn inputs_without_records() {
    let stage = Stage::unused()
        .file("header.csv", "id,name\n\n")
        .file("empty.csv", "")
        .file("blank.csv", "\n\r\n\n")
        .file("empty.ndjson", "")
        .file("blank.ndjson", "\n  \n");
    let mut lines = Vec::new();
    for file in [
        "header.csv",
        "empty.csv",
        "blank.csv",
        "empty.ndjson",
        "blank.ndjson",
    ] {
        lines.push(format!("{file} -t deals"));
        lines.push(format!("{file} -t deals --all --debounce 900"));
    }
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    assert_snapshot!(said(&stage, &lines));
}

#[test]
fn mistakes_in_a_mapping_come_all_at_once() {
    let mapping = r#"
tabel = "deals"
unmapped = "warn"

[input]
delimiter = ";;"
decimal = "."
thousands = "."

[fields]
id = "id"
name = "id"
amount = { column = "amount", typ = "number" }
day = { column = "day", type = "date", format = "%d/%m/%g" }
won = { column = "won", type = "bool" }
stage = { colum = "stage" }
rate = { column = "rate", type = "percent", fraction = "yes" }
both = { column = "a", value = "b" }
"#;
    let stage = Stage::unused()
        .file("data.csv", deals(3))
        .file("bad.toml", mapping)
        .file("torn.toml", "table = \"deals\n[fields]\nid = \n")
        .file("latin.toml", b"table = \"\xe9\"\n")
        .file("none.toml", "# nothing\n");
    assert_snapshot!(said(
        &stage,
        &[
            "data.csv -m bad.toml",
            "data.csv -m torn.toml",
            "data.csv -m latin.toml",
            "data.csv -m none.toml",
            "data.csv -m nowhere.toml",
        ]
    ));
}

#[test]
fn files_that_are_not_there_or_not_what_they_should_be() {
    let stage = Stage::unused()
        .file("data.csv", deals(3))
        .file("lines.ndjson", "{\"id\": 1}\n")
        .file("data", "id\n1\n")
        .file("data.json", "id\n1\n")
        .file("data.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0")
        .file("book.csv", b"PK\x03\x04rest")
        .file("other.csv", "id,nam,amount\n1,x,2\n");
    assert_snapshot!(said(
        &stage,
        &[
            "nowhere.csv -t deals",
            "data.csv nowhere.csv -t deals",
            ". -t deals",
            "data -t deals",
            "data.json -t deals",
            "data.csv.gz -t deals",
            "book.csv -t deals",
            "data.csv lines.ndjson -t deals",
            "data.csv other.csv -t deals",
            "- -t deals",
        ]
    ));
}

#[test]
fn csv_that_cannot_be_read() {
    let long = format!("id,name\n1,{}\n", "x".repeat(1 << 20));
    let wide = vec!["x"; 5_000].join(",");
    let stage = Stage::unused()
        .file("doubled.csv", "id,name,id\n1,x,2\n")
        .file("nameless.csv", "id,,name\n1,x,2\n")
        .file("spaced.csv", "id, name\n1,x\n")
        .file("ragged.csv", "id,name\n1,x\n2\n3,x,y\n4,x\n")
        .file("open.csv", "id,name\n1,x\n2,\"y\n3,z\n")
        .file("null.csv", b"id,name\n1,x\n2,a\0b\n")
        .file("latin.csv", b"id,name\n1,x\n2,Zo\xeb\n")
        .file("latin-header.csv", b"id,pr\xe9nom\n1,x\n")
        .file("long.csv", long)
        .file("wide.csv", format!("{wide}\n{wide}\n"));
    assert_snapshot!(said(
        &stage,
        &[
            "doubled.csv -t deals",
            "nameless.csv -t deals",
            "spaced.csv -t deals",
            "ragged.csv -t deals",
            "open.csv -t deals",
            "null.csv -t deals",
            "latin.csv -t deals",
            "latin-header.csv -t deals",
            "long.csv -t deals",
            "wide.csv -t deals",
        ]
    ));
}

#[test]
fn ndjson_that_cannot_be_read() {
    let stage = Stage::unused()
        .file(
            "data.ndjson",
            concat!(
                "{\"id\": 1}\n",
                "{\"id\": 2, \"name\": \"x\"\n",
                "[1, 2]\n",
                "{\"id\": 4, \"name\": 1, \"name\": 2}\n",
                "{\"id\": 5, \"deep\": {\"a\": 1, \"a\": 2}}\n",
                "{\"name\": \"no id\"}\n",
                "{\"id\": \"\"}\n",
                "{\"id\": null}\n",
                "{\"id\": true}\n",
                "{\"id\": [10]}\n",
                "{\"id\": 11, \"name\": \"\\ud800\"}\n",
                "{\"id\": 12, \"amount\": NaN}\n",
                "{\"id\": 13, \"amount\": 007}\n",
                "{\"id\": 14} {\"id\": 15}\n",
                "{\"id\": 15, \"name\": \"\u{1b}[31m\u{202e}\"} x\n",
            ),
        )
        .file("null.ndjson", b"{\"id\": 1}\n{\"id\": \"\0\"}\n")
        .file("latin.ndjson", b"{\"id\": 1}\n{\"id\": \"\xe9\"}\n")
        .file("pretty.ndjson", "{\n  \"id\": 1\n}\n");
    assert_snapshot!(said(
        &stage,
        &[
            "data.ndjson -t deals",
            "null.ndjson -t deals",
            "latin.ndjson -t deals",
            "pretty.ndjson -t deals",
        ]
    ));
}
