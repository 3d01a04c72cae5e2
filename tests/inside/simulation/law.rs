//! One random story of a table, and what must be true in it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::pin::pin;
use std::time::Duration;

use crate::base::model::Mode;
use crate::runs::state::RunId;
use crate::service::facts::{ImportIds, WindowReading};
use crate::service::sandbox::SandboxOptions;
use futures_util::future::{self, Either};
use tokio::time::sleep;

use super::habits::Habits;
use super::input::{self, Content};
use super::machine::simulate;
use super::service::Sender;
use super::stage::{Death, Ended, Job, Stage, TABLE, merged};
use super::tally::Tally;
use super::words;

/// Tells what happened in a simulation that fails.
struct Story {
    seed: u64,
    lines: RefCell<Vec<String>>,
}

impl Story {
    fn tell(&self, line: String) {
        self.lines.borrow_mut().push(line);
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if std::thread::panicking() {
            #[expect(clippy::print_stderr, reason = "whoever mends it needs it")]
            {
                eprintln!("QOBRA_PUSH_TEST_SEED={}", self.seed);
                for line in self.lines.borrow().iter() {
                    eprintln!("  {line}");
                }
            }
        }
    }
}

/// Everything that one simulation knows.
struct Teller<'a> {
    stage: Stage,
    story: Story,
    tally: &'a Tally,
    rng: RefCell<fastrand::Rng>,
    reading: WindowReading,
    /// What the table must hold once all is over; none while nobody can say.
    certain: RefCell<Option<Content>>,
    versions: RefCell<u32>,
}

/// Tells one story from its number.
pub(crate) fn simulation(seed: u64, tally: &Tally) {
    let story = Story {
        seed,
        lines: RefCell::default(),
    };
    simulate(async {
        let teller = Teller::new(story, tally);
        for _ in 0..teller.up_to(4) + 1 {
            teller.chapter().await;
        }
        teller.end_well().await;
        teller.judge().await;
    });
}

impl<'a> Teller<'a> {
    fn new(story: Story, tally: &'a Tally) -> Self {
        let mut rng = fastrand::Rng::with_seed(story.seed);
        let reading = rng
            .choice([WindowReading::First, WindowReading::Last])
            .unwrap();
        let options = SandboxOptions {
            window: reading,
            import_ids: rng
                .choice([ImportIds::Stacked, ImportIds::Separate])
                .unwrap(),
            ..SandboxOptions::default()
        };
        let habits = habits(&mut rng);
        story.tell(format!("{reading:?} {:?} {habits:?}", options.import_ids));
        let stage = Stage::new(options, habits, story.seed);
        let old = serde_json::json!({ "id": "old", "note": "old" });
        stage.service.sandbox.seed(TABLE, &[old]);
        let certain = RefCell::new(Some(stage.content()));
        Self {
            stage,
            story,
            tally,
            rng: RefCell::new(rng),
            reading,
            certain,
            versions: RefCell::new(0),
        }
    }

    fn up_to(&self, most: u64) -> u64 {
        self.rng.borrow_mut().u64(0..=most)
    }

    fn chance(&self, percent: u8) -> bool {
        self.rng.borrow_mut().u8(0..100) < percent
    }

    fn tell(&self, line: String) {
        let now = self.stage.machine.truth().as_secs_f64();
        self.story.tell(format!("{now:>9.3} {line}"));
    }

    /// A push or a resume, with what may happen meanwhile and after it.
    async fn chapter(&self) {
        let open = self.stage.open_runs();
        let run = match open.last() {
            Some(run) if self.chance(60) => Some(run.clone()),
            _ => None,
        };
        let (run, ended) = match run {
            Some(run) => {
                let ended = self
                    .amid_tricks(self.stage.resume(&run, self.death()))
                    .await;
                self.tally.resumed();
                (run, ended)
            }
            None => {
                let (job, death) = (self.job(), self.death());
                self.tell(format!("push {job:?} {death:?}"));
                self.amid_tricks(self.stage.push(job, death)).await
            }
        };
        self.ended(&run, &ended);
        self.pass_time().await;
        // What was under way may have arrived meanwhile.
        self.stage.service.catch_up();
        self.stage.check_journal(&run);
    }

