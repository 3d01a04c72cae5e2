//! `resume` in detail: what it sends, what it refuses, what it finds; and what `runs` shows of it.

mod clocks;
mod copies;
mod options;
mod windows;

use std::process::Stdio;

use serde_json::Value;

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, done, folder_name, holds_old, is_over, journal, killed_at,
    posts, runs, service, until,
};
use crate::stage::{Stage, deals, deals_from};
use crate::support::{Folder, run};

const RECORDS: u64 = 23;

/// An upsert of one request after the other, so that their number is known at every point.
const ONE_BY_ONE: &str = "deals.csv --table deals --chunk-size 5 --jobs 1";

fn stage() -> Stage {
    service(READINGS[0], "").file("deals.csv", deals(RECORDS))
}

/// The id of the newest run.
fn last_run(stage: &Stage) -> String {
    folder_name(runs(stage).last().unwrap())
}

#[test]
fn it_works_from_any_folder() {
    let stage = stage();
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let elsewhere = Folder::new();
    let mut command = stage.process("resume");
    // The service's address comes from the journal.
    command
        .env_remove("QOBRA_BASE_URL")
        .current_dir(elsewhere.path());
    let told = run(&mut assert_cmd::Command::from_std(command));
    assert_eq!(told.code(), Some(0), "{told}");
    assert_eq!(posts(&stage).len(), 5, "{told}");
    is_over(&stage, false, RECORDS, "from elsewhere");
}

#[test]
fn a_changed_input_is_refused() {
    for (content, code, what) in [
        (deals(RECORDS).replace("7.50", "7.51"), 3, "has changed"),
        (deals(RECORDS + 1), 3, "has changed"),
        (deals(RECORDS - 1), 3, "has changed"),
        (deals(RECORDS).replace("amount", "sum"), 3, "has changed"),
        (String::new(), 3, ""),
    ] {
        let stage = stage();
        assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
        stage.folder().write("deals.csv", content);
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(code), "{told}");
        assert!(told.stderr.contains(what), "{told}");
        assert_eq!(posts(&stage).len(), 2, "{told}");
        // With the old content it goes on.
        stage.folder().write("deals.csv", deals(RECORDS));
        assert_eq!(done(&stage, "resume").code(), Some(0));
        is_over(&stage, false, RECORDS, what);
    }
}

#[test]
fn an_input_that_is_gone_is_named() {
    let stage = stage();
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    std::fs::remove_file(stage.folder().path().join("deals.csv")).unwrap();
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(told.stderr.contains("deals.csv: no such file"), "{told}");
}

#[test]
fn a_changed_mapping_is_refused() {
    let mapping = "[fields]\nid = \"id\"\nname = \"name\"\namount = \"amount\"\n";
    let stage = stage().file("deals.toml", mapping);
    let line = format!("{ONE_BY_ONE} --mapping deals.toml");
    assert!(killed_at(&stage, &line, "journal-answer-after:2"));
    stage
        .folder()
        .write("deals.toml", format!("{mapping}# other words\n"));
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(3), "{told}");
    assert!(
        told.stderr
            .contains("deals.toml has changed since the push was interrupted"),
        "{told}"
    );
    assert_eq!(posts(&stage).len(), 2, "{told}");
    stage.folder().write("deals.toml", mapping);
    assert_eq!(done(&stage, "resume").code(), Some(0));
    is_over(&stage, false, RECORDS, "mapping");
}

#[test]
fn mondays_run_never_goes_over_tuesdays() {
    let stage = stage();
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let monday = last_run(&stage);
    stage.folder().write("deals.csv", deals_from(1, 9));
    assert_eq!(done(&stage, ONE_BY_ONE).code(), Some(0));
    stage.folder().write("deals.csv", deals(RECORDS));
    let before = posts(&stage).len();
    let told = done(&stage, &format!("resume {monday}"));
    assert_eq!(told.code(), Some(3), "{told}");
    let message = format!(
        "error: run {monday} is superseded: a later run has written to table `deals` since, and \
         older data never goes over newer\n\
         hint: push its input as a new run if that is what the table shall hold\n"
    );
    assert_eq!(told.stderr, message);
    let told = done(&stage, "resume");
    assert_eq!(
        (told.code(), told.stderr.as_str()),
        (Some(0), "nothing to resume\n")
    );
    assert_eq!(posts(&stage).len(), before);
    let listed = done(&stage, "runs").stdout;
    let states: Vec<_> = listed
        .lines()
        .map(|line| line.split_whitespace().nth(1))
        .collect();
    assert_eq!(states, [Some("superseded"), Some("done")], "{listed}");
}

