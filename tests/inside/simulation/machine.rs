//! A machine whose time goes on by itself, in no time: tokio's paused clock and what the machine's
//! own clocks make of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::base::clock::{BootId, Clock, Moment};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// The machine that pushes. Clones share it.
#[derive(Clone)]
pub(crate) struct Machine(Arc<Mutex<Clocks>>);

struct Clocks {
    origin: Instant,
    /// Time in which the machine slept: it passed, but no timer ran.
    slept: Duration,
    sleeps: u32,
    /// How far the wall clock is from the truth.
    wall_off: SignedDuration,
    /// What the boot-time clock shows less the truth.
    boot_off: SignedDuration,
    boots: u32,
}

impl Clocks {
    fn truth(&self) -> Duration {
        let truth = self.origin.elapsed() + self.slept;
        Duration::from_millis(u64::try_from(truth.as_millis()).unwrap())
    }

    fn moment(&self) -> Moment {
        let truth = SignedDuration::try_from(self.truth()).unwrap();
        let start = Timestamp::constant(1_767_225_600, 0);
        Moment {
            wall: start + truth + self.wall_off,
            boot: Duration::try_from(truth + self.boot_off).unwrap(),
            boot_id: BootId::new(&format!("{:032x}", self.boots)),
        }
    }
}

impl Machine {
    /// A machine that was started an hour ago. To be made within a runtime whose time is paused.
    pub(crate) fn new() -> Self {
        Self(Arc::new(Mutex::new(Clocks {
            origin: Instant::now(),
            slept: Duration::ZERO,
            sleeps: 0,
            wall_off: SignedDuration::ZERO,
            boot_off: SignedDuration::from_hours(1),
            boots: 1,
        })))
    }

    /// The time that really passed.
    pub(crate) fn truth(&self) -> Duration {
        self.0.lock().unwrap().truth()
    }

    /// What the program sees of it.
    pub(crate) fn clock(&self) -> Clock {
        let clocks = Arc::clone(&self.0);
        Clock::asking(move || clocks.lock().unwrap().moment())
    }

    /// Closes the lid for so long.
    pub(crate) fn sleep(&self, time: Duration) {
        let mut clocks = self.0.lock().unwrap();
        clocks.slept += time;
        clocks.sleeps += 1;
    }

    /// How often it slept.
    pub(crate) fn sleeps(&self) -> u32 {
        self.0.lock().unwrap().sleeps
    }

    /// Sets the wall clock so many seconds from what it shows.
    pub(crate) fn shift_wall(&self, seconds: i64) {
        self.0.lock().unwrap().wall_off += SignedDuration::from_secs(seconds);
    }

    /// Starts the machine anew; only while nothing runs on it.
    pub(crate) fn reboot(&self) {
        let mut clocks = self.0.lock().unwrap();
        clocks.boot_off = -SignedDuration::try_from(clocks.truth()).unwrap();
        clocks.boots += 1;
    }
}

/// Runs to the end in a time that goes on whenever nothing else does.
pub(crate) fn simulate<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(future)
}
