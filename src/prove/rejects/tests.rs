//! What is rejected can be read again, as it was; and what goes wrong is told.

mod quoting;
mod uncorrected;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use self::quoting::has_reject_columns;
use super::file::*;
use super::write::{MOST_CHARS, Reject, Stray, cut};
use crate::input::{Cells, Columns, InputPath, Source, SourceOptions};

const REJECT: Reject<'static> = Reject {
    file: "deals.csv",
    line: 7,
    column: "Amount",
    reason: "`1,\"2` is not a number",
};

/// Enough random tables to meet the rare borders; `PROPTEST_CASES` asks for more.
fn cases() -> ProptestConfig {
    let asked = ProptestConfig::default();
    ProptestConfig {
        cases: asked.cases.max(256),
        ..asked
    }
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn open(paths: &[PathBuf], delimiter: Option<u8>) -> Source {
    let paths: Vec<_> = paths.iter().cloned().map(InputPath::File).collect();
    let options = SourceOptions {
        format: None,
        delimiter,
        ..SourceOptions::default()
    };
    Source::open(&paths, &options).unwrap()
}

/// Adds each row whose number, from 0, is wanted.
fn reject_some<W: Write>(
    source: &Source,
    file: &mut Lazy<W>,
    reject: &Reject<'_>,
    wanted: impl Fn(usize) -> bool,
) -> io::Result<()> {
    let mut parser = source.parser();
    let mut number = 0;
    for block in source.blocks() {
        let block = block.unwrap();
        let mut rows = parser.rows(source, &block).unwrap();
        while let Some(row) = rows.next() {
            if wanted(number) {
                file.add(&block, &row, reject)?;
            }
            number += 1;
        }
    }
    Ok(())
}

/// Rejects some rows into a new file; its path, and how many it holds.
fn rejects(folder: &TempDir, source: &Source, wanted: impl Fn(usize) -> bool) -> Option<Written> {
    let name = format!("rejects.{}", RejectsFile::extension(source));
    let mut file = RejectsFile::new(folder.path().join(name), source);
    reject_some(source, &mut file.0, &REJECT, wanted).unwrap();
    file.finish().unwrap()
}

fn columns(source: &Source) -> Vec<String> {
    match source.columns() {
        Columns::Named(names) => names.clone(),
        Columns::PerRecord => Vec::new(),
    }
}

/// The cells of all rows; for NDJSON key and raw value in turn.
fn cells(source: &Source) -> Vec<Result<Vec<String>, String>> {
    let mut parser = source.parser();
    let mut all = Vec::new();
    for block in source.blocks() {
        let block = block.unwrap();
        let mut rows = parser.rows(source, &block).unwrap();
        while let Some(row) = rows.next() {
            all.push(match row.cells {
                Ok(Cells::Text(texts)) => {
                    Ok((0..texts.len()).map(|n| texts.get(n).to_owned()).collect())
                }
                Ok(Cells::Object(entries)) => Ok(entries
                    .iter()
                    .flat_map(|(key, value)| [key.to_string(), (*value).to_owned()])
                    .collect()),
                Err(fault) => Err(fault.message),
            });
        }
    }
    all
}

/// Rejects rows of a file of this content; the rejects file's content.
fn rejected(name: &str, content: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let source = open(&[write(&folder, name, content)], None);
    std::fs::read_to_string(rejects(&folder, &source, |_| true).unwrap().path).unwrap()
}

fn cell() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[ -~]{0,4}", 1 => "\\PC{0,3}", 1 => Just("\"".to_owned()), 1 => Just(",".to_owned()),
        1 => Just(";".to_owned()), 1 => Just("\t".to_owned()), 1 => Just("|".to_owned()),
        1 => Just("\n".to_owned()), 1 => Just("\r".to_owned()), 1 => Just("\r\n".to_owned()),
        1 => Just("\u{feff}".to_owned()), 1 => Just("=1+1".to_owned()),
    ];
    proptest::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

