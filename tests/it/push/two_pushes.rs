//! Two pushes to one table: at once, and one inside the window that the other one left open.

use std::time::Duration;

use qobra_push::{SandboxOptions, TableSnapshot};

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, age, deal, done, each, folder_name, holds_new, is_over,
    killed_at, posts, runs, service, sorted, until,
};
use crate::stage::{OLD, Stage, deals, deals_from, options, table};

/// Records of the first push.
const FIRST: u64 = 12;

/// The window of [`REPLACE`], and a second.
const WINDOW: Duration = Duration::from_secs(901);

/// The records of the second push: others, but for two.
fn second() -> String {
    deals_from(11, 20)
}

/// What announces that a push waits.
const WAITS: &str = "may still be waiting at the service: nothing is sent before";

#[test]
fn the_second_push_ends_at_once_and_names_the_first() {
    for mode in [UPSERT, REPLACE] {
        let stage = service(READINGS[0], "hang@1").file("deals.csv", deals(FIRST));
        let mut first = Watched::start(stage.process(mode));
        until(|| (!posts(&stage).is_empty()).then_some(()));
        let run = folder_name(&runs(&stage)[0]);
        let pid = first.child.id();
        for line in [UPSERT, REPLACE, "resume"] {
            let told = done(&stage, line);
            assert_eq!(told.code(), Some(9), "{told}");
            let holder = format!(
                "error: another push to this table is running from this state folder \
                 (run {run}, process {pid}, since "
            );
            assert!(told.stderr.starts_with(&holder), "{told}");
        }
        assert_eq!(posts(&stage).len(), 1);
        // A rehearsal on paper is no push, and other folders know nothing of this one.
        assert_eq!(done(&stage, &format!("{UPSERT} --dry-run")).code(), Some(0));
        let elsewhere = done(&stage, &format!("{UPSERT} --state-dir elsewhere"));
        assert_eq!(elsewhere.code(), Some(0), "{elsewhere}");
        first.signal("KILL");
        first.end();
        // The kernel frees the lock of the dead.
        assert_eq!(done(&stage, "resume").code(), Some(0));
    }
}

/// A table that is waited for is taken as soon as it is free, whatever the first push came to.
#[test]
fn the_second_push_waits_for_the_first() {
    let stage = service(READINGS[0], "hang@1").file("deals.csv", deals(FIRST));
    let mut first = Watched::start(stage.process(UPSERT));
    until(|| (!posts(&stage).is_empty()).then_some(()));
    let run = folder_name(&runs(&stage)[0]);
    stage.folder().write("second.csv", second());
    let line = format!("{UPSERT} --lock-wait 1h").replace("deals.csv", "second.csv");
    let mut waiting = Watched::start(stage.process(&line));
    let mut resuming = Watched::start(stage.process("resume --lock-wait 1h"));
    for push in [&mut waiting, &mut resuming] {
        push.says("; waiting for it until ");
        assert!(push.is_running());
    }
    // Windows has no signal for another process.
    resuming.signal(if cfg!(unix) { "INT" } else { "KILL" });
    let told = resuming.end();
    if cfg!(unix) {
        assert_eq!(told.code(), Some(130), "{told}");
        let stays = format!("interrupted; nothing more was sent, and run {run} stays as it was");
        assert!(told.stderr.contains(&stays), "{told}");
    }
    assert!(
        told.stderr.contains(&format!("(run {run}, process ")),
        "{told}"
    );
    assert_eq!(posts(&stage).len(), 1);
    first.signal("KILL");
    first.end();
    let told = waiting.end();
    assert_eq!(told.code(), Some(0), "{told}");
    // Of the first one's chunks, the only one that left hangs and is lost.
    let ids: Vec<_> = stage.new_ids();
    assert_eq!(ids.len(), 10, "{ids:?} {told}");
    assert_eq!(done(&stage, "resume").code(), Some(0));
}

/// Nobody waits longer than was said.
#[test]
fn a_wait_for_another_push_has_an_end() {
    let stage = service(READINGS[0], "hang@1").file("deals.csv", deals(FIRST));
    let mut first = Watched::start(stage.process(UPSERT));
    until(|| (!posts(&stage).is_empty()).then_some(()));
    let told = done(&stage, &format!("{UPSERT} --lock-wait 1"));
    assert_eq!(told.code(), Some(9), "{told}");
    assert!(
        told.stderr.contains(", after 1.0 s of waiting\nhint: "),
        "{told}"
    );
    assert_eq!(posts(&stage).len(), 1);
    first.signal("KILL");
    first.end();
}

