//! Tables that spreadsheets left ragged: lines of delimiters, empty cells behind the last column, and
//! names that no field wants.

use insta::assert_snapshot;

use crate::input::quotes::case;
use crate::rig::{ends, said};
use crate::stage::Stage;

#[test]
fn lines_of_delimiters_and_cells_behind_the_last_column_are_left_out() {
    let mut all = String::new();
    for name in ["delimiter-rows.csv", "trailing-delimiter.csv"] {
        let stage = Stage::new().file(name, case(name));
        all.push_str(&said(&stage, &format!("{name} -t deals"), 0));
        assert_eq!(stage.new_ids(), ["1", "2"]);
    }
    assert_snapshot!(all);
}

#[test]
fn only_what_is_empty_is_left_out() {
    for (text, expected) in [
        ("id;name\r\n;\r\n1;A\r\n;;;\r\n2;B;;\r\n", &["1", "2"][..]),
        ("id\tname\n\t\n1\tA\t\t\n2\tB", &["1", "2"]),
        ("id,name,,\n1,A\n2,B,\"\",\n", &["1", "2"]),
        ("\"id\",\"name\",\"\"\n\"1\",\"A\",\"\"\n", &["1"]),
        ("id|name\n|\n1|\n", &["1"]),
    ] {
        let stage = Stage::new().file("a.csv", text);
        let line = if text.contains('\t') {
            "--delimiter tab"
        } else {
            ""
        };
        ends(&stage, &format!("a.csv -t deals {line}"), 0);
        assert_eq!(stage.new_ids(), expected, "{text:?}");
    }
    // Something stands in these.
    for (text, why) in [
        (
            "id,name\n1,A,x\n",
            "line 2: has 3 fields where the header has 2",
        ),
        (
            "id,name,\n1,A,x\n",
            "line 2: has 3 fields where the header has 2",
        ),
        (
            "id,name\n1,A, \n",
            "line 2: has 3 fields where the header has 2",
        ),
        ("id,name\n, \n", "line 2: column id is empty"),
        ("id,name\n,\"\"\n", "line 2: column id is empty"),
        (
            "id,name,amount\n1,\n",
            "line 2: has 2 fields where the header has 3",
        ),
    ] {
        let stage = Stage::unused().file("a.csv", text);
        let told = ends(&stage, "a.csv -t deals", 3);
        assert!(told.stderr.contains(why), "{told}");
    }
}

/// What is left out is no record: counts, places and rejects are those of the others.
#[test]
fn what_is_left_out_is_not_counted() {
    let text = "id,name,\n,,\n1,A,\n,,\n2,,\n,,\n3,C,\n";
    let mapping = "[fields]\nid = \"id\"\nname = { column = \"name\", required = true }\n";
    let stage = Stage::new().file("a.csv", text).file("map.toml", mapping);
    let line = "a.csv -t deals -m map.toml --max-errors 1 --rejects bad.csv";
    let told = ends(&stage, line, 7);
    assert!(
        told.stderr
            .contains("a.csv, line 5: column name is empty\n"),
        "{told}"
    );
    assert_eq!(stage.new_ids(), ["1", "3"]);
    let path = stage.folder().path().join("bad.csv");
    let rejects = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, rejects.replace("2,,", "2,B,")).unwrap();
    ends(&stage, "bad.csv -t deals -m map.toml", 0);
    assert_eq!(stage.new_ids(), ["1", "3", "2"]);
}

/// What each line says, and that nothing was sent.
fn refused(stage: &Stage, lines: &[(&str, i32)]) -> String {
    let all = lines.iter().map(|(line, code)| said(stage, line, *code));
    all.collect()
}

#[test]
fn names_only_matter_where_a_field_wants_them() {
    let stage = Stage::new()
        .file("a.csv", case("unused-names.csv"))
        .file("map.toml", "[fields]\nid = \"id\"\nname = \"name\"\n");
    ends(&stage, "a.csv -t deals -m map.toml", 0);
    assert_eq!(stage.new_ids(), ["1", "2"]);

    let note = "[fields]\nid = \"id\"\nname = \"name\"\nnote = \"note\"\n";
    let padded = "[fields]\nid = \"id\"\nname = \"Deal Name\"\n";
    let stage = Stage::unused()
        .file("a.csv", case("unused-names.csv"))
        .file("padded.csv", "id, Deal Name\n1,A\n")
        .file("note.toml", note)
        .file("padded.toml", padded);
    let lines = [
        ("a.csv -t deals", 3),
        ("a.csv -t deals -m note.toml", 2),
        ("padded.csv -t deals", 3),
        ("padded.csv -t deals -m padded.toml", 2),
    ];
    assert_snapshot!(refused(&stage, &lines));
}