/// Names of columns, then rows, each with whether it is rejected.
fn table() -> impl Strategy<Value = (Vec<String>, Vec<(Vec<String>, bool)>)> {
    (1_usize..5).prop_flat_map(|width| {
        let name = cell().prop_map(|text| format!("<{text}>"));
        let names = proptest::collection::hash_set(name, width)
            .prop_map(|names| names.into_iter().collect::<Vec<_>>());
        let is_record = move |row: &Vec<String>| width == 1 || !row.concat().is_empty();
        let row =
            proptest::collection::vec(cell(), width).prop_filter("more than delimiters", is_record);
        let row = (row, any::<bool>());
        (names, proptest::collection::vec(row, 0..8))
    })
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn csv_rejects_are_the_rows_that_were_rejected(
        (names, rows) in table(),
        delimiter in prop::sample::select(&b",;\t|"[..]),
        reason in cell(),
    ) {
        let mut out = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        out.write_record(&names).unwrap();
        rows.iter().for_each(|(row, _)| out.write_record(row).unwrap());
        let folder = tempfile::tempdir().unwrap();
        let path = write(&folder, "deals.csv", out.into_inner().unwrap());
        let source = open(&[path], Some(delimiter));
        let wanted: Vec<_> = rows.iter().filter(|row| row.1).map(|row| Ok(row.0.clone())).collect();

        let mut file = RejectsFile::new(folder.path().join("rejects.csv"), &source);
        let reject = Reject { reason: &reason, ..REJECT };
        reject_some(&source, &mut file.0, &reject, |n| rows[n].1).unwrap();
        let Some(written) = file.finish().unwrap() else {
            prop_assert!(wanted.is_empty());
            prop_assert!(!folder.path().join("rejects.csv").exists());
            return Ok(());
        };
        prop_assert_eq!(written.count, wanted.len() as u64);
        prop_assert!(has_reject_columns(&written.path));
        let again = open(&[written.path], Some(delimiter));
        prop_assert_eq!(columns(&again), names);
        prop_assert_eq!(again.delimiter(), Some(delimiter));
        prop_assert_eq!(cells(&again), wanted);

        // Rejected again the columns are replaced, not doubled: the same file comes out.
        let twice = tempfile::tempdir().unwrap();
        let mut file = RejectsFile::new(twice.path().join("rejects.csv"), &again);
        reject_some(&again, &mut file.0, &reject, |_| true).unwrap();
        let written = file.finish().unwrap().unwrap();
        prop_assert_eq!(
            std::fs::read(written.path).unwrap(),
            std::fs::read(folder.path().join("rejects.csv")).unwrap()
        );
    }

    #[test]
    fn ndjson_rejects_are_the_rows_that_were_rejected(
        rows in proptest::collection::vec((
            proptest::collection::btree_map(".{0,5}", prop_oneof![
                cell().prop_map(|text| serde_json::to_string(&text).unwrap()),
                "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,9})?([eE][+-]?[0-9]{1,4})?",
                Just("null".to_owned()), Just("[1.50, { \"b\" :\t2 }]".to_owned()),
                Just("\"\\u00e9\\/\"".to_owned()),
            ], 0..6),
            any::<bool>(),
        ), 0..8),
    ) {
        let line = |row: &BTreeMap<String, String>| {
            let entries = row.iter();
            let entries = entries.map(|(k, v)| format!("{}: {v}", serde_json::Value::from(k.as_str())));
            format!("{{{}}}\r\n", entries.collect::<Vec<_>>().join(" , "))
        };
        let content: String = rows.iter().map(|row| line(&row.0)).collect();
        let folder = tempfile::tempdir().unwrap();
        let source = open(&[write(&folder, "deals.ndjson", content)], None);
        let wanted: Vec<Result<Vec<String>, String>> = rows.iter()
            .filter(|row| row.1)
            .map(|row| Ok(row.0.iter().flat_map(|(k, v)| [k.clone(), v.clone()]).collect()))
            .collect();
        let Some(written) = rejects(&folder, &source, |n| rows[n].1) else {
            prop_assert!(wanted.is_empty());
            return Ok(());
        };
        let again = open(std::slice::from_ref(&written.path), None);
        prop_assert!(has_reject_columns(&written.path));
        prop_assert_eq!(cells(&again), wanted);
        let twice = tempfile::tempdir().unwrap();
        let second = rejects(&twice, &again, |_| true).unwrap();
        prop_assert_eq!(std::fs::read(second.path).unwrap(), std::fs::read(written.path).unwrap());
    }
}

#[test]
fn csv_looks_like_the_input() {
    assert_eq!(
        rejected(
            "deals.csv",
            "\u{feff}id,note\r\n1,\"a\r\nb\"\r\n\r\n2\r\n3,x,\"y,\",z\r\n=4,5\" pipe"
        ),
        "\u{feff}id,note,reject_file,reject_line,reject_column,reject_reason\n\
         1,\"a\r\nb\",deals.csv,7,Amount,\"`1,\"\"2` is not a number\"\n\
         2,,deals.csv,7,Amount,\"`1,\"\"2` is not a number\",\
         \"(1 field is missing: complete the record, then delete this one)\"\n\
         3,x,deals.csv,7,Amount,\"`1,\"\"2` is not a number\",\"y,\",z\n\
         =4,\"5\"\" pipe\",deals.csv,7,Amount,\"`1,\"\"2` is not a number\"\n"
    );
    assert!(rejected("deals.tsv", "id\tnote\n1\t2,\n").contains("\n1\t2,\tdeals.csv\t7\t"));
}

