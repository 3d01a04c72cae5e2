//! Delimiters and formats by content: never another one than the writer's.

use ::csv::{QuoteStyle, Terminator, WriterBuilder};
use proptest::prelude::*;

use super::*;
use crate::input::foreign::{self, Foreign};
use crate::input::options::Quoting;
use crate::input::recognise::{DELIMITERS, Guess, Sample, Verdict, guess, needs_more, verdict};

/// A table and how it is written.
#[derive(Clone, Debug)]
struct Written {
    rows: Vec<Vec<String>>,
    delimiter: u8,
    quotes: QuoteStyle,
    end: Terminator,
}

impl Written {
    fn bytes(&self) -> Vec<u8> {
        let mut writer = WriterBuilder::new()
            .delimiter(self.delimiter)
            .quote_style(self.quotes)
            .terminator(self.end)
            .from_writer(Vec::new());
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        writer.into_inner().unwrap()
    }
}

fn cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => Just(","), 3 => Just(";"), 3 => Just("\t"), 3 => Just("|"), 3 => Just("\""),
        1 => Just("\n"), 1 => Just("\r"), 1 => Just("\r\n"), 2 => Just("a"), 2 => Just("1"),
        1 => Just(" "), 1 => Just("é"), 1 => Just("\u{feff}"), 1 => Just("{"), 1 => Just("}"),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn written() -> impl Strategy<Value = Written> {
    let rows = (2_usize..5).prop_flat_map(|columns| {
        let row = proptest::collection::vec(cell(), columns).boxed();
        // Tables whose rows are alike read alike with a wrong delimiter too.
        prop_oneof![
            3 => proptest::collection::vec(row.clone(), 2..8),
            1 => (row, 2_usize..5).prop_map(|(row, times)| vec![row; times]),
        ]
    });
    let quotes = prop_oneof![
        Just(QuoteStyle::Necessary),
        Just(QuoteStyle::Always),
        Just(QuoteStyle::NonNumeric)
    ];
    let end = prop_oneof![
        Just(Terminator::CRLF),
        Just(Terminator::Any(b'\n')),
        Just(Terminator::Any(b'\r'))
    ];
    let delimiter = prop::sample::select(&DELIMITERS[..]);
    (rows, delimiter, quotes, end).prop_map(|(rows, delimiter, quotes, end)| Written {
        rows,
        delimiter,
        quotes,
        end,
    })
}

