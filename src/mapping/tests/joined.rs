//! Several columns as one text.

use super::{header, lines, mapping, ok, write_csv, write_ndjson};
use crate::input::Columns;
use crate::mapping::tally::Tally;

const NAMES: &str = "[fields]\nid = 'ID'\nf = { columns = ['First', 'Last'] OPTIONS }";

fn names(options: &str, cells: [&str; 2]) -> Result<String, String> {
    let text = NAMES.replace("OPTIONS", options);
    let binding = mapping(&text)
        .bind(&header(&["ID", "First", "Last"]))
        .unwrap();
    let row = ["1", cells[0], cells[1]];
    let written = write_csv(&binding, &row, &mut Tally::default());
    match written {
        Ok((json, _)) => Ok(json.replace("{\"id\":\"1\",\"f\":", "").replace('}', "")),
        Err(faults) => Err(faults.join("\n")),
    }
}

#[test]
fn empty_cells_are_left_out() {
    assert_eq!(names("", ["Ann", "Lee"]), ok("\"Ann Lee\""));
    assert_eq!(names("", ["Ann", " "]), ok("\"Ann\""));
    assert_eq!(names("", ["", "Lee"]), ok("\"Lee\""));
    assert_eq!(names("", ["", ""]), ok("null"));
    assert_eq!(names("", [" Ann", "Lee "]), ok("\" Ann Lee \""));
    assert_eq!(
        names(", trim = true", [" Ann ", " Lee "]),
        ok("\"Ann Lee\"")
    );
    assert_eq!(names(", join = ', '", ["Ann", "Lee"]), ok("\"Ann, Lee\""));
    assert_eq!(names(", join = ''", ["a\"", "b"]), ok("\"a\\\"b\""));
    assert_eq!(names(", empty = 'text'", ["", ""]), ok("\"\""));
    assert_eq!(names(", values = { 'A B' = 'c' }", ["A", "B"]), ok("\"c\""));
    assert_eq!(
        names(", required = true", ["", ""]),
        Err("column First + Last is empty".to_owned())
    );
}

/// Without one of its parts an id may be another record's.
#[test]
fn an_id_needs_all_its_parts() {
    let text = "[fields]\nid = { columns = ['Region', 'No'], join = '-' }\nname = 'No'";
    let binding = mapping(text).bind(&header(&["Region", "No"])).unwrap();
    let write = |row: [&str; 2]| write_csv(&binding, &row, &mut Tally::default());
    assert_eq!(
        write(["EU", "7"]),
        Ok((
            r#"{"id":"EU-7","name":"7"}"#.to_owned(),
            "\"EU-7\"".to_owned()
        ))
    );
    let fault = "column Region is empty, and is a part of the id";
    assert_eq!(write(["", "7"]), Err(vec![fault.to_owned()]));
    let spaced = "column Region: `  ` is empty, and is a part of the id";
    assert_eq!(write(["  ", "7"]), Err(vec![spaced.to_owned()]));
}

#[test]
fn columns_of_records_may_be_paths() {
    let text = "[fields]\nid = 'id'\nf = { columns = ['who.first', 'who.last', 'n'], join = '/' }";
    let binding = mapping(text).bind(&Columns::PerRecord).unwrap();
    let mut tally = Tally::default();
    let mut write = |rest: &str| {
        let line = format!("{{\"id\":1,{rest}}}");
        let written = write_ndjson(&binding, &line, &mut tally);
        written.map(|(json, _)| json.replace("{\"id\":1,\"f\":", "").replace('}', ""))
    };
    let ok = |json: &str| Ok(json.to_owned());
    assert_eq!(
        write(r#""who":{"first":"Ann","last":"Lée"},"n":1.50"#),
        ok("\"Ann/Lée/1.50\"")
    );
    assert_eq!(write(r#""who":{"first":"A\u0042"},"n":null"#), ok("\"AB\""));
    assert_eq!(write(r#""n":true"#), ok("\"true\""));
    assert_eq!(write(r#""x":1"#), ok("null"));
    assert_eq!(
        write(r#""n":[1]"#),
        Err(vec![
            "column n is a JSON object or array, which is no part of a text".to_owned()
        ])
    );
    assert!(write(r#""n":"\ud800""#).is_err());
    assert_eq!(
        binding.conclude(&tally),
        Ok(vec!["not mapped: `x`".to_owned()])
    );
}

#[test]
fn a_column_that_is_not_there_is_named() {
    let text = NAMES.replace("OPTIONS", "");
    let missing = mapping(&text)
        .bind(&header(&["ID", "First", "Lst"]))
        .unwrap_err();
    assert_eq!(
        lines(&missing),
        "line 3: the input has no column `Last` (field `f`)\n  hint: did you mean `Lst`?\n"
    );
    let binding = mapping(&text).bind(&Columns::PerRecord).unwrap();
    let mut tally = Tally::default();
    write_ndjson(&binding, r#"{"ID":1,"First":"A","Lst":"B"}"#, &mut tally).unwrap();
    // Workers that saw nothing of it change nothing.
    let mut all = Tally::default();
    all.merge(tally);
    let missing = binding.conclude(&all).unwrap_err();
    assert_eq!(
        lines(&missing),
        "line 3: no record has the key `Last` (field `f`)\n  hint: did you mean `Lst`?\n"
    );
}
