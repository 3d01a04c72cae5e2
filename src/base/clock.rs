//! The clocks: what time it is, and how much time has passed although each clock may lie.
//!
//! A [`Moment`] is read from two clocks at once. The wall clock survives a reboot but can be set; the
//! boot-time clock cannot be set and counts a laptop's sleep, but begins anew at each boot. Whoever
//! must not be late takes the larger difference ([`Moment::elapsed_at_most`]), whoever must not be
//! early the smaller ([`Moment::elapsed_at_least`]).
//!
//! Pauses between attempts are no business of this module: they run on the monotonic clock.

#[cfg(test)]
mod tests;

use std::fmt;
#[cfg(test)]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far the two clocks may drift apart before one of them must have been set: this, and a
/// thousandth of the time that passed.
const DRIFT: Duration = Duration::from_secs(2);

/// One instant on all clocks, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    pub wall: Timestamp,
    /// The time since the machine was started, sleep included (where there is no such clock: the
    /// monotonic one).
    #[serde(rename = "boot_ms", with = "millis")]
    pub boot: Duration,
    /// Which start of the machine `boot` counts from.
    #[serde(default)]
    pub boot_id: BootId,
}

/// The name that the kernel gives to one start of the machine; elsewhere than on Linux, when that was by
/// the wall clock as the process found it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct BootId(u128);

impl BootId {
    /// Marks a time. No UUID that a kernel draws begins like this.
    const TIME: u128 = (u64::MAX as u128) << 64;

    /// The start of a machine that gives it no name.
    fn started(now: Timestamp, uptime: Duration) -> Self {
        let at = now.saturating_sub(uptime).unwrap_or(Timestamp::MIN);
        Self(Self::TIME | u128::from(at.as_millisecond().max(0).unsigned_abs()))
    }

    fn start(self) -> Option<u64> {
        let at = u64::try_from(self.0 & u128::from(u64::MAX)).ok();
        at.filter(|_| self.0 & Self::TIME == Self::TIME)
    }

    /// Whether both are one start of the machine, the second looked at so much later. Of two times, the
    /// clocks may have drifted apart in between; a wall clock that was set makes two of one, which only
    /// costs a wait.
    fn is_same(self, later: Self, passed: Duration) -> bool {
        match (self.start(), later.start()) {
            (Some(one), Some(other)) => Duration::from_millis(one.abs_diff(other)) <= drift(passed),
            _ => self == later,
        }
    }

    /// Reads an id as the kernel writes it, a UUID. What is none becomes "unknown".
    pub(crate) fn new(uuid: &str) -> Self {
        let digits = uuid.trim().replace('-', "");
        Self(u128::from_str_radix(&digits, 16).unwrap_or(0))
    }
}

impl fmt::Display for BootId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => Ok(()),
            id => write!(f, "{id:032x}"),
        }
    }
}

impl Serialize for BootId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BootId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::new(&text))
    }
}

impl Moment {
    /// The most time that can have passed until `later`: for deadlines that must be kept.
    ///
    /// The larger of both clocks' differences. After a reboot only the wall clock's is left, and
    /// [`Duration::MAX`] where that one contradicts the time since the reboot.
    pub(crate) fn elapsed_at_most(&self, later: &Self) -> Duration {
        let wall = self.wall_to(later);
        match self.boot_to(later) {
            Some(boot) => wall.unwrap_or_default().max(boot),
            None => wall
                .filter(|wall| wall.saturating_add(DRIFT) >= later.boot)
                .unwrap_or(Duration::MAX),
        }
    }

    /// The least time that must have passed until `later`: for waiting until something is over.
    ///
    /// The smaller of both clocks' differences. After a reboot, what is certain is the time since
    /// that reboot, and never more than the wall clock says. Zero where the wall clock went back.
    pub(crate) fn elapsed_at_least(&self, later: &Self) -> Duration {
        let boot = self.boot_to(later).unwrap_or(later.boot);
        self.wall_to(later).unwrap_or_default().min(boot)
    }

    /// Whether both clocks tell the same time until `later`: no reboot, no clock set.
    pub(crate) fn clocks_agree(&self, later: &Self) -> bool {
        let Some(boot) = self.boot_to(later) else {
            return false;
        };
        let wall = later.wall.duration_since(self.wall);
        let apart = SignedDuration::try_from(boot)
            .map_or(SignedDuration::MAX, |boot| wall.saturating_sub(boot));
        apart.unsigned_abs() <= drift(boot)
    }

    /// The moment that comes so much later if no clock is touched.
    pub(crate) fn plus(&self, by: Duration) -> Self {
        Self {
            wall: self.wall.saturating_add(by).unwrap_or(Timestamp::MAX),
            boot: self.boot.saturating_add(by),
            boot_id: self.boot_id,
        }
    }

    /// The wall clock's difference; none when it went back.
    fn wall_to(&self, later: &Self) -> Option<Duration> {
        Duration::try_from(later.wall.duration_since(self.wall)).ok()
    }

    /// The boot-time clock's difference; none when the machine was started anew in between. Where
    /// boots have no id, and in a container whose boot-time clock is shifted, a clock that went
    /// back tells.
    fn boot_to(&self, later: &Self) -> Option<Duration> {
        let passed = later.boot.checked_sub(self.boot)?;
        self.boot_id
            .is_same(later.boot_id, passed)
            .then_some(passed)
    }
}

/// How far two clocks may have drifted apart in this time.
fn drift(passed: Duration) -> Duration {
    DRIFT.saturating_add(passed / 1_000)
}

/// Tells what time it is: the machine's clocks, or ones that only move when told to.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Inner);