/// Those that may be meant: the writer's must be among them, and nothing else may stand alone.
fn candidates(bytes: &[u8], is_whole: bool) -> Option<Vec<u8>> {
    let sample = Sample { bytes, is_whole };
    let readings = sample.readings(Quoting::PLAIN);
    if needs_more(&readings, sample) {
        return None;
    }
    Some(match verdict(&readings) {
        Verdict::One(one) => vec![one.delimiter],
        Verdict::Tie(all) => all.iter().map(|one| one.delimiter).collect(),
        other => panic!("{other:?} for {:?}", String::from_utf8_lossy(bytes)),
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn a_delimiter_that_is_recognised_is_the_writers(table in written(), cut in 0_usize..200) {
        let bytes = table.bytes();
        let whole = candidates(&bytes, true).unwrap();
        prop_assert!(whole.contains(&table.delimiter), "{whole:?}");
        // A part of the file may tell less, and nothing else.
        if let Some(part) = candidates(&bytes[..cut.min(bytes.len())], false) {
            prop_assert!(part.contains(&table.delimiter), "{part:?}");
        }
        let sample = Sample { bytes: &bytes, is_whole: true };
        match guess(sample, &sample.readings(Quoting::PLAIN)) {
            Guess::Csv(delimiter) => prop_assert_eq!(delimiter, table.delimiter),
            guess => prop_assert_eq!(guess, Guess::Unknown),
        }
    }

    #[test]
    fn a_ragged_record_does_not_change_what_is_recognised(table in written(), at in 1_usize..7) {
        let mut table = table;
        let columns = table.rows[0].len();
        // Most of the records are as they should be.
        let good: Vec<_> = table.rows.iter().skip(1).cycle().take(at + 1).cloned().collect();
        table.rows.extend(good);
        let mut bytes = table.bytes();
        for _ in 0..=columns {
            bytes.extend([b'x', table.delimiter]);
        }
        bytes.extend(b"x\n");
        let found = candidates(&bytes, true).unwrap();
        prop_assert!(found.contains(&table.delimiter), "{found:?}");
    }

    #[test]
    fn what_is_opened_is_what_was_written(table in written()) {
        let mut table = table;
        for (n, name) in table.rows[0].iter_mut().enumerate() {
            // Names that are no names are another fault.
            *name = format!("{n}{}{n}", name.replace(['\n', '\r'], ""));
        }
        // Lines of nothing but delimiters are no records.
        let is_empty = |row: &Vec<String>| row.iter().all(String::is_empty);
        let mut header = true;
        table.rows.retain(|row| std::mem::take(&mut header) || !is_empty(row));
        match source_of("deals.csv", &table.bytes(), limits(16)) {
            Ok(source) => {
                prop_assert_eq!(source.delimiter(), Some(table.delimiter));
                let read: Vec<_> = all(&source).into_iter().map(|row| row.2.unwrap()).collect();
                prop_assert_eq!(&read, &table.rows[1..]);
            }
            Err(error) => prop_assert!(error.message.contains(" split "), "{error}"),
        }
    }
}

fn one(content: &str) -> Option<char> {
    let source = source_of("deals.csv", content.as_bytes(), Limits::default()).unwrap();
    source.delimiter().map(char::from)
}

fn refused(name: &str, content: &str) -> (String, String) {
    let error = source_of(name, content.as_bytes(), Limits::default()).unwrap_err();
    (error.message, error.hint.unwrap_or_default())
}

#[test]
fn delimiters_that_are_certain() {
    for (content, delimiter) in [
        ("id;amount\na;1,5\nb;2,5\n", ';'),
        ("id;amount\n", ';'),
        ("id\tamount, net\n1\t2\n", '\t'),
        ("\n\r\nid|name\n1|x\n", '|'),
        ("\u{feff}\"id\";\"a,b\"\n1;2\n", ';'),
        ("id,\"a;b\",c\n1,x,2\n1,y,2\n", ','),
        // Ragged records are faults of their own.
        ("id;name\n1;x\n2\n3;x;y\n", ';'),
        ("id;name, first;amount\n1;x;2\n2;y\n3;z;4\n4;z;4\n", ';'),
        // Text behind a closing quote speaks against a delimiter.
        ("\"id\";\"na,me\"\n\"1\";\"x,y\"\n", ';'),
        // Where it is at fault under each, it is told of by whoever reads.
        ("id;name\n1;\"x\" y\n2;z\n", ';'),
        // No delimiter at all.
        ("id\n1\n2\n", ','),
        ("id\n1,5\n2,5\n", ','),
        ("id", ','),
    ] {
        assert_eq!(one(content), Some(delimiter), "{content:?}");
    }
}

#[test]
fn a_long_header_makes_a_longer_sample() {
    let wide: Vec<_> = (0..4_096)
        .map(|n| format!("a column; number {n}"))
        .collect();
    assert_eq!(
        one(&format!("{}\n{}\n", wide.join("|"), ["x"; 4_096].join("|"))),
        Some('|')
    );
    let long = format!("id,a;b\n1,\"{};;\n\"\n", "x".repeat(200_000));
    assert_eq!(one(&long), Some(','));
}

#[test]
fn delimiters_that_are_not_certain() {
    for (content, message, hint) in [
        (
            "a;b,x;c\n1;2,3;4\n",
            "both `,` and `;` split every record alike (2 and 3 fields): say which it is",
            "--delimiter ',' or --delimiter ';'",
        ),
        (
            "a,b|c\td\n1,2|3\t4\n",
            "`,`, `tab` and `|` split every record alike (2, 2 and 2 fields): say which it is",
            "--delimiter ',', --delimiter tab or --delimiter '|'",
        ),
        (
            "id;name, first\n",
            "both `,` and `;` split the header (2 and 2 fields), and the records do not tell which it is",
            "--delimiter ',' or --delimiter ';'",
        ),
        (
            "a;b,c\n1\n2\n",
            "`,` and `;` stand in the header, and none of them splits the records as it splits the header",
            "--delimiter ',' or --delimiter ';'",
        ),
    ] {
        let told = (format!("deals.csv: {message}"), hint.to_owned());
        assert_eq!(refused("deals.csv", content), told, "{content:?}");
    }
}

#[test]
fn a_header_without_an_end_is_told_as_such() {
    let long = format!("a;\"{}", "x\n".repeat(1 << 20));
    assert_eq!(
        refused("deals.csv", &long).0,
        "deals.csv, line 1: the record that begins here is longer than 1.0 MiB, and the quote \
         opened on line 1 is not closed in it"
    );
    assert_eq!(
        refused("deals.csv", &"x;".repeat(1 << 20)).0,
        "deals.csv, line 1: the record that begins here is longer than 1.0 MiB"
    );
}

#[test]
fn formats_by_content() {
    let guessed = |text: &str, is_whole: bool| {
        let sample = Sample {
            bytes: text.as_bytes(),
            is_whole,
        };
        guess(sample, &sample.readings(Quoting::PLAIN))
    };
    for (text, told) in [
        ("id,name\n1,x\n", Guess::Csv(b',')),
        ("\n id;name\r\n1;x", Guess::Csv(b';')),
        ("id,name\n", Guess::Unknown),
        ("id\n1\n", Guess::Unknown),
        ("id,name\n1\n", Guess::Unknown),
        ("id;a,b\n1;2,3\n", Guess::Unknown),
        ("", Guess::Unknown),
        (" \n", Guess::Unknown),
        ("{\"a\":1}\n{\"a\":2}\n", Guess::Ndjson),
        (" \r\n {\n \"a\": 1\n}", Guess::Ndjson),
        ("{} {}", Guess::Ndjson),
        ("{a,b}\n{c,d}\n", Guess::Csv(b',')),
        ("{\"a\":1},x\n{\"a\":1},x\n", Guess::Csv(b',')),
        ("{}\t{}\n{}\t{}\n", Guess::Csv(b'\t')),
        ("[{\"a\":1},\n{\"a\":2}]\n", Guess::JsonArray),
        ("[]", Guess::JsonArray),
        ("[id],[name]\n1,2\n", Guess::Csv(b',')),
        ("[1]\n[2]\n", Guess::Unknown),
        ("{\"a\":", Guess::Unknown),
    ] {
        assert_eq!(guessed(text, true), told, "{text:?}");
    }
    assert_eq!(guessed("{\"a\": [1, \"x", false), Guess::Ndjson);
    assert_eq!(guessed("[{\"a\": 1}, {", false), Guess::JsonArray);
    assert_eq!(guessed("[{\"a\": 1}, x", false), Guess::Unknown);
}

/// First bytes of each kind of file, as the program that writes it leaves them.
const FOREIGN: [(&[u8], Foreign); 32] = [
    (b"PAR1\x15\x04\x15\x10", Foreign::Parquet),
    (b"PARE\x15\0", Foreign::Parquet),
    (b"Obj\x01\x04\x16avro.schema", Foreign::Avro),
    (b"ORC\x0a\x03\0\0", Foreign::Orc),
    (b"ARROW1\0\0\xff\xff\xff\xff", Foreign::Arrow),
    (b"FEA1\0\0\0\0", Foreign::Arrow),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", Foreign::OldWorkbook),
    (b"\xfd7zXZ\0\0\x04", Foreign::Xz),
    (b"BZh91AY&SY\xae", Foreign::Bzip2),
    (b"BZh9\x17\x72\x45\x38\x50\x90\0", Foreign::Bzip2),
    (b"\x04\x22\x4d\x18\x64", Foreign::Lz4),
    (b"7z\xbc\xaf\x27\x1c\0\x04", Foreign::SevenZip),
    (b"Rar!\x1a\x07\x01\0", Foreign::Rar),
    (b"%PDF-1.7\n", Foreign::Pdf),
    (b"<!DOCTYPE html>\n<html>", Foreign::HtmlPage),
    (b"\xef\xbb\xbf\r\n <HTML lang=en>", Foreign::HtmlPage),
    (b"<!-- saved --><html>", Foreign::HtmlPage),
    (
        b"<?xml version=\"1.0\"?><!DOCTYPE html PUBLIC",
        Foreign::HtmlPage,
    ),
    (b"<table border=1>", Foreign::HtmlPage),
    (b"<?xml version=\"1.0\"?><rows>", Foreign::Xml),
    (b"{\\rtf1\\ansi", Foreign::Rtf),
    (b"SQLite format 3\0\x10\0", Foreign::Sqlite),
    (b"\x89PNG\r\n\x1a\n\0", Foreign::Image),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", Foreign::Image),
    (b"GIF89a\x01\0", Foreign::Image),
    (b"GIF87a\x01\0", Foreign::Image),
    (b"\x7fELF\x02\x01", Foreign::Program),
    (b"\xcf\xfa\xed\xfe\x07\0", Foreign::Program),
    (b"\xfe\xed\xfa\xce\0", Foreign::Program),
    (b"\xca\xfe\xba\xbe\0", Foreign::Program),
    (b"MZ\x90\0\x03", Foreign::Program),
    (b"\x02\x21\x4c\x18", Foreign::Lz4),
];

#[test]
fn foreign_formats_by_their_first_bytes() {
    for (start, told) in FOREIGN {
        let shown = String::from_utf8_lossy(start);
        assert_eq!(foreign::recognise(start), Some(told), "{shown:?}");
        let error = source_of("deals.csv", start, Limits::default()).unwrap_err();
        assert!(error.message.starts_with("deals.csv is "), "{error}");
        // Nothing that is cut off looks like something else.
        for end in 0..start.len() {
            let part = foreign::recognise(&start[..end]);
            assert!(
                part.is_none_or(|part| part == told || part == Foreign::Xml),
                "{shown:?}"
            );
        }
    }
    let mut document = b"PK\x03\x04".to_vec();
    document.resize(30, 0);
    assert_eq!(foreign::recognise(&document), None);
    document.extend(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
    assert_eq!(foreign::recognise(&document), Some(Foreign::OpenDocument));
}

#[test]
fn texts_that_begin_as_foreign_files_do_are_read() {
    for header in [
        "PAR1,PAR2",
        "PARENT,id",
        "ORC,ELF",
        "MZ,id",
        "FEA1,x",
        "Obj,x",
        "BZh9,x",
        "Rar!,x",
        "PK,id",
        "<htmlx>,x",
        "<id>,x",
        "7z,x",
        "GIF,x",
        "Mzé\u{1b},x",
    ] {
        let content = format!("{header}\n1,2\n");
        assert_eq!(foreign::recognise(content.as_bytes()), None, "{header}");
        assert_eq!(one(&content), Some(','), "{header}");
    }
}

#[test]
fn the_line_that_converts_is_safe_to_type() {
    let hint = |foreign_start: &[u8], path: Option<&str>| {
        foreign::refuse("x", path, foreign_start)
            .unwrap_err()
            .hint
            .unwrap()
    };
    let parquet = |path| hint(b"PAR1\x15", path);
    let end = "TO '/dev/stdout' (FORMAT json)";
    let push = "qobra-push - --format ndjson ...";
    assert_eq!(
        parquet(Some("my deals.parquet")),
        format!("duckdb -c \"COPY (FROM 'my deals.parquet') {end}\" | {push}")
    );
    assert_eq!(
        parquet(Some("deals.csv")),
        format!("duckdb -c \"COPY (FROM read_parquet('deals.csv')) {end}\" | {push}")
    );
    // How a quote is written between single quotes is the shell's.
    let quote = if cfg!(windows) { "''" } else { r"'\''" };
    let query = format!("COPY (FROM 'it''s $(rm).parquet') {end}").replace('\'', quote);
    assert_eq!(
        parquet(Some("it's $(rm).parquet")),
        format!("duckdb -c '{query}' | {push}")
    );
    assert_eq!(
        parquet(None),
        format!("duckdb -c \"COPY (FROM read_parquet('FILE')) {end}\" | {push}")
    );
    let xz = |path| hint(b"\xfd7zXZ\0\0", Some(path));
    let quote = if cfg!(windows) { '"' } else { '\'' };
    assert_eq!(
        xz("a b.csv.xz"),
        format!("xz -dk {quote}a b.csv.xz{quote} && qobra-push {quote}a b.csv{quote} ...")
    );
    assert_eq!(
        xz("deals"),
        "xz -dc < deals > unpacked && qobra-push unpacked ..."
    );
    assert_eq!(
        xz("-d.csv.xz"),
        "xz -dk ./-d.csv.xz && qobra-push ./-d.csv ..."
    );
}
