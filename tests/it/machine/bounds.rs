//! Inputs made to be too much: each runs in a process with a limit of memory, ends with a clear
//! message, sends nothing and leaves nothing behind.
//!
//! The limits are for the whole address space, which is never less than the memory in use. Sizes are
//! cut down to what a debug build does in seconds; `QOBRA_PUSH_TEST_BOUNDS=full` runs them whole,
//! for which a release build is better: `cargo test --release --test it bounds`.

mod bombs;
mod child;
mod imports;

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::PathBuf;

use insta::assert_snapshot;

use self::child::{Fed, MAPPING, MIB, STREAMED, fed, refused, refused_feed, sized};
use crate::rig::{entries, runs};
use crate::stage::Stage;

/// Without this one the others would prove nothing.
#[test]
fn the_limit_is_one() {
    let stage = Stage::unused().file("one.csv", "id\n1\n");
    let line = "one.csv -t deals --dry-run";
    assert_eq!(fed(&stage, STREAMED, line, None).0.code(), Some(0));
    let (told, _) = fed(&stage, 16 * MIB, line, None);
    assert_ne!(told.code(), Some(0), "{told}");
}

/// Five gigabytes without an end are left after a MiB or so.
#[test]
fn records_without_an_end() {
    let stage = Stage::unused();
    let mut said = String::new();
    for (format, head, unit) in [
        ("csv", "id,name\n1,", "x"),
        ("csv", "id,name\n1,\"", "line\n"),
        ("csv", "", "\n"),
        ("csv", "id,", "column"),
        ("ndjson", "{\"id\": \"1\"}\n{\"id\": \"", "x"),
        ("json", "", " "),
        ("json", "{\"text\": \"", "x"),
        ("json", "[{\"id\": \"1\"}, {\"text\": \"", "x"),
        ("json", "[{\"id\": \"1\"}, {\"a\": ", "["),
        ("json", "{\"items\": [], \"more\": \"", "x"),
    ] {
        let line = format!("- --format {format} -t deals --all --debounce 900");
        let (told, fed) = refused_feed(&stage, STREAMED, &line, Some(Fed::new(head, unit)));
        // The copy of a pipe runs ahead of its reader, which had enough after a MiB or two.
        assert!(fed < 72 * MIB, "{fed} bytes were taken of {unit:?}");
        let _ = writeln!(said, "{head:?}, then {unit:?} again and again\n{told}");
    }
    assert_snapshot!(said);
}

/// What is only much of something that is allowed is read to its end.
#[test]
fn white_space_between_records_is_read_over() {
    for (format, head, unit) in [("ndjson", "{\"id\": \"1\"}\n", "\n"), ("json", "[", " \n")] {
        let feed = Fed {
            bytes: sized(5 << 30, 3 * MIB),
            ..Fed::new(head, unit)
        };
        let stage = Stage::unused();
        let line = format!("- --format {format} -t deals --dry-run");
        let (told, _) = fed(&stage, STREAMED, &line, Some(feed));
        // The array is not closed.
        let code = if format == "json" { 3 } else { 0 };
        assert_eq!(told.code(), Some(code), "{told}");
    }
}

#[test]
fn columns_keys_and_depth() {
    let commas = ",".repeat(1_000_000);
    let keys = |count: u32| {
        let keys: String = (0..count).map(|n| format!(",\"{n:x}\":1")).collect();
        format!("{{\"id\":\"1\"{keys}}}\n")
    };
    let deep = |open: &str, close: &str| {
        let count = 1_000_000 / (open.len() + close.len());
        let (open, close) = (open.repeat(count), close.repeat(count));
        format!("{{\"id\":\"1\",\"a\":{open}1{close}}}\n")
    };
    let names: Vec<String> = (0..150_000).map(|n| format!("c{n}")).collect();
    let stage = Stage::unused()
        .file("names.csv", format!("{}\n", names.join(",")))
        .file("commas.csv", format!("{commas}\n{commas}\n"))
        .file("record.csv", format!("id,name\n1{commas}x\n"))
        .file("keys.ndjson", keys(80_000))
        .file("more.ndjson", keys(1_000_000))
        .file("deep.ndjson", deep("[", "]"))
        .file("deep.json", format!("[{}]", deep("{\"a\":", "}")));
    let mut said = String::new();
    for file in [
        "names.csv",
        "commas.csv",
        "record.csv",
        "keys.ndjson",
        "more.ndjson",
        "deep.ndjson",
        "deep.json",
    ] {
        said.push_str(&refused(&stage, STREAMED, &format!("{file} -t deals")));
    }
    assert_snapshot!(said);
}