#[test]
fn several_open_runs_are_listed_and_one_can_be_named() {
    let options = qobra_push::SandboxOptions {
        tables: vec![
            crate::stage::table("deals", "id"),
            crate::stage::table("other", "id"),
        ],
        ..crate::stage::options()
    };
    let stage = Stage::of(options).file("deals.csv", deals(RECORDS));
    let other = ONE_BY_ONE.replace("--table deals", "--table other");
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    assert!(killed_at(&stage, &other, "journal-answer-after:2"));
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(2), "{told}");
    assert!(
        told.stderr
            .starts_with("error: several pushes can be resumed:\n"),
        "{told}"
    );
    for run in runs(&stage) {
        let table = folder_name(run.parent().and_then(|runs| runs.parent()).unwrap());
        let run = folder_name(&run);
        let state = stage.folder().path().join("state");
        let line = format!(
            "\n  qobra-push resume {run} --state-dir {}   # table `{table}`, begun ",
            state.display()
        );
        assert!(told.stderr.contains(&line), "{told}");
    }
    assert!(
        told.stderr
            .ends_with(" ago\nhint: type one of these lines\n"),
        "{told}"
    );
    assert_eq!(posts(&stage).len(), 4);
    for run in runs(&stage) {
        let told = done(&stage, &format!("resume {}", folder_name(&run)));
        assert_eq!(told.code(), Some(0), "{told}");
        let again = done(&stage, &format!("resume {}", folder_name(&run)));
        assert_eq!(
            (again.code(), again.stderr.as_str()),
            (Some(0), "nothing to resume\n")
        );
    }
    is_over(&stage, false, RECORDS, "both");
    assert_eq!(
        stage.running.sandbox.table("other").unwrap().records.len() as u64,
        RECORDS
    );
}

#[test]
fn there_may_be_nothing_to_resume_or_no_such_run() {
    let stage = Stage::unused();
    let told = done(&stage, "resume");
    assert_eq!(
        (told.code(), told.stderr.as_str()),
        (Some(0), "nothing to resume\n")
    );
    for run in ["20200101T000000Z-abcd", "nonsense"] {
        let told = done(&stage, &format!("resume {run}"));
        assert_eq!(told.code(), Some(2), "{told}");
        assert!(
            told.stderr
                .starts_with(&format!("error: there is no run `{run}`\n")),
            "{told}"
        );
    }
    assert_eq!(done(&stage, "runs").stderr, "no runs yet\n");
    assert_eq!(
        done(&stage, "runs --output json").stdout,
        "{\"kept_bytes\":0,\"runs\":[]}\n"
    );
}

#[test]
fn a_damaged_line_is_named_and_a_torn_one_dropped() {
    let stage = stage();
    assert!(killed_at(&stage, ONE_BY_ONE, "journal-answer-after:2"));
    let path = journal(&runs(&stage)[0]);
    let whole = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<_> = whole.lines().collect();
    lines[2] = &lines[2][..20];
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    for line in ["resume", "runs", ONE_BY_ONE] {
        let told = done(&stage, line);
        assert_eq!(told.code(), Some(2), "{told}");
        assert!(
            told.stderr.contains("journal.jsonl`, line 3, is damaged"),
            "{told}"
        );
        assert!(told.stderr.contains("\nhint: "), "{told}");
    }
    assert_eq!(posts(&stage).len(), 2);

    // Cut anywhere in its last line, the journal is as if that line had not been written.
    let last = whole.trim_end().rfind('\n').unwrap() + 1;
    for end in [last + 1, (last + whole.len()) / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..end]).unwrap();
        let listed = done(&stage, "runs");
        assert_eq!(listed.code(), Some(0), "{listed}");
        assert!(
            listed.stdout.contains("5 of 23 records accepted"),
            "{listed}"
        );
    }
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(0), "{told}");
    is_over(&stage, false, RECORDS, "torn");
}

