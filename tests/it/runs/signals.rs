//! Signals before, during and after the first request.

use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use crate::rig::{
    READINGS, REPLACE, UPSERT, Watched, done, each, entries, folder_name, holds_old, is_over,
    journal, posts, runs, service, until,
};
use crate::stage::{Stage, deals};
use crate::support::Told;

const RECORDS: u64 = 23;

/// Signals and the exit codes by which shells know them.
const SIGNALS: [(&str, i32); 2] = [("INT", 130), ("TERM", 143)];

/// One request after the other, so that it is known what was sent.
fn one_by_one(line: &str) -> String {
    line.replace("--jobs 2", "--jobs 1")
}

#[test]
fn before_the_first_request_a_signal_ends_it_without_a_trace() {
    let json = "[{\"id\": 1},".to_owned();
    let signals = SIGNALS.into_iter().chain([("HUP", 143)]);
    let cases = signals.map(|(signal, code)| (signal, code, "csv", deals(RECORDS)));
    for (signal, code, format, begun) in cases.chain([("INT", 130, "json", json)]) {
        let stage = Stage::unused();
        let mut command = stage.process(&format!("- --format {format} --table deals"));
        command.stdin(Stdio::piped());
        let mut push = Watched::start(command);
        let mut stdin = push.child.stdin.take().unwrap();
        stdin.write_all(begun.as_bytes()).unwrap();
        stdin.flush().unwrap();
        // The producer goes on, and the copy of what it wrote is there.
        until(|| {
            let files = runs(&stage).into_iter().flat_map(|run| entries(&run));
            let mut copies = files.filter(|path| folder_name(path) == "input-0");
            copies.find(|path| path.metadata().is_ok_and(|found| found.len() > 0))
        });
        push.signal(signal);
        let told = push.end();
        assert_eq!(told.code(), Some(code), "{signal}: {told}");
        assert_eq!(
            told.stderr, "error: interrupted; nothing was sent\n",
            "{signal}"
        );
        assert_eq!(told.stdout, "", "{signal}");
        assert_eq!(
            runs(&stage).len(),
            0,
            "{signal}: nothing is left of the run"
        );
        assert_eq!(done(&stage, "resume").stderr, "nothing to resume\n");
        holds_old(&stage.settled(), signal);
        drop(stdin);
    }
}

#[test]
fn while_it_waits_for_an_earlier_replace_a_signal_ends_it() {
    for (signal, code) in SIGNALS.into_iter().chain([("HUP", 143)]) {
        let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
        assert_eq!(done(&stage, REPLACE).code(), Some(0));
        let before = posts(&stage).len();
        let asked = stage.requests().len();
        let mut push = Watched::start(stage.process(UPSERT));
        until(|| (stage.requests().len() > asked).then_some(()));
        push.signal(signal);
        let told = push.end();
        assert_eq!(told.code(), Some(code), "{told}");
        assert!(
            told.stderr
                .ends_with("error: interrupted; nothing was sent\n"),
            "{told}"
        );
        assert_eq!(
            (posts(&stage).len(), runs(&stage).len()),
            (before, 1),
            "{told}"
        );
        is_over(&stage, true, RECORDS, &told.to_string());
    }
}

/// A resume that only waited sent nothing itself, and does not say so of its run.
#[test]
fn a_resume_that_waits_is_interrupted_without_a_false_word() {
    let stage = service(READINGS[0], "").file("deals.csv", deals(RECORDS));
    let line = one_by_one(REPLACE);
    assert!(crate::rig::killed_at(
        &stage,
        &line,
        "journal-answer-after:2"
    ));
    crate::rig::age(&runs(&stage)[0], Duration::from_secs(880));
    let mut resume = Watched::start(stage.process("resume"));
    resume.says("nothing is sent before");
    let id = folder_name(&runs(&stage)[0]);
    resume.signal("TERM");
    let told = resume.end();
    assert_eq!(told.code(), Some(143), "{told}");
    let words =
        format!("error: interrupted; nothing more was sent, and run {id} stays as it was\n");
    assert!(told.stderr.ends_with(&words), "{told}");
    let listed = done(&stage, "runs").stdout;
    assert!(
        listed.contains("  interrupted  at_risk    deals  replace  10 of 23"),
        "{listed}"
    );
}

