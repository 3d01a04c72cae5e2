//! What the bar says in each state of a run, at each width.

use console::measure_text_width;
use insta::assert_snapshot;

use super::*;
use crate::base::event::Event;
use crate::base::model::RecordRange;

const WIDTHS: [usize; 4] = [20, 40, 80, 200];

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// A run, and how it looks as time goes on.
#[derive(Default)]
struct Scene {
    course: Course,
    now: Duration,
    told: String,
}

impl Scene {
    /// An event that comes at this second.
    fn at(&mut self, now: u64, event: &Event) -> &mut Self {
        self.now = seconds(now);
        self.course.take(event, self.now);
        self
    }

    /// Looks at the bar then, at each width of a terminal.
    fn look(&mut self, now: u64, what: &str) -> &mut Self {
        self.now = seconds(now);
        self.told.push_str(&format!("{now:>4} s: {what}\n"));
        for width in WIDTHS {
            for line in self.lines(width - 1) {
                self.told.push_str(&format!("{width:>5} |{line}\n"));
            }
        }
        // Whatever the width, nothing wraps, and something is said.
        for width in 1..200 {
            let lines = self.lines(width);
            assert!(!lines.is_empty(), "{what}");
            for line in lines {
                assert!(
                    !line.is_empty() && measure_text_width(&line) <= width,
                    "{width}: {line}"
                );
                let is_over = ["ETA", " 0 s left"].iter().any(|over| line.contains(over));
                assert!(!is_over, "{line}");
            }
        }
        self
    }

    fn lines(&self, width: usize) -> Vec<String> {
        lines(&self.course, None, self.now, width).unwrap()
    }

    /// What the widest terminal shows.
    fn line(&mut self, now: u64) -> String {
        self.now = seconds(now);
        self.lines(199).join("\n")
    }
}

fn sending(records: u64) -> Event {
    let chunks = records.div_ceil(5_000);
    Event::Sending { records, chunks }
}

fn attempt(chunk: u64) -> Event {
    let (attempt, bytes) = (1, 5);
    Event::Attempt {
        chunk,
        attempt,
        bytes,
    }
}

fn accepted(chunk: u64, window_left: Option<u64>) -> Event {
    Event::Accepted {
        chunk,
        range: RecordRange { first: 1, last: 1 },
        records: 5_000,
        import_id: ImportId::new("64a").unwrap(),
        took: seconds(1),
        window_left: window_left.map(seconds),
    }
}

fn retry(chunk: u64, pause: u64, for_all: bool) -> Event {
    Event::Retry {
        chunk,
        pause: seconds(pause),
        reason: "503".to_owned(),
        until: None,
        for_all,
    }
}

fn import(n: u64, status: &str, progress: Option<u8>, records: Option<u64>) -> Event {
    Event::Import {
        id: ImportId::new(&format!("6b0aa5e60019e33ac7{n:06}")).unwrap(),
        status: status.to_owned(),
        progress,
        records,
    }
}

fn following(imports: u64, earliest: Option<u64>) -> Event {
    let earliest = earliest.map(seconds);
    Event::Following { imports, earliest }
}

#[test]
fn before_anything_is_sent() {
    let mut scene = Scene::default();
    assert!(lines(&scene.course, None, seconds(0), 80).is_none());
    scene.at(0, &Event::Locked { left: seconds(300) });
    scene
        .look(0, "another push has the table")
        .look(299, "for a last second");
    scene.at(300, &Event::Step("reading the input"));
    scene.look(301, "a pipe").look(420, "a slow one");
    let bytes = Some(300 << 20);
    scene
        .at(500, &Event::Proving { bytes })
        .look(500, "the first byte");
    for n in 501..=510 {
        scene.at(n, &Event::Proved { bytes: 12 << 20 });
    }
    scene.look(510, "less than a half");
    scene
        .look(525, "nothing more comes")
        .look(526, "later than it should");
    scene
        .at(530, &Event::Proved { bytes: 180 << 20 })
        .look(530, "all of it");
    scene.at(531, &Event::Proving { bytes: None });
    scene
        .at(532, &Event::Proved { bytes: 12 << 20 })
        .look(532, "a stream");
    scene.at(540, &Event::Step("comparing with what the table holds"));
    scene.look(543, "afterwards");
    scene.at(600, &Event::Waiting { left: seconds(754) });
    scene.look(600, "an earlier replace").look(1_000, "still");
    assert_snapshot!(scene.told);
}

#[test]
fn while_records_are_sent() {
    let mut scene = Scene::default();
    scene.at(0, &sending(300_000)).at(0, &attempt(1));
    scene
        .look(1, "the first request is under way")
        .look(25, "and has no answer");
    scene.at(30, &accepted(1, Some(840)));
    for n in 2..=20 {
        scene
            .at(29 + n, &attempt(n))
            .at(30 + n, &accepted(n, Some(840 - n)));
    }
    scene
        .look(50, "a third")
        .look(60, "the next one takes its time");
    scene.at(60, &attempt(21)).look(75, "and longer");
    scene
        .at(75, &retry(21, 30, false))
        .look(75, "it failed")
        .look(104, "nearly due");
    scene.look(106, "and due");
    scene
        .at(107, &attempt(21))
        .at(108, &accepted(21, Some(760)));
    scene
        .at(108, &attempt(22))
        .at(108, &attempt(23))
        .at(109, &retry(22, 60, false));
    scene.look(109, "one of two waits");
    scene.at(110, &Event::Stopping { left: seconds(10) });
    scene
        .look(112, "a signal")
        .look(125, "and more than its time");
    assert_snapshot!(scene.told);
}

