//! Inputs that hold another file's header, or lines that may be records inside of a cell.

use std::fmt::Write as _;

use insta::assert_snapshot;

use crate::input::quotes::case;
use crate::stage::{OLD, Stage, ids};
use crate::support::{run, workbook};

#[test]
fn a_header_that_comes_again_is_a_bad_record() {
    let book = workbook(&[["id", "name"], ["1", "A"], ["id", "name"]]);
    let stage = Stage::unused()
        .file("header-again.csv", case("header-again.csv"))
        .file("twin.csv", case("header-again.csv"))
        .file(
            "marked.csv",
            "\u{feff}\"id\";\"name\"\r\n1;A\r\n\u{feff}\"id\";\"name\"\r\n2;B\r\n",
        )
        .file("column.csv", "id\n1\nid\n")
        .file("book.xlsx", book);
    let mut all = String::new();
    for line in [
        "header-again.csv -t deals --all --debounce 900",
        "header-again.csv twin.csv -t deals",
        "marked.csv -t deals",
        "column.csv -t deals",
        "book.xlsx -t deals",
    ] {
        let told = run(&mut stage.push(line));
        assert_eq!(told.code(), Some(3), "{told}");
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&told));
    }
    assert_eq!(ids(&stage.settled()), OLD);
    assert_snapshot!(all);
}

#[test]
fn it_may_be_left_out_and_is_no_fault_of_two_files() {
    let stage = Stage::new().file("header-again.csv", case("header-again.csv"));
    let line = "header-again.csv -t deals --all --max-errors 1 --rejects rejects.csv";
    let told = run(&mut stage.push(line));
    assert_eq!(told.code(), Some(7), "{told}");
    assert_eq!(ids(&stage.settled()), ["1", "2"]);
    let rejects = std::fs::read_to_string(stage.folder().path().join("rejects.csv")).unwrap();
    let record = rejects.lines().nth(1).unwrap();
    assert!(
        record.starts_with("id,name,header-again.csv,3,,repeats the header"),
        "{rejects}"
    );

    let stage = Stage::new()
        .file("a.csv", "id,name\n1,A\n")
        .file("b.csv", "id,name\n2,B\n");
    let told = run(&mut stage.push("a.csv b.csv -t deals --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(ids(&stage.settled()), ["1", "2"]);
}

/// It is right, and may be wrong: the record is sent, and the first few are told of.
#[test]
fn lines_in_a_cell_that_look_like_records_are_told_of() {
    let mut csv = "id;name;city\n1;Shop 1;Lyon\n".to_owned();
    for n in [2, 5, 8, 11] {
        let _ = writeln!(
            csv,
            "{n};\"Shop {n};Metz\n{};Shop;Nice\n{};Screen 12\";Pau",
            n + 1,
            n + 2
        );
    }
    let mapping = "[fields]\nid = 'id'\nname = 'name'\n";
    let stage = Stage::new()
        .file("deals.csv", &csv)
        .file("deals.toml", mapping);
    let told = run(&mut stage.push("deals.csv -t deals -m deals.toml --all"));
    assert_eq!(told.code(), Some(0), "{told}");
    let held = stage.settled();
    assert_eq!(ids(&held), ["1", "2", "5", "8", "11"]);
    let swallowed = r#"{"id":"2","name":"Shop 2;Metz\n3;Shop;Nice\n4;Screen 12"}"#;
    assert_eq!(held.records[1].1, swallowed);
    assert_snapshot!(stage.tidy(&told));
}
