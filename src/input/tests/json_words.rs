//! JSON that is refused, word for word, and which shape the first bytes tell.

use super::json::{copy_of, read};
use super::*;
use crate::base::position::Positions;

fn told(content: &str) -> String {
    let told = [1, 7, 1 << 18].map(|size| read(content.as_bytes(), size).unwrap_err());
    let bare = |text: &str| text[text.find("deals.").unwrap()..].to_owned();
    assert_eq!(bare(&told[0]), bare(&told[1]));
    assert_eq!(bare(&told[0]), bare(&told[2]));
    bare(&told[0])
}

#[test]
fn structure_is_refused_with_its_place() {
    for (content, expected) in [
        ("", "line 1, column 1: there is no JSON: the file is empty"),
        (
            " \n",
            "line 2, column 1: there is no JSON: the file is empty",
        ),
        (
            "id,name\n",
            "line 1, column 1: no JSON array or object begins here",
        ),
        (
            "[",
            "line 1, column 2: the file ends here, and the array is not closed",
        ),
        (
            "[{}\n",
            "line 2, column 1: the file ends here, and the array is not closed",
        ),
        (
            "[{},\n {\"a\":1",
            "line 2, column 8: the file ends here, inside of the record that begins on line 2, column 2",
        ),
        (
            "[{},\n]",
            "line 2, column 1: the array ends behind a comma: the comma is too much, or a record is missing",
        ),
        (
            "[{},,{}]",
            "line 1, column 5: a record is missing before this comma",
        ),
        (
            "[,{}]",
            "line 1, column 2: a record is missing before this comma",
        ),
        (
            "[{\"é\":1}\n{}]",
            "line 2, column 1: a comma is missing before this record",
        ),
        (
            "[{}}",
            "line 1, column 4: `}` stands where a comma or the end of the array should be",
        ),
        (
            "[{}] é",
            "line 1, column 6: a character that is not JSON stands behind the end, where nothing may",
        ),
        (
            "[{}][{}]",
            "line 1, column 5: `[` stands behind the end, where nothing may",
        ),
        (
            "[{\"a\":[1}]",
            "line 1, column 9: `}` stands where `]` should be",
        ),
        (
            "[{\"a\":\"x},\n{}]",
            "line 1, column 7: the string that begins here is not closed on its line",
        ),
        (
            "[{\"a\":\"x\r\n\"}]",
            "line 1, column 7: the string that begins here is not closed on its line",
        ),
        (
            "[{\"a\":\"x\\\n\"}]",
            "line 1, column 7: the string that begins here is not closed on its line",
        ),
        (
            "{},{}",
            "line 1, column 3: a comma stands between records that are in no array",
        ),
        (
            "{}]",
            "line 1, column 3: `]` stands where a record should begin",
        ),
        (
            "{\"items\":[{}]",
            "line 1, column 14: the file ends here, and the object around the records is not closed",
        ),
        (
            "{\"items\":[{}],\"items\":[]}",
            "line 1, column 21: is not JSON: the key `items` stands twice",
        ),
        (
            "{\"items\":1,\"items\":[]}",
            "line 1, column 18: is not JSON: the key `items` stands twice",
        ),
        (
            "{\"items\":[{}],\n\"b\" 1}",
            "line 2, column 5: is not JSON: expected `:`",
        ),
        (
            "{\"b\":01,\n\"items\":[{}]}",
            "line 1, column 7: is not JSON: invalid number",
        ),
        (
            "{\"items\":[{}]} x",
            "line 1, column 16: `x` stands behind the end, where nothing may",
        ),
    ] {
        assert_eq!(
            told(content),
            format!("deals.json, {expected}"),
            "{content}"
        );
    }
}

fn cells(content: &str) -> Vec<Result<Vec<String>, String>> {
    let said = [1, 7, 1 << 18].map(|size| read(content.as_bytes(), size).unwrap());
    assert_eq!(said[0], said[1]);
    assert_eq!(said[0], said[2]);
    said[0].iter().map(|row| row.2.clone()).collect()
}

#[test]
fn what_is_wrong_in_a_record_leaves_the_others() {
    let good = Ok(vec!["a=100.10".to_owned()]);
    let content = "[{\"a\":100.10}, [1], \"}\", 5 ,null,{\"a\":1,\"a\":2},\r\n  {\"b\" 1,\r\n\"é\": [01]},{\"a\": 100.10}]";
    let bad = |text: &str| Err(text.to_owned());
    assert_eq!(
        cells(content),
        [
            good.clone(),
            bad("is an array, not a JSON object"),
            bad("is a string, not a JSON object"),
            bad("is a number, not a JSON object"),
            bad("is null, not a JSON object"),
            bad("a: the key stands twice"),
            bad("is not JSON, at character 6 of the record: expected `:`"),
            good,
        ]
    );
    assert_eq!(
        cells("[{\"a\":\r\n {\"é\": 01}}]"),
        [bad(
            "is not JSON, at character 16 of the record: invalid number"
        )]
    );
}

