//! Quotes that are not closed as they should be, and those that are right.

use super::*;
use crate::input::options::Quoting;

const WRITTEN_TWICE: &str = "a quote inside of a quoted cell is written twice; where quotes are only \
    text, `quote = \"none\"` below `[input]` in a mapping says so";
const ESCAPE: &str = "if backslashes escape quotes here, say so with `escape = \"\\\\\"` below `[input]` \
    in a mapping (`qobra-push init` drafts one)";

/// All that is said, without the input's name, and the cells that were read before.
fn faults(content: &str, block_bytes: usize) -> (Vec<String>, Vec<Vec<String>>) {
    let source = source_with(content, &SourceOptions::default(), block_bytes);
    let (mut said, mut good) = (Vec::new(), Vec::new());
    for block in source.blocks() {
        match block {
            Ok(block) => good.push(block),
            Err(error) => {
                let at = error.message.find("deals.").unwrap() + "deals.csv, ".len();
                said.push(error.message[at..].to_owned());
            }
        }
    }
    let cells = rows(&source, &good).into_iter().map(|row| row.2.unwrap());
    (said, cells.collect())
}

#[test]
fn text_behind_a_closing_quote_is_told_with_both_places() {
    for (content, places) in [
        (
            "a,b\n1,2\n3,\"4\" 5\n6,7\n",
            ("line 3, column 3", "line 3, column 5"),
        ),
        ("a,b\n1,2\n\"3\" ,4\n", ("line 3", "line 3, column 3")),
        (
            "a,b\n1,2\n3,\"4\"x",
            ("line 3, column 3", "line 3, column 5"),
        ),
        (
            "a,b\n1,2\n\n3,\"4\n5\n6\"\"\"7\n",
            ("line 4, column 3", "line 6, column 4"),
        ),
        (
            "\u{feff}a,b\n1,2\né,\"é\n\"é\n",
            ("line 3, column 3", "line 4"),
        ),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            for size in [1, 2, 7, 1 << 18] {
                let (open, close) = places;
                let told = format!(
                    "{open}: the quote opened here is closed on {close}, and text follows it"
                );
                let read = faults(&content.replace('\n', end), size);
                let before = vec![vec!["1".to_owned(), "2".to_owned()]];
                assert_eq!(read, (vec![told], before), "{content:?}");
            }
        }
    }
}

#[test]
fn quotes_that_are_right() {
    let content =
        "a,b\n\"\",\"\"\"a\"\"\"\n5\" pipe,x\"\"y\n\"1\r\n2\",\"\"\"\"\n \"a\",b \"\"\n\"c\",\"d\"";
    let read = [
        ["", "\"a\""],
        ["5\" pipe", "x\"\"y"],
        ["1\r\n2", "\""],
        [" \"a\"", "b \"\""],
        ["c", "d"],
    ];
    for size in [1, 7, 1 << 18] {
        let (said, cells) = faults(content, size);
        assert_eq!(said, [""; 0]);
        assert_eq!(cells, read);
    }
}

#[test]
fn a_backslash_before_a_quote_is_pointed_out() {
    for (content, hint) in [
        ("a,b\n1,\"x\\\"y\"\n", ESCAPE),
        ("a,b\n1,\"Screen 42\\\"\"\n2,\"Beta\"\n", ESCAPE),
        ("a,b\n1,\"Screen 42\\\"\",3\n4,5\n", ESCAPE),
        ("a,b\n1,\"x\\y\"z\"\n", WRITTEN_TWICE),
        ("a,b\n1\\\",\"x\"y\n", WRITTEN_TWICE),
    ] {
        let source = source_with(content, &SourceOptions::default(), 7);
        let error = source.blocks().find_map(Result::err).unwrap();
        assert_eq!(error.hint.as_deref(), Some(hint), "{content:?}");
    }
    let quoting = Quoting {
        escape: Some(b'\\'),
        ..Quoting::PLAIN
    };
    let options = SourceOptions {
        quoting,
        ..SourceOptions::default()
    };
    let source = source_with("a,b\n1,\"x\\\"y\"z\n", &options, 7);
    let error = source.blocks().find_map(Result::err).unwrap();
    assert_eq!(error.hint.as_deref(), Some(WRITTEN_TWICE));
}