#[test]
fn ndjson_looks_like_the_input() {
    let four = r#""reject_file":"deals.csv","reject_line":7,"reject_column":"Amount","reject_reason":"`1,\"2` is not a number""#;
    let content = concat!(
        "{\"id\": 1.50, \"o\": {\"x\" :1}}\n{}\n",
        "{\"id\":1,\"id\":2}\nid,\"name\"\t\r\n",
        "{\"reject_reason\":\"mine\",\"id\":3}\n"
    );
    let wanted = [
        format!("{{\"id\":1.50,\"o\":{{\"x\" :1}},{four}}}\n"),
        format!("{{{four}}}\n"),
        format!("{{\"id\":1,\"id\":2,{four}}}\n"),
        format!("{{\"reject_raw\":\"id,\\\"name\\\"\\t\",{four}}}\n"),
        format!("{{\"input_reject_reason\":\"mine\",\"id\":3,{four}}}\n"),
    ];
    assert_eq!(rejected("deals.ndjson", content), wanted.concat());
    assert_eq!(rejected("again.ndjson", &wanted[4]), wanted[4]);
    // A line that stays as it was is rejected again, as it was.
    assert_eq!(rejected("again.ndjson", &wanted[3]), wanted[3]);
}

#[test]
fn several_inputs_make_one_file_in_the_columns_of_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let paths = [
        write(&folder, "a.csv", "id;name\n1;\"o;n\"\n"),
        write(
            &folder,
            "b.csv",
            "\u{feff}name;reject_file;reject_line;reject_column;reject_reason;id\ntwo;;;;;2\n",
        ),
    ];
    let source = open(&paths, Some(b';'));
    let written = rejects(&folder, &source, |_| true).unwrap();
    let again = open(&[written.path], Some(b';'));
    assert_eq!(columns(&again), ["id", "name"]);
    assert_eq!(
        cells(&again),
        [["1", "o;n"], ["2", "two"]].map(|row| Ok(row.map(str::to_owned).to_vec()))
    );
}

#[test]
fn long_reasons_are_cut() {
    assert_eq!(cut(&"é".repeat(MOST_CHARS)), "é".repeat(MOST_CHARS));
    let long = "é".repeat(MOST_CHARS + 1);
    assert_eq!(cut(&long), "é".repeat(MOST_CHARS) + "…");
}

#[test]
fn nothing_rejected_leaves_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let source = open(&[write(&folder, "deals.csv", "id\n1\n")], None);
    assert_eq!(rejects(&folder, &source, |_| false), None);
    assert!(!folder.path().join("rejects.csv").exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let source = open(&[write(&folder, "deals.csv", "id\n1\n")], None);
    let written = rejects(&folder, &source, |_| true).unwrap();
    let mode = written.path.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn what_is_there_is_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let source = open(&[write(&folder, "deals.csv", "id\n1\n2\n")], None);
    let path = write(&folder, "rejects.csv", "mine");
    let mut file = RejectsFile::new(path.clone(), &source);
    let error = reject_some(&source, &mut file.0, &REJECT, |n| n == 0).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    let shown = path.display();
    assert_eq!(
        error.to_string(),
        format!("{shown} is there already and is not overwritten")
    );
    assert!(file.finish().is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");

    let gone = folder.path().join("no/rejects.csv");
    let mut file = RejectsFile::new(gone.clone(), &source);
    let error = reject_some(&source, &mut file.0, &REJECT, |_| true).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    assert!(error.to_string().starts_with(&gone.display().to_string()));
}

/// A disk with room for as many bytes.
#[derive(Debug)]
struct Disk(usize);

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_wherever_it_fills_up() {
    let folder = tempfile::tempdir().unwrap();
    let records = 400;
    let csv = "id\n".to_owned() + &"1\n".repeat(records);
    let csv = open(&[write(&folder, "deals.csv", csv)], None);
    let ndjson = "{\"id\":1}\n".repeat(records);
    let ndjson = open(&[write(&folder, "deals.ndjson", ndjson)], None);
    let creates: [fn(&Path) -> io::Result<Disk>; 4] = [
        |_| Ok(Disk(0)),
        |_| Ok(Disk(2)),
        |_| Ok(Disk(100)),
        |_| Ok(Disk(10_000)),
    ];
    for source in [&csv, &ndjson] {
        for create in creates {
            let mut file = Lazy::new("rejects.csv".into(), create, source);
            let added = reject_some(source, &mut file, &REJECT, |_| true);
            if let Err(error) = &added {
                assert_eq!(error.kind(), io::ErrorKind::StorageFull);
                let again = reject_some(source, &mut file, &REJECT, |n| n == 0).unwrap_err();
                assert_eq!(
                    again.to_string(),
                    "rejects.csv cannot be written: writing it has failed before"
                );
            }
            let error = file.finish().unwrap_err().to_string();
            assert!(
                error.starts_with("rejects.csv cannot be written: "),
                "{error}"
            );
        }
        // What fits into the buffer fails no later than at the end.
        let mut file = Lazy::new("rejects.csv".into(), |_| Ok(Disk(50)), source);
        reject_some(source, &mut file, &REJECT, |n| n == 0).unwrap();
        assert_eq!(
            file.finish().unwrap_err().kind(),
            io::ErrorKind::StorageFull
        );
        let mut file = Lazy::new("rejects.csv".into(), |_| Ok(Disk(1 << 20)), source);
        reject_some(source, &mut file, &REJECT, |_| true).unwrap();
        assert_eq!(file.count, records as u64);
        assert!(file.finish().unwrap().is_some());
    }
}
