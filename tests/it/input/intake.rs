//! Inputs that are compressed, in another encoding, or come through a pipe.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::rig::{
    READINGS, REPLACE, UPSERT, done, entries, folder_name, holds_new, is_over, runs, service,
};
use crate::stage::{Stage, deals};
use crate::support::{Folder, Told, run};

const RECORDS: u64 = 23;

fn gzip(content: impl AsRef<[u8]>) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(content.as_ref()).unwrap();
    encoder.finish().unwrap()
}

fn zstd(content: impl AsRef<[u8]>) -> Vec<u8> {
    zstd::encode_all(content.as_ref(), 1).unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    let marked = format!("\u{feff}{text}");
    marked.encode_utf16().flat_map(u16::to_be_bytes).collect()
}

fn stage() -> Stage {
    service(READINGS[0], "")
}

/// Copies among the files of all runs.
fn copies(stage: &Stage) -> Vec<String> {
    let files = runs(stage).into_iter().flat_map(|run| entries(&run));
    files
        .map(|path| folder_name(&path))
        .filter(|name| name.starts_with("input"))
        .collect()
}

#[test]
fn the_content_tells_what_is_compressed_or_encoded() {
    let text = deals(RECORDS);
    let halves = text.split_at(text.len() / 2);
    for (name, content) in [
        ("deals.csv", gzip(&text)),
        ("deals.csv.gz", [gzip(halves.0), gzip(halves.1)].concat()),
        ("deals.csv.gz", zstd(&text)),
        ("deals.tsv.zst", zstd(text.replace(',', "\t"))),
        ("deals.csv", utf16(&text)),
        ("deals.csv.zstd", zstd(utf16(&text))),
    ] {
        let stage = stage().file(name, content);
        let told = done(&stage, &format!("{name} --table deals --chunk-size 5"));
        assert_eq!(told.code(), Some(0), "{name}: {told}");
        holds_new(&stage.settled(), false, RECORDS, name);
        assert_eq!(copies(&stage), Vec::<String>::new(), "{name}: {told}");
    }
}

#[test]
#[cfg_attr(windows, ignore = "it is typed into a shell of Unix")]
fn a_compressed_pipe_is_rehearsed() {
    let folder = Folder::new().with("x.gz", gzip(deals(3)));
    let script = "cat x.gz | \"$0\" - --format csv -t deals --sandbox";
    let mut shell = folder.command("sh");
    shell.args(["-c", script]).arg(crate::support::program());
    assert_snapshot!(run(&mut shell).tidy());
}