#[test]
fn a_draft_leaves_out_columns_that_no_field_can_use() {
    let stage = Stage::new().file("a.csv", case("unused-names.csv"));
    let told = said(&stage, "init a.csv", 0);
    let draft = ends(&stage, "init a.csv", 0).stdout;
    stage.folder().write("map.toml", draft);
    ends(&stage, "a.csv -t deals -m map.toml", 0);
    assert_eq!(stage.new_ids(), ["1", "2"]);
    assert_snapshot!(told);
}

/// One mistake, not one for each column that is missing.
#[test]
fn the_line_that_looks_like_the_header_is_named() {
    let mapping = "[fields]\nid = \"id\"\nname = \"name\"\namount = \"amount\"\n";
    let stage = Stage::unused()
        .file("title.csv", case("title-and-footer.csv"))
        .file("one.csv", "id;name;amount\n1;A;10\n2;B;20\n")
        .file("none.csv", "1,A,10\n2,B,20\n3,C,30\n")
        .file("map.toml", mapping)
        .file(
            "comma.toml",
            format!("[input]\ndelimiter = \",\"\n{mapping}"),
        );
    let lines = [
        ("title.csv -t deals", 2),
        ("title.csv -t deals -m map.toml", 2),
        ("title.csv -t deals -m comma.toml", 2),
        ("one.csv -t deals -m comma.toml", 2),
        ("one.csv -t deals --delimiter ,", 2),
        ("none.csv -t deals", 2),
        ("none.csv -t deals -m map.toml", 2),
        ("init none.csv", 0),
    ];
    assert_snapshot!(refused(&stage, &lines));
}

/// Where it is certain the draft says it, and a push with the draft sends exactly the table.
#[test]
fn a_draft_says_where_the_table_begins_and_ends() {
    let text = String::from_utf8(case("title-and-footer.csv")).unwrap();
    let unsure = text.replace("\nTotal;;30\nEnd of report\n", "Total;;30\n");
    let mut all = String::new();
    for (name, content, sent) in [
        ("sure.csv", text, &["1", "2"][..]),
        // A total may be a deal's name: leaving it out is for the user to say.
        ("unsure.csv", unsure, &["1", "2", "Total"]),
    ] {
        let stage = Stage::new().file(name, content);
        all.push_str(&said(&stage, &format!("init {name}"), 0));
        let draft = ends(&stage, &format!("init {name}"), 0).stdout;
        stage.folder().write("map.toml", draft);
        ends(&stage, &format!("{name} -t deals -m map.toml"), 0);
        assert_eq!(stage.new_ids(), sent);
    }
    assert_snapshot!(all);
}

/// Records that fill a block of the reader to its last byte, and one behind them.
fn alone_behind_a_block() -> String {
    let mut text = String::from("id,name,amount,owner\n");
    for id in 0..8_192 {
        text.push_str(&format!("{id:07},a name here,1.50,owner\n"));
    }
    text + "Generated by CRM,,,\n"
}

