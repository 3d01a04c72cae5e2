//! How much is told of what goes on, and when the next line about it is due.

use std::time::Duration;

/// What of the progress is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// Nothing: a bar shows it.
    None,
    /// What is due.
    Paced,
    /// Each chunk and each import besides.
    Each,
}

/// The least time between two lines of progress.
const BETWEEN: Duration = Duration::from_secs(10);

/// The most time between two lines about a wait: a log that says nothing for longer looks like a hang.
const LONGEST: Duration = Duration::from_secs(300);

/// How often one thing is told.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    next: Duration,
    pause: Duration,
    is_slowing: bool,
}

impl Pace {
    /// At once, then every ten seconds.
    pub(crate) fn steady(now: Duration) -> Self {
        Self {
            next: now,
            pause: BETWEEN,
            is_slowing: false,
        }
    }

    /// Every ten seconds: what takes less is not told.
    pub(crate) fn steady_after_a_while(now: Duration) -> Self {
        Self {
            next: now + BETWEEN,
            ..Self::steady(now)
        }
    }

    /// After ten seconds, then each time after twice as long, up to five minutes.
    pub(crate) fn slowing(now: Duration) -> Self {
        Self {
            is_slowing: true,
            ..Self::steady_after_a_while(now)
        }
    }

    /// Whether a line is due; if it is, the next one is put off.
    pub(crate) fn is_due(&mut self, now: Duration) -> bool {
        if now < self.next {
            return false;
        }
        if self.is_slowing {
            self.pause = (self.pause * 2).min(LONGEST);
        }
        self.next = now + self.pause;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(mut pace: Pace, seconds: u64) -> Vec<u64> {
        let times = 0..=seconds;
        times
            .filter(|now| pace.is_due(Duration::from_secs(*now)))
            .collect()
    }

    #[test]
    fn progress_is_told_at_once_and_every_ten_seconds() {
        assert_eq!(due(Pace::steady(Duration::ZERO), 25), [0, 10, 20]);
        let later = Pace::steady_after_a_while(Duration::ZERO);
        assert_eq!(due(later, 25), [10, 20]);
    }

    #[test]
    fn waiting_grows_quiet_and_never_silent() {
        let told = due(Pace::slowing(Duration::ZERO), 1_600);
        assert_eq!(told, [10, 30, 70, 150, 310, 610, 910, 1_210, 1_510]);
    }
}
