//! Inputs in other encodings: the same text, or an error with its place.

use encoding_rs::{BIG5, EUC_KR, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};
use proptest::prelude::*;

use super::inflate::{Said, content_fault, gzip, text, zstd};
use super::*;
use crate::input::encoding::Encoding;

fn told(label: &str) -> SourceOptions {
    SourceOptions {
        encoding: Some(Encoding::named(label).unwrap()),
        ..SourceOptions::default()
    }
}

fn utf16(text: &str, mark: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    let marked = format!("{mark}{text}");
    marked.encode_utf16().flat_map(unit).collect()
}

fn read(content: &[u8], options: &SourceOptions) -> (String, Said) {
    let (bytes, said) = text("x.csv", content, options);
    (String::from_utf8(bytes).unwrap(), said)
}

#[test]
fn a_byte_order_mark_tells_the_encoding_and_is_no_text() {
    let text = "id,naïve\r\n1,𝄞 €\r\n2,日本\n";
    let little = utf16(text, "\u{feff}", u16::to_le_bytes);
    let big = utf16(text, "\u{feff}", u16::to_be_bytes);
    // The mark wins over what was said.
    for options in [
        SourceOptions::default(),
        told("windows-1252"),
        told("utf-16be"),
    ] {
        for content in [&little, &big, &gzip(&little), &zstd(&big)] {
            assert_eq!(read(content, &options), (text.to_owned(), None));
        }
        let marked = format!("\u{feff}{text}");
        let source = source_with(marked.as_bytes(), &options);
        assert_eq!(
            (source.total_bytes(), source.kept(0)),
            (Some(marked.len() as u64), None)
        );
        assert_eq!(*source.columns(), names(&["id", "naïve"]));
    }
    let source = source_with(&little, &SourceOptions::default());
    assert_eq!(*source.columns(), names(&["id", "naïve"]));
}

