//! What a terminal shows of what is drawn on it.

use std::num::NonZero;

use super::*;

/// A number of rows or columns.
fn of(n: u16) -> NonZero<u16> {
    NonZero::new(n).unwrap()
}

/// A terminal, and lines that are drawn on it.
struct Scene {
    terminal: Arc<Mutex<vt100::Parser>>,
    live: Arc<Live>,
    said: Arc<Mutex<Option<Vec<String>>>>,
    _panel: Arc<Panel>,
    writes: Arc<Mutex<u32>>,
}

impl Scene {
    fn new(rows: u16, columns: u16) -> Self {
        let terminal = Arc::new(Mutex::new(vt100::Parser::new(of(rows), of(columns), 0)));
        let writes = Arc::new(Mutex::new(0));
        let (shows, sized, written) = (
            Arc::clone(&terminal),
            Arc::clone(&terminal),
            Arc::clone(&writes),
        );
        let live = Live::new(Screen {
            write: Arc::new(move |text| {
                shows.lock().unwrap().process(text.as_bytes());
                *written.lock().unwrap() += 1;
            }),
            size: Arc::new(move || {
                let (rows, columns) = sized.lock().unwrap().screen().size();
                (rows.get(), columns.get())
            }),
        });
        let (said, panel) = panel("deals");
        live.add(&panel);
        // Nothing but what a test does draws: no tick comes between.
        live.area().is_ticking = true;
        Self {
            terminal,
            live,
            said,
            _panel: panel,
            writes,
        }
    }

    fn say(&self, lines: &[&str]) {
        say(&self.said, lines);
        self.live.draw();
    }

    fn log(&self, text: &str) {
        let write = || self.terminal.lock().unwrap().process(text.as_bytes());
        self.live.suspend(write);
    }

    fn shown(&self) -> String {
        let terminal = self.terminal.lock().unwrap();
        terminal.screen().contents()
    }
}

type Said = Arc<Mutex<Option<Vec<String>>>>;

fn say(said: &Said, lines: &[&str]) {
    let lines: Vec<_> = lines.iter().map(|line| (*line).to_owned()).collect();
    *said.lock().unwrap() = (!lines.is_empty()).then_some(lines);
}

/// Lines as they are said, cut to the width, with a name where there are others.
fn panel(name: &'static str) -> (Said, Arc<Panel>) {
    let said = Said::default();
    let lines = Arc::clone(&said);
    let panel = move |width: usize, is_named: bool| {
        let lines = lines.lock().unwrap().clone()?;
        let lines = lines.into_iter().map(|line| {
            let line = if is_named {
                format!("{name} {line}")
            } else {
                line
            };
            line.chars().take(width).collect()
        });
        Some(lines.collect())
    };
    (said, Arc::new(panel))
}

#[test]
fn lines_are_drawn_over_themselves_below_what_is_written() {
    let scene = Scene::new(6, 20);
    scene.log("one\r\n");
    scene.say(&["a long bar", "and", "more"]);
    assert_eq!(scene.shown(), "one\na long bar\nand\nmore");
    scene.log("two\r\n");
    assert_eq!(scene.shown(), "one\ntwo\na long bar\nand\nmore");
    scene.say(&["short"]);
    assert_eq!(scene.shown(), "one\ntwo\nshort");
    scene.say(&["b", "c"]);
    // At the end of the screen, which moves up.
    scene.log("three\r\nfour\r\n");
    assert_eq!(scene.shown(), "one\ntwo\nthree\nfour\nb\nc");
    scene.say(&["b", "c", "d", "e"]);
    assert_eq!(scene.shown(), "three\nfour\nb\nc\nd\ne");
    scene.say(&["f"]);
    scene.log("five\r\n");
    assert_eq!(scene.shown(), "three\nfour\nfive\nf");
    scene.say(&[]);
    assert_eq!(scene.shown(), "three\nfour\nfive");
    scene.log("six\r\n");
    assert_eq!(scene.shown(), "three\nfour\nfive\nsix");
}

#[test]
fn what_is_the_same_is_not_drawn_again() {
    let scene = Scene::new(5, 20);
    scene.say(&["a"]);
    let writes = *scene.writes.lock().unwrap();
    scene.say(&["a"]);
    assert_eq!(*scene.writes.lock().unwrap(), writes);
}

#[test]
fn no_size_of_a_terminal_is_too_small() {
    let lines = ["a line of some length", "another", "third"];
    for rows in 1..=6 {
        for columns in 1..=24 {
            let scene = Scene::new(rows, columns);
            scene.say(&lines);
            scene.say(&lines[..2]);
            let terminal = scene.terminal.lock().unwrap();
            let screen = terminal.screen();
            let shown: Vec<_> = screen.rows(0, columns).collect();
            let room = usize::from(rows - 1) * usize::from(columns > 1);
            for (n, row) in shown.iter().enumerate() {
                let line = lines[..2].get(n).filter(|_| n < room).unwrap_or(&"");
                let line: String = line.chars().take(usize::from(columns - 1)).collect();
                assert_eq!(row.trim_end(), line.trim_end(), "{rows} x {columns}");
                assert!(!screen.row_wrapped(u16::try_from(n).unwrap()));
            }
        }
    }
}

#[test]
fn a_size_that_changes_is_heeded() {
    let scene = Scene::new(6, 30);
    scene.log("one\r\n");
    for (rows, columns) in [(6, 20), (4, 12), (6, 60), (2, 7), (5, 40)] {
        let resize = |terminal: &mut vt100::Parser| {
            terminal.screen_mut().set_size(of(rows), of(columns));
        };
        resize(&mut scene.terminal.lock().unwrap());
        scene.say(&["sending 40 %  about 12 s left"]);
        let width = usize::from(columns - 1);
        let bar: String = "sending 40 %  about 12 s left"
            .chars()
            .take(width)
            .collect();
        let shown = scene.shown();
        let last = shown.lines().last().unwrap();
        assert_eq!(
            last.trim_end(),
            bar.trim_end(),
            "{rows} x {columns}: {shown}"
        );
    }
    scene.say(&[]);
    assert!(!scene.shown().contains("sending"));
}

#[test]
fn several_are_named_and_those_that_are_gone_are_not_drawn() {
    let scene = Scene::new(6, 30);
    scene.say(&["is sent"]);
    assert_eq!(scene.shown(), "is sent");
    let (said, panel) = panel("users");
    scene.live.add(&panel);
    say(&said, &["wait"]);
    scene.live.draw();
    assert_eq!(scene.shown(), "deals is sent\nusers wait");
    drop(panel);
    scene.live.draw();
    assert_eq!(scene.shown(), "is sent");
    scene.live.close();
    scene.log("interrupted\r\n");
    scene.say(&["is sent"]);
    assert_eq!(scene.shown(), "interrupted");
}
