//! The bar on real terminals, read as they would show it, after each time that it was drawn.

use std::fs::File;
use std::io::{PipeReader, Read as _, pipe};
use std::num::NonZero;
use std::process::Child;
use std::thread;

use qobra_push::{SandboxClock, SandboxOptions, parse_faults};
use regex::Regex;
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

use crate::stage::{Stage, deals, numbers, options, sorted_ids, table};
use crate::support::{KEY, tidy};

const WIDTHS: [u16; 4] = [20, 40, 80, 200];

/// So many that all that is told stays on the screen.
const ROWS: u16 = 100;

/// What ends each drawing of the bar, and what stands between two of its lines.
const END: &str = "\u{1b}[J";
const BETWEEN: &str = "\u{1b}[K";

/// The program on a terminal.
struct Watched {
    child: Child,
    pty: File,
    stdout: PipeReader,
    screen: vt100::Parser,
    /// What the terminal got and the screen does not show yet.
    rest: String,
    /// Whether what comes may still have been drawn for another width.
    is_resized: bool,
}

/// How it ended.
struct Ended {
    code: Option<i32>,
    stdout: String,
    /// What the terminal shows, each line in one.
    shown: String,
}

impl Watched {
    fn new(stage: &Stage, line: &str, term: &str, columns: u16) -> Self {
        let pty = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&pty).unwrap();
        unlockpt(&pty).unwrap();
        let name = ptsname(&pty, Vec::new()).unwrap();
        let mut open = File::options();
        let open = open.read(true).write(true);
        let terminal = open.open(name.to_str().unwrap()).unwrap();
        tcsetwinsize(&terminal, size(columns)).unwrap();
        let (stdout, ours) = pipe().unwrap();
        let mut process = stage.process(line);
        process.env("TERM", term).stdout(ours);
        process
            .stderr(terminal.try_clone().unwrap())
            .stdin(terminal);
        let (rows, columns) = (NonZero::new(ROWS).unwrap(), NonZero::new(columns).unwrap());
        Self {
            child: process.spawn().unwrap(),
            pty: File::from(pty),
            stdout,
            screen: vt100::Parser::new(rows, columns, 0),
            rest: String::new(),
            is_resized: false,
        }
    }

    /// The bar's lines when it was drawn the next time; none at the end.
    fn bar(&mut self) -> Option<Vec<String>> {
        let mut part = [0; 4_096];
        let drawn = loop {
            if let Some(at) = self.rest.find(END) {
                break self.rest.drain(..at + END.len()).collect::<String>();
            }
            // A terminal that nobody holds any more ends with an error.
            let read = self.pty.read(&mut part).ok()?;
            // A character may come in two parts.
            let mut bytes = part[..read].to_vec();
            while std::str::from_utf8(&bytes).is_err_and(|error| error.error_len().is_none()) {
                self.pty.read_exact(&mut part[..1]).unwrap();
                bytes.push(part[0]);
            }
            self.rest.push_str(std::str::from_utf8(&bytes).unwrap());
        };
        self.screen.process(drawn.as_bytes());
        let (screen, lines) = (self.screen.screen(), drawn.matches(BETWEEN).count());
        let (last, _) = screen.cursor_position();
        let first = usize::from(last) - lines;
        let columns = screen.size().1.get();
        for n in first.saturating_sub(1)..=usize::from(last) {
            let is_wrapped = screen.row_wrapped(u16::try_from(n).unwrap());
            let shown = screen.contents();
            assert!(self.is_resized || !is_wrapped, "{columns}: {shown}");
        }
        let rows = screen.rows(0, columns).skip(first).take(lines + 1);
        let rows: Vec<_> = rows.filter(|row| !row.is_empty()).collect();
        let is_over = |row: &String| row.contains("ETA") || row.contains(" 0 s left");
        assert!(!rows.iter().any(is_over), "{rows:?}");
        Some(rows)
    }

    /// Another width, from now on.
    fn resize(&mut self, columns: u16) {
        tcsetwinsize(&self.pty, size(columns)).unwrap();
        let (rows, columns) = (NonZero::new(ROWS).unwrap(), NonZero::new(columns).unwrap());
        self.screen.screen_mut().set_size(rows, columns);
        self.is_resized = true;
    }

    fn interrupt(&self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).unwrap();
    }

    /// Reads to the end, with the bars that are drawn until then.
    fn end(mut self) -> (Ended, Vec<Vec<String>>) {
        let mut bars = Vec::new();
        while let Some(bar) = self.bar() {
            bars.push(bar);
        }
        self.screen.process(self.rest.as_bytes());
        let mut stdout = String::new();
        self.stdout.read_to_string(&mut stdout).unwrap();
        let shown = self.screen.screen().contents();
        assert!(
            !shown.contains(KEY) && !shown.contains("panicked"),
            "{shown}"
        );
        let code = self.child.wait().unwrap().code();
        let ended = Ended {
            code,
            stdout,
            shown,
        };
        (ended, bars)
    }
}

