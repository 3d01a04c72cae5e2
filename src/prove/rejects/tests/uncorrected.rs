//! What is no record of the input's shape is refused until someone corrected it.

use super::*;

/// The rejects of a file of this content, and the faults of reading them again.
fn again(content: &str) -> (String, Vec<Result<Vec<String>, String>>) {
    let text = rejected("deals.csv", content);
    let folder = tempfile::tempdir().unwrap();
    let source = open(&[write(&folder, "rejects.csv", &text)], None);
    (text, cells(&source))
}

#[test]
fn ragged_records_stay_ragged() {
    let (text, read) = again("id,note,sum\n1,a\n2,a,b,c\n3\n4,x,y,,\n5,a,b\n");
    let told = |fields| {
        Err(format!(
            "has {fields} fields where the header has 7 (is a delimiter in a cell not quoted?)"
        ))
    };
    // Empty cells behind the last column were no fault.
    let good = |cells: [&str; 3]| Ok(cells.map(str::to_owned).to_vec());
    let last = [good(["4", "x", "y"]), good(["5", "a", "b"])];
    assert_eq!(read, [&[told(8), told(8), told(8)][..], &last].concat());
    // However often it goes round, nothing is lost, and nothing is added.
    assert_eq!(again(&text).0, text);
}

#[test]
fn a_ragged_record_loads_once_it_is_corrected() {
    let (text, _) = again("id,note\n1\n2,a,b\n");
    let marker = ",\"(1 field is missing: complete the record, then delete this one)\"";
    assert!(text.contains(marker), "{text}");
    let corrected = text
        .replace(marker, "")
        .replace("1,,", "1,x,")
        .replace("2,a,", "2,\"a,b\",")
        .replace(",b\n", "\n");
    let (_, read) = again(&corrected);
    let row = |cells: [&str; 2]| Ok(cells.map(str::to_owned).to_vec());
    assert_eq!(read, [row(["1", "x"]), row(["2", "a,b"])]);
}

#[test]
fn a_record_that_is_not_in_the_input_is_kept_and_refused() {
    let fields = [("deal_id", "=7"), ("amount", "a\"b"), ("x", "1")]
        .map(|(key, value)| (key.to_owned(), value.to_owned()));
    let stray = Stray {
        fields: &fields,
        columns: &[Some("Deal ID"), Some("Amount"), None],
        column: "Amount",
        reason: "(not found in the input) bad",
    };
    let stray_in = |name: &str, content: &str| {
        let folder = tempfile::tempdir().unwrap();
        let source = open(&[write(&folder, name, content)], None);
        let path = folder.path().join(format!("rejects-of-{name}"));
        let mut file = RejectsFile::new(path, &source);
        file.add_stray(&stray).unwrap();
        let written = file.finish().unwrap().unwrap();
        assert_eq!(written.count, 1);
        let read = cells(&open(std::slice::from_ref(&written.path), None));
        (std::fs::read_to_string(written.path).unwrap(), read)
    };
    let (text, read) = stray_in("x.csv", "Note,Amount,Deal ID\n");
    assert_eq!(
        text,
        "\u{feff}Note,Amount,Deal ID,reject_file,reject_line,reject_column,reject_reason\n\
         ,\"a\"\"b\",=7,,,Amount,(not found in the input) bad,\
         \"(check the record, then delete this field)\"\n"
    );
    assert_eq!(
        read,
        [Err(
            "has 8 fields where the header has 7 (is a delimiter in a cell not quoted?)".to_owned()
        )]
    );
    let (text, read) = stray_in("x.ndjson", "{}\n");
    assert_eq!(
        text,
        "{\"reject_raw\":{\"deal_id\":\"=7\",\"amount\":\"a\\\"b\",\"x\":\"1\"},\
         \"reject_file\":\"\",\"reject_line\":null,\"reject_column\":\"Amount\",\
         \"reject_reason\":\"(not found in the input) bad\"}\n"
    );
    // Its id stands where no mapping finds it.
    let keys: Vec<_> = read[0].as_ref().unwrap().iter().step_by(2).collect();
    assert_eq!(keys, ["reject_raw"]);
}

#[test]
fn some_of_the_columns_alone_keep_their_cells() {
    let four = "reject_file,reject_line,reject_column,reject_reason\n";
    let wanted = format!(
        "\u{feff}input_reject_line,id,{four}\
         mine,1,deals.csv,7,Amount,\"`1,\"\"2` is not a number\"\n"
    );
    let written = rejected("deals.csv", "reject_line,id\nmine,1\n");
    assert_eq!(written, wanted);
    assert_eq!(rejected("again.csv", &written), wanted);
}