#[test]
fn an_encoding_is_told_on_the_command_line_or_in_the_mapping() {
    let mapping = |encoding: &str| {
        format!("[input]\nencoding = \"{encoding}\"\n[fields]\nid = \"id\"\nname = \"name\"\n")
    };
    let latin = b"id,name\n1,Zo\xeb 5 \x80\n".as_slice();
    let sjis = b"id,name\n1,\x93\xfa\x96\x7b\n".as_slice();
    for (content, encoding, options, name) in [
        (latin, "windows-1252", "-m map.toml", "Zoë 5 €"),
        (latin, "utf-8", "--encoding CP1252", "Zoë 5 €"),
        (sjis, "windows-1252", "-m map.toml --encoding sjis", "日本"),
        (
            "\u{feff}id,name\n1,Zoë\n".as_bytes(),
            "sjis",
            "-m map.toml --encoding gbk",
            "Zoë",
        ),
    ] {
        let stage = stage()
            .file("deals.csv", content)
            .file("map.toml", mapping(encoding));
        let told = done(&stage, &format!("deals.csv -t deals {options}"));
        assert_eq!(told.code(), Some(0), "{told}");
        let records = stage.settled().records;
        let new = ("1".to_owned(), format!(r#"{{"id":"1","name":"{name}"}}"#));
        assert!(records.contains(&new), "{options}: {records:?}");
    }
}

#[test]
fn inputs_that_cannot_be_taken_in_are_refused() {
    let packed = gzip(deals(3));
    let mut broken = packed.clone();
    let checksum = broken.len() - 6;
    broken[checksum] ^= 0xff;
    let long = gzip(deals(10_000));
    let stage = Stage::unused()
        .file("cut.csv.gz", &packed[..packed.len() - 9])
        .file("cut-late.csv.gz", &long[..long.len() - 9])
        .file("cut.csv.zst", &zstd(deals(3))[..30])
        .file("broken.csv.gz", broken)
        .file("joined.csv.gz", [&packed[..], b"id,name\n"].concat())
        .file("twice.csv.gz", gzip(&packed))
        .file("bomb.csv.gz", gzip(deals(100_000)))
        .file("latin.csv", b"id,name\n1,x\n2,Zo\xeb\n")
        .file("wide.csv", b"i\0d\0\n\0x\0\n\0")
        .file("lone.csv", b"\xfe\xff\0i\0d\0\n\0a\xd8\0\0\n")
        .file(
            "bad.toml",
            "[input]\nencoding = \"windows1252\"\n[fields]\nid = \"id\"\n",
        );
    let mut all = String::new();
    for line in [
        "cut.csv.gz -t deals",
        "cut-late.csv.gz -t deals",
        "cut.csv.zst -t deals",
        "broken.csv.gz -t deals",
        "joined.csv.gz -t deals --all",
        "twice.csv.gz -t deals",
        "bomb.csv.gz -t deals --max-input 1MiB",
        "latin.csv -t deals",
        "latin.csv -t deals --encoding shift_jis",
        "wide.csv -t deals",
        "lone.csv -t deals",
        "latin.csv -t deals --encoding latin-1",
        "latin.csv -t deals --encoding klingon",
        "latin.csv -t deals -m bad.toml",
        "latin.csv -t deals --max-input 0",
    ] {
        let told = run(&mut stage.push(line));
        let _ = writeln!(all, "$ {line}\n{}", stage.tidy(&told));
    }
    assert_eq!(copies(&stage), Vec::<String>::new());
    assert_snapshot!(all);
}

/// A refusal does not wait for a producer that goes on for ever.
#[test]
fn a_refused_pipe_is_left_at_once() {
    let stage = Stage::unused();
    let mut command = stage.process("- --format csv -t deals --max-errors 0");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"id,id\n").unwrap();
    // More than is read of a header at once; what does not fit any more meets a closed pipe.
    let _ = stdin.write_all("1,2\n".repeat(100_000).as_bytes());
    let ended = child.wait_with_output().unwrap();
    drop(stdin);
    let told = Told {
        status: ended.status,
        stdout: String::new(),
        stderr: String::from_utf8(ended.stderr).unwrap(),
    };
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(
        told.stderr.contains("columns 1 and 2 have the same name"),
        "{told}"
    );
}

#[test]
fn a_compressed_pipe_is_resumed_from_its_copy() {
    for line in [UPSERT, REPLACE] {
        for content in [gzip(deals(RECORDS)), zstd(utf16(&deals(RECORDS)))] {
            let stage = stage();
            let line = line.replace("deals.csv", "- --format csv --encoding shift_jis");
            let mut command = stage.push(&line);
            command.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-after:3");
            let told = run(command.write_stdin(content));
            assert_eq!(told.code(), None, "{told}");
            assert_eq!(copies(&stage), ["input-0"], "{told}");
            let told = done(&stage, "resume");
            assert_eq!(told.code(), Some(0), "{told}");
            assert_eq!(copies(&stage), Vec::<String>::new(), "{told}");
            is_over(&stage, line.contains("--all"), RECORDS, &line);
        }
    }
}

/// The same records as JSON, with `blank` around them and between their parts.
fn document(csv: &str, blank: &str) -> String {
    let record = |line: &str| {
        let cells: Vec<_> = line.split(',').collect();
        let pairs = ["id", "name", "amount"].iter().zip(cells);
        let pairs: Vec<_> = pairs
            .map(|(key, cell)| format!("{blank}\"{key}\": \"{cell}\""))
            .collect();
        format!("{blank}{{{}{blank}}}", pairs.join(","))
    };
    let records: Vec<_> = csv.lines().skip(1).map(record).collect();
    format!("{{\"items\": [{}{blank}]}}{blank}", records.join(","))
}

/// Whatever a document came through, one copy of its records is kept, and guarded as other inputs are.
#[test]
fn a_json_document_is_resumed_from_its_copy() {
    let [pretty, one_line, returns] =
        ["\r\n  ", "", "\r"].map(|blank| document(&deals(RECORDS), blank));
    let marked = format!("\u{feff}{pretty}");
    for (name, content) in [
        ("x.json", pretty.clone().into_bytes()),
        ("x.json", marked.into_bytes()),
        ("x.json", one_line.clone().into_bytes()),
        ("x.json", utf16(&returns)),
        ("x.json.gz", gzip(&pretty)),
        ("-", one_line.into_bytes()),
        ("-", zstd(utf16(&pretty))),
    ] {
        let stage = match name {
            "-" => stage(),
            file => stage().file(file, &content),
        };
        let mut command =
            stage.push(&UPSERT.replace("deals.csv", &format!("{name} --format json")));
        command.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-after:3");
        let told = run(command.write_stdin(content));
        assert_eq!(told.code(), None, "{told}");
        assert_eq!(copies(&stage), ["input-0.ndjson"], "{told}");
        let _ = std::fs::remove_file(stage.folder().path().join(name));
        let copy = runs(&stage)[0].join("input-0.ndjson");
        let text = std::fs::read_to_string(&copy).unwrap();
        std::fs::write(&copy, text.replacen("Deal 9", "Deal 8", 1)).unwrap();
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(3), "{told}");
        assert!(told.stderr.contains("has changed since"), "{told}");
        std::fs::write(&copy, text).unwrap();
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(0), "{told}");
        assert_eq!(copies(&stage), Vec::<String>::new(), "{told}");
        is_over(&stage, false, RECORDS, name);
    }
}

