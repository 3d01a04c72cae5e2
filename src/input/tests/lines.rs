//! Cells of several lines that look like records.

use super::*;
use crate::input::options::Quoting;

/// The lines that are suspect, and how many records are good.
fn suspects(content: &str, delimiter: u8, quoting: Quoting) -> (Vec<u64>, usize) {
    let options = SourceOptions {
        delimiter: Some(delimiter),
        quoting,
        ..SourceOptions::default()
    };
    let source = source_with(content, &options, 1 << 18);
    let (mut parser, mut found, mut good) = (source.parser(), Vec::new(), 0);
    for block in blocks(&source) {
        let mut rows = parser.rows(&source, &block).unwrap();
        while let Some(row) = rows.next() {
            good += usize::from(row.cells.is_ok());
        }
        found.extend_from_slice(parser.suspects());
    }
    (found, good)
}

#[test]
fn records_in_a_cell_are_noticed() {
    for (content, good) in [
        // Two lines and more inside of the cell, whatever stands before and behind them.
        (
            "a;b;c\n1;\"Atelier\n2;Shop 2;Metz\n3;Shop 3;Nice\n\";Pau\n4;x;y\n",
            2,
        ),
        ("a;b\n1;\"one\n2;two\n3;three\n4;\"\n", 1),
        // Three lines, or two, each of which could be a record.
        (
            "a;b;c\n1;\"Atelier;Lyon\n2;Shop 2;Metz\n3;Screen 12\";Nice\n4;x;y\n",
            2,
        ),
        ("a;b;c\n1;\"Atelier;Lyon\n3;Screen 12\";Nice\n4;x;y\n", 2),
        // In the last record, which has no line end; and with blank lines in between.
        ("a;b;c\n1;\"Atelier;Lyon\n3;Screen 12\";Nice", 1),
        ("a;b;c\n1;\"Atelier;Lyon\n\n3;Screen 12\";Nice\n", 1),
    ] {
        for end in ["\n", "\r\n", "\r"] {
            let content = content.replace('\n', end);
            let found = suspects(&content, b';', Quoting::PLAIN);
            assert_eq!(found, (vec![2], good), "{content:?}");
        }
        // However the records are read.
        let escape = Some(b'\\');
        let quoting = Quoting {
            escape,
            ..Quoting::PLAIN
        };
        assert_eq!(
            suspects(content, b';', quoting),
            (vec![2], good),
            "{content:?}"
        );
    }
}

#[test]
fn texts_of_several_lines_are_not() {
    for content in [
        "id,note,by\n1,\"Dear all,\nsee, please, what I wrote\nBob\",x\n",
        "id,note\n1,\"Dear Sir\nthanks, Bob\"\n",
        "id,note\n1,\"a\nb, c\nd\"\n",
        "id,note\n1,\"a\nb, c\nd, e\nf\ng\"\n",
        "id\n\"a\nb\nc\nd\"\n",
        "id,note,by\n1,\"a\nb\",x\n2,c,y\n",
        // Too many cells, which is told anyway.
        "id,note\n1,\"a\nb,c\nd,e\nf\",x\n",
    ] {
        assert_eq!(
            suspects(content, b',', Quoting::PLAIN).0,
            [0; 0],
            "{content:?}"
        );
    }
}
