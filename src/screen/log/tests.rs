//! What a log says of a run, at which second of it.

use insta::assert_snapshot;
use jiff::Timestamp;

use super::*;
use crate::base::log::{About, LogStyle};
use crate::base::model::RecordRange;

fn id(id: &str) -> ImportId {
    ImportId::new(id).unwrap()
}

fn time(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// Takes events that come at these times; gives each line behind its time.
struct Scene {
    log: Log,
    style: LogStyle,
    told: String,
}

impl Scene {
    fn new(detail: Detail) -> Self {
        Self {
            log: Log::new(detail),
            style: LogStyle::Plain,
            told: String::new(),
        }
    }

    fn at(&mut self, now: f64, event: Event) {
        for entry in self.log.take(&event, Duration::from_secs_f64(now)) {
            let about = About {
                run: None,
                table: Some("deals".to_owned()),
            };
            let text = entry.text(self.style, Timestamp::UNIX_EPOCH, &about);
            self.told.push_str(&format!("{now:>6.1} s  {text}"));
        }
    }

    /// So many chunks of so many records each, one after the other from one second on.
    fn send(&mut self, chunks: u64, each: u64, pause: f64) {
        let records = chunks * each;
        self.at(0.0, Event::Sending { records, chunks });
        for chunk in 1..=chunks {
            let now = chunk as f64 * pause;
            self.at(now, accepted(chunk, each, 900.0 - now));
        }
    }
}

fn accepted(chunk: u64, records: u64, left: f64) -> Event {
    Event::Accepted {
        chunk,
        range: RecordRange { first: 1, last: 1 },
        records,
        import_id: id("64a"),
        took: time(2),
        window_left: Some(Duration::from_secs_f64(left)),
    }
}

#[test]
fn sending_has_a_line_in_ten_seconds_with_the_first_and_the_last() {
    let mut scene = Scene::new(Detail::Paced);
    scene.send(400, 5_000, 0.1);
    assert_snapshot!(scene.told);
    // What is the first and the last is told once.
    let mut one = Scene::new(Detail::Paced);
    one.send(1, 30, 0.1);
    assert_eq!(one.told, "   0.1 s  30 of 30 records accepted (100 %)\n");
}

#[test]
fn whoever_asks_for_more_sees_each_chunk_besides() {
    let mut scene = Scene::new(Detail::Each);
    scene.send(3, 10, 1.5);
    assert_snapshot!(scene.told);
    let mut watched = Scene::new(Detail::None);
    watched.send(3, 10, 1.5);
    assert_eq!(watched.told, "");
}

#[test]
fn proving_is_told_where_it_takes_long() {
    let mut scene = Scene::new(Detail::Paced);
    let step = Event::Proved { bytes: 100 << 20 };
    for total in [Some(4_000 << 20), None] {
        scene.at(0.0, Event::Proving { bytes: total });
        (1..=40).for_each(|n| scene.at(f64::from(n), step.clone()));
    }
    assert_snapshot!(scene.told);
}

#[test]
fn waits_grow_quiet() {
    let mut scene = Scene::new(Detail::Paced);
    let at = |n: u64| (n * 15) as f64;
    for n in 0..60 {
        let left = time(900 - n * 15);
        scene.at(at(n), Event::Waiting { left });
    }
    let (imports, earliest) = (2, Some(time(900)));
    scene.at(900.0, Event::Following { imports, earliest });
    for n in 60..160 {
        if n == 120 {
            let (status, progress) = ("started".to_owned(), Some(40));
            scene.at(
                at(n),
                Event::Import {
                    id: id("64a"),
                    status,
                    progress,
                    records: Some(5_000),
                },
            );
        }
        let left = time(4_500 - n * 15);
        scene.at(at(n), Event::Looked { open: 2, left });
    }
    assert_snapshot!(scene.told);
}

#[test]
fn many_imports_share_a_line() {
    for (detail, lines) in [(Detail::Paced, 2), (Detail::Each, 402)] {
        let mut scene = Scene::new(detail);
        let (imports, earliest) = (400, None);
        scene.at(0.0, Event::Following { imports, earliest });
        for n in 0..400 {
            let id = id(&format!("{n:024x}"));
            let status = if n < 100 { "finished" } else { "scheduled" }.to_owned();
            let (progress, records) = (None, None);
            scene.at(
                1.0,
                Event::Import {
                    id,
                    status,
                    progress,
                    records,
                },
            );
        }
        let (open, left) = (300, time(3_600));
        scene.at(10.0, Event::Looked { open, left });
        assert_eq!(scene.told.lines().count(), lines);
        assert!(scene.told.ends_with(
            "300 of 400 imports not ended (100 finished, 300 scheduled); followed for another 1 h at most\n"
        ));
    }
}

#[test]
fn programs_get_the_numbers() {
    let mut scene = Scene::new(Detail::Each);
    scene.style = LogStyle::Json;
    scene.at(0.0, Event::Proving { bytes: Some(1_000) });
    scene.at(10.0, Event::Proved { bytes: 500 });
    let totals = ["totals of 2 records", "  field  filled", "  id     2"].map(str::to_owned);
    scene.at(10.0, Event::Totals(totals.to_vec()));
    scene.at(
        10.0,
        Event::Alarm {
            message: "odd".to_owned(),
            hint: Some("look".to_owned()),
        },
    );
    scene.at(10.0, Event::BadRecord("data.csv, line 2: bad".to_owned()));
    scene.send(2, 10, 10.0);
    scene.at(
        20.0,
        Event::Attempt {
            chunk: 2,
            attempt: 1,
            bytes: 5,
        },
    );
    scene.at(
        20.0,
        Event::Retry {
            chunk: 2,
            pause: Duration::from_millis(1_500),
            reason: "no".to_owned(),
            until: Some(("h is tried until noon".to_owned(), time(30))),
            for_all: false,
        },
    );
    let (imports, earliest) = (1, None);
    scene.at(30.0, Event::Following { imports, earliest });
    scene.at(
        30.0,
        Event::Import {
            id: id("64a"),
            status: "started".to_owned(),
            progress: Some(40),
            records: None,
        },
    );
    let (open, left) = (1, time(60));
    scene.at(60.0, Event::Looked { open, left });
    scene.at(90.0, Event::Waiting { left });
    scene.at(91.0, Event::Interrupted("interrupted".to_owned()));
    assert_snapshot!(scene.told);
}

#[test]
fn an_import_is_told_on_one_line() {
    let line = |progress, records| import_line(&id("a"), "started", progress, records);
    assert_eq!(line(None, None), "import a: started");
    assert_eq!(line(Some(0), Some(1)), "import a: started, 1 record");
    assert_eq!(
        line(Some(40), Some(5_000)),
        "import a: started, 40 %, 5,000 records"
    );
}
