//! Journals: any file is read or told, and one of ours that was cut is the run up to the cut.

use std::io::Write as _;

use super::{MOST_BYTES, check_message};
use crate::runs::journal::{Journal, JournalError, Line, PlanLine};

/// A run of three chunks.
const PLAN: &str = r#"{"line":"plan","schema":1,"version":"0.1.0","run":"20260101T000000Z-0001","started":{"wall":"2026-01-01T00:00:00Z","boot_ms":1000},"base_url":"https://api.qobra.co","table":"deals","mode":{"replace":{"debounce_seconds":900}},"options":{"jobs":4,"retry_for_ms":300000,"chunk_time_ms":5000,"chunk_size":10,"max_body":16777216,"format":"csv","id_field":"id","duplicates":"error"},"inputs":[{"path":"/data/deals.csv","bytes":3100,"digest":"blake3:00"}],"mapping":null,"records_read":30,"chunks":[{"number":1,"range":[1,10],"records":10,"body_bytes":500,"digest":"0000000000000001","extents":[[0,100,1100,2]]},{"number":2,"range":[11,20],"records":10,"body_bytes":500,"digest":"0000000000000002","extents":[[0,1100,2100,12]]},{"number":3,"range":[21,30],"records":10,"body_bytes":500,"digest":"0000000000000003","extents":[[0,2100,3100,22]]}]}"#;

/// What can follow it.
const LINES: [&str; 12] = [
    r#"{"line":"attempt","range":[1,10],"records":10,"attempt":1,"at":{"wall":"2026-01-01T00:00:01Z","boot_ms":2000},"limit_ms":30000}"#,
    r#"{"line":"answer","range":[1,10],"records":10,"at":{"wall":"2026-01-01T00:00:02Z","boot_ms":3000},"result":{"accepted":{"import_id":"a"}}}"#,
    r#"{"line":"answer","range":[1,10],"records":10,"at":{"wall":"2026-01-01T00:00:02Z","boot_ms":3000},"result":{"not_applied":{"why":"503"}}}"#,
    r#"{"line":"attempt","range":[11,20],"records":10,"attempt":1,"at":{"wall":"2026-01-01T00:00:03Z","boot_ms":4000},"limit_ms":30000}"#,
    r#"{"line":"answer","range":[11,20],"records":10,"at":{"wall":"2026-01-01T00:00:04Z","boot_ms":5000},"result":{"ambiguous":{"why":"reset"}}}"#,
    r#"{"line":"answer","range":[11,20],"records":10,"at":{"wall":"2026-01-01T00:00:04Z","boot_ms":5000},"result":{"miscounted":{"answered":9}}}"#,
    r#"{"line":"split","range":[21,30],"second":26,"at":{"wall":"2026-01-01T00:00:05Z","boot_ms":6000}}"#,
    r#"{"line":"import","id":"a","status":"scheduled","has_error":false,"at":{"wall":"2026-01-01T00:00:06Z","boot_ms":7000}}"#,
    r#"{"line":"import","id":"a","status":"finished","has_error":true,"at":{"wall":"2026-01-01T00:00:07Z","boot_ms":8000}}"#,
    r#"{"line":"resumed","how":"missing","at":{"wall":"2026-01-01T00:00:08Z","boot_ms":9000}}"#,
    r#"{"line":"gap","at":{"wall":"2026-01-01T00:00:09Z","boot_ms":10000}}"#,
    r#"{"line":"end","exit_code":6,"table_state":"pending","at":{"wall":"2026-01-01T00:00:10Z","boot_ms":11000}}"#,
];

/// The first byte tells what the others are: a file, what follows a plan, or the lines of a run and
/// where it is cut.
pub fn journal(data: &[u8]) {
    let [how, rest @ ..] = data else { return };
    if rest.len() > MOST_BYTES {
        return;
    }
    match how % 3 {
        0 => check_any(rest),
        1 => check_any(&[PLAN.as_bytes(), b"\n", rest].concat()),
        _ => check_cut(rest),
    }
}

fn read(bytes: &[u8]) -> Result<Journal, JournalError> {
    let mut file = tempfile::NamedTempFile::new().expect("room for a file");
    file.write_all(bytes).expect("room for a few bytes");
    Journal::read(file.path())
}

/// What is in a journal can be asked for, whatever it is.
fn check_any(bytes: &[u8]) {
    let journal = match read(bytes) {
        Ok(journal) => journal,
        Err(error) => return check_message(&error.to_string(), error.hint().as_deref()),
    };
    let _ = (
        journal.import_ids(),
        journal.first_import(),
        journal.is_sealed(),
    );
    let _ = (
        journal.first_possibly_applied(),
        journal.last_possibly_applied_end(),
    );
    let _ = (journal.is_finished(), journal.state(false, [&journal]));
    let _ = (journal.is_good_replace(), journal.answer_times().count());
    let accepted = journal.accepted();
    assert!(
        journal
            .missing()
            .iter()
            .all(|range| { range.first <= range.last && accepted.missing_in(*range) == [*range] })
    );
    assert_eq!(journal.missing().is_empty(), journal.is_complete());
    assert!(!journal.has_accepted() || journal.is_possibly_applied());
    let is_untouched = journal.table_state() == crate::base::model::TableState::Untouched;
    assert_eq!(is_untouched, !journal.is_possibly_applied());
    assert_eq!(journal.missing().is_empty(), {
        let mut parts = journal.parts().into_iter();
        parts.all(|part| matches!(part.fate, crate::runs::journal::Fate::Accepted(_)))
    });
    let _ = (journal.sums().not_sent(), journal.doubtful());
    if let Some(pending) = journal.pending_replace(None) {
        let now = journal.plan().started;
        let _ = pending.remaining(&now, std::time::Duration::from_secs(30));
    }
}

/// Two bytes tell where the run is cut, each of the others tells a line.
fn check_cut(data: &[u8]) {
    let [high, low, lines @ ..] = data else {
        return;
    };
    let lines: Vec<Line> = lines
        .iter()
        .take(60)
        .map(|n| line(usize::from(*n) % LINES.len()))
        .collect();
    let plan = plan();
    let mut text = written(&Line::Plan(Box::new(plan.clone())));
    let head = text.len();
    text.extend(lines.iter().map(written));
    let cut = head + usize::from(u16::from_be_bytes([*high, *low])) % (text.len() - head + 1);
    let journal = read(&text.as_bytes()[..cut]).expect("what was cut is dropped");
    let mut expected = Journal::new(plan);
    let whole = text[head..cut].matches('\n').count();
    lines[..whole].iter().for_each(|line| expected.apply(line));
    assert_eq!(journal.is_torn(), !text[..cut].ends_with('\n'));
    assert_eq!(journal.attempts(), expected.attempts());
    assert_eq!(journal.imports(), expected.imports());
    assert_eq!(journal.missing(), expected.missing());
    assert_eq!(journal.end(), expected.end());
    if !journal.is_torn() {
        assert_eq!(journal, expected);
    }
}

fn line(n: usize) -> Line {
    serde_json::from_str(LINES[n]).expect("it is a line")
}

fn plan() -> PlanLine {
    match serde_json::from_str(PLAN).expect("it is a line") {
        Line::Plan(plan) => *plan,
        other => panic!("{other:?}"),
    }
}

fn written(line: &Line) -> String {
    serde_json::to_string(line).expect("lines are JSON") + "\n"
}
