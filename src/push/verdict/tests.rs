//! What imports mean, as a table: each answer of the service beside the judgement.

mod launches;

use super::judgement::*;
use super::*;
use crate::base::model::{ImportId, Mode, TableKey};
use crate::base::position::{InputNames, Position, Positions};
use crate::fuzzing::seams;
use crate::service::{Import, ImportError, Status};

/// An import as JSON: its fields besides the entries, then the entries.
fn import(fields: &str, entries: &[&str]) -> Import {
    let entries = entries.join(",");
    let json = format!("{{{fields},\"data_tables_details\":[{entries}]}}");
    seams::import_of(&json).unwrap()
}

/// An error as JSON, in the one entry of an import.
pub(super) fn error(json: &str) -> ImportError {
    let import = import(FINISHED, &[&entry("deals", "null", json)]);
    import.tables[0].error.clone().unwrap()
}

fn refs(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

const FINISHED: &str = r#""status":"finished""#;

/// A finished entry.
fn entry(table: &str, count: &str, error: &str) -> String {
    format!(
        r#"{{"data_table_key":"{table}","status":"finished","number_of_records":{count},"error":{error}}}"#
    )
}

fn id(n: usize) -> ImportId {
    ImportId::new(&format!("i{n}")).unwrap()
}

/// Judges imports for the table `deals` and a push of 100 records; changes can be made to the facts.
fn judged(imports: &[Import], change: impl FnOnce(&mut Facts<'_>)) -> Verdict {
    let ids: Vec<ImportId> = (1..=imports.len()).map(id).collect();
    let observed: Vec<Observed<'_>> = (imports.iter().zip(&ids))
        .map(|(import, id)| Observed {
            id,
            seen: ImportSeen::Import(import),
            last_answer: None,
        })
        .collect();
    judged_as(&observed, change)
}

fn judged_as(imports: &[Observed<'_>], change: impl FnOnce(&mut Facts<'_>)) -> Verdict {
    let table = TableKey::new("deals").unwrap();
    let mut facts = Facts {
        table: Some(&table),
        mode: Some(Mode::Upsert),
        sent_records: Some(100),
        resent_records: 0,
        counts_once: false,
        unanswered_records: 0,
        requests: 2,
        imports,
    };
    change(&mut facts);
    judge(&facts)
}

#[test]
fn each_answer_has_its_judgement() {
    let clean = entry("deals", "100", "null");
    let table: [(&str, Vec<String>, VerdictState, &str); 17] = [
        (FINISHED, vec![clean.clone()], VerdictState::Clean, ""),
        (
            FINISHED,
            vec![entry("deals", "98", "null")],
            VerdictState::Gaps,
            "the service counts 98 of 100 records sent",
        ),
        (
            FINISHED,
            vec![entry("deals", "105", "null")],
            VerdictState::Unknown,
            "the service counts 105 records where 100 were sent: another sender took part in this \
             window",
        ),
        (
            FINISHED,
            vec![entry("deals", "null", "null")],
            VerdictState::Clean,
            "the service gives no count of the records it loaded: not compared with the 100 sent",
        ),
        (
            FINISHED,
            vec![],
            VerdictState::Unknown,
            "import i1 is finished, but has no entry for the table `deals`",
        ),
        (
            FINISHED,
            vec![entry("people", "100", "null")],
            VerdictState::Unknown,
            "import i1 is finished, but has no entry for the table `deals`",
        ),
        // Other tables' entries: errors, counts and words of theirs are not ours.
        (
            FINISHED,
            vec![entry("people", "7", r#"{"title":"T"}"#), clean.clone()],
            VerdictState::Clean,
            "",
        ),
        (
            FINISHED,
            vec![
                r#"{"data_table_key":"people","status":"started"}"#.into(),
                clean.clone(),
            ],
            VerdictState::Clean,
            "",
        ),
        // An error is an error, whatever it looks like.
        (
            FINISHED,
            vec![entry("deals", "null", r#"{"title":"T"}"#)],
            VerdictState::Gaps,
            "import i1: T",
        ),
        (
            FINISHED,
            vec![entry("deals", "100", "{}")],
            VerdictState::Gaps,
            "import i1: `{}`",
        ),
        (
            FINISHED,
            vec![entry("deals", "100", "false")],
            VerdictState::Gaps,
            "import i1: `false`",
        ),
        (
            r#""status":"scheduled""#,
            vec![],
            VerdictState::Pending,
            "import i1 is not over: its status is `scheduled`",
        ),
        (
            r#""status":"started""#,
            vec![clean.clone()],
            VerdictState::Pending,
            "import i1 is not over: its status is `started`",
        ),
        (
            r#""status":"failed\u001b""#,
            vec![clean.clone()],
            VerdictState::Pending,
            "import i1 is not over: its status is `failed\\u{1b}`, which is no word that Qobra \
             documents",
        ),
        (
            FINISHED,
            vec![r#"{"data_table_key":"deals","status":"paused","number_of_records":100}"#.into()],
            VerdictState::Pending,
            "import i1 is not over: its status is `paused`, which is no word that Qobra documents",
        ),
        // An error is told before the end.
        (
            r#""status":"started""#,
            vec![entry("deals", "null", r#""no""#)],
            VerdictState::Gaps,
            "import i1 is not over: its status is `started`\nimport i1: `\"no\"`",
        ),
        (
            FINISHED,
            vec![entry("deals", "60", "null"), entry("deals", "40", "null")],
            VerdictState::Clean,
            "",
        ),
    ];
    for (fields, entries, state, notes) in table {
        let verdict = judged(&[import(fields, &refs(&entries))], |_| {});
        assert_eq!(verdict.notes.join("\n"), notes, "{entries:?}");
        assert_eq!(verdict.state, state, "{notes}");
    }
}

#[test]
fn counts_are_summed_over_the_imports() {
    let of = |counts: &[&str]| {
        let imports = counts
            .iter()
            .map(|n| import(FINISHED, &[&entry("deals", n, "null")]));
        imports.collect::<Vec<_>>()
    };
    let stacked = judged(&of(&["60", "40"]), |_| {});
    assert_eq!(
        (stacked.state, stacked.counted),
        (VerdictState::Clean, Some(100))
    );
    let few = judged(&of(&["60", "39"]), |_| {});
    assert_eq!(few.notes, ["the service counts 99 of 100 records sent"]);
    // A missing count is no count of zero.
    let missing = judged(&of(&["60", "null"]), |_| {});
    assert_eq!(
        (missing.state, missing.counted),
        (VerdictState::Clean, None)
    );
    // Without a number to compare with, nothing is compared and nothing is missing.
    let alone = judged(&of(&["60", "null"]), |facts| facts.sent_records = None);
    assert!(alone.notes.is_empty());
    // What may have arrived twice is no other sender's.
    let twice = judged(&of(&["60", "65"]), |facts| facts.resent_records = 50);
    assert_eq!(twice.state, VerdictState::Clean);
    assert!(
        twice.notes[0].contains("some were sent again"),
        "{:?}",
        twice.notes
    );
    let more = judged(&of(&["86", "65"]), |facts| facts.resent_records = 50);
    assert_eq!(more.state, VerdictState::Unknown);
    // Nor is what may have arrived without an answer.
    let unanswered = judged(&of(&["60", "65"]), |facts| facts.unanswered_records = 25);
    assert_eq!(unanswered.state, VerdictState::Clean);
    assert!(
        unanswered.notes[0]
            .contains("100 were accepted: others came in a request without an answer"),
        "{:?}",
        unanswered.notes
    );
    // While one is not over its count may grow.
    let mut open = of(&["60", "10"]);
    open[1].status = Status::Started;
    let open = judged(&open, |_| {});
    assert_eq!((open.state, open.counted), (VerdictState::Pending, None));
}

#[test]
fn the_worst_import_decides() {
    let clean = import(FINISHED, &[&entry("deals", "100", "null")]);
    let gaps = import(FINISHED, &[&entry("deals", "null", "{}")]);
    let (a, b, c) = (id(1), id(2), id(3));
    let see = |id, seen| Observed {
        id,
        seen,
        last_answer: None,
    };
    let state = |imports: &[Observed<'_>]| judged_as(imports, |_| {}).state;
    let (clean, gaps) = (
        see(&a, ImportSeen::Import(&clean)),
        see(&b, ImportSeen::Import(&gaps)),
    );
    assert_eq!(
        state(&[clean, see(&c, ImportSeen::Nothing)]),
        VerdictState::Pending
    );
    assert_eq!(
        state(&[gaps, see(&c, ImportSeen::Nothing)]),
        VerdictState::Gaps
    );
    assert_eq!(state(&[clean, gaps]), VerdictState::Gaps);
    assert_eq!(
        state(&[gaps, see(&c, ImportSeen::NotFound), clean]),
        VerdictState::Unknown
    );
}

#[test]
fn without_a_table_every_entry_is_judged() {
    let (deals, people) = (
        entry("deals", "60", "null"),
        entry("people", "40", r#""no""#),
    );
    let both = import(FINISHED, &[&deals, &people]);
    let verdict = judged(&[both], |facts| facts.table = None);
    assert_eq!(verdict.state, VerdictState::Gaps);
    assert_eq!(
        verdict.notes[0],
        "import i1 writes to several tables (`deals`, `people`): all of them are judged, as no \
         table was named"
    );
    let only = judged(&[import(FINISHED, &[&deals])], |facts| {
        (facts.table, facts.sent_records) = (None, None);
    });
    assert_eq!((only.state, only.notes), (VerdictState::Clean, vec![]));
    let none = judged(&[import(FINISHED, &[])], |facts| facts.table = None);
    assert_eq!(none.state, VerdictState::Unknown);
}

#[test]
fn rejected_records_are_counted_where_they_are_listed() {
    let row = |n: u32, amount: &str| {
        format!(
            r#"{{"line_number":{n},"row":{{"id":"{n}","amount":"{amount}"}},"details":"ValueError: could not convert string to float: '{amount}'"}}"#
        )
    };
    let error = |rows: &[String]| {
        format!(
            r#"{{"title":"ParsingError","description":"Can't parse 'A' as float for user attribute amount","parsing_error_details":[{}]}}"#,
            rows.join(",")
        )
    };
    let listed = import(
        FINISHED,
        &[&entry("deals", "null", &error(&[row(1, "A"), row(2, "B")]))],
    );
    let others = import(
        FINISHED,
        &[&entry("deals", "null", &error(&[row(3, "A"), row(4, "")]))],
    );
    let bare = import(FINISHED, &[&entry("deals", "null", &error(&[]))]);
    let verdict = judged(&[listed.clone(), others], |_| {});
    assert_eq!(
        (verdict.state, verdict.rejected_count),
        (VerdictState::Gaps, Some(4))
    );
    let mut found = Reasons::of(&verdict.rejected);
    let (mut rows, mut lines) = (verdict.rejected.reader(), [700, 651, 800].into_iter());
    while let Some((place, rejected)) = rows.read().unwrap() {
        assert_eq!(rows.read_at(place).unwrap(), rejected);
        if let Some(line) = lines.next() {
            let (input, record) = (0, line);
            let at = Position {
                input,
                line,
                record,
            };
            found.place(&rejected, at, Positions::Lines);
        }
    }
    let sentence = "4 × could not convert string to float, column amount, first at line 651";
    assert_eq!(found.sentences(None), [sentence]);
    let names = InputNames::new(vec!["a.csv".to_owned()]);
    assert!(found.sentences(Some(&names))[0].ends_with("first at a.csv, line 651"));
    let of_second = verdict.rejected.of(|import| *import == id(2));
    assert_eq!(of_second.len(), 2);
    let mut rows = of_second.reader();
    assert_eq!(rows.read().unwrap().unwrap().1.row.get("id"), Some("3"));

    let verdict = judged(&[listed, bare], |_| {});
    let counts = (verdict.rejected.len(), verdict.rejected_count);
    assert_eq!(counts, (2, None));
}