fn size(columns: u16) -> Winsize {
    Winsize {
        ws_row: ROWS,
        ws_col: columns,
        ws_xpixel: 0,
        ws_ypixel: 0,
    }
}

/// The seconds until the debounce ends, as the bar's first line says them.
fn countdown(bar: &[String]) -> Option<u64> {
    let pattern = r"(?:^wait|to end|debounce|ends)  (?:in )?(\d+) min(?: (\d+) s)?$";
    let found = Regex::new(pattern).unwrap().captures(bar.first()?)?;
    let number = |n| {
        found
            .get(n)
            .map_or(0, |n| n.as_str().parse::<u64>().unwrap())
    };
    Some(60 * number(1) + number(2))
}

/// Each width with its test, at the same time, for the program takes its time.
fn at_each_width(test: impl Fn(u16) + Sync) {
    thread::scope(|scope| {
        for columns in WIDTHS {
            let test = &test;
            scope.spawn(move || test(columns));
        }
    });
}

/// A repetition and the debounce are counted down, and nothing of that is left when somebody ends it.
#[test]
fn what_is_waited_for_is_counted_down() {
    let line =
        "data.csv -t deals --all --debounce 900 --chunk-size 10 --jobs 1 --wait --wait-timeout 60";
    at_each_width(|columns| {
        let stage = Stage::with_faults("429:2@2").file("data.csv", deals(30));
        let mut watched = Watched::new(&stage, line, "xterm", columns);
        let (mut pauses, mut counted) = (Vec::new(), Vec::new());
        while counted.len() < 3 {
            let bar = watched.bar().expect("a countdown");
            let first = bar.first().map_or("", |line| line.as_str());
            if let Some((_, pause)) = first.split_once("again in ") {
                pauses.push(pause.split("  ").next().unwrap().to_owned());
            }
            if let Some(seconds) = countdown(&bar)
                && counted.last() != Some(&seconds)
            {
                counted.push(seconds);
            }
        }
        // A busy machine may have been late for the second one.
        pauses.dedup();
        assert!(
            ["2 s", "1 s"].starts_with(&pauses.iter().map(String::as_str).collect::<Vec<_>>())
                && !pauses.is_empty(),
            "{pauses:?}"
        );
        assert!(
            counted.is_sorted_by(|a, b| a > b) && counted[0] <= 900,
            "{counted:?}"
        );
        watched.interrupt();
        let (ended, _) = watched.end();
        let (shown, code) = (&ended.shown, ended.code);
        assert_eq!(code, Some(130), "{shown}");
        let gone = ["sending  ", "wait  ", "  in ", ":  scheduled", "…"];
        assert!(!gone.iter().any(|gone| shown.contains(gone)), "{shown}");
        assert_eq!(sorted_ids(&stage.settled()), numbers(1..=30));
    });
}

/// What stands on the terminal afterwards is what a push without a bar leaves there, but for its lines of
/// progress.
#[test]
fn nothing_is_left_of_it() {
    let line = "data.csv -t deals --all --debounce 900 --chunk-size 10 --jobs 1";
    at_each_width(|columns| {
        let [bare, barred] = ["--no-progress", ""].map(|option| {
            let stage = Stage::with_faults("503@2,slow:0.6@4").file("data.csv", deals(30));
            let line = format!("{line} {option}");
            let (ended, bars) = Watched::new(&stage, &line, "xterm", columns).end();
            assert_eq!(ended.code, Some(0), "{}", ended.shown);
            let table = stage.settled();
            assert_eq!(sorted_ids(&table), numbers(1..=30));
            assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), table.imports);
            let is_bar = |bar: &Vec<String>| bar.first().is_some_and(|line| line.contains('%'));
            assert_eq!(bars.iter().any(is_bar), option.is_empty(), "{bars:?}");
            tidy(&ended.shown)
        });
        let bare = bare
            .lines()
            .filter(|line| !line.contains(" records accepted ("))
            .collect::<Vec<_>>();
        assert!(bare.len() > 3);
        assert_eq!(barred.lines().collect::<Vec<_>>(), bare, "{columns}");
    });
}

