//! Each fault of the network and of answers, as bytes on a raw socket: at the first, a middle and the
//! last chunk, of an upsert and of a replace, once and for good. Judged by what the table holds.
//! `faults` does the same for what the stand-in itself can do wrong.

mod gone;
mod odd;
mod rows;
mod statuses;

use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use assert_cmd::Command;

use crate::faults::expected::{Mode, at_risk, expected, unknown, verdict};
use crate::service::front::{Ends, Fault, Front, Reads, Says};
use crate::stage::{OLD, Stage, deals, numbers, sorted_ids};
use crate::support::{Folder, KEY, Told, run};
use rows::{AMBIGUOUS, IDLE, REFUSALS, SLOW, STEADY, TOO_LARGE};

const MODES: [Mode; 2] = [Mode::Upsert, Mode::Replace];

/// How often a fault is met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Times {
    Once,
    Always,
}

/// One push in trouble: three chunks of ten records, one after the other.
#[derive(Clone, Copy, Debug)]
struct Case {
    fault: Fault,
    mode: Mode,
    /// The chunk that meets the fault, from 1.
    chunk: usize,
    times: Times,
}

/// What a push in trouble came to.
struct Ended<'a> {
    case: Case,
    told: Told,
    stage: &'a Stage,
    met: usize,
}

/// Each fault at each place in both modes.
fn cases<'a>(faults: impl IntoIterator<Item = &'a Fault>, times: Times) -> Vec<Case> {
    let mut cases = Vec::new();
    for fault in faults {
        for chunk in 1..=3 {
            cases.extend(MODES.map(|mode| Case {
                fault: *fault,
                mode,
                chunk,
                times,
            }));
        }
    }
    assert!(!cases.is_empty());
    cases
}

/// Runs so many cases at a time, and looks at each with `judge`. Every fault must have been met.
fn judged(cases: Vec<Case>, at_once: usize, judge: impl Fn(&Ended) + Sync) {
    let queue = Mutex::new(cases.into_iter());
    let next = || queue.lock().unwrap().next();
    thread::scope(|scope| {
        for _ in 0..at_once {
            scope.spawn(|| {
                while let Some(case) = next() {
                    let stage = Stage::behind().file("data.csv", deals(30));
                    let hit = match case.times {
                        Times::Once => case.chunk..=case.chunk,
                        Times::Always => case.chunk..=usize::MAX,
                    };
                    let front = Front::new(stage.running.addr, case.fault, hit);
                    let told = pushed(&stage, &front, case);
                    let met = front.met();
                    assert!(met > 0, "{} was never met: {told}", case.fault.name);
                    judge(&Ended {
                        case,
                        told,
                        stage: &stage,
                        met,
                    });
                }
            });
        }
    });
}

fn pushed(stage: &Stage, front: &Front, case: Case) -> Told {
    let mode = mode_words(case.mode);
    let patience = match case.times {
        Times::Once => "",
        Times::Always => "--retry-for 1",
    };
    let line = format!("data.csv -t deals --chunk-size 10 --jobs 1 {mode} {patience}");
    run(&mut through(stage, front, &line))
}

fn mode_words(mode: Mode) -> &'static str {
    match mode {
        Mode::Upsert => "",
        Mode::Replace => "--all --debounce 900",
    }
}

/// The program, pointed at the socket in front of the service.
fn through(stage: &Stage, front: &Front, line: &str) -> Command {
    let mut command = stage.push(line);
    command.env("QOBRA_BASE_URL", format!("http://{}", front.address));
    command
}

impl Ended<'_> {
    /// Chunks before the one that met the fault.
    fn arrived(&self) -> u64 {
        self.case.chunk as u64 - 1
    }

    fn ends_with(&self, code: i32) {
        let Self { case, told, .. } = self;
        assert_eq!(told.code(), Some(code), "{case:?}: {told}");
    }

    /// The table is exactly the new one, and the ids that were told are the service's, in order.
    fn is_new(&self) {
        let Self {
            case, told, stage, ..
        } = self;
        self.ends_with(0);
        let table = stage.settled();
        assert_eq!(sorted_ids(&table), expected(case.mode, 30), "{case:?}");
        assert_eq!(table.deletes, u64::from(case.mode == Mode::Replace));
        let mut imports = table.imports.iter();
        for id in told.stdout.lines() {
            assert!(imports.any(|import| import == id), "{case:?}: {told}");
        }
    }

    /// So many chunks went live, and the last line says as much.
    fn holds(&self, chunks: u64, said: &str) {
        let Self {
            case, told, stage, ..
        } = self;
        assert_eq!(verdict(told), said, "{case:?}: {told}");
        let written = sorted_ids(&stage.settled());
        assert_eq!(written, expected(case.mode, 10 * chunks), "{case:?}");
    }

    /// Nothing of the faulty chunk was applied: a push that came to nothing ends with `alone`.
    fn is_not_applied(&self, alone: i32) {
        let arrived = self.arrived();
        self.ends_with(if arrived == 0 { alone } else { 6 });
        self.holds(arrived, &at_risk(arrived, self.case.mode));
    }

    /// The faulty chunk may have been applied.
    fn is_in_doubt(&self) {
        let (arrived, applied) = (self.arrived(), u64::from(self.case.fault.applies));
        self.ends_with(6);
        self.holds(arrived + applied, &unknown(arrived, self.case.mode));
    }

    fn was_asked_once(&self) {
        let Self {
            case, told, met, ..
        } = self;
        assert_eq!(*met, 1, "{case:?}: {told}");
    }
}

