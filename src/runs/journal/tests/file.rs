//! The file.

use std::fs;
use std::path::Path;

use super::*;

/// A journal with a plan and the lines of a push that was killed in its second request.
fn killed() -> (TempDir, PathBuf) {
    let (temp, path) = folder();
    let clock = Clock::manual();
    let writer = JournalWriter::create(&path, plan(REPLACE), clock.clone()).unwrap();
    for line in [
        attempt(1, 10, clock.now()),
        answer(1, 10, accepted("a"), clock.now()),
        attempt(11, 20, clock.now()),
    ] {
        writer.append(&line).unwrap();
    }
    (temp, path)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<String>)) {
    let text = fs::read_to_string(path).unwrap();
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    change(&mut lines);
    fs::write(path, lines.join("\n") + "\n").unwrap();
}

fn damage(at: usize, line: &str) -> JournalError {
    let (_temp, path) = killed();
    change(&path, |lines| lines[at] = line.to_owned());
    Journal::read(&path).unwrap_err()
}

#[test]
fn lines_look_like_this() {
    let (_temp, path) = killed();
    let text = fs::read_to_string(path).unwrap();
    let lines: Vec<_> = text.lines().collect();
    let now = r#"{"wall":"2026-01-01T00:00:00Z","boot_ms":3600000,"boot_id":"00000000000000000000000000000001"}"#;
    assert_eq!(
        lines[1..3],
        [
            format!(
                r#"{{"line":"attempt","range":[1,10],"records":10,"attempt":1,"at":{now},"limit_ms":30000}}"#
            ),
            format!(
                r#"{{"line":"answer","range":[1,10],"records":10,"at":{now},"result":{{"accepted":{{"import_id":"a"}}}}}}"#
            ),
        ]
    );
    for part in [
        r#"{"line":"plan","schema":1,"version":"0.1.0","run":"20260101T000000Z-0001","started":{"#,
        r#""table":"deals","mode":{"replace":{"debounce_seconds":900}},"options":{"jobs":4,"#,
        r#"{"number":1,"range":[1,10],"records":10,"body_bytes":500,"digest":"fffffffffffffffe","extents":[[0,100,1100,2]]}"#,
    ] {
        assert!(lines[0].contains(part), "{part}\n{}", lines[0]);
    }
}

#[test]
fn every_kind_of_line_is_known_by_its_name() {
    let at = Clock::manual().now();
    let how = Resumption::Missing;
    let lines = [
        Line::Plan(Box::new(plan(UPSERT))),
        attempt(1, 2, at),
        answer(1, 2, ambiguous(), at),
        Line::Split {
            range: range(1, 2),
            second: 2,
            at,
        },
        Line::Import {
            id: id("a"),
            status: "?".to_owned(),
            has_error: false,
            is_over: false,
            at,
        },
        Line::Resumed { how, at },
        Line::Gap { at },
        end(0, at),
    ];
    assert_eq!(lines.each_ref().map(Line::kind), Line::KINDS);
    for line in lines {
        let value = serde_json::to_value(&line).unwrap();
        assert_eq!(value["line"], line.kind());
        assert_eq!(line.at(), at);
    }
}

#[cfg(unix)]
#[test]
fn a_journal_is_private_and_never_written_over() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_temp, path) = killed();
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o7777, 0o600);
    assert!(JournalWriter::create(&path, plan(REPLACE), Clock::manual()).is_err());
}

#[cfg(unix)]
#[test]
fn paths_need_not_be_text() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let mut line = plan(UPSERT);
    line.inputs[0].path = Some(OsStr::from_bytes(b"/data/\xff.csv").into());
    line.options.api_key_file = Some(PathBuf::from("/keys/clé"));
    line.mapping = Some(MappingLine {
        path: OsStr::from_bytes(b"\xfe").into(),
        digest: "blake3:01".to_owned(),
    });
    line.dropped = vec![range(3, 3), range(7, 9)];
    let line = Line::Plan(Box::new(line));
    let text = serde_json::to_string(&line).unwrap();
    assert!(text.contains(r#""api_key_file":"/keys/clé""#));
    assert_eq!(serde_json::from_str::<Line>(&text).unwrap(), line);
}

#[test]
fn a_torn_last_line_is_dropped_and_then_removed() {
    for torn in ["{\"line\":\"ans", "\0\0\0\0\0", "gibberish\n", "{}"] {
        let (_temp, path) = killed();
        let whole = fs::read_to_string(&path).unwrap();
        fs::write(&path, whole.clone() + torn).unwrap();
        let journal = Journal::read(&path).unwrap();
        assert!(journal.is_torn());
        assert_eq!(journal.attempts().len(), 2);
        JournalWriter::open_append(&path, Clock::manual()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), whole);
        assert!(!Journal::read(&path).unwrap().is_torn());
    }
}