#[test]
fn a_terminal_that_is_made_narrower() {
    let stage = Stage::new().file("data.csv", deals(30));
    let line = "data.csv -t deals --all --debounce 900 --wait --wait-timeout 60";
    let mut watched = Watched::new(&stage, line, "xterm", 200);
    while countdown(&watched.bar().expect("a countdown")).is_none() {}
    for columns in [40, 20, 80] {
        watched.resize(columns);
        let wanted = match columns {
            20 => "wait  ",
            40 => "debounce ends  ",
            _ => "waiting for the debounce to end  ",
        };
        let is_wanted = |bar: Vec<String>| bar.first().is_some_and(|line| line.starts_with(wanted));
        while !is_wanted(watched.bar().expect("a bar")) {}
        watched.is_resized = false;
        while countdown(&watched.bar().expect("a countdown")).is_none() {}
    }
    watched.interrupt();
    let (ended, _) = watched.end();
    assert_eq!(ended.code, Some(130), "{}", ended.shown);
    assert_eq!(stage.settled().records.len(), 30);
}

/// While imports are followed each has a line of its own.
#[test]
fn followed_imports_are_drawn() {
    let options = SandboxOptions {
        clock: SandboxClock::real(),
        ..options()
    };
    let stage = Stage::of(options).file("data.csv", deals(30));
    let line = "data.csv -t deals --chunk-size 15 --jobs 1 --wait";
    let (ended, bars) = Watched::new(&stage, line, "xterm", 120).end();
    assert_eq!(ended.code, Some(0), "{}", ended.shown);
    let ids: Vec<_> = ended.stdout.lines().collect();
    assert_eq!(ids, stage.held().imports);
    for id in ids {
        let line = format!("import {id}:  finished  15 records");
        assert!(
            bars.iter().flatten().any(|bar| *bar == line),
            "{line:?} in {bars:#?}"
        );
    }
}

/// Each table of a sync has a bar of its own, for as long as something is left to do for it.
#[test]
fn the_tables_of_a_sync_are_named() {
    let options = SandboxOptions {
        tables: vec![table("deals", "id"), table("users", "id")],
        faults: parse_faults("slow:1@4").unwrap(),
        ..options()
    };
    let push = |name: &str| {
        format!(
            "[push.{name}]\ntable = \"{name}\"\nfiles = [\"data.csv\"]\nchunk_size = 10\n\
             jobs = 1\nall = true\ndebounce = 900\nwait = true\n"
        )
    };
    let project = ["deals", "users"].map(push).concat();
    let stage = Stage::of(options).file("data.csv", deals(20));
    let stage = stage.file("qobra-push.toml", project);
    let mut watched = Watched::new(&stage, "sync --wait-timeout 60", "xterm", 80);
    for wanted in [
        &["sending  "][..],
        &["deals:  all 20 records accepted", "users:  sending  "],
        &[
            "deals:  waiting for the debounce to end  in 1",
            "import ",
            "users:  all 20 records accepted",
        ],
    ] {
        let is_wanted = |bar: Vec<String>| {
            let mut pairs = bar.iter().zip(wanted);
            bar.len() == wanted.len() && pairs.all(|(line, wanted)| line.starts_with(wanted))
        };
        while !is_wanted(watched.bar().expect("a bar")) {}
    }
    watched.interrupt();
    let (ended, _) = watched.end();
    assert_eq!(ended.code, Some(130), "{}", ended.shown);
    let is_left = |line: &str| line.contains(":  ") && !line.starts_with(' ');
    assert!(!ended.shown.lines().any(is_left), "{}", ended.shown);
}

#[test]
fn a_terminal_of_one_column_has_no_bar() {
    let stage = Stage::with_faults("slow:0.6@2").file("data.csv", deals(30));
    let line = "data.csv -t deals --chunk-size 10 --jobs 1";
    let (ended, bars) = Watched::new(&stage, line, "xterm", 1).end();
    assert_eq!((ended.code, bars.concat().len()), (Some(0), 0), "{bars:?}");
}

#[test]
fn a_dumb_terminal_gets_plain_lines() {
    for term in ["dumb", ""] {
        let stage = Stage::with_faults("500@2").file("data.csv", deals(30));
        let line = "data.csv -t deals --chunk-size 10 --jobs 1";
        let watched = Watched::new(&stage, line, term, 80);
        let (ended, bars) = watched.end();
        let shown = ended.shown;
        assert_eq!((ended.code, bars.len()), (Some(0), 0), "{shown}");
        assert!(
            shown.contains("30 of 30 records accepted (100 %)"),
            "{shown}"
        );
    }
}