fn names(names: &[&str]) -> crate::input::record::Columns {
    crate::input::record::Columns::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

fn source_with(content: &[u8], options: &SourceOptions) -> Source {
    let folder = Folder::new();
    let path = folder.file("x.csv", content);
    Source::open(&[path], options).unwrap()
}

#[test]
fn other_encodings_are_named() {
    for (label, bytes, text) in [
        ("windows-1252", b"prix\n5 \x80\n".as_slice(), "prix\n5 €\n"),
        ("LATIN1", b"pr\xe9nom\nZo\xeb\n", "prénom\nZoë\n"),
        (" sjis ", b"a\n\x93\xfa\x96\x7b\n", "a\n日本\n"),
        ("utf-16le", b"a\0\n\0\xac\x20\n\0", "a\n€\n"),
        ("utf-16be", b"\0a\0\n\x20\xac\0\n", "a\n€\n"),
        ("utf-8", "prénom\nZoë\n".as_bytes(), "prénom\nZoë\n"),
    ] {
        assert_eq!(
            read(bytes, &told(label)),
            (text.to_owned(), None),
            "{label}"
        );
    }
}

#[test]
fn unknown_labels_name_the_nearest() {
    for (label, hint) in [
        ("utf16le", "did you mean `utf-16le`?"),
        ("latin-1", "did you mean `latin1`?"),
        ("Windows1252", "did you mean `windows-1252`?"),
        ("shift-jis2", "did you mean `shift_jis`?"),
    ] {
        assert_eq!(Encoding::named(label).unwrap_err().hint(), hint, "{label}");
    }
    // The standard has these labels only to refuse them.
    for label in ["hz-gb-2312", "iso-2022-kr", "replacement", "", "klingon"] {
        assert!(Encoding::named(label).is_err(), "{label}");
    }
    assert_eq!(
        Encoding::named("").unwrap_err().hint(),
        "labels are those of the WHATWG Encoding Standard, such as windows-1252, iso-8859-15, \
         utf-16le or shift_jis"
    );
}

#[test]
fn plain_utf8_is_read_where_it_stands() {
    let folder = Folder::new();
    let path = folder.file("x.csv", "a\né\n");
    for encoding in [None, Some(Encoding::UTF_8)] {
        let options = SourceOptions {
            encoding,
            keep: Some(folder.path("no such folder")),
            ..SourceOptions::default()
        };
        let source = Source::open(std::slice::from_ref(&path), &options).unwrap();
        assert_eq!((source.total_bytes(), source.kept(0)), (Some(5), None));
    }
}

#[test]
fn what_cannot_be_decoded_is_told_with_its_place() {
    const MARKED: &str = "the file begins as UTF-16LE, so that it may be damaged or cut: save it \
                          again and push that file";
    let as_1252 = "the file may be in windows-1252: `--encoding windows-1252` reads that";
    let lone = |unit: u16| {
        let mut bytes = utf16("a,b\r\n𝄞é,", "\u{feff}", u16::to_le_bytes);
        bytes.extend(unit.to_le_bytes());
        bytes.extend(b"x\0\n\0");
        bytes
    };
    let mut odd = utf16("a\n1\n", "\u{feff}", u16::to_le_bytes);
    odd.push(b'2');
    let none = SourceOptions::default();
    for (bytes, options, message, hint) in [
        (
            lone(0xd800),
            &none,
            "line 2, character 4: not UTF-16LE (the bytes are 00 d8)",
            MARKED,
        ),
        (
            lone(0xdc00),
            &none,
            "line 2, character 4: not UTF-16LE (the bytes are 00 dc)",
            MARKED,
        ),
        (
            odd,
            &none,
            "line 3, character 1: not UTF-16LE (the bytes are 32)",
            MARKED,
        ),
        (
            b"a\n\xe9\xd2\n".to_vec(),
            &told("windows-1253"),
            "line 2, character 2: not windows-1253 (the bytes are d2)",
            as_1252,
        ),
        (
            // More than is looked at before the first part is handed on.
            format!("a\r\rZo€\n{}", "x".repeat(70_000)).into_bytes(),
            &told("euc-kr"),
            "line 3, character 3: not EUC-KR (the bytes are e2 82)",
            "the file may be in utf-8: `--encoding utf-8` reads that",
        ),
        (
            b"a\n1\x93\xfa\x93".to_vec(),
            &told("shift_jis"),
            "line 2, character 3: not Shift_JIS (the bytes are 93)",
            as_1252,
        ),
        (
            gzip(b"a\n\xe9\x81\n"),
            &none,
            "line 2, character 1: not UTF-8 (the bytes are e9 81 0a)",
            "the file is in another encoding, which --encoding can name, or damaged",
        ),
        (
            b"a\0b\0\n\0".to_vec(),
            &none,
            "line 1, byte 2: a NUL byte, which no text has",
            "the file may be in utf-16le: `--encoding utf-16le` reads that",
        ),
        (
            b"\0a\0b\0\n".to_vec(),
            &none,
            "line 1, byte 1: a NUL byte, which no text has",
            "the file may be in utf-16be: `--encoding utf-16be` reads that",
        ),
    ] {
        let said = read(&bytes, options).1;
        assert_eq!(said, content_fault(&format!("x.csv, {message}"), hint));
    }
}

#[test]
fn utf8_is_refused_where_another_encoding_is_told() {
    let long = format!("a\n{}é\n{}", "x\n".repeat(40_000), "y\n".repeat(100_000));
    let cut_by_a_buffer = format!("{}é\n", "a".repeat(65_535));
    for label in [
        "windows-1252",
        "iso-8859-2",
        "koi8-r",
        "shift_jis",
        "gbk",
        "big5",
        "euc-kr",
    ] {
        for text in ["a\né\n", "a\n日本\n", &long, &cut_by_a_buffer] {
            for content in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
                let Some(said) = read_as_ndjson(&content, label) else {
                    panic!("{label} read UTF-8");
                };
                // What an encoding does not have is told where it stands, if that comes first.
                let is_right = said.contains("x.ndjson is valid UTF-8") || said.contains("not ");
                assert!(is_right, "{label}: {said}");
            }
        }
        assert_eq!(read_as_ndjson(b"a\nb\n", label), None, "{label}");
    }
    let told = |content: &[u8], label: &str| read_as_ndjson(content, label).unwrap_or_default();
    assert_eq!(
        told("a\né\n".as_bytes(), "latin1"),
        "x.ndjson is valid UTF-8 with characters of several bytes, which windows-1252 would garble"
    );
    // One byte that is not UTF-8, at the very end, and it is what was said.
    assert_eq!(
        told("a\né\n\u{e9}".as_bytes().split_last().unwrap().1, "latin1"),
        ""
    );
}

/// What is said of a file in this encoding, if it cannot be read.
fn read_as_ndjson(content: &[u8], label: &str) -> Option<String> {
    let options = SourceOptions {
        format: Some(Format::Ndjson),
        ..told(label)
    };
    text("x.ndjson", content, &options).1.map(|said| said.1)
}

