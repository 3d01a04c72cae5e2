//! Zip archives: the one data file in them, or the one that was named.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::time::Duration;

use insta::assert_snapshot;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::rig::{READINGS, UPSERT, done, entries, folder_name, holds_new, is_over, runs, service};
use crate::stage::{Stage, deals};
use crate::support::{run, workbook};

const RECORDS: u64 = 23;

/// An archive of files with these names and contents; a name that ends with a slash is a folder.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    packed(files, CompressionMethod::Deflated)
}

fn packed(files: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, content) in files {
        match name.strip_suffix('/') {
            Some(folder) => zip.add_directory(folder, options).unwrap(),
            None => {
                zip.start_file(*name, options).unwrap();
                zip.write_all(content).unwrap();
            }
        }
    }
    zip.finish().unwrap().into_inner()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// The files of a run that are copies of inputs.
fn copies(stage: &Stage) -> Vec<String> {
    let files = runs(stage).into_iter().flat_map(|run| entries(&run));
    let names = files.map(|path| folder_name(&path));
    names.filter(|name| name.starts_with("input")).collect()
}

/// Deals as NDJSON, and as CSV in UTF-16.
fn ndjson(csv: &str) -> String {
    let line = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        let [id, name, amount] = cells[..] else {
            panic!("{line}")
        };
        format!("{{\"id\":\"{id}\",\"name\":\"{name}\",\"amount\":\"{amount}\"}}\n")
    };
    csv.lines().skip(1).map(line).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn the_one_data_file_is_read() {
    let csv = deals(RECORDS);
    let tabs = csv.replace(',', "\t");
    let clutter: &[(&str, &[u8])] = &[
        ("Export/", b""),
        ("Export/.DS_Store", b"\0\x01"),
        ("__MACOSX/Export/._deals.csv", b"\0\x05\x16\x07"),
        ("Export/Thumbs.db", b"\xd0\xcf"),
    ];
    let all = |files: &[(&str, &[u8])]| archive(&[clutter, files].concat());
    for (file, content, options) in [
        ("x.zip", archive(&[("deals.csv", csv.as_bytes())]), ""),
        ("x.csv", archive(&[("anything", csv.as_bytes())]), ""),
        ("x", all(&[("Export/deals.tsv", tabs.as_bytes())]), ""),
        ("x.zip", all(&[("deals.txt", &utf16(&tabs))]), ""),
        (
            "x.zip",
            all(&[("d.ndjson", ndjson(&csv).as_bytes()), ("read.me", b"hello")]),
            "",
        ),
        (
            "x.zip",
            packed(&[("d.csv", csv.as_bytes())], CompressionMethod::Stored),
            "",
        ),
        (
            "x.zip",
            archive(&[("a/d.csv", csv.as_bytes()), ("b/d.csv", b"id,x\n1,2\n")]),
            "--member a/d.csv",
        ),
    ] {
        for is_piped in [false, true] {
            let stage = service(READINGS[0], "");
            let name = if is_piped { "-" } else { file };
            let stage = stage.file(file, &content);
            let line = format!("{name} -t deals --chunk-size 5 {options}");
            let mut command = stage.push(&line);
            command.timeout(Duration::from_secs(60));
            let told = run(command.write_stdin(content.clone()));
            assert_eq!(told.code(), Some(0), "{line}: {told}");
            holds_new(&stage.settled(), false, RECORDS, &line);
            assert_eq!(copies(&stage), Vec::<String>::new(), "{told}");
        }
    }
}

#[test]
fn what_is_read_is_said() {
    let stage = Stage::unused().file(
        "export.zip",
        archive(&[
            ("Export/deals.csv", b"id,name\n1,A\n"),
            ("about.pdf", b"%PDF"),
            ("a.xml", b"<"),
        ]),
    );
    let mut all = String::new();
    for line in [
        "export.zip -t deals --dry-run",
        "init export.zip -t deals --member Export/deals.csv",
    ] {
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&done(&stage, line)));
    }
    assert_snapshot!(all);
}

/// An archive whose file is said to need a password.
fn locked() -> Vec<u8> {
    let mut bytes = archive(&[("deals.csv", deals(3).as_bytes())]);
    let directory = bytes
        .windows(4)
        .position(|part| part == b"PK\x01\x02")
        .unwrap();
    bytes[6] |= 1;
    bytes[directory + 8] |= 1;
    bytes
}

/// The archive with another byte at this place behind the first such mark.
fn changed(mut bytes: Vec<u8>, mark: &[u8; 4], at: usize) -> Vec<u8> {
    let start = bytes.windows(4).position(|part| part == mark).unwrap();
    bytes[start + at] ^= 0x55;
    bytes
}