/// Pushes until so many requests have arrived, and sends a signal then.
fn signalled(stage: &Stage, line: &str, requests: usize, signal: &str) -> Told {
    let mut push = Watched::start(stage.process(line));
    until(|| (posts(stage).len() >= requests).then_some(()));
    push.signal(signal);
    push.end()
}

/// The last line of the last run's journal.
fn last_line(stage: &Stage) -> String {
    let text = std::fs::read_to_string(journal(runs(stage).last().unwrap())).unwrap();
    text.lines().last().unwrap().to_owned()
}

#[test]
fn what_is_in_flight_ends_and_nothing_new_begins() {
    let mut cases = Vec::new();
    for line in [UPSERT, REPLACE] {
        for signal in SIGNALS {
            cases.extend([1, 3].map(|request| (line, signal, request)));
        }
    }
    each(cases, |(line, (signal, code), request)| {
        let faults = format!("slow:0.5@{request}");
        let stage = service(READINGS[0], &faults).file("deals.csv", deals(RECORDS));
        let told = signalled(&stage, &one_by_one(line), request, signal);
        let of = format!("{line} {signal} {request}: {told}");
        assert_eq!(told.code(), Some(code), "{of}");
        assert_eq!(posts(&stage).len(), request, "{of}");
        assert!(
            told.stderr.contains("nothing new is sent"),
            "said at once: {of}"
        );
        let accepted = format!("{request} of 5 chunks accepted; table `deals` ");
        assert!(told.stderr.contains(&accepted), "{of}");
        let records = request * 5;
        let holds = match line {
            UPSERT => format!("will have {records} records of the 23 written"),
            _ => format!("is at risk: it will hold only {records} records of the 23 from about "),
        };
        assert!(told.stderr.contains(&holds), "{of}");
        let id = folder_name(&runs(&stage)[0]);
        assert!(
            told.stderr
                .contains(&format!("hint: qobra-push resume {id} --state-dir ")),
            "{of}"
        );
        let end = format!(r#"{{"line":"end","exit_code":{code},"#);
        assert!(last_line(&stage).starts_with(&end), "{of}");
        assert_eq!(done(&stage, "resume").code(), Some(0), "{of}");
        is_over(&stage, line == REPLACE, RECORDS, &of);
    });
}

/// The last answer makes the push whole: a signal that came before it changes nothing.
#[test]
fn a_signal_during_the_last_request_is_too_late() {
    each(vec![UPSERT, REPLACE], |line| {
        let stage = service(READINGS[0], "slow:0.5@5").file("deals.csv", deals(RECORDS));
        let told = signalled(&stage, &one_by_one(line), 5, "INT");
        assert_eq!(told.code(), Some(0), "{told}");
        is_over(&stage, line == REPLACE, RECORDS, &told.to_string());
    });
}

/// Nobody sits through a pause that the service asked for.
#[test]
fn a_signal_ends_a_pause() {
    each(vec![UPSERT, REPLACE], |line| {
        let stage = service(READINGS[0], "503:60@2").file("deals.csv", deals(RECORDS));
        let mut push = Watched::start(stage.process(&one_by_one(line)));
        push.says("; again in 1 min");
        push.signal("TERM");
        let told = push.end();
        assert_eq!(told.code(), Some(143), "{told}");
        assert_eq!(posts(&stage).len(), 2, "{told}");
        assert!(told.stderr.contains("1 of 5 chunks accepted"), "{told}");
        assert_eq!(done(&stage, "resume").code(), Some(0));
        is_over(&stage, line == REPLACE, RECORDS, &told.to_string());
    });
}

#[test]
fn the_second_signal_leaves_at_once() {
    let mut cases = Vec::new();
    for line in [UPSERT, REPLACE] {
        for (second, code) in SIGNALS {
            cases.extend([1, 3].map(|request| (line, second, code, request)));
        }
    }
    each(cases, |(line, second, code, request)| {
        let faults = format!("hang@{request}");
        let stage = service(READINGS[0], &faults).file("deals.csv", deals(RECORDS));
        let mut push = Watched::start(stage.process(line));
        until(|| {
            posts(&stage)
                .iter()
                .any(|seen| seen.fault.is_some())
                .then_some(())
        });
        push.signal("INT");
        push.says("nothing new is sent");
        push.signal(second);
        let told = push.end();
        assert_eq!(told.code(), Some(code), "{told}");
        assert!(!last_line(&stage).contains("\"end\""), "it left: {told}");
        assert_eq!(done(&stage, "resume").code(), Some(0));
        is_over(&stage, line == REPLACE, RECORDS, &told.to_string());
    });
}

/// What never answers is given ten seconds, and may have arrived.
#[test]
fn what_does_not_end_in_time_is_possibly_applied() {
    each(vec![UPSERT, REPLACE], |line| {
        let stage = service(READINGS[0], "hang@2").file("deals.csv", deals(RECORDS));
        let told = signalled(&stage, &one_by_one(line), 2, "INT");
        assert_eq!(told.code(), Some(130), "{told}");
        assert!(told.stderr.contains("others may have been"), "{told}");
        assert!(
            last_line(&stage).contains(r#""table_state":"unknown""#),
            "{told}"
        );
        assert_eq!(done(&stage, "resume").code(), Some(0));
        is_over(&stage, line == REPLACE, RECORDS, &told.to_string());
    });
}

/// Half a table is worse than a push that nobody watches.
#[test]
fn a_dropped_terminal_does_not_end_a_push_that_sends() {
    let cases = [UPSERT, REPLACE].map(|line| [1, 2].map(|request| (line, request)));
    each(cases.concat(), |(line, request)| {
        // From the first attempt on, though nothing was accepted yet.
        let faults = format!("slow:0.3@{request}");
        let stage = service(READINGS[0], &faults).file("deals.csv", deals(RECORDS));
        let mut push = Watched::start(stage.process(&one_by_one(line)));
        until(|| (posts(&stage).len() >= request).then_some(()));
        for _ in 0..3 {
            push.signal("HUP");
            std::thread::sleep(Duration::from_millis(10));
        }
        let told = push.end();
        assert_eq!(told.code(), Some(0), "{told}");
        is_over(&stage, line == REPLACE, RECORDS, &told.to_string());
    });
}

/// What was ignored when the program began is nothing at all, before the first request either: SIGHUP under
/// `nohup`, SIGINT behind a script's `&`.
#[test]
fn what_was_ignored_from_the_start_stays_so() {
    each(vec!["HUP", "INT", "TERM"], |signal| {
        let stage = Stage::new();
        let mut command = std::process::Command::new("sh");
        let script = format!("trap '' {signal}; exec \"$0\" - --format csv --table deals");
        command.args(["-c", &script]).arg(crate::support::program());
        let like = stage.process("");
        command.env_clear().current_dir(stage.folder().path());
        command.envs(like.get_envs().filter_map(|(k, v)| Some((k, v?))));
        let mut push = Watched::start({
            command.stdin(Stdio::piped());
            command
        });
        let mut stdin = push.child.stdin.take().unwrap();
        stdin.write_all(deals(RECORDS).as_bytes()).unwrap();
        stdin.flush().unwrap();
        until(|| (!runs(&stage).is_empty()).then_some(()));
        push.signal(signal);
        assert!(push.is_running());
        drop(stdin);
        let told = push.end();
        assert_eq!(told.code(), Some(0), "{signal}: {told}");
        is_over(&stage, false, RECORDS, &told.to_string());
    });
}