/// A copy is resumed with the delimiter that its name told, beside a file that is read in place.
#[test]
fn files_of_all_kinds_are_resumed_together() {
    let all = deals(RECORDS);
    let lines: Vec<&str> = all.lines().collect();
    let part = |lines: &[&str]| format!("id,name,amount\n{}\n", lines.join("\n"));
    let stage = stage()
        .file("a.csv", part(&lines[1..8]))
        .file("b.tsv.gz", gzip(part(&lines[8..15]).replace(',', "\t")))
        .file("c.csv", utf16(&part(&lines[15..])));
    let mut command = stage.push(&UPSERT.replace("deals.csv", "a.csv b.tsv.gz c.csv"));
    command.env("QOBRA_PUSH_TEST_CRASH", "journal-answer-after:2");
    let told = run(&mut command);
    assert_eq!(told.code(), None, "{told}");
    assert_eq!(copies(&stage), ["input-1", "input-2"], "{told}");
    // What they were made of is needed no more.
    for name in ["b.tsv.gz", "c.csv"] {
        std::fs::remove_file(stage.folder().path().join(name)).unwrap();
    }
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(0), "{told}");
    is_over(&stage, false, RECORDS, "files of all kinds");
}

/// Whoever writes into a pipe may die, and all that is seen of it is an end: where the text itself
/// shows that it was cut, nothing is sent.
#[test]
fn a_pipe_whose_producer_died_is_not_sent() {
    let text = deals(RECORDS);
    let packed = gzip(&text);
    let lines = "{\"id\": \"1\", \"name\": \"a\"}\n{\"id\": \"2\", \"na";
    let wide = utf16(&text);
    for (format, content, why) in [
        ("csv", packed[..packed.len() - 9].to_vec(), "it was cut"),
        ("csv", packed[..packed.len() / 2].to_vec(), "it was cut"),
        ("csv", zstd(&text)[..40].to_vec(), "it was cut"),
        ("csv", wide[..wide.len() - 1].to_vec(), "not UTF-16BE"),
        (
            "csv",
            format!("{text}24,\"Deal").into_bytes(),
            "is never closed",
        ),
        ("csv", format!("{text}24,Deal").into_bytes(), "has 2 fields"),
        ("ndjson", lines.as_bytes().to_vec(), "line 2"),
        ("json", b"[{\"id\": \"1\"},".to_vec(), "line 1"),
    ] {
        for mode in ["", "--all --debounce 900"] {
            let stage = Stage::unused();
            let mut command = stage.push(&format!("- --format {format} -t deals {mode}"));
            let told = run(command.write_stdin(content.clone()));
            assert_eq!((told.code(), told.stdout.as_str()), (Some(3), ""), "{told}");
            assert!(told.stderr.contains(why), "{told}\nnot: {why}");
            assert_eq!(copies(&stage), Vec::<String>::new(), "{told}");
        }
    }
}