#[derive(Clone)]
enum Inner {
    System(BootId),
    #[cfg(test)]
    Manual(Arc<Mutex<Moment>>),
    #[cfg(test)]
    Asked(Arc<dyn Fn() -> Moment + Send + Sync>),
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System(_) => "System",
            #[cfg(test)]
            Self::Manual(_) => "Manual",
            #[cfg(test)]
            Self::Asked(_) => "Asked",
        })
    }
}

impl Clock {
    /// The machine's clocks.
    pub(crate) fn system() -> Self {
        let started = || BootId::started(Timestamp::now(), machine::boot_time());
        Self(Inner::System(machine::boot_id().unwrap_or_else(started)))
    }

    /// Clocks that stand still, for tests and rehearsals. Clones share them.
    #[cfg(test)]
    pub(crate) fn manual() -> Self {
        let start = Moment {
            // 2026-01-01, an hour after the machine was started.
            wall: Timestamp::constant(1_767_225_600, 0),
            boot: Duration::from_secs(3_600),
            boot_id: BootId(1),
        };
        Self(Inner::Manual(Arc::new(Mutex::new(start))))
    }

    /// Clocks that show what they are told whenever they are looked at, for simulations whose time
    /// goes on by itself.
    #[cfg(test)]
    pub(crate) fn asking(moment: impl Fn() -> Moment + Send + Sync + 'static) -> Self {
        Self(Inner::Asked(Arc::new(moment)))
    }

    /// What all clocks show now.
    pub(crate) fn now(&self) -> Moment {
        match &self.0 {
            #[cfg(test)]
            Inner::Asked(moment) => moment(),
            #[cfg(test)]
            Inner::Manual(moment) => *moment.lock().unwrap_or_else(PoisonError::into_inner),
            Inner::System(boot_id) => Moment {
                wall: whole_millis(Timestamp::now()),
                boot: Duration::from_millis(as_millis(machine::boot_time())),
                boot_id: *boot_id,
            },
        }
    }

    /// Moves manual clocks forward. The machine's are left alone, here and below.
    #[cfg(test)]
    pub(crate) fn advance(&self, by: Duration) {
        self.change(|moment| *moment = moment.plus(by));
    }

    /// Sets a manual wall clock, as a person or a time server does.
    #[cfg(test)]
    pub(crate) fn set_wall(&self, to: Timestamp) {
        self.change(|moment| moment.wall = whole_millis(to));
    }

    /// Starts the machine of a manual clock anew. It takes no time on the wall clock.
    #[cfg(test)]
    pub(crate) fn reboot(&self) {
        self.change(|moment| {
            moment.boot = Duration::ZERO;
            moment.boot_id = BootId(moment.boot_id.0.wrapping_add(1));
        });
    }

    #[cfg(test)]
    fn change(&self, change: impl FnOnce(&mut Moment)) {
        if let Inner::Manual(moment) = &self.0 {
            change(&mut moment.lock().unwrap_or_else(PoisonError::into_inner));
        }
    }
}

/// A time as the files hold it, so that a moment read back is the moment written.
fn whole_millis(time: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(time.as_millisecond()).unwrap_or(time)
}

/// Whole milliseconds of a duration; those beyond 64 bits count as endless.
fn as_millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Durations as whole milliseconds, for `#[serde(with = …)]`.
pub(crate) mod millis {
    use std::time::Duration;

    use serde::{Deserialize as _, Deserializer, Serializer};

    /// Writes whole milliseconds.
    pub(crate) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(super::as_millis(*duration))
    }

    /// Reads whole milliseconds.
    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_millis)
    }
}

#[cfg(unix)]
mod machine {
    //! The clocks of Unix.

    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    use super::BootId;

    #[cfg(any(target_os = "linux", target_os = "android"))]
    const BOOT_CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const BOOT_CLOCK: ClockId = ClockId::Monotonic;

    pub(super) fn boot_time() -> Duration {
        Duration::try_from(clock_gettime(BOOT_CLOCK)).unwrap_or_default()
    }

    /// What only Linux has.
    pub(super) fn boot_id() -> Option<BootId> {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        Some(BootId::new(&id)).filter(|id| *id != BootId::default())
    }
}

#[cfg(not(unix))]
mod machine {
    //! Windows counts from its start, sleep included (`QueryPerformanceCounter`), and that is what the
    //! standard library's instants are made of. They do not say it, but none is earlier than the start;
    //! the system's own function takes unsafe code.

    use std::sync::LazyLock;
    use std::time::{Duration, Instant};

    use super::{BootId, longest};

    /// No machine runs so long: then an instant counts from something else, and each process is taken for
    /// a start of its own.
    const TOO_LONG: Duration = Duration::from_secs(20 * 366 * 86_400);

    static FIRST: LazyLock<(Instant, Duration)> = LazyLock::new(|| {
        let now = Instant::now();
        let uptime = longest(|time| now.checked_sub(time).is_some());
        (
            now,
            if uptime < TOO_LONG {
                uptime
            } else {
                Duration::ZERO
            },
        )
    });

    pub(super) fn boot_time() -> Duration {
        let (first, uptime) = &*FIRST;
        uptime.saturating_add(first.elapsed())
    }

    pub(super) fn boot_id() -> Option<BootId> {
        None
    }
}

/// The longest time of which this is true, if it is of all that are shorter.
#[cfg(any(test, not(unix)))]
fn longest(is_true: impl Fn(Duration) -> bool) -> Duration {
    let mut longest = Duration::ZERO;
    for bit in (0..u64::BITS).rev() {
        let longer = longest.saturating_add(Duration::from_nanos(1 << bit));
        if is_true(longer) {
            longest = longer;
        }
    }
    longest
}
