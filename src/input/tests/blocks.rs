//! Where blocks are cut, and what makes an input unreadable.

use std::io::Write as _;

use super::*;

fn faulty(name: &str, content: impl AsRef<[u8]>, limits: Limits) -> (String, Option<String>) {
    fault(&source_of(name, content.as_ref(), limits).unwrap())
}

#[test]
fn blocks_have_about_the_size_asked_for() {
    let content = format!("a,b\n{}", "1,2345\r\n".repeat(1_000));
    let source = source_of("x.csv", content.as_bytes(), limits(100)).unwrap();
    let blocks = blocks(&source);
    let last = blocks.last().unwrap();
    for block in &blocks[..blocks.len() - 1] {
        assert_eq!(block.bytes.len(), 96);
    }
    assert_eq!(last.extent.end, content.len() as u64);
    assert_eq!(last.extent.first_line, 2 + 12 * (blocks.len() as u64 - 1));
    check_extents(&source, content.as_bytes());
}

#[test]
fn buffers_come_back() {
    let source = source_of("x.csv", b"a,b\n1,2\n3,4\n5,6\n", limits(4)).unwrap();
    let mut blocks = source.blocks();
    let mut all = Vec::new();
    while let Some(block) = blocks.next() {
        let block = block.unwrap();
        all.extend_from_slice(&block.bytes);
        blocks.recycle(block.bytes);
    }
    assert_eq!(all, b"1,2\n3,4\n5,6\n");
}

#[test]
fn an_open_quote_is_told_with_its_line() {
    for size in [1, 7, 1 << 18] {
        let (message, hint) = faulty(
            "deals.csv",
            "a,b\n1,2\r\n3,4\n\"5\n6\",\"7\n8,9\n",
            limits(size),
        );
        assert_eq!(
            message,
            "deals.csv, line 4: the quote opened on line 5 is never closed"
        );
        assert_eq!(
            hint.unwrap(),
            "close it; a quote that belongs to the text of a quoted field is written twice"
        );
    }
    // What stands before it is still given.
    let source = source_of("deals.csv", b"a,b\n1,2\n3,\"4\n", Limits::default()).unwrap();
    let mut blocks = source.blocks();
    assert_eq!(blocks.next().unwrap().unwrap().bytes, b"1,2\n");
    assert!(blocks.next().unwrap().is_err());
    assert!(blocks.next().is_none());
}

#[test]
fn a_record_has_a_bound() {
    let long = |n: usize| format!("a,b\n1,2\n3,{}\r\n5,6\n", "x".repeat(n));
    let (message, hint) = faulty("deals.csv", long((1 << 20) - 1), Limits::default());
    assert_eq!(
        message,
        "deals.csv, line 3: the record that begins here is longer than 1.0 MiB"
    );
    assert_eq!(hint.unwrap(), "each record must end with a line end");
    let content = long((1 << 20) - 2);
    let source = source_of("deals.csv", content.as_bytes(), Limits::default()).unwrap();
    check_extents(&source, content.as_bytes());

    let open = format!("a,b\n1,2\n3,\"{}", "x\n".repeat(1 << 20));
    let (message, hint) = faulty("deals.csv", open, Limits::default());
    assert_eq!(
        message,
        "deals.csv, line 3: the record that begins here is longer than 1.0 MiB, \
         and the quote opened on line 3 is not closed in it"
    );
    assert_eq!(
        hint.unwrap(),
        "an unclosed quote is the likely cause: look at line 3"
    );

    let small = Limits {
        block_bytes: 64,
        record_bytes: 8,
        ..Limits::default()
    };
    for line in ["12345678\n", "12345678\r\n", "12345678"] {
        assert!(
            source_of("deals.ndjson", line.as_bytes(), small)
                .unwrap()
                .blocks()
                .all(|b| b.is_ok())
        );
    }
    assert_eq!(
        faulty("deals.ndjson", "\n123456789\n", small).0,
        "deals.ndjson, line 2: the record that begins here is longer than 8 B"
    );
}

#[test]
fn bytes_that_are_no_text_are_told_with_their_place() {
    let (message, hint) = faulty(
        "deals.csv",
        b"a,b\r\n1,2\r\xc3\xa9,caf\xe9 au\r\n",
        limits(5),
    );
    assert_eq!(
        message,
        "deals.csv, line 3, character 6: not UTF-8 (the bytes are e9 20 61 75)"
    );
    assert_eq!(
        hint.unwrap(),
        "the file may be in windows-1252: `--encoding windows-1252` reads that"
    );
    let (message, hint) = faulty("deals.csv", b"a,b\n1,2\n\xc3\xa9,\0\xff\n", limits(100));
    assert_eq!(
        message,
        "deals.csv, line 3, byte 4: a NUL byte, which no text has"
    );
    assert_eq!(hint.unwrap(), "the file may be damaged, or no text at all");
    assert_eq!(
        faulty("deals.ndjson", b"{}\n{\"a\":\"\xe9\0\"}\n", limits(100)).0,
        "deals.ndjson, line 2, character 7: not UTF-8 (the bytes are e9 00 22 7d)"
    );
}

#[test]
fn a_file_is_read_to_the_length_it_had() {
    let folder = Folder::new();
    let path = folder.file("deals.csv", "a,b\n1,2\n3,4\n");
    let source = Source::open_limited(&[path], &SourceOptions::default(), limits(4)).unwrap();
    let options = std::fs::OpenOptions::new()
        .append(true)
        .open(folder.path("deals.csv"));
    let mut file = options.unwrap();
    file.write_all(b"5,6\n").unwrap();
    assert_eq!(all(&source).len(), 2);

    let extent = blocks(&source)[1].extent;
    let beyond = Extent {
        end: 1 << 40,
        ..extent
    };
    let error = source.again(&beyond).find_map(Result::err).unwrap();
    assert_eq!(
        folder.bare(&error.message),
        "deals.csv does not reach to byte 1099511627776"
    );

    file.set_len(8).unwrap();
    let told = "deals.csv became shorter while it was read";
    assert_eq!(fault(&source).0, told);
    let error = source.again(&extent).find_map(Result::err).unwrap();
    assert_eq!(folder.bare(&error.message), told);
}
