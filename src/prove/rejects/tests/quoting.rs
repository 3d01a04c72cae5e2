//! Rejects are written with the quotes and escapes of their input, by which they are read again.

use super::*;
use crate::input::{Dialect, Quoting};

fn open_with(path: PathBuf, Dialect { delimiter, quoting }: Dialect) -> Source {
    let options = SourceOptions {
        delimiter: Some(delimiter),
        quoting,
        ..SourceOptions::default()
    };
    Source::open(&[InputPath::File(path)], &options).unwrap()
}

fn line(dialect: Dialect, cells: &[String]) -> String {
    dialect.record(cells.iter().map(String::as_str))
}

fn dialect() -> impl Strategy<Value = Dialect> {
    let escape = prop_oneof![
        Just(None),
        Just(Some(b'\\')),
        Just(Some(b'=')),
        Just(Some(b'#'))
    ];
    let delimiter = prop::sample::select(&b",;\t|"[..]);
    (delimiter, escape, any::<bool>()).prop_map(|(delimiter, escape, has_quotes)| Dialect {
        delimiter,
        quoting: Quoting { escape, has_quotes },
    })
}

/// Whether a file has the columns that only a rejects file has.
pub(super) fn has_reject_columns(path: &std::path::Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap();
    crate::input::REJECT_COLUMNS
        .iter()
        .all(|column| text.contains(column))
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn rejects_are_read_again_as_they_were(
        dialect in dialect(),
        (names, rows) in table(),
        reason in cell(),
    ) {
        let rows: Vec<_> = rows.into_iter().map(|(row, _)| row).collect();
        // Where nothing can hold a delimiter, no cell of an input has one.
        let is_bare = dialect.quoting == Quoting { escape: None, has_quotes: false };
        let is_end = |c| c == char::from(dialect.delimiter) || matches!(c, '\n' | '\r');
        let bare = |cell: String| if is_bare { cell.replace(is_end, "_") } else { cell };
        let bare = |cells: Vec<String>| cells.into_iter().map(bare).collect::<Vec<_>>();
        let names: Vec<_> = (0..).zip(bare(names)).map(|(n, name)| format!("{name}{n}")).collect();
        // A line without anything on it is no record, and neither is one of nothing but delimiters.
        let is_record = |row: &Vec<String>| {
            let line = line(dialect, row);
            !line.trim_matches(&is_end).is_empty()
        };
        let rows: Vec<_> = rows.into_iter().map(bare).filter(is_record).collect();

        let folder = tempfile::tempdir().unwrap();
        let text: String = [&names].into_iter().chain(&rows).map(|row| line(dialect, row)).collect();
        let source = open_with(write(&folder, "deals.csv", text), dialect);
        let read: Vec<_> = rows.into_iter().map(Ok).collect();
        prop_assert_eq!(&cells(&source), &read);

        let mut file = RejectsFile::new(folder.path().join("rejects.csv"), &source);
        let reject = Reject { reason: &reason, ..REJECT };
        reject_some(&source, &mut file.0, &reject, |_| true).unwrap();
        if let Some(written) = file.finish().unwrap() {
            prop_assert!(has_reject_columns(&written.path));
            let again = open_with(written.path, dialect);
            prop_assert_eq!(columns(&again), names);
            prop_assert_eq!(cells(&again), read);
        }
    }
}

#[test]
fn what_cannot_be_written_of_a_reason_becomes_a_space() {
    let dialect = Dialect {
        delimiter: b',',
        quoting: Quoting {
            escape: None,
            has_quotes: false,
        },
    };
    let folder = tempfile::tempdir().unwrap();
    let source = open_with(write(&folder, "x.csv", "a,b\n\"1\n"), dialect);
    let written = rejects(&folder, &source, |_| true).unwrap();
    assert_eq!(
        std::fs::read_to_string(written.path).unwrap(),
        "\u{feff}a,b,reject_file,reject_line,reject_column,reject_reason\n\
         \"1,,deals.csv,7,Amount,`1 \"2` is not a number,\
         (1 field is missing: complete the record  then delete this one)\n"
    );
}
