//! CSV: positions, and what its grammar comes to. The law of CSV holds it against that grammar.

use proptest::prelude::*;

use super::*;

fn biased(longest: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just("\""), 4 => Just(","), 2 => Just("\n"), 2 => Just("\r"), 1 => Just("\r\n"),
        2 => Just("a"), 2 => Just("b"), 1 => Just(" "), 1 => Just("\\"), 1 => Just("\t"), 1 => Just(";"), 1 => Just("é"),
        1 => Just("\u{feff}"), 1 => Just("x,y\n"), 1 => Just("\"x\",\"y\"\r\n"),
    ];
    proptest::collection::vec(piece, 0..longest).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn lines_are_those_of_an_editor(body in biased(40), block_bytes in 1_usize..24) {
        let content = ["h1,h2\n", &body].concat();
        let source = source_of("deals.csv", content.as_bytes(), limits(block_bytes)).unwrap();
        let good: Vec<_> = source.blocks().map_while(Result::ok).collect();
        for (extent, line, _) in rows(&source, &good) {
            let before = &content[..extent.start as usize];
            let lines = before.replace("\r\n", "\n").replace('\r', "\n");
            prop_assert_eq!(line, 1 + lines.matches('\n').count() as u64);
        }
    }
}

fn lines(content: &str) -> Vec<u64> {
    let source = source_of("x.csv", content.as_bytes(), Limits::default()).unwrap();
    check_extents(&source, content.as_bytes());
    all(&source).into_iter().map(|row| row.1).collect()
}

#[test]
fn lines_are_right_for_each_line_end() {
    for end in ["\n", "\r", "\r\n"] {
        let content = ["\u{feff}a,b", "1,2", "", "\"3\n\n\",4", "5,6\"", "7,8"].join(end);
        assert_eq!(lines(&content), [2, 4, 7, 8], "{end:?}");
        assert_eq!(lines(&(content + end)), [2, 4, 7, 8], "{end:?}");
    }
}

fn cells(content: &str) -> Vec<Result<Vec<String>, String>> {
    let source = source_of("x.csv", content.as_bytes(), Limits::default()).unwrap();
    all(&source).into_iter().map(|row| row.2).collect()
}

#[test]
fn quotes_and_marks_are_read_as_text_where_they_are_text() {
    let content = "a,b\n5\" pipe,\"say \"\"hi\"\", ok\"\n\u{feff}x,\"\"\n";
    let texts = cells(content).into_iter().map(Result::unwrap);
    let texts: Vec<_> = texts.collect();
    assert_eq!(texts[0], ["5\" pipe", "say \"hi\", ok"]);
    assert_eq!(texts[1], ["\u{feff}x", ""]);
}

#[test]
fn ragged_records_are_faults_and_the_next_ones_are_read() {
    let said = cells("a,b\n1\n1,2,3\n \n1,2\n");
    let fault = |n: &str| Err(format!("has {n} where the header has 2"));
    assert_eq!(
        said,
        [
            fault("1 field"),
            Err(
                "has 3 fields where the header has 2 (is a delimiter in a cell not quoted?)"
                    .to_owned()
            ),
            fault("1 field"),
            Ok(vec!["1".to_owned(), "2".to_owned()])
        ]
    );
}

#[test]
fn wide_and_long_records_grow_the_buffers() {
    let header: Vec<_> = (0..100).map(|n| format!("c{n}")).collect();
    let record: Vec<_> = (0..100).map(|n| "é".repeat(50 + n)).collect();
    let content = format!("{}\n{}\n", header.join(","), record.join(","));
    assert_eq!(cells(&content), [Ok(record)]);
}

#[test]
fn a_parser_serves_inputs_of_different_delimiters() {
    let folder = Folder::new();
    let paths = [
        folder.file("a.csv", "a,b\n1,2\t3\n"),
        folder.file("b.tsv", "a\tb\n1,2\t3\n"),
    ];
    let source = Source::open(&paths, &SourceOptions::default()).unwrap();
    let said: Vec<_> = all(&source).into_iter().map(|row| row.2.unwrap()).collect();
    assert_eq!(said, [["1", "2\t3"], ["1,2", "3"]]);
}

#[test]
fn threads_can_share_a_source() {
    fn check<T: Send + Sync>() {}
    check::<Source>();
    check::<Block>();
    check::<crate::input::rows::RowParser>();
}

#[test]
fn cells_that_json_holds_as_they_stand_are_known() {
    let known = |name: &str, content: &str| {
        let source = source_of(name, content.as_bytes(), Limits::default()).unwrap();
        let (blocks, mut parser, mut known) = (blocks(&source), source.parser(), Vec::new());
        let mut rows = parser.rows(&source, &blocks[0]).unwrap();
        while let Some(row) = rows.next() {
            let Ok(Cells::Text(cells)) = row.cells else {
                panic!("{row:?}")
            };
            known.extend((0..cells.len()).map(|n| cells.cell(n).is_plain));
        }
        known
    };
    assert_eq!(known("a.csv", "a,b\nc,\"d,e\"\r\n"), [true, true]);
    assert_eq!(known("a.csv", "a,b\n\"c\"\"\",\"\nd\"\n"), [false, false]);
    assert_eq!(
        known("a.csv", "a,b\nc\"c,d\ne,f\n"),
        [false, false, true, true]
    );
    assert_eq!(known("a.csv", "a,b\n\\,d\n"), [false, false]);
    assert_eq!(known("a.tsv", "a\tb\nc\t\"d\te\"\n"), [false, false]);
}