#[test]
fn pushes_to_two_tables_do_not_know_each_other() {
    let stage = Stage::of(SandboxOptions {
        tables: vec![table("deals", "id"), table("other", "id")],
        ..options()
    });
    let stage = stage.file("deals.csv", deals(FIRST));
    assert_eq!(done(&stage, REPLACE).code(), Some(0));
    let told = done(&stage, &UPSERT.replace("--table deals", "--table other"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(!told.stderr.contains(WAITS), "{told}");
    let told = done(&stage, &format!("{UPSERT} --state-dir elsewhere"));
    assert!(!told.stderr.contains(WAITS), "{told}");
}

/// What the table holds when the first replace and then the second push went through.
fn holds_both(held: &TableSnapshot, is_replace: bool, deletes: u64, of: &str) {
    let from = if is_replace { 11 } else { 1 };
    let mut expected: Vec<_> = (from..=20).map(deal).collect();
    expected.sort();
    assert_eq!(sorted(held), expected, "{of}");
    assert_eq!(held.deletes, deletes, "{of}");
}

/// Starts a push that must wait, and lets the service's time pass when it does.
fn waits_and_goes(stage: &Stage, line: &str, by: Duration) -> String {
    let (before, asked) = (posts(stage).len(), stage.requests().len());
    let mut push = Watched::start(stage.process(line));
    push.says(WAITS);
    // It looks at the import, which waits as well.
    until(|| (stage.requests().len() > asked).then_some(()));
    assert_eq!(posts(stage).len(), before, "{line}");
    assert!(push.is_running(), "{line}");
    stage.running.sandbox.advance(by);
    let told = push.end();
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(posts(stage).len() > before, "{told}");
    told.to_string()
}

#[test]
fn a_push_inside_the_window_of_a_replace_waits_until_it_is_over() {
    let modes = [UPSERT, REPLACE];
    let all = READINGS.map(|reading| modes.map(|mode| (reading, mode)));
    each(all.concat(), |(reading, line)| {
        let stage = service(reading, "").file("deals.csv", deals(FIRST));
        assert_eq!(done(&stage, REPLACE).code(), Some(0));
        stage.folder().write("deals.csv", second());
        let told = waits_and_goes(&stage, line, WINDOW);
        let is_replace = line == REPLACE;
        let of = format!("{reading:?} {line} {told}");
        holds_both(&stage.settled(), is_replace, 1 + u64::from(is_replace), &of);
    });
}

/// The first replace died in the middle: the second one neither completes nor mixes with it.
#[test]
fn a_push_after_a_dead_replace_waits_until_its_window_is_over() {
    let modes = [UPSERT, REPLACE];
    let all = READINGS.map(|reading| modes.map(|mode| (reading, mode)));
    each(all.concat(), |(reading, line)| {
        let stage = service(reading, "").file("deals.csv", deals(FIRST));
        let first = REPLACE.replace("--jobs 2", "--jobs 1");
        assert!(killed_at(&stage, &first, "journal-answer-after:2"));
        stage.folder().write("deals.csv", second());
        let told = waits_and_goes(&stage, line, WINDOW);
        let held = stage.settled();
        let of = format!("{reading:?} {line} {told}");
        if line == REPLACE {
            holds_both(&held, true, 2, &of);
        } else {
            let mut expected: Vec<_> = (1..=10).chain(11..=20).map(deal).collect();
            expected.sort();
            assert_eq!(sorted(&held), expected, "{of}");
        }
        // What the first one lacks is older than what the second one brought.
        assert_eq!(done(&stage, "resume").stderr, "nothing to resume\n", "{of}");
        let listed = done(&stage, "runs").stdout;
        assert!(
            listed.lines().next().unwrap().contains("  superseded  "),
            "{listed}"
        );
    });
}

/// No answer came, so there is no import to look at: the clock alone tells when it is over.
#[test]
fn a_push_after_a_replace_without_an_answer_waits_by_the_clock() {
    each(
        vec![(UPSERT, 930), (REPLACE, 958)],
        |(line, age_of_first)| {
            let stage = service(READINGS[2], "").file("deals.csv", deals(FIRST));
            assert!(killed_at(&stage, REPLACE, "journal-answer-before:1"));
            // 900 s of debounce, 30 s of margin, 30 s for an answer that may have come.
            let age_of_first = Duration::from_secs(age_of_first);
            stage.running.sandbox.advance(age_of_first);
            age(&runs(&stage)[0], age_of_first);
            stage.folder().write("deals.csv", second());
            let mut push = Watched::start(stage.process(line));
            push.says(WAITS);
            assert_eq!(posts(&stage).len(), 1);
            if line == UPSERT {
                push.signal("KILL");
                push.end();
                assert_eq!(posts(&stage).len(), 1);
                return;
            }
            let told = push.end();
            assert_eq!(told.code(), Some(0), "{told}");
            holds_both(&stage.settled(), true, 2, &told.to_string());
        },
    );
}

#[test]
fn a_push_after_the_window_of_a_replace_goes_at_once() {
    for reading in READINGS {
        for line in [UPSERT, REPLACE] {
            let stage = service(reading, "").file("deals.csv", deals(FIRST));
            assert_eq!(done(&stage, REPLACE).code(), Some(0));
            let long_ago = Duration::from_secs(1_000);
            stage.running.sandbox.advance(long_ago);
            age(&runs(&stage)[0], long_ago);
            stage.folder().write("deals.csv", second());
            let told = done(&stage, line);
            assert_eq!(told.code(), Some(0), "{told}");
            assert!(!told.stderr.contains(WAITS), "{told}");
            let is_replace = line == REPLACE;
            let deletes = 1 + u64::from(is_replace);
            holds_both(&stage.settled(), is_replace, deletes, &told.to_string());
        }
    }
}

/// A replace without a debounce leaves nothing to wait for.
#[test]
fn a_push_after_a_replace_without_a_window_goes_at_once() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(FIRST));
    assert_eq!(
        done(&stage, "deals.csv --table deals --all").code(),
        Some(0)
    );
    stage.folder().write("deals.csv", second());
    let told = done(&stage, UPSERT);
    assert!(!told.stderr.contains(WAITS), "{told}");
    holds_both(&stage.settled(), false, 1, &told.to_string());
}