    fn job(&self) -> Job {
        *self.versions.borrow_mut() += 1;
        let debounce = Duration::from_secs([10, 30, 60, 300, 900][self.up_to(4) as usize]);
        let (mode, records) = match self.up_to(9) {
            0 | 1 => (Mode::Upsert, 1 + self.up_to(20)),
            2 => {
                let debounce = Duration::ZERO;
                (Mode::Replace { debounce }, self.up_to(input::CHUNK))
            }
            3 => (Mode::Replace { debounce }, self.up_to(input::CHUNK)),
            _ => (Mode::Replace { debounce }, 4 + self.up_to(30)),
        };
        Job {
            version: *self.versions.borrow(),
            records,
            mode,
            jobs: 1 + self.up_to(4) as usize,
            retry_for: Duration::from_secs([5, 60, 300][self.up_to(2) as usize]),
            // Not known, known, or believed to be known and wrong.
            reading: match self.up_to(9) {
                0..5 => None,
                5..9 => Some(self.reading),
                _ => Some(match self.reading {
                    WindowReading::First => WindowReading::Last,
                    WindowReading::Last => WindowReading::First,
                }),
            },
        }
    }

    fn death(&self) -> Death {
        match self.up_to(9) {
            0..4 => Death::Never,
            4..7 => Death::Poll(u32::try_from(self.up_to(60)).unwrap()),
            7 => Death::At(Duration::from_millis(self.up_to(1_000))),
            8 => Death::At(Duration::from_millis(self.up_to(15_000))),
            _ => Death::At(Duration::from_millis(self.up_to(1_200_000))),
        }
    }

    /// Something may happen to the machine while a process runs on it.
    async fn amid_tricks<T>(&self, process: impl Future<Output = T>) -> T {
        let tricks = async {
            sleep(Duration::from_millis(self.up_to(20_000))).await;
            match self.up_to(9) {
                0 => self.close_lid(),
                1 => self.set_clock(),
                2 => self.stage.interrupt(),
                _ => {}
            }
            future::pending::<()>().await;
        };
        match future::select(pin!(process), pin!(tricks)).await {
            Either::Left((ended, _)) => ended,
            Either::Right(_) => unreachable!("tricks never end"),
        }
    }

    fn close_lid(&self) {
        let time = Duration::from_secs(self.up_to(1) * self.up_to(1_500) + self.up_to(30));
        self.tell(format!("the lid is closed for {time:?}"));
        self.stage.machine.sleep(time);
    }

    fn set_clock(&self) {
        let most = [30, 300, 4_000][self.up_to(2) as usize];
        let seconds = self.rng.borrow_mut().i64(-most..most);
        self.tell(format!("the wall clock is set by {seconds} s"));
        self.stage.machine.shift_wall(seconds);
    }

    async fn pass_time(&self) {
        let most = [0, 5_000, 60_000, 1_200_000][self.up_to(3) as usize];
        sleep(Duration::from_millis(self.up_to(most))).await;
        match self.up_to(12) {
            0 => self.set_clock(),
            1 => {
                self.tell("reboot".to_owned());
                self.stage.machine.reboot();
            }
            2 => {
                self.stage.machine.reboot();
                self.set_clock();
            }
            3 => self.close_lid(),
            _ => {}
        }
    }

    /// What is known of the table after a process.
    fn ended(&self, run: &RunId, ended: &Ended) {
        self.tally.count(ended);
        let job = self.stage.job(run);
        let shown = match ended {
            Ended::Exit(outcome) => {
                format!("{} {}", outcome.exit.code(), outcome.table_state.word())
            }
            other => format!("{other:?}"),
        };
        self.tell(format!("version {} ended: {shown}", job.version));
        if let Ended::Exit(outcome) = ended
            && outcome.table_state.word() == "untouched"
        {
            assert!(!self.stage.has_touched(run), "it was touched: {outcome:?}");
        }
        if let (Ended::Exit(outcome), Mode::Upsert) = (ended, job.mode) {
            let told = format!("{:?}", outcome.failure);
            assert!(
                !told.contains("already shows the import"),
                "no window: {told}"
            );
        }
        let journal = self.stage.check_journal(run);
        words::agree(ended, &journal);
        let new = &input::proved(job.version, job.records).content;
        let mut certain = self.certain.borrow_mut();
        // Also where nobody lived to say so: what its journal says of the table must be true.
        let is_sent = !matches!(ended, Ended::Nothing | Ended::Superseded) && journal.is_through();
        match job.mode {
            Mode::Replace { .. } if is_sent => *certain = Some(new.clone()),
            Mode::Upsert if is_sent => *certain = certain.as_ref().map(|old| merged(old, new)),
            _ if self.stage.has_touched(run) => *certain = None,
            _ => {}
        }
    }