#[test]
fn what_cannot_be_read_is_refused() {
    let csv = deals(3);
    let one = archive(&[("deals.csv", csv.as_bytes())]);
    let book = workbook(&[["id", "name"], ["1", "A"]]);
    let many: Vec<String> = (0..30).map(|n| format!("part-{n}.csv")).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|name| (&**name, csv.as_bytes())).collect();
    let long = deals(100_000);
    let stage = Stage::unused()
        .file(
            "two.zip",
            archive(&[("Deals.csv", csv.as_bytes()), ("Users.csv", b"id\n1\n")]),
        )
        .file("many.zip", archive(&many))
        .file("empty.zip", archive(&[]))
        .file(
            "folders.zip",
            archive(&[("a/", b""), ("a/.DS_Store", b"x")]),
        )
        .file("locked.zip", locked())
        .file("twice.zip", archive(&[("one.zip", &one)]))
        .file(
            "gz.zip",
            archive(&[("deals.csv.gz", &gzip(csv.as_bytes()))]),
        )
        .file("zip.gz", gzip(&one))
        .file("book.zip", archive(&[("Deals.xlsx", &book)]))
        .file("book.xlsx", &book)
        .file("cut.zip", &one[..one.len() - 30])
        .file("checksum.zip", changed(one.clone(), b"PK\x01\x02", 16))
        .file("size.zip", changed(one.clone(), b"PK\x01\x02", 24))
        .file("broken.zip", changed(one.clone(), b"PK\x03\x04", 45))
        .file("method.zip", changed(one.clone(), b"PK\x01\x02", 10))
        .file(
            "page.zip",
            archive(&[("deals.csv", b"<html><body>Sign in")]),
        )
        .file(
            "word.docx",
            archive(&[("[Content_Types].xml", b"<"), ("word/document.xml", b"<")]),
        )
        .file("bomb.zip", archive(&[("deals.csv", long.as_bytes())]))
        .file("deals.csv", &csv);
    let mut all = String::new();
    for line in [
        "two.zip -t deals",
        "two.zip -t deals --member deals.csv",
        "two.zip -t deals --sheet Deals",
        "many.zip -t deals --all --debounce 900",
        "many.zip -t deals --member parts-7.csv",
        "empty.zip -t deals --all",
        "folders.zip -t deals --all --allow-empty",
        "locked.zip -t deals",
        "twice.zip -t deals",
        "gz.zip -t deals",
        "zip.gz -t deals",
        "book.zip -t deals",
        "cut.zip -t deals",
        "checksum.zip -t deals",
        "size.zip -t deals",
        "broken.zip -t deals",
        "method.zip -t deals",
        "page.zip -t deals",
        "word.docx -t deals",
        "bomb.zip -t deals --max-input 1MiB",
        "deals.csv -t deals --member deals.csv",
        "book.xlsx -t deals --member deals.csv",
        "init two.zip",
    ] {
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&done(&stage, line)));
    }
    for (content, options) in [
        (
            archive(&[("a.csv", csv.as_bytes()), ("b.csv", b"id\n")]),
            "",
        ),
        (book, ""),
        (archive(&[("x.csv", long.as_bytes())]), "--max-input 10KiB"),
        (one[..one.len() - 30].to_vec(), ""),
    ] {
        let mut command = stage.push(&format!("- -t deals {options}"));
        let told = run(command.write_stdin(content));
        let _ = writeln!(all, "$ - {options}\n{}", stage.tidy(&told));
    }
    assert_eq!(copies(&stage), Vec::<String>::new());
    assert_snapshot!(all);
}

/// The copy of its file is what is read again, and where that is a JSON document whose copy is gone,
/// the same file of the archive.
#[test]
fn a_push_of_an_archive_is_resumed() {
    let csv = deals(RECORDS);
    let json = format!("[{}]", ndjson(&csv).trim_end().replace('\n', ","));
    let content = archive(&[("d.csv", csv.as_bytes()), ("d.json", json.as_bytes())]);
    for (member, copy) in [("d.csv", "input-0"), ("d.json", "input-0.ndjson")] {
        for name in ["x.zip", "-"] {
            let stage = service(READINGS[0], "").file("x.zip", &content);
            let line = UPSERT.replace("deals.csv", &format!("{name} --member {member}"));
            let mut command = stage.push(&line);
            command.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-after:3");
            let told = run(command.write_stdin(content.clone()));
            assert_eq!(told.code(), None, "{told}");
            assert_eq!(copies(&stage), [copy], "{told}");
            if name == "x.zip" && member == "d.json" {
                std::fs::remove_file(runs(&stage)[0].join(copy)).unwrap();
            } else {
                std::fs::remove_file(stage.folder().path().join("x.zip")).unwrap();
            }
            let told = done(&stage, "resume");
            assert_eq!(told.code(), Some(0), "{member}, {name}: {told}");
            is_over(&stage, false, RECORDS, member);
        }
    }
}

/// Nothing but the archive is in the file: the records of another one would be lost.
#[test]
fn archives_that_were_joined_are_refused() {
    let one = archive(&[("a.csv", b"id,name\n1,A\n")]);
    let two = archive(&[("a.csv", b"id,name\n2,B\n")]);
    for content in [
        [&one[..], &two].concat(),
        [&one[..], b"rubbish"].concat(),
        [&one[..], &[0; 40]].concat(),
        [b"rubbish", &one[..]].concat(),
    ] {
        let stage = Stage::unused().file("a.zip", &content);
        let told = run(&mut stage.push("a.zip -t deals --all"));
        assert!(matches!(told.code(), Some(2 | 3)), "{told}");
    }
}