/// Mappings that are large, or wrong on every line.
#[test]
fn mappings() {
    let fields = |count: u32, of: &dyn Fn(u32) -> String| {
        let fields: String = (0..count).map(|n| of(n) + "\n").collect();
        format!("table = \"deals\"\n[fields]\nid = \"id\"\n{fields}")
    };
    let columns: String = (1..4_096).map(|n| format!(",column {n}")).collect();
    let stage = Stage::unused()
        .file("wide.csv", format!("id{columns}\n1{}\n", ",".repeat(4_095)))
        .file("one.ndjson", "{\"id\": \"1\", \"o\": {\"f7\": 1}}\n")
        .file(
            "constants.toml",
            fields(10_000, &|n| format!("f{n} = {{ value = \"{n}\" }}")),
        )
        .file(
            "absent.toml",
            fields(10_000, &|n| format!("f{n} = \"colunm {n}\"")),
        )
        .file(
            "paths.toml",
            fields(10_000, &|n| format!("f{n} = \"o.f{n}\"")),
        )
        .file("twice.toml", fields(170_000, &|_| "f=\"x\"".to_owned()))
        .file("broken.toml", fields(300_000, &|_| "f=".to_owned()))
        .file("deep.toml", format!("a = {}", "[".repeat(1_000_000)))
        .file("dots.toml", format!("a{} = 1", ".a".repeat(500_000)))
        .file(
            "large.toml",
            fields(4_000_000, &|n| format!("f{n} = \"column {n}\"")),
        );
    let (told, _) = fed(
        &stage,
        STREAMED,
        "wide.csv -m constants.toml --dry-run",
        None,
    );
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(
        told.stdout
            .ends_with(",\"f9998\":\"9998\",\"f9999\":\"9999\"}\n"),
        "{}",
        told.stdout
    );
    let mut said = String::new();
    for (most, line) in [
        (STREAMED, "wide.csv -m absent.toml"),
        (STREAMED, "one.ndjson -m paths.toml"),
        (MAPPING, "one.ndjson -m twice.toml"),
        (MAPPING, "one.ndjson -m broken.toml"),
        (STREAMED, "one.ndjson -m deep.toml"),
        (STREAMED, "one.ndjson -m dots.toml"),
        (STREAMED, "one.ndjson -m large.toml"),
        (STREAMED, "one.ndjson -t deals -m /dev/zero"),
        (
            STREAMED,
            "one.ndjson -t deals -q --ca-cert /dev/zero --base-url https://127.0.0.1:9",
        ),
    ] {
        let told = refused(&stage, most, line);
        // The first and the last two lines tell what fifty mistakes do.
        let lines: Vec<&str> = told.lines().collect();
        let (head, tail) = match lines.len() {
            0..=8 => (&lines[..], &lines[..0]),
            n => (&lines[..5], &lines[n - 2..]),
        };
        let _ = writeln!(said, "{}\n…\n{}\n", head.join("\n"), tail.join("\n"));
    }
    assert_snapshot!(said);
}

