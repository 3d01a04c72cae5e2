//! Whole CSV records, the id, and binding to a header.

use super::{header, lines, mapping, write_csv};
use crate::mapping::spec::Mapping;
use crate::mapping::tally::Tally;
use crate::mapping::value::kind::FieldType;

const DEALS: &str = r#"
table = "deals"
id = "deal_id"
name = "deal_name"
[input]
decimal = ","
thousands = " "
[fields]
deal_id = "Deal ID"
deal_name = "Name"
amount = { column = "Amount", type = "number" }
close = { column = "Close", type = "date", format = "%d/%m/%Y" }
won = { column = "Won?", type = "boolean", true = "yes", false = "no" }
currency = { value = "EUR" }
"#;

const HEADER: [&str; 6] = ["Won?", "Deal ID", "Other", "Name", "Amount", "Close"];

#[test]
fn a_record_is_written_in_the_order_of_the_mapping() {
    let binding = mapping(DEALS).bind(&header(&HEADER)).unwrap();
    let mut tally = Tally::default();
    let row = [
        "YES",
        "0001234567890123456789",
        "x",
        "A \"B\"",
        "12 345,60",
        "31/01/2024",
    ];
    let (json, id) = write_csv(&binding, &row, &mut tally).unwrap();
    assert_eq!(
        json,
        r#"{"deal_id":"0001234567890123456789","deal_name":"A \"B\"","amount":12345.60,"close":"2024-01-31","won":true,"currency":"EUR"}"#
    );
    assert_eq!(id, "\"0001234567890123456789\"");
    assert_eq!(binding.conclude(&tally).unwrap(), ["not mapped: `Other`"]);
}

#[test]
fn all_bad_cells_of_a_record_are_told() {
    let binding = mapping(DEALS).bind(&header(&HEADER)).unwrap();
    let row = ["maybe", " 1", "x", "", "12,5O", "31/02/2024"];
    let faults = write_csv(&binding, &row, &mut Tally::default()).unwrap_err();
    assert_eq!(
        faults,
        [
            "column Deal ID: ` 1` has white space around it; set trim = true",
            "column Amount: `12,5O` is not a number",
            "column Close: `31/02/2024` is not a day of the calendar (layout `%d/%m/%Y`)",
            "column Won?: `maybe` is none of the words for true (`yes`) and false (`no`)",
        ]
    );
}

#[test]
fn ids_are_never_empty() {
    let plain = mapping("[fields]\nid = 'ID'")
        .bind(&header(&["ID"]))
        .unwrap();
    let tally = &mut Tally::default();
    assert_eq!(
        write_csv(&plain, &[""], tally).unwrap_err(),
        ["column ID is empty"]
    );
    assert!(write_csv(&plain, &[" "], tally).is_err());
    let trimmed = mapping("[fields]\nid = { column = 'ID', trim = true }");
    let trimmed = trimmed.bind(&header(&["ID"])).unwrap();
    assert_eq!(write_csv(&trimmed, &[" 7 "], tally).unwrap().1, "\"7\"");
    let number = mapping("[fields]\nid = { column = 'ID', type = 'integer' }");
    let number = number.bind(&header(&["ID"])).unwrap();
    assert_eq!(
        write_csv(&number, &["007"], tally).unwrap(),
        (r#"{"id":7}"#.to_owned(), "7".to_owned())
    );
}

#[test]
fn leaving_out_the_first_field_leaves_no_comma() {
    let text = "[fields]\na = { column = 'A', empty = 'omit' }\nid = 'ID'\nb = { column = 'B', empty = 'omit' }";
    let binding = mapping(text).bind(&header(&["A", "B", "ID"])).unwrap();
    let json = write_csv(&binding, &["", "", "1"], &mut Tally::default())
        .unwrap()
        .0;
    assert_eq!(json, r#"{"id":"1"}"#);
}

#[test]
fn columns_that_the_input_lacks_are_told_at_once() {
    let mistakes = mapping(DEALS)
        .bind(&header(&["deal id", "Amount ", "Name", "Close", "Won?"]))
        .unwrap_err();
    assert_eq!(
        lines(&mistakes),
        "line 9: the input has no column `Deal ID` (field `deal_id`)\n  hint: did you mean `deal id`?\n\
         line 11: the input has no column `Amount` (field `amount`)\n  hint: its column `Amount ` has white space around its name: take that out of the header\n"
    );
    let mut other = mapping("unmapped = 'error'\n[fields]\ndeal_id = 'ID'\nname = 'Zzz'");
    let mistakes = other.bind(&header(&["ID", "B", "C"])).unwrap_err();
    assert_eq!(
        lines(&mistakes),
        "line 1: columns that no field uses: `B`, `C`\n  hint: map them, or set unmapped = \"ignore\"\n\
         line 4: the input has no column `Zzz` (field `name`)\n  hint: its columns are `ID`, `B`, `C`\n\
         no field is mapped to the id field `id`\n  \
         hint: add it below [fields], or say with `id = \"...\"` or --id-field which field is the id\n"
    );
    other.set_id("deal_idd");
    let mistakes = lines(&other.bind(&header(&["ID", "Zzz"])).unwrap_err());
    assert!(mistakes.contains("did you mean `deal_id`?"), "{mistakes}");
}

#[test]
fn an_id_named_on_the_command_line_is_checked_too() {
    let mut mapping = mapping("[fields]\nid = 'ID'\nkey = { value = 'x' }");
    mapping.set_id("key");
    let mistakes = mapping.bind(&header(&["ID"])).unwrap_err();
    assert_eq!(
        lines(&mistakes),
        "line 3: the id field `key` has a constant: every record would have the same id\n  \
         hint: give it the column that holds the ids\n"
    );
}

#[test]
fn without_a_mapping_every_column_goes_as_text() {
    let mut identity = Mapping::identity();
    let binding = identity.bind(&header(&["id", "a.b", "c"])).unwrap();
    let mut tally = Tally::default();
    let (json, id) = write_csv(&binding, &["1", "007", " "], &mut tally).unwrap();
    assert_eq!(
        (json.as_str(), id.as_str()),
        (r#"{"id":"1","a.b":"007","c":null}"#, "\"1\"")
    );
    assert!(binding.conclude(&tally).unwrap().is_empty());
    let mistakes = identity.bind(&header(&["ID", "x"])).unwrap_err();
    assert_eq!(
        lines(&mistakes),
        "the input has no column `id` for the id\n  hint: did you mean --id-field `ID`?\n"
    );
    identity.set_id("x");
    assert!(identity.bind(&header(&["ID", "x"])).is_ok());
}

#[test]
fn fields_can_be_shown() {
    let binding = mapping(DEALS).bind(&header(&HEADER)).unwrap();
    let fields: Vec<_> = binding.fields().map(|f| (f.key, f.word())).collect();
    assert_eq!(
        fields,
        [
            ("deal_id", "text"),
            ("deal_name", "text"),
            ("amount", "number"),
            ("close", "date"),
            ("won", "boolean"),
            ("currency", "as it is"),
        ]
    );
    assert_eq!(
        binding.fields().nth(2).unwrap().kind,
        Some(FieldType::Number)
    );
}