/// Waiting is no part of a push that could be lost: killed there, it is simply taken up again.
#[test]
fn a_push_killed_while_it_waits_waits_again_when_resumed() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(FIRST));
    assert_eq!(done(&stage, REPLACE).code(), Some(0));
    stage.folder().write("deals.csv", second());
    let before = posts(&stage).len();
    let mut push = Watched::start(stage.process(UPSERT));
    push.says(WAITS);
    until(|| {
        runs(&stage)
            .get(1)
            .filter(|run| run.join("journal.jsonl").exists())
            .map(|_| ())
    });
    // Its plan is whole when it looks at the import.
    let asked = stage.requests().len();
    until(|| (stage.requests().len() > asked).then_some(()));
    push.signal("KILL");
    push.end();
    assert_eq!(posts(&stage).len(), before);
    let told = waits_and_goes(&stage, "resume", WINDOW);
    holds_both(&stage.settled(), false, 1, &told);
}

/// Only said, and nothing is waited for.
#[test]
fn a_dry_run_says_that_a_push_would_wait() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(FIRST));
    assert_eq!(done(&stage, REPLACE).code(), Some(0));
    let told = done(&stage, &format!("{UPSERT} --dry-run"));
    assert_eq!(told.code(), Some(0), "{told}");
    assert!(told.stderr.contains(WAITS), "{told}");
    holds_new(&stage.settled(), true, FIRST, "one push");
    assert!(
        !sorted(&stage.held())
            .iter()
            .any(|(id, _)| OLD.contains(&id.as_str()))
    );
    is_over(&stage, true, FIRST, "one push");
}

/// Proved while the earlier replace was waited for, and written over by then: what was proved is not
/// there any more, and nothing has been sent.
#[test]
fn an_input_that_changes_before_the_first_request_is_not_sent() {
    each(vec![UPSERT, REPLACE], |line| {
        let stage = service(READINGS[0], "").file("deals.csv", deals(FIRST));
        assert_eq!(done(&stage, REPLACE).code(), Some(0));
        stage.folder().write("deals.csv", second());
        let (before, asked) = (posts(&stage).len(), stage.requests().len());
        let mut push = Watched::start(stage.process(line));
        push.says(WAITS);
        // Its plan is whole when it looks at the import.
        until(|| (stage.requests().len() > asked).then_some(()));
        let changed = second().replace("12.50", "99.99");
        stage.folder().write("deals.csv", &changed);
        stage.running.sandbox.advance(WINDOW);
        let told = push.end();
        assert_eq!(told.code(), Some(3), "{told}");
        let why = "the input has changed since it was proved (records 1 to 5)";
        assert!(told.stderr.contains(why), "{told}");
        assert!(told.stderr.contains("table `deals` is untouched"), "{told}");
        assert_eq!(posts(&stage).len(), before, "{told}");
        holds_new(&stage.settled(), true, FIRST, &told.to_string());
    });
}