#[test]
fn what_may_have_been_applied_is_sent_again() {
    judged(cases(&AMBIGUOUS, Times::Once), 8, |ended| {
        ended.is_new();
        ended.was_asked_once();
        let Ended { case, told, .. } = ended;
        // None of them takes until the time limit: of an answer without an end a part is enough.
        let is_prompt = !told.stderr.contains("no answer within");
        let is_said = told.stderr.contains("warning: chunk ");
        assert!(is_said && is_prompt, "{case:?}: {told}");
    });
}

#[test]
fn what_stays_ambiguous_is_never_called_untouched() {
    let all = cases(&AMBIGUOUS, Times::Always);
    judged(all, 16, |ended| ended.is_in_doubt());
}

/// Half a minute, which is what the product itself waits: both at once.
#[test]
fn the_time_limit_ends_what_never_ends_and_nothing_else() {
    thread::scope(|scope| {
        scope.spawn(a_slow_but_steady_link_succeeds);
        scope.spawn(the_time_limit_ends_what_never_ends);
    });
}

fn the_time_limit_ends_what_never_ends() {
    let once = cases(&SLOW, Times::Once);
    let always = cases(&SLOW, Times::Always);
    let all = [once, always].concat();
    let at_once = all.len();
    judged(all, at_once, |ended| match ended.case.times {
        Times::Once => ended.is_new(),
        Times::Always => {
            ended.is_in_doubt();
            let limit = "no answer within 30 s";
            assert!(ended.told.stderr.contains(limit), "{}", ended.told);
        }
    });
}

/// It takes longer than half a minute, and the limit grows with the body.
fn a_slow_but_steady_link_succeeds() {
    thread::scope(|scope| {
        for mode in MODES {
            scope.spawn(move || {
                let name = "x".repeat(100_000);
                let rows: String = (1..=30).map(|id| format!("{id},{name}\n")).collect();
                let stage = Stage::behind().file("data.csv", format!("id,name\n{rows}"));
                let front = Front::new(stage.running.addr, STEADY, 1..=1);
                let line = format!("data.csv -t deals {}", mode_words(mode));
                let told = run(&mut through(&stage, &front, &line));
                assert_eq!((told.code(), front.met()), (Some(0), 1), "{told}");
                assert!(!told.stderr.contains("warning: "), "once: {told}");
                assert_eq!(stage.records(), [Some(30)], "{told}");
                assert_eq!(sorted_ids(&stage.settled()), expected(mode, 30));
            });
        }
    });
}

/// Eight megabytes do not fit into the sockets of a server that never reads them.
#[test]
fn a_server_that_never_reads_is_left_when_the_window_is_over() {
    let never = SLOW[3];
    let name = "x".repeat(400_000);
    let rows: String = (1..=30).map(|id| format!("{id},{name}\n")).collect();
    let stage = Stage::behind().file("data.csv", format!("id,name\n{rows}"));
    let front = Front::new(stage.running.addr, never, 2..=usize::MAX);
    let line = "data.csv -t deals --all --debounce 12 --chunk-seconds 0.1 --chunk-size 20 --jobs 1";
    let told = run(&mut through(&stage, &front, line));
    assert_eq!((told.code(), front.met()), (Some(6), 1), "{told}");
    assert!(
        told.stderr
            .contains("the window (--debounce) has no time left"),
        "{told}"
    );
    assert!(verdict(&told).starts_with("1 of 2 chunks accepted; table `deals` is at risk"));
    assert_eq!(sorted_ids(&stage.settled()), numbers(1..=20));
}

