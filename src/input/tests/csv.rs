//! CSV against its grammar read a character at a time, and positions.

use proptest::prelude::*;

use super::*;
use crate::base::position::LineColumn;
use crate::fuzzing::naive::{self, Naive, NaiveFault};
use crate::input::options::Quoting;
use crate::input::{faults, text};

/// Records of the csv crate, which reads the header first.
fn by_csv_crate(content: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .flexible(true)
        .from_reader(content);
    let records = reader
        .records()
        .map(|r| r.unwrap().iter().map(str::to_owned).collect());
    records.collect()
}

/// The records behind the header, with our faults.
fn expected(naive: &Naive, columns: usize) -> Vec<Result<Vec<String>, String>> {
    let judged = naive.records.iter().skip(1).map(|record| {
        if record.len() == columns {
            return Ok(record.clone());
        }
        Err(faults::ragged(record.len(), columns))
    });
    judged.collect()
}

/// Where a byte stands, in words.
fn place(content: &[u8], at: usize) -> String {
    text::after(LineColumn::line(1), &content[..at]).to_string()
}

fn compare(content: &str, quoting: Quoting, block_bytes: usize) {
    let options = SourceOptions {
        quoting,
        delimiter: Some(b','),
        ..SourceOptions::default()
    };
    let source = source_with(content, &options, block_bytes);
    let naive = naive::read(content, b',', quoting);
    let mut reading = source.blocks();
    let (mut good, mut fault) = (Vec::new(), None);
    for block in reading.by_ref() {
        match block {
            Ok(block) => good.push(block),
            Err(error) => {
                fault = Some(error.message);
                break;
            }
        }
    }
    let said: Vec<_> = rows(&source, &good).into_iter().map(|row| row.2).collect();
    assert_eq!(said, expected(&naive, 2));
    let content = content.as_bytes();
    match (naive.fault, fault) {
        (None, fault) => {
            assert_eq!(fault, None);
            check_extents(&source, content);
            if quoting == Quoting::PLAIN {
                assert_eq!(by_csv_crate(content), naive.records[1..]);
            }
        }
        (Some(NaiveFault::Text { open, close }), Some(fault)) => {
            let words = [
                format!(", {}: the quote opened here", place(content, open)),
                format!(" is closed on {},", place(content, close)),
            ];
            assert!(words.iter().all(|words| fault.contains(words)), "{fault}");
            // Nothing is certain behind it: whatever is found is a fault too, and they come to an end.
            assert!(reading.all(|further| further.is_err()));
        }
        (Some(NaiveFault::Open(open)), Some(fault)) => {
            let line = text::after(LineColumn::line(1), &content[..open]).line;
            let words = format!("the quote opened on line {line} is never closed");
            assert!(fault.ends_with(&words), "{fault}");
        }
        (Some(NaiveFault::Escape), Some(fault)) => {
            assert!(fault.contains("an escape stands at its end"), "{fault}");
        }
        (Some(fault), None) => panic!("{fault:?} is not seen"),
    }
}

fn quotings() -> impl Strategy<Value = Quoting> {
    let escape = prop_oneof![2 => Just(None), 1 => Just(Some(b'\\'))];
    (escape, prop_oneof![3 => Just(true), 1 => Just(false)])
        .prop_map(|(escape, has_quotes)| Quoting { escape, has_quotes })
}

fn biased(longest: usize) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => Just("\""), 4 => Just(","), 2 => Just("\n"), 2 => Just("\r"), 1 => Just("\r\n"),
        2 => Just("a"), 2 => Just("b"), 1 => Just(" "), 1 => Just("\\"), 1 => Just("\t"), 1 => Just(";"), 1 => Just("é"),
        1 => Just("\u{feff}"), 1 => Just("x,y\n"), 1 => Just("\"x\",\"y\"\r\n"),
    ];
    proptest::collection::vec(piece, 0..longest).prop_map(|pieces| pieces.concat())
}

/// Without a fault where quotes enclose cells, and long enough for several strides.
fn good(longest: usize) -> impl Strategy<Value = String> {
    let cell = prop_oneof![
        8 => "[a-z]{0,9}", 2 => "\"[a,\r\n]{0,70}\"",
        2 => prop::sample::select(&["5\" pipe", "\"\"", "\"\"\"a\"\"\"", "a\"\"b\"", "\\\\x\\,"][..])
            .prop_map(str::to_owned),
    ];
    let end = prop_oneof![5 => Just(","), 3 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\r")];
    let cells = proptest::collection::vec((cell, end), 0..longest);
    cells.prop_map(|cells| {
        cells
            .into_iter()
            .map(|(cell, end)| cell.to_string() + end)
            .collect()
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn every_way_reads_what_the_grammar_says(
        body in prop_oneof![biased(40), biased(8), good(60)],
        end in prop_oneof![Just("\n"), Just("\r"), Just("\r\n")],
        block_bytes in prop_oneof![1_usize..24, Just(1 << 18)],
        quoting in quotings(),
    ) {
        compare(&["h1,h2", end, &body].concat(), quoting, block_bytes);
    }

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