#[test]
fn a_window_ticks_once_it_is_open() {
    let mut scene = Scene::default();
    let window = |left, is_open| Event::Window {
        left: seconds(left),
        is_open,
    };
    scene.at(0, &sending(10_000)).at(0, &window(870, false));
    assert!(!scene.line(5).contains("window"));
    scene.at(5, &window(865, true));
    assert!(
        scene.line(6).contains("window closes in 14 min 24 s"),
        "{}",
        scene.line(6)
    );
    assert!(scene.line(865).contains("window closes in 5 s"));
    assert!(scene.line(999).contains("the window is over"));
    scene
        .at(1_000, &accepted(1, Some(0)))
        .at(1_000, &accepted(2, Some(0)));
    assert_eq!(scene.line(1_000), "all 10,000 records accepted");
}

/// The service that asks for less gets nothing until the longest of its times is over.
#[test]
fn nothing_goes_before_all_may_go() {
    let mut scene = Scene::default();
    scene
        .at(0, &sending(20_000))
        .at(0, &attempt(1))
        .at(0, &attempt(2));
    scene.at(1, &retry(1, 60, true)).at(1, &retry(2, 5, false));
    assert!(
        scene.line(2).contains("waiting: chunk 2 again in 59 s"),
        "{}",
        scene.line(2)
    );
    scene.at(61, &attempt(2)).at(62, &accepted(2, None));
    assert!(
        scene.line(62).contains("chunk 1 again at once"),
        "{}",
        scene.line(62)
    );
}

/// A pause says nothing of how fast records go.
#[test]
fn what_is_left_is_told_at_the_pace_of_what_goes() {
    let mut scene = Scene::default();
    scene.at(0, &sending(20_000));
    scene.at(0, &attempt(1)).at(10, &accepted(1, None));
    assert!(
        scene.line(10).contains("about 30 s left"),
        "{}",
        scene.line(10)
    );
    scene.at(10, &attempt(2)).at(10, &retry(2, 600, false));
    assert!(!scene.line(300).contains("left"), "{}", scene.line(300));
    scene.at(610, &attempt(2)).at(620, &accepted(2, None));
    assert!(
        scene.line(620).contains("about 20 s left"),
        "{}",
        scene.line(620)
    );
}

#[test]
fn while_imports_are_followed() {
    let mut scene = Scene::default();
    scene
        .at(0, &following(2, Some(871)))
        .look(0, "the debounce");
    for n in 1..=2 {
        scene.at(1, &import(n, "scheduled", None, None));
    }
    let looked = |open, left| Event::Looked {
        open,
        left: seconds(left),
    };
    scene.at(1, &looked(2, 4_470));
    scene
        .look(2, "both are seen")
        .look(870, "the last second of it")
        .look(872, "over");
    scene.at(880, &import(1, "started", Some(40), Some(5_000)));
    scene.at(880, &looked(2, 3_591)).look(880, "one goes on");
    scene.at(890, &import(1, "finished", Some(100), Some(12_000)));
    scene.at(890, &looked(1, 3_581)).look(890, "and has ended");
    assert_snapshot!(scene.told);
}

#[test]
fn an_import_that_begins_early_is_seen_to() {
    let mut scene = Scene::default();
    scene.at(0, &following(1, Some(900)));
    scene.at(1, &import(1, "started", Some(1), None));
    let line = scene.line(2);
    assert!(
        line.starts_with("following 1 import\n") && line.contains(":  started  1 %"),
        "{line}"
    );
}

#[test]
fn many_imports_are_counted() {
    let mut scene = Scene::default();
    scene.at(0, &following(400, None)).look(0, "none is seen");
    for n in 1..=400 {
        let status = if n <= 100 { "finished" } else { "scheduled" };
        scene.at(1, &import(n, status, None, None));
    }
    let (open, left) = (300, seconds(3_600));
    scene
        .at(1, &Event::Looked { open, left })
        .look(1, "all are");
    assert_snapshot!(scene.told);
}

#[test]
fn each_of_several_tables_is_named() {
    let course = Course::Quiet { until: seconds(60) };
    let drawn = [20, 40, 80].map(|width| {
        let lines = lines(&course, Some("opportunities"), seconds(0), width);
        lines.unwrap().join("\n")
    });
    assert_eq!(
        drawn,
        [
            "wait  1 min at most",
            "opportunities:  wait  1 min at most",
            "opportunities:  waiting for an earlier replace of the table  1 min at most"
        ]
    );
}

#[test]
fn when_it_is_over_nothing_is_shown() {
    for end in [Event::Over, Event::Interrupted(String::new())] {
        let mut scene = Scene::default();
        scene.at(0, &sending(5)).at(1, &end);
        assert!(lines(&scene.course, None, scene.now, 80).is_none());
    }
    // What takes no time is not told either, though it goes on.
    let mut scene = Scene::default();
    scene.at(0, &Event::Step("reading"));
    assert_eq!(scene.lines(80), [""; 0]);
}
