//! The service's rejected records, found again in the input.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::api::RejectedRow;
use crate::duplicates::RecordSet;
use crate::follow::{CollectError, Collected, Pushed, collect};
use crate::mapping::{Binding, Mapping};
use crate::model::ImportId;
use crate::position::Position;
use crate::rejects::RejectsFile;
use crate::source::{InputPath, Source, SourceOptions};
use crate::verdict::Rejected;

/// Inputs in a folder of their own, mapped.
struct Case {
    folder: TempDir,
    source: Source,
    binding: Binding,
    left_out: RecordSet,
    id_field: &'static str,
}

impl Case {
    fn new(files: &[(&str, &str)], mapping: Option<&str>, id_field: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |(name, content): &(&str, &str)| {
            let path = folder.path().join(name);
            std::fs::write(&path, content).unwrap();
            InputPath::File(path)
        };
        let paths: Vec<_> = files.iter().map(path).collect();
        let source = Source::open(&paths, &SourceOptions::default()).unwrap();
        let mapping = match mapping {
            Some(text) => Mapping::parse(text).unwrap(),
            None => Mapping::identity(),
        };
        let binding = mapping.bind(source.columns()).unwrap();
        Self {
            folder,
            source,
            binding,
            left_out: RecordSet::default(),
            id_field,
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("rejects")
    }

    fn collect(&self, rejected: &[Rejected]) -> Result<Collected, CollectError> {
        let mut file = RejectsFile::new(self.path(), &self.source);
        let pushed = Pushed {
            source: &self.source,
            binding: &self.binding,
            left_out: &self.left_out,
            id_field: self.id_field,
        };
        let collected = collect(pushed, rejected, &mut file)?;
        file.finish()?;
        Ok(collected)
    }

    /// What was collected, and the rejects file's lines with the folder's name taken out.
    fn collected(&self, rejected: &[Rejected]) -> (Collected, Vec<String>) {
        let collected = self.collect(rejected).unwrap();
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        let folder = format!("{}/", self.folder.path().display());
        let lines = text.lines().map(|line| line.replace(&folder, ""));
        (collected, lines.collect())
    }
}

fn rejected(row: &[(&str, &str)], field: Option<&str>, words: &str) -> Rejected {
    let row = row
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
    Rejected {
        import: ImportId::new("i1").unwrap(),
        row: RejectedRow {
            // The service counts otherwise, which must not lead anyone astray.
            line_number: Some(1),
            row: row.collect(),
            details: words.to_owned(),
        },
        field: field.map(str::to_owned),
        reason: words.to_owned(),
        words: words.to_owned(),
    }
}

fn at(input: usize, line: u64, record: u64) -> Option<Position> {
    Some(Position {
        input,
        line,
        column: 1,
        record,
    })
}

const MAPPING: &str = "id = \"deal_id\"\n[fields]\ndeal_id = \"Deal ID\"\n\
                       amount = { column = \"Amount\", type = \"number\" }\nwon = { value = true }";

#[test]
fn records_are_found_by_their_id_and_kept_as_they_stood() {
    let case = Case::new(
        &[
            ("a.csv", "Note,Deal ID,Amount\n\"x\ny\",007,1.50\nz,7,2\n"),
            ("b.csv", "Amount,Deal ID,Note\n3,é,\"a,b\"\nbad,9,n\n"),
        ],
        Some(MAPPING),
        "deal_id",
    );
    let all = [
        rejected(
            &[("deal_id", "é"), ("amount", "3")],
            Some("amount"),
            "too much",
        ),
        rejected(
            &[("amount", "1.5"), ("deal_id", "007")],
            Some("owner"),
            "no owner",
        ),
        rejected(&[("deal_id", "é")], Some("won"), "too late"),
        rejected(&[("deal_id", "é")], None, "too much"),
    ];
    let (collected, lines) = case.collected(&all);
    assert_eq!((collected.matched, collected.unmatched), (2, 0));
    assert_eq!(
        collected.places,
        [at(1, 2, 3), at(0, 2, 1), at(1, 2, 3), at(1, 2, 3)]
    );
    assert_eq!(
        lines,
        [
            "\u{feff}Note,Deal ID,Amount,reject_file,reject_line,reject_column,reject_reason",
            "\"x",
            "y\",007,1.50,a.csv,2,owner,no owner",
            "\"a,b\",é,3,b.csv,2,\"Amount, won\",too much; too late",
        ]
    );
}

#[test]
fn what_is_not_in_the_input_is_kept_and_marked() {
    let input = "Note,Deal ID,Amount\nx,1,2\ny,2,bad\n";
    let case = Case::new(&[("a.csv", input)], Some(MAPPING), "deal_id");
    let all = [
        // Another sender's; without an id; of a record that was not sent.
        rejected(
            &[("deal_id", "77"), ("amount", "1,5"), ("x", "y")],
            Some("amount"),
            "bad",
        ),
        rejected(&[("amount", "4")], None, "worse"),
        rejected(&[("deal_id", "2")], Some("x"), "worst"),
        rejected(&[("deal_id", "1")], None, "found"),
        rejected(&[], None, "bare words"),
    ];
    let (collected, lines) = case.collected(&all);
    assert_eq!((collected.matched, collected.unmatched), (1, 4));
    assert_eq!(collected.places, [None, None, None, at(0, 2, 1), None]);
    let marker = "(not found in the input)";
    let check = "\"(check the record, then delete this field)\"";
    assert_eq!(
        lines[1..],
        [
            "x,1,2,a.csv,2,,found".to_owned(),
            format!(",77,\"1,5\",,,Amount,{marker} bad,{check}"),
            format!(",,4,,,,{marker} worse,{check}"),
            format!(",2,,,,x,{marker} worst,{check}"),
            format!(",,,,,,{marker} bare words,{check}"),
        ]
    );
}

#[test]
fn of_several_records_with_one_id_it_is_the_one_that_was_sent() {
    let mut case = Case::new(&[("a.csv", "id,v\n1,old\n2,x\n1,new\n")], None, "id");
    case.left_out.insert(1);
    let (collected, lines) = case.collected(&[rejected(&[("id", "1")], None, "bad")]);
    assert_eq!(collected.places, [at(0, 4, 3)]);
    assert_eq!(lines[1], "1,new,a.csv,4,,bad");
}

#[test]
fn ndjson_ids_are_compared_as_text_too() {
    let input = "{\"id\": 12, \"v\": 1.50}\n{\"id\":\"\\u0041\"}\n[]\n{\"id\":\"z\"}\n";
    let case = Case::new(&[("a.ndjson", input)], None, "id");
    let all = [
        rejected(&[("id", "A")], None, "a"),
        rejected(&[("id", "12"), ("v", "1.5")], Some("v"), "b"),
        rejected(&[("id", "12.0")], None, "c"),
    ];
    let (collected, lines) = case.collected(&all);
    assert_eq!(collected.places, [at(0, 2, 2), at(0, 1, 1), None]);
    let four = |file: &str, line: &str, column: &str, reason: &str| {
        format!(
            "\"reject_file\":\"{file}\",\"reject_line\":{line},\"reject_column\":\"{column}\",\
             \"reject_reason\":\"{reason}\"}}"
        )
    };
    let wanted = [
        format!("{{\"id\":12,\"v\":1.50,{}", four("a.ndjson", "1", "v", "b")),
        format!("{{\"id\":\"\\u0041\",{}", four("a.ndjson", "2", "", "a")),
        format!(
            "{{\"reject_raw\":{{\"id\":\"12.0\"}},{}",
            four("", "null", "", "(not found in the input) c")
        ),
    ];
    assert_eq!(lines, wanted);
}

#[test]
fn nothing_rejected_reads_nothing_and_writes_nothing() {
    let case = Case::new(&[("a.csv", "id\n1\n")], None, "id");
    // An input that cannot be read any more does not matter then.
    std::fs::write(case.folder.path().join("a.csv"), "").unwrap();
    assert_eq!(case.collect(&[]).unwrap(), Collected::default());
    assert!(!case.path().exists());
    let error = case
        .collect(&[rejected(&[("id", "1")], None, "bad")])
        .unwrap_err();
    assert!(error.to_string().contains("became shorter"), "{error}");
}

#[test]
fn a_rejects_file_that_is_there_is_not_overwritten() {
    let case = Case::new(&[("a.csv", "id\n1\n")], None, "id");
    std::fs::write(case.path(), "mine").unwrap();
    let error = case
        .collect(&[rejected(&[("id", "1")], None, "bad")])
        .unwrap_err();
    assert!(matches!(error, CollectError::Rejects(_)), "{error}");
    assert!(error.to_string().contains("is there already"), "{error}");
}