/// A total is told, and sent all the same: only the user knows.
#[test]
fn a_last_record_that_looks_like_a_total_is_told() {
    let warning = "the last record looks like a total: ";
    let stage = Stage::new()
        .file("totals.csv", case("totals-row.csv"))
        .file("named.csv", "id,name,amount\n1,A,1\n2,B,2\n3,Gesamt:,3\n")
        .file(
            "hollow.csv",
            "id,name,a,b,c\n1,A,1,1,1\n2,B,2,2,2\n3,C,3,3,3\n9,Z,,,\n",
        )
        .file(
            "good.csv",
            "id,name,amount\n1,Total Energies,1\n2,Totally,2\n3,Sum of us,\n",
        )
        .file(
            "few.csv",
            "id,name,a,b,c\n1,A,1,1,1\n2,B,2,2,2\nGenerated by CRM,,,,\n",
        )
        .file(
            "word.csv",
            "id,name,amount\n1,A,1\n2,B,2\n\"Grand total (2)\",,3\n",
        )
        .file("border.csv", alone_behind_a_block())
        .file("short.csv", "id,name,a,b,c\n1,A,1,1,1\n2,B,,,\n");
    for (line, what) in [
        (
            "totals.csv",
            "totals.csv, line 32: the last record looks like a total: it says `Total`",
        ),
        (
            "named.csv",
            "named.csv, line 4: the last record looks like a total: it says `Gesamt:`",
        ),
        (
            "hollow.csv",
            "hollow.csv, line 5: the last record looks like a total: 2 of its cells are filled, and 5 of others",
        ),
        (
            "few.csv",
            "few.csv, line 4: the last record looks like a total: 1 of its cells are filled",
        ),
        (
            "word.csv",
            "word.csv, line 4: the last record looks like a total: it says `Grand total (2)`",
        ),
        (
            "border.csv",
            "border.csv, line 8194: the last record looks like a total: 1 of its cells",
        ),
        ("good.csv", ""),
        ("short.csv", ""),
        ("totals.csv --skip-last 1", ""),
    ] {
        let told = ends(&stage, &format!("{line} -t deals --dry-run"), 0);
        assert_eq!(told.stderr.contains(warning), !what.is_empty(), "{told}");
        assert!(told.stderr.contains(what), "{told}");
    }
    ends(&stage, "totals.csv -t deals --all", 0);
    assert_eq!(stage.settled().records.len(), 31);
}

/// What only looks like a title or a footer is a header and a record: `init` leaves it in.
#[test]
fn a_draft_takes_no_record_for_a_header_and_drops_none() {
    for (text, count) in [
        // A header of a year and a nameless column, above texts.
        ("ID;2024;\nA1;x;Bob\nA2;y;Eve\n", 2),
        // The last record is cut off, or has little in it.
        ("id,name,owner\nD1,A,x\nD2,B,y\nD3", 3),
        ("id,name,owner\nD1,A,x\n\nD2,B,y\n\nD3,,\n", 3),
        ("id,name,owner\n1,A,x\n2,B,y\nMüller und Söhne,C,z\n", 3),
        ("id,name,,\n1,A\n2,B\n3,C\n", 3),
        ("id,name,note\n1,a,x\n2,b,y\n3,c,call\nthem again\n", 4),
        // A header that is narrower than its records.
        ("ID,Name\nname,id,y,z\nbob,A2,z,q\ncid,A3,q,r\n", 3),
    ] {
        let stage = Stage::new().perhaps_unused().file("a.csv", text);
        let draft = ends(&stage, "init a.csv", 0).stdout;
        let margins = ["header_line", "skip_last = "]
            .map(|key| draft.lines().any(|line| line.starts_with(key)));
        assert_eq!(margins, [false; 2], "{text}\n{draft}");
        stage
            .folder()
            .write("map.toml", draft.replace("# id = \"KEY\"", "id = \"id\""));
        let line = "a.csv -t deals -m map.toml --dry-run --output json";
        let told = crate::support::run(&mut stage.push(line));
        let read = serde_json::from_str::<serde_json::Value>(&told.stdout).unwrap();
        assert_eq!(read["counts"]["read"], count, "{text}\n{told}");
    }
}

/// A title as wide as the table is not known by its width: the line that names the id is told.
#[test]
fn a_line_that_names_the_id_is_told() {
    let text = "ID report,2025\nid,name\n1,a\n2,b\n";
    let stage = Stage::unused().file("a.csv", text);
    let draft = ends(&stage, "init a.csv", 0).stdout.replace("\n# ", " ");
    let asked =
        "Check the header: line 2 has a cell \"id\"; if that is the header, header_line = 2";
    assert!(draft.contains(asked), "{draft}");
    let told = ends(&stage, "a.csv -t deals", 2);
    assert!(told.stderr.contains("hint: --header-line 2, or "), "{told}");
    let draft = ends(&stage, "init a.csv --header-line 2", 0).stdout;
    assert!(
        !draft.contains("Check the header") && draft.contains("header_line = 2"),
        "{draft}"
    );
}

#[test]
fn files_of_which_one_has_a_column_twice_do_not_fit() {
    let stage = Stage::unused()
        .file("a.csv", "id,name,x\n1,A,2\n")
        .file("b.csv", "x,name,x,id\n1,A,2,3\n");
    let told = ends(&stage, "a.csv b.csv -t deals", 3);
    assert!(told.stderr.contains("(not as often: `x`, `x`)"), "{told}");
}