/// A million bad records, or ten: their file grows, the memory does not.
#[test]
fn bad_records_and_equal_ids() {
    let count = sized(10_000_000, 40_000);
    let csv = |row: &str| format!("id,name\n{}", row.repeat(count as usize));
    let stage = Stage::unused()
        .file("bad.csv", csv("1,2,3\n"))
        .file("bad.ndjson", "{\"a\": 1}\n".repeat(count as usize))
        .file("same.csv", csv("1,same\n"))
        .file(
            "same.json",
            format!("[{{\"id\": 1}}{}]", ",{\"id\": 1}".repeat(count as usize)),
        );
    let mut said = String::new();
    for line in ["bad.csv", "bad.ndjson", "same.csv", "same.json"] {
        let told = refused(&stage, STREAMED, &format!("{line} -t deals"));
        let told: Vec<&str> = told.lines().filter(|line| !line.is_empty()).collect();
        let ends = [&told[..4], &told[told.len() - 4..]].concat();
        let _ = writeln!(said, "{}\n", ends.join("\n"));
    }
    for (less, word) in [(0, "ALL"), (1, "ALL BUT 1"), (20, "ALL BUT 20")] {
        said = said.replace(&thousands(count - less), word);
    }
    said = said.replace(&thousands(count + 1), "ALL AND 1");
    assert_snapshot!(said.replace(&thousands(count - 21), "ALL BUT 21"));
    let runs = runs(&stage);
    let rejects = runs
        .iter()
        .flat_map(|run| entries(run))
        .filter(|path| path.to_string_lossy().contains("rejects."));
    let lines = |path: PathBuf| {
        std::fs::read(path)
            .unwrap()
            .iter()
            .filter(|b| **b == b'\n')
            .count() as u64
    };
    let mut lines: Vec<u64> = rejects.map(lines).collect();
    lines.sort_unstable();
    assert_eq!(lines, [count, count + 1]);
    let line = "same.csv -t deals --dry-run --duplicates last";
    let (told, _) = fed(&stage, STREAMED, line, None);
    assert_eq!(told.code(), Some(0), "{told}");
}

fn thousands(n: u64) -> String {
    match n / 1000 {
        0 => n.to_string(),
        thousand => format!("{},{:03}", thousands(thousand), n % 1000),
    }
}

/// The ids are on disk past a few MiB, and found to be distinct.
#[test]
fn distinct_ids() {
    let count = sized(10_000_000, 40_000);
    let stage = Stage::unused();
    let path = stage.folder().path().join("ids.csv");
    let mut file = io::BufWriter::new(std::fs::File::create(path).unwrap());
    file.write_all(b"id,name\n").unwrap();
    for id in 0..count {
        writeln!(file, "id-{id},x").unwrap();
    }
    drop(file);
    let (told, _) = fed(&stage, STREAMED, "ids.csv -t deals --dry-run", None);
    assert_eq!(told.code(), Some(0), "{told}");
    let records = format!("records   {} in ", thousands(count));
    assert!(told.stderr.contains(&records), "{told}");
}

/// An array is read record by record, whatever its size, and though it is all on one line.
#[test]
fn a_json_array_of_a_gigabyte() {
    let record = format!("{{\"id\": \"ID\", \"text\": \"{}\"}}, ", "x".repeat(2_000));
    let count = sized(1 << 30, 16 * MIB) / record.len() as u64;
    let stage = Stage::unused();
    let mut file =
        io::BufWriter::new(std::fs::File::create(stage.folder().path().join("a.json")).unwrap());
    file.write_all(b"[").unwrap();
    for id in 1..=count {
        let record = record.replacen("ID", &id.to_string(), 1);
        let end = if id == count {
            record.trim_end_matches(", ")
        } else {
            &record
        };
        file.write_all(end.as_bytes()).unwrap();
    }
    file.write_all(b"]").unwrap();
    drop(file);
    let (told, _) = fed(&stage, STREAMED, "a.json -t deals --dry-run", None);
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(
        told.stderr
            .contains(&format!("records   {} in ", thousands(count))),
        "{told}"
    );
}

/// Names that are as long as the system lets them be.
#[test]
fn long_names() {
    let stage = Stage::unused().file("one.csv", "id\n1\n");
    let mut said = String::new();
    for line in [
        format!("one.csv -t {}", "k".repeat(100_000)),
        format!("{}.csv -t deals", "f".repeat(252)),
        format!("{}.csv -t deals", "d/".repeat(50_000)),
        format!("one.csv -t deals --id-field {}", "i".repeat(100_000)),
        format!("one.csv -t deals --sheet {}", "s".repeat(100_000)),
        format!("one.csv -t deals --encoding {}", "e".repeat(100_000)),
    ] {
        let told = refused(&stage, STREAMED, &line);
        let (_, told) = told.split_once('\n').unwrap();
        assert!(told.len() < 2_000, "{} bytes: {told}", told.len());
        said.push_str(told);
    }
    assert_snapshot!(said);
}
