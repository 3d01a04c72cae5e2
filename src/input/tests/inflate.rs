//! Compressed inputs: all that is in them is read, or an error says that it is not.

use std::io::Write as _;

use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::*;
use crate::input::error::Blame;

const TEXT: &str = "a,b\n1,2\n3,\"4\n5\"\n6,7\n";

pub(super) fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

pub(super) fn zstd(content: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// All that can be read of a file, and what ends the reading.
pub(super) fn text(name: &str, content: &[u8], options: &SourceOptions) -> (Vec<u8>, Said) {
    let folder = Folder::new();
    let path = folder.file(name, content);
    let told = |blame, message: &str, hint| Some((blame, folder.bare(message), hint));
    let source = match Source::open_limited(&[path], options, limits(64)) {
        Ok(source) => source,
        Err(e) => return (Vec::new(), told(e.blame, &e.message, e.hint)),
    };
    let mut text = source.head(0).unwrap();
    for block in texts(&source) {
        match block {
            Ok(block) => text.extend(block.bytes),
            Err(e) => return (text, told(e.blame, &e.message, e.hint)),
        }
    }
    assert_eq!(source.total_bytes(), Some(text.len() as u64));
    (text, None)
}

/// What is to blame, the message and the hint.
pub(super) type Said = Option<(Blame, String, Option<String>)>;

pub(super) fn content_fault(message: &str, hint: &str) -> Said {
    Some((Blame::Content, message.to_owned(), Some(hint.to_owned())))
}

fn read(name: &str, content: &[u8]) -> (Vec<u8>, Said) {
    text(name, content, &SourceOptions::default())
}

#[test]
fn what_is_compressed_shows_in_the_content_not_in_the_name() {
    for packed in [gzip(TEXT.as_bytes()), zstd(TEXT.as_bytes())] {
        for name in ["deals.csv", "deals.csv.gz", "deals.txt.zst", "deals.CSV.GZ"] {
            assert_eq!(read(name, &packed), (TEXT.into(), None), "{name}");
        }
    }
    assert_eq!(read("deals.csv.gz", TEXT.as_bytes()), (TEXT.into(), None));
}

#[test]
fn the_name_within_tells_format_and_delimiter() {
    let is = |name: &str, content: &[u8]| {
        let source = source_of(name, content, Limits::default()).unwrap();
        (source.format(), source.delimiter())
    };
    assert_eq!(
        is("x.tsv.zst", &zstd(b"a\tb\n")),
        (Format::Csv, Some(b'\t'))
    );
    assert_eq!(is("x.jsonl.zstd", &gzip(b"{}\n")), (Format::Ndjson, None));
    let error = source_of("x.gz", &gzip(b"a\n"), Limits::default()).unwrap_err();
    assert_eq!(
        error.message,
        "x.gz: nothing tells whether it is CSV, NDJSON or JSON"
    );
}

#[test]
fn all_members_and_frames_are_read() {
    let parts = ["a,b\n1,", "", "2\n3,4\n", "5,6"];
    let gz: Vec<u8> = parts.iter().flat_map(|p| gzip(p.as_bytes())).collect();
    assert_eq!(read("x.csv", &gz), (parts.concat().into(), None));

    let skipped = [b"\x53\x2a\x4d\x18\x03\0\0\0".as_slice(), b"xyz"].concat();
    let mut zst = skipped.clone();
    for part in parts {
        zst.extend(zstd(part.as_bytes()));
        zst.extend(&skipped);
    }
    assert_eq!(read("x.csv", &zst), (parts.concat().into(), None));
}

#[test]
fn a_cut_file_is_an_error_wherever_it_was_cut() {
    for (by, packed) in [
        ("gzip", gzip(TEXT.as_bytes())),
        ("zstd", zstd(TEXT.as_bytes())),
    ] {
        // One byte of zstd's mark is text.
        let first = if by == "zstd" { 2 } else { 1 };
        let mut cuts = 0;
        for end in first..packed.len() {
            let (text, said) = read("x.csv", &packed[..end]);
            let (blame, message, _) = said.unwrap_or_else(|| panic!("{by} {end}: {text:?}"));
            assert_eq!(blame, Blame::Content);
            assert!(TEXT.as_bytes().starts_with(&text), "{by} {end}: {text:?}");
            let cut = format!("x.csv ends in the middle of its {by} data: it was cut");
            cuts += usize::from(message == cut);
        }
        assert!(
            cuts + 3 >= packed.len() - first,
            "{by}: {cuts} of {}",
            packed.len()
        );
        // The same behind a whole part, where the text has an end of its own.
        for end in 1..packed.len() {
            let both = [&packed, &packed[..end]].concat();
            let (text, said) = read("x.csv", &both);
            assert!(said.is_some(), "{by} {end}: {text:?}");
        }
        assert!(read("x.csv", &[]).1.is_some());
    }
}

#[test]
fn rubbish_behind_the_end_is_an_error() {
    for (by, mut packed) in [
        ("gzip", gzip(TEXT.as_bytes())),
        ("zstd", zstd(TEXT.as_bytes())),
    ] {
        let told = content_fault(
            &format!("x.csv: something stands behind the end of its {by} data"),
            &format!(
                "the file may have been overwritten or joined with another one: `{by} -t` checks it"
            ),
        );
        for rubbish in ["\0", "\n", "8,9\n", "a long line of text\n"] {
            packed.extend(rubbish.as_bytes());
            let (text, said) = read("x.csv", &packed);
            assert_eq!(
                (text.as_slice(), &said),
                (TEXT.as_bytes(), &told),
                "{rubbish:?}"
            );
        }
    }
}

#[test]
fn damage_is_an_error() {
    let mut packed = gzip(TEXT.as_bytes());
    let checksum = packed.len() - 5;
    packed[checksum] ^= 1;
    assert_eq!(
        read("x.csv", &packed).1,
        content_fault(
            "x.csv: its gzip data is damaged: corrupt gzip stream does not have a matching checksum",
            "copy it again from where it came from: `gzip -t` checks it",
        )
    );
    let mut packed = zstd(TEXT.as_bytes());
    *packed.last_mut().unwrap() ^= 1;
    assert_eq!(
        read("x.csv", &packed).1,
        content_fault(
            "x.csv: its zstd data is damaged: Restored data doesn't match checksum",
            "copy it again from where it came from: `zstd -t` checks it",
        )
    );
    let twice = gzip(&zstd(TEXT.as_bytes()));
    assert_eq!(
        read("x.csv", &twice).1,
        content_fault(
            "x.csv is compressed twice, which is not read",
            "unpack it once and push the unpacked file",
        )
    );
    assert_eq!(
        read("x.csv", &gzip(b"%PDF-1.7 and so on")).1.unwrap().1,
        "x.csv is a PDF document, which is not read"
    );
}

#[test]
fn a_frame_that_wants_too_much_memory_is_refused() {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_contentsize(false).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(TEXT.as_bytes()).unwrap();
    assert_eq!(
        read("x.csv", &encoder.finish().unwrap()).1,
        content_fault(
            "x.csv: its zstd data needs more than 128 MiB of memory to be unpacked",
            "compress it without --long, or unpack it and push the unpacked file",
        )
    );
}

#[test]
fn what_was_good_before_the_damage_is_read_first() {
    let long = format!("a,b\n{}", "1,2345\n".repeat(100_000));
    let packed = gzip(long.as_bytes());
    let (text, said) = read("x.csv", &packed[..packed.len() - 4]);
    assert!(said.is_some());
    assert!(text.len() > long.len() / 2, "{}", text.len());
    assert!(long.as_bytes().starts_with(&text));
}

#[test]
fn a_bomb_stops_at_the_cap() {
    let long = format!("a,b\n{}", "1,2345\n".repeat(100_000));
    for packed in [gzip(long.as_bytes()), zstd(long.as_bytes())] {
        let folder = Folder::new();
        let options = |max_input| SourceOptions {
            max_input,
            keep: Some(folder.path("")),
            ..SourceOptions::default()
        };
        let path = folder.file("x.csv", &packed);
        let source = Source::open_limited(&[path], &options(5_000), limits(64)).unwrap();
        let good = source.blocks().map_while(Result::ok);
        let good: usize = good.map(|block| block.bytes.len()).sum();
        // All whole lines below the cap.
        assert_eq!(
            good,
            (5_000 - "a,b\n".len()) / "1,2345\n".len() * "1,2345\n".len()
        );
        let error = source.blocks().find_map(Result::err).unwrap();
        assert_eq!(
            folder.bare(&error.message),
            "x.csv has more than 4.9 KiB of text, the most that --max-input allows"
        );
        assert_eq!(error.blame, Blame::Content);
        assert_eq!(folder.path("input-0").metadata().unwrap().len(), 5_000);

        let (all, said) = text(
            "x.csv",
            &packed,
            &SourceOptions {
                max_input: long.len() as u64,
                ..SourceOptions::default()
            },
        );
        assert_eq!((all.len(), said), (long.len(), None));
    }
}

proptest! {
    #![proptest_config(super::cases())]

    /// Whatever is done to compressed bytes: the right text comes out, or an error.
    #[test]
    fn no_damage_is_silent(
        lines in "(a,b\n([a-z]{0,8},[0-9]{0,8}\n){0,40})",
        is_gzip: bool,
        at: prop::sample::Index,
        flip in 1u8..,
    ) {
        let mut packed = if is_gzip { gzip(lines.as_bytes()) } else { zstd(lines.as_bytes()) };
        let at = at.index(packed.len());
        // The first bytes say what it is: without them it is a file of something else.
        prop_assume!(at >= 4);
        packed[at] ^= flip;
        let (text, said) = read("x.csv", &packed);
        prop_assert!(said.is_some() || text == lines.as_bytes(), "{text:?}");
    }
}