#[test]
fn places_are_right_across_buffers() {
    let options = SourceOptions {
        format: Some(Format::Ndjson),
        ..told("shift_jis")
    };
    for (end, of_line) in [("\n", 1), ("\r\n", 1), ("\r", 1), ("\n\r", 2)] {
        for before in 65_530..65_540_usize {
            let mut content = "a".repeat(before).into_bytes();
            content.extend(format!("{end}xy").bytes());
            content.extend(b"\x93");
            content.extend("z".repeat(70_000).bytes());
            // 0x93 and `z` are one character of Shift_JIS; 0x93 and a space are none.
            content.extend(format!("{end}xyz").bytes());
            content.extend(b"\x93 ");
            let said = text("x.ndjson", &content, &options).1.unwrap();
            let line = 1 + 2 * of_line;
            assert_eq!(
                said.1,
                format!("x.ndjson, line {line}, character 4: not Shift_JIS (the bytes are 93)"),
                "{end:?} {before}"
            );
        }
    }
}

#[test]
fn what_was_good_before_is_read_first() {
    let mut content = format!("a\n{}", "12345\n".repeat(50)).into_bytes();
    content.extend(b"\xd2\n6\n");
    let (text, said) = read(&content, &told("windows-1253"));
    assert!(said.is_some());
    assert!(text.len() > 200, "{}", text.len());
}

proptest! {
    #![proptest_config(super::cases())]

    /// Any CSV in any encoding that has its characters, compressed or not, is the same text.
    #[test]
    fn text_survives_encoding_and_compression(
        cells in prop::collection::vec("[a-z \"\u{e9}\u{20ac}\r\n]{0,6}", 1..60),
        wide in prop::collection::vec("[日本語\u{ac00}𝄞é\n]{0,5}", 0..20),
        which in 0..8_usize,
        packing in 0..4_usize,
        block in 1..200_usize,
    ) {
        let narrow = (3..7).contains(&which);
        let cells = cells.iter().chain(wide.iter().filter(|_| !narrow));
        let quoted: String = cells.map(|cell| format!("\"{}\"\n", cell.replace('"', "\"\""))).collect();
        let plain = format!("a\n{quoted}");
        let encoded = |encoding: &'static encoding_rs::Encoding| {
            let (bytes, _, bad) = encoding.encode(&plain);
            (!bad).then(|| (bytes.into_owned(), Some(encoding.name())))
        };
        let (bytes, label) = match which {
            0 => Some((utf16(&plain, "\u{feff}", u16::to_le_bytes), None)),
            1 => Some((utf16(&plain, "\u{feff}", u16::to_be_bytes), None)),
            2 => Some((utf16(&plain, "", u16::to_le_bytes), Some("utf-16le"))),
            3 => encoded(WINDOWS_1252),
            4 => encoded(WINDOWS_1251),
            5 => encoded(SHIFT_JIS).or_else(|| encoded(BIG5)),
            6 => encoded(EUC_KR),
            _ => encoded(GB18030),
        }
        .unwrap_or_else(|| (plain.clone().into_bytes(), None));
        let is_utf8 = !bytes.is_ascii() && std::str::from_utf8(&bytes).is_ok();
        let packed = match packing {
            0 => bytes,
            1 => gzip(&bytes),
            2 => zstd(&bytes),
            _ => {
                let (a, b) = bytes.split_at(bytes.len() / 2);
                [gzip(a), gzip(b)].concat()
            }
        };
        let options = label.map_or_else(SourceOptions::default, told);
        if is_utf8 && label.is_some_and(|label| label != "utf-16le") {
            // By chance, such as `é€€` in windows-1252: refused, and never read as something else.
            let said = text("deals.csv", &packed, &options).1;
            prop_assert!(said.unwrap().1.contains("is valid UTF-8"));
            return Ok(());
        }
        let of = |content: &[u8], options: &SourceOptions| {
            let folder = Folder::new();
            let path = folder.file("deals.csv", content);
            let source = Source::open_limited(&[path], options, limits(block)).unwrap();
            let blocks = source.blocks().collect::<Result<Vec<_>, _>>().unwrap();
            blocks.into_iter().map(|b| (b.extent, b.bytes)).collect::<Vec<_>>()
        };
        prop_assert_eq!(
            of(&packed, &options),
            of(plain.as_bytes(), &SourceOptions::default())
        );
    }
}
