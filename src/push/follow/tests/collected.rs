//! The service's rejected records, found again in the input.

use std::path::PathBuf;

use tempfile::TempDir;

use crate::base::complaint::Complaint;
use crate::base::model::ImportId;
use crate::base::position::Position;
use crate::fuzzing::seams;
use crate::input::{InputPath, Source, SourceOptions};
use crate::mapping::{Binding, Mapping};
use crate::prove::chunk::MappedInput;
use crate::prove::duplicates::RecordSet;
use crate::prove::rejects::RejectsFile;
use crate::push::follow::rejected::{Collected, Pushed, collect_by};
use crate::push::verdict::{self, Facts, ImportSeen, Observed, Rejections};

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

    fn collect(&self, rejected: &[String]) -> Result<Collected, Complaint> {
        self.collect_by(usize::MAX, rejected)
    }

    fn collect_by(&self, most: usize, rejected: &[String]) -> Result<Collected, Complaint> {
        let mut file = RejectsFile::new(self.path(), &self.source);
        let pushed = Pushed {
            input: MappedInput {
                source: &self.source,
                binding: &self.binding,
                left_out: &self.left_out,
            },
            id_field: self.id_field,
        };
        let collected = collect_by(most, pushed, &rejections(rejected), &mut file)?;
        file.finish().unwrap();
        Ok(collected)
    }

    /// What was collected, and the rejects file's lines with the folder's name taken out.
    fn collected(&self, rejected: &[String]) -> (Collected, Vec<String>) {
        let collected = self.collect(rejected).unwrap();
        let text = std::fs::read_to_string(self.path()).unwrap_or_default();
        let folder = self.folder.path().join("").display().to_string();
        // As it stands in CSV, and as in JSON, which escapes the separators of Windows.
        let in_json = folder.replace('\\', r"\\");
        let lines = text
            .lines()
            .map(|line| line.replace(&in_json, "").replace(&folder, ""));
        (collected, lines.collect())
    }
}

/// One record that the service left out, as its error's JSON.
fn rejected(row: &[(&str, &str)], field: Option<&str>, words: &str) -> String {
    let string = |text: &str| serde_json::Value::from(text).to_string();
    let row = row
        .iter()
        .map(|(key, value)| format!("{}:{}", string(key), string(value)));
    let row = row.collect::<Vec<_>>().join(",");
    let field = field.map_or_else(String::new, |field| format!("for user attribute {field}"));
    // The service counts lines otherwise, which must not lead anyone astray.
    format!(
        r#"{{"title":"T","parsing_error_details":[{{"line_number":1,"row":{{{row}}},
        "details":{}}}],"description":{}}}"#,
        string(words),
        string(&field)
    )
}

/// All of them, of one import.
fn rejections(errors: &[String]) -> Rejections {
    let entries = errors.iter().map(|error| format!(r#"{{"error":{error}}}"#));
    let entries = entries.collect::<Vec<_>>().join(",");
    let json = format!(r#"{{"status":"finished","data_tables_details":[{entries}]}}"#);
    let import = seams::import_of(&json).unwrap();
    let facts = Facts {
        table: None,
        mode: None,
        sent_records: None,
        resent_records: 0,
        counts_once: false,
        unanswered_records: 0,
        requests: 1,
        imports: &[Observed {
            id: &ImportId::new("i1").unwrap(),
            seen: ImportSeen::Import(&import),
            last_answer: None,
        }],
    };
    verdict::judge(&facts).rejected
}

/// For each reason, in the order in which they came, its first place in the input.
fn firsts(collected: &Collected) -> Vec<Option<Position>> {
    let reasons = collected.reasons.sorted();
    reasons
        .iter()
        .map(|reason| reason.first.map(|(at, _)| at))
        .collect()
}

fn at(input: usize, line: u64, record: u64) -> Option<Position> {
    Some(Position {
        input,
        line,
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
        firsts(&collected),
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
    assert_eq!(firsts(&collected), [None, None, None, at(0, 2, 1), None]);
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
    assert_eq!(firsts(&collected), [at(0, 4, 3)]);
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
    assert_eq!(firsts(&collected), [at(0, 2, 2), at(0, 1, 1), None]);
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
    let collected = case.collect(&[]).unwrap();
    assert_eq!((collected.matched, collected.unmatched), (0, 0));
    assert_eq!(firsts(&collected), []);
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
    assert!(
        error
            .message
            .starts_with("cannot keep the rejected records: "),
        "{error}"
    );
    assert!(error.to_string().contains("is there already"), "{error}");
}

/// However few of them are looked for at a time: the same records, once each.
#[test]
fn many_are_looked_for_in_several_passes() {
    let rows: String = (1..=50).map(|n| format!("{n},x\n")).collect();
    let all: Vec<_> = (1..=60)
        .rev()
        .map(|n| rejected(&[("id", &n.to_string())], None, &format!("bad {}", n % 3)))
        .collect();
    let mut files = Vec::new();
    for most in [1, 7, 60, 1_000] {
        let case = Case::new(&[("a.csv", &format!("id,v\n{rows}"))], None, "id");
        let collected = case.collect_by(most, &all).unwrap();
        assert_eq!((collected.matched, collected.unmatched), (50, 10), "{most}");
        assert_eq!(
            firsts(&collected),
            [at(0, 4, 3), at(0, 3, 2), at(0, 2, 1)],
            "{most}"
        );
        let text = std::fs::read_to_string(case.path()).unwrap();
        let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
        lines.iter_mut().for_each(|line| {
            *line = line.replace(&case.folder.path().display().to_string(), "");
        });
        lines.sort();
        files.push(lines);
    }
    assert_eq!(files[0].len(), 61);
    assert!(files.iter().all(|lines| *lines == files[0]));
}

#[test]
fn ids_that_stand_in_several_lists_are_one_record() {
    let case = Case::new(&[("a.csv", "id,v\n1,x\n")], None, "id");
    let twice = ["a", "b", "a"].map(|words| rejected(&[("id", "1")], None, words));
    let (collected, lines) = case.collected(&twice);
    assert_eq!((collected.matched, collected.unmatched), (1, 0));
    assert_eq!(lines[1], "1,x,a.csv,2,,a; b");
}
