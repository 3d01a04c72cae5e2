//! How much of something is done, and how long the rest takes at the pace of late.

use std::collections::VecDeque;
use std::time::Duration;

/// So many points tell the pace: enough to even out what comes in bursts, and few enough to forget a pause.
const POINTS: usize = 16;

/// The least time between two of them.
const APART: Duration = Duration::from_millis(250);

/// What less is left than this is not told: it would be over before it is read.
const LEAST: Duration = Duration::from_secs(1);

/// Something that goes on, of which the whole may be known.
#[derive(Debug, Default)]
pub(crate) struct Flow {
    pub(crate) total: Option<u64>,
    pub(crate) done: u64,
    /// When how much was done, the latest last.
    points: VecDeque<(Duration, u64)>,
}

impl Flow {
    pub(crate) fn new(total: Option<u64>, now: Duration) -> Self {
        Self {
            total,
            done: 0,
            points: VecDeque::from([(now, 0)]),
        }
    }

    /// So much more is done.
    pub(crate) fn add(&mut self, more: u64, now: Duration) {
        self.done = self.done.saturating_add(more);
        let is_close = |earlier: Duration| now.saturating_sub(earlier) < APART;
        // The last one moves along with what follows it closely; the first stays where all began.
        match self.points.iter().nth_back(1) {
            Some((earlier, _)) if is_close(*earlier) => {
                self.points.pop_back();
            }
            _ => {}
        }
        self.points.push_back((now, self.done));
        if self.points.len() > POINTS {
            self.points.pop_front();
        }
    }

    /// Time in which nothing could go is no part of the pace.
    pub(crate) fn skip(&mut self, time: Duration) {
        for (at, _) in &mut self.points {
            *at = at.saturating_add(time);
        }
    }

    /// How much is done, in hundredths, rounded down.
    pub(crate) fn percent(&self) -> Option<u64> {
        let done = u128::from(self.done) * 100;
        let share = done.checked_div(self.total?.into()).unwrap_or(100);
        Some(u64::try_from(share.min(100)).unwrap_or(100))
    }

    /// Whether nothing is left of what is known to be the whole.
    pub(crate) fn is_done(&self) -> bool {
        self.total.is_some_and(|total| self.done >= total)
    }

    /// How long the rest takes; none where that cannot be told, or where what was expected by now has not
    /// come.
    pub(crate) fn left(&self, now: Duration) -> Option<Duration> {
        let ((begun, before), (at, done)) = (self.points.front()?, self.points.back()?);
        let (spent, gone) = (at.saturating_sub(*begun), done.saturating_sub(*before));
        if gone == 0 {
            return None;
        }
        let rest = self.total?.saturating_sub(self.done);
        let rest = spent.as_secs_f64() * rest as f64 / gone as f64;
        let rest = Duration::try_from_secs_f64(rest).ok()?;
        let left = rest.checked_sub(now.saturating_sub(*at))?;
        (left >= LEAST).then_some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(n: f64) -> Duration {
        Duration::from_secs_f64(n)
    }

    #[test]
    fn the_rest_takes_what_the_last_took() {
        let mut flow = Flow::new(Some(100), seconds(5.0));
        assert_eq!(flow.left(seconds(9.0)), None);
        (1..=20).for_each(|n| flow.add(1, seconds(5.0 + f64::from(n))));
        assert_eq!(flow.percent(), Some(20));
        assert_eq!(flow.left(seconds(25.0)), Some(seconds(80.0)));
        // It ticks, and says nothing rather than nothing left.
        assert_eq!(flow.left(seconds(35.0)), Some(seconds(70.0)));
        assert_eq!(flow.left(seconds(104.0)), Some(seconds(1.0)));
        assert_eq!(flow.left(seconds(104.5)), None);
        assert_eq!(flow.left(seconds(900.0)), None);
        // Twice as fast from there on.
        (1..=32).for_each(|n| flow.add(1, seconds(25.0 + f64::from(n) / 2.0)));
        assert_eq!(flow.left(seconds(41.0)), Some(seconds(24.0)));
    }

    #[test]
    fn what_comes_in_bursts_has_a_pace_too() {
        let mut flow = Flow::new(Some(4_000), seconds(0.0));
        for n in 1..=200 {
            let at = f64::from(n / 10);
            flow.add(10, seconds(at + f64::from(n % 10) / 1e3));
        }
        let left = flow.left(seconds(20.0)).unwrap();
        assert!((18..=22).contains(&left.as_secs()), "{left:?}");
    }

    #[test]
    fn a_pause_is_no_part_of_the_pace() {
        let mut flow = Flow::new(Some(40), seconds(0.0));
        flow.add(10, seconds(10.0));
        flow.skip(seconds(600.0));
        flow.add(10, seconds(620.0));
        assert_eq!(flow.left(seconds(620.0)), Some(seconds(20.0)));
    }

    #[test]
    fn nothing_is_all_of_nothing() {
        let flow = Flow::new(Some(0), seconds(0.0));
        assert_eq!((flow.percent(), flow.is_done()), (Some(100), true));
        assert_eq!(flow.left(seconds(1.0)), None);
        let stream = Flow::new(None, seconds(0.0));
        assert_eq!((stream.percent(), stream.is_done()), (None, false));
    }
}