    /// Faults end, and whoever finds an open run resumes it.
    async fn end_well(&self) {
        let cap = self.stage.service.habits.borrow().cap;
        let good = Habits {
            cap,
            ..Habits::good()
        };
        self.stage.service.habits.replace(good);
        for _ in 0..12 {
            let Some(run) = self.stage.open_runs().pop() else {
                return;
            };
            self.tell("resume, in peace".to_owned());
            let ended = self.stage.resume(&run, Death::Never).await;
            self.ended(&run, &ended);
        }
        // Where windows are shorter than asked for, some pushes never succeed, and say so.
        assert!(cap.is_some(), "no resume mends it");
    }

    async fn judge(&self) {
        sleep(Duration::from_secs(4_000)).await;
        let content = self.stage.content();
        if let Some(certain) = &*self.certain.borrow() {
            assert_eq!(&content, certain, "the table");
        }
        if self.stage.service.habits.borrow().cap.is_none() {
            self.judge_windows();
        }
    }

    /// No request came after its replace's window or into another one's, and each replace deleted
    /// the old content once. A late request that carries all is a replace of its own.
    fn judge_windows(&self) {
        let arrivals = self.stage.service.arrivals.borrow();
        let mut windows = BTreeMap::<Sender, Opened>::new();
        let mut deletes = 0;
        for arrival in arrivals.iter() {
            let mut others = windows
                .iter()
                .filter(|(other, _)| **other != arrival.sender);
            let is_inside = others.any(|(_, window)| arrival.at < window.closes);
            assert!(!is_inside, "in another's window: {arrival:?} {windows:?}");
            let Mode::Replace { debounce } = arrival.mode else {
                continue;
            };
            let new = Opened {
                opened: arrival.at,
                closes: arrival.at + debounce,
            };
            let window = windows.entry(arrival.sender).or_default();
            let is_whole = arrival.records == self.stage.job_of(arrival.sender.0).records;
            let most = window.opened + debounce;
            let is_in_time = window.closes.is_zero() || arrival.at < most;
            assert!(is_in_time || is_whole, "late: {arrival:?} {window:?}");
            if arrival.at >= window.closes {
                deletes += 1;
                *window = new;
            } else if self.reading == WindowReading::Last {
                window.closes = new.closes;
            }
        }
        let table = self.stage.service.sandbox.table(TABLE).unwrap();
        assert_eq!(table.deletes, deletes, "{arrivals:?}");
        let anew = windows.keys().filter(|(_, generation)| *generation > 0);
        self.tally.began_anew(anew.count() as u64);
    }
}

/// A replace's window at the service.
#[derive(Clone, Copy, Debug, Default)]
struct Opened {
    opened: Duration,
    closes: Duration,
}

fn habits(rng: &mut fastrand::Rng) -> Habits {
    let cap = match rng.u8(0..8) {
        0 => Some(Duration::from_secs(rng.u64(1..20))),
        _ => None,
    };
    Habits {
        upload: rng.choice([0, 100, 3_000]).unwrap(),
        work: rng.choice([0, 300, 2_000, 10_000]).unwrap(),
        look: Duration::from_millis(rng.choice([50, 2_000]).unwrap()),
        slow: rng.choice([0, 0, 5, 20]).unwrap(),
        faults: rng.choice([0, 5, 20, 60]).unwrap(),
        finals: rng.choice([0, 0, 10]).unwrap(),
        // Where windows are shorter than asked for, only looking at the import tells.
        bad_looks: if cap.is_some() {
            0
        } else {
            rng.choice([0, 20, 100]).unwrap()
        },
        goes_on: cap.is_none() && rng.bool(),
        cap,
        most: rng.choice([usize::MAX, usize::MAX, 60]).unwrap(),
    }
}