#[test]
fn further_ones_are_told_and_nothing_else() {
    let place = |open: &str, close: &str| {
        format!("{open}: the quote opened here is closed on {close}, and text follows it")
    };
    // A quote that was named as the closing one is not told of again as one that opens.
    let content = "a,b\n1,\"one\n2,\"two\n3,\"3\n4,4\" \"4\n\"5\"x,\"6\"y\n7,\"seven\n8,8\n";
    let told = [
        place("line 2, column 3", "line 3, column 3"),
        place("line 4, column 3", "line 5, column 4"),
        place("line 6", "line 6, column 3"),
        place("line 6, column 6", "line 6, column 8"),
        "line 7: the quote opened on line 7 is never closed".to_owned(),
    ];
    for size in [1, 7, 1 << 18] {
        assert_eq!(faults(content, size), (told.to_vec(), vec![]));
    }
}

#[test]
fn they_are_looked_for_in_every_input() {
    let folder = Folder::new();
    let paths = [
        folder.file("a.csv", "a,b\n1,\"2\"x\n"),
        folder.file("b.csv", "a,b\n3,4\n"),
        folder.file("c.csv", "a,b\n\"5\"x,6\n7,8\n"),
    ];
    let source = Source::open(&paths, &SourceOptions::default()).unwrap();
    let said: Vec<String> = (source.blocks())
        .map(|block| folder.bare(&block.unwrap_err().message))
        .collect();
    assert_eq!(said.len(), 2);
    assert!(said[0].starts_with("a.csv, line 2, column 3: "), "{said:?}");
    assert!(said[1].starts_with("c.csv, line 2: "), "{said:?}");
}

#[test]
fn a_header_is_read_as_strictly() {
    let refused = |content: &str| {
        let error = source_of("deals.csv", content.as_bytes(), Limits::default()).unwrap_err();
        (error.message, error.hint.unwrap())
    };
    assert_eq!(
        refused("\n\"id\",\"na\"me,x\n1,2\n"),
        (
            "deals.csv, line 2, column 6: the quote opened here is closed on line 2, column 9, and \
             text follows it"
                .to_owned(),
            WRITTEN_TWICE.to_owned()
        )
    );
    assert_eq!(refused("\"id\\\"x\",b\n1,2\n").1, ESCAPE);
    assert_eq!(refused("id,\"na\\\"\",b\n1,2\n").1, ESCAPE);
}

#[test]
fn an_escape_before_nothing_more_is_told() {
    let options = SourceOptions {
        quoting: Quoting {
            escape: Some(b'\\'),
            ..Quoting::PLAIN
        },
        ..SourceOptions::default()
    };
    for (content, line) in [
        ("a,b\n1,2\\", 2),
        ("a,b\n1,2\n3,4\\\n", 3),
        ("a,b\n3,4\\\r\n", 2),
    ] {
        for size in [1, 1 << 18] {
            let source = source_with(content, &options, size);
            assert_eq!(
                fault(&source).0,
                format!(
                    "deals.csv, line {line}: the last record does not end, since an escape stands at \
                     its end"
                )
            );
        }
    }
}

#[test]
fn a_place_that_was_written_to_is_no_good_record() {
    let folder = Folder::new();
    let path = folder.file("deals.csv", "a,b\n\"1\",2\n3,4\n");
    let source = Source::open(&[path], &SourceOptions::default()).unwrap();
    let extent = blocks(&source)[0].extent;
    folder.file("deals.csv", "a,b\n\"1\"x2\n3,4\n");
    let again: Vec<_> = source.again(&extent).map(Result::unwrap).collect();
    let said: Vec<_> = rows(&source, &again).into_iter().map(|row| row.2).collect();
    let told = "has a quote that is not closed as it should be".to_owned();
    assert_eq!(said, [Err(told)]);
}