#[test]
fn the_first_bytes_tell_the_shape() {
    let count = |content: &str| cells(content).len();
    assert_eq!(count("[]"), 0);
    assert_eq!(count("{\"items\": []}"), 0);
    assert_eq!(count("{\"\\u0069tems\": [{},{}], \"next\": null}"), 2);
    // One object that has no such array, or has another object behind it, is a record.
    assert_eq!(count("{\"items\": {}}"), 1);
    assert_eq!(count("{\n\"a\": {\"items\": [1, 2]}\n}"), 1);
    assert_eq!(count("{\"items\": [{},{}]}\n{\"items\": [{}]}\n"), 2);
    assert_eq!(count("{}{}\n\n{\n}"), 3);
}

#[test]
fn sizes_have_bounds() {
    let small = Limits {
        block_bytes: 16,
        record_bytes: 32,
        ..Limits::default()
    };
    let first = |content: &str| -> Option<String> {
        let source = source_of("deals.json", content.as_bytes(), small);
        source.err().map(|error| error.message)
    };
    let x = |n: usize| "x".repeat(n);
    assert_eq!(first(&format!("[{{\"a\":\"{}\"}}]", x(24))), None);
    assert_eq!(
        first(&format!("[{{}}, {{\"a\":\"{}\"}}]", x(25))).unwrap(),
        "deals.json, line 1, column 6: the record that begins here is longer than 32 B"
    );
    assert_eq!(
        first(&format!("{{\"a\":\"{}\",\"items\":[]}}", x(24))).unwrap(),
        "deals.json, line 1, column 1: no array under `items` begins in the first 32 B of this object"
    );
    assert_eq!(
        first(&format!("{{\"items\":[],\"a\":\"{}\"}}", x(40))).unwrap(),
        "deals.json, line 1, column 11: what follows the array of the records is longer than 32 B"
    );
    // White space is no part of a record.
    assert_eq!(
        first(&format!(
            "[{}{{}}{},{}]{}",
            " ".repeat(99),
            " ".repeat(99),
            "{}",
            "\n".repeat(99)
        )),
        None
    );
}

#[test]
fn what_is_no_text_is_told_with_its_place() {
    let message = |content: &[u8], size| {
        let text = read(content, size).unwrap_err();
        text[text.find("deals.").unwrap()..].to_owned()
    };
    for size in [1, 16, 1 << 18] {
        assert_eq!(
            message(b"[{\"a\":1},{\"a\":2},{\"\xc3\xa9\":\"\xff abc\"}]", size),
            "deals.json, line 1, character 24: not UTF-8 (the bytes are ff 20 61 62)"
        );
        let told = message(b"[{},{},\n{\"a\":\"\0\"}]", size);
        assert_eq!(
            told,
            "deals.json, line 2, byte 7: a NUL byte, which no text has"
        );
    }
}

#[test]
fn rejected_records_are_kept_as_they_stand() {
    let content = "[{\"a\":1, \"a\":[\n2]} , [1,\n2],{\"b\" 1} ]";
    let source = source_of("x.json", content.as_bytes(), limits(5)).unwrap();
    let (salvager, mut parser, mut found) = (source.salvager(), source.parser(), Vec::new());
    for block in blocks(&source) {
        let mut rows = parser.rows(&source, &block).unwrap();
        while let Some(row) = rows.next() {
            found.push(match salvager.salvage(&block, &row) {
                crate::input::salvage::Salvaged::Object(entries) => entries.len().to_string(),
                crate::input::salvage::Salvaged::Line(line) => line.into_owned(),
                crate::input::salvage::Salvaged::Fields(_) => panic!("no CSV"),
            });
        }
    }
    assert_eq!(found, ["2", "[1, 2]", "{\"b\" 1}"]);
}

#[test]
fn records_stand_on_their_lines_or_are_numbered() {
    let copied = |content: &str| {
        let source = source_of("x.json", content.as_bytes(), limits(7)).unwrap();
        let positions = source.inputs[0].positions.unwrap();
        (String::from_utf8(copy_of(&source)).unwrap(), positions)
    };
    let lines = |copy: &str| (copy.to_owned(), Positions::Lines);
    let numbers = |copy: &str| (copy.to_owned(), Positions::Records);
    assert_eq!(copied("[]"), lines(""));
    assert_eq!(copied("\n[{}]"), lines("\n{}\n"));
    assert_eq!(
        copied("[\r\n  {\r\n  \"a\": [1,\r2]\n}, {}\n]"),
        lines("\n{    \"a\": [1, 2] }\n\n\n{}\n")
    );
    // The last line of a stream may have been cut.
    assert_eq!(copied("{}\n{\n}"), lines("{}\n{ }"));
    assert_eq!(copied("[{}, {}]"), numbers("{}\n{}\n"));
    assert_eq!(
        copied("[{},\n\n{}, {\n},\n\n{}]"),
        numbers("{}\n{}\n{ }\n{}\n")
    );
    assert_eq!(copied("{} 5"), numbers("{}\n5"));
}