#[test]
fn runs_are_listed_as_text_and_as_json() {
    let stage = stage();
    assert!(killed_at(&stage, UPSERT, "journal-plan-after:1"));
    assert_eq!(done(&stage, "resume").code(), Some(0));
    assert!(killed_at(&stage, REPLACE, "journal-answer-after:2"));
    let text = done(&stage, "runs");
    let [first, second] = text.stdout.lines().collect::<Vec<_>>()[..] else {
        panic!("two runs: {text}")
    };
    let id = stage.held().imports[0].clone();
    let run = folder_name(&runs(&stage)[0]);
    // An upsert has no debounce, so each request is an import of its own.
    let done_line = format!(
        "{run}  done         pending    deals  upsert  23 of 23 records accepted  import {id} and 4 more"
    );
    assert_eq!(first, done_line);
    let run = last_run(&stage);
    let head = format!("{run}  interrupted  ");
    assert!(second.starts_with(&head), "{second}");
    // Another request may have been in flight.
    assert!(
        second.contains("  deals  replace  10 of 23 records accepted"),
        "{second}"
    );

    let json = done(&stage, "runs --output json").stdout;
    let json: Value = serde_json::from_str(&json).unwrap();
    let of = |n: usize, field: &str| json["runs"][n][field].clone();
    assert_eq!(of(0, "state"), "done");
    assert_eq!(of(0, "exit_code"), 0);
    assert_eq!(of(0, "imports").as_array().unwrap().len(), 5);
    assert_eq!(of(1, "run"), run);
    assert_eq!(of(1, "state"), "interrupted");
    assert_eq!(of(1, "mode"), "replace");
    assert_eq!(of(1, "table"), "deals");
    assert_eq!(
        (of(1, "records"), of(1, "accepted")),
        (23.into(), 10.into())
    );
    assert_eq!(of(1, "exit_code"), Value::Null);
    assert_eq!(done(&stage, "runs -t other").stderr, "no runs yet\n");
}

/// While a push runs it is shown as running, and cannot be resumed.
#[test]
fn a_running_push_is_shown_as_such() {
    let stage = service(READINGS[0], "hang@2").file("deals.csv", deals(RECORDS));
    let mut command = stage.process(UPSERT);
    command.stdin(Stdio::null());
    let mut push = Watched::start(command);
    until(|| (posts(&stage).len() >= 2).then_some(()));
    let listed = done(&stage, "runs").stdout;
    assert!(
        listed.contains("  running      pending    deals  upsert  "),
        "{listed}"
    );
    let told = done(&stage, "resume");
    assert_eq!(told.code(), Some(9), "{told}");
    push.signal("KILL");
    push.end();
    let listed = done(&stage, "runs").stdout;
    assert!(
        listed.contains("  interrupted  unknown    deals  upsert  "),
        "{listed}"
    );
    assert_eq!(done(&stage, "resume").code(), Some(0));
    is_over(&stage, false, RECORDS, "after running");
}

/// What was left out at first is left out again, and the end says so again.
#[test]
fn gaps_and_duplicates_stay_what_they_were() {
    let csv = format!("{}7,Again,1.00\n,Nameless,1.00\n", deals(RECORDS));
    for line in [UPSERT, REPLACE] {
        let stage = service(READINGS[0], "").file("deals.csv", &csv);
        let line = format!("{line} --max-errors 1 --duplicates first");
        assert!(killed_at(&stage, &line, "journal-answer-after:2"));
        let told = done(&stage, "resume");
        assert_eq!(told.code(), Some(7), "{told}");
        assert!(told.stderr.contains("1 rejected record"), "{told}");
        is_over(&stage, line.contains("--all"), RECORDS, &told.to_string());
    }
    let stage = Stage::unused();
    holds_old(&stage.held(), "seeded");
}