#[test]
fn a_whole_line_without_its_end_is_torn_too() {
    let (_temp, path) = killed();
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.trim_end()).unwrap();
    let (_, journal) = JournalWriter::open_append(&path, Clock::manual()).unwrap();
    assert!(journal.is_torn());
    assert_eq!(journal.attempts().len(), 1);
}

/// What a power cut may leave is not called a run that sent nothing.
#[test]
fn a_journal_of_which_nothing_can_be_read_says_so() {
    let (temp, path) = folder();
    for (text, what) in [
        ("", "is empty"),
        ("{\"line\":\"plan\",\"sche", "has no whole line"),
        ("\0\0\0", "holds nothing but zeros"),
        ("gibberish\n", "has no whole line"),
    ] {
        fs::write(&path, text).unwrap();
        let error = Journal::read(&path).unwrap_err();
        assert!(matches!(error, JournalError::Unreadable { .. }), "{text}");
        let end = format!("journal.jsonl` {what}: what its run sent cannot be known");
        assert!(error.to_string().ends_with(&end), "{error}");
        let hint = error.hint().unwrap();
        let line = if cfg!(windows) {
            "cmd /c rmdir /s /q"
        } else {
            "rm -r"
        };
        let folder = temp.path().to_string_lossy();
        assert!(hint.ends_with(&format!("{line} {folder}")), "{hint}");
    }
    assert!(Journal::read(&temp.path().join("none")).is_err());
    assert!(Journal::read(temp.path()).is_err());
}

#[test]
fn a_bad_inner_line_is_an_error_with_its_number() {
    for (line, why) in [
        (
            "{\"line\":\"atte",
            "line 3, is damaged: it is no journal line",
        ),
        ("", "line 3, is damaged: it is no journal line"),
        ("{\"line\":\"answer\"}", "line 3, is damaged: missing field"),
        (
            "{\"line\":\"dance\"}",
            "line 3, is damaged: a line of the unknown kind `dance`",
        ),
    ] {
        let error = damage(2, line);
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.hint().is_some());
    }
    let attempt = r#"{"line":"attempt","range":[5,4],"records":1}"#;
    let error = damage(1, attempt).to_string();
    assert!(error.contains("not a range of records"), "{error}");
}

#[test]
fn a_plan_stands_first_and_once() {
    let at = Clock::manual().now();
    let error = damage(0, &serde_json::to_string(&end(0, at)).unwrap());
    assert!(
        error
            .to_string()
            .contains("a plan must come first, not end")
    );
    let (_temp, path) = killed();
    change(&path, |lines| lines.push(lines[0].clone()));
    let error = Journal::read(&path).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("line 5, is damaged: a second plan")
    );
}

#[test]
fn a_plan_that_makes_no_sense_is_damaged() {
    let changes: [fn(&mut PlanLine); 4] = [
        |plan| plan.chunks[1].number = 1,
        |plan| plan.chunks[1].range.first = 10,
        |plan| plan.chunks[2].extents[0].0[0] = 1,
        |plan| plan.inputs.clear(),
    ];
    for change in changes {
        let mut line = plan(UPSERT);
        change(&mut line);
        let (_temp, path) = folder();
        let text = serde_json::to_string(&Line::Plan(Box::new(line))).unwrap();
        fs::write(&path, text + "\n").unwrap();
        let error = Journal::read(&path).unwrap_err();
        assert!(matches!(error, JournalError::Damaged { line: 1, .. }));
    }
}

#[test]
fn a_newer_schema_asks_for_a_newer_version() {
    let error = damage(0, r#"{"line":"plan","schema":2,"news":true}"#);
    assert!(error.to_string().contains("is of schema 2"), "{error}");
    assert!(error.hint().unwrap().contains("version"));
}

#[test]
fn fields_of_later_versions_are_skipped() {
    let (_temp, path) = killed();
    change(&path, |lines| {
        lines[1] = lines[1].replace("\"records\"", "\"news\":{\"a\":[1]},\"records\"");
    });
    assert_eq!(Journal::read(&path).unwrap().attempts().len(), 2);
}

#[test]
fn a_cut_inner_line_is_forgiven_where_a_gap_says_so() {
    let gap = serde_json::to_string(&Line::Gap {
        at: Clock::manual().now(),
    })
    .unwrap();
    let (_temp, path) = killed();
    change(&path, |lines| {
        lines.splice(
            2..2,
            ["{\"line\":\"answ".to_owned(), "{\"li".to_owned(), gap],
        );
    });
    let journal = Journal::read(&path).unwrap();
    assert!(journal.has_gaps() && !journal.is_torn());
    assert_eq!(journal.attempts().len(), 2);
}