#[test]
fn a_closed_idle_connection_is_nobodys_business() {
    judged(cases(&IDLE, Times::Always), 8, |ended| {
        // A reset may overtake the answer: then the chunk is sent until one is read.
        ended.is_new();
    });
}

#[test]
fn a_refusal_stands_though_its_words_are_cut() {
    judged(cases(&REFUSALS, Times::Once), 8, |ended| {
        ended.is_not_applied(4);
        ended.was_asked_once();
    });
}

#[test]
fn too_large_before_the_body_was_read_is_cut_in_halves() {
    judged(cases(&TOO_LARGE, Times::Once), 8, |ended| {
        ended.is_new();
        ended.was_asked_once();
        // Later chunks are cut beforehand.
        assert!(
            (4..=6).contains(&ended.stage.records().len()),
            "{}",
            ended.told
        );
    });
    judged(cases(&TOO_LARGE, Times::Always), 8, |ended| {
        let arrived = ended.arrived();
        ended.ends_with(if arrived == 0 { 4 } else { 6 });
        let written = sorted_ids(&ended.stage.settled());
        assert_eq!(
            written,
            expected(ended.case.mode, 10 * arrived),
            "{}",
            ended.told
        );
        let line = format!("data.csv, line {})", 10 * arrived + 2);
        assert!(ended.told.stderr.contains(&line), "{}", ended.told);
    });
}

/// A body too large for the sockets is still being sent when the answer comes.
#[test]
fn an_early_refusal_of_a_large_body_is_heard() {
    let early = |fault: Fault, code| {
        for mode in MODES {
            let name = "x".repeat(400_000);
            let rows: String = (1..=30).map(|id| format!("{id},{name}\n")).collect();
            let stage = Stage::behind().file("data.csv", format!("id,name\n{rows}"));
            let front = Front::new(stage.running.addr, fault, 1..=1);
            let line = format!("data.csv -t deals {}", mode_words(mode));
            let told = run(&mut through(&stage, &front, &line));
            assert_eq!(
                (told.code(), front.met()),
                (Some(code), 1),
                "{fault:?}: {told}"
            );
            let written = if code == 0 { 30 } else { 0 };
            let table = stage.settled();
            assert_eq!(
                sorted_ids(&table),
                expected(mode, written),
                "{fault:?}: {told}"
            );
        }
    };
    thread::scope(|scope| {
        scope.spawn(|| early(TOO_LARGE[0], 0));
        scope.spawn(|| early(TOO_LARGE[1], 0));
        scope.spawn(|| early(REFUSALS[2], 4));
    });
}

/// Ten seconds, which is what the product itself waits.
#[test]
fn a_connection_that_never_comes_about() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    // A queue of no length, filled: the kernel leaves further calls unanswered.
    rustix::net::listen(&listener, 0).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&address, Duration::from_millis(300)) {
        queue.push(stream);
    }
    unreachable(&format!("http://{address}"), "127.0.0.1");
}

#[test]
fn a_host_that_no_name_server_knows() {
    unreachable("https://no-such-host.invalid", "no-such-host.invalid");
}

/// Exit code 5, untouched, and the host is named.
fn unreachable(url: &str, host: &str) {
    thread::scope(|scope| {
        for mode in MODES {
            scope.spawn(move || {
                let folder = Folder::new().with("data.csv", deals(30));
                let line = format!("data.csv -t deals --retry-for 0 {}", mode_words(mode));
                let told = run(folder
                    .push()
                    .args(line.split_whitespace())
                    .args(["--base-url", url])
                    .env("QOBRA_API_KEY", KEY));
                assert_eq!(told.code(), Some(5), "{told}");
                let untouched = "0 of 1 chunk accepted; table `deals` is untouched";
                assert_eq!(verdict(&told), untouched, "{told}");
                let named = told.stderr.contains(host) && told.stderr.contains("no connection: ");
                assert!(named, "{told}");
            });
        }
    });
}

/// The table's own assumptions.
#[test]
fn a_front_that_breaks_nothing_changes_nothing() {
    let never = Fault {
        name: "nothing",
        reads: Reads::All,
        applies: true,
        says: Says::Status(500, ""),
        ends: Ends::Keeps,
    };
    let stage = Stage::behind().file("data.csv", deals(30));
    let front = Front::new(stage.running.addr, never, 100..=100);
    let told = run(&mut through(
        &stage,
        &front,
        "data.csv -t deals --chunk-size 10",
    ));
    assert_eq!((told.code(), front.met()), (Some(0), 0), "{told}");
    let ids = sorted_ids(&stage.settled());
    assert_eq!(ids.len(), 30 + OLD.len());
}
