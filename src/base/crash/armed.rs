//! What the variables ask for, counted.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, io};

static CRASHES: LazyLock<Vec<Trigger>> = LazyLock::new(|| triggers("QOBRA_PUSH_TEST_CRASH"));
static PANICS: LazyLock<Vec<Trigger>> = LazyLock::new(|| triggers("QOBRA_PUSH_TEST_PANIC"));
static FAILURES: LazyLock<Vec<Trigger>> = LazyLock::new(|| triggers("QOBRA_PUSH_TEST_FAIL"));

/// One accident: where, and how often the place is passed before.
#[derive(Debug)]
struct Trigger {
    name: String,
    at: u64,
    stays: bool,
    passed: AtomicU64,
}

impl Trigger {
    /// Reads `name:n` or `name:n+`.
    fn new(text: &str) -> Option<Self> {
        let (name, at) = text.trim().rsplit_once(':')?;
        let (at, stays) = at.strip_suffix('+').map_or((at, false), |at| (at, true));
        Some(Self {
            name: name.to_owned(),
            at: at.parse().ok()?,
            stays,
            passed: AtomicU64::new(0),
        })
    }

    /// Counts a place that is passed, and tells whether the accident happens now.
    fn goes_off(&self, name: &str) -> bool {
        if self.name != name {
            return false;
        }
        let passed = self.passed.fetch_add(1, Ordering::Relaxed) + 1;
        passed == self.at || (self.stays && passed > self.at)
    }
}

fn triggers(variable: &str) -> Vec<Trigger> {
    let text = env::var(variable).unwrap_or_default();
    text.split(',').filter_map(Trigger::new).collect()
}

pub(super) fn crash_point(name: &str) {
    if PANICS.iter().any(|panic| panic.goes_off(name)) {
        panic!("a test asked for it,\nwith a sequence that paints: \u{1b}[31m");
    }
    if CRASHES.iter().any(|crash| crash.goes_off(name)) {
        #[cfg(unix)]
        {
            use rustix::process::{Signal, getpid, kill_process};
            let _ = kill_process(getpid(), Signal::KILL);
        }
        // Only reached where there is no such signal.
        std::process::abort();
    }
}

pub(super) fn fail_point(operation: &str) -> io::Result<()> {
    if FAILURES.iter().any(|failure| failure.goes_off(operation)) {
        #[cfg(unix)]
        return Err(match operation {
            "lock" => rustix::io::Errno::NOLCK,
            "probe" => rustix::io::Errno::INVAL,
            "spawn" => rustix::io::Errno::AGAIN,
            _ => rustix::io::Errno::NOSPC,
        }
        .into());
        // Codes of Windows: not supported, a wrong argument, no memory, and a full disk.
        #[cfg(not(unix))]
        return Err(io::Error::from_raw_os_error(match operation {
            "lock" => 50,
            "probe" => 87,
            "spawn" => 8,
            _ => 112,
        }));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nth_time_and_only_then() {
        let trigger = Trigger::new("write:3").unwrap();
        let seen = [1, 2, 3, 4].map(|_| trigger.goes_off("write"));
        assert_eq!(seen, [false, false, true, false]);
        assert!(!trigger.goes_off("sync"));
    }

    #[test]
    fn from_the_nth_time_on() {
        let trigger = Trigger::new(" journal-attempt-before:2+").unwrap();
        let seen = [1, 2, 3].map(|_| trigger.goes_off("journal-attempt-before"));
        assert_eq!(seen, [false, true, true]);
    }

    #[test]
    fn what_is_no_trigger_is_none() {
        for text in ["", "write", "write:", "write:x", "write:-1"] {
            assert!(Trigger::new(text).is_none(), "{text}");
        }
    }
}
